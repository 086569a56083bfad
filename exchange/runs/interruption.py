"""Answers Ctrl-C between two steps of a run: what is being written to a report is written to its end first."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Any


class Interrupts:
    """While it is entered, Ctrl-C raises KeyboardInterrupt at once, but within `held` only at its end.

    With `terminated`, SIGTERM ends the program in the same way, with exit code 0: it raises SystemExit. Process 1 of a container
    would not get it without. Once one of them has raised, the program is ending, and further signals change nothing: GNU
    `timeout` and many a user send two.
    """

    def __init__(self, *, terminated: bool = False) -> None:
        self._answered = [signal.SIGINT, *([signal.SIGTERM] if terminated else [])]
        self._ends_program = terminated
        self._is_ending = False
        self._holding = False
        self._pending: int | None = None

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Answer signals in this block. They are the main thread's; in another one nothing changes."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        with ExitStack() as stack:
            for each in self._answered:
                stack.callback(self._restore, each, signal.signal(each, self._answer))
            yield

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let this block come to its end. Raises there what a signal that came meanwhile asks for."""
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
        self._raise_pending()

    def pause(self, seconds: float) -> None:
        """Wait; a signal ends it at once, within `held` too."""
        holding, self._holding = self._holding, False
        try:
            self._raise_pending()
            time.sleep(seconds)
        finally:
            self._holding = holding

    def _restore(self, number: int, before: Any) -> None:
        # The default would end the program with another exit code, or with a traceback, while it closes what is open. Nor
        # does a function of ours stay: Python itself restores the default for those when it ends. Only here, where none of
        # these signals waits for its function any more: Python complains of one that is ignored meanwhile.
        signal.signal(number, signal.SIG_IGN if self._is_ending else before)

    def _answer(self, number: int, _frame: FrameType | None) -> None:
        if self._is_ending:
            return
        self._pending = number
        if not self._holding:
            self._raise_pending()

    def _raise_pending(self) -> None:
        number, self._pending = self._pending, None
        if number is not None and self._ends_program:
            self._is_ending = True
        if number == signal.SIGTERM:
            raise SystemExit(0)
        if number is not None:
            raise KeyboardInterrupt
