"""`exchange delivery`: what is answered to one that was received, and what becomes of the answers."""

from __future__ import annotations

import csv
import errno
import io
import json
import re
import stat
import subprocess
import sys
import uuid
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from support.bound_rules import bind
from support.delivery_cases import DECLARATION, delivery, guid, head, plan, samtale
from support.delivery_runs import ANSWER, MESSAGES, Command, numbers, write
from support.waiting import until

import exchange
from exchange import cli
from exchange.acceptance import verdicts
from exchange.deliveries import read_delivery
from exchange.files.sources import Passes, sha256_of
from exchange.model.catalog import shipped
from exchange.receipts import read_receipt
from exchange.runs import accepting
from exchange.validation.rules import rules_of
from exchange.xml import parsing

# receipt


def _canonical(text: str) -> str:
    """Give a message's digest, by another way than the package's."""
    return sha256(etree.tostring(etree.fromstring(text), method="c14n", exclusive=True)).hexdigest()


def test_a_receipt_has_an_entry_for_each_message(run: Command, mixed: Path, tmp_path: Path) -> None:
    answered = run("receipt", mixed, "-o", tmp_path / "r.xml", "--lang", "da", *ANSWER)
    assert (answered.code, answered.out) == (1, f"{tmp_path / 'r.xml'}\n")
    assert answered.err == "beskeder: 4 accepteret, 2 afvist\n"
    receipt = read_receipt(tmp_path / "r.xml")
    said = {key: value for key, value in receipt.head.items() if key not in ("oprettet", "retsgrundlag")}
    assert said == {
        "kvitteringId": guid(888),
        "leveranceId": guid(999),
        "akassekode": "67",
        "miljoe": "test",
        "sha256": sha256(mixed.read_bytes()).hexdigest(),
        "udfald": "godtaget",
        "antal": 6,
        "godtagne": 4,
        "afviste": 2,
        "fejlede": 0,
    }
    assert receipt.head["retsgrundlag"] == {"paragraf": "§ 87", "kilde": "BEK nr. 355 af 8-3-2021"}
    assert receipt.head["oprettet"].isoformat() == "2026-11-21T09:00:00+01:00"
    texts = mixed.read_text("utf-8").splitlines()[2:-1]
    entries = list(receipt)
    assert [entry.sha256 for entry in entries] == [_canonical(text) for text in texts]
    assert [(e.number, e.besked_id, e.accepted, [f.code for f in e.findings]) for e in entries] == [
        (1, guid(1), True, []),
        (2, guid(2), True, []),
        (3, guid(3), False, ["code-unknown"]),
        (4, guid(4), True, []),
        (5, guid(5), True, []),
        (6, guid(1), False, ["leverance-besked-id-repeated"]),
    ]
    assert entries[2].findings[0].text == "form: er ikke en kode i listen form (fik 'brevdue')"
    assert entries[2].findings[0].path == "/samtale/form"


def test_a_receipt_is_named_after_itself(run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    whole = write(tmp_path / "d.xml", samtale(1))
    answered = run("receipt", whole, *ANSWER)
    assert (answered.code, answered.out) == (0, f"AKAS067_KVITTERING_20261121090000_{guid(888)}.xml\n")
    assert cli.run(["validate", answered.out.strip(), "--format", "none"]) == 0
    assert run("receipt", whole, *ANSWER).code == 2
    assert run("receipt", whole, *ANSWER, "--overwrite").code == 0


def test_with_a_delivery_all_its_messages_are_refused(run: Command, tmp_path: Path) -> None:
    whole = write(tmp_path / "d.xml", samtale(1), samtale(2, form="brevdue"), antal=3)
    assert run("receipt", whole, "-o", tmp_path / "r.xml", "--lang", "en").code == 1
    receipt = exchange.parse(tmp_path / "r.xml")["kvittering"]
    assert (receipt["fil"]["udfald"], receipt["antal"], receipt["godtagne"], receipt["afviste"]) == ("afvist", 2, 0, 2)
    assert [entry["udfald"] for entry in receipt["beskeder"]] == ["afvist", "afvist"]
    assert receipt["fil"]["fundliste"] == [
        {
            "kode": "leverance-antal",
            "alvor": "fejl",
            "tekst": "antal: 3, but the delivery has 2 messages",
            "sti": "/leverance/antal",
        }
    ]


@pytest.mark.parametrize(
    ("text", "there", "udfald"),
    [
        (delivery(samtale(1)).replace("<miljoe>test</miljoe>", "", 1), set(), "afvist"),
        (delivery(samtale(1)).replace("<akassekode>67", "<akassekode>99", 1), {"leveranceId", "miljoe"}, "afvist"),
        (
            delivery(samtale(1, akassekode="15", miljoe="produktion")),
            {"leveranceId", "akassekode", "miljoe"},
            "godtaget",
        ),
        ("<noget/>", set(), "godtaget"),
        ("", set(), "afvist"),
    ],
)
def test_of_the_file_a_receipt_says_only_what_is_sound(
    run: Command, tmp_path: Path, text: str, there: set[str], udfald: str
) -> None:
    (tmp_path / "d.xml").write_text(text and DECLARATION + text, encoding="utf-8")
    assert run("receipt", tmp_path / "d.xml", "-o", tmp_path / "r.xml").code == 1
    receipt = exchange.parse(tmp_path / "r.xml")["kvittering"]
    assert receipt["fil"]["udfald"] == udfald
    assert receipt["godtagne"] == 0
    assert receipt["fil"].keys() & {"leveranceId", "akassekode", "miljoe"} == there


def test_a_single_message_is_answered_too(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "m.xml"
    for text, udfald, fund in (
        (MESSAGES[0], "godtaget", set()),
        (MESSAGES[0].replace("video", "brevdue"), "afvist", {"code-unknown"}),
    ):
        path.write_text(text, encoding="utf-8")
        assert run("receipt", path, "-o", tmp_path / "r.xml", "--overwrite").code == (udfald == "afvist")
        receipt = exchange.parse(tmp_path / "r.xml")["kvittering"]
        # The file was read; what is refused is the message in it.
        assert (receipt["fil"]["udfald"], receipt["antal"], receipt["fil"]["akassekode"]) == ("godtaget", 1, "67")
        assert "leveranceId" not in receipt["fil"]
        (entry,) = receipt["beskeder"]
        assert entry["udfald"] == udfald
        assert (entry["beskedId"], entry["sha256"]) == (guid(1), _canonical(text.removeprefix(DECLARATION)))
        assert {each["kode"] for each in entry.get("fundliste", ())} == fund
    path.write_text("<samtale", encoding="utf-8")
    assert run("receipt", path, "-o", tmp_path / "r.xml", "--overwrite").code == 1
    receipt = exchange.parse(tmp_path / "r.xml")["kvittering"]
    assert "beskeder" not in receipt
    assert [each["kode"] for each in receipt["fil"]["fundliste"]] == ["not-well-formed"]


@pytest.fixture
def faulty_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a rule fail for one message."""
    version = shipped().latest("samtale")
    assert version is not None
    first, *others = rules_of(version)

    def fail(subject: Any) -> Any:
        if subject.content["hoved"]["beskedId"] == guid(2):
            raise RuntimeError("0101405000")
        return first.check(subject)

    bind(version, (first._replace(check=fail), *others), monkeypatch)


@pytest.mark.usefixtures("faulty_rule")
def test_version_1_does_not_answer_what_could_not_be_judged(run: Command, tmp_path: Path) -> None:
    whole = write(tmp_path / "d.xml", samtale(1), samtale(2), samtale(3, form="brevdue"))
    for arguments in (("receipt", whole, "-o", tmp_path / "r.xml"), ("accept", whole, "--out", tmp_path / "in")):
        answered = run(*arguments, "--receipt-version", 1)
        assert (answered.code, answered.out) == (3, "")
        assert f"{whole}:4: message 2 ({guid(2)}): undetermined (samtale 1)" in answered.err
        assert "brevdue" not in answered.err
        assert answered.err.endswith("a check did not run, so no receipt was made\n")
    assert [each.name for each in tmp_path.iterdir()] == ["d.xml"]


@pytest.mark.usefixtures("faulty_rule")
def test_what_could_not_be_judged_failed_and_goes_into_a_part_of_its_own(run: Command, tmp_path: Path) -> None:
    whole = write(tmp_path / "d.xml", samtale(1), samtale(2), samtale(3, form="brevdue"))
    accepted = run("accept", whole, "--out", tmp_path / "in", *ANSWER)
    assert (accepted.code, accepted.out) == (3, f"{tmp_path / 'in'}\n")
    assert f"{whole}:4: message 2 ({guid(2)}): undetermined (samtale 1)" in accepted.err
    assert accepted.err.endswith("messages: 1 accepted, 1 refused, 1 failed: they could not be judged\n")
    answered = run("receipt", whole, "-o", tmp_path / "r.xml", *ANSWER)
    assert (answered.code, answered.out) == (3, f"{tmp_path / 'r.xml'}\n")
    assert (tmp_path / "r.xml").read_bytes() == (tmp_path / "in" / "receipt.xml").read_bytes()
    receipt = read_receipt(tmp_path / "r.xml")
    assert [entry.outcome for entry in receipt] == ["accepted", "failed", "refused"]
    assert receipt.head["udfald"] == "godtaget"
    assert [row["udfald"] for row in _rows(tmp_path / "in")] == ["godtaget", "fejlet", "afvist"]
    (failed,) = read_delivery(tmp_path / "in" / "failed.xml")
    assert failed.besked_id == guid(2)


def test_a_message_on_which_libxml2_gives_up_failed(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_up(_: parsing.Judge, root: Any) -> bool:
        raise parsing.Undecided(root)

    whole = write(tmp_path / "d.xml", samtale(1), samtale(2, form="VIDEO"), samtale(3, form="brevdue"))
    monkeypatch.setattr(parsing.Judge, "accepts", give_up)
    assert run("accept", whole, "--out", tmp_path / "in", *ANSWER).code == 3
    receipt = read_receipt(tmp_path / "in" / "receipt.xml")
    assert [(entry.outcome, entry.besked_id) for entry in receipt] == [
        ("accepted", guid(1)),
        ("failed", guid(2)),
        ("refused", guid(3)),
    ]
    assert guid(2).encode() in (tmp_path / "in" / "failed.xml").read_bytes()


@pytest.mark.usefixtures("faulty_rule")
def test_a_delivery_that_is_refused_itself_has_no_accepted_message_but_may_have_failed_ones(
    run: Command, tmp_path: Path
) -> None:
    whole = write(tmp_path / "d.xml", samtale(1), samtale(2), antal=3)
    assert run("receipt", whole, "-o", tmp_path / "r.xml", *ANSWER).code == 3
    receipt = read_receipt(tmp_path / "r.xml")
    assert (receipt.head["udfald"], [entry.outcome for entry in receipt]) == ("afvist", ["refused", "failed"])


def test_a_version_of_receipts_that_does_not_exist_is_wrong_usage(run: Command, mixed: Path) -> None:
    answered = run("receipt", mixed, "--receipt-version", 9)
    assert answered.code == 2
    assert "expected one of 1, 2" in answered.err


# accept


def _rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "summary.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_delivery_is_taken_in(run: Command, mixed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    taken = run("accept", mixed, "--out", folder, *ANSWER)
    assert (taken.code, taken.out, taken.err) == (1, f"{folder}\n", "messages: 4 accepted, 2 refused\n")
    assert sorted(path.name for path in folder.iterdir()) == [
        "accepted.xml",
        "receipt.xml",
        "refused.xml",
        "summary.csv",
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    texts = mixed.read_text("utf-8").splitlines()[2:-1]
    assert numbers(folder / "accepted.xml") == [1, 2, 4, 5]
    for name, udfald, wanted in (("accepted", "godtaget", [0, 1, 3, 4]), ("refused", "afvist", [2, 5])):
        data = (folder / f"{name}.xml").read_bytes()
        read = read_delivery(folder / f"{name}.xml")
        assert [data[m.start : m.end].decode() for m in read] == [texts[number] for number in wanted]
        assert read.header is not None
        assert read.header["leveranceId"] == str(uuid.uuid5(uuid.UUID(guid(999)), udfald))
        assert read.header["oprettet"].isoformat() == "2026-11-20T15:00:00+01:00"
        assert read.header["antal"] == len(wanted)
    assert run("receipt", mixed, "-o", tmp_path / "r.xml", *ANSWER).code == 1
    assert (folder / "receipt.xml").read_bytes() == (tmp_path / "r.xml").read_bytes()
    rows = _rows(folder)
    assert rows[2] == {
        "nummer": "3",
        "beskedId": guid(3),
        "besked": "samtale",
        "udfald": "afvist",
        "koder": "code-unknown",
        "linje": "5",
    }
    assert [row["udfald"] for row in rows] == ["godtaget"] * 2 + ["afvist"] + ["godtaget"] * 2 + ["afvist"]


def test_a_delivery_of_a_fund_that_there_is_not_is_refused_as_a_whole(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "d.xml"
    text = DECLARATION + delivery(samtale(1), samtale(2))
    path.write_text(text.replace("<akassekode>67", "<akassekode>99", 1), encoding="utf-8")
    taken = run("accept", path, "--out", tmp_path / "in", *ANSWER)
    assert (taken.code, taken.out) == (1, f"{tmp_path / 'in'}\n")
    column = text.split("\n")[1].index("<akassekode>") + 1
    assert f"{path}:2:{column}: error code-unknown at /leverance/akassekode" in taken.err
    assert "messages: 0 accepted, 2 refused" in taken.err
    assert sorted(each.name for each in (tmp_path / "in").iterdir()) == ["receipt.xml", "summary.csv"]
    assert [row["udfald"] for row in _rows(tmp_path / "in")] == ["afvist", "afvist"]
    assert read_receipt(tmp_path / "in" / "receipt.xml").head["udfald"] == "afvist"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["d.xml", "in"]


def test_a_part_without_messages_is_not_written(run: Command, tmp_path: Path) -> None:
    assert run("accept", write(tmp_path / "a.xml", samtale(1)), "--out", tmp_path / "a").code == 0
    assert not (tmp_path / "a" / "refused.xml").exists()
    whole = write(tmp_path / "b.xml", samtale(1), antal=2)
    assert run("accept", whole, "--out", tmp_path / "b").code == 1
    assert not (tmp_path / "b" / "accepted.xml").exists()
    assert [row["udfald"] for row in _rows(tmp_path / "b")] == ["afvist"]


def test_without_a_sound_head_there_are_no_parts(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "d.xml"
    path.write_text(DECLARATION + delivery(samtale(1)).replace(guid(999), "0101405000"), encoding="utf-8")
    taken = run("accept", path, "--out", tmp_path / "in")
    assert taken.code == 1
    assert "010140" not in taken.err
    assert sorted(each.name for each in (tmp_path / "in").iterdir()) == ["receipt.xml", "summary.csv"]


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("jobs", [1, 3])
def test_every_layout_gives_the_same_parts(run: Command, tmp_path: Path, jobs: int) -> None:
    texts = [samtale(number, form="brevdue" if number % 10 == 0 else "video") for number in range(1, 41)]
    text = DECLARATION + delivery(*texts)
    # The head's own comment makes it a stream; one in the middle makes a stream of the rest.
    layouts = {
        "plain": text.encode(),
        "comment": text.replace("<antal>", "<antal>", 1).replace("</antal>", "</antal><!-- -->", 1).encode(),
        "later": text.replace(f"\n{texts[20]}", f"\n<!-- -->{texts[20]}").encode(),
        "utf-16": text.replace("UTF-8", "UTF-16", 1).encode("utf-16"),
        "prefixed": text.replace('<leverance xmlns="', '<l:leverance xmlns:s="urn:x-par87:samtale:1" xmlns:l="', 1)
        .replace("</leverance>", "</l:leverance>")
        .replace(head(40)[42:], re.sub(r"<(/?)(\w)", r"<\1l:\2", head(40)[42:]), 1)
        .encode(),
    }
    taken = {}
    for name, data in layouts.items():
        (tmp_path / f"{name}.xml").write_bytes(data)
        assert run("accept", tmp_path / f"{name}.xml", "--out", tmp_path / name, "--jobs", jobs, *ANSWER).code == 1
        taken[name] = [(tmp_path / name / each).read_bytes() for each in ("accepted.xml", "refused.xml")]
        receipt = exchange.parse(tmp_path / name / "receipt.xml")["kvittering"]
        assert [entry["sha256"] for entry in receipt["beskeder"]] == [_canonical(each) for each in texts]
    assert taken["comment"] == taken["later"] == taken["utf-16"] == taken["plain"]
    # A namespace that a message takes from above goes with it.
    accepted = read_delivery(tmp_path / "prefixed" / "accepted.xml")
    assert [_canonical(m.data.decode().removeprefix(DECLARATION)) for m in accepted] == [
        _canonical(each) for number, each in enumerate(texts, 1) if number % 10
    ]


def test_a_message_that_cannot_be_passed_on_is_counted(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exchange.deliveries.blocks.MAX_BYTES", 5_000)
    monkeypatch.setattr("exchange.deliveries.scan.MAX_BYTES", 5_000)
    monkeypatch.setattr("exchange.files.sources.CHUNK", 1_000)
    monkeypatch.setattr("exchange.deliveries.scan.CHUNK", 1_000)
    long = plan(2).replace("<jobmaal>", "<jobmaal>" + "<forslag>x</forslag>" * 300)
    whole = write(tmp_path / "d.xml", samtale(1), long, samtale(3))
    taken = run("accept", whole, "--out", tmp_path / "in")
    assert taken.code == 1
    assert "messages that cannot be passed on: 1" in taken.err
    assert numbers(tmp_path / "in" / "accepted.xml") == [1, 3]
    assert [row["koder"] for row in _rows(tmp_path / "in")] == ["", "too-large", ""]
    receipt = exchange.parse(tmp_path / "in" / "receipt.xml")["kvittering"]
    assert (receipt["antal"], receipt["afviste"], len(receipt["beskeder"])) == (3, 1, 2)


def test_only_an_earlier_result_is_overwritten(run: Command, mixed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    assert run("accept", mixed, "--out", folder).code == 1
    refused = run("accept", mixed, "--out", folder)
    assert refused.code == 2
    assert "--overwrite" in refused.err
    other = write(tmp_path / "other.xml", samtale(9))
    assert run("accept", other, "--out", folder, "--overwrite").code == 0
    assert sorted(path.name for path in folder.iterdir()) == ["accepted.xml", "receipt.xml", "summary.csv"]
    (folder / "mine.txt").write_text("mine", encoding="utf-8")
    assert run("accept", mixed, "--out", folder, "--overwrite").code == 2
    assert (folder / "mine.txt").exists()
    mine = tmp_path / "new.part"
    mine.mkdir()
    (mine / "mine.txt").write_text("mine", encoding="utf-8")
    assert run("accept", mixed, "--out", tmp_path / "new").code == 2
    assert (mine / "mine.txt").exists()
    assert run("accept", mixed, "--out", mixed, "--overwrite").code == 2


HANGING = """
import time
from exchange.runs import accepting
accepting.judge = lambda *_, **__: time.sleep(600)
from exchange.cli import main
main()
"""


def test_two_at_once_into_one_folder_do_not_disturb_each_other(run: Command, tmp_path: Path) -> None:
    whole = write(tmp_path / "d.xml", samtale(1))
    folder, part = tmp_path / "in", tmp_path / "in.part"
    arguments = ["delivery", "accept", str(whole), "--out", str(folder)]
    with subprocess.Popen([sys.executable, "-c", HANGING, *arguments]) as first:
        until(part.exists)
        assert part.exists()
        second = run("accept", whole, "--out", folder)
        assert second.code == 2
        assert "another command is at work on it" in second.err
        assert part.exists()
        assert not folder.exists()
        assert run("accept", whole, "--out", tmp_path / "other").code == 0
        first.kill()
    # What a killed one left keeps nobody away.
    assert run("accept", whole, "--out", folder).code == 0
    assert sorted(each.name for each in tmp_path.iterdir()) == ["d.xml", "in", "other"]


def test_of_one_that_fails_at_once_nothing_is_left(
    run: Command, mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> Any:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(accepting, "in_processes", lambda _: fail)
    taken = run("accept", mixed, "--out", tmp_path / "in")
    assert (taken.code, taken.err) == (3, "exchange: Input/output error\n")
    assert list(tmp_path.iterdir()) == [mixed]


def test_what_cannot_be_read_is_not_taken_in(run: Command, tmp_path: Path) -> None:
    assert run("accept", tmp_path / "missing.xml", "--out", tmp_path / "in").code == 3
    assert run("receipt", tmp_path / "missing.xml", "-o", tmp_path / "r.xml").code == 3
    assert run("accept", tmp_path / "missing.xml", "--out", tmp_path / "no" / "in").code == 3
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_changes_meanwhile_is_not_taken_in(
    run: Command, mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    def slowly(passes: Passes) -> str:
        with mixed.open("ab") as out:
            out.write(b"\n")
        return sha256_of(passes)

    monkeypatch.setattr(verdicts, "sha256_of", slowly)
    taken = run("accept", mixed, "--out", tmp_path / "in")
    assert taken.code == 3
    assert [each.name for each in tmp_path.iterdir() if each.name[0] != "."] == ["mixed.xml"]


def test_elements_are_those_that_were_judged_or_none(mixed: Path) -> None:
    data = mixed.read_bytes()
    first = next(iter(read_delivery(mixed)))
    decision = verdicts.Decision(
        1, first.start, first.end, 3, None, None, True, False, "", sha256(b"other").hexdigest(), None
    )
    with pytest.raises(OSError, match="changed while it was read"):
        list(verdicts.elements(mixed, iter([decision])))
    right = decision._replace(raw=sha256(data[first.start : first.end]).hexdigest())
    beyond = right._replace(number=99)
    assert list(verdicts.elements(mixed, iter([right]))) == [(right, data[first.start : first.end])]
    with pytest.raises(OSError, match="changed while it was read"):
        list(verdicts.elements(mixed, iter([beyond._replace(start=0, end=5)])))


# reconcile


@pytest.fixture
def answered(run: Command, mixed: Path, tmp_path: Path) -> Path:
    """Give the receipt for the mixed delivery."""
    assert run("receipt", mixed, "-o", tmp_path / "r.xml", *ANSWER).code == 1
    return tmp_path / "r.xml"


def test_what_was_sent_is_held_against_the_receipts(run: Command, answered: Path, tmp_path: Path) -> None:
    sent = tmp_path / "sent"
    sent.mkdir()
    (sent / "a.xml").write_text(MESSAGES[0], encoding="utf-8")
    (sent / "later.xml").write_text(DECLARATION + samtale(12), encoding="utf-8")
    (sent / "changed.xml").write_text(DECLARATION + samtale(5, kind="henvisning"), encoding="utf-8")
    result = run("reconcile", "--sent", sent, "--receipt", answered)
    assert result.code == 1
    assert sorted(result.out.splitlines()[:-1]) == sorted(
        [
            f"–: {guid(2)}: unknown: it was not sent",
            f"–: {guid(3)}: unknown: it was not sent code-unknown",
            f"–: {guid(4)}: unknown: it was not sent",
            f"–: {guid(5)}: unknown: it was not sent – a message with this beskedId was sent with other content",
            f"–: {guid(1)}: unknown: it was not sent leverance-besked-id-repeated – "
            "a message with this beskedId was sent with other content",
            f"{sent / 'changed.xml'}: {guid(5)}: pending: it is in no receipt",
            f"{sent / 'later.xml'}: {guid(12)}: pending: it is in no receipt",
        ]
    )
    assert result.out.splitlines()[-1] == "1 accepted, 0 refused, 0 failed, 2 pending, 5 unknown"


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.usefixtures("small_blocks")
def test_a_delivery_is_held_against_its_receipt(run: Command, mixed: Path, answered: Path, jobs: int) -> None:
    result = run("reconcile", "--sent", mixed, "--receipt", answered, "--jobs", jobs)
    assert result.code == 1
    assert result.out.splitlines() == [
        f"{mixed}#3: {guid(3)}: refused code-unknown",
        f"{mixed}#6: {guid(1)}: refused leverance-besked-id-repeated",
        "4 accepted, 2 refused, 0 failed, 0 pending, 0 unknown",
    ]


def test_all_accepted_is_the_only_good_end(run: Command, tmp_path: Path) -> None:
    whole = write(tmp_path / "d.xml", samtale(1), samtale(2))
    receipts = tmp_path / "receipts"
    receipts.mkdir()
    assert run("receipt", whole, "-o", receipts / "r.xml", *ANSWER).code == 0
    result = run("reconcile", "--sent", whole, "--receipt", receipts, "--lang", "da")
    assert (result.code, result.out) == (0, "2 accepteret, 0 afvist, 0 fejlet, 0 afventer, 0 ukendt\n")
    # Another receipt, later, that says otherwise: of the file, which takes back no acceptance, then of the message.
    for times, code, status in ((1, 0, "accepted"), (2, 1, "refused leverance-besked-id-repeated")):
        broken = write(tmp_path / "e.xml", *[samtale(1)] * times, antal=2)
        later = ("--kvittering-id", guid(777), "--oprettet", "2026-11-22T09:00:00+01:00")
        assert run("receipt", broken, "-o", receipts / "s.xml", *later, "--overwrite").code == 1
        result = run("reconcile", "--sent", whole, "--receipt", receipts)
        assert result.code == code
        assert result.out.splitlines()[0] == f"{whole}#1: {guid(1)}: {status} – another receipt has a different result"


def test_the_result_for_programs(run: Command, mixed: Path, answered: Path, tmp_path: Path) -> None:
    told = json.loads(run("reconcile", "--sent", mixed, "--receipt", answered, "--format", "json").out)
    assert told["summary"] == {"accepted": 4, "refused": 2, "failed": 0, "pending": 0, "unknown": 0}
    assert told["messages"][2] == {
        "status": "refused",
        "besked_id": guid(3),
        "sha256": _canonical(mixed.read_text("utf-8").splitlines()[4]),
        "where": f"{mixed}#3",
        "receipt": guid(888),
        "codes": ["code-unknown"],
        "note": "",
    }
    rows = list(
        csv.reader(io.StringIO(run("reconcile", "--sent", mixed, "--receipt", answered, "--format", "csv").out))
    )
    assert rows[0] == ["status", "beskedId", "sha256", "where", "receipt", "codes", "note"]
    assert [row[0] for row in rows[1:]] == [message["status"] for message in told["messages"]]
    empty = tmp_path / "empty.xml"
    empty.write_text(DECLARATION + "<noget/>", encoding="utf-8")
    assert run("receipt", empty, "-o", tmp_path / "none.xml").code == 1


def test_what_cannot_be_read_is_held_against_nothing(run: Command, mixed: Path, answered: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.xml"
    broken.write_bytes(mixed.read_bytes()[:-30])
    text = tmp_path / "text.xml"
    text.write_text("x", encoding="utf-8")
    empty = tmp_path / "empty"
    empty.mkdir()
    for sent, receipt in (
        (broken, answered),
        (text, answered),
        (empty, answered),
        (tmp_path / "missing.xml", answered),
        (mixed, mixed),
        (mixed, text),
        (mixed, tmp_path / "missing.xml"),
    ):
        result = run("reconcile", "--sent", sent, "--receipt", receipt)
        assert (result.code, result.out) == (3, "")
        assert result.err
    assert run("reconcile", "--sent", mixed).code == 2
