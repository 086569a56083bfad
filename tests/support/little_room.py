"""Lets a program find a full disk."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable


def little_room(size: int) -> Callable[[], None]:
    """Return what a program is to do before it starts: from then on a file of it can have so many bytes at most."""

    def limit() -> None:
        # CPython would keep the beginning of a module's bytecode, which then no program can import.
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit
