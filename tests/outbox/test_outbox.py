"""The outbox: what a source says is sent once, corrected, withdrawn and answered; the same on both databases."""

from __future__ import annotations

import io
import json
import sqlite3
import stat
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from support.outbox_cases import AT, after, plan_document, receipt_of, record, samtale_document
from support.receipt_cases import MISSING, ZERO

import exchange
from exchange import outbox
from exchange.deliveries import read_delivery
from exchange.errors import DatabaseFault, InvalidMessage
from exchange.findings.finding import Finding
from exchange.outbox import Keyed, keyed_lines, recording
from exchange.outbox.box import Outbox
from exchange.outbox.planning import Plan, Sent, plan
from exchange.outbox.results import Recorded
from exchange.outbox.tables import METADATA, SCHEMA
from exchange.receipts import Entry, Receipt, read_receipt, write_receipt

NAMESPACE = uuid.UUID("6f1d2c3b-4a5e-4f60-8b7c-9d0e1f2a3b4c")


@pytest.fixture
def box(inbox_url: str) -> Iterator[Outbox]:
    with outbox.open(inbox_url.replace("inbox.db", "outbox.db")) as opened:
        yield opened


def sent(box: Outbox, folder: Path, hours: int = 0) -> list[dict[str, Any]]:
    """Write what is recorded; return the documents, in order."""
    documents = []
    for written in box.write(folder, at=after(hours)):
        messages = [message.document for message in read_delivery(written.path) if message.document]
        assert len(messages) == written.messages
        documents += messages
    return documents


def handled(documents: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    """Return the handling of each document, and what it is about."""
    heads = [next(iter(document.values()))["hoved"] for document in documents]
    return [(head["handling"], head.get("vedroererBeskedId")) for head in heads]


def besked_id(document: dict[str, Any]) -> str:
    found: str = next(iter(document.values()))["hoved"]["beskedId"]
    return found


def answer(box: Outbox, folder: Path, hours: int = 0) -> outbox.Answered:
    """Let the toolkit's receiver answer the newest delivery in a folder."""
    newest = max(folder.glob("*.xml"), key=lambda path: path.stat().st_mtime_ns)
    return box.take_in(receipt_of(newest, at=after(hours)))


def states(box: Outbox, hours: int = 0, overdue: timedelta = timedelta(days=1)) -> list[str]:
    return [each.state + (" overdue" if each.overdue else "") for each in box.list(at=after(hours), after=overdue)]


def test_a_new_key_is_sent_as_opret_and_the_same_source_again_sends_nothing(box: Outbox, tmp_path: Path) -> None:
    source = {"a": plan_document("En."), "b": plan_document("To."), "c": samtale_document(9)}
    recorded = record(box, source)
    assert (recorded.counts, recorded.refused, len(recorded.deliveries)) == ({"opret": 3}, 0, 1)
    documents = sent(box, tmp_path)
    assert handled(documents) == [("opret", None)] * 3
    assert [document.keys() for document in documents] == [document.keys() for document in source.values()]
    assert documents[0]["minPlanUdkast"]["plan"]["forslag"] == "En."
    for hours in (1, 2):
        assert record(box, source, at=after(hours)) == Recorded({"unchanged": 3}, 0, (), ())
        assert sent(box, tmp_path, hours) == []
        answer(box, tmp_path, hours)


def test_the_source_is_not_changed(box: Outbox) -> None:
    source = {"a": plan_document()}
    record(box, source)
    assert source == {"a": plan_document()}


def test_what_changes_is_a_correction_of_what_was_accepted_last(box: Outbox, tmp_path: Path) -> None:
    record(box, {"a": plan_document("En.")})
    (first,) = sent(box, tmp_path)
    # Not yet answered: what there is to correct is not known.
    assert record(box, {"a": plan_document("To.")}, at=after(1)).counts == {"waiting": 1}
    assert answer(box, tmp_path, 2)[1:] == (1, 0, 0, 0, 0, 0, 0)
    assert record(box, {"a": plan_document("To.")}, at=after(3)).counts == {"ret": 1}
    (second,) = sent(box, tmp_path, 3)
    assert handled([second]) == [("ret", besked_id(first))]
    answer(box, tmp_path, 4)
    # Changed back: an id of its own.
    record(box, {"a": plan_document("En.")}, at=after(5))
    (third,) = sent(box, tmp_path, 5)
    assert handled([third]) == [("ret", besked_id(second))]
    assert len({besked_id(first), besked_id(second), besked_id(third)}) == 3
    answer(box, tmp_path, 6)
    assert states(box) == ["replaced", "replaced", "current"]


def test_what_is_missing_is_withdrawn_only_if_asked_and_comes_back_as_new(box: Outbox, tmp_path: Path) -> None:
    both = {"a": plan_document("En."), "b": plan_document("To."), "s": samtale_document(9)}
    record(box, both)
    first, *_ = sent(box, tmp_path)
    answer(box, tmp_path)
    rest = {"b": both["b"]}
    assert record(box, rest, at=after(1)).counts == {"unchanged": 1}
    # The source has no interview: it says nothing of them.
    recorded = record(box, rest, at=after(1), withdraw=("minPlanUdkast", "samtale"))
    assert recorded.counts == {"unchanged": 1, "annuller": 1}
    (withdrawal,) = sent(box, tmp_path, 1)
    assert handled([withdrawal]) == [("annuller", besked_id(first))]
    assert withdrawal["minPlanUdkast"]["plan"] == first["minPlanUdkast"]["plan"]
    assert withdrawal["minPlanUdkast"]["hoved"]["oprettet"] == after(1)
    assert record(box, rest, at=after(2), withdraw=("minPlanUdkast",)).counts == {"unchanged": 2}
    answer(box, tmp_path, 2)
    assert states(box) == ["withdrawn", "current", "current", "current"]
    assert record(box, rest, at=after(3), withdraw=("minPlanUdkast",)).counts == {"unchanged": 2}
    assert record(box, both, at=after(4)).counts == {"opret": 1, "unchanged": 2}
    (again,) = sent(box, tmp_path, 4)
    assert handled([again]) == [("opret", None)]
    assert besked_id(again) not in (besked_id(first), besked_id(withdrawal))


def test_a_document_that_a_receiver_would_refuse_is_not_recorded_and_the_others_are(
    box: Outbox, tmp_path: Path
) -> None:
    bad = plan_document()
    del bad["minPlanUdkast"]["plan"]
    source = [
        Keyed("a", plan_document("En.")),
        Keyed("b", bad),
        Keyed("c", {"minPlanUdkast": {}}),
        Keyed("a", plan_document("To.")),
        *outbox.read_keyed_lines([b'{"key": "", "document": {}}\n', b"\n"]),
        Keyed("d", plan_document("Fem.")),
    ]
    recorded = box.record(source, namespace=NAMESPACE, at=AT)
    assert (recorded.counts, recorded.refused) == ({"opret": 2}, 5)
    found = {refusal.line: [finding.code for finding in refusal.report.findings] for refusal in recorded.refusals}
    assert found[2] == ["element-missing"]
    assert "element-missing" in found[3]
    assert (found[4], found[5], found[6]) == (["outbox-key-repeated"], ["outbox-line"], ["not-json"])
    assert len(sent(box, tmp_path)) == 2
    # It is sent when it is mended.
    assert record(box, {"b": plan_document("Rettet.")}, at=after(1)).counts == {"opret": 1}


def test_two_interviews_of_one_person_at_one_time_are_refused_before_they_are_recorded(box: Outbox) -> None:
    recorded = record(box, {"a": samtale_document(9), "b": samtale_document(9)})
    assert (recorded.counts, recorded.refused) == ({"opret": 1}, 1)


def test_each_fund_and_miljoe_has_a_delivery_of_its_own(box: Outbox, tmp_path: Path) -> None:
    record(box, {"a": plan_document("En."), "b": plan_document("To.", akassekode="15"), "c": plan_document("Tre.")})
    written = list(box.write(tmp_path, at=AT))
    assert sorted((each.path.name[:7], each.messages) for each in written) == [("AKAS015", 1), ("AKAS067", 2)]


def test_a_full_delivery_is_followed_by_another(box: Outbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "MOST", 2)
    record(box, {str(number): plan_document(f"Nr. {number}.") for number in range(5)})
    assert sorted(each.messages for each in box.write(tmp_path, at=AT)) == [1, 2, 2]


def test_a_key_of_another_fund_or_kind_is_another_key(box: Outbox) -> None:
    assert record(box, {"a": plan_document()}).counts == {"opret": 1}
    assert record(box, {"a": plan_document(akassekode="15")}).counts == {"opret": 1}
    assert record(box, {"a": samtale_document(9)}).counts == {"opret": 1}


# Receipts


def receipt(*entries: tuple[str, str, bool], hours: int = 0, **head: Any) -> Any:
    """Return a receipt of version 1 that says of a beskedId and digest whether it is accepted."""
    listed = [
        {"nummer": place, "beskedId": key, "sha256": sha256, "udfald": "godtaget" if accepted else "afvist"}
        | ({} if accepted else {"fundliste": [{"kode": "code-unknown", "alvor": "fejl", "tekst": "kode"}]})
        for place, (key, sha256, accepted) in enumerate(entries, 1)
    ]
    accepted = sum(entry[2] for entry in entries)
    content = {
        "kvitteringId": str(uuid.uuid4()),
        "oprettet": after(hours),
        "sha256": "0" * 64,
        "udfald": "godtaget" if accepted else "afvist",
        "antal": len(entries),
        "godtagne": accepted,
        "afviste": len(entries) - accepted,
        **head,
    }
    return read_receipt(exchange.build({"kvittering": content | ({"beskeder": listed} if listed else {})}, version=1))


def failure(*entries: tuple[str, str], hours: int = 0, **head: Any) -> Any:
    """Return a receipt that says of a beskedId and digest that it could not be judged; without any, of the file."""
    out = io.BytesIO()
    listed = (Entry(place, *named, accepted=False, failed=True) for place, named in enumerate(entries, 1))
    own = {"kvitteringId": str(uuid.uuid4()), "oprettet": after(hours), "sha256": "0" * 64, "udfald": "godtaget"}
    write_receipt(out, own | head, listed)
    return read_receipt(out.getvalue())


def messages(box: Outbox) -> list[tuple[str, str]]:
    """Return beskedId and digest of everything that was sent."""
    rows: Any = box._database.read(
        lambda connection: connection.exec_driver_sql(
            "SELECT besked_id, sha256 FROM outbox_message ORDER BY number"
        ).all()
    )
    return [tuple(row) for row in rows]


def test_the_digest_is_the_one_that_a_receiver_names(box: Outbox, tmp_path: Path) -> None:
    record(box, {"a": plan_document("<&> æøå\n")})
    sent(box, tmp_path)
    (entry,) = receipt_of(next(tmp_path.glob("*.xml")))
    assert [(entry.besked_id, entry.sha256)] == messages(box)


def test_refused_content_is_not_sent_again_until_it_changes(box: Outbox, tmp_path: Path) -> None:
    record(box, {"a": plan_document("En.")})
    (first,) = sent(box, tmp_path)
    (named,) = messages(box)
    assert box.take_in(receipt((*named, False)))[1:] == (0, 1, 0, 0, 0, 0, 0)
    assert record(box, {"a": plan_document("En.")}, at=after(1)).counts == {"refused": 1}
    (listed,) = box.list(at=AT)
    assert (listed.state, listed.codes) == ("refused", ("code-unknown",))
    # Nothing was accepted, so there is nothing to correct.
    assert record(box, {"a": plan_document("To.")}, at=after(2)).counts == {"opret": 1}
    (second,) = sent(box, tmp_path, 2)
    assert handled([second]) == [("opret", None)]
    assert besked_id(second) != besked_id(first)
    assert states(box) == ["corrected", "unanswered"]


def test_a_refused_correction_leaves_what_was_accepted(box: Outbox, tmp_path: Path) -> None:
    record(box, {"a": plan_document("En.")})
    (first,) = sent(box, tmp_path)
    answer(box, tmp_path)
    record(box, {"a": plan_document("To.")}, at=after(1))
    sent(box, tmp_path, 1)
    box.take_in(receipt((*messages(box)[1], False), hours=2))
    # The receiver has this.
    assert record(box, {"a": plan_document("En.")}, at=after(3)).counts == {"unchanged": 1}
    record(box, {"a": plan_document("Tre.")}, at=after(4))
    (third,) = sent(box, tmp_path, 4)
    assert handled([third]) == [("ret", besked_id(first))]


def test_the_latest_receipt_decides_in_whatever_order_they_come(box: Outbox, tmp_path: Path) -> None:
    record(box, {"a": plan_document()})
    sent(box, tmp_path)
    (named,) = messages(box)
    early, late = receipt((*named, True), hours=1), receipt((*named, False), hours=2)
    assert box.take_in(late)[1:] == (0, 1, 0, 0, 0, 0, 0)
    assert box.take_in(late)[1:] == (0, 0, 1, 0, 0, 0, 0)
    assert box.take_in(early)[1:] == (0, 0, 1, 0, 0, 0, 0)
    assert states(box) == ["refused"]
    assert box.take_in(receipt((*named, True), hours=3))[1:] == (0, 0, 0, 1, 0, 0, 0)
    assert states(box) == ["current"]


def test_what_a_receipt_names_that_was_not_sent_so_is_counted_and_answers_nothing(box: Outbox, tmp_path: Path) -> None:
    record(box, {"a": plan_document()})
    sent(box, tmp_path)
    ((key, sha256),) = messages(box)
    unknown = str(uuid.uuid4())
    answered = box.take_in(receipt((key.upper(), "1" * 64, True), (unknown, sha256, True)))
    assert answered[1:] == (0, 0, 0, 0, 1, 1, 0)
    assert states(box) == ["unanswered"]


def test_a_receipt_that_refuses_a_delivery_as_a_whole_refuses_its_messages(box: Outbox, tmp_path: Path) -> None:
    record(box, {"a": plan_document("En."), "b": plan_document("To.")})
    (leverance_id,) = [written.leverance_id for written in box.write(tmp_path, at=AT)]
    whole = receipt(
        leveranceId=leverance_id,
        antal=2,
        afviste=2,
        fundliste=[{"kode": "leverance-antal", "alvor": "fejl", "tekst": "antal"}],
    )
    assert box.take_in(whole)[1:] == (0, 2, 0, 0, 0, 0, 0)
    assert [each.codes for each in box.list(at=AT)] == [("leverance-antal",)] * 2
    # When the fault of the delivery is mended, they are sent again as they are.
    (again,) = box.resend(at=after(1), refused=True)
    assert again != leverance_id
    assert states(box) == ["unanswered", "unanswered"]
    assert len(sent(box, tmp_path, 1)) == 2


def test_of_a_receipt_that_is_not_sound_nothing_is_recorded(box: Outbox, tmp_path: Path) -> None:
    record(box, {"a": plan_document()})
    sent(box, tmp_path)
    (named,) = messages(box)

    class Broken(Receipt):
        def __init__(self) -> None:
            self.head = receipt((*named, True)).head

        def __iter__(self) -> Iterator[Any]:
            yield from receipt((*named, True))
            raise InvalidMessage(exchange.validate(b"<"))

    with pytest.raises(InvalidMessage):
        box.take_in(Broken())
    assert states(box) == ["unanswered"]


# Sending again


def test_exactly_what_is_not_answered_is_sent_again_with_the_same_bytes(box: Outbox, tmp_path: Path) -> None:
    record(box, {key: plan_document(f"{key}.") for key in "abc"})
    documents = sent(box, tmp_path / "")
    keys = messages(box)
    box.take_in(receipt((*keys[0], True), (*keys[2], False), hours=1))
    assert box.resend(at=after(1), after=timedelta(hours=2)) == ()
    assert states(box, 2, timedelta(hours=2)) == ["current", "unanswered overdue", "refused"]
    (leverance_id,) = box.resend(at=after(2), after=timedelta(hours=2))
    # It is not recorded twice.
    assert box.resend(at=after(3)) == ()
    (tmp_path / "again").mkdir()
    (written,) = box.write(tmp_path / "again", at=after(3))
    assert written.leverance_id == leverance_id
    assert [message.document for message in read_delivery(written.path)] == [documents[1]]
    assert states(box, 3, timedelta(hours=2)) == ["current", "unanswered", "refused"]
    assert states(box, 4, timedelta(hours=2)) == ["current", "unanswered overdue", "refused"]


def test_a_delivery_that_was_recorded_and_not_written_is_written_later(box: Outbox, tmp_path: Path) -> None:
    record(box, {"a": plan_document("En.")})
    record(box, {"b": plan_document("To.")}, at=after(1))
    next(box.write(tmp_path, at=after(2)))
    assert len(list(tmp_path.glob("*.xml"))) == 1
    assert Counter(written.messages for written in box.write(tmp_path, at=after(3))) == {1: 1}
    assert list(box.write(tmp_path, at=after(4))) == []


def test_a_file_that_was_written_before_the_program_ended_is_written_again_the_same(
    box: Outbox, tmp_path: Path
) -> None:
    record(box, {"a": plan_document()})
    (written,) = box.write(tmp_path, at=AT)
    data = written.path.read_bytes()
    box._database.write(lambda connection: connection.exec_driver_sql("UPDATE outbox_delivery SET written = NULL"))
    (again,) = box.write(tmp_path, at=after(5))
    assert (again, again.path.read_bytes()) == (written, data)


# The decision, and the database


@pytest.mark.parametrize(
    ("history", "version", "expected"),
    [
        ([], None, Plan("unchanged")),
        ([("opret", "1", None)], None, Plan("waiting")),
        ([("opret", "1", "refused")], None, Plan("unchanged")),
        ([("opret", "1", "accepted"), ("annuller", "1", None)], "1", Plan("waiting")),
        ([("opret", "1", "accepted"), ("annuller", "1", "refused")], "1", Plan("unchanged")),
        ([("opret", "1", "accepted"), ("annuller", "1", "refused")], None, Plan("refused")),
        ([("opret", "1", "accepted"), ("annuller", "1", "refused")], "2", Plan("ret", "0", "1")),
        ([("opret", "1", "accepted"), ("ret", "2", "refused")], None, Plan("annuller", "0", "1")),
        (
            [("opret", "1", "accepted"), ("annuller", "1", "accepted"), ("opret", "1", "refused")],
            "2",
            Plan("opret", None, "2"),
        ),
    ],
)
def test_what_is_done_about_a_key(history: list[Any], version: str | None, expected: Plan) -> None:
    assert plan([Sent(str(place), *each) for place, each in enumerate(history)], version) == expected


def test_a_new_outbox_has_the_tables_that_the_program_knows(box: Outbox) -> None:
    def differences(connection: Any) -> Any:
        options = {"version_table": SCHEMA.versions, "compare_type": True}
        return compare_metadata(MigrationContext.configure(connection, opts=options), METADATA)

    assert box._database.read(differences) == []
    folder = Path(outbox.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_heads() == [SCHEMA.head]


def test_an_inbox_is_no_outbox(tmp_path: Path) -> None:
    from exchange import inbox

    inbox.open(str(tmp_path / "inbox.db")).close()
    with pytest.raises(DatabaseFault, match="something else than an outbox"):
        outbox.open(str(tmp_path / "inbox.db"))


def test_an_sqlite_outbox_is_its_owners_alone(tmp_path: Path) -> None:
    with outbox.open(str(tmp_path / "outbox.db")) as box:
        record(box, {"a": plan_document()})
        (each,) = box.list(at=AT)
    assert stat.S_IMODE((tmp_path / "outbox.db").stat().st_mode) == 0o600
    assert each.source_key == "a"
    assert "source_key" not in repr(each)


def test_keyed_lines_are_read_as_they_come() -> None:
    lines = io.BytesIO(
        b'{"key": "a/1", "document": {"x": {}}}\n{"key": 1, "document": {}}\n{"document": {}, "key": "a"'
    )
    first, second, third = outbox.read_keyed_lines(lines)
    assert first == ("a/1", {"x": {}})
    assert [getattr(each.document, "code", None) for each in (second, third)] == ["outbox-line", "not-json"]
    assert "a/1" not in repr(first)


def test_of_a_line_that_is_too_long_no_more_is_kept_than_of_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyed_lines, "MAX_BYTES", 40)
    short = b'{"key": "a", "document": {"x": {}}}\n'
    for long in (b"x" * 39, b"x" * 40, b"x" * 41, b"x" * 500):
        read = list(outbox.read_keyed_lines(io.BytesIO(short + long + b"\n" + short)))
        code = "too-large" if len(long) >= 40 else "not-json"
        assert [getattr(each.document, "code", None) for each in read] == [None, code, None]


def test_nothing_is_withdrawn_by_a_source_of_which_a_line_cannot_be_read(box: Outbox, tmp_path: Path) -> None:
    record(box, {"a": plan_document("En."), "b": plan_document("To.")})
    sent(box, tmp_path)
    answer(box, tmp_path)
    other = json.dumps({"key": "b", "document": plan_document("To.")}).encode()
    nameless = {"minPlanUdkast": {"hoved": {"miljoe": "test"}}}
    for line in (b'{"key": "a", "docu', json.dumps({"key": "a", "document": nameless}).encode()):
        recorded = box.record(
            outbox.read_keyed_lines([line, other]),
            namespace=NAMESPACE,
            at=after(1),
            withdraw_missing=("minPlanUdkast",),
        )
        assert (recorded.refused, recorded.counts) == (1, {"unchanged": 1})


@pytest.mark.parametrize("key", ["a\0b", "a\ud800b", "".join(map(chr, range(0x4E00, 0x4E00 + 2000)))])
def test_a_key_that_no_database_holds_is_a_finding_at_its_line(box: Outbox, key: str) -> None:
    recorded = record(box, {key: plan_document("En."), "b": plan_document("To.")})
    assert (recorded.refused, recorded.counts) == (1, {"opret": 1})
    ((finding,),) = [refusal.report.findings for refusal in recorded.refusals]
    assert finding.code == "outbox-line"


@pytest.mark.parametrize("text", ["6\0", "6\ud800", "6" * 10_000])
def test_a_head_that_no_database_holds_is_refused(box: Outbox, text: str) -> None:
    document = plan_document("En.", akassekode=text)
    assert record(box, {"a": document, "b": plan_document("To.")}).refused == 1


def resent_after_a_refusal(box: Outbox, folder: Path) -> tuple[tuple[str, str], Receipt]:
    """Send a message that is refused, and then the same again; return its beskedId and digest, and the receipt that refused it."""
    record(box, {"a": plan_document()})
    sent(box, folder)
    (named,) = messages(box)
    refusal = receipt((*named, False), hours=1)
    box.take_in(refusal)
    box.resend(at=after(2), refused=True)
    return named, refusal


def test_the_receipt_of_before_does_not_refuse_what_is_sent_again(box: Outbox, tmp_path: Path) -> None:
    named, refusal = resent_after_a_refusal(box, tmp_path)
    assert box.take_in(refusal)[1:] == (0, 0, 1, 0, 0, 0, 0)
    assert states(box) == ["unanswered"]
    assert [(each.answered, each.receipt) for each in box.list(at=AT)] == [(None, None)]
    assert box.take_in(receipt((*named, True), hours=3))[1:] == (1, 0, 0, 0, 0, 0, 0)


def test_a_delivery_that_is_refused_as_a_whole_takes_back_no_acceptance(box: Outbox, tmp_path: Path) -> None:
    record(box, {"a": plan_document()})
    sent(box, tmp_path)
    (named,) = messages(box)
    (again,) = box.resend(at=after(1))
    assert len(sent(box, tmp_path, 1)) == 1
    box.take_in(receipt((*named, True), hours=2))
    whole = receipt(
        hours=3,
        leveranceId=again,
        antal=1,
        afviste=1,
        fundliste=[{"kode": "leverance-antal", "alvor": "fejl", "tekst": "antal"}],
    )
    assert box.take_in(whole)[1:] == (0, 0, 0, 1, 0, 0, 0)
    assert states(box) == ["current"]
    assert record(box, {"a": plan_document("To.")}, at=after(4)).counts == {"ret": 1}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_acceptance_outweighs_a_refusal_of_another_delivery_in_whatever_order_they_come(
    box: Outbox, tmp_path: Path, order: tuple[int, ...]
) -> None:
    record(box, {"a": plan_document()})
    sent(box, tmp_path)
    (named,) = messages(box)
    (again,) = box.resend(at=after(1))
    fund = [{"kode": "leverance-antal", "alvor": "fejl", "tekst": "antal"}]
    whole = receipt(hours=3, leveranceId=again, antal=1, afviste=1, fundliste=fund)
    receipts = (receipt((*named, True), hours=2), whole)
    for place in order:
        box.take_in(receipts[place])
    assert states(box) == ["current"]
    # Of two that name it the later one decides.
    box.take_in(receipt((*named, False), hours=4))
    box.take_in(receipt((*named, True), hours=3))
    assert states(box) == ["refused"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(("own", "state"), [((), "current"), ((MISSING,), "refused")])
def test_of_a_refused_delivery_that_is_listed_only_a_message_s_own_errors_are_its_answer(
    box: Outbox, tmp_path: Path, own: tuple[Finding, ...], state: str, version: int, order: tuple[int, ...]
) -> None:
    record(box, {"a": plan_document()})
    sent(box, tmp_path)
    (named,) = messages(box)
    out = io.BytesIO()
    head = {"kvitteringId": str(uuid.uuid4()), "oprettet": after(3), "sha256": "0" * 64, "udfald": "afvist"}
    entry = Entry(1, *named, accepted=False, findings=own)
    write_receipt(out, head, [entry], findings=[MISSING], version=version)
    receipts = (receipt((*named, True), hours=2), read_receipt(out.getvalue()))
    for place in order:
        box.take_in(receipts[place])
    assert states(box) == [state]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_message_s_own_refusal_decides_against_that_of_a_delivery_in_whatever_order_they_come(
    box: Outbox, tmp_path: Path, order: tuple[int, ...]
) -> None:
    record(box, {"a": plan_document()})
    sent(box, tmp_path)
    (named,) = messages(box)
    refusal, whole = io.BytesIO(), io.BytesIO()
    head = {"sha256": "0" * 64, "udfald": "afvist"}
    for out, hours, own in ((refusal, 3, (MISSING,)), (whole, 4, ())):
        own_head = {**head, "kvitteringId": str(uuid.uuid4()), "oprettet": after(hours)}
        write_receipt(out, own_head, [Entry(1, *named, accepted=False, findings=own)], findings=[ZERO])
    receipts = [receipt((*named, True), hours=2), *(read_receipt(out.getvalue()) for out in (refusal, whole))]
    for place in order:
        box.take_in(receipts[place])
    (listed,) = box.list(at=after(5))
    assert (listed.state, listed.receipt) == ("refused", receipts[1].head["kvitteringId"])


# What is known by another way than a receipt; what is purged


def test_what_is_stated_is_so_until_a_receipt_says_otherwise(box: Outbox, tmp_path: Path) -> None:
    record(box, {"a": plan_document(), "b": plan_document("To.")})
    (written,) = box.write(tmp_path, at=AT)
    first, second = messages(box)
    box.take_in(receipt((*second, False), hours=1))
    assert box.accept([written.leverance_id.upper(), "0" * 36], at=after(9)) == (1, 1, ("0" * 36,))
    assert states(box) == ["current", "refused"]
    stated = next(box.list(at=AT))
    assert (stated.stated, stated.receipt, stated.answered) == (True, None, after(9).timestamp())
    assert record(box, {"a": plan_document("Ny.")}, at=after(10)).counts == {"ret": 1}
    # It was made before the statement; it is what the receiver says.
    assert box.take_in(receipt((*first, False), hours=2)).contradicted == 1
    assert next((each.state, each.stated) for each in box.list(at=AT)) == ("corrected", False)


def test_what_was_sent_again_and_stated_is_not_refused_by_the_receipt_of_before(box: Outbox, tmp_path: Path) -> None:
    named, refusal = resent_after_a_refusal(box, tmp_path)
    assert box.accept([named[0]], at=after(3)).accepted == 1
    assert box.take_in(refusal).again == 1
    assert states(box) == ["current"]


def test_content_is_purged_where_the_last_message_of_a_key_was_accepted_long_ago(box: Outbox, tmp_path: Path) -> None:
    source = {key: plan_document(f"{key}.") for key in ("old", "changed", "refused", "open", "new")}
    record(box, source)
    sent(box, tmp_path)
    named = dict(zip(source, messages(box), strict=True))
    for key, (answer_, hours) in {
        "old": (True, 1),
        "changed": (True, 1),
        "refused": (False, 1),
        "new": (True, 9),
    }.items():
        box.take_in(receipt((*named[key], answer_), hours=hours))
    source["changed"] = plan_document("Ny.")
    record(box, source, at=after(2))
    assert box.purge(older_than=timedelta(hours=5), at=after(10)) == (1, 5)
    assert box.purge(older_than=timedelta(hours=5), at=after(10)) == (0, 5)
    # What is unchanged is not sent again, what is missing is not withdrawn, what is changed is corrected.
    assert record(box, source, at=after(11)).counts == {"unchanged": 4, "refused": 1}
    del source["old"], source["new"]
    assert record(box, source, at=after(12), withdraw=("minPlanUdkast",)).counts == {
        "unchanged": 3,
        "refused": 1,
        "annuller": 1,
    }
    again = record(box, {"old": plan_document("Igen.")}, at=after(13))
    assert again.counts == {"ret": 1}
    assert [each.about for each in box.list(at=AT)][-1] == named["old"][0]


def test_what_is_accepted_and_still_to_be_written_is_not_purged(box: Outbox, tmp_path: Path) -> None:
    record(box, {"a": plan_document()})
    sent(box, tmp_path)
    (named,) = messages(box)
    box.resend(at=after(1))
    box.take_in(receipt((*named, True), hours=2))
    assert box.purge(older_than=timedelta(0), at=after(9)) == (0, 1)
    assert len(sent(box, tmp_path, 1)) == 1
    assert box.purge(older_than=timedelta(0), at=after(9)) == (1, 0)


def test_an_outbox_of_before_gets_the_new_column(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    outbox.open(str(path)).close()
    with closing(sqlite3.connect(path)) as old:
        old.execute("ALTER TABLE outbox_message DROP COLUMN answered_by")
        old.execute("UPDATE outbox_version SET version_num = '0001'")
        old.commit()
    with outbox.open(str(path)) as box:
        assert record(box, {"a": plan_document()}).counts == {"opret": 1}
        assert states(box) == ["unanswered"]


def test_what_failed_is_sent_again_as_it_is_and_ends_nothing(box: Outbox, tmp_path: Path) -> None:
    record(box, {"a": plan_document("En.")})
    (first,) = sent(box, tmp_path)
    answer(box, tmp_path)
    record(box, {"a": plan_document("To.")}, at=after(1))
    (correction,) = sent(box, tmp_path, 1)
    named = messages(box)[1]
    failed = failure(named, hours=2)
    assert box.take_in(failed)[1:] == (0, 0, 0, 0, 0, 0, 1)
    assert box.take_in(failed)[1:] == (0, 0, 1, 0, 0, 0, 0)
    assert states(box) == ["current", "failed"]
    # It is not answered, so a further change waits; the content itself is not sent a second time.
    assert record(box, {"a": plan_document("To.")}, at=after(3)).counts == {"unchanged": 1}
    assert record(box, {"a": plan_document("Tre.")}, at=after(3)).counts == {"waiting": 1}
    assert box.resend(at=after(4), refused=True) == ()
    # However short the time: the receiver said so.
    assert len(box.resend(at=after(4), after=timedelta(days=9))) == 1
    assert sent(box, tmp_path, 4) == [correction]
    assert states(box) == ["current", "unanswered"]
    assert box.take_in(failed)[1:] == (0, 0, 1, 0, 0, 0, 0)
    assert box.take_in(receipt((*named, True), hours=5))[1:] == (1, 0, 0, 0, 0, 0, 0)
    assert states(box) == ["replaced", "current"]
    record(box, {"a": plan_document("Tre.")}, at=after(6))
    (third,) = sent(box, tmp_path, 6)
    assert handled([correction, third]) == [("ret", besked_id(first)), ("ret", besked_id(correction))]


@pytest.mark.parametrize("accepted", [True, False])
def test_that_it_failed_changes_no_answer(accepted: bool, box: Outbox, tmp_path: Path) -> None:
    record(box, {"a": plan_document()})
    sent(box, tmp_path)
    (named,) = messages(box)
    box.take_in(receipt((*named, accepted), hours=1))
    before = states(box)
    assert box.take_in(failure(named, hours=2))[1:] == (0, 0, 1, 0, 0, 0, 0)
    assert states(box) == before


def test_an_acceptance_stands_though_it_comes_behind_a_later_failure(box: Outbox, tmp_path: Path) -> None:
    record(box, {"a": plan_document()})
    sent(box, tmp_path)
    (named,) = messages(box)
    box.take_in(failure(named, hours=2))
    assert box.take_in(receipt((*named, True), hours=1))[1:] == (1, 0, 0, 0, 0, 0, 0)
    assert states(box) == ["current"]


def test_a_refusal_stands_behind_a_later_failure_unless_it_is_of_an_earlier_sending(
    box: Outbox, tmp_path: Path
) -> None:
    record(box, {"a": plan_document()})
    sent(box, tmp_path)
    (named,) = messages(box)
    refusal = receipt((*named, False), hours=1)
    box.take_in(failure(named, hours=2))
    assert box.take_in(refusal)[1:] == (0, 1, 0, 0, 0, 0, 0)
    assert states(box) == ["refused"]
    box.resend(at=after(3), refused=True)
    box.take_in(failure(named, hours=4))
    assert box.take_in(refusal)[1:] == (0, 0, 1, 0, 0, 0, 0)
    assert states(box) == ["failed"]


@pytest.mark.parametrize(("udfald", "state", "counts"), [("fejlet", "failed", (0, 2)), ("afvist", "refused", (2, 0))])
def test_a_delivery_s_own_answer_is_that_of_its_messages(
    udfald: str, state: str, counts: tuple[int, int], box: Outbox, tmp_path: Path
) -> None:
    record(box, {"a": plan_document("En."), "b": plan_document("To.")})
    (leverance_id,) = [written.leverance_id for written in box.write(tmp_path, at=AT)]
    numbers = {"antal": 2, "godtagne": 0, "afviste": counts[0], "fejlede": counts[1]}
    answered = box.take_in(failure(udfald=udfald, leveranceId=leverance_id, hours=1, **numbers))
    assert (answered.refused, answered.failed) == counts
    assert states(box) == [state] * 2


def test_a_sound_delivery_without_a_list_refuses_nothing(box: Outbox, tmp_path: Path) -> None:
    record(box, {"a": plan_document("En.")})
    (leverance_id,) = [written.leverance_id for written in box.write(tmp_path, at=AT)]
    numbers = {"antal": 1, "godtagne": 0, "afviste": 1, "fejlede": 0}
    assert not any(box.take_in(failure(leveranceId=leverance_id, hours=1, **numbers))[1:])
    assert states(box) == ["unanswered"]
