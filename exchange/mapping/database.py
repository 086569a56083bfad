"""Reads the rows of a query to a database, as they come, by SQLAlchemy. Nothing is written to the database."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from exchange.errors import PackageMissing
from exchange.findings.texts import text
from exchange.mapping.definition import Table
from exchange.mapping.tables import OpenTable, check_columns, rows_of, unreadable

if TYPE_CHECKING:
    from sqlalchemy import URL

_AT_A_TIME = 1000


@contextmanager
def open_query(table: Table, database: str | None) -> Iterator[OpenTable]:
    """Run a table's query."""
    try:
        import sqlalchemy
        from sqlalchemy.exc import SQLAlchemyError
    except ImportError:
        raise PackageMissing(text("map-package", "en", package="sqlalchemy", extra="inbox")) from None
    engine = None
    # Their texts quote the query with its values, or the URL with its password.
    faults = (SQLAlchemyError, ImportError)
    try:
        # A program that logs all of SQLAlchemy would have each row in its log.
        logging.getLogger("sqlalchemy.engine.Engine.exchange-mapping").setLevel(logging.CRITICAL)
        engine = sqlalchemy.create_engine(
            _url(table, database), poolclass=sqlalchemy.NullPool, hide_parameters=True, logging_name="exchange-mapping"
        )
        with engine.connect() as connection:
            connection = connection.execution_options(
                stream_results=True, max_row_buffer=_AT_A_TIME, postgresql_readonly=True
            )
            found = connection.execute(sqlalchemy.text(table.query or ""))
            columns = list(found.keys())
            check_columns(table, columns)
            yield OpenTable(columns, rows_of((None, tuple(values)) for values in found), {})
    except faults as fault:
        reason = "map-no-driver" if isinstance(fault, ImportError) else "map-query-failed"
        raise unreadable(table, reason, fault=type(fault).__name__) from None
    finally:
        if engine is not None:
            engine.dispose()


def _url(table: Table, database: str | None) -> URL:
    from sqlalchemy import make_url
    from sqlalchemy.exc import SQLAlchemyError

    if database is None:
        raise unreadable(table, "map-no-database")
    url = None
    try:
        url = make_url(database)
        backend = url.get_backend_name()
    except (SQLAlchemyError, ValueError):
        pass
    if url is None:
        raise unreadable(table, "map-url")
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite":
        # SQLite would make a database that is not there.
        path = Path(url.database or "")
        if not path.is_file():
            raise unreadable(table, "map-no-file")
        return url.set(database=path.resolve().as_uri(), query={"mode": "ro", "uri": "true"})
    return url
