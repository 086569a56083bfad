"""Exports blocks in several processes, whatever one of them dies of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from exchange.deliveries.pool import Pool
from exchange.errors import ExportRefused
from exchange.export.blocks import Block, CutMessage, Result, nothing_judged
from exchange.export.exporter import BlockExporter

Work = Block | tuple[CutMessage, ...]
"""A block to export, or messages of which only to see whether a process survives them."""


def export_here(exporter: BlockExporter, blocks: Iterable[Block]) -> Iterator[tuple[Block, Result]]:
    """Export blocks one after another in this process."""
    for block in blocks:
        yield block, exporter(block)


def exporting_pool(exporter: BlockExporter, jobs: int, died: str) -> Pool[Any, Result]:
    """Return processes that export blocks.

    A block that a process died of is tried again in another one, then message by message; a message that is deadly alone is
    left out with the fault `died`.
    """

    def without_deadly(
        pieces: tuple[CutMessage, ...], alone: Callable[[Work], Result | None]
    ) -> tuple[CutMessage, ...]:
        if alone(pieces) is not None:
            return pieces
        if len(pieces) == 1:
            ((path, size, known, cut),) = pieces
            lost = nothing_judged(path, died, len(cut) if cut else 1)
            return (CutMessage(path, size, (known or Result()).plus(lost)),)
        middle = len(pieces) // 2
        return without_deadly(pieces[:middle], alone) + without_deadly(pieces[middle:], alone)

    def recover(work: Work, alone: Callable[[Work], Result | None]) -> Result:
        result = alone(work)
        if result is None and isinstance(work, Block):
            result = alone(work._replace(pieces=without_deadly(work.pieces, alone)))
        if result is None:
            raise ExportRefused(died)
        return result

    exporter.prepare()
    return Pool(partial(_worker, exporter), jobs, recover)


def _worker(exporter: BlockExporter) -> Callable[[Work], Result]:
    return lambda work: exporter(work) if isinstance(work, Block) else exporter.rehearse(work)
