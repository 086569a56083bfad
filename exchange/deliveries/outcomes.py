"""The outcome of judging a block of a delivery: an object for each message with findings, columns for all others."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from exchange.files.sources import Parts
from exchange.findings.finding import Report
from exchange.model.representation import without

_BYTES = 16
_NO_EVENT = bytes(_BYTES)
_GUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MOST_KINDS = 255


class Facts(NamedTuple):
    """What of a message concerns the others.

    `event` stands for an interview's person and instant, `kind` is its type; both None for other messages.
    `earlier` is the beskedId that a `ret` or `annuller` names, `withdraws` tells the two apart.
    """

    name: str
    event: bytes | None = None
    kind: str = ""
    earlier: str | None = None
    withdraws: bool = False


class Found(NamedTuple):
    """A message of a block. `start`, `end` and `line` are the file's; within a block of bytes `line` counts from 0.

    `report` is only the root's tag where there are no findings.
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

    def shifted(self, by: int) -> Found:
        """Return the same message as it stands so many bytes later in the file."""
        return self._replace(start=self.start + by, end=self.end + by)


@dataclass(slots=True)
class FaultlessMessages:
    """Consecutive messages of a block without findings, none of which names another: a column for each value.

    Between processes, and in the process that counts them, they cost a tenth of an object each. `kinds` has root tag, name and
    for an interview its type; `kind_of` says for each message which of them is its own. Ids and events have 16 bytes each.
    """

    starts: array[int] = field(default_factory=lambda: array("Q"))
    ends: array[int] = field(default_factory=lambda: array("Q"))
    lines: array[int] = field(default_factory=lambda: array("Q"))
    kinds: list[tuple[str, str, str | None]] = field(default_factory=list)
    kind_of: bytearray = field(default_factory=bytearray, repr=False)
    ids: bytearray = field(default_factory=bytearray, repr=False)
    events: bytearray = field(default_factory=bytearray, repr=False)
    extras: list[object] = field(default_factory=list, repr=False)

    def __len__(self) -> int:
        return len(self.starts)

    def add(
        self, start: int, end: int, line: int, tag: str, besked_id: str, facts: Facts, extra: object = None
    ) -> bool:
        """Add a message, unless its values do not fit the columns: then return False."""
        kind = (tag, facts.name, None if facts.event is None else facts.kind)
        if facts.earlier is not None or facts.withdraws or _GUID.fullmatch(besked_id) is None:
            return False
        if kind not in self.kinds:
            if len(self.kinds) == _MOST_KINDS:
                return False
            self.kinds.append(kind)
        self.starts.append(start)
        self.ends.append(end)
        self.lines.append(line)
        self.kind_of.append(self.kinds.index(kind))
        self.ids += bytes.fromhex(besked_id.replace("-", ""))
        self.events += facts.event or _NO_EVENT
        self.extras.append(extra)
        return True

    def besked_ids(self) -> list[str]:
        """Return the beskedIds."""
        keys = self.ids.hex()
        return [
            f"{keys[at : at + 8]}-{keys[at + 8 : at + 12]}-{keys[at + 12 : at + 16]}-{keys[at + 16 : at + 20]}-{keys[at + 20 : at + 32]}"
            for at in range(0, len(keys), 2 * _BYTES)
        ]

    def found(self) -> Iterator[Found]:
        """Yield each message as an object."""
        besked_ids = self.besked_ids()
        for number, (start, end, line, kind, extra) in enumerate(
            zip(self.starts, self.ends, self.lines, self.kind_of, self.extras, strict=True)
        ):
            tag, name, interview = self.kinds[kind]
            place = slice(_BYTES * number, _BYTES * (number + 1))
            event = None if interview is None else bytes(self.events[place])
            yield Found(start, end, line, tag, besked_ids[number], Facts(name, event, interview or ""), extra)

    def counts(self) -> Iterator[tuple[str, str, int]]:
        """Yield how many have each root tag and name."""
        for kind, (tag, name, _) in enumerate(self.kinds):
            yield tag, name, self.kind_of.count(kind)

    @staticmethod
    def keys(column: bytes | bytearray) -> list[int]:
        """Return ids or events as numbers."""
        return [int.from_bytes(column[at : at + _BYTES]) for at in range(0, len(column), _BYTES)]

    def shifted(self, by: int) -> FaultlessMessages:
        """Return the same messages as they stand so many bytes later in the file."""
        starts, ends = (array("Q", [each + by for each in column]) for column in (self.starts, self.ends))
        return replace(self, starts=starts, ends=ends)


Entry = Found | FaultlessMessages


class Outcome(NamedTuple):
    """The outcome of a block: its messages in their order. Not `proven`: its bytes may be no whole messages, and nothing of it counts.

    `lines` is how many the block has; `parts` are digests of the bytes that were judged, if these are wanted.
    """

    proven: bool
    entries: Sequence[Entry]
    lines: int = 0
    parts: Parts | None = None

    def found(self) -> Iterator[Found]:
        """Yield each message as an object."""
        for entry in self.entries:
            if isinstance(entry, FaultlessMessages):
                yield from entry.found()
            else:
                yield entry
