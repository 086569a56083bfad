"""Receives messages and deliveries, judges them as any receiver, and answers as the scenario says."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from exchange.acceptance import ReceiptHead
from exchange.api import Exchange
from exchange.deliveries import is_delivery, read_delivery
from exchange.errors import Refused
from exchange.files.writing import write_whole
from exchange.findings import kinds
from exchange.findings.finding import Finding, Report
from exchange.model.catalog import Version
from exchange.model.file_names import file_name
from exchange.model.representation import without
from exchange.practice.scenario import Fault
from exchange.receipts import Entry, write_receipt
from exchange.receipts.heads import counted, has_failed, version_of
from exchange.xml.digest import canonical_sha256


class Answer(NamedTuple):
    """What a file is answered at once: its receipts, or none; `unavailable` if the receiver takes nothing now."""

    unavailable: bool
    receipts: tuple[bytes, ...]

    def __repr__(self) -> str:
        return without(self, "receipts")


class _Message(NamedTuple):
    """A message of a file."""

    number: int
    besked_id: str | None
    sha256: str
    report: Report
    document: Mapping[str, Any] | None

    def __repr__(self) -> str:
        return without(self, "document")


@dataclass
class _Late:
    """A receipt that comes when it has been asked for so many times."""

    polls: int
    receipt: bytes = field(repr=False)


class Receiver:
    """A receiver that misbehaves as the faults say. `new_head` makes each receipt's key and time. For one thread at a time, or more."""

    def __init__(self, faults: Sequence[Fault] = (), *, new_head: Callable[[], ReceiptHead], lang: str = "da") -> None:
        self._faults = faults
        self._new_head = new_head
        self._lang = lang
        self._exchange = Exchange()
        self._late: list[_Late] = []
        # The digests of what was accepted, by beskedId: an old version is answered with its own.
        self._digests: dict[str, str] = {}
        self._lock = threading.Lock()

    def receive(self, data: bytes) -> Answer:
        """Receive a file: a message, or a delivery."""
        with self._lock:
            head = self._new_head()
            version = version_of(self._exchange.catalog, head.oprettet, head.version)
            if self._happens("unavailable"):
                return Answer(True, ())
            fails = self._happens("fail") is not None
            # Version 1 cannot say that something failed: there is no receipt then.
            if fails and not has_failed(version):
                return Answer(True, ())
            receipt = self._receipt(data, head, version, fails=fails)
            if self._happens("lose"):
                return Answer(False, ())
            late = self._happens("late")
            if late:
                self._late.append(_Late(late.polls, receipt))
                return Answer(False, ())
            return Answer(False, (receipt,) * (2 if self._happens("twice") else 1))

    def waiting(self) -> list[bytes]:
        """Return the receipts that come now; to ask counts for those that come later."""
        with self._lock:
            for each in self._late:
                each.polls -= 1
            due = [each.receipt for each in self._late if each.polls <= 0]
            self._late = [each for each in self._late if each.polls > 0]
            return due

    def take_from(self, incoming: Path, receipts: Path) -> int:
        """Receive the *.xml files of a folder, and write receipts into another; return how many files were taken.

        A file is removed when its answer is written; one that the receiver did not take too: it is to be sent again.
        """
        count = 0
        for path in sorted(incoming.glob("*.xml")):
            self._write(self.receive(path.read_bytes()).receipts, receipts)
            path.unlink()
            count += 1
        self._write(self.waiting(), receipts)
        return count

    def _write(self, answers: Iterable[bytes], folder: Path) -> None:
        for receipt in answers:
            name = file_name(self._exchange.parse(receipt))
            number = 1
            path = folder / name
            while path.exists():
                number += 1
                path = folder / f"{Path(name).stem}-{number}.xml"
            write_whole(path, receipt)

    def _happens(self, kind: str) -> Fault | None:
        return next((fault for fault in self._faults if fault.kind == kind and fault.happens()), None)

    def _receipt(self, data: bytes, made: ReceiptHead, version: Version, *, fails: bool) -> bytes:
        head: dict[str, Any] = {"kvitteringId": made.kvittering_id, "oprettet": made.oprettet}
        head["sha256"] = sha256(data).hexdigest()
        messages, file = self._judged(data, head)
        # Only what can be named is listed.
        listed = [message for message in messages if message.sha256]
        entries = [_failed(message) if fails else self._entry(message) for message in listed]
        accepted = sum(entry.accepted for entry in entries)
        failed = len(entries) if fails else 0
        head |= counted(version, file.verdict, accepted, len(messages) - accepted - failed, failed)
        out = io.BytesIO()
        write_receipt(out, head, entries, findings=file.findings, lang=self._lang, version=version.version)
        return out.getvalue()

    def _judged(self, data: bytes, head: dict[str, Any]) -> tuple[list[_Message], Report]:
        """Return the messages of a file and the report on the file itself; add to the head what a delivery says of itself."""
        if not is_delivery(self._exchange.catalog, data[:4096]):
            document, report = self._exchange.parse_or_report(data)
            message = _Message(1, _besked_id(document), _digest(data), report, document)
            sound = self._exchange.catalog.deliveries.versions[-1].faultless
            return [message], sound if message.sha256 else report
        delivery = read_delivery(data)
        messages = [
            _Message(each.number, each.besked_id, _digest(each.data), each.report, each.document) for each in delivery
        ]
        if delivery.report.ok and delivery.header:
            head |= {name: delivery.header[name] for name in ("leveranceId", "akassekode", "miljoe")}
            return messages, delivery.report
        # Refused as a whole: nothing is said of its messages.
        return [message._replace(sha256="") for message in messages], delivery.report

    def _entry(self, message: _Message) -> Entry:
        besked_id, digest, findings = message.besked_id, message.sha256, message.report.findings
        accepted = message.report.ok
        refused = self._refused(message.document) if accepted else None
        if refused is not None:
            accepted, findings = False, (*findings, refused)
        named = _named(message.document)
        if accepted and named in self._digests and self._happens("old-version"):
            return Entry(message.number, named, self._digests[named], True)
        if accepted and besked_id is not None:
            self._digests[besked_id.lower()] = digest
        return Entry(message.number, besked_id, digest, accepted, findings)

    def _refused(self, document: Mapping[str, Any] | None) -> Finding | None:
        """Return the finding on the first code of a message that is refused."""
        for path, value in _values(document or {}, ""):
            fault = next((each for each in self._faults if each.kind == "refuse-code" and each.code == value), None)
            if fault is not None and fault.happens():
                return kinds.CODE_UNKNOWN.found(path, {"list": path.rpartition("/")[2], "meant_en": "", "meant_da": ""})
        return None


def _failed(message: _Message) -> Entry:
    return Entry(message.number, message.besked_id, message.sha256, accepted=False, failed=True)


def _values(content: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(content, Mapping):
        for name, value in content.items():
            yield from _values(value, f"{path}/{name}")
    elif isinstance(content, list):
        for each in content:
            yield from _values(each, path)
    elif isinstance(content, str):
        yield path, content


def _head_of(document: Mapping[str, Any] | None) -> Mapping[str, Any]:
    content = next(iter(document.values())) if document else {}
    hoved: Mapping[str, Any] = content.get("hoved", {})
    return hoved


def _besked_id(document: Mapping[str, Any] | None) -> str | None:
    return _head_of(document).get("beskedId")


def _named(document: Mapping[str, Any] | None) -> str:
    return str(_head_of(document).get("vedroererBeskedId", "")).lower()


def _digest(data: bytes) -> str:
    """Return the digest that a receipt names; empty for what has no canonical form."""
    try:
        return canonical_sha256(data)
    except Refused:
        return ""
