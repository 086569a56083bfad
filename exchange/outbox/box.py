"""The outbox: what a fund's nightly run does with it, each call in a transaction of its own."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from exchange.databases.database import Database
from exchange.databases.stores import Store, seconds
from exchange.model.catalog import Catalog, shipped
from exchange.model.values import moved
from exchange.outbox import answering, listing, writing
from exchange.outbox.accepting import accept
from exchange.outbox.keyed_lines import Keyed
from exchange.outbox.purging import purge
from exchange.outbox.recording import Order, Recorder
from exchange.outbox.results import Answered, Listed, Purged, Recorded, Stated, Written
from exchange.outbox.tables import SCHEMA
from exchange.receipts import Receipt

_NONE = timedelta()


class Outbox(Store):
    """An open outbox, see `exchange.outbox.open`. To be closed at the end, or used in a `with`.

    Each method raises DatabaseFault, and ValueError for a time without an offset. Times are kept in whole seconds.
    """

    def __init__(self, url: str, *, catalog: Catalog | None = None) -> None:
        self._catalog = catalog or shipped()
        super().__init__(Database(SCHEMA, url))

    def record(
        self, source: Iterable[Keyed], *, namespace: uuid.UUID, at: datetime, withdraw_missing: Collection[str] = ()
    ) -> Recorded:
        """Record what a source says now: what is new, changed and, for the kinds in `withdraw_missing`, no longer there.

        The source is the whole of what there is to report, each document with its key. When this returns the messages are on
        the disk with their beskedIds; `write` makes the files. A document that a receiver would refuse is not recorded. A kind
        of which the source has nothing is never withdrawn; nothing is, if a document does not say what it is about.
        """
        order = Order(namespace, seconds(at), frozenset(withdraw_missing))
        return self._database.write(lambda connection: Recorder(connection, self._catalog, order)(source))

    def write(self, folder: Path, *, at: datetime) -> Iterator[Written]:
        """Write each delivery that is recorded and not written, also by an earlier run that was ended, to a folder.

        Yields each once its file is whole. Raises OSError and OutputRefused as the system does.
        """
        return writing.write(self._database.read, self._database.change, self._catalog, folder, seconds(at))

    def take_in(self, receipt: Receipt) -> Answered:
        """Record what a receipt answers. Raises InvalidMessage if it is not sound; then nothing of it is recorded."""
        return self._database.write(lambda connection: answering.take_in(connection, receipt))

    def resend(self, *, at: datetime, after: timedelta = _NONE, refused: bool = False) -> tuple[str, ...]:
        """Record deliveries of what was sent at least `after` ago and is not answered, and of what failed; `write` makes the files.

        With `refused`, of what is refused and has not changed, when the receiver has mended what was its fault. Returns the leveranceIds.
        """
        now, before = seconds(at), seconds(moved(at, -after))
        return self._database.write(lambda connection: listing.resend(connection, now, before, refused=refused))

    def accept(self, ids: Iterable[str], *, at: datetime) -> Stated:
        """Record that the receiver has accepted messages, as the user knows by another way than a receipt.

        `ids` are beskedIds, and leveranceIds for all messages of a delivery. What is answered keeps its answer; a receipt that
        comes later decides anew.
        """
        return self._database.write(lambda connection: accept(connection, ids, seconds(at)))

    def purge(self, *, older_than: timedelta, at: datetime) -> Purged:
        """Purge the content of threads whose last message was accepted longer ago than that; see `purging`.

        On SQLite it is gone from the file when this returns; PostgreSQL may have it in its own logs and backups.
        """
        before = seconds(moved(at, -older_than))
        result = self._database.write(lambda connection: purge(connection, before))
        self._database.sweep()
        return result

    def list(self, *, at: datetime, after: timedelta | None = None) -> Iterator[Listed]:
        """Yield every message with its state; those are overdue that were sent at least `after` ago and are not answered."""
        return listing.listed(self._database.read, None if after is None else seconds(moved(at, -after)))
