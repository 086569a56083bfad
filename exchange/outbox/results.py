"""The results of an outbox: what a run recorded, what a receipt answered, and what the outbox holds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from exchange.errors import Refusal
from exchange.model.representation import without


class Recorded(NamedTuple):
    """The result of a run over a source.

    `counts` has how many keys are new (opret), changed (ret), withdrawn (annuller), unchanged, waiting for an answer, and refused
    by the receiver with this content. `refusals` are the first of the `refused` documents that cannot be sent, by their line;
    `undetermined` is of how many of all of them a check did not run. `deliveries` are the leveranceIds of what is to be written.
    """

    counts: Mapping[str, int]
    refused: int
    refusals: tuple[Refusal, ...]
    deliveries: tuple[str, ...]
    undetermined: int = 0


class Written(NamedTuple):
    """A delivery that was written."""

    path: Path
    leverance_id: str
    messages: int


class Answered(NamedTuple):
    """What a receipt says: how many messages of this outbox it accepts and refuses for the first time, and how many failed.

    `again` counts those that this or a later receipt has answered before, `contradicted` those whose earlier answer was
    another: the later one counts, unless it refuses a delivery as a whole and the message was accepted in another. `unknown`
    were never sent from here, `changed` were sent with another content.
    """

    receipt: str
    accepted: int
    refused: int
    again: int
    contradicted: int
    unknown: int
    changed: int
    failed: int = 0


class Stated(NamedTuple):
    """What the user says is accepted: how many messages are so now, how many were answered before, the ids of none."""

    accepted: int
    answered: int
    unknown: tuple[str, ...]


class Purged(NamedTuple):
    """How many messages were purged, and how many that were sent as long ago were not."""

    purged: int
    spared: int


class Listed(NamedTuple):
    """A message of the outbox. Times are seconds since 1970; `codes` are those of what the receiver found.

    `state` is one of unanswered, failed (the receiver could not judge it: it is to be sent again), current (accepted, and the
    last), replaced, withdrawn, refused, corrected (refused, and another was sent since). `overdue` is true for one that has been
    unanswered for too long, `stated` for one that the user has said to be accepted. `source_key` may name a person.
    """

    number: int
    besked_id: str
    kind: str
    akassekode: str
    miljoe: str
    handling: str
    about: str | None
    source_key: str
    state: str
    overdue: bool
    stated: bool
    sent: int
    answered: int | None
    receipt: str | None
    codes: tuple[str, ...]

    def __repr__(self) -> str:
        return without(self, "source_key")
