"""Judges a receipt larger than one message may be: in pieces, each taken the whole way as a receipt of its own.

A cut is proven, not guessed. The file begins as the builder begins it and holds no comment, CDATA or processing
instruction, so every `<` in it is a tag's. What stands around the entries is accepted around an entry of our own, and
each piece of the entries is accepted in a receipt of our own: so all of it is accepted, as it would be in one piece.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import IO, Any, NamedTuple

from exchange.errors import Refused
from exchange.files.columns import Columns
from exchange.findings import kinds
from exchange.findings.finding import LAYERS, Finding, Layer, Ledger, Position, Report, State, Text
from exchange.model.catalog import Catalog, Version
from exchange.receipts.heads import counted, flattened, has_failed, shaped
from exchange.receipts.layout import CLOSE, END, NAME, OPEN, Layout, cut, survey
from exchange.validation.pipeline import DEFAULT_OPTIONS, JudgingOptions, judge_document, refusal
from exchange.validation.rules import rules_of
from exchange.validation.rules.kvittering import GODTAGET, STATED, beskeder_beyond, beyond, nummer_repeated
from exchange.xml import parsing
from exchange.xml.codec import codec
from exchange.xml.positions import Positions, element_at, position_of
from exchange.xml.writer import DECLARATION

_NUMBERED = re.compile(r"\bbesked\[([0-9]+)\]")
_MOST = 1_000_000
_DIGEST = "0" * 64
_STAND_IN = f"<besked><nummer>1</nummer><sha256>{_DIGEST}</sha256><udfald>{GODTAGET}</udfald></besked>".encode()
_OF_THE_LIST = {beskeder_beyond.kind.code, nummer_repeated.kind.code}
_OF_A_VERSION = {kinds.VERSION_EXPIRED.code, kinds.VERSION_NOT_YET_VALID.code}
_WORST: tuple[State, ...] = ("failed", "skipped")


class Tally:
    """Counts the entries of a list, one after another, in little room however many they are."""

    def __init__(self) -> None:
        self.entries = 0
        self.listed = dict.fromkeys(STATED, 0)
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

    `head` is the flat dict without its list, None if the schema refused what stands around the list.
    """

    def __init__(
        self, catalog: Catalog, file: IO[bytes], layout: Layout, options: JudgingOptions = DEFAULT_OPTIONS
    ) -> None:
        self._catalog, self._file, self._layout, self._options = catalog, file, layout, options
        self._columns = Columns(partial(_read, file))
        self._opening = _opening(layout.version)
        # The tail on a line of its own, so that its findings differ in line from those of the head.
        around = layout.head + OPEN + _STAND_IN + CLOSE + b"\n" + layout.tail
        frame, reading = judge_document(catalog, around, options)
        self.head: dict[str, Any] | None = reading and flattened(reading.document()[NAME])
        placed = replace(frame, findings=tuple(each.placed(self._of_frame(each.position)) for each in frame.findings))
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
        lines = self._layout.head.count(b"\n")
        start = self._layout.start
        try:
            for piece in () if self._away else cut(self._file, self._layout):
                data = self._opening + piece + CLOSE + END
                report, reading = judge_document(self._catalog, data, self._options)
                place = Place(self._tally.entries, lines, start)
                if report.message is None:
                    self._away = self._of_piece(report, place)
                    return
                self._gather(self._of_piece(report, place), besides=_OF_THE_LIST | _OF_A_VERSION | self._of_the_head)
                if reading is None:
                    self._sound = False
                    self._tally.entries += _children(self._layout.version, data)
                else:
                    entries = reading.document()[NAME]["beskeder"]
                    self._count(entries, data, place)
                    yield entries
                lines += piece.count(b"\n")
                start += len(piece)
        except Refused as refused:
            self._away = refusal(refused.finding)[0]
            return
        if self.head is not None and self._sound:
            for name, words in beyond(self.head, self._tally.listed):
                self._enter(
                    beskeder_beyond.kind.found(f"/{NAME}/{name}", words, at=self._in_head(f"<{name}>".encode()))
                )
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
            at = Positions(*parsing.open_document(data)).at(path)
            self._enter(place.renumbered(kind.found(path, at=self._in_file(at, place))))

    def _of_frame(self, at: Position | None) -> Position | None:
        """Return where something stands in the file that was found in what is around the list."""
        in_head = self._layout.head.count(b"\n")
        if at is None or at.line <= in_head + 1:
            return at
        line, column = at
        if column and line == in_head + 2:
            column += self._columns.at(self._layout.end + len(CLOSE)) - 1
        return Position(line - 1 - in_head + self._layout.lines, column)

    def _in_head(self, tag: bytes) -> Position:
        """Return where a start tag of the head, or the list's, begins."""
        head = self._layout.head + OPEN
        return position_of(head, head.find(tag))

    def _in_file(self, at: Position | None, place: Place) -> Position | None:
        """Return where something stands in the file that was found in a piece, which begins in the second line."""
        if at is None:
            return None
        line, column = at
        # In characters, as columns are.
        before = len(self._opening[len(DECLARATION) :].decode())
        if column and line == 2:
            if column <= before:
                return self._in_head(OPEN)
            column += self._columns.at(place.start) - 1 - before
        return Position(line - 1 + place.lines, column)

    def _of_piece(self, report: Report, place: Place) -> Report:
        """Return a report on a piece with its findings' places in the file."""
        findings = tuple(each.placed(self._in_file(each.position, place)) for each in report.findings)
        return place.of_report(replace(report, findings=findings))


class Place(NamedTuple):
    """Where a piece stands in its file: behind how many entries, line ends, and bytes."""

    entries: int
    lines: int = 0
    start: int = 0

    def renumbered(self, finding: Finding) -> Finding:
        """Return a finding in a piece with the entries' numbers in the file."""
        return replace(
            finding,
            path=self._renumbered(finding.path),
            message=self._renumbered(finding.message),
            danish=Text(self._renumbered(finding.danish.message), finding.danish.hint),
        )

    def of_report(self, report: Report) -> Report:
        """Return a report on a piece with the entries' numbers in the file."""
        return replace(report, findings=tuple(map(self.renumbered, report.findings)))

    def _renumbered(self, text: str) -> str:
        return _NUMBERED.sub(lambda found: f"besked[{int(found[1]) + self.entries}]", text)


def _read(file: IO[bytes], start: int, end: int) -> bytes:
    file.seek(start)
    return file.read(end - start)


def _opening(version: Version) -> bytes:
    """Return the beginning of a receipt of which only the list is of interest: its numbers leave room for any piece."""
    failed = _MOST // 3 if has_failed(version) else 0
    refused = (_MOST - failed) // 2
    head = {
        "kvitteringId": "00000000-0000-0000-0000-000000000000",
        "oprettet": "2000-01-01T00:00:00Z",
        "sha256": _DIGEST,
        **counted(version, "accepted", _MOST - refused - failed, refused, failed),
    }
    return codec(version).encode(shaped(version, head)).data.removesuffix(END) + OPEN


def _children(version: Version, data: bytes) -> int:
    """Count the entries of a piece that the schema refused."""
    entries = element_at(parsing.open_document(data)[1], version.namespace, f"/{NAME}/beskeder")
    return sum(1 for _ in entries.iterchildren(f"{{{version.namespace}}}besked"))


def examine(catalog: Catalog, file: IO[bytes], options: JudgingOptions = DEFAULT_OPTIONS) -> Report | None:
    """Judge a receipt in pieces, as it would be in one; None for a file that cannot be cut, or need not be.

    The numbers of its list are held against its head when all of it was read. At any size it takes the room of a few
    pieces. Raises OSError as the system gives it.
    """
    examination = begin(catalog, file, options)
    if examination is None:
        return None
    for _ in examination.entries():
        pass
    return examination.report()


def begin(catalog: Catalog, file: IO[bytes], options: JudgingOptions = DEFAULT_OPTIONS) -> Examination | None:
    """Begin to judge a receipt in pieces; None for a file that cannot be cut, or need not be."""
    layout = survey(catalog, file)
    return layout and Examination(catalog, file, layout, options)
