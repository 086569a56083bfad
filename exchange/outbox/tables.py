"""The outbox's tables, as the program knows them; `migrations` is how a database comes to have them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    exists,
    func,
)

from exchange.databases.columns import KEY, NUMBER
from exchange.databases.database import Schema

SCHEMA = Schema(
    name="outbox",
    mark=0x78503838,
    head="0002",
    versions="outbox_version",
    migrations=Path(__file__).parent / "migrations",
    swept="outbox_message",
)

METADATA = MetaData()

BY_DELIVERY, BY_USER = "delivery", "user"
"""Who answered, if it was no receipt that names the message: one of its delivery as a whole, or the user's own statement."""

MESSAGE = Table(
    "outbox_message",
    METADATA,
    Column("number", NUMBER, autoincrement=True, nullable=False),
    # In lower case.
    Column("besked_id", KEY, nullable=False),
    # What the versions of one source key have in common, see `planning`.
    Column("thread", KEY, nullable=False),
    Column("akassekode", Text, nullable=False),
    Column("miljoe", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("source_key", Text, nullable=False),
    Column("handling", Text, nullable=False),
    # The beskedId that it corrects or withdraws.
    Column("about", KEY),
    # The digest of the content, see `exchange.model.identity`.
    Column("version", Text, nullable=False),
    # The digest that a receipt names.
    Column("sha256", Text, nullable=False),
    # The root element, as it stands in a delivery.
    Column("content", LargeBinary, nullable=False),
    # When it was last recorded to be sent.
    Column("sent", BigInteger, nullable=False),
    # None until a receipt says: accepted, refused or failed.
    Column("outcome", Text),
    # The `oprettet` of the receipt that decides, its kvitteringId, and the codes of what it found.
    Column("answered", BigInteger),
    Column("receipt", Text),
    Column("codes", Text),
    # BY_DELIVERY or BY_USER; None for a receipt that names the message.
    Column("answered_by", Text),
    PrimaryKeyConstraint("number", name="outbox_message_pkey"),
    UniqueConstraint("besked_id", name="outbox_message_besked_id"),
    Index("outbox_message_thread", "thread", "number"),
    Index("outbox_message_outcome", "outcome", "sent"),
    sqlite_autoincrement=True,
)

DELIVERY = Table(
    "outbox_delivery",
    METADATA,
    Column("leverance_id", KEY, nullable=False),
    Column("akassekode", Text, nullable=False),
    Column("miljoe", Text, nullable=False),
    Column("oprettet", BigInteger, nullable=False),
    Column("antal", Integer, nullable=False),
    # When its file was written; None while it is only recorded.
    Column("written", BigInteger),
    PrimaryKeyConstraint("leverance_id", name="outbox_delivery_pkey"),
    Index("outbox_delivery_written", "written"),
)

ENTRY = Table(
    "outbox_entry",
    METADATA,
    Column("leverance_id", KEY, nullable=False),
    Column("place", Integer, nullable=False),
    Column("besked_id", KEY, nullable=False),
    PrimaryKeyConstraint("leverance_id", "place", name="outbox_entry_pkey"),
    Index("outbox_entry_besked_id", "besked_id"),
)

HAS_CONTENT = func.length(MESSAGE.c.content) > 0
"""True of a message that is not purged."""

IS_WAITING = exists().where(
    ENTRY.c.besked_id == MESSAGE.c.besked_id,
    DELIVERY.c.leverance_id == ENTRY.c.leverance_id,
    DELIVERY.c.written.is_(None),
)
"""True of a message of a delivery that is recorded and not written yet."""
