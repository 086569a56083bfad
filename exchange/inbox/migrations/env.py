"""Runs the revisions on the connection, and in the transaction, that `database` gives."""

from __future__ import annotations

from alembic import context

from exchange.inbox.tables import METADATA, VERSIONS

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSIONS,
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
