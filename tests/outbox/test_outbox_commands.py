"""`exchange outbox`: what its commands print, and their exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.outbox_cases import AT, NAMESPACE, plan_document

from exchange import acceptance, cli
from exchange.acceptance import ReceiptHead


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EXCHANGE_OUTBOX", "outbox.db")
    Path("out").mkdir()


def keyed(**documents: object) -> Path:
    """Write keyed lines."""
    path = Path("keyed.jsonl")
    lines = (json.dumps({"key": key, "document": document}) for key, document in documents.items())
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def pack(*arguments: str) -> int:
    return cli.run(["outbox", "pack", "keyed.jsonl", "--out-folder", "out", "--namespace", str(NAMESPACE), *arguments])


def test_a_run_an_answer_a_correction_and_a_withdrawal(capfd: pytest.CaptureFixture[str]) -> None:
    keyed(a=plan_document("En."), b=plan_document("To."))
    assert pack("--lang", "en") == 0
    out, err = capfd.readouterr()
    delivery = Path(out.strip())
    assert delivery.parent == Path("out")
    assert "new: 2, changed: 0, withdrawn: 0; unchanged: 0, waiting for an answer: 0" in err
    assert pack() == 0
    assert capfd.readouterr().out == ""

    acceptance.answer(delivery, Path("receipt.xml"), ReceiptHead(str(NAMESPACE), AT))
    assert cli.run(["outbox", "receipt", "receipt.xml", "--lang", "en"]) == 0
    assert "receipt.xml: accepted: 2, refused: 0, failed: 0; answered before: 0" in capfd.readouterr().err

    keyed(b=plan_document("Tre."))
    assert pack("--withdraw-missing", "minPlanUdkast", "--lang", "da") == 0
    assert "ændrede: 1, tilbagekaldte: 1" in capfd.readouterr().err
    assert cli.run(["outbox", "list", "--after", "0"]) == 0
    rows = [line.split("  ")[1:4] for line in capfd.readouterr().out.splitlines()]
    assert rows == [
        ["current", "minPlanUdkast", "opret"],
        ["current", "minPlanUdkast", "opret"],
        ["overdue", "minPlanUdkast", "ret"],
        ["overdue", "minPlanUdkast", "annuller"],
    ]


def test_a_document_that_cannot_be_sent_is_named_by_its_line(capfd: pytest.CaptureFixture[str]) -> None:
    bad = plan_document("0101405000")
    del bad["minPlanUdkast"]["plan"]["begrundelse"]
    keyed(a=plan_document(), b=bad)
    assert pack() == 1
    out, err = capfd.readouterr()
    assert len(out.splitlines()) == 1
    assert "keyed.jsonl:2: " in err
    assert "element-missing" in err
    assert "0101405000" not in err


def test_keys_are_shown_only_if_asked_for(capfd: pytest.CaptureFixture[str]) -> None:
    keyed(sag0101405000=plan_document())
    pack()
    capfd.readouterr()
    assert cli.run(["outbox", "list", "--format", "json"]) == 0
    (listed,) = json.loads(capfd.readouterr().out)
    assert (listed["state"], listed["handling"]) == ("unanswered", "opret")
    assert "sag0101405000" not in str(listed)
    assert cli.run(["outbox", "list", "--format", "jsonl", "--show-values"]) == 0
    assert json.loads(capfd.readouterr().out)["source_key"] == "sag0101405000"


def test_resend_writes_what_is_not_answered(capfd: pytest.CaptureFixture[str]) -> None:
    keyed(a=plan_document())
    pack()
    capfd.readouterr()
    assert cli.run(["outbox", "resend", "--out-folder", "out", "--after", "1"]) == 0
    assert capfd.readouterr().out == ""
    assert cli.run(["outbox", "resend", "--out-folder", "out"]) == 0
    assert Path(capfd.readouterr().out.strip()).exists()
    assert len(list(Path("out").iterdir())) == 2


def test_a_receipt_that_is_not_sound_is_said_and_the_others_are_taken_in(capfd: pytest.CaptureFixture[str]) -> None:
    Path("receipt.xml").write_text("<kvittering/>", "utf-8")
    assert cli.run(["outbox", "receipt", "receipt.xml"]) == 1
    assert "message-unknown" in capfd.readouterr().err
    assert cli.run(["outbox", "receipt", "missing.xml"]) == 3


def test_nothing_is_overdue_without_a_number_of_hours(capfd: pytest.CaptureFixture[str]) -> None:
    keyed(a=plan_document())
    pack()
    capfd.readouterr()
    assert cli.run(["outbox", "list"]) == 0
    assert "  unanswered  " in capfd.readouterr().out
    assert cli.run(["outbox", "list", "--state", "overdue", "--lang", "da"]) == 2
    assert "--state overdue: forventede --after TIMER" in capfd.readouterr().err
    assert cli.run(["outbox", "list", "--state", "overdue", "--after", "0"]) == 0
    assert "  overdue  " in capfd.readouterr().out


def test_what_the_user_states_to_be_accepted_is_corrected_and_purged(capfd: pytest.CaptureFixture[str]) -> None:
    keyed(a=plan_document("En."))
    pack()
    assert cli.run(["outbox", "list", "--format", "json"]) == 0
    besked_id = json.loads(capfd.readouterr().out.partition("\n")[2])[0]["beskedId"]
    assert cli.run(["outbox", "accept", besked_id.upper(), str(NAMESPACE), "--lang", "en"]) == 1
    assert capfd.readouterr().err == (
        f"{NAMESPACE}: never sent from here\naccepted by your statement: 1; answered before: 0\n"
    )
    assert cli.run(["outbox", "list"]) == 0
    assert capfd.readouterr().out.endswith("  stated\n")
    assert cli.run(["outbox", "accept", "4711"]) == 2
    assert cli.run(["outbox", "purge", "--older-than", "1", "--lang", "en"]) == 0
    assert "messages purged: 0; of the same age, kept: 0" in capfd.readouterr().err
    keyed(a=plan_document("To."))
    assert pack("--lang", "en") == 0
    assert "changed: 1" in capfd.readouterr().err


@pytest.mark.parametrize("namespace", ["", "4711"])
def test_a_namespace_is_a_guid(namespace: str) -> None:
    keyed(a=plan_document())
    arguments = ["outbox", "pack", "keyed.jsonl", "--out-folder", "out", "--namespace", namespace]
    assert cli.run(arguments) == 2
    assert not Path("outbox.db").exists()


def test_a_source_that_is_not_there_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    assert pack() != 0
    assert "keyed.jsonl" in capfd.readouterr().err
