"""PgBouncer before PostgreSQL, which has another connection to the server for each transaction, and others have it too."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import bindparam, make_url, select, text
from support.poolers import Pooler, pooler

from exchange.databases.database import Database
from exchange.databases.statements import Statement, insertion
from exchange.errors import DatabaseFault, DatabaseUnavailable
from exchange.inbox.tables import SCHEMA, THREAD

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection
    from support.inbox_servers import Server

_INSERT = insertion(THREAD, ("key", "kind", "current", "withdrawn", "handed_out"))
_KIND = Statement(select(THREAD.c.kind).where(THREAD.c.key == bindparam("key")))
_CURRENT = Statement(select(THREAD.c.current).where(THREAD.c.key == bindparam("key")))


@pytest.fixture(scope="module")
def between(postgresql: Server) -> Iterator[Pooler]:
    with pooler(postgresql) as started:
        yield started


def wait(_fault: DatabaseUnavailable) -> None:
    raise AssertionError("it was waited for")


def test_no_client_has_run_what_another_has_prepared(between: Pooler, postgresql: Server) -> None:
    url = between.url(postgresql.fresh())
    one, other = Database(SCHEMA, url), Database(SCHEMA, url)
    row = {"key": "a", "kind": "samtale", "current": "b", "withdrawn": False, "handed_out": False}
    one.write(lambda connection: _INSERT.run(connection, [row]))

    def ask(database: Database, statement: Statement) -> str:
        ((answer,),) = database.write(lambda connection: list(statement.rows(connection, {"key": "a"})), pipelined=True)
        return str(answer)

    with ThreadPoolExecutor(1) as threads:

        def ask_at_once(connection: Connection) -> Future[str]:
            """Let the other one begin while this one has a connection to the server."""
            assert list(_KIND.rows(connection, {"key": "a"})) == [("samtale",)]
            return threads.submit(ask, other, _CURRENT)

        assert one.write(ask_at_once, pipelined=True).result() == "b"
    third = Database(SCHEMA, url)
    for _ in range(3):
        assert [ask(one, _KIND), ask(other, _CURRENT)] == ["samtale", "b"]
        assert third.read(lambda _: [ask(one, _KIND), ask(other, _CURRENT)]) == ["samtale", "b"]
    for database in (one, other, third):
        database.close()


def test_after_a_transaction_others_have_its_connection_to_the_server(between: Pooler, postgresql: Server) -> None:
    url = between.url(postgresql.fresh())
    one, other, third = (Database(SCHEMA, url) for _ in range(3))

    def ask(connection: Connection) -> list[tuple[object, ...]]:
        return list(_KIND.rows(connection, {"key": "a"}))

    for _ in range(300):
        one.write(ask, pipelined=True)
        other.read(lambda _: third.read(ask))  # both connections to the server
    for database in (one, other, third):
        database.close()


def test_nothing_is_set_for_a_session(between: Pooler, postgresql: Server) -> None:
    direct = postgresql.fresh()
    postgresql.execute(f"ALTER DATABASE {make_url(direct).database} SET synchronous_commit = off")
    url = between.url(direct)
    settings = "SELECT current_setting('synchronous_commit'), current_setting('lock_timeout')"

    def ours(connection: Connection) -> tuple[object, ...]:
        return tuple(connection.execute(text(settings)).one())

    one, other = Database(SCHEMA, url, wait), Database(SCHEMA, url, wait)
    # Each of the two connections to the server is used, by whom it serves first and by the other one.
    assert one.read(lambda connection: (ours(connection), other.read(ours))) == (("on", "500ms"), ("on", "500ms"))
    assert other.read(lambda connection: (ours(connection), one.write(ours))) == (("on", "500ms"), ("on", "500ms"))
    with psycopg.connect(url) as first, psycopg.connect(url) as second:
        assert [each.execute(settings).fetchone() for each in (first, second)] == [("off", "0"), ("off", "0")]
    one.close()
    other.close()


STATEMENTS = "the pooler before the server pools statements; expected sessions or transactions"


def test_one_that_pools_statements_is_refused(postgresql: Server) -> None:
    direct = postgresql.fresh()
    with pooler(postgresql, "statement") as between, pytest.raises(DatabaseFault, match=f": {STATEMENTS}$"):
        Database(SCHEMA, between.url(direct), wait)


NO_WAITING_HELPS = {
    "wrong password": ("{user}:secret", "", "the server refuses this user or password"),
    "absent user": ("nobody_at_all:secret", "", "the server refuses this user or password"),
    "setting": ("{user}:right", "&options=-clock_timeout%3D1", "its URL has a parameter that is unknown"),
}


@pytest.mark.parametrize("case", NO_WAITING_HELPS)
def test_what_it_refuses_is_said_at_once(case: str, asking: Pooler, postgresql: Server) -> None:
    user, more, reason = NO_WAITING_HELPS[case]
    direct = postgresql.url("postgres")
    url = asking.url(direct, user.format(user=make_url(direct).username))
    with pytest.raises(DatabaseFault, match=f": {reason}") as caught:
        Database(SCHEMA, url + more, wait)
    assert not isinstance(caught.value, DatabaseUnavailable)
    assert "secret" not in str(caught.value)


@pytest.fixture(scope="module")
def asking(postgresql: Server) -> Iterator[Pooler]:
    with pooler(postgresql, password="right") as started:  # noqa: S106  # of the tests' own
        yield started
