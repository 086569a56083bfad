"""Keeps messages with their verdicts and receipts, a few in one transaction, and recognizes those that were received before.

A message is known by its akassekode and beskedId, and its content by the SHA-256 of its exclusive canonical form: so it is the
same alone and in a delivery, in any encoding. What has no canonical form (it is not well-formed) is known by the SHA-256 of its
bytes.

- Accepted: its id and content are kept. The same again gets the receipt that was made then, byte for byte.
- Conflict: an accepted message has its id, but another content. It is kept, too, and reported; the first one stands.
- Refused: it is kept with its findings, and the same content again gets the same receipt. A message that was refused was never
  received, so it holds no id: corrected, it may come with the same beskedId.
- Refused for its delivery (the delivery itself is refused; it repeats what stands there before; it is another fund's): this
  says nothing against the message. It is kept as the delivery's, and may come again in a sound one.

A message's own receipt names the SHA-256 of the bytes in which it came first; of one out of a delivery, those of its XML as a
document of its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from exchange.databases.statements import Search, insertion
from exchange.deliveries.record import report_from_json, report_to_json
from exchange.findings.finding import Report
from exchange.findings.id_kinds import CONFLICT
from exchange.inbox import threads
from exchange.inbox.arrivals import Arrival
from exchange.inbox.receipts import Receipts
from exchange.inbox.tables import MESSAGE
from exchange.model.representation import without

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

ACCEPTED, REFUSED, CONFLICTED = "accepted", "refused", "conflict"


class Stored(NamedTuple):
    """The result of keeping an arrival. `again` is true if it was received before; then all else is what was stored then.

    `report` is None if it has no findings.
    """

    key: str
    outcome: str
    again: bool
    report: Report | None
    receipt_name: str
    receipt: bytes

    def __repr__(self) -> str:
        return without(self, "receipt")


class _Known(NamedTuple):
    key: str
    outcome: str
    sha256: str
    findings: str | None
    receipt_name: str
    receipt: bytes

    def __repr__(self) -> str:
        return without(self, "receipt", "findings")


_FIND = Search(select(*(MESSAGE.c[name] for name in _Known._fields)), MESSAGE.c.key)
_COLUMNS = (
    *_Known._fields,
    "akassekode",
    "besked_id",
    "kind",
    "miljoe",
    "handling",
    "about",
    "oprettet",
    "delivery",
    "place",
    "received",
    "thread",
    "replaced",
    "content",
)
_INSERT = insertion(MESSAGE, _COLUMNS)


class Store:
    """Keeps arrivals in a transaction. `at` is when they are received, in seconds since 1970; `delivery` the digest of theirs."""

    def __init__(self, connection: Connection, receipts: Receipts, at: int, delivery: str | None = None) -> None:
        self._connection = connection
        self._receipts = receipts
        self._at = at
        self._delivery = delivery
        self._known: dict[str, _Known] = {}
        self._rows: list[dict[str, Any]] = []

    def __call__(self, arrivals: Sequence[Arrival]) -> list[Stored]:
        """Keep arrivals in their order; return the result of each."""
        awaited = self._look_up(arrivals)
        stored = [self._one(arrival) for arrival in arrivals]
        if self._rows:
            _INSERT.run(self._connection, self._rows)
            threads.enter(self._connection, [_link(row) for row in self._rows if row["outcome"] == ACCEPTED], awaited)
            self._rows = []
        return stored

    def _candidates(self, arrival: Arrival) -> list[str]:
        if arrival.bound:
            return [f"delivery/{self._delivery}/{arrival.number}"]
        held = key_of(arrival)
        return [f"refused/{arrival.digest}", *([held, f"{held}/{arrival.digest}"] if held else [])]

    def _look_up(self, arrivals: Sequence[Arrival]) -> set[str]:
        """Look up what the arrivals may be known as; return those of their keys that earlier messages name."""
        keys = sorted({key for arrival in arrivals for key in self._candidates(arrival)})
        held = sorted({key for arrival in arrivals if not arrival.bound and (key := key_of(arrival))})
        # Both are asked for before either is read: it is one round trip in a pipeline.
        rows, awaited = _FIND.rows(self._connection, keys), threads.find_awaited(self._connection, held)
        for row in rows:
            known = _Known(*row)
            self._known[known.key] = known
        return set(awaited)

    def _one(self, arrival: Arrival) -> Stored:
        first, *others = self._candidates(arrival)
        known = self._known.get(first)
        if known is not None:
            return self._again(known)
        if arrival.bound:
            return self._keep(arrival, first, REFUSED, arrival.report)
        holder = self._known.get(others[0]) if others else None
        if holder is None:
            if arrival.report.ok:
                return self._keep(arrival, others[0], ACCEPTED, arrival.report)
            return self._keep(arrival, first, REFUSED, arrival.report)
        if holder.sha256 == arrival.digest:
            return self._again(holder)
        known = self._known.get(others[1])
        if known is not None:
            return self._again(known)
        path = f"/{arrival.report.message}/hoved/beskedId"
        return self._keep(arrival, others[1], CONFLICTED, arrival.report.extended([CONFLICT.found(path)]))

    def _again(self, known: _Known) -> Stored:
        report = report_from_json(json.loads(known.findings)) if known.findings else None
        return Stored(known.key, known.outcome, True, report, known.receipt_name, known.receipt)

    def _keep(self, arrival: Arrival, key: str, outcome: str, report: Report) -> Stored:
        name, receipt = self._receipts.of_message(arrival, report, self._at, accepted=outcome == ACCEPTED)
        findings = json.dumps(report_to_json(report)) if report.findings else None
        facts = arrival.facts
        known = _Known(key, outcome, arrival.digest, findings, name, receipt)
        self._known[key] = known
        self._rows.append(
            known._asdict()
            | {
                "akassekode": facts.akassekode,
                "besked_id": arrival.besked_id,
                "kind": report.message,
                "miljoe": facts.miljoe,
                "handling": facts.handling,
                "about": f"{facts.akassekode}/{facts.about.lower()}" if facts.about else None,
                "oprettet": facts.oprettet,
                "delivery": self._delivery,
                "place": arrival.number if self._delivery else None,
                "received": self._at,
                "thread": key if outcome == ACCEPTED and facts.handling == threads.OPRET else None,
                "replaced": False,
                "content": arrival.data,
            }
        )
        return Stored(key, outcome, False, report if findings else None, name, receipt)


def key_of(arrival: Arrival) -> str | None:
    """Return the key of a message that has a fund and an id, else None. A guid is the same in upper and lower case."""
    if arrival.facts.akassekode is None or arrival.besked_id is None:
        return None
    return f"{arrival.facts.akassekode}/{arrival.besked_id.lower()}"


def _link(row: dict[str, Any]) -> threads.Link:
    return threads.Link(*(row[name] for name in threads.Link._fields))
