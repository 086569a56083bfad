"""What a PostgreSQL server refuses: waited for where waiting can help, said at once where it cannot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from exchange import cli, inbox
from exchange.databases.database import Database
from exchange.errors import DatabaseFault, DatabaseUnavailable
from exchange.inbox.tables import SCHEMA

if TYPE_CHECKING:
    from support.inbox_servers import Server

RIGHT = "correct horse"
USER = "asked_for_password"


class Waited(Exception):
    """It was waited for."""


def wait(_fault: DatabaseUnavailable) -> None:
    raise Waited


@pytest.fixture(scope="module")
def asking(postgresql: Server) -> Server:
    postgresql.ask_password(USER, RIGHT)
    postgresql.execute("CREATE DATABASE closed TEMPLATE template0")
    postgresql.execute("REVOKE CONNECT ON DATABASE closed FROM PUBLIC")
    postgresql.execute("CREATE USER no_login NOLOGIN")
    return postgresql


def as_user(server: Server, user: str, database: str = "postgres") -> str:
    """Give a database's URL for another user than the server's own."""
    _, _, rest = server.url(database).partition("@")
    return f"postgresql://{user}@{rest}"


REFUSED = "the server refuses this user or password"
PARAMETER = "its URL has a parameter that is unknown, or whose value is not possible"
NO_WAITING_HELPS: dict[str, tuple[Callable[[Server], str], str]] = {
    "wrong password": (lambda server: as_user(server, f"{USER}:secret"), REFUSED),
    "no password": (lambda server: as_user(server, USER), REFUSED),
    "absent user": (lambda server: as_user(server, "nobody_at_all"), REFUSED),
    "no login": (lambda server: as_user(server, "no_login"), REFUSED),
    "shut out": (lambda server: as_user(server, "shut_out"), REFUSED),
    "absent database": (lambda server: server.url("absent"), "there is no such database on the server"),
    "closed database": (
        lambda server: as_user(server, f"{USER}:{RIGHT}", "closed"),
        "this user may not do so in the database",
    ),
    "unknown parameter": (lambda server: server.url("postgres") + "&secret=1", PARAMETER),
    "impossible timeout": (lambda server: server.url("postgres") + "&connect_timeout=secret", PARAMETER),
    "impossible value": (lambda server: server.url("postgres") + "&sslmode=secret", PARAMETER),
    "unknown setting": (lambda server: server.url("postgres") + "&options=-csecret%3D1", PARAMETER),
}


@pytest.mark.parametrize("case", NO_WAITING_HELPS)
def test_where_waiting_cannot_help_it_is_said_at_once(case: str, asking: Server) -> None:
    url, reason = NO_WAITING_HELPS[case]
    with pytest.raises(DatabaseFault, match=reason) as caught:
        inbox.open(url(asking), wait=wait)
    assert not isinstance(caught.value, DatabaseUnavailable)
    assert "secret" not in str(caught.value)
    assert RIGHT not in str(caught.value)


def test_a_watcher_whose_password_is_wrong_ends(
    asking: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    options = ["--watch", "in", "--receipts", "out", "--inbox", as_user(asking, f"{USER}:secret")]
    assert cli.run(["inbox", "receive", *options]) == 3
    assert capfd.readouterr().err.endswith(f": {REFUSED}\n")


@pytest.mark.parametrize("case", ["absent", "one of two"])
def test_a_server_that_is_away_is_waited_for(case: str, asking: Server, tmp_path: Path) -> None:
    away = f"postgresql://me@/absent?host={tmp_path}"
    url = away if case == "absent" else asking.url("absent").replace("host=", f"host={tmp_path},")
    with pytest.raises(Waited):
        inbox.open(url, wait=wait)


@pytest.mark.parametrize("state", ["57014", "40001", "40P01"])
def test_what_the_server_broke_off_may_be_tried_again(state: str, postgresql: Server) -> None:
    database = Database(SCHEMA, postgresql.fresh(), wait)
    broken_off = text(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$")
    with pytest.raises(Waited):
        database.write(lambda connection: connection.execute(broken_off))
    database.close()
