"""Writes what rows become: a delivery, JSON lines, the file of rejected rows."""

from __future__ import annotations

import csv
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from exchange.deliveries.reading import MOST
from exchange.deliveries.writing import Assembly, Check, refuse
from exchange.findings.finding import Report
from exchange.mapping.conversion import text_of
from exchange.mapping.reading import Row
from exchange.mapping.tables import OpenTable
from exchange.mapping.text_files import REASONS, guarded
from exchange.model.catalog import Catalog


class LinesFile:
    """JSON lines."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out

    def add(self, messages: bytes, besked_ids: Sequence[str]) -> None:  # noqa: ARG002  # as a delivery's
        """Write messages."""
        self._out.write(messages)

    def finish(self, namespace: uuid.UUID | None) -> None:
        """Write nothing more."""


class DeliveryFile:
    """A delivery whose leveranceId follows from its head and its messages' ids."""

    def __init__(self, out: IO[bytes], catalog: Catalog, header: Mapping[str, Any]) -> None:
        self._assembly = Assembly(out, catalog.deliveries.versions[-1], header)
        self._catalog = catalog
        self._header = header
        self._ids = hashlib.sha256(f"{header['oprettet'].isoformat()}\n".encode())

    def add(self, messages: bytes, besked_ids: Sequence[str]) -> None:
        """Write messages, a line end before each. Raises InvalidDelivery for more than a delivery may have."""
        self._assembly.add_all(messages, len(besked_ids))
        self._ids.update("".join([f"{besked_id}\n" for besked_id in besked_ids]).encode())
        if self._assembly.count > MOST:
            refuse(self._catalog, self._header, Check(self._catalog, self._header), self._assembly.count)

    def finish(self, namespace: uuid.UUID | None) -> None:
        """Write the delivery's end and id."""
        self._assembly.finish(str(uuid.uuid5(namespace or uuid.UUID(int=0), f"leverance {self._ids.hexdigest()}")))


class RejectsFile:
    """The rejected rows as they were, each with its line and why: CSV that can be mapped again, or JSON lines."""

    def __init__(self, path: Path, out: IO[str], table: OpenTable, lang: str) -> None:
        self._out = out
        # Of rejected rows that are rejected again the reasons are those of now.
        behind = len(REASONS) if tuple(table.columns[-len(REASONS) :]) == REASONS else 0
        self._columns = list(table.columns[: len(table.columns) - behind])
        self._lang = lang
        self._csv = None
        if path.suffix.lower() in (".csv", ".txt"):
            # With the mark Excel reads it as UTF-8.
            out.write("\ufeff")
            delimiter = table.recognised.get("delimiter", ";")
            self._csv = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
            self._csv.writerow([*map(guarded, self._columns), *REASONS])

    def add(self, row: Row, report: Report) -> None:
        """Write a row."""
        reasons = [f"{f.code} {f.path}: {f.text(self._lang).message}" for f in report.findings if f.severity == "error"]
        if self._csv is None:
            joined = {name: [list(each.values) for each in rows] for name, rows in row.joined.items()}
            content = {**dict(zip(self._columns, row.values, strict=False)), **({"_joined": joined} if joined else {})}
            content |= {"_row": row.number, "_line": row.line, "_reason": reasons}
            self._out.write(json.dumps(content, ensure_ascii=False, default=text_of) + "\n")
            return
        values = ["" if value is None else value if isinstance(value, str) else text_of(value) for value in row.values]
        width = len(self._columns)
        values = (values + [""] * width)[:width]
        self._csv.writerow([*map(guarded, values), row.number, row.line or "", "; ".join(reasons)])
