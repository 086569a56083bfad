"""Determines the current version of a report from the accepted messages, whatever the order in which they arrived.

An `opret` begins a thread. A `ret` or `annuller` belongs to the thread of the message that it names, if that is accepted, of
the same fund, the same kind and the same miljoe; one that names a correction belongs to that one's thread. While the
message that it names is not there, it waits, and with it those that name it; it waits for ever if it names another fund's
message or one of another kind, or if corrections name each other in a circle: no `opret` leads to them.

Of a thread the current message is
- an `annuller`, if there is one: what was withdrawn stays withdrawn, whatever else was sent. Of several the latest.
- else the latest of those that no `ret` of the thread names: a correction always goes before what it corrects.

The latest is the one with the latest `oprettet`, as an instant; of two with the same the one with the greater beskedId, in
lower case. Both are the sender's own words, so two receivers come to the same. Messages that are refused or in conflict
belong to no thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import BindParameter, bindparam, literal_column, select, update

from exchange.databases.statements import Search, Statement, insertion
from exchange.inbox.tables import MESSAGE, THREAD

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

OPRET, RET, ANNULLER = "opret", "ret", "annuller"

_MATCH = (MESSAGE.c.key, MESSAGE.c.kind, MESSAGE.c.miljoe, MESSAGE.c.handling, MESSAGE.c.about, MESSAGE.c.thread)

# Made once: to put a statement together takes longer than to run it.
_LATEST = Statement(
    select(MESSAGE.c.key)
    .where(
        MESSAGE.c.thread == bindparam("thread"),
        MESSAGE.c.replaced.is_(False),
        MESSAGE.c.handling == bindparam("handling"),
    )
    .order_by(MESSAGE.c.oprettet.desc(), MESSAGE.c.key.desc())
    .limit(1)
)
_IS_ACCEPTED = MESSAGE.c.outcome == literal_column("'accepted'")
_ACCEPTED = select(*_MATCH).where(_IS_ACCEPTED)
_NAMED = Search(_ACCEPTED, MESSAGE.c.key)
_NAMING = Search(_ACCEPTED, MESSAGE.c.about)
_AWAITED = Search(select(MESSAGE.c.about).where(_IS_ACCEPTED), MESSAGE.c.about)
_THIS: BindParameter[str] = bindparam("this")
_JOIN = Statement(update(MESSAGE).where(MESSAGE.c.key == _THIS).values(thread=bindparam("in_thread")))
_REPLACE = Statement(update(MESSAGE).where(MESSAGE.c.key == _THIS).values(replaced=bindparam("is_replaced")))
_SET_CURRENT = Statement(
    update(THREAD)
    .where(THREAD.c.key == _THIS)
    .values(current=bindparam("message"), withdrawn=bindparam("is_withdrawn"))
)
_BEGIN = insertion(THREAD, ("key", "kind", "current", "withdrawn", "handed_out"))


class Link(NamedTuple):
    """The parts of an accepted message that decide its thread; `thread` is None while it waits."""

    key: str
    kind: str
    miljoe: str
    handling: str
    about: str | None
    thread: str | None

    def corrects(self, earlier: Link) -> bool:
        """Return True if this one may correct or withdraw the message that it names."""
        return (self.about, self.kind, self.miljoe) == (earlier.key, earlier.kind, earlier.miljoe)


def find_awaited(connection: Connection, keys: Sequence[str]) -> Iterator[str]:
    """Return those of the keys that accepted messages name; in a pipeline the answer is waited for when the first is read."""
    return (about for (about,) in _AWAITED.rows(connection, keys))


def enter(connection: Connection, fresh: Sequence[Link], awaited: AbstractSet[str]) -> None:
    """Assign threads to messages that were just stored as accepted, and to those that waited for them.

    In `fresh` an `opret` has its own key as its thread, the others have none yet. `awaited` are those of their keys that
    messages which were there before name.
    """
    opened = [link for link in fresh if link.handling == OPRET]
    if opened:
        rows = [
            {"key": link.key, "kind": link.kind, "current": link.key, "withdrawn": False, "handed_out": False}
            for link in opened
        ]
        _BEGIN.run(connection, rows)
    later = [link for link in fresh if link.handling != OPRET]
    earlier = {link.key: link for link in _links(connection, {link.about for link in later if link.about})}
    joined = []
    for link in later:
        named = earlier.get(link.about or "")
        if named is not None and named.thread and link.corrects(named):
            joined.append((link._replace(thread=named.thread), named))
    _join(connection, joined, opened, awaited | {link.about for link in fresh if link.about})


def _join(
    connection: Connection, joined: list[tuple[Link, Link]], opened: list[Link], awaited: AbstractSet[str]
) -> None:
    """Add messages to the threads of those that they name, then those that waited for these, and so on."""
    touched: set[str] = set()
    entered: Sequence[Link] = [*opened, *(link for link, _ in joined)]
    waited_for: Iterable[str] = [link.key for link in entered if link.key in awaited]
    while entered:
        if joined:
            _JOIN.run(connection, [{"this": link.key, "in_thread": link.thread} for link, _ in joined])
            # One that withdraws is never corrected.
            replaced = sorted({named.key for _, named in joined if named.handling != ANNULLER})
            if replaced:
                _REPLACE.run(connection, [{"this": key, "is_replaced": True} for key in replaced])
            touched |= {link.thread for link, _ in joined if link.thread}
        there = {link.key: link for link in entered}
        joined = [
            (link._replace(thread=there[link.about].thread), there[link.about])
            for link in _waiting(connection, waited_for)
            if link.about and link.corrects(there[link.about])
        ]
        entered = [link for link, _ in joined]
        waited_for = [link.key for link in entered]
    for thread in sorted(touched):
        _set_current(connection, thread)


def _set_current(connection: Connection, thread: str) -> None:
    """Determine and store the current message of a thread."""
    # Where anything is corrected, the opret is replaced.
    for handling in (ANNULLER, RET, OPRET):
        for (found,) in _LATEST.rows(connection, {"thread": thread, "handling": handling}):
            new = {"this": thread, "message": found, "is_withdrawn": handling == ANNULLER}
            _SET_CURRENT.run(connection, [new])
            return


def _links(connection: Connection, keys: Iterable[str]) -> Iterator[Link]:
    return (Link(*row) for row in _NAMED.rows(connection, sorted(keys)))


def _waiting(connection: Connection, keys: Iterable[str]) -> Iterator[Link]:
    """Yield the messages that name these, which were added just now: none of those can be in a thread yet."""
    return (Link(*row) for row in _NAMING.rows(connection, sorted(keys)))
