"""Reads receipts of any size, entry by entry, with the memory of a few."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple

from exchange.errors import InvalidMessage, UnreadableSource
from exchange.files.filesystem import held
from exchange.files.sources import MAX_BYTES, Source, too_large
from exchange.findings.finding import Report, Severity
from exchange.model.catalog import Catalog, Versions, shipped
from exchange.model.receipt_heads import has_error
from exchange.model.representation import without
from exchange.receipts.chunked import begin
from exchange.receipts.chunked import examine as examine_in_pieces
from exchange.receipts.heads import flattened
from exchange.receipts.layout import NAME, opened
from exchange.validation.pipeline import DEFAULT_OPTIONS, JudgedDocument, JudgingOptions, judge_document, refusal
from exchange.validation.rules.kvittering import AFVIST, FEJLET, GODTAGET, STATED

SEVERITIES: Mapping[str, Severity] = {"fejl": "error", "advarsel": "warning", "oplysning": "info"}
"""The words of a receipt for how grave a finding is."""

Outcome = Literal["accepted", "refused", "failed"]
_OUTCOMES: Mapping[str, Outcome] = {GODTAGET: "accepted", AFVIST: "refused", FEJLET: "failed"}
_BLOCK = 1 << 20


class Fund(NamedTuple):
    """What a receipt says was found at one place; `path` is None where it is about the document as a whole."""

    code: str
    severity: Severity
    text: str
    path: str | None

    def __repr__(self) -> str:
        return without(self, "text")


class ReadEntry(NamedTuple):
    """What a receipt says of one message: its place in the file received, its key if that could be read, its digest.

    `outcome` is accepted, refused (the sender is to mend it) or failed (it could not be judged: send it again unchanged).
    """

    number: int
    besked_id: str | None
    sha256: str
    outcome: Outcome
    findings: tuple[Fund, ...]

    @property
    def accepted(self) -> bool:
        """True if the message is accepted."""
        return self.outcome == "accepted"


class Receipt:
    """A receipt: iterate, as often as wanted, for the entries of its list.

    `head` is its dict without the list, and flat: of every version with the elements of `fil` among the others. In version 1
    `udfald` says whether anything in the file is accepted, from version 2 on it is the answer to the file itself.

    A receipt larger than a message is judged as it is read. Iterating then raises InvalidMessage where it comes to what
    is not sound, and at its end if the list contradicts the head: what came before counts only once the end is reached.
    """

    def __init__(
        self, catalog: Catalog, source: _Kept, head: dict[str, Any], entries: list[dict[str, Any]] | None
    ) -> None:
        self.head = head
        self._catalog, self._source, self._entries = catalog, source, entries

    def __repr__(self) -> str:
        return f"Receipt({self.head['kvitteringId']!r})"

    @property
    def is_refused(self) -> bool:
        """True if the file itself is refused: in version 1, whose `udfald` may be that of its messages, by an error of its own."""
        is_of_the_file = STATED[FEJLET] in self.head
        return self.head["udfald"] == AFVIST and (is_of_the_file or has_error(self.head))

    def refuses_with_file(self, entry: ReadEntry) -> bool:
        """True if a message is refused because the file is, and not for an error of its own."""
        is_sound = all(finding.severity != "error" for finding in entry.findings)
        return entry.outcome == "refused" and is_sound and self.is_refused

    def __iter__(self) -> Iterator[ReadEntry]:
        return map(_read_entry, self.contents())

    def contents(self) -> Iterator[Mapping[str, Any]]:
        """Yield the entries as its dict has them. Raises as iterating does."""
        return self._in_pieces() if self._entries is None else iter(self._entries)

    def _in_pieces(self) -> Iterator[Mapping[str, Any]]:
        with self._source.opened() as file:
            examination = begin(self._catalog, file)
            if examination is None or examination.head != self.head:
                raise UnreadableSource("the file changed while it was read")
            for entries in examination.entries():
                if examination.failed:
                    break
                yield from entries
            if examination.failed:
                raise InvalidMessage(examination.report())


def read_receipt(source: Source, *, catalog: Catalog | None = None) -> Receipt:
    """Read a receipt of any size; see `Receipt`.

    `source` is bytes, a pathlib.Path or a binary file, which is read to its end; a str is never taken for a path. A
    receipt larger than a message is read only as the builder lays it out; laid out otherwise it is too large. Raises
    InvalidMessage if it is not accepted, a large one as far as its head says; OSError if the source cannot be read,
    TypeError if it is none.
    """
    catalog = catalog or shipped()
    kept = _Kept(source)
    with kept.opened() as file:
        examination = begin(catalog, file)
        if examination is None:
            report, reading = _in_one(catalog, file)
            if reading is None or not report.ok:
                raise InvalidMessage(report)
            content = reading.document()[NAME]
            return Receipt(catalog, kept, flattened(content), content.get("beskeder", []))
    if examination.head is None or examination.failed:
        raise InvalidMessage(examination.report())
    return Receipt(catalog, kept, examination.head, None)


def examine(source: Source, *, on: date | None = None, catalog: Catalog | None = None) -> Report:
    """Check a receipt of any size in every layer and say all that is found, as `exchange.validate` does.

    `source` as for `read_receipt`, `on` as for `exchange.validate`; nothing is raised for content.
    """
    catalog = catalog or shipped()
    options = JudgingOptions(on=on)
    with _Kept(source).opened() as file:
        return examine_in_pieces(catalog, file, options) or _in_one(catalog, file, options)[0]


def _in_one(catalog: Catalog, file: IO[bytes], options: JudgingOptions = DEFAULT_OPTIONS) -> JudgedDocument:
    file.seek(0)
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        return refusal(too_large())
    # Another message is none that is known here.
    return judge_document(Versions(catalog.of(NAME)), data, options)


class _Kept:
    """A source that can be read more than once: a stream is copied to a file without a name."""

    def __init__(self, source: Source) -> None:
        self._source: bytes | Path = b""
        self._copy: IO[bytes] | None = None
        if isinstance(source, bytes | Path):
            self._source = source
            return
        if not hasattr(source, "read"):
            raise TypeError(f"expected bytes, a pathlib.Path or a binary file, got {type(source).__name__}")
        self._copy = held()  # closed when nobody has the receipt any more
        weakref.finalize(self, self._copy.close)
        while block := source.read(_BLOCK):
            if not isinstance(block, bytes):
                raise TypeError("expected a file opened in binary mode")
            self._copy.write(block)

    def opened(self) -> AbstractContextManager[IO[bytes]]:
        """Open it; a copy stays open."""
        return opened(self._source) if self._copy is None else nullcontext(self._copy)


def _read_entry(entry: Mapping[str, Any]) -> ReadEntry:
    findings = tuple(
        Fund(fund["kode"], SEVERITIES[fund["alvor"]], fund["tekst"], fund.get("sti"))
        for fund in entry.get("fundliste", ())
    )
    return ReadEntry(entry["nummer"], entry.get("beskedId"), entry["sha256"], _OUTCOMES[entry["udfald"]], findings)
