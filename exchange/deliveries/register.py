"""The rules between the messages of a delivery: who has been here before, in little memory."""

from __future__ import annotations

from array import array
from itertools import count

from exchange.deliveries.large_table import KEPT, LargeTable
from exchange.deliveries.outcomes import Facts, FaultlessMessages
from exchange.findings.finding import Finding
from exchange.validation.rules import leverance


class Register:
    """Knows every message that came by, and says of the next what is wrong between it and them.

    In the order in which a receiver would register them: of two, the later is at fault. An interview that an
    `annuller` withdrew, or a `ret` replaced, is no longer there to be repeated; one that was refused never was.

    Two tables hold a whole number of 128 bits for each message: its beskedId, which is one, and for an interview
    a keyed hash of person and instant; with both, the message's number. Each keeps `kept` entries in memory. What they
    cost a message, `python tests/benchmarks/deliveries.py` prints. With `ids_differ`, for messages that cannot have
    the same id and do not name each other, no id is kept.
    """

    def __init__(self, kept: int = KEPT, *, ids_differ: bool = False) -> None:
        self._ids_differ = ids_differ
        self._ids = LargeTable(kept)
        self._events = LargeTable(kept)
        # Where interviews of several types share an instant, by type.
        self._shared: dict[int, dict[str, int]] = {}
        self._types: dict[str, int] = {}
        self._type_of = array("H")
        # Of messages that correct or withdraw others: the numbers of those, the first one of each and its last.
        self._replaced = LargeTable(kept)
        self._originals = LargeTable(kept)
        self._latest = LargeTable(kept)

    def enter(self, number: int, besked_id: str | None, facts: Facts | None, *, accepted: bool) -> list[Finding]:
        """Register message `number`; give what is wrong between it and the earlier ones.

        `facts` is None for a message that could not be read. Only one that is `accepted` counts as an interview.
        """
        key = None if besked_id is None else int(besked_id.replace("-", ""), 16)
        if key is None:
            return []
        first = number if self._ids_differ else self._ids.setdefault(key, number)
        if first != number:
            path = f"/{facts.name}/hoved/beskedId" if facts else ""
            return [leverance.BESKED_ID_REPEATED.found(path, {"first": first})]
        if not accepted or facts is None:
            return []
        if facts.event is None:
            return []  # what is no interview neither repeats nor replaces one
        earlier = None if facts.earlier is None else int(facts.earlier.replace("-", ""), 16)
        gone = self._replaced_by(earlier)
        found = [] if facts.withdraws else self._interview(number, int.from_bytes(facts.event), facts, gone)
        if earlier is not None and all(finding.severity != "error" for finding in found):
            self._replace(number, earlier, gone)
        return found

    def enter_faultless(self, number: int, faultless: FaultlessMessages) -> bool:
        """Register messages without findings, the first as message `number`.

        Returns False if anything is wrong between them, or between them and the earlier ones; then none is registered.
        """
        ids = {} if self._ids_differ else dict(zip(faultless.keys(faultless.ids), count(number)))
        is_interview = [interview is not None for _, _, interview in faultless.kinds]
        events_there = zip(faultless.keys(faultless.events), faultless.kind_of, count(number))
        interviews = [(event, at) for event, kind, at in events_there if is_interview[kind]]
        events = dict(interviews)
        if (
            (len(ids) < len(faultless) and not self._ids_differ)
            or len(events) < len(interviews)
            or self._ids.has_any(ids)
            or self._events.has_any(events)
        ):
            return False
        self._ids.update(ids)
        self._events.update(events)
        self._type_of.extend([0] * (number - len(self._type_of)))
        types = [0 if interview is None else self._place_of(interview) for _, _, interview in faultless.kinds]
        self._type_of.extend([types[kind] for kind in faultless.kind_of])
        return True

    def _replaced_by(self, earlier: int | None) -> set[int]:
        """Return the messages that one takes out which names `earlier`: that one, and what replaced it before."""
        if earlier is None:
            return set()
        return {
            gone for gone in (self._ids.get(earlier), self._latest.get(self._original(earlier))) if gone is not None
        }

    def _original(self, earlier: int) -> int:
        named = self._ids.get(earlier)
        original = None if named is None else self._originals.get(named)
        return earlier if original is None else original

    def _replace(self, number: int, earlier: int, gone: set[int]) -> None:
        self._replaced.update(dict.fromkeys(gone, number))
        self._originals[number] = original = self._original(earlier)
        self._latest[original] = number

    def _interview(self, number: int, event: int, facts: Facts, gone: set[int]) -> list[Finding]:
        self._note_type(number, facts.kind)
        there = self._events.setdefault(event, number)
        if there == number:
            return []
        by_type = self._shared.get(event) or {self._type(there): there}
        standing = {
            kind: first for kind, first in by_type.items() if first not in gone and self._replaced.get(first) is None
        }
        same = standing.pop(facts.kind, None)
        if same is None:
            if standing:
                self._shared[event] = {**standing, facts.kind: number}
            else:
                self._events[event] = number
                self._shared.pop(event, None)
        path = f"/{facts.name}/tidspunkt"
        if same is not None:
            return [leverance.SAMTALE_REPEATED.found(path, {"first": same})]
        return [leverance.SAMTALE_SAME_INSTANT.found(path, {"first": min(standing.values())})] if standing else []

    def _note_type(self, number: int, kind: str) -> None:
        missing = number + 1 - len(self._type_of)
        if missing > 0:
            self._type_of.extend([0] * missing)
        self._type_of[number] = self._place_of(kind)

    def _place_of(self, kind: str) -> int:
        return self._types.setdefault(kind, len(self._types))

    def _type(self, number: int) -> str:
        return list(self._types)[self._type_of[number]]
