"""Answers Ctrl-C between two steps of a run: what is being written to a report is written to its end first."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from types import FrameType
from typing import Any

_MOMENT = 0.01
"""Seconds."""


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
            stack.callback(setattr, sys, "unraisablehook", sys.unraisablehook)
            sys.unraisablehook = partial(self._raise_again, sys.unraisablehook)
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

    def _raise_again(self, report: Callable[[Any], object], unraisable: Any) -> None:
        """Send a signal once more whose exception Python could not pass on.

        That is so where a signal comes while Python tells of an object that is gone, as after every import.
        """
        if not isinstance(unraisable.exc_value, KeyboardInterrupt | SystemExit):
            report(unraisable)
            return
        self._is_ending = False
        number = signal.SIGINT if isinstance(unraisable.exc_value, KeyboardInterrupt) else signal.SIGTERM
        # Not at once: this function, too, is called where an exception ends.
        threading.Timer(_MOMENT, _send, [number]).start()

    def _raise_pending(self) -> None:
        number, self._pending = self._pending, None
        if number is not None and self._ends_program:
            self._is_ending = True
        if number == signal.SIGTERM:
            raise SystemExit(0)
        if number is not None:
            raise KeyboardInterrupt


def _send(number: int) -> None:
    """Send a signal to the main thread."""
    if sys.platform == "win32":
        signal.raise_signal(number)
    else:
        signal.pthread_kill(threading.main_thread().ident or 0, number)
