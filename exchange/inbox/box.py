"""The inbox: what a case system does with it, each call in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from exchange.api import Exchange
from exchange.databases.database import Database
from exchange.databases.stores import Store, seconds
from exchange.errors import DatabaseUnavailable
from exchange.inbox import leases
from exchange.inbox.leases import PLAN
from exchange.inbox.listing import listed, shown
from exchange.inbox.purging import purge
from exchange.inbox.receipts import Receipts
from exchange.inbox.receiving import Receiver
from exchange.inbox.results import Kept, Listed, Purged, Received, Taken
from exchange.inbox.tables import SCHEMA
from exchange.model.values import moved

_LONGEST = timedelta(days=999_999_999)
"""The longest duration whose negative Python has too."""


class Inbox(Store):
    """An open inbox, see `exchange.inbox.open`. To be closed at the end, or used in a `with`.

    Each method raises DatabaseFault, and ValueError for a time without an offset.
    """

    def __init__(
        self,
        url: str,
        *,
        exchange: Exchange | None = None,
        lang: str = "da",
        receipt_version: int | None = None,
        wait: Callable[[DatabaseUnavailable], object] | None = None,
    ) -> None:
        self._exchange = exchange or Exchange()
        super().__init__(Database(SCHEMA, url, wait))
        self._receiver = Receiver(self._database, self._exchange, Receipts(self._exchange, lang, receipt_version))

    def receive(self, source: bytes | Path, *, at: datetime) -> Received:
        """Receive a message or a delivery: keep it with its verdict and receipt.

        When this returns it is on the disk, and its receipt may be sent. Raises UndeterminedMessage if a check could not
        run, DatabaseFault if it could not be kept, OSError if it could not be read: in each case nothing may be acknowledged, and
        it can be received again. TypeError for what is no source.
        """
        if not isinstance(source, bytes | Path):
            raise TypeError(f"expected bytes or a pathlib.Path, got {type(source).__name__}")
        return self._receiver.receive(source, seconds(at))

    def take(self, *, at: datetime, timeout: timedelta, kinds: Sequence[str] = (PLAN,), limit: int = 1) -> list[Taken]:
        """Take at most `limit` current versions of these kinds to process, until `at` + `timeout`.

        No two takers get the same one before its time has run out.
        """
        now, until = seconds(at), seconds(moved(at, timeout))
        return self._database.change(lambda connection: leases.take(connection, kinds, limit, now, until))

    def done(self, named: str, *, at: datetime) -> bool:
        """Confirm by its token, or by its beskedId, that a version is processed. Return False if there is none."""
        now = seconds(at)
        return self._database.change(lambda connection: leases.done(connection, named, now))

    def give_back(self, token: str) -> bool:
        """Give back what was taken under a token. Return False if the token is no longer valid."""
        return self._database.change(lambda connection: leases.give_back(connection, token))

    def list(self, *, at: datetime) -> Iterator[Listed]:
        """Yield every message with its state, in the order in which they were received."""
        return listed(self._database.read, seconds(at))

    def show(self, named: str, *, at: datetime) -> Sequence[Kept]:
        """Return all that is kept of the messages with a beskedId, or of the one with this number."""
        now = seconds(at)
        return self._database.read(lambda connection: shown(connection, named, now))

    def purge(self, *, older_than: timedelta, at: datetime, unprocessed: bool = False) -> Purged:
        """Purge the content of messages that were received longer ago than that; see `purging`.

        On SQLite it is gone from the file when this returns; PostgreSQL may have it in its own logs and backups.
        """
        before, now = seconds(moved(at, -min(older_than, _LONGEST))), seconds(at)
        result = self._database.write(lambda connection: purge(connection, before, now, unprocessed=unprocessed))
        self._database.sweep()
        return result
