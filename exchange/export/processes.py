"""Exports blocks in several processes, whatever one of them dies of."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from exchange.deliveries.pool import Pool
from exchange.errors import ExportFault
from exchange.export.blocks import Block, FilePart, Result, not_judged
from exchange.export.exporter import BlockExporter

Work = Block | tuple[FilePart, ...]
"""A block to export, or messages of which only to see whether a process survives them."""


def exporting_pool(exporter: BlockExporter, jobs: int, died: str) -> Pool[Any, Result]:
    """Return processes that export blocks.

    A block that a process died of is tried again in another one, then message by message; a message that is deadly alone is
    left out with the fault `died`.
    """

    def without_deadly(parts: tuple[FilePart, ...], alone: Callable[[Work], Result | None]) -> tuple[FilePart, ...]:
        if alone(parts) is not None:
            return parts
        if len(parts) == 1:
            ((path, size, known, selection),) = parts
            lost = not_judged(path, died, len(selection) if selection else 1)
            return (FilePart(path, size, (known or Result()).plus(lost)),)
        middle = len(parts) // 2
        return without_deadly(parts[:middle], alone) + without_deadly(parts[middle:], alone)

    def recover(work: Work, alone: Callable[[Work], Result | None]) -> Result:
        result = alone(work)
        if result is None and isinstance(work, Block):
            result = alone(work._replace(parts=without_deadly(work.parts, alone)))
        if result is None:
            raise ExportFault(died)
        return result

    exporter.prepare()
    return Pool(partial(_worker, exporter), jobs, recover)


def _worker(exporter: BlockExporter) -> Callable[[Work], Result]:
    return lambda work: exporter(work) if isinstance(work, Block) else exporter.rehearse(work)
