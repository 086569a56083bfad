"""Compares two files: messages value by value, deliveries message by message."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from exchange.deliveries import is_delivery
from exchange.deliveries.blocks import JudgedMessage
from exchange.deliveries.reading import Examination
from exchange.deliveries.start_tags import namespaces_of, standing_alone
from exchange.differences.documents import Change, Kind, Side, changes
from exchange.errors import NotComparable, Refused, RunRefused
from exchange.files.sources import Passes, begin, read
from exchange.findings.finding import Report
from exchange.findings.placeholders import Words
from exchange.model.catalog import Catalog, shipped
from exchange.validation.pipeline import DEFAULT_OPTIONS, judge_document, refusal
from exchange.validation.rules import leverance
from exchange.xml import parsing
from exchange.xml.reading import document_of

Document = Mapping[str, Any]

_HEAD = 1_000_000
"""The root's start tag ends within so many bytes."""
_TABLE = """
create table message (id text, nth integer, name text, start integer, "end" integer, digest blob, seen integer,
    primary key (id, nth)) without rowid
"""


class _Place(NamedTuple):
    """Where a message of the earlier delivery stands, and the digest of its bytes."""

    start: int
    end: int
    digest: bytes


class Difference(NamedTuple):
    """A message that is new, gone or changed; of two deliveries also their heads, whose `besked_id` is None.

    `message` is its name. There are no `changes` of a message that could not be read, only that its bytes are others.
    """

    kind: Kind
    besked_id: str | None
    message: str | None
    changes: tuple[Change, ...]


def compare(old: Path, new: Path, *, catalog: Catalog | None = None, show_values: bool = False) -> Iterator[Difference]:
    """Yield how two messages, or two deliveries, differ; nothing if they hold the same.

    Messages of deliveries are found by their beskedId, in whatever order: those of the later one first, then those that
    are gone, then the heads. How a document is written makes no difference, nor does a signature. What is kept in memory does not
    grow with the delivery: the places of the earlier one's messages lie in a temporary database on disk, no content.

    Raises NotComparable for what the schema does not accept; RunRefused for a message and a delivery; OSError and
    UnreadableSource as `exchange.parse`.
    """
    catalog = catalog or shipped()
    deliveries = [is_delivery(catalog, begin(path)[1]) for path in (old, new)]
    if all(deliveries):
        yield from _Deliveries(catalog, show_values).differences(old, new)
    elif any(deliveries):
        raise RunRefused(
            Words(
                "a message and a delivery; expected two of a kind",
                "en besked og en leverance; forventede to af samme slags",
            )
        )
    else:
        sides = [_readable(catalog, path) for path in (old, new)]
        found = changes(*sides, show_values=show_values)
        if found:
            yield Difference("changed", _besked_id(sides[1]), sides[1].version.name, found)


def _readable(catalog: Catalog, path: Path) -> Side:
    try:
        report, reading = judge_document(catalog, read(path), DEFAULT_OPTIONS)
    except Refused as refused:
        report, reading = refusal(refused.finding)
    document = document_of(reading)
    if document is None:
        raise NotComparable(path, report)
    return Side(catalog.version_of(report), document)


def _besked_id(side: Side) -> str | None:
    besked_id: str | None = side.document[side.version.name].get("hoved", {}).get("beskedId")
    return besked_id


class _Deliveries:
    """Two deliveries that are compared."""

    def __init__(self, catalog: Catalog, show_values: bool) -> None:
        self._catalog = catalog
        self._show_values = show_values

    def differences(self, old: Path, new: Path) -> Iterator[Difference]:
        # A database without a name lies in a temporary file that nobody else can open.
        with closing(sqlite3.connect("")) as places:
            places.execute(_TABLE)
            passes = Passes(old)
            before = self._index(passes, places)
            start = passes.read(0, _HEAD)
            codec, namespaces = parsing.codec_of(start)[0], namespaces_of(start)
            examination = self._examination(new)
            for message in examination:
                document, digest = message.extra
                row = _take(places, message.besked_id)
                if row is None:
                    yield Difference("new", message.besked_id, message.report.message, ())
                elif row.digest != digest:
                    data = passes.read(row.start, row.end).decode(codec).encode()
                    data = standing_alone(data, namespaces)
                    found = self._changes(data, message.report, document)
                    if found is not None:
                        yield Difference("changed", message.besked_id, message.report.message, found)
            after = self._head(new, examination)
            gone = places.execute("select id, name from message where not seen order by start")
            yield from (Difference("gone", key or None, name, ()) for key, name in gone)
            found = changes(before, after, show_values=self._show_values)
            if found:
                yield Difference("changed", None, after.version.name, found)

    def _examination(self, source: Path, passes: Passes | None = None) -> Examination:
        return Examination(self._catalog, source, extra_of=_document_and_digest, passes=passes)

    def _index(self, passes: Passes, places: sqlite3.Connection) -> Side:
        """Enter the places of the messages of the earlier delivery; return its head."""
        assert isinstance(passes.source, Path)  # noqa: S101  # `compare` takes no other
        examination = self._examination(passes.source, passes)
        for message in examination:
            key = message.besked_id or ""
            places.execute(
                "insert into message select ?1, count(*), ?2, ?3, ?4, ?5, 0 from message where id = ?1",
                (key, message.report.message, message.start, message.end, message.extra[1]),
            )
        return self._head(passes.source, examination)

    def _changes(self, data: bytes, report: Report, document: Document | None) -> tuple[Change, ...] | None:
        """Return what changed from the earlier message, by its bytes, to the later one; None if only how it is written.

        Nothing can be said of a message that the schema refuses, but that its bytes are others.
        """
        earlier_report, reading = judge_document(self._catalog, data, DEFAULT_OPTIONS)
        earlier = document_of(reading)
        if earlier is None or document is None:
            return ()
        sides = (
            Side(self._catalog.version_of(each), content)
            for each, content in ((earlier_report, earlier), (report, document))
        )
        return changes(*sides, show_values=self._show_values) or None

    def _head(self, source: Path, examination: Examination) -> Side:
        """Return the head of a delivery that was read to its end. Raises NotComparable."""
        report, header = examination.report, examination.header
        if header is None or leverance.BROKEN.code in report.counts:
            raise NotComparable(source, report)
        version = self._catalog.deliveries.version_of(report)
        return Side(version, {version.name: header})


def _take(places: sqlite3.Connection, besked_id: str | None) -> _Place | None:
    """Return where the earlier delivery has a message, and note that it was seen; of two with one id the first one first."""
    row = places.execute(
        'select id, nth, start, "end", digest from message where id = ? and not seen order by nth limit 1',
        (besked_id or "",),
    ).fetchone()
    if row is None:
        return None
    places.execute("update message set seen = 1 where id = ? and nth = ?", row[:2])
    return _Place(*row[2:])


def _document_and_digest(message: JudgedMessage) -> tuple[Document | None, bytes]:
    return document_of(message.reading), sha256(message.data).digest()
