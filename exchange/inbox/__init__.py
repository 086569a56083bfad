"""A durable inbox: keeps what is received, answers it the same each time, and hands plan drafts out to be processed.

What counts as the same message: `storing`. Which version is current: `threads`. What a delivery's receipt is: `receiving`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from exchange.errors import PackageMissing

if TYPE_CHECKING:
    from exchange.api import Exchange
    from exchange.errors import InboxUnavailable
    from exchange.inbox.box import Inbox

__all__ = ["open"]


def open(  # noqa: A001  # inbox.open reads as it is meant
    url: str,
    *,
    exchange: Exchange | None = None,
    lang: str = "da",
    wait: Callable[[InboxUnavailable], None] | None = None,
) -> Inbox:
    """Open an inbox, and make it if it is not there; see `Inbox`.

    `url` is a path or sqlite:///path for SQLite, postgresql://user@host/database for PostgreSQL. An older inbox is brought up to
    date. `lang` is the language of the findings in receipts. Whenever the inbox cannot be used just now (another process holds
    it, the server is away), `wait` is called with the reason, and when it returns, it is tried again; without it InboxUnavailable
    is raised. Raises InboxRefused for a URL that names no inbox that can be kept, InboxFault if it cannot be opened, or is newer
    than this program; PackageMissing without the extra `inbox`, or `postgres` for PostgreSQL.
    """
    try:
        import alembic  # noqa: F401  # only whether it is there
        import sqlalchemy  # noqa: F401
    except ImportError:
        raise PackageMissing(
            "the inbox needs SQLAlchemy and Alembic, which are not installed: pip install 'exchange-par87[inbox]'"
        ) from None
    from exchange.inbox.box import Inbox

    return Inbox(url, exchange=exchange, lang=lang, wait=wait)
