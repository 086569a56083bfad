"""Opens the inbox's database, brings its tables up to date, and runs functions in transactions of their own.

No error of a database leaves this module: its text, its parameters and the server's own words may quote a message.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Engine, column, create_engine, event, func, inspect, select, table
from sqlalchemy.engine import Connection

from exchange.errors import InboxFault, InboxUnavailable, PackageMissing
from exchange.inbox.faults import fault_of
from exchange.inbox.tables import HEAD, VERSIONS
from exchange.inbox.urls import NotOurs, make_private, parsed, place
from exchange.model.values import visible

T = TypeVar("T")
Work = Callable[[Connection], T]

MARK = 0x78503837
"""SQLite's application_id of an inbox."""

_LOCK = 0x7850383700000001
_WAIT = 60
_SHORT_WAIT = 0.5
_CONNECT_WAIT = 5
_TRIES, _PAUSE = 200, 0.05
_LOGGED_AS = "exchange-inbox"
_MIGRATIONS = Path(__file__).parent / "migrations"
_UPGRADING = threading.Lock()
"""Alembic's context is global: another thread's upgrade would run on this one's connection."""


class _Foreign(Exception):
    """A database that is no inbox."""


class _Away(Exception):
    """The file of an inbox that was opened is not where it was."""


class _Busy(Exception):
    """Others read what was to be removed."""


class Database:
    """A database with the inbox's tables. Raises InboxFault if it cannot be opened, PackageMissing without its driver.

    `url` is a path or sqlite:///path for SQLite, postgresql://… for PostgreSQL. Whenever the database cannot be used just
    now, `wait` is called, and when it returns, the transaction is tried again; without it InboxUnavailable is raised.
    """

    def __init__(self, url: str, wait: Callable[[InboxUnavailable], object] | None = None) -> None:
        self._wait = wait
        # With `wait` the caller waits itself: no signal is handled while the database waits for a lock.
        lock_wait = _WAIT if wait is None else _SHORT_WAIT
        self.url = parsed(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.shown = visible(self.url.set(query={}).render_as_string(hide_password=True), 500)
        if self.is_sqlite:
            self.shown = visible(self.url.database or "", 500)
            self._file = Path(self.url.database or "").absolute()
            self._engine = _sqlite(self._file, self.shown, lock_wait, 1 if wait else _TRIES)
            self._place = place(self._file)
        else:
            self._engine = _postgresql(self.url, None if wait is None else lock_wait)
        self._writing = self._engine.execution_options(writing=True)
        try:
            if self.read(_revision) != HEAD:
                self.write(self._upgrade)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def read(self, work: Work[T]) -> T:
        """Run a function that only reads. Raises InboxFault."""
        return self._run(self._engine, work)

    def write(self, work: Work[T]) -> T:
        """Run a function in a transaction that overlaps no other receiver's; what it did is on the disk when this returns.

        Raises InboxFault; then nothing of it was done, or, if the connection was lost just then, all of it.
        """

        def locked(connection: Connection) -> T:
            if not self.is_sqlite:
                connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            return work(connection)

        return self._run(self._writing, locked)

    def change(self, work: Work[T]) -> T:
        """Run a function in a transaction; on PostgreSQL others may run beside it. Raises as `write`."""
        return self._run(self._writing, work)

    def sweep(self) -> None:
        """Remove what was deleted from SQLite's log, and from between PostgreSQL's rows. Raises InboxFault."""
        self._guarded(self._checkpoint if self.is_sqlite else self._vacuum)

    def _checkpoint(self) -> None:
        connection = self._engine.raw_connection()
        try:
            (busy, *_) = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.close()
        if busy:
            raise _Busy

    def _vacuum(self) -> None:
        with self._engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM inbox_message")

    def _run(self, engine: Engine, work: Work[T]) -> T:
        def whole() -> T:
            self._check_file()
            with engine.begin() as connection:
                return work(connection)

        return self._guarded(whole)

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
            except InboxUnavailable as error:
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
            reason = "there is something else than an inbox; name another file"
        except _Away:
            reason, is_temporary = "the file is not there any more", True
        except Exception as error:
            fault = fault_of(error)
            if fault is None:
                raise
            reason, is_temporary = fault
        # Outside the handler, so that the original error is not chained to this one.
        raise (InboxUnavailable if is_temporary else InboxFault)(f"{self.shown}: {reason}")

    def _upgrade(self, connection: Connection) -> None:
        # Another process may have done it just now.
        if _revision(connection) != HEAD and not migrate(connection):
            raise InboxFault(f"{self.shown}: made by a newer version of this program, which this one cannot read")


def migrate(connection: Connection, revision: str = "head") -> bool:
    """Bring the tables to a revision; return False if they are at one that this program does not know."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    now = _revision(connection)
    with _UPGRADING:
        known = {each.revision for each in ScriptDirectory.from_config(config).walk_revisions()}
        if now is not None and now not in known:
            return False
        command.upgrade(config, revision)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA application_id = {MARK}")
    return True


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSIONS):
        return None
    found = connection.execute(select(column("version_num")).select_from(table(VERSIONS))).scalar()
    return found and str(found)


def _engine(url: URL, **options: Any) -> Engine:
    """Make an engine that writes no parameters to the log, whatever level the calling program has set."""
    logging.getLogger(f"sqlalchemy.engine.Engine.{_LOGGED_AS}").setLevel(logging.CRITICAL)
    return create_engine(url, hide_parameters=True, logging_name=_LOGGED_AS, **options)


def _sqlite(path: Path, shown: str, wait: float, tries: int) -> Engine:
    reason = None
    try:
        make_private(path, shown)
    except NotOurs:
        reason = "no plain file of your own; name another"
    except OSError as error:
        reason = error.strerror or type(error).__name__
    if reason:
        raise InboxFault(f"{shown}: {reason}")
    engine = _engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": wait})
    event.listen(engine, "connect", partial(_prepare_sqlite, tries))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(tries: int, connection: Any, _record: object) -> None:
    """Set up a connection. Where two make the inbox at once, one finds it busy, and SQLite does not wait while it turns to WAL."""
    for _ in range(tries - 1):
        try:
            _set_up(connection)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(_PAUSE)
        else:
            return
    _set_up(connection)


def _set_up(connection: Any) -> None:
    """Set up a connection, without writing to a database that is no inbox."""
    # Transactions begin and end only where SQLAlchemy says so.
    connection.isolation_level = None
    (mark,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if mark != MARK and (mark or tables):
        raise _Foreign
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "trusted_schema = OFF"):
        connection.execute(f"PRAGMA {pragma}").fetchall()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and then writes could fail in between.
    writing = connection.get_execution_options().get("writing")
    connection.connection.cursor().execute("BEGIN IMMEDIATE" if writing else "BEGIN")


def _postgresql(url: URL, wait: float | None) -> Engine:
    try:
        import psycopg  # noqa: F401  # only whether it is there
    except ImportError:
        raise PackageMissing(
            "an inbox on PostgreSQL needs psycopg, which is not installed: pip install 'exchange-par87[postgres]'"
        ) from None
    # A plan that was made for an empty table would be kept while the table grows. From a database in SQL_ASCII, the encoding
    # of a server that was set up without a locale, text would come as bytes.
    arguments: dict[str, Any] = {"prepare_threshold": None, "client_encoding": "utf8"}
    if wait is not None and "connect_timeout" not in url.query:
        arguments["connect_timeout"] = _CONNECT_WAIT
    engine = _engine(url, pool_pre_ping=True, connect_args=arguments)
    event.listen(engine, "connect", partial(_prepare_postgresql, wait))
    return engine


def _prepare_postgresql(wait: float | None, connection: Any, _record: object) -> None:
    """Set up a connection: a commit is on the server's disk when it returns, whatever the server is set to."""
    connection.execute(
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
    )
    if wait is not None:
        connection.execute("SELECT set_config('lock_timeout', %s, false)", [f"{round(wait * 1000)}ms"])
    connection.commit()
