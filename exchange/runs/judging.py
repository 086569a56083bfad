"""Judges many files, in several processes if there are enough of them, and yields the results in their order."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from exchange.api import Exchange
from exchange.deliveries import is_delivery
from exchange.deliveries.start_tags import LARGE
from exchange.errors import Refused
from exchange.files.sources import Source, begin, read
from exchange.files.walking import Entry
from exchange.findings.texts import text
from exchange.model.shown_paths import STDIN, named_path
from exchange.reports.control import apply
from exchange.reports.model import Judged, Run
from exchange.runs.standard_input import kept_input
from exchange.validation.excerpts import excerpts, key_of
from exchange.validation.pipeline import refusal

if TYPE_CHECKING:
    from exchange.runs.journal import Journal

FILES_PER_TASK = 16
"""How many files a process is given at a time."""

MIN_FILES = 64
"""So many files are judged by this process: to start others takes as long."""


class Judge:
    """Judges one file after another as a run demands.

    `with_excerpts`: also look up the elements at fault. `combine_faultless`: consecutive messages of a delivery without
    findings come as one.
    """

    def __init__(self, run: Run, *, with_excerpts: bool, combine_faultless: bool = False) -> None:
        self._run = run
        self._excerpts = with_excerpts
        self._combine_faultless = combine_faultless
        self._exchange = Exchange()

    def __call__(self, entry: Entry) -> list[Judged]:
        """Judge a file. What keeps it from being read becomes a tool fault.

        Of a delivery its messages come first, each with its place; nothing of a LARGE one, which is to be judged by itself.
        """
        run = self._run
        file = named_path(entry.path, show_values=run.show_values)
        if entry.fault is not None:
            return [Judged(file, None, entry.fault)]
        try:
            if entry.path != STDIN and entry.path.stat().st_size > LARGE and self._is_delivery(entry.path):
                return []
            if entry.path != STDIN:
                return self._judged(entry, file, entry.path)
            source, head = begin(sys.stdin.buffer)
            if is_delivery(self._exchange.catalog, head) and run.signed_by is None:
                return list(self.delivery(entry, source))
            # To judge a large receipt, and to judge and to verify a delivery, takes more than one pass.
            with kept_input(self._exchange.catalog, cast("IO[bytes]", source)) as kept:
                return self._judged(entry, file, kept)
        except Refused as refused:
            return [Judged(file, refusal(refused.finding)[0])]
        except OSError as error:
            return [Judged(file, None, error.strerror or str(error))]

    def _is_delivery(self, source: bytes | Path) -> bool:
        return is_delivery(self._exchange.catalog, begin(source)[1])

    def _judged(self, entry: Entry, file: str, source: bytes | Path) -> list[Judged]:
        if self._is_delivery(source):
            return list(self.delivery(entry, source))
        return [self._message(file, source)]

    def _message(self, file: str, source: bytes | Path) -> Judged:
        run = self._run
        validate = partial(
            self._exchange.validate, on=run.on, show_values=run.show_values, signed_by=run.signed_by, at=run.at
        )
        try:
            data = read(source)
        except Refused:
            # A receipt can be judged in pieces where it lies; its key stands at its beginning.
            data = begin(source)[1]
            report = validate(source)
        else:
            report = validate(data)
        if not report.findings:
            return Judged(file, report, None, key_of(data), size=len(data))
        report, overridden = apply(report, run.overrides, run.max_findings)
        shown: tuple[str | None, ...] = ()
        if self._excerpts:
            shown = excerpts(self._exchange.catalog, data, report.findings, show_values=run.show_values)
        return Judged(file, report, None, key_of(data), shown, dict(overridden), len(data))

    def delivery(
        self, entry: Entry, source: Source | None = None, *, jobs: int = 1, journal: Journal | None = None
    ) -> Iterator[Judged]:
        """Judge a delivery, message by message."""
        from exchange.acceptance.reports import judge_delivery
        from exchange.deliveries.processes import in_processes

        file = named_path(entry.path, show_values=self._run.show_values)
        through = in_processes(jobs)
        if journal is not None and source is None:
            through = journal.recording(entry.path, through)
        try:
            yield from judge_delivery(
                self._exchange.catalog,
                file,
                source or entry.path,
                self._run,
                through=through,
                with_excerpts=self._excerpts,
                combine_faultless=self._combine_faultless,
                key=journal.key if journal else None,
            )
        except OSError as error:
            yield Judged(file, None, error.strerror or str(error))


def judge(
    entries: Iterator[Entry],
    run: Run,
    *,
    jobs: int,
    with_excerpts: bool,
    combine_faultless: bool = False,
    journal: Journal | None = None,
) -> Iterator[Judged]:
    """Judge files in `jobs` processes, or here if they are few; what comes of them comes in their order.

    Only a bounded number of files is under way, so memory does not grow with how many there are. What a `journal`
    has of an earlier run is not judged again.
    """
    local = Judge(run, with_excerpts=with_excerpts, combine_faultless=combine_faultless)
    for entry in entries:
        found = journal.earlier(entry.path) if journal else None
        if found is not None:
            yield from found
        elif journal is not None and journal.in_delivery:
            yield from local.delivery(entry, jobs=jobs, journal=journal)
        else:
            entries = itertools.chain([entry], entries)
            break
    for entry, result in _results(entries, local, run, jobs=jobs, with_excerpts=with_excerpts):
        if result and journal is not None:
            journal.add(entry.path, result)
        yield from result or local.delivery(entry, jobs=jobs, journal=journal)


def _results(
    entries: Iterator[Entry], local: Judge, run: Run, *, jobs: int, with_excerpts: bool
) -> Iterator[tuple[Entry, list[Judged]]]:
    first = list(itertools.islice(entries, MIN_FILES + 1))
    everything = itertools.chain(first, entries)
    if jobs == 1 or len(first) <= MIN_FILES:
        yield from ((entry, local(entry)) for entry in everything)
        return

    def recover(entries: list[Entry], alone: Callable[[list[Entry]], list[list[Judged]] | None]) -> list[list[Judged]]:
        """Judge each file of a task that a process died of by itself."""
        return [(alone([entry]) or [[_died(entry, run)]])[0] for entry in entries]

    from exchange.deliveries.pool import Pool  # multiprocessing is slow to import

    with Pool(partial(_worker, run, with_excerpts), jobs, recover) as pool:
        # Standard input is this process's to read.
        for is_stdin, group in itertools.groupby(everything, lambda entry: entry.path == STDIN):
            if is_stdin:
                yield from ((entry, local(entry)) for entry in group)
                continue
            tasks = iter(lambda: list(itertools.islice(group, FILES_PER_TASK)), [])  # noqa: B023  # used up in this round
            for task, results in pool.run(tasks):
                yield from zip(task, results, strict=True)


def _worker(
    run: Run, with_excerpts: bool
) -> Callable[[list[Entry]], list[list[Judged]]]:  # called by the pool, by position
    judge_file = Judge(run, with_excerpts=with_excerpts)
    return lambda entries: [judge_file(entry) for entry in entries]


def _died(entry: Entry, run: Run) -> Judged:
    return Judged(named_path(entry.path, show_values=False), None, text("process-died", run.lang))
