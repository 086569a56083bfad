"""What a process does at its beginning that works for another: Ctrl-C is its parent's to answer, whose end is its own."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading


def begin_child() -> None:
    """Begin a process of a pool. A parent that is killed tells nobody, and its pool would wait for work for ever."""
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
