"""Takes receipts in: which messages of the outbox are accepted, which are refused, and which failed.

An entry of a receipt names a message by beskedId and digest. Of several receipts for one message the latest by `oprettet` decides,
in whatever order they come; the same one again changes nothing. A receipt that refuses a delivery as a whole refuses each of
its messages that no other receipt accepts, whether it lists them or not: what was accepted came in another delivery. Only what is
wrong with a message itself is an answer to the message, and decides against the refusal of a whole delivery. Any receipt
outweighs what the user has stated.

A message that failed could not be judged: that answers nothing, so it changes no answer that there is.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, select, update

from exchange.databases.statements import Search
from exchange.outbox.planning import ACCEPTED, FAILED, REFUSED
from exchange.outbox.results import Answered
from exchange.outbox.tables import BY_DELIVERY, BY_USER, ENTRY, MESSAGE
from exchange.receipts import Receipt
from exchange.validation.rules.kvittering import FEJLET, GODTAGET

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_TOGETHER = 500
_ANSWER = (
    update(MESSAGE)
    .where(MESSAGE.c.besked_id == bindparam("named"))
    .values({name: bindparam(name) for name in ("outcome", "answered", "receipt", "codes", "answered_by")})
)


class _Known(NamedTuple):
    """A message that was sent, and its answer so far."""

    besked_id: str
    sha256: str
    sent: int
    outcome: str | None
    answered: int | None
    receipt: str | None
    answered_by: str | None

    def keeps(self, answer: _Answer, receipt: str, created: int) -> bool:
        """True if the answer of a receipt that was made then changes nothing."""
        if self.receipt == receipt or (answer.outcome == FAILED and self.outcome in (ACCEPTED, REFUSED)):
            return True
        if answer.by_delivery and self.outcome == REFUSED and self.answered_by is None:
            # The errors of the message itself say more.
            return True
        if self.answered is None or self.answered_by == BY_USER or created >= self.answered:
            return False
        is_first_of_its_own = self.answered_by == BY_DELIVERY and not answer.by_delivery
        if answer.outcome == REFUSED and (self.outcome == FAILED or is_first_of_its_own):
            # It stands as if it had come first, unless it answers an earlier sending.
            return created < self.sent
        # The receiver has what it accepted, whatever became of another delivery of it, or of sending it again.
        is_weaker = self.answered_by == BY_DELIVERY or self.outcome == FAILED
        return not (is_weaker and answer.outcome == ACCEPTED)


_KNOWN = Search(select(*(MESSAGE.c[name] for name in _Known._fields)), MESSAGE.c.besked_id)


class _Answer(NamedTuple):
    """What a receipt says of a message; `by_delivery` if it says so of the whole delivery, `sha256` is None if it names no message."""

    besked_id: str | None
    sha256: str | None
    outcome: str
    codes: tuple[str, ...]
    by_delivery: bool


def take_in(connection: Connection, receipt: Receipt) -> Answered:
    """Record what a receipt says. Raises what reading it raises; then the transaction is to be undone."""
    counts: Counter[str] = Counter()
    created = int(receipt.head["oprettet"].timestamp())
    answers = _answers(connection, receipt)
    while batch := list(itertools.islice(answers, _TOGETHER)):
        _take_in(connection, batch, receipt.head["kvitteringId"], created, counts)
    return Answered(receipt.head["kvitteringId"], **{name: counts[name] for name in Answered._fields[1:]})


def _answers(connection: Connection, receipt: Receipt) -> Iterator[_Answer]:
    named = False
    for entry in receipt:
        named = True
        codes = tuple(dict.fromkeys(finding.code for finding in entry.findings))
        by_delivery = receipt.refuses_with_file(entry)
        yield _Answer(entry.besked_id, entry.sha256, entry.outcome, codes, by_delivery)
    if named or receipt.head["udfald"] == GODTAGET or "leveranceId" not in receipt.head:
        return
    codes = tuple(dict.fromkeys(finding["kode"] for finding in receipt.head.get("fundliste", ())))
    outcome = FAILED if receipt.head["udfald"] == FEJLET else REFUSED
    wanted = select(ENTRY.c.besked_id).where(ENTRY.c.leverance_id == receipt.head["leveranceId"].lower())
    for (besked_id,) in connection.execute(wanted.order_by(ENTRY.c.place)).all():
        yield _Answer(besked_id, None, outcome, codes, True)


def _take_in(
    connection: Connection, answers: Iterable[_Answer], receipt: str, created: int, counts: Counter[str]
) -> None:
    by_id = {answer.besked_id.lower(): answer for answer in answers if answer.besked_id is not None}
    counts["unknown"] += sum(answer.besked_id is None for answer in answers)
    known = {row[0]: _Known(*row) for row in _KNOWN.rows(connection, sorted(by_id))}
    rows: list[dict[str, Any]] = []
    for besked_id, answer in by_id.items():
        sent = known.get(besked_id)
        if sent is None:
            counts["unknown"] += 1
        elif answer.sha256 not in (None, sent.sha256):
            counts["changed"] += 1
        elif sent.keeps(answer, receipt, created):
            counts["again"] += 1
        elif answer.by_delivery and sent.outcome == ACCEPTED and sent.answered_by != BY_USER:
            # It was accepted in another delivery, and its receiver has it.
            counts["contradicted"] += 1
        else:
            if sent.outcome in (None, FAILED):
                counts[answer.outcome] += 1
            else:
                counts["again" if sent.outcome == answer.outcome else "contradicted"] += 1
            row = {"named": besked_id, "outcome": answer.outcome, "answered": created, "receipt": receipt}
            by = BY_DELIVERY if answer.by_delivery else None
            rows.append({**row, "codes": " ".join(answer.codes), "answered_by": by})
    if rows:
        connection.execute(_ANSWER, rows)
