"""Opens an outbox; imports SQLAlchemy only then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exchange.databases.stores import need_sqlalchemy

if TYPE_CHECKING:
    from exchange.model.catalog import Catalog
    from exchange.outbox.box import Outbox


def open(url: str, *, catalog: Catalog | None = None) -> Outbox:  # noqa: A001  # outbox.open reads as it is meant
    """Open an outbox, and make it if it is not there. To be closed at the end, or used in a `with`.

    Args:
        url: A path or sqlite:///path for SQLite, postgresql://user@host/database for PostgreSQL. An older outbox is brought
            up to date.
        catalog: The messages; by default the shipped ones.

    Raises:
        DatabaseRefused: The URL names no outbox that can be kept.
        DatabaseFault: It cannot be opened, or is newer than this program.
        PackageMissing: The extra `inbox` is not installed, or `postgres` for PostgreSQL.

    """
    need_sqlalchemy("outbox")
    from exchange.outbox.box import Outbox

    return Outbox(url, catalog=catalog)
