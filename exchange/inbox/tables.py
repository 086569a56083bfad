"""The inbox's tables, as the program knows them; `migrations` is how a database comes to have them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)

from exchange.databases.columns import KEY, NUMBER
from exchange.databases.database import Schema

SCHEMA = Schema(
    name="inbox",
    mark=0x78503837,
    head="0001",
    versions="inbox_version",
    migrations=Path(__file__).parent / "migrations",
    swept="inbox_message",
)

METADATA = MetaData()


def _where_set(name: str, column: str) -> Index:
    """Return the index of a column that is NULL in most rows, without those."""
    is_set: ColumnElement[bool] = literal_column(f"{column} IS NOT NULL")
    return Index(name, column, sqlite_where=is_set, postgresql_where=is_set)


MESSAGE = Table(
    "inbox_message",
    METADATA,
    Column("number", NUMBER, autoincrement=True, nullable=False),
    # What makes it one message, see `storing`.
    Column("key", KEY, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("akassekode", Text),
    Column("besked_id", Text),
    Column("kind", Text),
    Column("miljoe", Text),
    Column("handling", Text),
    # The key of the message that it is about.
    Column("about", KEY),
    Column("oprettet", BigInteger),
    Column("sha256", Text, nullable=False),
    # The delivery in which it came first, and its number there.
    Column("delivery", Text),
    Column("place", Integer),
    Column("received", BigInteger, nullable=False),
    # The key of the message that it corrects or withdraws in the end, or its own; see `threads`.
    Column("thread", KEY),
    Column("replaced", Boolean, nullable=False),
    Column("findings", Text),
    Column("content", LargeBinary),
    Column("receipt_name", Text, nullable=False),
    Column("receipt", LargeBinary, nullable=False),
    Column("purged", BigInteger),
    PrimaryKeyConstraint("number", name="inbox_message_pkey"),
    UniqueConstraint("key", name="inbox_message_key"),
    _where_set("inbox_message_about", "about"),
    Index("inbox_message_thread", "thread", "replaced", "handling", "oprettet", "key"),
    Index("inbox_message_received", "received"),
    Index("inbox_message_besked_id", "besked_id"),
    sqlite_autoincrement=True,
)

THREAD = Table(
    "inbox_thread",
    METADATA,
    Column("key", KEY, nullable=False),
    Column("kind", Text, nullable=False),
    Column("current", KEY, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    # Some version was taken to be processed.
    Column("handed_out", Boolean, nullable=False),
    Column("token", Text),
    Column("leased", KEY),
    Column("leased_until", BigInteger),
    Column("done", KEY),
    Column("done_token", Text),
    Column("done_at", BigInteger),
    PrimaryKeyConstraint("key", name="inbox_thread_pkey"),
    Index("inbox_thread_kind", "kind", "done"),
    _where_set("inbox_thread_token", "token"),
    _where_set("inbox_thread_done_token", "done_token"),
    sqlite_with_rowid=False,
)

DELIVERY = Table(
    "inbox_delivery",
    METADATA,
    Column("sha256", Text, nullable=False),
    Column("leverance_id", Text),
    Column("akassekode", Text),
    Column("received", BigInteger, nullable=False),
    Column("accepted", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("conflicts", Integer, nullable=False),
    # The findings of the delivery itself.
    Column("findings", Text),
    Column("receipt_name", Text, nullable=False),
    PrimaryKeyConstraint("sha256", name="inbox_delivery_pkey"),
)

RECEIPT_PART = Table(
    "inbox_receipt_part",
    METADATA,
    Column("sha256", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("sha256", "number", name="inbox_receipt_part_pkey"),
)
