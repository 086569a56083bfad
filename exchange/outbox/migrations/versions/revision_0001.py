"""The first tables: messages, deliveries, and which message is in which delivery."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "outbox_message",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), autoincrement=True, nullable=False),
        sa.Column("besked_id", key, nullable=False),
        sa.Column("thread", key, nullable=False),
        sa.Column("akassekode", sa.Text, nullable=False),
        sa.Column("miljoe", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("source_key", sa.Text, nullable=False),
        sa.Column("handling", sa.Text, nullable=False),
        sa.Column("about", key),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("sent", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("answered", sa.BigInteger),
        sa.Column("receipt", sa.Text),
        sa.Column("codes", sa.Text),
        sa.PrimaryKeyConstraint("number", name="outbox_message_pkey"),
        sa.UniqueConstraint("besked_id", name="outbox_message_besked_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("outbox_message_thread", "outbox_message", ["thread", "number"])
    op.create_index("outbox_message_outcome", "outbox_message", ["outcome", "sent"])
    op.create_table(
        "outbox_delivery",
        sa.Column("leverance_id", key, nullable=False),
        sa.Column("akassekode", sa.Text, nullable=False),
        sa.Column("miljoe", sa.Text, nullable=False),
        sa.Column("oprettet", sa.BigInteger, nullable=False),
        sa.Column("antal", sa.Integer, nullable=False),
        sa.Column("written", sa.BigInteger),
        sa.PrimaryKeyConstraint("leverance_id", name="outbox_delivery_pkey"),
    )
    op.create_index("outbox_delivery_written", "outbox_delivery", ["written"])
    op.create_table(
        "outbox_entry",
        sa.Column("leverance_id", key, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("besked_id", key, nullable=False),
        sa.PrimaryKeyConstraint("leverance_id", "place", name="outbox_entry_pkey"),
    )
    op.create_index("outbox_entry_besked_id", "outbox_entry", ["besked_id"])
