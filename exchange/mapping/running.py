"""Maps all rows of a source: the good ones into a delivery or JSON lines, the others into a file of rejected rows."""

from __future__ import annotations

import itertools
import os
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from exchange.deliveries.blocks import Progress, no_progress
from exchange.deliveries.large_table import LargeTable
from exchange.deliveries.outcomes import FaultlessMessages, Found
from exchange.deliveries.packing import run_tasks
from exchange.deliveries.register import Register
from exchange.deliveries.writing import judged_header
from exchange.errors import InvalidMapping, RunRefused
from exchange.files.writing import whole_file, whole_files
from exchange.findings.finding import Finding, Ledger, Report
from exchange.findings.mapping_kinds import ROW_KEY_REPEATED
from exchange.findings.texts import text
from exchange.mapping.compiling import Compiled, compile_mapping
from exchange.mapping.definition import ROWS, Definition
from exchange.mapping.joining import Join, Joined
from exchange.mapping.outputs import DeliveryFile, LinesFile, RejectsFile
from exchange.mapping.reading import Origin, Row
from exchange.mapping.rows import Form, MappedRows, RowMapper, Task, locate, version_of
from exchange.mapping.tables import Block, OpenTable, shown_source
from exchange.model.catalog import Catalog, Version, shipped
from exchange.model.shown_paths import shown_path
from exchange.model.values import shown
from exchange.reports import Judged, Place, Run, Summary, Writer, writer

_KEPT = 1 << 15
"""So many keys, and so many beskedIds and interviews, are kept in memory."""

_MASK = (1 << 64) - 1
_PLACEHOLDER_ID = str(uuid.UUID(int=0))


class Mapped(NamedTuple):
    """The result of a run. `path` is the file that was written, None where there was nothing to write.

    Of the `rejected` rows `undetermined` are those of which a check did not run.
    """

    path: Path | None
    rows: int
    messages: int
    rejected: int
    joined: tuple[Joined, ...]
    undetermined: int = 0


class _Nothing(Exception):
    """No message is to be written."""


def map_rows(
    definition: Definition,
    output: Path,
    *,
    form: Form = "delivery",
    created: datetime | None = None,
    database: str | None = None,
    rejects: Path | None = None,
    reports: Sequence[tuple[str, Path]] = (),
    strict: bool = False,
    overwrite: bool = False,
    jobs: int = 1,
    lang: str = "en",
    catalog: Catalog | None = None,
    opened: Callable[[Mapping[str, OpenTable]], object] = lambda _: None,
    judged: Callable[[Judged], object] = lambda _: None,
    progress: Progress = no_progress,
) -> Mapped:
    """Map the rows of a mapping's sources, each to a message, and write those that are accepted.

    Rows that are refused go to `rejects` with their reasons (CSV if it ends so, else JSON lines; mode 0600, for it has their
    values); with `strict` no message is written if there is one. `reports` are formats of `exchange.reports.FORMATS` and the files
    for them. `created` is what `oprettet` becomes where the mapping has no source for it, and a delivery's own: the same rows with
    the same `created` give the same bytes. `database` is the URL for queries. `jobs` processes work.

    `opened` is called with the tables before their rows are read, `judged` with each row that has findings, `progress` with the
    number of rows that are done since the last call.

    Raises InvalidMapping, RowsUnreadable, RunRefused for what the options lack, FileExistsError unless `overwrite`,
    InvalidMessage for a delivery's head, WorkerDied.
    """
    catalog = catalog or shipped()
    _check_outputs([output, *([rejects] if rejects else []), *(path for _, path in reports)], definition, lang)
    version = version_of(catalog, definition, created)
    compiled, findings = compile_mapping(definition, version)
    _refuse(findings, version)
    if created is None and (form == "delivery" or "oprettet" not in definition.content.get("hoved", {})):
        raise RunRefused(text("map-created", lang))
    run = Run(lang)
    with Join(definition, database, list(compiled.columns)) as join, whole_files(overwrite=overwrite) as others:
        compiled, findings = compile_mapping(definition, version, join.columns)
        _refuse(findings, version)
        opened(join.tables)
        first, blocks = _first_row(join.blocks(compiled.joins))
        header = _header(compiled, first, created, len(join.tables[ROWS].columns))
        if form != "delivery":
            header |= {"akassekode": None, "miljoe": None}
        elif first and None in header.values():
            raise RunRefused(text("map-one-fund", lang))
        elif first:
            judged_header(catalog, header)
        rejected = RejectsFile(rejects, others.open(rejects), join.tables[ROWS], lang) if rejects else None
        writers = [writer(name, others.open(path), run) for name, path in reports]
        task = Task(definition, join.columns, header, form, created, catalog)
        outcome = _Outcome(definition, version, run, writers, rejected, judged)
        path: Path | None = output
        try:
            with whole_file(output, overwrite=overwrite) as out:
                target = (
                    DeliveryFile(cast("IO[bytes]", out.buffer), catalog, header)
                    if form == "delivery"
                    else LinesFile(cast("IO[bytes]", out.buffer))
                )
                for block, mapped in run_tasks(partial(RowMapper, task, os.urandom(16)), blocks, jobs):
                    target.add(*outcome.accepted(block, mapped))
                    progress(len(mapped.keys))
                joined = tuple(join.joined())
                if not outcome.messages or (strict and outcome.rejected):
                    raise _Nothing
                target.finish(definition.namespace)
        except _Nothing:
            path = None
        outcome.finish()
    messages = outcome.messages if path else 0
    return Mapped(path, outcome.rows, messages, outcome.rejected, joined, outcome.undetermined)


def _check_outputs(outputs: Sequence[Path], definition: Definition, lang: str) -> None:
    """Raise RunRefused for an output that is another one, or one of the sources."""
    sources = [table.file.resolve() for table in definition.tables.values() if table.file is not None]
    places = [path.resolve() for path in outputs]
    for number, path in enumerate(places):
        if path in sources or path in places[:number]:
            raise RunRefused(text("map-output", lang, file=shown_path(outputs[number])))


def _refuse(findings: Sequence[Finding], version: Version) -> None:
    """Raise InvalidMapping if a mapping has faults."""
    if findings:
        raise InvalidMapping(report_of(findings, version))


def report_of(findings: Sequence[Finding], version: Version | None = None) -> Report:
    """Return the report on a mapping."""
    ledger = Ledger()
    for layer in ledger.layers:
        ledger.close(layer, [finding for finding in findings if finding.layer == layer])
    return ledger.report(version.name if version else None, version.version if version else None)


def _first_row(blocks: Iterator[Block]) -> tuple[Row | None, Iterator[Block]]:
    """Return the first row of blocks, and the blocks from its own on. Raises RowsUnreadable."""
    for block in blocks:
        for row in block.rows():
            return row, itertools.chain([block], blocks)
    return None, blocks


def _header(compiled: Compiled, first: Row | None, created: datetime | None, width: int) -> dict[str, Any]:
    """Return the head of a delivery of the fund and environment that the first row has; None for what it lacks."""
    hoved: Mapping[str, Any] = {}
    if first is not None:
        # A row that has not all of its values has at least the mapping's constants.
        whole = first if len(first.values) == width else first._replace(values=[None] * width)
        hoved = (compiled.root.read(whole, []) or {}).get("hoved", {})
    fund, environment = hoved.get("akassekode"), hoved.get("miljoe")
    return {"leveranceId": _PLACEHOLDER_ID, "oprettet": created, "akassekode": fund, "miljoe": environment}


def _numbered(block: Block, before: int) -> list[Row]:
    """Return the rows of a block before which there are so many rows."""
    return [row._replace(number=number) for number, row in enumerate(block.rows(), before + 1)]


class _Outcome:
    """Decides row by row, counts, and tells the writers what was found."""

    def __init__(
        self,
        definition: Definition,
        version: Version,
        run: Run,
        writers: Sequence[Writer],
        rejects: RejectsFile | None,
        judged: Callable[[Judged], object],
    ) -> None:
        self.rows = self.messages = self.rejected = self.undetermined = 0
        self._definition = definition
        self._version = version
        self._run = run
        self._writers = writers
        self._rejects = rejects
        self._judged = judged
        self._file = shown_source(definition.rows)
        self._summary = Summary()
        hoved = definition.content.get("hoved", {})
        # By their hashes. Two keys of a million have the same one with a probability of 1 to 30 million.
        self._keys = LargeTable(_KEPT)
        # Where a beskedId is made of its row's key, no other key has the same one.
        self._register = Register(_KEPT, ids_differ={"beskedId", "vedroererBeskedId"}.isdisjoint(hoved))

    def accepted(self, block: Block, mapped: MappedRows) -> tuple[bytes, list[str]]:
        """Return the messages of a block's rows that are to be written, and their beskedIds."""
        messages: list[bytes] = []
        besked_ids: list[str] = []
        rows: list[Row] = []
        place = 0
        for entry in mapped.entries:
            end = place + (len(entry) if isinstance(entry, FaultlessMessages) else 1)
            if isinstance(entry, FaultlessMessages) and self._accepts_all(mapped.keys[place:end], entry):
                messages.append(mapped.of(place, end))
                besked_ids += entry.besked_ids()
            else:
                rows = rows or _numbered(block, self.rows - place)
                founds = entry.found() if isinstance(entry, FaultlessMessages) else (entry,)
                for at, found in enumerate(founds, place):
                    if self._accepts(mapped.keys[at], rows[at], found):
                        messages.append(mapped.of(at, at + 1))
                        besked_ids.append(str(found.besked_id))
            place = end
        return b"".join(messages), besked_ids

    def _accepts_all(self, keys: Sequence[str], faultless: FaultlessMessages) -> bool:
        """True if messages without findings are all to be written; else nothing is noted of them."""
        first = self.rows + 1
        numbers = {hash(key) & _MASK: number for number, key in enumerate(keys, first)}
        if (
            len(numbers) < len(keys)
            or self._keys.has_any(numbers)
            or not self._register.enter_faultless(first, faultless)
        ):
            return False
        self._keys.update(numbers)
        self.rows += len(keys)
        self.messages += len(keys)
        self._summary.messages["accepted"] += len(keys)
        return True

    def _accepts(self, key: str, row: Row, found: Found) -> bool:
        """True if a row's message is to be written."""
        self.rows += 1
        between: list[Finding] = []
        if key and self._keys.setdefault(hash(key) & _MASK, row.number) != row.number:
            between.append(ROW_KEY_REPEATED.found(f"/{self._version.name}/hoved/beskedId"))
        else:
            accepted = isinstance(found.report, str) or found.report.ok
            between += self._register.enter(row.number, found.besked_id, found.facts, accepted=accepted)
        if isinstance(found.report, str) and not between:
            self.messages += 1
            self._summary.messages["accepted"] += 1
            return True
        report = self._version.faultless if isinstance(found.report, str) else found.report
        if between:
            key_cell = {f"/{self._version.name}/hoved/beskedId": Origin(ROWS, row, self._definition.rows.key)}
            report = report.extended([locate(finding, key_cell, row) for finding in between])
        self.messages += report.ok
        self.rejected += not report.ok
        self.undetermined += not isinstance(found.report, str) and found.report.verdict == "undetermined"
        place = Place(row.number, row.line or row.number, 0, 0)
        name = shown(key, confidential=False, show_values=False) if key else None
        judged = Judged(self._file, report, None, name, place=place)
        self._summary.add(self._run, judged)
        self._judged(judged)
        for each in self._writers:
            each.add(judged)
        if self._rejects and not report.ok:
            self._rejects.add(row, report)
        return report.ok

    def finish(self) -> None:
        """Write the rest of the reports."""
        counts = {name: count for name, count in self._summary.messages.items() if count}
        whole = Judged(self._file, self._version.faultless, messages=counts)
        self._summary.add(self._run, whole)
        for each in self._writers:
            each.add(whole)
            each.finish(self._summary)
