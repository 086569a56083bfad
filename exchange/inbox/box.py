"""The inbox itself: what a case system does with it, each in a transaction of its own."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from types import TracebackType

from exchange.api import Exchange
from exchange.inbox.database import Database
from exchange.inbox.receipts import Receipts
from exchange.inbox.receiving import Received, Receiver


class Inbox:
    """An inbox that was opened; see `exchange.inbox.open`. To be closed at the end, or used in a `with`."""

    def __init__(self, url: str, *, exchange: Exchange | None = None, lang: str = "da") -> None:
        self._exchange = exchange or Exchange()
        self._database = Database(url)
        self._receiver = Receiver(self._database, self._exchange, Receipts(self._exchange, lang))

    def __enter__(self) -> Inbox:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def receive(self, source: bytes | Path, *, at: datetime) -> Received:
        """Receive a message or a delivery: keep it with its verdict and receipt; see `Received`.

        When this returns it is on the disk, and its receipt may go out. Raises UndeterminedMessage if a check could not
        run, InboxFault if it could not be kept, OSError if it could not be read: in each case nothing may be acknowledged, and
        it can be received again. ValueError for a time without an offset, TypeError for what is no source.
        """
        if not isinstance(source, bytes | Path):
            raise TypeError(f"expected bytes or a pathlib.Path, got {type(source).__name__}")
        return self._receiver.receive(source, _seconds(at))


def _seconds(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError("expected a time with its offset")
    return int(at.timestamp())
