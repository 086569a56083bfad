"""Judges the blocks of a delivery in several processes; a message that a process dies of is found, and the others are judged."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import partial

from exchange.deliveries.blocks import Block, Inspection, Inspector
from exchange.deliveries.outcomes import Found, Outcome
from exchange.deliveries.reading import Run, in_this_process
from exchange.deliveries.scan import CutMessage
from exchange.findings.finding import Ledger
from exchange.findings.undetermined_kinds import CHECK_INCOMPLETE
from exchange.model.catalog import Catalog
from exchange.validation.pipeline import compile_version

JudgeApart = Callable[[Block], Outcome | None]
"""Judges a block in a process of its own; None if that dies."""


def in_processes(jobs: int) -> Run:
    """Return what judges blocks in `jobs` processes, a bounded number of blocks at a time."""
    if jobs == 1:
        return in_this_process
    deaths: list[Block] = []

    def recover(block: Block, judge_apart: JudgeApart) -> Outcome:
        deaths.append(block)
        return once_more(block, judge_apart)

    def run(catalog: Catalog, inspection: Inspection, work: Iterator[Block]) -> Iterator[tuple[Block, Outcome]]:
        # Only with a second block are processes worth their start; what one died of, this process would die of too.
        first = list(itertools.islice(work, 2))
        if len(first) < 2 and not deaths:
            yield from in_this_process(catalog, inspection, iter(first))
            return
        for version in catalog.versions:
            if version.tag in inspection.carried:
                compile_version(version)
        from exchange.deliveries.pool import Pool  # multiprocessing is slow to import

        with Pool(partial(Inspector, catalog, inspection), jobs, recover) as pool:
            yield from pool.run(itertools.chain(first, work))

    return run


def once_more(block: Block, judge_apart: JudgeApart) -> Outcome:
    """Judge a block that a process died of again: whole, and if that fails half by half down to the message at fault."""
    outcome = judge_apart(block)
    if outcome is not None:
        return outcome
    if block.source:
        # Not proven: then its messages are cut out of the stream, and come here one by one.
        return Outcome(False, [])
    messages = block.messages
    if len(messages) == 1:
        return Outcome(True, [_unjudged(messages[0])])
    middle = len(messages) // 2
    halves = (once_more(Block(messages=half), judge_apart) for half in (messages[:middle], messages[middle:]))
    return Outcome(True, [entry for half in halves for entry in half.entries])


def _unjudged(message: CutMessage) -> Found:
    """Return the finding for a message that a process dies of."""
    ledger = Ledger()
    ledger.close("secure", [CHECK_INCOMPLETE.found(words={"check": "process"})], complete=False)
    return Found(message.start, message.end, message.line, ledger.report(None, None), None, None, None)
