"""Has blocks exported in several processes, and gives what came of each in their order."""

from __future__ import annotations

import itertools
import multiprocessing
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait

from exchange.deliveries.workers import at_most, begin_worker
from exchange.errors import ExchangeError, ExportRefused
from exchange.export.blocks import Block, CutMessage, Result, nothing_judged
from exchange.export.exporter import BlockExporter

AHEAD = 4
"""So many blocks a process are at most given out and not told of yet, as those before them are not done."""

_CONTEXT = multiprocessing.get_context("fork" if "fork" in multiprocessing.get_all_start_methods() else None)
_DIED = (EOFError, ConnectionError)


def export_here(exporter: BlockExporter, blocks: Iterable[Block]) -> Iterator[tuple[Block, Result]]:
    """Export blocks one after another in this process."""
    for block in blocks:
        yield block, exporter(block)


class Crew:
    """Processes that export blocks: begun at once, so that they inherit nothing of what comes later, and ended with `with`.

    What a process died of is tried again in another one, then piece by piece; a piece that is deadly alone is left out,
    and `died` said of it.
    """

    def __init__(self, exporter: BlockExporter, jobs: int, died: str) -> None:
        exporter.prepare()
        jobs = at_most(jobs)
        self._exporter = exporter
        self._died = died
        self._idle = [_Process(exporter) for _ in range(jobs)]
        self._busy: dict[Connection, tuple[_Process, Block]] = {}
        self._most = AHEAD * jobs
        self._deaths: Counter[int] = Counter()

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        for process in (*self._idle, *(process for process, _ in self._busy.values())):
            process.end()

    def export(self, blocks: Iterable[Block]) -> Iterator[tuple[Block, Result]]:
        """Export blocks; a bounded number of them is under way. Raises what the exporter raises, in this process."""
        work = iter(blocks)
        turns: deque[Block] = deque()
        results: dict[int, Result] = {}
        while True:
            for block in itertools.islice(work, min(len(self._idle), self._most - len(turns))):
                turns.append(block)
                self._give(block)
            if not turns:
                return
            ready = wait(self._busy)
            for connection in [each for each in self._busy if each in ready]:
                process, block = self._busy.pop(connection)
                answer = process.answer()
                if isinstance(answer, Exception):
                    raise answer
                if answer is None:
                    process.end()
                    self._idle.append(_Process(self._exporter))
                    self._give(self._mended(block))
                else:
                    self._idle.append(process)
                    results[block.number] = answer
            while turns and turns[0].number in results:
                block = turns.popleft()
                yield block, results.pop(block.number)

    def _give(self, block: Block) -> None:
        process = self._idle.pop()
        process.give(block)
        self._busy[process.connection] = process, block

    def _mended(self, block: Block) -> Block:
        """Give a block of which a process died as it is to be tried again."""
        self._deaths[block.number] += 1
        if self._deaths[block.number] == 1:
            return block
        if self._deaths[block.number] == 2:
            return block._replace(pieces=self._without_deadly(block.pieces))
        raise ExportRefused(self._died)

    def _without_deadly(self, pieces: tuple[CutMessage, ...]) -> tuple[CutMessage, ...]:
        if self._survives(pieces):
            return pieces
        if len(pieces) == 1:
            ((path, size, known, cut),) = pieces
            lost = nothing_judged(path, self._died, len(cut) if cut else 1)
            return (CutMessage(path, size, (known or Result()).plus(lost)),)
        middle = len(pieces) // 2
        return self._without_deadly(pieces[:middle]) + self._without_deadly(pieces[middle:])

    def _survives(self, pieces: tuple[CutMessage, ...]) -> bool:
        process = _Process(self._exporter)
        process.give(pieces)
        answer = process.answer()
        process.end()
        return answer is not None


class _Process:
    def __init__(self, exporter: BlockExporter) -> None:
        self.connection, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_work, args=(exporter, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def give(self, work: Block | tuple[CutMessage, ...]) -> None:
        """Have a block exported, or pieces rehearsed."""
        # A process that died says so when the answer is taken.
        with suppress(ConnectionError):
            self.connection.send(work)

    def answer(self) -> Result | Exception | None:
        """Give what came of the work, or what was raised; None if the process died."""
        try:
            answer: Result | Exception = self.connection.recv()
        except _DIED:
            return None
        return answer

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self.connection.close()


def _work(exporter: BlockExporter, connection: Connection) -> None:
    """Export what comes, until nothing more does."""
    begin_worker()
    with suppress(*_DIED):
        while True:
            work = connection.recv()
            answer: Result | Exception
            try:
                answer = exporter(work) if isinstance(work, Block) else exporter.rehearse(work)
            except (OSError, ExchangeError) as error:
                answer = error
            except Exception as error:  # noqa: BLE001  # what else it says may quote a value
                answer = ExchangeError(f"a process could not export a block: {type(error).__name__}")
            connection.send(answer)
