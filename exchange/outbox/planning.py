"""Decides what is sent of a source's key: nothing, a new message, a correction or a withdrawal.

The messages of one key form a thread: those of one fund, one miljoe and one kind. The receiver has what it accepted last. So

- while the last message of a thread is not answered, nothing more is sent: whether there is something to correct is not known.
  Content that changed meanwhile waits for a later run. A message that failed, since the receiver could not judge it, counts as
  not answered: it is sent again as it is.
- content that the receiver has is not sent again; content that it refused is not sent again until it changes.
- changed content is a `ret` of the last accepted message; if none was accepted, or the last one is withdrawn, an `opret`.
- a key that is missing in the source is withdrawn by an `annuller` of the last accepted message, only if asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from exchange.model.representation import without
from exchange.model.values import is_encodable

_LONGEST = 500
OPRET, RET, ANNULLER = "opret", "ret", "annuller"
ACCEPTED, REFUSED, FAILED = "accepted", "refused", "failed"

Step = Literal["opret", "ret", "annuller", "unchanged", "waiting", "refused"]


class Sent(NamedTuple):
    """A message of a thread that was sent; `outcome` is None until it is answered, or failed."""

    besked_id: str
    handling: str
    version: str
    outcome: str | None


class Plan(NamedTuple):
    """What is to be done about a key. `about` is the beskedId to correct or withdraw, `previous` the one sent last, or empty."""

    step: Step
    about: str | None = None
    previous: str = ""


class Thread(NamedTuple):
    """What a key belongs to. `name` is the thread's in the database."""

    akassekode: str
    miljoe: str
    kind: str
    source_key: str

    def __repr__(self) -> str:
        return without(self, "source_key")

    @property
    def name(self) -> str:
        """The name: the key comes last, since it alone may hold any character."""
        return "/".join(self)


def thread_of(key: str, document: Any) -> Thread | None:
    """Return the thread of a document of a source; None if it does not say to which it belongs, or not in text."""
    if not isinstance(document, Mapping) or len(document) != 1:
        return None
    ((kind, content),) = document.items()
    hoved = content.get("hoved") if isinstance(content, Mapping) else None
    if not isinstance(hoved, Mapping):
        return None
    akassekode, miljoe = hoved.get("akassekode"), hoved.get("miljoe")
    if not isinstance(kind, str) or not isinstance(akassekode, str) or not isinstance(miljoe, str):
        return None
    return Thread(akassekode, miljoe, kind, key) if all(map(is_storable, (akassekode, miljoe, kind))) else None


def is_storable(text: str) -> bool:
    """Return True for what every database takes as text and can look up by an index: PostgreSQL's holds 2,700 bytes."""
    return len(text) <= _LONGEST and "\0" not in text and is_encodable(text)


def plan(sent: Sequence[Sent], version: str | None) -> Plan:
    """Return what is to be done about a key of which `sent` was sent, in that order.

    `version` is that of its content now, None if it is missing in the source.
    """
    if not sent:
        return Plan("unchanged") if version is None else Plan("opret")
    last = sent[-1]
    accepted = next((each for each in reversed(sent) if each.outcome == ACCEPTED), None)
    standing = accepted if accepted is not None and accepted.handling != ANNULLER else None
    last_version = None if last.handling == ANNULLER else last.version
    if last.outcome in (None, FAILED):
        return Plan("unchanged" if last_version == version else "waiting")
    if version == (None if standing is None else standing.version):
        return Plan("unchanged")
    if last.outcome == REFUSED and last_version == version:
        return Plan("refused")
    if version is None:
        return Plan("annuller", standing and standing.besked_id, last.besked_id)
    return Plan("ret" if standing else "opret", standing and standing.besked_id, last.besked_id)
