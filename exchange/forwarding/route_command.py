"""A route that asks a program, which runs all the while, for the kommune of one person after another."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType
from typing import IO

from exchange.errors import ExchangeError
from exchange.forwarding.routes import kommunekode
from exchange.model.catalog import shipped

_LONGEST = 100
_JOIN_SECONDS = 5
_END = b""
_SURPLUS = b"\n\n"


class RouteCommandFault(ExchangeError):
    """The program did not answer as it should; the text says how, and quotes nothing that it wrote."""


class RouteCommand:
    """A route: a program that gets a personnummer a line on stdin, and answers with a kommunekode a line, or an empty line.

    The program is started with the first question, without a shell, and no person is asked for twice. It gets one question
    at a time, so that neither side waits for the other. What it writes to stderr is not shown: it may name persons. Its first
    line is the answer to the first question, its second to the second, whenever it writes them, so that a fault does not
    depend on which side was faster. Until `finish` was called, an answer may still turn out to belong to another question.
    To be used in a `with`, which ends the program. Memory: about 80 bytes a person.

    `words` are the program and its arguments; `timeout` is how many seconds an answer may take, `ending` how many the
    program may run on after its last answer (the same by default). `three_digits` counts the codes of three digits.
    """

    def __init__(self, words: Sequence[str], timeout: float, *, ending: float | None = None) -> None:
        self.three_digits = 0
        self._words = words
        self._timeout = timeout
        self._ending = timeout if ending is None else ending
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._reader: threading.Thread | None = None
        self._known: dict[int, str | None] = {}

    def __call__(self, personnummer: str) -> str | None:
        """Return a person's kommunekode, None if it is not known. Raises RouteCommandFault, OSError if it cannot be started."""
        number = int(personnummer)
        if number not in self._known:
            self._known[number] = self._kommune(self._ask(personnummer))
        return self._known[number]

    def finish(self) -> None:
        """Check that each question had one answer, and that the program ends with exit code 0. Raises RouteCommandFault."""
        if self._process is None:
            return
        assert self._process.stdin is not None  # noqa: S101  # it is a pipe
        try:
            self._process.stdin.close()
        except OSError:
            raise self._ended() from None
        if self._next(self._ending, self._lasting) != _END:
            raise self._unasked()
        if self._code() != 0:
            raise self._ended()

    def __enter__(self) -> RouteCommand:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None
    ) -> None:
        process = self._process
        if process is None:
            return
        _kill(process)
        if self._reader is not None:
            self._reader.join(_JOIN_SECONDS)
        for pipe in (process.stdin, process.stdout):
            # Nothing that it still writes is wanted.
            with suppress(OSError):
                pipe.close() if pipe else None

    def _start(self) -> subprocess.Popen[bytes]:
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        # Ctrl-C between the program's start and the note of it would leave it running.
        with _interrupts_held():
            # A group of its own, so that the processes that the program starts end with it.
            process = subprocess.Popen(  # noqa: S603  # what the user named, without a shell
                self._words, stdin=pipe, stdout=pipe, stderr=nowhere, bufsize=0, start_new_session=os.name == "posix"
            )
            self._process = process
            self._reader = threading.Thread(target=self._read, args=(process.stdout,), daemon=True)
            self._reader.start()
        return process

    def _read(self, answers: IO[bytes]) -> None:
        """Read what the program writes, line by line, for as long as it writes lines."""
        rest = b""
        while block := answers.read(4096):
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                self._lines.put(line + b"\n")
            if self._lines.qsize() > _LONGEST:
                self._lines.put(_SURPLUS)
                return
            if len(rest) > _LONGEST:
                break
        if rest:
            self._lines.put(rest)
        self._lines.put(_END)

    def _ask(self, personnummer: str) -> bytes:
        process = self._process or self._start()
        assert process.stdin is not None  # noqa: S101  # it is a pipe
        # A program that takes no more questions may have answered this one, and may or may not have ended yet.
        with suppress(OSError):
            process.stdin.write(f"{personnummer}\n".encode())
        answer = self._next(self._timeout, f"no answer within {self._timeout:g} seconds")
        if answer == _END:
            raise self._ended()
        if answer == _SURPLUS:
            raise self._unasked()
        return answer

    def _next(self, seconds: float, fault: str) -> bytes:
        try:
            return self._lines.get(timeout=seconds)
        except queue.Empty:
            raise RouteCommandFault(f"{fault}") from None

    @property
    def _lasting(self) -> str:
        return f"had not ended {self._ending:g} seconds after the last answer"

    def _kommune(self, answer: bytes) -> str | None:
        line = answer.strip().decode("ascii", "replace")
        if not line and answer.endswith(b"\n"):
            return None
        kommune = kommunekode(line, shipped().lists["kommune"])
        if kommune is None or not answer.endswith(b"\n"):
            raise RouteCommandFault(
                f"answer {len(self._known) + 1} – no kommune – "
                "expected a line with a code of the list, e.g. 0101, or an empty one"
            )
        self.three_digits += len(line) == 3
        return kommune

    def _code(self) -> int:
        assert self._process is not None  # noqa: S101  # it was started
        try:
            return self._process.wait(self._ending)
        except subprocess.TimeoutExpired:
            raise RouteCommandFault(f"{self._lasting}") from None

    def _ended(self) -> RouteCommandFault:
        code = self._code()
        return RouteCommandFault(f"ended with {code} after {len(self._known)} answers")

    def _unasked(self) -> RouteCommandFault:
        return RouteCommandFault("more answers than questions; expected one line for each")


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let Ctrl-C wait until the end of the block, where Python answers it."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    came = False

    def note(_number: int, _frame: FrameType | None) -> None:
        nonlocal came
        came = True

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        signal.raise_signal(signal.SIGINT)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return  # and its number may be another's by now
    with suppress(OSError):  # it ended just now
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
