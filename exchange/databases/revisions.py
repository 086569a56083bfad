"""Runs the revisions of a schema's tables; each schema's `migrations/env.py` calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import context

from exchange.databases.database import Schema

if TYPE_CHECKING:
    from sqlalchemy import MetaData


def run(schema: Schema, metadata: MetaData) -> None:
    """Run the revisions on the connection, and in the transaction, that `database` gives."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        version_table=schema.versions,
        transactional_ddl=True,
        render_as_batch=True,
    )
    context.run_migrations()
