"""Holds what was sent against the receipts for it: accepted, refused, failed, not yet answered, or answered without being sent."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from exchange.receipts.reading import Outcome, ReadEntry, Receipt

Status = Literal["accepted", "refused", "failed", "pending", "unknown"]
Note = Literal["", "changed", "contradicted"]


class Sent(NamedTuple):
    """A message that was sent: its key, None if it had none, its canonical digest, and where it is: a file, a delivery."""

    besked_id: str | None
    sha256: str
    where: str


class Reconciled(NamedTuple):
    """What the receipts say of a message, `where` it is, or of one that was never sent (`where` is None).

    `receipt` is the kvitteringId of the receipt that decides, `codes` are those of the findings it names. `note` is
    "contradicted" if another receipt says otherwise, "changed" if a message of this key was sent with another content.
    """

    status: Status
    besked_id: str | None
    sha256: str
    where: str | None
    receipt: str | None = None
    codes: tuple[str, ...] = ()
    note: Note = ""


class _Outcome(NamedTuple):
    """What a receipt says; the same for many messages. Of two, the one of more weight decides, of the same weight the later."""

    weight: int
    created: datetime
    receipt: str
    outcome: Outcome
    codes: tuple[str, ...]


def reconcile(sent: Iterable[Sent], receipts: Iterable[Receipt]) -> Iterator[Reconciled]:
    """Hold what was sent against receipts: give what these name though it was not sent, then every message sent, in order.

    A receipt's entry names a message by key (in upper or lower case) and digest. Of several receipts the latest by
    `oprettet` decides. One that refuses a message only with its file, without an error of the message, decides only where none
    accepts it: that one came in another file, and the receiver has it. One that says that it could not be judged (failed)
    decides only where no other does. One that refuses a file as a whole without a list names no message. Raises ValueError
    if a key or digest of `sent` has not its form, and what reading a receipt raises.

    Memory for a million messages: about 200 bytes each, beside the text of `where`; none for the receipts' entries.
    """
    register = _Register()
    for message in sent:
        register.add(message)
    for receipt in receipts:
        created: datetime = receipt.head["oprettet"]
        for entry in receipt:
            codes = tuple(dict.fromkeys(fund.code for fund in entry.findings))
            weight = 0 if entry.outcome == "failed" else 1 if receipt.refuses_with_file(entry) else 2
            outcome = _Outcome(weight, created, receipt.head["kvitteringId"], entry.outcome, codes)
            note = register.enter(entry, outcome)
            if note is not None:
                yield Reconciled("unknown", entry.besked_id, entry.sha256, None, outcome.receipt, outcome.codes, note)
    yield from register.results()


class _Register:
    """What was sent, and what became of it; in flat arrays, for a million small objects take several times the room."""

    def __init__(self) -> None:
        self._first: dict[int, int] = {}
        self._next = array("I")
        self._keys = bytearray()
        self._digests = bytearray()
        self._where = bytearray()
        self._ends = array("Q")
        self._nameless = bytearray()
        self._contradicted = bytearray()
        self._said = array("I")
        self._outcomes: dict[_Outcome | None, int] = {None: 0}
        self._by_number: list[_Outcome | None] = [None]

    def add(self, message: Sent) -> None:
        """Enter a message that was sent."""
        digest = bytes.fromhex(message.sha256)
        key = UUID(message.besked_id).bytes if message.besked_id is not None else bytes(16)
        if len(digest) != 32:
            raise ValueError("a digest has not its form")
        number = len(self._said)
        name = _name(message.besked_id, message.sha256)
        # Those of one key are a chain, the last first; 0 ends it.
        self._next.append(self._first.get(name, 0))
        self._first[name] = number + 1
        self._keys += key
        self._digests += digest
        self._where += message.where.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._where))
        self._nameless.append(message.besked_id is None)
        self._contradicted.append(False)
        self._said.append(0)

    def enter(self, entry: ReadEntry, outcome: _Outcome) -> Note | None:
        """Enter what a receipt says of a message; None if it was sent, else what there is to note of it."""
        digest = bytes.fromhex(entry.sha256)
        at = known = self._first.get(_name(entry.besked_id, entry.sha256), 0)
        found = False
        while at:
            number = at - 1
            if self._digests[32 * number : 32 * at] == digest:
                self._say(number, outcome)
                found = True
            at = self._next[number]
        if found:
            return None
        return "changed" if known else ""

    def _say(self, number: int, outcome: _Outcome) -> None:
        before = self._by_number[self._said[number]]
        if before is not None and before.weight and outcome.weight:
            self._contradicted[number] |= before.outcome != outcome.outcome
        if before is None or before[:2] <= outcome[:2]:
            self._said[number] = self._outcomes.setdefault(outcome, len(self._by_number))
            if self._said[number] == len(self._by_number):
                self._by_number.append(outcome)

    def results(self) -> Iterator[Reconciled]:
        """Yield what became of every message."""
        start = 0
        for number, end in enumerate(self._ends):
            where = self._where[start:end].decode("utf-8", "surrogatepass")
            start = end
            key = None if self._nameless[number] else str(UUID(bytes=bytes(self._keys[16 * number : 16 * number + 16])))
            digest = self._digests[32 * number : 32 * number + 32].hex()
            outcome = self._by_number[self._said[number]]
            if outcome is None:
                yield Reconciled("pending", key, digest, where)
                continue
            note: Note = "contradicted" if self._contradicted[number] else ""
            yield Reconciled(outcome.outcome, key, digest, where, outcome.receipt, outcome.codes, note)


def _name(besked_id: str | None, sha256: str) -> int:
    """Return the number that a message is looked up by: its key, or without one its digest, beyond all keys."""
    return int(sha256, 16) | 1 << 256 if besked_id is None else UUID(besked_id).int
