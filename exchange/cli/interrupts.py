"""Ctrl-C between two pieces of work: what has been begun on a report is written to its end first."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Interrupts:
    """While it is entered, Ctrl-C raises KeyboardInterrupt at once, but within `held` only at its end."""

    def __init__(self) -> None:
        self._holding = False
        self._pending = False

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Answer Ctrl-C in this block. Signals are the main thread's; in another one nothing changes."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, self._answer)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let this block come to its end. Raises KeyboardInterrupt there if Ctrl-C came meanwhile."""
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
        if self._pending:
            self._pending = False
            raise KeyboardInterrupt

    def _answer(self, _signal: int, _frame: object) -> None:
        if not self._holding:
            raise KeyboardInterrupt
        self._pending = True
