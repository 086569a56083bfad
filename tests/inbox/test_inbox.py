"""The inbox: what is received is kept, answered the same each time, and handed out once; the same on both databases."""

from __future__ import annotations

import itertools
import logging
import random
import sqlite3
import stat
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from support.delivery_cases import DECLARATION, delivery, guid, hoved, plan, samtale
from support.inbox_servers import server

import exchange
from exchange import inbox
from exchange.databases import database
from exchange.databases.database import Database, migrate
from exchange.databases.statements import Statement
from exchange.errors import DatabaseFault, DatabaseRefused, DatabaseUnavailable
from exchange.inbox import receiving, storing
from exchange.inbox.box import Inbox
from exchange.inbox.tables import METADATA, SCHEMA
from exchange.receipts import read_receipt
from exchange.xml.digest import canonical_sha256

if TYPE_CHECKING:
    from support.inbox_servers import Server

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
LATER = AT + timedelta(minutes=5)
HALF_AN_HOUR = timedelta(minutes=30)


def xml(message: str) -> bytes:
    return (DECLARATION + message).encode()


def about(number: int, handling: str, earlier: int, *, minute: int = 5, akassekode: str = "67") -> str:
    """Give a correction, or a withdrawal, of a plan draft, made at a minute past 14."""
    head = hoved(number, about=(handling, earlier), akassekode=akassekode).replace("14:05", f"14:{minute:02}")
    return plan(number, f"Udgave {number}").replace(hoved(number), head)


@pytest.fixture
def box(inbox_url: str) -> Iterator[Inbox]:
    with inbox.open(inbox_url) as opened:
        yield opened


def states(box: Inbox, at: datetime = AT) -> dict[str, str]:
    """Give where each message stands, by the last digits of its beskedId."""
    return {(each.besked_id or "?")[-3:].lstrip("0"): each.state for each in box.list(at=at)}


def test_the_same_message_gets_the_same_receipt_byte_for_byte(box: Inbox) -> None:
    first = box.receive(xml(plan(1)), at=AT)
    assert first.ok
    assert exchange.validate(first.receipt).ok
    receipt = read_receipt(first.receipt)
    (entry,) = receipt
    assert (entry.besked_id, entry.sha256, entry.accepted) == (guid(1), canonical_sha256(xml(plan(1))), True)
    assert receipt.head["oprettet"] == AT
    # In another encoding and with another case in the declaration it is the same message.
    for again in (xml(plan(1)), plan(1).encode("utf-16")):
        found = box.receive(again, at=LATER)
        assert found.again
        assert (found.receipt, found.receipt_name) == (first.receipt, first.receipt_name)
    assert len(list(box.list(at=AT))) == 1


def test_another_content_under_the_same_id_is_a_conflict_kept_and_reported(box: Inbox) -> None:
    first = box.receive(xml(plan(1)), at=AT)
    other = box.receive(xml(plan(1, "Noget andet.")), at=AT)
    assert not other.ok
    assert (other.accepted, other.refused, other.conflicts) == (0, 0, 1)
    assert other.report is not None
    assert [finding.code for finding in other.report.findings] == ["besked-id-conflict"]
    (entry,) = read_receipt(other.receipt)
    assert not entry.accepted
    assert [fund.code for fund in entry.findings] == ["besked-id-conflict"]
    assert box.receive(xml(plan(1, "Noget andet.")), at=LATER).receipt == other.receipt
    assert box.receive(xml(plan(1)), at=LATER).receipt == first.receipt
    kept = box.show(guid(1), at=AT)
    assert [(each.listed.state, each.content) for each in kept] == [
        ("current", xml(plan(1))),
        ("conflict", xml(plan(1, "Noget andet."))),
    ]


def test_two_funds_may_use_one_id(box: Inbox) -> None:
    assert box.receive(xml(samtale(1)), at=AT).ok
    assert box.receive(xml(samtale(1, akassekode="24")), at=AT).ok


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (xml(samtale(1, form="brevdue")), "code-unknown"),
        (xml(plan(1).replace("<plan>", "<pla>")), "not-well-formed"),
        (b"", "not-well-formed"),
        (xml("<brev/>"), "message-unknown"),
        (b"x" * 20_000_001, "too-large"),
    ],
)
def test_what_is_refused_is_kept_with_its_findings(box: Inbox, data: bytes, code: str) -> None:
    first = box.receive(data, at=AT)
    assert (first.accepted, first.refused) == (0, 1)
    assert exchange.validate(first.receipt).ok
    assert box.receive(data, at=LATER).receipt == first.receipt
    (kept,) = box.show("1", at=AT)
    assert kept.listed.state == "refused"
    assert kept.report is not None
    assert code in kept.report.counts
    assert kept.content == (None if code == "too-large" else data)


def test_a_message_that_was_refused_holds_no_id(box: Inbox) -> None:
    assert not box.receive(xml(samtale(1, form="brevdue")), at=AT).ok
    assert box.receive(xml(samtale(1)), at=AT).ok


def test_a_receipt_is_no_message_for_an_inbox(box: Inbox) -> None:
    receipt = box.receive(xml(plan(1)), at=AT).receipt
    assert box.receive(receipt, at=AT).refused == 1


# Deliveries


def test_a_delivery_is_its_messages_and_one_receipt(box: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "TOGETHER", 2)
    first = box.receive(xml(plan(1)), at=AT)
    data = xml(delivery(plan(1), plan(2), samtale(3, form="brevdue"), plan(4), about(5, "ret", 4)))
    whole = box.receive(data, at=LATER)
    assert (whole.accepted, whole.refused, whole.conflicts, whole.again) == (4, 1, 0, False)
    receipt = read_receipt(whole.receipt)
    assert [entry.accepted for entry in receipt] == [True, True, False, True, True]
    assert receipt.head["leveranceId"] == guid(999)
    assert (receipt.head["antal"], receipt.head["godtagne"]) == (5, 4)
    again = box.receive(data, at=LATER + HALF_AN_HOUR)
    assert again.again
    assert again.receipt == whole.receipt
    # Alone, each is the same message.
    assert box.receive(xml(plan(1)), at=LATER).receipt == first.receipt
    assert box.receive(xml(plan(2)), at=LATER).again
    assert states(box) == {"1": "current", "2": "current", "3": "refused", "4": "replaced", "5": "current"}


def test_a_delivery_that_breaks_off_in_the_middle_of_receiving_is_received_again(
    box: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "TOGETHER", 1)
    data = xml(delivery(*map(plan, range(1, 6))))
    calls = itertools.count()
    store = receiving.Receiver._store

    def breaking(self: Any, *given: Any) -> Any:
        if next(calls) == 3:
            raise DatabaseFault("gone")
        return store(self, *given)

    with monkeypatch.context() as patch:
        patch.setattr(receiving.Receiver, "_store", breaking)
        with pytest.raises(DatabaseFault):
            box.receive(data, at=AT)
    before = [kept.receipt for number in (1, 2, 3) for kept in box.show(str(number), at=AT)]
    assert box.receive(data, at=LATER).accepted == 5
    assert [kept.receipt for number in (1, 2, 3) for kept in box.show(str(number), at=AT)] == before
    assert len(list(box.list(at=AT))) == 5


def test_what_is_refused_for_its_delivery_may_come_again_in_a_sound_one(box: Inbox) -> None:
    torn = xml(delivery(plan(1), plan(2), antal=3))
    refused = box.receive(torn, at=AT)
    assert (refused.accepted, refused.refused, refused.ok) == (0, 2, False)
    assert box.receive(torn, at=LATER).receipt == refused.receipt
    assert not box.receive(torn, at=LATER).ok
    sound = box.receive(xml(delivery(plan(1), plan(2))), at=LATER)
    assert (sound.accepted, sound.ok) == (2, True)


def test_a_conflict_in_a_delivery_is_said_of_that_message(box: Inbox) -> None:
    box.receive(xml(plan(2, "Et andet.")), at=AT)
    whole = box.receive(xml(delivery(plan(1), plan(2))), at=AT)
    assert (whole.accepted, whole.conflicts) == (1, 1)
    one, two = read_receipt(whole.receipt)
    assert one.accepted
    assert [fund.code for fund in two.findings] == ["besked-id-conflict"]


def test_a_delivery_without_messages_is_refused_and_answered(box: Inbox) -> None:
    empty = box.receive(xml(delivery(antal=1)), at=AT)
    assert not empty.ok
    assert box.receive(xml(delivery(antal=1)), at=AT).receipt == empty.receipt


# Which version is current

THREADS = {
    "a correction": ([plan(1), about(2, "ret", 1, minute=6)], {"1": "replaced", "2": "current"}),
    "a correction of a correction": (
        [plan(1), about(2, "ret", 1, minute=6), about(3, "ret", 2, minute=7)],
        {"1": "replaced", "2": "replaced", "3": "current"},
    ),
    "two corrections of one": (
        [plan(1), about(2, "ret", 1, minute=9), about(3, "ret", 1, minute=7)],
        {"1": "replaced", "2": "current", "3": "replaced"},
    ),
    "two corrections of one in one second": (
        [plan(1), about(2, "ret", 1), about(3, "ret", 1)],
        {"1": "replaced", "2": "replaced", "3": "current"},
    ),
    "a correction by a clock that is behind": (
        [plan(1), about(2, "ret", 1, minute=1)],
        {"1": "replaced", "2": "current"},
    ),
    "a withdrawal": (
        [plan(1), about(2, "ret", 1, minute=6), about(3, "annuller", 1, minute=7)],
        {"1": "withdrawn", "2": "withdrawn", "3": "current"},
    ),
    "a correction of what is withdrawn": (
        [plan(1), about(2, "annuller", 1, minute=6), about(3, "ret", 2, minute=7), about(4, "ret", 1, minute=8)],
        {"1": "withdrawn", "2": "current", "3": "withdrawn", "4": "withdrawn"},
    ),
    "a correction of what never comes": ([plan(1), about(2, "ret", 9)], {"1": "current", "2": "waiting"}),
    "a correction of another fund's": (
        [plan(1), about(2, "ret", 1, akassekode="24")],
        {"1": "current", "2": "waiting"},
    ),
    "a correction of another kind of message": ([samtale(1), about(2, "ret", 1)], {"1": "current", "2": "waiting"}),
    "a circle": ([about(1, "ret", 2), about(2, "ret", 1)], {"1": "waiting", "2": "waiting"}),
}


@pytest.mark.parametrize("name", THREADS)
def test_the_current_version_is_the_same_whatever_the_order_of_arrival(name: str, tmp_path: Path) -> None:
    messages, expected = THREADS[name]
    for number, order in enumerate(itertools.permutations(messages)):
        with inbox.open(str(tmp_path / f"{number}.db")) as box:
            for message in order:
                assert box.receive(xml(message), at=AT).ok
            assert states(box) == expected, order


@pytest.mark.parametrize("name", ["a correction of a correction", "a correction of what is withdrawn"])
def test_so_it_is_on_every_database_and_in_one_transaction(name: str, box: Inbox) -> None:
    messages, expected = THREADS[name]
    assert box.receive(xml(delivery(*reversed(messages))), at=AT).ok
    assert states(box) == expected


# Processing


def take(box: Inbox, at: datetime = AT, limit: int = 9, **more: Any) -> list[str]:
    return [each.token for each in box.take(at=at, timeout=HALF_AN_HOUR, limit=limit, **more)]


def test_plan_drafts_are_taken_once_and_confirmed(box: Inbox) -> None:
    for message in (plan(1), samtale(2), plan(3)):
        box.receive(xml(message), at=AT)
    (first,) = box.take(at=AT, timeout=HALF_AN_HOUR)
    assert (first.besked_id, first.kind, first.data) == (guid(1), "minPlanUdkast", xml(plan(1)))
    assert first.until == (AT + HALF_AN_HOUR).timestamp()
    (second,) = take(box)
    assert take(box) == []
    assert states(box) == {"1": "taken", "2": "current", "3": "taken"}
    assert box.done(first.token, at=LATER)
    assert box.done(first.token, at=LATER), "said twice it is said"
    assert box.give_back(second)
    assert not box.give_back(second)
    assert states(box) == {"1": "done", "2": "current", "3": "current"}
    assert len(take(box)) == 1
    assert box.done(guid(3), at=LATER), "by its id as well"
    assert take(box, at=AT + timedelta(days=9)) == []
    assert len(take(box, kinds=["samtale"])) == 1
    assert not box.done("nothing", at=AT)


def test_what_was_not_confirmed_in_time_is_there_again(box: Inbox) -> None:
    box.receive(xml(plan(1)), at=AT)
    (late,) = take(box)
    assert take(box, at=AT + HALF_AN_HOUR - timedelta(seconds=1)) == []
    assert box.done(late, at=AT + HALF_AN_HOUR * 2), "nobody else has it"
    box.receive(xml(plan(2)), at=AT)
    (late,) = take(box)
    (other,) = take(box, at=AT + HALF_AN_HOUR)
    assert not box.done(late, at=AT + HALF_AN_HOUR)
    assert not box.give_back(late)
    assert box.done(other, at=AT + HALF_AN_HOUR)


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_newer_version_is_handed_out_while_the_older_is_taken_or_done(box: Inbox, confirmed: bool) -> None:
    box.receive(xml(plan(1)), at=AT)
    (token,) = take(box)
    assert box.done(token, at=AT) or not confirmed
    box.receive(xml(about(2, "ret", 1)), at=AT)
    (newer,) = box.take(at=AT, timeout=HALF_AN_HOUR)
    assert newer.besked_id == guid(2)
    box.receive(xml(about(3, "annuller", 2)), at=AT)
    (withdrawal,) = box.take(at=AT, timeout=HALF_AN_HOUR)
    assert (withdrawal.besked_id, withdrawal.withdraws) == (guid(3), True)
    assert box.done(withdrawal.token, at=AT)
    assert take(box) == []


def test_to_confirm_an_older_version_leaves_the_newer_to_be_taken(box: Inbox) -> None:
    box.receive(xml(plan(1)), at=AT)
    (token,) = take(box)
    box.receive(xml(about(2, "ret", 1)), at=AT)
    assert box.done(token, at=AT)
    assert [each.besked_id for each in box.take(at=AT, timeout=HALF_AN_HOUR, limit=9)] == [guid(2)]


def test_what_was_withdrawn_before_anybody_saw_it_is_not_handed_out(box: Inbox) -> None:
    box.receive(xml(plan(1)), at=AT)
    box.receive(xml(about(2, "annuller", 1)), at=AT)
    assert take(box) == []


# Purging


def test_a_purge_forgets_what_was_said_and_still_answers_the_same(box: Inbox, inbox_url: str) -> None:
    told = "Noget om et menneske, som ingen skal finde igen."
    first = box.receive(xml(plan(1, told)), at=AT)
    refused = box.receive(xml(plan(2, told).replace("<plan>", "<pla>")), at=AT)
    unprocessed = box.receive(xml(plan(3)), at=AT)
    assert box.done(guid(1), at=AT)
    later = AT + timedelta(days=31)
    assert box.purge(older_than=timedelta(days=31), at=later) == (0, 0)
    assert box.purge(older_than=timedelta(days=30), at=later) == (2, 1)
    (kept,) = box.show(guid(1), at=later)
    assert (kept.content, kept.report, kept.receipt) == (None, None, first.receipt)
    assert kept.listed.sha256 == canonical_sha256(xml(plan(1, told)))
    for data, receipt in (
        (xml(plan(1, told)), first.receipt),
        (xml(plan(2, told).replace("<plan>", "<pla>")), refused.receipt),
        (xml(plan(3)), unprocessed.receipt),
    ):
        assert box.receive(data, at=later).receipt == receipt
    assert len(list(box.list(at=later))) == 3
    if not inbox_url.startswith("postgresql"):
        for path in Path(inbox_url).parent.glob("inbox.db*"):
            assert b"ingen skal finde" not in path.read_bytes()
    assert box.purge(older_than=timedelta(days=30), at=later, unprocessed=True) == (1, 0)
    assert take(box, at=later) == []


# The database


def test_a_new_inbox_has_the_tables_that_the_program_knows(inbox_url: str) -> None:
    with inbox.open(inbox_url) as box:
        assert box._database.read(_differences) == []


def _differences(connection: Any) -> Any:
    context = MigrationContext.configure(connection, opts={"version_table": SCHEMA.versions, "compare_type": True})
    return compare_metadata(context, METADATA)


def test_an_inbox_of_the_first_revision_is_brought_up_to_date_with_what_is_in_it(inbox_url: str) -> None:
    with inbox.open(inbox_url) as box:
        receipt = box.receive(xml(plan(1)), at=AT).receipt
        rows: Any = box._database.read(
            lambda connection: connection.execute(text("SELECT * FROM inbox_message")).mappings().all()
        )
        # Down to nothing, and up to the first revision only.
        box._database.write(_emptied)
        box._database.write(lambda connection: migrate(SCHEMA, connection, "0001"))
        columns = ", ".join(rows[0])
        values = ", ".join(f":{name}" for name in rows[0])
        insert = f"INSERT INTO inbox_message ({columns}) VALUES ({values})"  # noqa: S608  # names of ours
        box._database.write(lambda connection: connection.execute(text(insert), dict(rows[0])))
    with inbox.open(inbox_url) as box:
        assert box._database.read(_differences) == []
        again = box.receive(xml(plan(1)), at=LATER)
        assert (again.again, again.receipt) == (True, receipt)


def _emptied(connection: Any) -> None:
    for name in (*METADATA.tables, SCHEMA.versions):
        connection.execute(text(f"DROP TABLE {name}"))


def test_the_program_knows_the_newest_revision() -> None:
    folder = Path(inbox.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_heads() == [SCHEMA.head]


def test_no_log_tells_what_is_kept_however_much_is_logged(box: Inbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "sqlalchemy.engine")
    box.receive(xml(plan(1, "Noget om et menneske.")), at=AT)
    assert box.show(guid(1), at=AT)[0].content
    assert take(box)
    assert "menneske" not in caplog.text
    assert "0101405000" not in caplog.text


def test_an_inbox_of_a_newer_program_is_left_alone(inbox_url: str) -> None:
    inbox.open(inbox_url).close()
    database = Database(SCHEMA, inbox_url)
    database.write(lambda connection: connection.execute(text(f"UPDATE {SCHEMA.versions} SET version_num = 'f9'")))  # noqa: S608
    database.close()
    with pytest.raises(DatabaseFault, match="made by a newer version of this program"):
        inbox.open(inbox_url)
    assert SCHEMA.head != "f9"


def test_an_sqlite_inbox_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    with inbox.open(f"sqlite:///{path}") as box:
        box.receive(xml(plan(1)), at=AT)
        files = list(tmp_path.iterdir())
        assert {file.name for file in files} == {"inbox.db", "inbox.db-wal", "inbox.db-shm"}
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
        for pragma, value in (("journal_mode", "wal"), ("synchronous", 2), ("secure_delete", 1)):
            assert box._database.read(partial(_scalar, f"PRAGMA {pragma}")) == value


def _scalar(statement: str, connection: Any) -> Any:
    return connection.execute(text(statement)).scalar()


def test_another_file_is_not_taken_for_an_inbox(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.db"
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    note = tmp_path / "note.txt"
    note.write_text("Husk mælk. " * 100, "utf-8")
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "elsewhere.db")
    for path in (foreign, note, link, tmp_path):
        before = path.read_bytes() if path.is_file() else None
        with pytest.raises(DatabaseFault) as caught:
            inbox.open(str(path))
        assert caught.value.__context__ is None
        assert (path.read_bytes() if path.is_file() else None) == before
    assert not (tmp_path / "elsewhere.db").exists()


@pytest.mark.parametrize("url", ["mysql://me:secret@host/x", "postgresql:secret://", "sqlite://", "://secret"])
def test_another_kind_of_database_is_refused_without_a_word_of_the_url(url: str) -> None:
    with pytest.raises(DatabaseFault, match="expected a path") as caught:
        inbox.open(url)
    assert "secret" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "in memory"),
        (":memory:", "in memory"),
        ("file::memory:", "in memory"),
        ("file::memory:?cache=shared", "in memory"),
        ("file:inbox.db?mode=memory", "in memory"),
        ("sqlite://", "in memory"),
        ("sqlite:///", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("sqlite:///file::memory:?uri=true", "in memory"),
        ("sqlite:///file:inbox.db?mode=memory&uri=true", "in memory"),
        ("sqlite:///inbox.db?vfs=memdb", "in memory"),
        ("inbox.db?mode=ro", "mode=ro: read-only"),
        ("file:inbox.db?cache=shared&mode=ro", "mode=ro: read-only"),
        ("sqlite:///inbox.db?mode=ro", "mode=ro: read-only"),
        ("sqlite:///inbox.db?immutable=1", "immutable=1: read-only"),
        ("inbox.db?mode=rw&mode=ro", "mode=ro: read-only"),
        ("sqlite:///inbox.db?mode=rw&mode=ro", "mode=ro: read-only"),
        ("sqlite:///inbox.db?mode=rwc&immutable=1", "immutable=1: read-only"),
        ("sqlite:///inbox.db?mode=rwc&vfs=memdb", "in memory"),
        ("file:inbox.db", "file: URI"),
        ("postgresql://me:secret@host:port/db", "no inbox of this kind"),
        ("postgresql://me:secret@[::1/db", "no inbox of this kind"),
    ],
)
def test_what_keeps_nothing_or_cannot_be_written_is_refused(
    url: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DatabaseRefused, match=reason):
        inbox.open(url)
    assert not list(tmp_path.iterdir())


def test_a_file_without_write_permission_is_refused_and_stays_so(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    inbox.open(str(path)).close()
    path.chmod(0o444)
    with pytest.raises(DatabaseRefused, match="read-only"):
        inbox.open(str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o444


def test_an_inbox_that_another_makes_at_the_same_moment_is_an_inbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, set_up = str(tmp_path / "inbox.db"), database._set_up
    looks: list[str] = []

    def traced(statement: str) -> None:
        looks.append(statement)
        if len(looks) == 2:
            monkeypatch.setattr(database, "_set_up", set_up)
            inbox.open(url).close()

    def beside(mark: int, connection: sqlite3.Connection) -> None:
        connection.set_trace_callback(traced)
        set_up(mark, connection)
        connection.set_trace_callback(None)

    monkeypatch.setattr(database, "_set_up", beside)
    with inbox.open(url) as box:
        assert list(box.list(at=AT)) == []
    assert len(looks) > 2


def test_a_file_that_is_taken_away_is_not_written_to(tmp_path: Path) -> None:
    path, elsewhere = tmp_path / "inbox.db", tmp_path / "elsewhere.db"
    with inbox.open(str(path)) as box:
        first = box.receive(xml(plan(1)), at=AT)
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        path.rename(elsewhere)
        with pytest.raises(DatabaseUnavailable, match="not there any more"):
            box.receive(xml(plan(2)), at=AT)
        assert not path.exists()
        path.write_bytes(elsewhere.read_bytes())
        path.chmod(0o600)
        assert box.receive(xml(plan(1)), at=LATER).receipt == first.receipt
        assert not box.receive(xml(plan(2)), at=AT).again
    with inbox.open(str(path)) as box:
        assert states(box) == {"1": "current", "2": "current"}


def test_a_server_set_up_without_a_locale_gives_text() -> None:
    with server(("--locale=C",)) as started:
        url = started.url("postgres")
        with psycopg.connect(url) as connection:
            row = connection.execute("SHOW server_encoding").fetchone()
        assert row is not None
        assert row[0] in ("SQL_ASCII", b"SQL_ASCII")
        message = xml(plan(1, "Blåbærgrød og æbler på Ærø."))
        with inbox.open(url) as box:
            first = box.receive(message, at=AT)
            assert first.ok
        with inbox.open(url) as box:
            again = box.receive(message, at=LATER)
            assert (again.again, again.receipt, again.receipt_name) == (True, first.receipt, first.receipt_name)
            (kept,) = box.show("1", at=AT)
            assert kept.content == message
            assert states(box) == {"1": "current"}


def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    with pytest.raises(DatabaseFault, match="cannot be reached") as caught:
        inbox.open("postgresql://me:secret@127.0.0.1:1/x?password=secret2&connect_timeout=2")
    assert "secret" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


def test_a_connection_that_is_lost_is_said_and_nothing_is_lost(
    postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgresql.fresh()
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'inbox_%'"
    entered = storing.Store.__call__

    def lost(self: Any, arrivals: Any) -> Any:
        stored = entered(self, arrivals)
        postgresql.execute(end)
        return stored

    with inbox.open(url) as box:
        with monkeypatch.context() as patch:
            patch.setattr(storing.Store, "__call__", lost)
            with pytest.raises(DatabaseFault, match="connection to the server is lost") as caught:
                box.receive(xml(plan(1)), at=AT)
            assert caught.value.__context__ is None
        assert list(box.list(at=AT)) == []
        first = box.receive(xml(plan(1)), at=AT)
        postgresql.execute(end)
        assert box.receive(xml(plan(1)), at=AT).receipt == first.receipt


def test_a_full_disk_is_said_and_nothing_is_torn(tmp_path: Path) -> None:
    with inbox.open(str(tmp_path / "inbox.db")) as box:
        first = box.receive(xml(plan(1)), at=AT)
        pages = box._database.read(lambda connection: connection.execute(text("PRAGMA page_count")).scalar_one())
        box._database.read(lambda connection: connection.execute(text(f"PRAGMA max_page_count = {pages + 2}")))
        messages = [xml(plan(number, "Langt. " * 500)) for number in range(2, 30)]
        kept: list[bytes] = []
        with pytest.raises(DatabaseFault, match="the disk is full") as caught:
            for message in messages:
                kept.append(box.receive(message, at=AT).receipt)  # noqa: PERF401  # some are there when it breaks off
        assert caught.value.__context__ is None
        assert len(list(box.list(at=AT))) == 1 + len(kept)
    with inbox.open(str(tmp_path / "inbox.db")) as box:
        assert box.receive(xml(plan(1)), at=LATER).receipt == first.receipt
        again = [box.receive(message, at=LATER) for message in messages]
        assert [each.receipt for each in again[: len(kept)]] == kept
        assert [each.again for each in again] == [True] * len(kept) + [False] * (len(messages) - len(kept))


def test_a_server_whose_disk_is_full_is_told_of_without_its_own_words(postgresql: Server) -> None:
    with inbox.open(postgresql.fresh()) as box:
        first = box.receive(xml(plan(1)), at=AT)
        # As the server would say it, in the middle of the transaction, when the message is written already.
        box._database.write(_full)
        with pytest.raises(DatabaseFault, match="the server's disk is full") as caught:
            box.receive(xml(delivery(plan(1), plan(2))), at=AT)
        assert caught.value.__context__ is None
        assert "0101405000" not in str(caught.value)
        assert [each.besked_id for each in box.list(at=AT)] == [guid(1)]
        box._database.write(lambda connection: connection.execute(text("DROP TRIGGER full_disk ON inbox_thread")))
        assert box.receive(xml(delivery(plan(1), plan(2))), at=LATER).accepted == 2
        assert box.receive(xml(plan(1)), at=LATER).receipt == first.receipt


def _full(connection: Any) -> None:
    body = "BEGIN RAISE EXCEPTION 'no room for 0101405000' USING ERRCODE = '53100'; END"
    connection.execute(text(f"CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"))
    connection.execute(
        text("CREATE TRIGGER full_disk BEFORE INSERT ON inbox_thread FOR EACH ROW EXECUTE FUNCTION full_disk()")
    )


def test_ten_thousand_messages_in_random_order_come_to_the_same(tmp_path: Path, postgresql: Server) -> None:
    chance = random.Random(87)
    for count, url in ((10_000, str(tmp_path / "{}.db")), (2_000, "")):
        messages = []
        for number in range(1, count + 1):
            earlier = chance.randrange(max(1, number - 200), number) if number > 1 and chance.random() < 0.4 else 0
            handling = chance.choice(["ret", "ret", "ret", "annuller"])
            messages.append(about(number, handling, earlier, minute=chance.randrange(60)) if earlier else plan(number))
        ends = []
        for order in ("sorted", "shuffled"):
            if order == "shuffled":
                chance.shuffle(messages)
            parts = [messages[at : at + 1000] for at in range(0, count, 1000)]
            with inbox.open(url.format(order) if url else postgresql.fresh()) as box:
                assert sum(box.receive(xml(delivery(*part)), at=AT).accepted for part in parts) == count
                ends.append(sorted((each.besked_id, each.state) for each in box.list(at=AT)))
        assert ends[0] == ends[1]
        found = {state for _, state in ends[0]}
        assert found == {"current", "replaced", "withdrawn"}


def test_the_connection_is_told_to_wait_for_the_disk(postgresql: Server) -> None:
    url = postgresql.fresh()
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    postgresql.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    with inbox.open(url) as box:
        setting = box._database.read(lambda connection: connection.execute(text("SHOW synchronous_commit")).scalar())
        assert setting == "on"


def receive_in_every_order(box: Inbox) -> None:
    for number in range(1, 20):
        box.receive(xml(plan(number)), at=AT)
        box.receive(xml(about(number + 100, "ret", number)), at=AT)
        box.receive(xml(about(number + 200, "ret", number + 300)), at=AT)
        box.receive(xml(plan(number + 300)), at=AT)
    assert (states(box)["1"], states(box)["301"]) == ("replaced", "replaced")


def test_no_statement_of_receiving_or_processing_reads_a_whole_table_on_sqlite(tmp_path: Path) -> None:
    statements: list[str] = []
    with inbox.open(str(tmp_path / "inbox.db")) as box:
        driver: Any = box._database.read(lambda connection: connection.connection.driver_connection)
        driver.set_trace_callback(statements.append)
        receive_in_every_order(box)
        (taken,) = box.take(at=AT, timeout=timedelta(hours=1))
        assert box.give_back(taken.token)
        (taken,) = box.take(at=AT, timeout=timedelta(hours=1))
        assert box.done(taken.token, at=AT)
        assert box.done(taken.token, at=AT)
        driver.set_trace_callback(None)
        started = {
            each for each in statements if each.startswith(("SELECT inbox_message", "UPDATE", "SELECT inbox_thread"))
        }
        plans = [str(row) for each in started for row in driver.execute(f"EXPLAIN QUERY PLAN {each}")]
    assert any("inbox_message_about" in plan for plan in plans)
    assert any("inbox_thread_token" in plan for plan in plans)
    assert any("inbox_thread_done_token" in plan for plan in plans)
    assert [plan for plan in plans if "SCAN" in plan] == []


def test_no_statement_of_receiving_reads_a_whole_table_on_postgresql(
    postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The plans are made while the tables are empty, and kept.
    entered = storing.Store.__call__
    counts = (
        "SELECT seq_scan, idx_scan FROM pg_stat_xact_user_tables WHERE relname IN ('inbox_message', 'inbox_thread')"
    )
    scans = Statement(text(counts))
    counted: list[tuple[int, int]] = []

    def entered_and_counted(self: Any, arrivals: Any) -> Any:
        stored = entered(self, arrivals)
        counted.extend((row[0], row[1]) for row in scans.rows(self._connection, {}))
        return stored

    monkeypatch.setattr(storing.Store, "__call__", entered_and_counted)
    url = postgresql.fresh()
    # In a connection of its own: to make an index is a scan too.
    inbox.open(url).close()
    with inbox.open(url) as box:
        receive_in_every_order(box)
    assert {sequential for sequential, _ in counted} == {0}
    assert any(by_index for _, by_index in counted)


def test_who_confirms_a_version_does_not_confirm_the_one_that_takes_its_place(postgresql: Server) -> None:
    url = postgresql.fresh()
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

    def wait_for(connection: psycopg.Connection[Any], count: int) -> None:
        while connection.execute(waiting).fetchone() != (count,):
            assert [future for future in futures if future.done()] == []
            connection.execute("SELECT pg_sleep(0.01), pg_stat_clear_snapshot()")

    with inbox.open(url) as box, ThreadPoolExecutor(2) as threads, psycopg.connect(url) as between:
        box.receive(xml(plan(1)), at=AT)
        between.execute("SELECT FROM inbox_thread FOR UPDATE")
        futures: list[Future[Any]] = [threads.submit(box.receive, xml(about(2, "ret", 1)), at=AT)]
        wait_for(between, 1)
        futures.append(threads.submit(box.done, guid(1), at=AT))
        wait_for(between, 2)
        between.commit()
        assert futures[0].result().ok
        assert futures[1].result() is False
        (taken,) = box.take(at=AT, timeout=timedelta(hours=1))
        assert taken.besked_id == guid(2)
