"""A process of its own that judges the blocks that workers of a cluster died of."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from types import TracebackType
from typing import IO, Any

from exchange.deliveries.blocks import Block, Inspection, Inspector
from exchange.deliveries.outcomes import Outcome
from exchange.model.catalog import Catalog


class IsolatedProcess:
    """A process of its own that judges one block after another; where it dies of one, the next begins another.

    It is no fork, since locks that other threads hold would stay locked in it, and it does not run the caller's
    script again. `dumps` pickles an Inspection for it.
    """

    def __init__(
        self, catalog: Catalog, inspection: Inspection, dumps: Callable[[object], bytes] = pickle.dumps
    ) -> None:
        self._beginning = pickle.dumps(sys.path) + dumps((catalog.xsd, catalog.stamdata, inspection))
        self._process: subprocess.Popen[bytes] | None = None

    def __call__(self, block: Block) -> Outcome | None:
        """Judge a block; None if the process died."""
        data = pickle.dumps(block)
        if self._process is None:
            data = self._beginning + data
            self._process = self._start()
        asked, answered = self._process.stdin, self._process.stdout
        assert asked is not None and answered is not None  # noqa: S101  # both are pipes
        try:
            asked.write(data)
            asked.flush()
            outcome: Outcome = pickle.load(answered)  # noqa: S301  # from a program of ours
        except (OSError, EOFError, pickle.UnpicklingError):
            self._end()
            return None
        return outcome

    def __enter__(self) -> IsolatedProcess:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None
    ) -> None:
        self._end()

    def _start(self) -> subprocess.Popen[bytes]:
        # What a dying program has to say may quote what it read.
        command = [sys.executable, "-c", _PROGRAM]
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nowhere)  # noqa: S603  # always the same

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


_PROGRAM = """
import pickle, sys
sys.path[:] = pickle.load(sys.stdin.buffer)
from exchange.distributed.isolation import answer
answer()
"""


def answer() -> None:
    """Judge the blocks that come on stdin, until there are no more; what is written to stdout meanwhile is no answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # its parent's to answer
    questions = sys.stdin.buffer
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        xsd, stamdata, inspection = _next(questions)
        inspector = Inspector(Catalog(xsd, stamdata), inspection)
        while True:
            answers.write(pickle.dumps(inspector(_next(questions))))
            answers.flush()


def _next(questions: IO[bytes]) -> Any:
    try:
        return pickle.load(questions)  # noqa: S301  # what the parent wrote
    except EOFError:
        sys.exit()
