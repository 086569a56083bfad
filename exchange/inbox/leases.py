"""Hands out current versions to be processed: each to one taker, who confirms it or gives it back, or whose time runs out.

Handed out is a thread's current version (see `threads`), unless it was confirmed before. A newer version may be taken as soon
as it is there, also while an older one is being processed or was; the older one's token is then no longer valid.
A withdrawal is handed out only to those who were handed something before: what nobody saw needs no undoing.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select, update

from exchange.inbox.results import Taken
from exchange.inbox.tables import MESSAGE, THREAD

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

PLAN = "minPlanUdkast"
"""What a kommune must receive and process (stk. 6)."""


_CURRENT = MESSAGE.c.key == THREAD.c.current
_NOT_DONE = or_(THREAD.c.done.is_(None), THREAD.c.done != THREAD.c.current)
_OPEN = and_(_NOT_DONE, or_(THREAD.c.withdrawn.is_(False), THREAD.c.handed_out.is_(True)))

TO_PROCESS = and_(THREAD.c.kind == PLAN, _OPEN)
"""The condition on the thread of a plan draft that is still to be processed."""

_FREE: dict[str, Any] = {"token": None, "leased": None, "leased_until": None}
_OF_MESSAGE = ("number", "akassekode", "besked_id", "kind", "miljoe", "sha256")


def take(connection: Connection, kinds: Sequence[str], limit: int, at: int, until: int) -> list[Taken]:
    """Take at most `limit` versions, those first that were received first."""
    columns = [MESSAGE.c[name] for name in (*_OF_MESSAGE, "content")]
    free = or_(THREAD.c.leased.is_(None), THREAD.c.leased != THREAD.c.current, THREAD.c.leased_until <= at)
    wanted = (
        select(THREAD.c.key, THREAD.c.current, THREAD.c.withdrawn, *columns)
        .join(MESSAGE, _CURRENT)
        .where(THREAD.c.kind.in_(kinds), _OPEN, free, MESSAGE.c.content.is_not(None))
        .order_by(MESSAGE.c.number)
        .limit(limit)
        .with_for_update(skip_locked=True, of=THREAD)
    )
    taken = []
    for row in connection.execute(wanted):
        token = str(uuid.uuid4())
        lease = {"token": token, "leased": row.current, "leased_until": until, "handed_out": True}
        connection.execute(update(THREAD).where(THREAD.c.key == row.key).values(lease))
        facts = {name: getattr(row, name) for name in _OF_MESSAGE}
        taken.append(Taken(token=token, withdraws=row.withdrawn, until=until, data=row.content, **facts))
    return taken


def done(connection: Connection, named: str, at: int) -> bool:
    """Confirm what was taken under a token, or the current version with this beskedId; return False if there is none.

    A token is valid until another has taken the thread, also when its time has run out; to confirm twice changes nothing.
    """
    by_token = (
        update(THREAD)
        .where(THREAD.c.token == named, THREAD.c.leased.is_not(None))
        .values(_FREE | {"done": THREAD.c.leased, "done_token": named, "done_at": at})
    )
    if connection.execute(by_token).rowcount:
        return True
    if connection.execute(select(THREAD.c.key).where(THREAD.c.done_token == named)).first():
        return True
    found = connection.execute(
        select(THREAD.c.key, THREAD.c.current)
        .join(MESSAGE, _CURRENT)
        .where(MESSAGE.c.besked_id.in_({named, named.lower(), named.upper()}))
    ).all()
    # Two funds may use one id: then it names neither.
    if len(found) != 1:
        return False
    key, current = found[0]
    done = _FREE | {"done": current, "done_token": None, "done_at": at, "handed_out": True}
    # A newer version may take its place just now.
    is_this = (THREAD.c.key == key, THREAD.c.current == current)
    return bool(connection.execute(update(THREAD).where(*is_this).values(done)).rowcount)


def give_back(connection: Connection, token: str) -> bool:
    """Give back what was taken under a token, so that it can be taken at once; return False if the token is not valid."""
    return bool(connection.execute(update(THREAD).where(THREAD.c.token == token).values(_FREE)).rowcount)
