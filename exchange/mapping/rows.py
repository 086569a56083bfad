"""Makes rows into messages: reads, writes and judges each, and says of every finding which cell it is about."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any, Literal, NamedTuple

from exchange.deliveries.blocks import add_entry
from exchange.deliveries.outcomes import Entry, Found
from exchange.deliveries.writing import BATCH, Preparation
from exchange.findings.finding import Finding, Ledger, Report
from exchange.findings.mapping_kinds import ROW_INCOMPLETE, ROW_KEY_MISSING
from exchange.findings.texts import text
from exchange.mapping.compiling import compile_mapping
from exchange.mapping.conversion import Unfit
from exchange.mapping.definition import ROWS, Definition
from exchange.mapping.joining import compile_key
from exchange.mapping.reading import Origin, Row
from exchange.mapping.tables import Block
from exchange.mapping.text_rows import compile_reader
from exchange.model.catalog import Catalog, Version
from exchange.model.content_versions import compile_content_version
from exchange.model.identity import message_id
from exchange.model.json_documents import dump_line
from exchange.model.representation import without
from exchange.model.values import is_encodable, visible
from exchange.validation.checks import day_of

Form = Literal["delivery", "jsonl", "keyed"]
"""A delivery; JSON lines of whole messages; or JSON lines of `{"key": …, "document": …}` without what an outbox decides."""

_MOST_COLUMNS = 4
"""So many columns are named in a finding about an element that holds others."""


class MappedRows(NamedTuple):
    """What came of a block's rows: their keys, their messages one after the other as they are written, and what was found.

    `ends` says for each row where its message ends in `data`; one that is not accepted is empty.
    """

    keys: list[str]
    data: bytes
    ends: array[int]
    entries: list[Entry]

    def __repr__(self) -> str:
        return without(self, "keys", "data")

    def of(self, start: int, end: int) -> bytes:
        """Return the messages of the rows from place `start` to `end`, counted from 0."""
        return self.data[self.ends[start - 1] if start else 0 : self.ends[end - 1]]


@dataclass(frozen=True)
class Task:
    """What every process that maps rows needs. `header` has akassekode and miljoe of a delivery, None each for JSON lines."""

    definition: Definition
    columns: Mapping[str, Sequence[str]]
    header: Mapping[str, Any]
    form: Form
    created: datetime | None
    catalog: Catalog


class _Pending(NamedTuple):
    """A row that is being mapped, its key, and what is wrong with its cells."""

    row: Row
    key: str
    faults: list[Finding]

    def __repr__(self) -> str:
        return without(self, "row", "key")


class RowMapper:
    """Maps rows, in whichever process. Those of one run share the secret `key`."""

    def __init__(self, task: Task, key: bytes) -> None:
        version = version_of(task.catalog, task.definition, task.created)
        self._definition = task.definition
        self._name = version.name
        self._version_of = compile_content_version(version.spec)
        self._root = compile_mapping(task.definition, version, task.columns)[0].root
        self._read = compile_reader(self._root)
        self._width = len(task.columns[ROWS])
        self._key_of = compile_key(task.definition.rows, task.columns[ROWS], task.definition.rows.key)
        self._form = task.form
        self._prepare = Preparation(task.catalog, task.header, key, task.definition.version)
        self._catalog = task.catalog
        hoved = task.definition.content.get("hoved", {})
        self._filled = {"oprettet": task.created, "handling": "opret"}
        self._filled = {name: value for name, value in self._filled.items() if value and name not in hoved}
        self._makes_id = "beskedId" not in hoved

    def __call__(self, block: Block) -> MappedRows:
        """Map the rows of a block. Raises RowsUnreadable."""
        keys: list[str] = []
        parts: list[bytes] = []
        ends = array("Q")
        entries: list[Entry] = []
        end = 0
        rows = iter(block.rows())
        # As many at a time as are judged at a time: the processor has at hand what each step needs.
        while batch := list(islice(rows, BATCH)):
            pending = [_Pending(row, self._key_of(row), []) for row in batch]
            documents = [self._document(*each) for each in pending]
            for each, document, prepared in zip(pending, documents, list(self._prepare(documents)), strict=True):
                data, found = self._result(*each, document, *prepared)
                keys.append(each.key)
                parts.append(data)
                end += len(data)
                ends.append(end)
                add_entry(entries, found)
        return MappedRows(keys, b"".join(parts), ends, entries)

    def _document(self, row: Row, key: str, faults: list[Finding]) -> Mapping[str, Any] | Finding:
        if len(row.values) != self._width:
            return ROW_INCOMPLETE.found(words={"found": len(row.values), "expected": self._width})
        content = self._content(row, faults)
        document = {self._name: content}
        hoved = {**content.get("hoved", {}), **self._filled}
        content["hoved"] = hoved
        if not key:
            faults.append(ROW_KEY_MISSING.found(f"/{self._name}/hoved/beskedId"))
        elif self._makes_id and self._definition.namespace is not None:
            previous = str(hoved.get("vedroererBeskedId") or "")
            besked_id = message_id(
                self._definition.namespace,
                key,
                document,
                previous=previous if is_encodable(previous) else "",  # it is refused
                version=self._version_of(document),
            )
            content["hoved"] = {"beskedId": besked_id, **hoved}
        return document

    def _content(self, row: Row, faults: list[Finding]) -> dict[str, Any]:
        try:
            content = self._read(row, faults)
            if not faults:
                return content
        except (Unfit, TypeError):
            pass
        faults.clear()
        return self._root.read(row, faults) or {}

    def _result(
        self,
        row: Row,
        key: str,
        faults: list[Finding],
        document: Mapping[str, Any] | Finding,
        element: bytes,
        found: Found,
    ) -> tuple[bytes, Found]:
        if faults or not isinstance(found.report, str):
            report = self._catalog.whole(found.report)
            report = _replaced(report, faults) if faults else report
            report = self._located(report, row) if not isinstance(document, Finding) else _on_line(report, row)
            found = found._replace(report=report)
            if not report.ok:
                return b"", found
        if self._form == "delivery" or isinstance(document, Finding):
            return b"\n" + element, found
        if self._form == "keyed":
            content = document[self._name]
            hoved = {name: value for name, value in content["hoved"].items() if name not in ("beskedId", "handling")}
            document = {"key": key, "document": {self._name: {**content, "hoved": hoved}}}
        return dump_line(document).encode(), found

    def _located(self, report: Report, row: Row) -> Report:
        """Return a report whose findings say which cells they are about."""
        wanted = [finding.path for finding in report.findings if finding.path]
        origins = dict(self._root.origins(row, f"/{self._name}", wanted))
        origins.setdefault(f"/{self._name}/hoved/beskedId", Origin(ROWS, row, self._definition.rows.key))
        return replace(report, findings=tuple(locate(finding, origins, row) for finding in report.findings))


def version_of(catalog: Catalog, definition: Definition, created: datetime | None) -> Version:
    """Return the version that a mapping is compiled for. Raises LookupError if it asks for one that does not exist."""
    if definition.version is not None:
        version = catalog.numbered(definition.message, definition.version)
    else:
        version = catalog.latest(definition.message, day_of(created))
    if version is None:
        raise LookupError(f"no version {definition.version} of {definition.message}")
    return version


def _on_line(report: Report, row: Row) -> Report:
    return replace(report, findings=tuple(replace(finding, line=row.line) for finding in report.findings))


def _replaced(report: Report, faults: Sequence[Finding]) -> Report:
    """Return a report in which the faults of a row take the place of what was found at their paths."""
    paths = {fault.path for fault in faults}
    ledger = Ledger()
    ledger.layers = dict(report.layers)
    for finding in (*(finding for finding in report.findings if finding.path not in paths), *faults):
        ledger.add(finding)
    for fault in faults:
        ledger.layers[fault.layer] = "failed"
    return replace(ledger.report(report.message, report.version), unfinished=report.unfinished)


def locate(finding: Finding, origins: Mapping[str, Origin], row: Row) -> Finding:
    """Return a finding with the line of its row, and the cells that it is about named in its texts."""
    own = origins.get(finding.path)
    below = (
        [origin for path, origin in origins.items() if path.startswith(f"{finding.path}/")] if own is None else [own]
    )
    if not below or not finding.path or len(below) > _MOST_COLUMNS:
        return replace(finding, line=row.line)
    english, danish = (" ".join(dict.fromkeys(_words(origin, lang) for origin in below)) for lang in ("en", "da"))
    return replace(
        finding,
        line=row.line,
        message=f"{finding.message} {english}",
        danish=finding.danish._replace(message=f"{finding.danish.message} {danish}"),
    )


def _words(origin: Origin, lang: str) -> str:
    columns = ", ".join(visible(name, 80) for name in origin.columns)
    if origin.table == ROWS:
        return text("map-cell", lang, columns=columns)
    return text("map-joined-cell", lang, table=visible(origin.table, 40), number=origin.row.number, columns=columns)
