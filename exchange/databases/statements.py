"""Statements that are put together once, and run by the database's driver alone.

SQLAlchemy takes several times as long for a statement as SQLite does, and a message that comes alone needs four of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement, ColumnElement, Table
    from sqlalchemy.engine import Connection
    from sqlalchemy.sql import Select

_SIZES = (3, 500)
"""So many keys a statement asks for: the first size that is enough, and the last key stands in the places that are left."""

_NO_SCANS = "SET LOCAL enable_seqscan = off"
"""A prepared statement keeps its plan. One that was made while a table was empty would read all of it when it has grown; without
scans there is only one plan for each statement, by the index that serves it."""

POOLED = "exchange_pooled"
"""True in the `info` of a connection to PostgreSQL if a pooler is in between."""


class Statement:
    """A statement whose text is made once for each dialect.

    Its parameters and results are the driver's own: no types of SQLAlchemy convert them. Values that stand in it, as of a LIMIT,
    are parameters too, which nobody has to give.
    """

    def __init__(self, statement: ClauseElement, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = columns
        self._texts: dict[str, _Compiled] = {}

    def run(self, connection: Connection, parameters: Sequence[Mapping[str, Any]]) -> None:
        """Run the statement for each of the parameters."""
        compiled = self._compiled(connection)
        with closing(connection.connection.cursor()) as cursor:
            if len(parameters) == 1:  # one statement takes fewer round trips than a series of one
                cursor.execute(compiled.text, compiled.placed(parameters[0]))
            else:
                cursor.executemany(compiled.text, [compiled.placed(each) for each in parameters])

    def rows(self, connection: Connection, parameters: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
        """Run the statement and return its rows; in a pipeline their answer is waited for when the first is read."""
        compiled = self._compiled(connection)
        cursor = connection.connection.cursor()
        cursor.execute(compiled.text, compiled.placed(parameters))
        return _read(cursor)

    def _compiled(self, connection: Connection) -> _Compiled:
        dialect = connection.dialect
        if dialect.name not in self._texts:
            made: Any = self._statement.compile(dialect=dialect, column_keys=self._columns)
            fixed = {name: value for name, value in made.params.items() if value is not None}
            self._texts[dialect.name] = _Compiled(str(made), made.positiontup if made.positional else None, fixed)
        return self._texts[dialect.name]


def _read(cursor: Any) -> Iterator[tuple[Any, ...]]:
    with closing(cursor):
        yield from cursor.fetchall()


class _Compiled(NamedTuple):
    """A statement's text, the order of its parameters where they have no names, and those whose values stand in it."""

    text: str
    order: Sequence[str] | None
    fixed: Mapping[str, int]

    def placed(self, parameters: Mapping[str, Any]) -> Any:
        """Return the parameters as the driver takes them."""
        if self.fixed:
            parameters = {**self.fixed, **parameters}
        return parameters if self.order is None else [parameters[name] for name in self.order]


def insertion(table: Table, columns: Sequence[str]) -> Statement:
    """Return the statement that inserts rows with these columns."""
    return Statement(table.insert().inline(), columns)


@contextmanager
def pipeline(connection: Connection) -> Iterator[None]:
    """Send the block's statements without waiting for their answers, except for rows, where the driver can; then a COMMIT.

    The statements are prepared: the server parses and plans each of them once on a connection. Not so behind a pooler: two clients
    give the same name to different statements, and one would have the other's run. PgBouncer does not always see that a
    pipeline's transaction is over, and keeps its connection to the server from the others; so there each waits for its answer.

    An error may come only with a later statement, or at the end. What is raised is the first one: those that follow from it
    are neither raised nor, as the driver would, logged with what they quote.
    """
    if connection.dialect.name == "sqlite" or connection.info[POOLED]:
        yield
        return
    driver: Any = connection.connection.driver_connection
    first: BaseException | None = None
    driver.prepare_threshold = 0
    try:
        with driver.pipeline():
            try:
                driver.execute(_NO_SCANS)
                yield
                driver.execute("COMMIT")
            except BaseException as error:  # noqa: BLE001  # raised below
                first = error
    except Exception as error:  # noqa: BLE001  # the driver's; it or the first one is raised
        raise first or error from None
    finally:
        driver.prepare_threshold = None
        # One that was lost may not get out of its pipeline: a rollback would fail, and the pool log its error.
        if driver.info.pipeline_status:
            connection.invalidate()
    if first is not None:
        raise first


class Search:
    """A query for the rows in which a column has one of some keys, however many they are."""

    def __init__(self, query: Select[Any], column: ColumnElement[Any]) -> None:
        self._statements = {
            size: Statement(query.where(column.in_([bindparam(f"key_{n}") for n in range(size)]))) for size in _SIZES
        }

    def rows(self, connection: Connection, keys: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Run the query and return its rows; in a pipeline their answer is waited for when the first is read."""
        parts = [keys[at : at + _SIZES[-1]] for at in range(0, len(keys), _SIZES[-1])]
        return chain.from_iterable([self._rows(connection, part) for part in parts])

    def _rows(self, connection: Connection, keys: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        size = next(each for each in _SIZES if len(keys) <= each)
        parameters = {f"key_{n}": keys[min(n, len(keys) - 1)] for n in range(size)}
        return self._statements[size].rows(connection, parameters)
