"""What an inbox and an outbox have in common: they are opened, closed, read by pages, and keep times in whole seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from exchange.errors import PackageMissing

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from exchange.databases.database import Database

Read = Callable[[Callable[["Connection"], Any]], Any]
"""Runs a function in a transaction that only reads, and returns what it returned."""


class Store:
    """An open database. To be closed at the end, or used in a `with`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the database."""
        self._database.close()


def need_sqlalchemy(store: str) -> None:
    """Raise PackageMissing unless SQLAlchemy and Alembic are installed, which the `store` needs."""
    try:
        import alembic  # noqa: F401  # only whether it is there
        import sqlalchemy  # noqa: F401
    except ImportError:
        raise PackageMissing(
            f"the {store} needs SQLAlchemy and Alembic, which are not installed: pip install 'exchange-par87[inbox]'"
        ) from None


def seconds(at: datetime) -> int:
    """Return a time in whole seconds since 1970. Raises ValueError for a time without an offset."""
    if at.tzinfo is None:
        raise ValueError("expected a time with its offset")
    return int(at.timestamp())


def rows_in_pages(read: Read, page: Callable[[int, Connection], Any], by: str = "number") -> Iterator[Any]:
    """Yield the rows that `page` selects, each page in a transaction of its own, so that memory is that of one page.

    `page` returns the first rows whose column `by` is greater than a number, in the order of that column.
    """
    last = 0
    while rows := read(partial(page, last)):
        yield from rows
        last = getattr(rows[-1], by)
