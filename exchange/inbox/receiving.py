"""Receives files: a message in one transaction with its verdict and receipt, a delivery in several and its receipt in the last.

A delivery is known by the SHA-256 of its bytes; its receipt lists every message, and the same bytes get the same receipt. If
receiving ends before the last transaction, no receipt was sent: when it is received again, its messages are known, those
that are missing are kept, and the receipt is made then.
"""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

from sqlalchemy import insert, select

from exchange.api import Exchange
from exchange.databases.database import Database
from exchange.deliveries import is_delivery
from exchange.deliveries.record import report_from_json, report_to_json
from exchange.errors import UndeterminedMessage
from exchange.files.sources import Passes, begin, sha256_of
from exchange.findings.finding import Report
from exchange.findings.id_kinds import CONFLICT
from exchange.inbox.arrivals import Arrival, ReadDelivery, inspector, message
from exchange.inbox.receipts import Receipts
from exchange.inbox.results import Received
from exchange.inbox.storing import ACCEPTED, CONFLICTED, REFUSED, Store, Stored
from exchange.inbox.tables import DELIVERY, RECEIPT_PART
from exchange.receipts import Entry

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

TOGETHER = 500
"""At most so many messages of a delivery are kept in one transaction,"""

TOGETHER_BYTES = 4_000_000
"""and about so many bytes."""

_PART = 1 << 20
_OUTCOMES = (ACCEPTED, REFUSED, CONFLICTED)


class Receiver:
    """Receives into a database; `at` is in seconds since 1970."""

    def __init__(self, database: Database, exchange: Exchange, receipts: Receipts) -> None:
        self._database = database
        self._exchange = exchange
        self._receipts = receipts
        self._inspector = inspector(exchange.catalog)

    def receive(self, source: bytes | Path, at: int) -> Received:
        """Receive a file. Raises as `Inbox.receive`."""
        if is_delivery(self._exchange.catalog, begin(source)[1]):
            return self._delivery(source, at)
        arrival = message(self._exchange.catalog, self._inspector, source)
        if arrival.report.verdict == "undetermined":
            raise UndeterminedMessage(arrival.report)
        (stored,) = self._store([arrival], at)
        return _received(stored, arrival.facts.raw)

    def _store(self, arrivals: list[Arrival], at: int, delivery: str | None = None) -> list[Stored]:
        return self._database.write(
            lambda connection: Store(connection, self._receipts, at, delivery)(arrivals), pipelined=True
        )

    def _delivery(self, source: bytes | Path, at: int) -> Received:
        with ExitStack() as stack:
            # The digest that a delivery is known by is taken in a pass of its own, before it is judged.
            passes = Passes(source)
            digest = sha256_of(passes)
            known = self._database.read(lambda connection: self._known(connection, digest))
            if known is not None:
                return known
            delivery = stack.enter_context(ReadDelivery(self._exchange.catalog, source, digest, passes))
            if delivery.undetermined:
                raise UndeterminedMessage(delivery.report)
            return self._keep(delivery, at)

    def _keep(self, delivery: ReadDelivery, at: int) -> Received:
        # One byte a message: the place of its outcome in _OUTCOMES.
        outcomes = bytearray()
        # Of those that are refused for an earlier report than the one of today.
        earlier: dict[int, Report | None] = {}
        for arrivals in _batches(delivery.arrivals()):
            stored = self._store(arrivals, at, delivery.sha256)
            for arrival, each in zip(arrivals, stored, strict=True):
                outcomes.append(_OUTCOMES.index(each.outcome))
                if each.again and each.outcome == REFUSED and arrival.report.ok:
                    earlier[arrival.number] = each.report
        counts = {outcome: outcomes.count(place) for place, outcome in enumerate(_OUTCOMES)}
        # Too large to be read.
        counts[REFUSED] += delivery.count - len(outcomes)
        with tempfile.TemporaryFile() as receipt:
            entries = _entries(delivery.arrivals(), outcomes, earlier)
            name = self._receipts.of_delivery(receipt, delivery, counts, entries, at)
            head = delivery.header or {}
            row = {
                "sha256": delivery.sha256,
                "leverance_id": head.get("leveranceId"),
                "akassekode": head.get("akassekode"),
                "received": at,
                "accepted": counts[ACCEPTED],
                "refused": counts[REFUSED],
                "conflicts": counts[CONFLICTED],
                "findings": _json(delivery.report),
                "receipt_name": name,
            }
            return self._database.write(lambda connection: self._finish(connection, row, receipt))

    def _finish(self, connection: Connection, row: dict[str, object], receipt: IO[bytes]) -> Received:
        digest = str(row["sha256"])
        known = self._known(connection, digest)
        if known is not None:  # another process was faster
            return known
        connection.execute(insert(DELIVERY), row)
        receipt.seek(0)
        for number, data in enumerate(iter(lambda: receipt.read(_PART), b"")):
            connection.execute(insert(RECEIPT_PART), {"sha256": digest, "number": number, "data": data})
        found = self._known(connection, digest)
        assert found is not None  # noqa: S101  # it was just inserted
        return replace(found, again=False)

    def _known(self, connection: Connection, digest: str) -> Received | None:
        columns = [DELIVERY.c[name] for name in ("accepted", "refused", "conflicts", "findings", "receipt_name")]
        row = connection.execute(select(*columns).where(DELIVERY.c.sha256 == digest)).one_or_none()
        if row is None:
            return None
        accepted, refused, conflicts, findings, name = row
        report = report_from_json(json.loads(findings)) if findings else None
        return Received(accepted, refused, conflicts, True, report, name, lambda: self._parts(digest), digest)

    def _parts(self, digest: str) -> Iterator[bytes]:
        for number in itertools.count():
            data = self._database.read(partial(_part, digest=digest, number=number))
            if data is None:
                return
            yield data


def _part(connection: Connection, digest: str, number: int) -> bytes | None:
    wanted = select(RECEIPT_PART.c.data).where(RECEIPT_PART.c.sha256 == digest, RECEIPT_PART.c.number == number)
    data: bytes | None = connection.execute(wanted).scalar()
    return data


def _json(report: Report) -> str | None:
    return json.dumps(report_to_json(report)) if report.findings else None


def _received(stored: Stored, digest: str) -> Received:
    accepted, refused, conflicts = (int(stored.outcome == outcome) for outcome in _OUTCOMES)
    parts = partial(iter, [stored.receipt])
    return Received(accepted, refused, conflicts, stored.again, stored.report, stored.receipt_name, parts, digest)


def _batches(arrivals: Iterator[Arrival]) -> Iterator[list[Arrival]]:
    few: list[Arrival] = []
    size = 0
    for arrival in arrivals:
        few.append(arrival)
        size += len(arrival.data or b"")
        if len(few) == TOGETHER or size > TOGETHER_BYTES:
            yield few
            few, size = [], 0
    if few:
        yield few


def _entries(arrivals: Iterator[Arrival], outcomes: bytearray, earlier: dict[int, Report | None]) -> Iterator[Entry]:
    for arrival, outcome in zip(arrivals, outcomes, strict=True):
        canonical = arrival.facts.canonical
        if canonical is None:
            continue
        report = earlier.get(arrival.number) or arrival.report
        findings = report.findings
        if _OUTCOMES[outcome] == CONFLICTED:
            findings = (*findings, CONFLICT.found(f"/{report.message}/hoved/beskedId"))
        yield Entry(arrival.number, arrival.besked_id, canonical, _OUTCOMES[outcome] == ACCEPTED, findings)
