"""Opens an inbox; imports SQLAlchemy only then."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from exchange.databases.stores import need_sqlalchemy

if TYPE_CHECKING:
    from exchange.api import Exchange
    from exchange.errors import DatabaseUnavailable
    from exchange.inbox.box import Inbox


def open(  # noqa: A001  # inbox.open reads as it is meant
    url: str,
    *,
    exchange: Exchange | None = None,
    lang: str = "da",
    receipt_version: int | None = None,
    wait: Callable[[DatabaseUnavailable], object] | None = None,
) -> Inbox:
    """Open an inbox, and make it if it is not there. To be closed at the end, or used in a `with`.

    Args:
        url: A path or sqlite:///path for SQLite, postgresql://user@host/database for PostgreSQL. An older inbox is brought
            up to date.
        exchange: Judges and builds the messages; by default with the shipped schemas and code lists.
        lang: The language of the findings in receipts, `da` or `en`.
        receipt_version: The version of the receipts, by default the newest; LookupError later if it does not exist.
        wait: Called with the reason whenever the inbox cannot be used just now (another process holds it, the server is
            away); when it returns, the inbox is tried again.

    Raises:
        DatabaseRefused: The URL names no inbox that can be kept.
        DatabaseUnavailable: It cannot be used just now, and there is no `wait`.
        DatabaseFault: It cannot be opened, or is newer than this program.
        PackageMissing: The extra `inbox` is not installed, or `postgres` for PostgreSQL.

    """
    need_sqlalchemy("inbox")
    from exchange.inbox.box import Inbox

    return Inbox(url, exchange=exchange, lang=lang, receipt_version=receipt_version, wait=wait)
