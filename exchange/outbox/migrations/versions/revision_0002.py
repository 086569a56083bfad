"""Who answered: a receipt that names the message, one of its delivery as a whole, or the user."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what is answered so far was answered by receipts that name the message, as far as is known."""
    op.add_column("outbox_message", sa.Column("answered_by", sa.Text))
