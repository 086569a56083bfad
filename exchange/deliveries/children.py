"""What a process does at its beginning that works for another: Ctrl-C is its parent's to answer, whose end is its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading


def begin_child() -> None:
    """Begin a process of a pool. A parent that is killed tells nobody, and its pool would wait for work for ever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
