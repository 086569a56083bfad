"""Opens a database, brings its tables up to date, and runs functions in transactions of their own.

No error of a database leaves this module: its text, its parameters and the server's own words may quote a message.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import URL, Engine, bindparam, column, create_engine, event, func, inspect, select, table
from sqlalchemy.engine import Connection
from sqlalchemy.exc import InvalidatePoolError

from exchange.databases.faults import fault_of, is_preparation_lost
from exchange.databases.statements import POOLED, Statement, pipeline
from exchange.databases.urls import NotOurs, make_private, parsed, place
from exchange.errors import DatabaseFault, DatabaseUnavailable, PackageMissing
from exchange.model.values import visible

T = TypeVar("T")
Work = Callable[[Connection], T]

_WAIT = 60
_SHORT_WAIT = 0.5
_CONNECT_WAIT = 5
_TRIES, _PAUSE = 200, 0.05
_BEGIN = "exchange_begin"
"""In the `info` of a connection to PostgreSQL: what begins a transaction."""
_LOCK = Statement(select(func.pg_advisory_xact_lock(bindparam("lock"))))
_UPGRADING = threading.Lock()
"""Alembic's context is global: another thread's upgrade would run on this one's connection."""


class Schema(NamedTuple):
    """Whose tables a database has, and how it comes to have them.

    Attributes:
        name: What the database is to the user: "inbox".
        mark: SQLite's application_id. As a number of 64 bits, ending in 1, it is PostgreSQL's advisory lock.
        head: The newest revision.
        versions: The table in which a database says its revision.
        migrations: The folder of the revisions.
        swept: The table from which content is deleted.

    """

    name: str
    mark: int
    head: str
    versions: str
    migrations: Path
    swept: str

    @property
    def lock(self) -> int:
        """The advisory lock that writers hold on PostgreSQL."""
        return self.mark << 32 | 1


class _Foreign(Exception):
    """A database that has other tables."""


class _Away(Exception):
    """The file of a database that was opened is not where it was."""


class _Busy(Exception):
    """Others read what was to be removed."""


class Database:
    """A database with the tables of a schema. Raises DatabaseFault if it cannot be opened, PackageMissing without its driver.

    `url` is a path or sqlite:///path for SQLite, postgresql://… for PostgreSQL. Whenever the database cannot be used just
    now, `wait` is called, and when it returns, the transaction is tried again; without it DatabaseUnavailable is raised.
    """

    def __init__(self, schema: Schema, url: str, wait: Callable[[DatabaseUnavailable], object] | None = None) -> None:
        self._schema = schema
        self._wait = wait
        # With `wait` the caller waits itself: no signal is handled while the database waits for a lock.
        lock_wait = _WAIT if wait is None else _SHORT_WAIT
        self.url = parsed(url, schema.name)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.shown = visible(self.url.set(query={}).render_as_string(hide_password=True), 500)
        if self.is_sqlite:
            self.shown = visible(self.url.database or "", 500)
            self._file = Path(self.url.database or "").absolute()
            self._engine = _sqlite(schema, self._file, self.shown, lock_wait, 1 if wait else _TRIES)
            self._place = place(self._file)
        else:
            self._engine = _postgresql(schema, self.url, None if wait is None else lock_wait)
        self._writing = self._engine.execution_options(writing=True)
        try:
            if self.read(self._revision) != schema.head:
                self.write(self._upgrade)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def read(self, work: Work[T]) -> T:
        """Run a function that only reads. Raises DatabaseFault."""
        return self._run(self._engine, work)

    def write(self, work: Work[T], *, pipelined: bool = False) -> T:
        """Run a function in a transaction that overlaps no other receiver's; what it did is on the disk when this returns.

        One that is `pipelined` uses the connection only through `exchange.databases.statements`. Raises DatabaseFault; then
        nothing of it was done, or, if the connection was lost just then, all of it.
        """

        def locked(connection: Connection) -> T:
            if not self.is_sqlite:
                _LOCK.run(connection, [{"lock": self._schema.lock}])
            return work(connection)

        return self._run(self._writing, locked, pipelined=pipelined)

    def change(self, work: Work[T]) -> T:
        """Run a function in a transaction; on PostgreSQL others may run beside it. Raises as `write`."""
        return self._run(self._writing, work)

    def sweep(self) -> None:
        """Remove what was deleted from SQLite's log, and from between PostgreSQL's rows. Raises DatabaseFault."""
        self._guarded(self._sweep)

    def _sweep(self) -> None:
        with closing(self._engine.raw_connection()) as connection:
            connection.rollback()  # neither can be done in a transaction
            cursor = connection.cursor()
            if not self.is_sqlite:
                cursor.execute(f"VACUUM {self._schema.swept}")
                return
            (busy, *_) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise _Busy

    def _run(self, engine: Engine, work: Work[T], *, pipelined: bool = False) -> T:
        def whole(*, pipelined: bool) -> T:
            self._check_file()
            # The pipeline ends first: within one that failed, a rollback fails too, and its error would hide the first.
            with engine.begin() as connection, pipeline(connection) if pipelined else nullcontext():
                return work(connection)

        def prepared_or_not() -> T:
            try:
                return whole(pipelined=pipelined)
            except Exception as error:
                if not is_preparation_lost(error):
                    raise
            return whole(pipelined=False)

        return self._guarded(prepared_or_not)

    def _check_file(self) -> None:
        """Raise _Away if SQLite's file is not there: what is written to a file that was removed is lost."""
        if not self.is_sqlite:
            return
        try:
            found = place(self._file)
        except OSError:
            raise _Away from None
        if found != self._place:  # a mount that came back, a copy put back
            self._engine.dispose()
            self._place = found

    def _guarded(self, work: Callable[[], T]) -> T:
        while True:
            try:
                return self._once(work)
            except DatabaseUnavailable as error:
                if self._wait is None:
                    raise
                unavailable = error
            self._wait(unavailable)

    def _once(self, work: Callable[[], T]) -> T:
        reason, is_temporary = None, False
        try:
            return work()
        except _Busy:
            reason = "purged, but another process reads it, so it is not gone from the disk yet; purge again"
        except _Foreign:
            reason = f"there is something else than an {self._schema.name}; name another file"
        except _Away:
            reason, is_temporary = "the file is not there any more", True
        except Exception as error:
            fault = fault_of(error, self._schema.name)
            if fault is None:
                raise
            reason, is_temporary = fault
        # Outside the handler, so that the original error is not chained to this one.
        raise (DatabaseUnavailable if is_temporary else DatabaseFault)(f"{self.shown}: {reason}")

    def _revision(self, connection: Connection) -> str | None:
        return _revision(self._schema, connection)

    def _upgrade(self, connection: Connection) -> None:
        # Another process may have done it just now.
        if self._revision(connection) != self._schema.head and not migrate(self._schema, connection):
            raise DatabaseFault(f"{self.shown}: made by a newer version of this program, which this one cannot read")


def migrate(schema: Schema, connection: Connection, revision: str = "head") -> bool:
    """Bring the tables to a revision; return False if they are at one that this program does not know."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(schema.migrations).replace("%", "%%"))
    now = _revision(schema, connection)
    with _UPGRADING:
        known = {each.revision for each in ScriptDirectory.from_config(config).walk_revisions()}
        if now is not None and now not in known:
            return False
        command.upgrade(config, revision)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA application_id = {schema.mark}")
    return True


def _revision(schema: Schema, connection: Connection) -> str | None:
    if not inspect(connection).has_table(schema.versions):
        return None
    found = connection.execute(select(column("version_num")).select_from(table(schema.versions))).scalar()
    return found and str(found)


def _engine(schema: Schema, url: URL, **options: Any) -> Engine:
    """Make an engine that writes no parameters to the log, whatever level the calling program has set."""
    logged_as = f"exchange-{schema.name}"
    logging.getLogger(f"sqlalchemy.engine.Engine.{logged_as}").setLevel(logging.CRITICAL)
    return create_engine(url, hide_parameters=True, logging_name=logged_as, **options)


def _sqlite(schema: Schema, path: Path, shown: str, wait: float, tries: int) -> Engine:
    reason = None
    try:
        make_private(path, shown, schema.name)
    except NotOurs:
        reason = "no plain file of your own; name another"
    except OSError as error:
        reason = error.strerror or type(error).__name__
    if reason:
        raise DatabaseFault(f"{shown}: {reason}")
    engine = _engine(schema, URL.create("sqlite", database=str(path)), connect_args={"timeout": wait})
    event.listen(engine, "connect", partial(_prepare_sqlite, schema.mark, tries))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(mark: int, tries: int, connection: Any, _record: object) -> None:
    """Set up a connection. Where two make the database at once, one finds it busy, and SQLite does not wait while it turns to WAL."""
    for _ in range(tries - 1):
        try:
            _set_up(mark, connection)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(_PAUSE)
        else:
            return
    _set_up(mark, connection)


def _set_up(mark: int, connection: Any) -> None:
    """Set up a connection, without writing to a database that has other tables."""
    # Transactions begin and end only where SQLAlchemy says so.
    connection.isolation_level = None
    # In this order: another process may make tables and mark, in one transaction, between the two.
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    (found,) = connection.execute("PRAGMA application_id").fetchone()
    if found != mark and (found or tables):
        raise _Foreign
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "trusted_schema = OFF"):
        connection.execute(f"PRAGMA {pragma}").fetchall()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and then writes could fail in between.
    writing = connection.get_execution_options().get("writing")
    connection.connection.cursor().execute("BEGIN IMMEDIATE" if writing else "BEGIN")


def _postgresql(schema: Schema, url: URL, wait: float | None) -> Engine:
    try:
        import psycopg  # noqa: F401  # only whether it is there
    except ImportError:
        raise PackageMissing(
            f"an {schema.name} on PostgreSQL needs psycopg, which is not installed: pip install 'exchange-par87[postgres]'"
        ) from None
    # A plan that was made for an empty table would be kept while the table grows; only a pipeline prepares statements. From a
    # database in SQL_ASCII, the encoding of a server that was set up without a locale, text would come as bytes.
    arguments: dict[str, Any] = {"prepare_threshold": None, "client_encoding": "utf8"}
    if wait is not None and "connect_timeout" not in url.query:
        arguments["connect_timeout"] = _CONNECT_WAIT
    engine = _engine(schema, url, connect_args=arguments)
    event.listen(engine, "connect", partial(_prepare_postgresql, wait))
    event.listen(engine, "checkout", _begin_postgresql)
    return engine


def _prepare_postgresql(wait: float | None, connection: Any, record: Any) -> None:
    """Set up a connection, and find out whether a pooler is in between: then the session is not ours, and changes."""
    # `_begin_postgresql` begins each transaction; the driver would ask for that with the first statement, and wait.
    connection.autocommit = True
    asked = connection.execute("SELECT pg_backend_pid(), current_setting('synchronous_commit')")
    serving, commit = asked.fetchone()
    # A pooler makes up the process that it names when a client connects.
    record.info[POOLED] = serving != connection.info.backend_pid
    # What is looked up after waiting for the lock must see what its last holder wrote, and a commit is on the server's disk when it
    # returns, whatever the server is set to.
    begin = [
        "BEGIN ISOLATION LEVEL READ COMMITTED",
        f"SET LOCAL synchronous_commit = {'on' if commit == 'off' else commit}",
    ]
    if wait is not None:
        begin.append(f"SET LOCAL lock_timeout = {round(wait * 1000)}")
    record.info[_BEGIN] = "; ".join(begin)


def _begin_postgresql(connection: Any, record: Any, _proxy: object) -> None:
    """Begin a transaction on a connection from the pool; if it was lost meanwhile, the pool makes a new one.

    So no query of its own has to show that the connection is still there.
    """
    try:
        connection.execute(record.info[_BEGIN])
    except Exception as error:
        if not connection.closed:
            raise
        raise InvalidatePoolError from error
