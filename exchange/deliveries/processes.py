"""Has the blocks of a delivery judged in several processes, and gives what came of each in their order."""

from __future__ import annotations

import itertools
import multiprocessing
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress

from exchange.deliveries.blocks import Block, Inspection, Inspector, Outcome
from exchange.deliveries.isolation import once_more
from exchange.deliveries.reading import Run, in_this_process
from exchange.deliveries.workers import begin_worker, sharing
from exchange.model.catalog import Catalog
from exchange.validation.pipeline import compile_version

AHEAD = 2
"""So many blocks a process are under way beside those being judged."""


def in_processes(jobs: int) -> Run:
    """Give what judges blocks in `jobs` processes; a bounded number of blocks is under way, whatever there is to do."""
    if jobs == 1:
        return in_this_process
    deaths: list[Block] = []

    def run(catalog: Catalog, how: Inspection, work: Iterator[Block]) -> Iterator[tuple[Block, Outcome]]:
        # A second block tells whether it is worth while to start any; of what one died, this process would too.
        first = list(itertools.islice(work, 2))
        if len(first) < 2 and not deaths:
            return in_this_process(catalog, how, iter(first))
        begun = sharing(jobs)
        if begun == 1:
            return in_this_process(catalog, how, itertools.chain(first, work))
        return _Processes(begun, catalog, how, deaths).run(itertools.chain(first, work))

    return run


class _Processes:
    def __init__(self, jobs: int, catalog: Catalog, how: Inspection, deaths: list[Block]) -> None:
        self._jobs = jobs
        self._catalog = catalog
        self._how = how
        self._deaths = deaths
        # What is compiled before the processes begin, they need not compile again.
        for tag in how.carried:
            version = catalog.by_tag.get(tag)
            if version is not None:
                compile_version(version)
        self._pool = self._start(jobs)
        self._under_way: deque[tuple[Block, Future[Outcome] | None]] = deque()

    def _start(self, jobs: int) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("fork" if "fork" in multiprocessing.get_all_start_methods() else None)
        return ProcessPoolExecutor(jobs, context, initializer=_begin, initargs=(self._catalog, self._how))

    def run(self, work: Iterator[Block]) -> Iterator[tuple[Block, Outcome]]:
        try:
            for block in itertools.islice(work, self._jobs * (1 + AHEAD)):
                self._begin(block)
            while self._under_way:
                block, future = self._under_way.popleft()
                try:
                    outcome = future.result() if future else None
                except BrokenProcessPool:
                    outcome = None
                if outcome is None:
                    outcome = self._again(block)
                yield block, outcome
                for block in itertools.islice(work, 1):
                    self._begin(block)
        finally:
            # Its thread must not be about to end when the program does: Python's own way out fails then.
            self._pool.shutdown(cancel_futures=True)

    def _begin(self, block: Block) -> None:
        future = None
        # A pool that broke meanwhile takes nothing more; what was in it is tried again.
        with suppress(BrokenProcessPool):
            future = self._pool.submit(_judge, block)
        self._under_way.append((block, future))

    def _again(self, block: Block) -> Outcome:
        """Judge a block after a process died; what else was under way begins anew."""
        # Until its thread has ended: a process that is forked meanwhile inherits the locks that this holds.
        self._pool.shutdown(cancel_futures=True)
        self._deaths.append(block)
        pool = self._start(1)

        def alone(block: Block) -> Outcome | None:
            nonlocal pool
            try:
                return pool.submit(_judge, block).result()
            except BrokenProcessPool:
                pool.shutdown()
                pool = self._start(1)
                return None

        try:
            outcome = once_more(block, alone)
        finally:
            pool.shutdown()
        self._pool = self._start(self._jobs)
        later = [block for block, _ in self._under_way]
        self._under_way.clear()
        for each in later:
            self._begin(each)
        return outcome


_inspector: list[Inspector] = []


def _begin(catalog: Catalog, how: Inspection) -> None:
    """Begin a process. One that is forked has the catalog as it was compiled, another reads it anew."""
    begin_worker()
    _inspector[:] = [Inspector(catalog, how)]


def _judge(block: Block) -> Outcome:
    return _inspector[0](block)
