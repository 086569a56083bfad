"""Judges the messages of a delivery a block at a time, and cuts blocks by their bytes alone where that is safe."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from exchange.deliveries.outcomes import Entry, Facts, FaultlessMessages, Found, Outcome
from exchange.deliveries.scan import CutMessage
from exchange.files.sources import MAX_BYTES, Passes, read_parts, regular_file, too_large
from exchange.findings.finding import Position, Report
from exchange.model.catalog import Catalog, Versions
from exchange.model.representation import without
from exchange.validation.checks import event_day
from exchange.validation.excerpts import key_of
from exchange.validation.opening import message_unknown
from exchange.validation.pipeline import (
    DEFAULT_OPTIONS,
    JudgedDocument,
    JudgingOptions,
    judge_canonical,
    judge_document,
    judge_tree,
    refusal,
)
from exchange.validation.rules import leverance
from exchange.xml import parsing
from exchange.xml.positions import Positions
from exchange.xml.reading import Reading
from exchange.xml.writer import DECLARATION

BLOCK = 1 << 20
_HEAD = 1 << 16
_DECLARATION = DECLARATION.encode()
_SPACE = b" \t\r\n"
_MARK = b' xmlns="'
_FEW_LINES = 8
_FIRST = Position(2, 1)
"""Where a message begins that was cut out, below its declaration."""
# Two parsers read these names differently, so a block with one, or with a tag that could hide one, is left to the one
# that reads in order.
_FOREIGN_NAME = re.compile(rb"""<[^>]*[\x80-\xff]|=[ \t\r\n]*(?:"[^"]*>|'[^']*>)""")
_ROOT = re.compile(rb'<\?xml version="1\.0" encoding="UTF-8"\?>[ \t\r\n]*(<(\w+) xmlns="urn:x-par87:\w+:[0-9]{1,9}">)')


class JudgedMessage(NamedTuple):
    """A message that was judged: its bytes as a document of its own, what it holds if the schema accepts it, its report.

    `in_place`: its element stands in the source byte for byte, and can be read there again.
    """

    catalog: Catalog
    data: bytes
    reading: Reading | None
    report: Report
    in_place: bool

    def __repr__(self) -> str:
        return without(self, "catalog", "data", "reading")


ExtraOf = Callable[[JudgedMessage], object]
"""Returns what else is wanted of a message. It is called in the process that judged the message."""

Progress = Callable[[int], object]
"""Is called with the number of bytes that are done since the last call."""


def no_progress(_bytes: int) -> None:
    """Show nothing."""


class Block(NamedTuple):
    """A piece of work: bytes `start` to `end` of `source`, or messages that were cut out already."""

    source: bytes | Path = b""
    start: int = 0
    end: int = 0
    last: bool = False
    messages: tuple[CutMessage, ...] = ()

    def __repr__(self) -> str:
        return without(self, "source")


class DeliveryStart(NamedTuple):
    """The beginning of a delivery that may be cut by its bytes: the head as a document, its root's tags, the first message."""

    head: bytes
    root: bytes
    closing: bytes
    first: int

    def __repr__(self) -> str:
        return without(self, "head", "root", "closing")


def delivery_start(
    source: bytes | Path, carried: tuple[str, ...], passes: Passes | None = None
) -> DeliveryStart | None:
    """Return the beginning of a delivery in the plain layout; None for any other. Raises as `passes` does."""
    start = passes.read(0, _HEAD) if passes else read(source, 0, _HEAD)
    root = _ROOT.match(start)
    if root is None:
        return None
    first = next_message(start, root.end(), starts(carried))
    head = start[:first]
    if (
        first < 0
        or b"<!" in head
        or b"<?" in head[2:]
        or b"\0" in head
        or b"xmlns" in head[root.end() :]
        or not head.isascii()
    ):
        return None
    closing = b"</" + root[2] + b">"
    return DeliveryStart(head + closing, root[1], closing, first)


def carried(catalog: Catalog) -> tuple[str, ...]:
    """Return the tags of the messages that deliveries may carry."""
    return tuple(dict.fromkeys(tag for version in catalog.deliveries.versions for tag in version.spec.carries))


def starts(carried: tuple[str, ...]) -> tuple[bytes, ...]:
    """Return how messages begin, from their tags: the name, and then the mark by which they are found."""
    return tuple(f"<{tag.rpartition('}')[2]}".encode() for tag in carried)


def next_message(data: bytes, at: int, begins: tuple[bytes, ...]) -> int:
    """Return where the next message seems to begin; -1 for nowhere."""
    while (at := data.find(_MARK, at)) >= 0:
        if data.endswith(begins, 0, at):
            return data.rfind(b"<", 0, at)
        at += len(_MARK)
    return -1


def blocks(source: bytes | Path, at: int, size: int, begins: tuple[bytes, ...], step: int = BLOCK) -> Iterator[Block]:
    """Cut bytes from `at`, where a message begins, to `size` into blocks of about `step` bytes that seem to begin with messages."""
    while at < size:
        end = at
        while end < size:
            end = min(max(end, at) + step, size)
            window = read(source, end, min(end + _HEAD, size))
            border = next_message(window, 0, begins) if window else -1
            if border >= 0:
                end += border
                break
            if end - at > 2 * MAX_BYTES:
                break
        yield Block(source, at, end, end >= size)
        at = end


def read(source: bytes | Path, start: int, end: int) -> bytes:
    """Read some bytes of a source."""
    if isinstance(source, bytes):
        return source[start:end]
    with regular_file(source) as (file, _):
        file.seek(start)
        return file.read(end - start)


@dataclass(frozen=True)
class Inspection:
    """How the messages of a delivery are to be judged.

    `akassekode` and `miljoe` are the delivery's, None if it does not soundly say them. `key` is a secret of
    this run, under which persons and instants are hashed. `extra_of`, if there is one, gives what else is wanted of each message.
    `digested`: what is read of a file is to be digested, as it is read more than once.
    """

    key: bytes = field(repr=False)
    akassekode: str | None = None
    miljoe: str | None = None
    carried: tuple[str, ...] = ()
    closing: bytes = field(default=b"", repr=False)
    options: JudgingOptions = DEFAULT_OPTIONS
    extra_of: ExtraOf | None = None
    digested: bool = False


class Inspector:
    """Judges blocks; the one function that every way of going through a delivery calls."""

    def __init__(self, catalog: Catalog, inspection: Inspection) -> None:
        self._catalog = catalog
        self._inspection = inspection
        self._carried = Versions(version for version in catalog.versions if version.tag in inspection.carried)
        self._begins = starts(inspection.carried)
        # A report on which there is nothing to say is one and the same for every message of a version.
        self._faultless = {id(version.faultless): version.tag for version in catalog.versions}
        self._hash = hashlib.blake2b(key=inspection.key, digest_size=16)

    def __call__(self, block: Block) -> Outcome:
        """Judge a block's messages."""
        if not block.source:
            return Outcome(True, self._judge_messages(block.messages))
        parts = None
        if self._inspection.digested and isinstance(block.source, Path):
            data, parts = read_parts(block.source, block.start, block.end)
        else:
            data = read(block.source, block.start, block.end)
        if len(data) != block.end - block.start or not data.startswith(self._begins):
            return Outcome(False, [])
        end = len(data)
        if block.last:
            end = len(data.rstrip(_SPACE))
            if not data.endswith(self._inspection.closing, 0, end):
                return Outcome(False, [])
            end -= len(self._inspection.closing)
        entries: list[Entry] = []
        at = line = 0
        while at < end:
            begin = next_message(data, data.find(b">", at), self._begins)
            border = begin if begin >= 0 else end
            if not self._judge_cut(entries, data, at, border, block.start, line):
                return Outcome(False, [])
            line += _lines(data, at, border)
            at = border
        return Outcome(True, entries, line + _lines(data, end, len(data)), parts)

    def _judge_cut(self, entries: list[Entry], data: bytes, at: int, border: int, start: int, line: int) -> bool:
        """Judge what seems to be a message of a block that begins at `start` of the file. False if it may be none, or no whole one."""
        end = border
        while data[end - 1] in _SPACE:
            end -= 1
        # What is larger than a message may be is not read here.
        if end - at > MAX_BYTES:
            return False
        document = _DECLARATION + data[at:end]
        judged = judge_canonical(self._catalog, document, self._inspection.options)
        if judged is None:
            if b"<!" in document or document.find(b"<?", 2) >= 0:
                return False
            judged = judge_tree(self._catalog, document, self._inspection.options)
            if not _is_proven(judged[0], document):
                return False
        add_entry(entries, self.found(document, judged, start + at, start + end, line, in_place=True))
        return True

    def _judge_messages(self, messages: Sequence[CutMessage]) -> list[Entry]:
        """Judge messages that were cut out already."""
        entries: list[Entry] = []
        for message in messages:
            if message.data is None:
                report = refusal(too_large())[0]
                entries.append(Found(message.start, message.end, message.line, report, None, None, None))
            else:
                add_entry(entries, self.look(_DECLARATION + message.data, message.start, message.end, message.line))
        return entries

    def look(self, data: bytes, start: int, end: int, line: int) -> Found:
        """Judge a message that is a document of its own; `start`, `end` and `line` are passed on."""
        return self.found(data, judge_document(self._catalog, data, self._inspection.options), start, end, line)

    def found(
        self,
        data: bytes,
        judged_document: JudgedDocument,
        start: int,
        end: int,
        line: int,
        *,
        from_dict: bool = False,
        in_place: bool = False,
    ) -> Found:
        """Return what was found in a message that was judged; `in_place`: its element stands in the source as it is in `data`."""
        inspection = self._inspection
        report, reading = judged_document
        if report.message and not self._carried.of(report.message):
            report, reading = refusal(message_unknown(self._carried).placed(None if from_dict else _FIRST))
        besked_id, facts = None, None
        if reading is None:
            besked_id = key_of(data) if report.message else None
        else:
            name, content = reading.name, reading.content
            hoved = content["hoved"]
            besked_id = hoved["beskedId"]
            facts = self._facts(name, content)
            differing = [
                kind.found(f"/{name}/hoved/{element}", {"expected": expected})
                for kind, element, expected in (
                    (leverance.AKASSEKODE_DIFFERS, "akassekode", inspection.akassekode),
                    (leverance.MILJOE_DIFFERS, "miljoe", inspection.miljoe),
                )
                if expected is not None and hoved[element] != expected
            ]
            if differing:
                version = self._catalog.version_of(report)
                differing = version.law.cited(differing, inspection.options.on or event_day(version, content, []))
                if not from_dict:
                    positions = Positions(*parsing.open_document(data))
                    differing = [each.placed(positions.at(each.path)) for each in differing]
                report = report.extended(differing)
        extra_of = inspection.extra_of
        extra = extra_of(JudgedMessage(self._catalog, data, reading, report, in_place)) if extra_of else None
        return Found(start, end, line, self._faultless.get(id(report), report), besked_id, facts, extra)

    def _facts(self, name: str, content: Mapping[str, Any]) -> Facts:
        hoved = content["hoved"]
        earlier = hoved.get("vedroererBeskedId")
        withdraws = hoved["handling"] == "annuller"
        if name != "samtale":
            return Facts(name, None, "", earlier, withdraws)
        event = self._hash.copy()
        event.update(f"{content['person']['personnummer']} {content['tidspunkt'].timestamp():.0f}".encode())
        return Facts(name, event.digest(), content["samtaletype"], earlier, withdraws)


def add_entry(entries: list[Entry], found: Found) -> None:
    """Add a message to those before it."""
    if isinstance(found.report, Report) or found.besked_id is None or found.facts is None:
        entries.append(found)
        return
    last = entries[-1] if entries else None
    rows = last if isinstance(last, FaultlessMessages) else FaultlessMessages()
    if not rows.add(found.start, found.end, found.line, found.report, found.besked_id, found.facts, found.extra):
        entries.append(found)
    elif rows is not last:
        entries.append(rows)


def _lines(data: bytes, start: int, end: int) -> int:
    """Count the line feeds between two places. Where they are few, to search for each is faster than to count."""
    for found in range(_FEW_LINES):
        start = data.find(b"\n", start, end) + 1
        if not start:
            return found
    return _FEW_LINES + data.count(b"\n", start, end)


def _is_proven(report: Report, document: bytes) -> bool:
    """True if a document that ends with no white space is one whole element behind its declaration, to every reader.

    It has no comment or instruction: so the root is all there is.
    """
    # What is accepted expat reads too.
    return report.layers["well-formed"] == "passed" and (
        report.ok or not _FOREIGN_NAME.search(document, len(_DECLARATION))
    )
