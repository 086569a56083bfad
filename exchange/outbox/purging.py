"""Purges the content of old messages. Ids, digests and answers stay, so nothing is sent twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, func, select, update

from exchange.outbox.planning import ACCEPTED
from exchange.outbox.results import Purged
from exchange.outbox.tables import HAS_CONTENT, IS_WAITING, MESSAGE

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_LAST = MESSAGE.alias()
_LATER = MESSAGE.alias()


def purge(connection: Connection, before: int) -> Purged:
    """Purge the threads whose last message was accepted before a time.

    A thread with a message that is not answered has that one last; it is kept, and so is one whose last message was refused.
    """
    is_done = exists().where(
        _LAST.c.thread == MESSAGE.c.thread,
        _LAST.c.outcome == ACCEPTED,
        _LAST.c.answered < before,
        ~exists().where(_LATER.c.thread == _LAST.c.thread, _LATER.c.number > _LAST.c.number),
    )
    old = (MESSAGE.c.sent < before) & HAS_CONTENT
    purged = connection.execute(update(MESSAGE).where(old, is_done, ~IS_WAITING).values(content=b"")).rowcount
    spared = connection.execute(select(func.count()).select_from(MESSAGE).where(old)).scalar_one()
    return Purged(purged, spared)
