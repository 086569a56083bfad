"""Opens the inbox's database, brings its tables up to date, and runs pieces of work in transactions of their own.

No error of a database leaves here: its text, its parameters and the server's own words may quote a message.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Engine, column, create_engine, event, func, inspect, make_url, select, table
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from exchange.errors import InboxFault, PackageMissing
from exchange.inbox.tables import HEAD, VERSIONS
from exchange.values import visible

T = TypeVar("T")
Work = Callable[[Connection], T]

MARK = 0x78503837
"""SQLite's application_id of an inbox: no other database is taken for one."""

_LOCK = 0x7850383700000001
_WAIT = 60
_TRIES, _PAUSE = 200, 0.05
_LOGGED_AS = "exchange-inbox"
_MIGRATIONS = Path(__file__).parent / "migrations"


class _Foreign(Exception):
    """A database that is no inbox."""


class _Busy(Exception):
    """Others read what was to be given up."""


class Database:
    """A database with the inbox's tables. Raises InboxFault if it cannot be opened, PackageMissing without its driver.

    `url` is a path or sqlite:///path for SQLite, postgresql://… for PostgreSQL.
    """

    def __init__(self, url: str) -> None:
        self.url = _parsed(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.shown = visible(self.url.set(query={}).render_as_string(hide_password=True), 500)
        if self.is_sqlite:
            self.shown = visible(self.url.database or "", 500)
            self._engine = _sqlite(Path(self.url.database or ""), self.shown)
        else:
            self._engine = _postgresql(self.url)
        self._writing = self._engine.execution_options(writing=True)
        try:
            if self.read(_revision) != HEAD:
                self.write(self._upgrade)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def read(self, work: Work[T]) -> T:
        """Run work that only reads. Raises InboxFault."""
        return self._run(self._engine, work)

    def write(self, work: Work[T]) -> T:
        """Run work in a transaction that no other receiver's overlaps; what it did is on the disk when this returns.

        Raises InboxFault; then nothing of it was done, or, if the connection was lost just then, all of it.
        """

        def alone(connection: Connection) -> T:
            if not self.is_sqlite:
                connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            return work(connection)

        return self._run(self._writing, alone)

    def change(self, work: Work[T]) -> T:
        """Run work in a transaction; on PostgreSQL others may run beside it. Raises as `write`."""
        return self._run(self._writing, work)

    def sweep(self) -> None:
        """Have the database give up what was deleted: nothing of it stays in a log or between the rows. Raises InboxFault."""
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
            with engine.begin() as connection:
                return work(connection)

        return self._guarded(whole)

    def _guarded(self, work: Callable[[], T]) -> T:
        reason = None
        try:
            return work()
        except _Busy:
            reason = "purged, but another process reads it, so it is not gone from the disk yet; purge again"
        except _Foreign:
            reason = "there is something else than an inbox; name another file"
        except Exception as error:  # whatever else it is goes on as it is
            reason = _reason(error)
            if reason is None:
                raise
        # Not where it was caught: nothing of it may be chained to this.
        raise InboxFault(f"{self.shown}: {reason}")

    def _upgrade(self, connection: Connection) -> None:
        # Another process may have done it just now.
        if _revision(connection) != HEAD and not migrate(connection):
            raise InboxFault(f"{self.shown}: made by a newer version of this program, which this one cannot read")


def migrate(connection: Connection, revision: str = "head") -> bool:
    """Bring the tables to a revision; False if they are at one that the program does not know."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    now = _revision(connection)
    if now is not None and now not in {each.revision for each in ScriptDirectory.from_config(config).walk_revisions()}:
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


def _parsed(url: str) -> URL:
    if "://" not in url:
        return URL.create("sqlite", database=url)
    parsed = None
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except SQLAlchemyError:
        backend = ""
    if parsed is not None and backend == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return URL.create("sqlite", database=parsed.database)
    if parsed is not None and backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    raise InboxFault("no inbox of this kind: expected a path, sqlite:///path or postgresql://user@host/database")


def _engine(url: URL, **given: Any) -> Engine:
    """Make an engine of which no log tells what it carries, at any level that the program around it may have set."""
    logging.getLogger(f"sqlalchemy.engine.Engine.{_LOGGED_AS}").setLevel(logging.CRITICAL)
    return create_engine(url, hide_parameters=True, logging_name=_LOGGED_AS, **given)


def _sqlite(path: Path, shown: str) -> Engine:
    reason = None
    try:
        _own(path)
    except _Foreign:
        reason = "no plain file of your own; name another"
    except OSError as error:
        reason = error.strerror or type(error).__name__
    if reason:
        raise InboxFault(f"{shown}: {reason}")
    engine = _engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": _WAIT})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _own(path: Path) -> None:
    """See to it that the file is there, and its owner's only.

    One that is there is not opened: to close it would take SQLite's locks from this process's other connections.
    """
    if not os.path.lexists(path):
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        # Another process may make it just now.
        with suppress(FileExistsError):
            os.close(os.open(path, flags, 0o600))
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode) or (hasattr(os, "geteuid") and status.st_uid != os.geteuid()):
        raise _Foreign
    if status.st_mode & 0o077:
        path.chmod(0o600)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Begin a connection. Where two make the inbox at once, one finds it busy, and SQLite does not wait while it turns to WAL."""
    for _ in range(_TRIES):
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
    """Set a connection up: nothing is written to a database that is another's."""
    # Transactions begin and end only where SQLAlchemy says so.
    connection.isolation_level = None
    (mark,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if mark != MARK and (mark or tables):
        raise _Foreign
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "trusted_schema = OFF"):
        connection.execute(f"PRAGMA {pragma}").fetchall()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes then could fail in between.
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _postgresql(url: URL) -> Engine:
    try:
        import psycopg  # noqa: F401  # only whether it is there
    except ImportError:
        raise PackageMissing(
            "an inbox on PostgreSQL needs psycopg, which is not installed: pip install 'exchange[postgres]'"
        ) from None
    # A plan that was made for an empty table would be kept while it grows.
    engine = _engine(url, pool_pre_ping=True, connect_args={"prepare_threshold": None})
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _prepare_postgresql(connection: Any, _record: object) -> None:
    """Begin a connection: a commit is on the server's disk when it returns, whatever the server is set to."""
    connection.execute(
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
    )
    connection.commit()


_SQLITE = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_BUSY": "another process holds it too long",
    "SQLITE_LOCKED": "another process holds it too long",
    "SQLITE_READONLY": "it cannot be written",
    "SQLITE_PERM": "it cannot be written",
    "SQLITE_CANTOPEN": "it cannot be opened",
    "SQLITE_NOTADB": "there is something else than an inbox; name another file",
    "SQLITE_CORRUPT": "it is damaged",
    "SQLITE_IOERR": "the disk fails",
}
_POSTGRESQL = {
    "53100": "the server's disk is full",
    "53300": "the server has too many connections",
    "08": "the connection to the server is lost",
    "57P": "the connection to the server is lost",
    "28": "the server refuses this user or password",
    "3D000": "there is no such database on the server",
    "42501": "this user may not do so in the database",
    "25006": "it cannot be written",
    "55P03": "another process holds it too long",
}


def _reason(error: Exception) -> str | None:
    """Say in words of our own what a database has to complain of; None for what is no database's error."""
    origin = getattr(error, "orig", None) or error
    if isinstance(origin, sqlite3.Error):
        name = getattr(origin, "sqlite_errorname", "") or ""
        fitting = (reason for start, reason in _SQLITE.items() if name.startswith(start))
        return next(fitting, f"the database fails ({name or type(origin).__name__})")
    if type(origin).__module__.partition(".")[0] == "psycopg":
        state = getattr(origin, "sqlstate", None) or ""
        fitting = (reason for start, reason in _POSTGRESQL.items() if state.startswith(start))
        # Without a state the server did not say it: there is none, or the connection broke.
        return next(fitting, f"the database fails ({state})" if state else "the server cannot be reached")
    return f"the database fails ({type(error).__name__})" if isinstance(error, SQLAlchemyError) else None
