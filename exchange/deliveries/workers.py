"""Processes that work for another: how many there can be, and what each does at its beginning."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
import warnings


class OneProcess(RuntimeWarning):
    """Processes can share nothing on this system, so one does what several were to do."""


_MOST_ON_WINDOWS = 61
"""Windows waits for no more at a time, less two that Python needs itself."""


def at_most(jobs: int) -> int:
    """Give how many processes may be begun where so many are wanted."""
    return min(jobs, _MOST_ON_WINDOWS) if sys.platform == "win32" else jobs


def sharing(jobs: int) -> int:
    """Give how many processes to begin for a pool where so many are wanted.

    A pool needs semaphores, which live in shared memory: without it (a container where /dev/shm is missing or may only be
    read) it is one, and a OneProcess is warned of.
    """
    if jobs > 1:
        try:
            multiprocessing.get_context("fork" if "fork" in multiprocessing.get_all_start_methods() else None).Lock()
        except (ImportError, OSError):
            warnings.warn(OneProcess("no shared memory, so one process does all"), stacklevel=2)
            return 1
    return at_most(jobs)


def begin_worker() -> None:
    """Begin a process of a pool. Ctrl-C is its parent's to answer, whose end is its own. A parent that is killed tells nobody, and its pool would wait for work for ever."""
    # What was inherited is its parent's to throw away: an earlier pool's farewell would wait for a lock that some thread
    # of the parent held at the fork, and that nobody here ever gives back.
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
