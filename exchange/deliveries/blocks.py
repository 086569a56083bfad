"""Judges the messages of a delivery a block at a time, and cuts blocks by their bytes alone where that is safe."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from exchange.deliveries.register import Facts
from exchange.deliveries.scan import CutMessage
from exchange.files.sources import MAX_BYTES, Parts, Passes, read_parts, regular_file, too_large
from exchange.findings.finding import Report
from exchange.model.catalog import Catalog, Versions
from exchange.model.representation import without
from exchange.validation.excerpts import key_of
from exchange.validation.pipeline import (
    USUAL,
    Document,
    JudgedDocument,
    Question,
    judge_document,
    judge_documents,
    message_unknown,
    refusal,
)
from exchange.validation.rules import leverance
from exchange.xml.writer import DECLARATION

BLOCK = 1 << 20
_HEAD = 1 << 16
_DECLARATION = DECLARATION.encode()
_SPACE = b" \t\r\n"
_MARK = b' xmlns="'
# Two parsers read these names differently, so a block with one, or with a tag that could hide one, is left to the one
# that reads in order.
_FOREIGN_NAME = re.compile(rb"""<[^>]*[\x80-\xff]|=[ \t\r\n]*(?:"[^"]*>|'[^']*>)""")
_ROOT = re.compile(rb'<\?xml version="1\.0" encoding="UTF-8"\?>[ \t\r\n]*(<(\w+) xmlns="urn:x-par87:\w+:[0-9]{1,9}">)')

Extra = Callable[[Catalog, bytes, Mapping[str, Any] | None, Report], object]
"""What else is wanted of each message: from its bytes as a document of its own, its dict if it has one, its report."""

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


class Found(NamedTuple):
    """A message of a block. `start`, `end` and `line` are the file's; within a block of bytes `line` counts from 0.

    `report` is only the root's tag where there is nothing to say.
    """

    start: int
    end: int
    line: int
    report: Report | str
    besked_id: str | None
    facts: Facts | None
    extra: object

    def __repr__(self) -> str:
        return without(self, "extra")


class Outcome(NamedTuple):
    """The outcome of a block. Not `proven`: its bytes may be no whole messages, and nothing of it counts.

    `parts` are digests of the bytes that were judged, if these are wanted.
    """

    proven: bool
    found: list[Found]
    lines: int = 0
    parts: Parts | None = None


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
        for begin in begins:
            if data.endswith(begin, 0, at):
                return at - len(begin)
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
    this run, under which persons and instants are hashed. `digested`: what is read of a file is to be digested, as
    it is read more than once.
    """

    key: bytes = field(repr=False)
    akassekode: str | None = None
    miljoe: str | None = None
    carried: tuple[str, ...] = ()
    closing: bytes = field(default=b"", repr=False)
    question: Question = USUAL
    more: Extra | None = None
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
        inspection = self._inspection
        if not block.source:
            return Outcome(True, list(self._messages_of(block.messages)))
        parts = None
        if inspection.digested and isinstance(block.source, Path):
            data, parts = read_parts(block.source, block.start, block.end)
        else:
            data = read(block.source, block.start, block.end)
        if len(data) != block.end - block.start or b"<!" in data or b"<?" in data or not data.startswith(self._begins):
            return Outcome(False, [])
        lines = data.count(b"\n")
        if block.last:
            whole = data.rstrip(_SPACE)
            if not whole.endswith(inspection.closing):
                return Outcome(False, [])
            data = whole[: -len(inspection.closing)]
        found: list[Found] = []
        for each in self._look(list(self._cut(data, block.start))):
            if not _is_proven(each, data[each.start - block.start : each.end - block.start]):
                return Outcome(False, [])
            found.append(each)
        return Outcome(True, found, lines, parts)

    def _cut(self, data: bytes, start: int) -> Iterator[CutMessage]:
        """Cut a block's bytes, which begin at `start` of the file, into what seem to be messages; lines count from 0."""
        at, line = 0, 0
        while at < len(data):
            begin = next_message(data, data.find(b">", at), self._begins)
            border = begin if begin >= 0 else len(data)
            message = data[at:border].rstrip(_SPACE)
            # What is larger than a message may be is not read here.
            yield CutMessage(start + at, start + at + len(message), line, message if len(message) <= MAX_BYTES else b"")
            line += data.count(b"\n", at, border)
            at = border

    def _messages_of(self, messages: Sequence[CutMessage]) -> Iterator[Found]:
        """Judge messages that were cut out already."""
        looked = self._look([message for message in messages if message.data is not None])
        for message in messages:
            if message.data is None:
                report = refusal(too_large())[0]
                yield Found(message.start, message.end, message.line, report, None, None, None)
            else:
                yield next(looked)

    def _look(self, messages: Sequence[CutMessage]) -> Iterator[Found]:
        """Judge messages, each as a document of its own."""
        question = self._inspection.question
        documents = (Document(_document(message), question) for message in messages)
        for message, judged_document in zip(messages, judge_documents(self._catalog, documents), strict=True):
            yield self.found(_document(message), judged_document, message.start, message.end, message.line)

    def look(self, data: bytes, start: int, end: int, line: int) -> Found:
        """Judge a message that is a document of its own; `start`, `end` and `line` are passed on."""
        return self.found(data, judge_document(self._catalog, data, self._inspection.question), start, end, line)

    def found(
        self, data: bytes, judged_document: JudgedDocument, start: int, end: int, line: int, *, from_dict: bool = False
    ) -> Found:
        """Return what was found in a message that was judged."""
        inspection = self._inspection
        report, document = judged_document
        first = None if from_dict else 2
        if report.message and not self._carried.of(report.message):
            report, document = refusal(replace(message_unknown(self._carried), line=first))
        besked_id, facts = None, None
        if document is None:
            besked_id = key_of(data) if report.message else None
        else:
            ((name, content),) = document.items()
            hoved = content["hoved"]
            besked_id = hoved["beskedId"]
            facts = self._facts(name, content)
            differing = []
            if inspection.akassekode is not None and hoved["akassekode"] != inspection.akassekode:
                words = {"expected": inspection.akassekode}
                differing.append(leverance.AKASSEKODE_DIFFERS.found(f"/{name}/hoved/akassekode", words, line=first))
            if inspection.miljoe is not None and hoved["miljoe"] != inspection.miljoe:
                words = {"expected": inspection.miljoe}
                differing.append(leverance.MILJOE_DIFFERS.found(f"/{name}/hoved/miljoe", words, line=first))
            if differing:
                report = report.extended(differing)
        extra = inspection.more(self._catalog, data, document, report) if inspection.more else None
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


def _document(message: CutMessage) -> bytes:
    return _DECLARATION + (message.data or b"")


def _is_proven(found: Found, message: bytes) -> bool:
    """True if bytes that begin with a start tag and end with no white space are one whole element, to every reader.

    They are a well-formed document behind a declaration, without comment or instruction: so the root is all there is.
    """
    report = found.report
    if isinstance(report, Report) and report.layers["well-formed"] != "passed":
        return False
    # What is accepted expat reads too.
    return isinstance(report, str) or report.ok or not _FOREIGN_NAME.search(message)
