"""A pipeline on PostgreSQL: what fails in the middle is the same fault as without one, and nothing of it stays, or is logged."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from sqlalchemy import bindparam, delete, make_url, select, text

from exchange.databases.database import Database
from exchange.databases.statements import Statement, insertion
from exchange.errors import DatabaseFault, DatabaseUnavailable
from exchange.inbox.tables import SCHEMA, THREAD

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection
    from support.inbox_servers import Server

PERSON = "0101405000"
_INSERT = insertion(THREAD, ("key", "kind", "current", "withdrawn", "handed_out"))
_KINDS = Statement(select(THREAD.c.kind).where(THREAD.c.key == bindparam("key")).order_by(THREAD.c.key))
_WAITING = Statement(
    text(
        "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
)


@pytest.fixture(scope="module")
def url(postgresql: Server) -> str:
    return postgresql.fresh()


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database(SCHEMA, url)
    yield opened
    opened.write(clean)
    opened.close()


def clean(connection: Connection) -> None:
    connection.execute(text("DROP FUNCTION IF EXISTS refuse CASCADE"))
    connection.execute(delete(THREAD))


def insert(connection: Connection, key: str, *, kind: str = "samtale") -> None:
    row = {"key": key, "kind": kind, "current": key, "withdrawn": False, "handed_out": False}
    _INSERT.run(connection, [row])


def refuse(state: str, trigger: str) -> Callable[[Connection], object]:
    """Return what makes the server refuse threads of the kind "refused", in words that quote them."""
    body = f"BEGIN RAISE EXCEPTION 'no room for {PERSON}' USING ERRCODE = '{state}', DETAIL = NEW.key; END"

    def prepare(connection: Connection) -> None:
        connection.execute(text(f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"))
        connection.execute(
            text(f"{trigger} FOR EACH ROW WHEN (NEW.kind = 'refused') EXECUTE FUNCTION refuse()"),
        )

    return prepare


AT_ONCE = "CREATE TRIGGER refuse BEFORE INSERT ON inbox_thread"
AT_COMMIT = "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON inbox_thread DEFERRABLE INITIALLY DEFERRED"
REFUSED = {
    "full disk": (refuse("53100", AT_ONCE), "the server's disk is full", True),
    "full disk at the commit": (refuse("53100", AT_COMMIT), "the server's disk is full", True),
    "deadlock": (refuse("40P01", AT_ONCE), "another process was in its way", True),
    "the key is taken": (lambda connection: insert(connection, f"b {PERSON}"), "the database fails (23505)", False),
}
"""What makes the second of three threads fail, the reason, and whether it may pass by itself."""


@pytest.mark.parametrize("pipelined", [False, True])
@pytest.mark.parametrize("case", REFUSED)
def test_a_statement_in_the_middle_fails(
    case: str, pipelined: bool, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    prepare, reason, passes = REFUSED[case]
    database.write(prepare)
    before = threads(database)
    reached = []

    def work(connection: Connection) -> None:
        assert list(_KINDS.rows(connection, {"key": "a"})) == []
        insert(connection, "a")
        insert(connection, f"b {PERSON}", kind="refused")
        insert(connection, "c")
        reached.append(list(_KINDS.rows(connection, {"key": "a"})))

    with pytest.raises(DatabaseFault) as caught:
        database.write(work, pipelined=pipelined)
    assert str(caught.value) == f"{database.shown}: {reason}"
    assert isinstance(caught.value, DatabaseUnavailable) == passes
    assert caught.value.__context__ is None
    assert reached == [[("samtale",)]] * (case == "full disk at the commit")
    assert PERSON not in caplog.text
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert threads(database) == before
    database.write(lambda connection: insert(connection, "a"), pipelined=pipelined)
    assert threads(database) == sorted([*before, "a"])


@pytest.mark.parametrize("pipelined", [False, True])
def test_a_connection_that_ends_in_the_middle(
    pipelined: bool, database: Database, postgresql: Server, caplog: pytest.LogCaptureFixture
) -> None:
    def work(connection: Connection) -> None:
        insert(connection, "a")
        assert list(_KINDS.rows(connection, {"key": "a"})) == [("samtale",)]
        driver = connection.connection.driver_connection
        assert driver is not None
        postgresql.execute(f"SELECT pg_terminate_backend({driver.info.backend_pid}, 60000)")
        insert(connection, "b")
        list(_KINDS.rows(connection, {"key": "b"}))

    with pytest.raises(DatabaseUnavailable, match=r": the connection to the server is lost$"):
        database.write(work, pipelined=pipelined)
    assert [record for record in caplog.records if record.name.startswith("psycopg")] == []
    assert threads(database) == []


def test_a_connection_that_cannot_leave_the_pipeline_is_given_up(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    # So it is with one that the server ended just then.
    copy = Statement(text("COPY inbox_thread TO STDOUT"))
    with pytest.raises(DatabaseFault):
        database.write(lambda connection: copy.run(connection, [{}]), pipelined=True)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    database.write(lambda connection: insert(connection, "a"), pipelined=True)
    assert threads(database) == ["a"]


def forget(database: Database) -> None:
    """Have the server forget the connection's session, as a pooler does."""
    with closing(database._engine.raw_connection()) as connection:
        driver: Any = connection.driver_connection
        for statement in (b"COMMIT", b"DISCARD ALL"):
            driver.pgconn.exec_(statement)


def alter(database: Database) -> None:
    """Change a table while a connection is open."""
    with psycopg.connect(database.url.set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
        connection.execute("ALTER TABLE inbox_thread ALTER COLUMN kind TYPE varchar(77)")


@pytest.mark.parametrize("change", [forget, alter])
def test_a_lost_prepared_statement_is_no_fault(change: Callable[[Database], None], postgresql: Server) -> None:
    database = Database(SCHEMA, postgresql.fresh())

    def work(connection: Connection) -> list[tuple[object, ...]]:
        insert(connection, "b")
        return list(_KINDS.rows(connection, {"key": "a"}))

    database.write(lambda connection: insert(connection, "a"))
    assert database.write(work, pipelined=True) == [("samtale",)]
    database.write(clean)
    change(database)
    assert database.write(work, pipelined=True) == []
    assert threads(database) == ["b"]
    database.close()


@pytest.mark.parametrize("pipelined", [False, True])
def test_who_waited_for_the_lock_sees_what_its_holder_wrote(pipelined: bool, postgresql: Server) -> None:
    url = postgresql.fresh()
    Database(SCHEMA, url).close()
    name = make_url(url).database
    postgresql.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = 'repeatable read'")
    first, second = Database(SCHEMA, url), Database(SCHEMA, url)

    def find_or_insert(connection: Connection) -> list[tuple[object, ...]]:
        found = list(_KINDS.rows(connection, {"key": "a"}))
        if not found:
            insert(connection, "a")
        return found

    with ThreadPoolExecutor(1) as pool:

        def hold(connection: Connection) -> Future[list[tuple[object, ...]]]:
            find_or_insert(connection)
            waiting = pool.submit(second.write, find_or_insert, pipelined=pipelined)
            while not list(_WAITING.rows(connection, {})):
                assert not waiting.done()
            return waiting

        assert first.write(hold).result() == [("samtale",)]
    first.close()
    second.close()


def test_a_value_that_the_driver_refuses_does_not_pass(database: Database) -> None:
    with pytest.raises(DatabaseFault, match=r": the database fails \(DataError\)$") as caught:
        database.write(lambda connection: insert(connection, f"{PERSON}\0"), pipelined=True)
    assert not isinstance(caught.value, DatabaseUnavailable)


def test_what_fails_in_the_program_is_raised_before_what_the_server_refused(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def work(connection: Connection) -> None:
        insert(connection, f"a {PERSON}")
        insert(connection, f"a {PERSON}")
        raise KeyError("a fault of the program's own")

    with pytest.raises(KeyError, match="a fault of the program's own"):
        database.write(work, pipelined=True)
    assert caplog.records == []
    assert threads(database) == []


def test_each_statement_sees_what_those_before_it_did(database: Database) -> None:
    def work(connection: Connection) -> list[tuple[object, ...]]:
        insert(connection, "a", kind="minPlanUdkast")
        return list(_KINDS.rows(connection, {"key": "a"}))

    assert database.write(work, pipelined=True) == [("minPlanUdkast",)]
    assert threads(database) == ["a"]


def threads(database: Database) -> list[str]:
    return database.read(lambda connection: list(connection.execute(select(THREAD.c.key).order_by("key")).scalars()))
