"""Asks a program of the user's, which runs all the while, for the kommune of one person after another."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import IO

from exchange.errors import ExchangeError
from exchange.forwarding.routes import kommunekode
from exchange.model.catalog import shipped

_LONGEST = 100
_PATIENCE = 5
_END = b""
_SURPLUS = b"\n\n"


class CommandFault(ExchangeError):
    """The program did not answer as it should; the text says how, and quotes nothing that it wrote."""


class Command:
    """A route: a program that gets a personnummer a line on stdin, and answers with a kommunekode a line, or an empty line.

    It is begun with the first question, and no person is asked for twice. It gets one question at a time, so that none of
    the two waits for the other; `timeout` is how many seconds an answer may take, `ending` how many the program may run on
    after its last answer (as many by default). What it writes to stderr is not shown: it may name persons. Its first line
    is the answer to the first question, its second to the second, whenever it writes them, so that what is said of a
    program does not depend on which of the two was faster. Until `finish` was called, an answer may yet turn out to
    belong to another question. Memory: about 80 bytes a person.
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
        """Give a person's kommunekode, None if it is not known. Raises CommandFault, OSError if it cannot be begun."""
        number = int(personnummer)
        if number not in self._known:
            self._known[number] = self._understood(self._asked(personnummer))
        return self._known[number]

    def finish(self) -> None:
        """See to it that each question had one answer, and that the program ends well. Raises CommandFault."""
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

    def __enter__(self) -> Command:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None
    ) -> None:
        process = self._process
        if process is None:
            return
        _kill(process)
        if self._reader is not None:
            self._reader.join(_PATIENCE)
        for pipe in (process.stdin, process.stdout):
            # It has nothing to say any more.
            with suppress(OSError):
                pipe.close() if pipe else None

    def _begin(self) -> subprocess.Popen[bytes]:
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        # A group of its own: with the program end those that it began.
        process = subprocess.Popen(  # noqa: S603  # what the user named, without a shell
            self._words, stdin=pipe, stdout=pipe, stderr=nowhere, bufsize=0, start_new_session=os.name == "posix"
        )
        self._process = process
        self._reader = threading.Thread(target=self._read, args=(process.stdout,), daemon=True)
        self._reader.start()
        return process

    def _read(self, answers: IO[bytes]) -> None:
        """Take what the program writes, line by line, for as long as it writes lines."""
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

    def _asked(self, personnummer: str) -> bytes:
        process = self._process or self._begin()
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
            raise CommandFault(f"--route-command: {fault}") from None

    @property
    def _lasting(self) -> str:
        return f"had not ended {self._ending:g} seconds after the last answer"

    def _understood(self, answer: bytes) -> str | None:
        said = answer.strip().decode("ascii", "replace")
        if not said and answer.endswith(b"\n"):
            return None
        kommune = kommunekode(said, shipped().lists["kommune"])
        if kommune is None or not answer.endswith(b"\n"):
            raise CommandFault(
                f"--route-command: answer {len(self._known) + 1} – no kommune – "
                "expected a line with a code of the list, e.g. 0101, or an empty one"
            )
        self.three_digits += len(said) == 3
        return kommune

    def _code(self) -> int:
        assert self._process is not None  # noqa: S101  # it was begun
        try:
            return self._process.wait(self._ending)
        except subprocess.TimeoutExpired:
            raise CommandFault(f"--route-command: {self._lasting}") from None

    def _ended(self) -> CommandFault:
        code = self._code()
        return CommandFault(f"--route-command: ended with {code} after {len(self._known)} answers")

    def _unasked(self) -> CommandFault:
        return CommandFault("--route-command: more answers than questions; expected one line for each")


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return  # and its number may be another's by now
    with suppress(OSError):  # it ended just now
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
