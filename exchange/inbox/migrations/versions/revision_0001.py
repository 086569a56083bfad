"""The first tables: messages, threads, deliveries and their receipts."""

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
        "inbox_message",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), autoincrement=True, nullable=False),
        sa.Column("key", key, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("akassekode", sa.Text),
        sa.Column("besked_id", sa.Text),
        sa.Column("kind", sa.Text),
        sa.Column("miljoe", sa.Text),
        sa.Column("handling", sa.Text),
        sa.Column("about", key),
        sa.Column("oprettet", sa.BigInteger),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("delivery", sa.Text),
        sa.Column("place", sa.Integer),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("thread", key),
        sa.Column("replaced", sa.Boolean, nullable=False),
        sa.Column("findings", sa.Text),
        sa.Column("content", sa.LargeBinary),
        sa.Column("receipt_name", sa.Text, nullable=False),
        sa.Column("receipt", sa.LargeBinary, nullable=False),
        sa.Column("purged", sa.BigInteger),
        sa.PrimaryKeyConstraint("number", name="inbox_message_pkey"),
        sa.UniqueConstraint("key", name="inbox_message_key"),
        sqlite_autoincrement=True,
    )
    _create_index_where_set("inbox_message_about", "inbox_message", "about")
    op.create_index("inbox_message_thread", "inbox_message", ["thread", "replaced", "handling", "oprettet", "key"])
    op.create_index("inbox_message_received", "inbox_message", ["received"])
    op.create_index("inbox_message_besked_id", "inbox_message", ["besked_id"])
    op.create_table(
        "inbox_thread",
        sa.Column("key", key, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("current", key, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("handed_out", sa.Boolean, nullable=False),
        sa.Column("token", sa.Text),
        sa.Column("leased", key),
        sa.Column("leased_until", sa.BigInteger),
        sa.Column("done", key),
        sa.Column("done_token", sa.Text),
        sa.Column("done_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("key", name="inbox_thread_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("inbox_thread_kind", "inbox_thread", ["kind", "done"])
    _create_index_where_set("inbox_thread_token", "inbox_thread", "token")
    _create_index_where_set("inbox_thread_done_token", "inbox_thread", "done_token")
    op.create_table(
        "inbox_delivery",
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("leverance_id", sa.Text),
        sa.Column("akassekode", sa.Text),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("accepted", sa.Integer, nullable=False),
        sa.Column("refused", sa.Integer, nullable=False),
        sa.Column("conflicts", sa.Integer, nullable=False),
        sa.Column("findings", sa.Text),
        sa.Column("receipt_name", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="inbox_delivery_pkey"),
    )
    op.create_table(
        "inbox_receipt_part",
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("sha256", "number", name="inbox_receipt_part_pkey"),
    )


def _create_index_where_set(name: str, table: str, column: str) -> None:
    is_set = sa.text(f"{column} IS NOT NULL")
    op.create_index(name, table, [column], sqlite_where=is_set, postgresql_where=is_set)
