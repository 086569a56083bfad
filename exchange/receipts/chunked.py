"""Judges a receipt larger than one message may be: in pieces, each taken the whole way as a receipt of its own.

A cut is proven, not guessed. The file begins as the builder begins it and holds no comment, CDATA or processing
instruction, so every `<` in it is a tag's. What stands around the entries is accepted around an entry of our own, and
each piece of the entries is accepted in a receipt of our own: so all of it is accepted, as it would be in one piece.
"""

from __future__ import annotations

import io
import re
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, NamedTuple

from exchange.errors import Refused, UnreadableSource
from exchange.files.sources import MAX_BYTES, regular_file, too_large
from exchange.findings import kinds
from exchange.findings.finding import LAYERS, Finding, Layer, Ledger, Report, State, Text
from exchange.model.catalog import Catalog, Version
from exchange.model.representation import without
from exchange.validation.pipeline import USUAL, Question, judge_document, refusal
from exchange.validation.rules import rules_of
from exchange.validation.rules.kvittering import AFVIST, GODTAGET, beskeder_beyond, beyond, nummer_repeated
from exchange.xml import parsing
from exchange.xml.codec import codec
from exchange.xml.writer import DECLARATION

NAME = "kvittering"
PIECE = 65_536
"""About so many bytes are judged at a time: a size that is judged fast."""

_BLOCK = 1_048_576
_OVERLAP = 16
_BEGINNING = f"{DECLARATION}<{NAME} xmlns=".encode()
END = f"</{NAME}>".encode()
OPEN, CLOSE = b"<beskeder>", b"</beskeder>"
_ENTRY_END = b"</besked>"
_BETWEEN = _ENTRY_END + b"<besked>"
_NUMBERED = re.compile(r"\bbesked\[([0-9]+)\]")
_MOST = 1_000_000
_DIGEST = "0" * 64
_STAND_IN = f"<besked><nummer>1</nummer><sha256>{_DIGEST}</sha256><udfald>{GODTAGET}</udfald></besked>".encode()
_OF_THE_LIST = {beskeder_beyond.kind.code, nummer_repeated.kind.code}
_OF_A_VERSION = {kinds.VERSION_EXPIRED.code, kinds.VERSION_NOT_YET_VALID.code}
_WORST: tuple[State, ...] = ("failed", "skipped")


class Layout(NamedTuple):
    """Where a receipt can be cut: what stands before and behind its list, and where its entries begin and end.

    `lines` are the line ends before the tail.
    """

    version: Version
    head: bytes
    tail: bytes
    start: int
    end: int
    lines: int

    def __repr__(self) -> str:
        return without(self, "head", "tail")


def is_receipt(beginning: bytes) -> bool:
    """True if a document begins as the builder begins a receipt."""
    return beginning.startswith(_BEGINNING)


@contextmanager
def opened(source: bytes | Path) -> Iterator[IO[bytes]]:
    """Open a receipt to be read in pieces. Raises UnreadableSource for what is no regular file, OSError as the system."""
    if isinstance(source, bytes):
        yield io.BytesIO(source)
    else:
        with regular_file(source) as (file, _):
            yield file


def survey(catalog: Catalog, file: IO[bytes]) -> Layout | None:
    """Look through a file for where it can be cut. None if it is no receipt, is laid out otherwise, or is but one piece.

    Head and tail may have a megabyte each; nothing of the rest is kept.
    """
    file.seek(0)
    version, head, start, end, size, lines = None, b"", 0, -1, 0, 0
    for at, window in _windows(file):
        if not at:
            version = next((v for v in catalog.of(NAME) if window.startswith(_root(v))), None)
            head, opened, _ = window.partition(OPEN)
            start = len(head) + len(OPEN)
            if version is None or not opened:
                return None
        # The first `<?` is the declaration's.
        if b"<!" in window or window.find(b"<?", 0 if at else 1) >= 0:
            return None
        if end < 0:
            found = window.find(CLOSE, max(0, start - at))
            end = at + found if found >= 0 else -1
            # What two windows share is counted once.
            lines += window.count(b"\n", size - at, found if found >= 0 else len(window))
        size = at + len(window)
    behind = end + len(CLOSE)
    if version is None or end <= start or size <= PIECE or size - behind > _BLOCK:
        return None
    file.seek(behind)
    return Layout(version, head, file.read(size - behind), start, end, lines)


def _root(version: Version) -> bytes:
    return f'{DECLARATION}<{NAME} xmlns="{version.namespace}">'.encode()


def _windows(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield a file in blocks, each with its place, and with the end of the one before: a tag may lie across."""
    at, window = 0, b""
    while block := file.read(_BLOCK):
        kept = window[-_OVERLAP:]
        window = kept + block
        yield at - len(kept), window
        at += len(block)


def cut(file: IO[bytes], layout: Layout) -> Iterator[bytes]:
    """Yield the entries in pieces of about PIECE bytes, cut only between two entries.

    Raises Refused for an entry larger than a message, UnreadableSource if the file is not what it was.
    """
    at = layout.start
    rest = b""
    while at < layout.end:
        # Another may be reading the same file. Where no cut was found in what there is, as much again is read.
        file.seek(at)
        block = file.read(min(layout.end - at, max(PIECE, len(rest))))
        if not block:
            raise UnreadableSource("the file changed while it was read")
        at += len(block)
        rest += block
        end = rest.rfind(_BETWEEN) + len(_ENTRY_END)
        if at < layout.end and end >= len(_ENTRY_END):
            yield rest[:end]
            rest = rest[end:]
        elif len(rest) > MAX_BYTES:
            raise Refused(too_large())
    yield rest


class Tally:
    """Counts the entries of a list, one after another, in little room however many they are."""

    def __init__(self) -> None:
        self.entries = 0
        self.listed = {GODTAGET: 0, AFVIST: 0}
        self._seen = bytearray(_MOST // 8 + 1)

    def repeats(self, entry: Mapping[str, Any]) -> bool:
        """Count an entry that the schema accepted; true if its nummer was there before."""
        self.entries += 1
        self.listed[entry["udfald"]] += 1
        place, bit = divmod(entry["nummer"], 8)
        again = bool(self._seen[place] >> bit & 1)
        self._seen[place] |= 1 << bit
        return again


class Examination:
    """Judges a receipt along its layout: `entries` judges the list, then `report` returns the report on the whole.

    `head` is the dict without its list, None if the schema refused what stands around the list.
    """

    def __init__(self, catalog: Catalog, file: IO[bytes], layout: Layout, question: Question = USUAL) -> None:
        self._catalog, self._file, self._layout, self._question = catalog, file, layout, question
        # The tail on a line of its own, so that what is found in it can be told from what is found in the head.
        around = layout.head + OPEN + _STAND_IN + CLOSE + b"\n" + layout.tail
        frame, reading = judge_document(catalog, around, question)
        self.head: dict[str, Any] | None = reading and reading.document()[NAME]
        if self.head:
            del self.head["beskeder"]
        placed = replace(frame, findings=tuple(map(self._in_frame, frame.findings)))
        self._away = None if frame.message else placed
        self._ledger = Ledger()
        self._layers: dict[State, set[Layer]] = {state: set() for state in _WORST}
        self._tally = Tally()
        self._sound = self.head is not None
        self._of_the_head = {rule.kind.code for rule in rules_of(layout.version)} - _OF_THE_LIST
        self._gather(placed, besides=_OF_THE_LIST)

    @property
    def failed(self) -> bool:
        """True if an error was found so far, or something could not be judged."""
        return bool(self._away or self._ledger.errors or self._layers["skipped"])

    def entries(self) -> Iterator[list[dict[str, Any]]]:
        """Judge the list, piece by piece; give the entries of each piece that the schema accepted."""
        opening = _opening(self._layout.version)
        lines = self._layout.head.count(b"\n")
        try:
            for piece in () if self._away else cut(self._file, self._layout):
                data = opening + piece + CLOSE + END
                report, reading = judge_document(self._catalog, data, self._question)
                place = Place(self._tally.entries, lines)
                if report.message is None:
                    self._away = place.of_report(report)
                    return
                self._gather(place.of_report(report), besides=_OF_THE_LIST | _OF_A_VERSION | self._of_the_head)
                if reading is None:
                    self._sound = False
                    self._tally.entries += _children(self._layout.version, data)
                else:
                    entries = reading.document()[NAME]["beskeder"]
                    self._count(entries, data, place)
                    yield entries
                lines += piece.count(b"\n")
        except Refused as refused:
            self._away = refusal(refused.finding)[0]
            return
        if self.head is not None and self._sound:
            for name, words in beyond(self.head, self._tally.listed):
                self._enter(beskeder_beyond.kind.found(f"/{NAME}/{name}", words, line=self._line_of(name)))
        else:
            self._layers["skipped"].add("rules")

    def report(self) -> Report:
        """Say what was found, once `entries` has come to its end."""
        if self._away:
            return self._away
        self._ledger.findings.sort(key=lambda finding: LAYERS.index(finding.layer))
        self._ledger.layers = {layer: self._state(layer) for layer in LAYERS}
        closed = self._ledger.report(NAME, self._layout.version.version)
        return replace(closed, unfinished=frozenset(self._layers["skipped"]))

    def _state(self, layer: Layer) -> State:
        return next((state for state in _WORST if layer in self._layers[state]), "passed")

    def _gather(self, report: Report, besides: Container[str]) -> None:
        """Enter what was found in a part, besides the codes of which it cannot tell."""
        left = {code: times for code, times in report.counts.items() if code not in besides}
        severities = {finding.code: finding.severity for finding in report.findings}
        for finding in report.findings:
            if finding.code in left:
                left[finding.code] -= 1
                self._enter(finding)
        for code, times in left.items():
            self._ledger.count(code, severities[code], times)
        self._layers["skipped"] |= report.unfinished
        self._layers["skipped"] |= {layer for layer, state in report.layers.items() if state == "skipped"}

    def _enter(self, finding: Finding) -> None:
        self._ledger.add(finding)
        if finding.severity == "error":
            self._layers["failed"].add(finding.layer)

    def _count(self, entries: list[dict[str, Any]], data: bytes, place: Place) -> None:
        kind = nummer_repeated.kind
        for number, entry in enumerate(entries, 1):
            if not self._tally.repeats(entry):
                continue
            if not self._ledger.has_room(kind.code):
                self._ledger.count(kind.code, kind.severity)
                continue
            path = f"/{NAME}/beskeder/besked[{number}]/nummer"
            line = parsing.line_at(parsing.open_document(data)[1], self._layout.version.namespace, path)
            self._enter(place.in_file(kind.found(path, line=line)))

    def _in_frame(self, finding: Finding) -> Finding:
        in_head = self._layout.head.count(b"\n")
        if finding.line is None or finding.line <= in_head + 1:
            return finding
        return replace(finding, line=finding.line - 1 - in_head + self._layout.lines)

    def _line_of(self, name: str) -> int:
        return self._layout.head.count(b"\n", 0, self._layout.head.find(f"<{name}>".encode())) + 1


class Place(NamedTuple):
    """Where a piece stands in its file: behind how many entries, and how many line ends."""

    entries: int
    lines: int

    def in_file(self, finding: Finding) -> Finding:
        """Return a finding in a piece with the place that it has in the file. A piece stands on the second line."""
        return replace(
            finding,
            line=finding.line and finding.line - 1 + self.lines,
            path=self._renumbered(finding.path),
            message=self._renumbered(finding.message),
            danish=Text(self._renumbered(finding.danish.message), finding.danish.hint),
        )

    def of_report(self, report: Report) -> Report:
        """Return a report on a piece with its findings' places in the file."""
        return replace(report, findings=tuple(map(self.in_file, report.findings)))

    def _renumbered(self, text: str) -> str:
        return _NUMBERED.sub(lambda found: f"besked[{int(found[1]) + self.entries}]", text)


def _opening(version: Version) -> bytes:
    """Return the beginning of a receipt of which only the list is of interest: its numbers leave room for any piece."""
    half = _MOST // 2
    content = {
        "kvitteringId": "00000000-0000-0000-0000-000000000000",
        "oprettet": "2000-01-01T00:00:00Z",
        "sha256": _DIGEST,
        "udfald": GODTAGET,
        "antal": _MOST,
        "godtagne": half,
        "afviste": _MOST - half,
    }
    return codec(version).encode(content).data.removesuffix(END) + OPEN


def _children(version: Version, data: bytes) -> int:
    """Count the entries of a piece that the schema refused."""
    entries = parsing.element_at(parsing.open_document(data)[1], version.namespace, f"/{NAME}/beskeder")
    return sum(1 for _ in entries.iterchildren(f"{{{version.namespace}}}besked"))


def examine(catalog: Catalog, file: IO[bytes], question: Question = USUAL) -> Report | None:
    """Judge a receipt in pieces, as it would be in one; None for a file that cannot be cut, or need not be.

    The numbers of its list are held against its head when all of it was read. At any size it takes the room of a few
    pieces. Raises OSError as the system gives it.
    """
    examination = begin(catalog, file, question)
    if examination is None:
        return None
    for _ in examination.entries():
        pass
    return examination.report()


def begin(catalog: Catalog, file: IO[bytes], question: Question = USUAL) -> Examination | None:
    """Begin to judge a receipt in pieces; None for a file that cannot be cut, or need not be."""
    layout = survey(catalog, file)
    return layout and Examination(catalog, file, layout, question)
