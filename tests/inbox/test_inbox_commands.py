"""`exchange inbox`: what the library does, from files, with exit codes, receipts and a folder that is watched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

import pytest
from support.delivery_cases import DECLARATION, delivery, guid, plan, samtale

from exchange import cli
from exchange.receipts import read_receipt

PROGRAM = "from exchange.cli import main; main()"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    files = {
        "plan.xml": plan(1),
        "other.xml": plan(1, "Noget andet."),
        "delivery.xml": delivery(plan(1), plan(2), samtale(3, form="brevdue")),
    }
    for name, text in files.items():
        Path(name).write_text(DECLARATION + text, "utf-8")
    monkeypatch.setenv("EXCHANGE_INBOX", "inbox.db")
    return tmp_path


def run(*arguments: str) -> int:
    return cli.run(["inbox", *arguments])


def receipts() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path("out").iterdir()}


def test_a_receipt_goes_to_stdout_or_into_a_folder_and_is_the_same_again(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    assert run("receive", "plan.xml", "--lang", "en") == 0
    first = capfdbinary.readouterr()
    assert first.out.startswith(b"<?xml")
    assert first.err == b"plan.xml: messages: 1 accepted, 0 refused, 0 in conflict\n"
    assert run("receive", "plan.xml", "--lang", "da") == 0
    again = capfdbinary.readouterr()
    assert again.out == first.out
    assert again.err == b"plan.xml: beskeder: 1 accepteret, 0 afvist, 0 i konflikt (modtaget tidligere)\n"
    assert run("receive", "plan.xml", "delivery.xml", "--receipts", "out") == 1
    assert first.out in receipts().values()
    before = receipts()
    assert run("receive", "delivery.xml", "--receipts", "out") == 1
    assert receipts() == before
    capfdbinary.readouterr()
    assert run("show", "1", "--receipt") == 0
    assert capfdbinary.readouterr().out == first.out


def test_a_receipt_that_cannot_be_written_is_given_when_it_is_received_again(capfd: pytest.CaptureFixture[str]) -> None:
    assert run("receive", "plan.xml") == 0
    receipt = capfd.readouterr().out
    assert run("receive", "plan.xml", "--receipts", "out") == 0
    (name,) = receipts()
    Path("out", name).write_text("something else")
    assert run("receive", "plan.xml", "--receipts", "out") == 3
    assert Path("out", name).read_text() == "something else"
    Path("out", name).unlink()
    assert run("receive", "plan.xml", "--receipts", "out") == 0
    assert receipts() == {name: receipt.encode()}


RECEIVER = """
import sys
from pathlib import Path
from exchange import cli
code = 0
for number in range(20):
    print("ready", flush=True)
    sys.stdin.readline()
    code = max(code, cli.run(["inbox", "receive", f"{number}.xml", "--receipts", "out"]))
sys.exit(code)
"""


def test_several_receivers_share_a_folder_of_receipts(folder: Path) -> None:
    run("list")
    for number in range(20):
        several = delivery(*(plan(1 + number * 10 + place) for place in range(3)))
        Path(f"{number}.xml").write_text(DECLARATION + several, "utf-8")
    command = [sys.executable, "-c", RECEIVER]
    pipe = subprocess.PIPE
    processes = [
        subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, cwd=folder) for _ in range(3)
    ]
    for _ in range(20):
        for process in processes:
            assert process.stdout
            while process.stdout.readline() != "ready\n":
                assert process.poll() is None, process.communicate()
        # All of them are told before any of them is done.
        for process in processes:
            assert process.stdin
            process.stdin.write("\n")
            process.stdin.flush()
    for process in processes:
        said = process.communicate()
        assert process.returncode == 0, said
        assert "exists" not in said[1]
    found = receipts()
    assert len(found) == 20, "each once"
    for number in range(20):
        assert run("receive", f"{number}.xml", "--receipts", "again") == 0
    assert {path.name: path.read_bytes() for path in Path("again").iterdir()} == found


@pytest.mark.parametrize(
    "url",
    [":memory:", "sqlite://", "file::memory:", "inbox.db?mode=ro", "mysql://me@host/x", "postgresql://me@host:abc/x"],
)
@pytest.mark.parametrize("command", [("receive", "plan.xml"), ("list",), ("purge", "--older-than", "1")])
def test_an_inbox_that_keeps_nothing_is_a_usage_error(
    url: str, command: tuple[str, ...], folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = set(folder.iterdir())
    assert run(*command, "--inbox", url) == 2
    assert "expected a path" in (said := capfd.readouterr().err) or "read-only" in said
    assert set(folder.iterdir()) == before


def test_a_receipt_is_listed_with_its_file_and_refused_messages_are_named(capfd: pytest.CaptureFixture[str]) -> None:
    assert run("receive", "plan.xml", "delivery.xml", "--receipts", "out", "--lang", "en") == 1
    said = capfd.readouterr()
    answered = {file: read_receipt(Path(receipt)) for receipt, file in map(_columns, said.out.splitlines())}
    assert {file: receipt.head["sha256"] for file, receipt in answered.items()} == {
        name: sha256(Path(name).read_bytes()).hexdigest() for name in ("plan.xml", "delivery.xml")
    }
    assert said.err.splitlines() == [
        "plan.xml: messages: 1 accepted, 0 refused, 0 in conflict",
        f"delivery.xml#3 {guid(3)}: not accepted: code-unknown",
        "delivery.xml: messages: 2 accepted, 1 refused, 0 in conflict",
    ]
    assert run("receive", "delivery.xml", "--receipts", "out", "--lang", "da") == 1
    assert f"delivery.xml#3 {guid(3)}: ikke accepteret: code-unknown\n" in capfd.readouterr().err


def test_of_many_refused_messages_the_first_are_named_and_the_rest_counted(capfd: pytest.CaptureFixture[str]) -> None:
    messages = [samtale(number, form="brevdue") for number in range(1, 24)]
    Path("many.xml").write_text(DECLARATION + delivery(*messages), "utf-8")
    assert run("receive", "many.xml", "--receipts", "out", "--lang", "en") == 1
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 22
    assert lines[19:] == [
        f"many.xml#20 {guid(20)}: not accepted: code-unknown",
        "refused messages that are not listed: 3",
        "many.xml: messages: 0 accepted, 23 refused, 0 in conflict",
    ]


def _columns(line: str) -> list[str]:
    return line.split("\t")


def test_a_conflict_and_what_cannot_be_read_are_said(capfd: pytest.CaptureFixture[str]) -> None:
    assert run("receive", "plan.xml", "other.xml", "--receipts", "out", "--lang", "en") == 1
    assert "besked-id-conflict" in capfd.readouterr().err
    assert run("show", guid(1)) == 0
    assert [each["state"] for each in json.loads(capfd.readouterr().out)] == ["current", "conflict"]
    assert run("receive", "nothing.xml", "plan.xml", "--receipts", "out") == 3
    said = capfd.readouterr()
    assert "nothing.xml: No such file" in said.err
    assert "plan.xml" in said.err, "the others are received all the same"


def test_what_is_in_it_is_listed_without_a_word_of_anybody(capfd: pytest.CaptureFixture[str]) -> None:
    run("receive", "delivery.xml", "--receipts", "out")
    capfd.readouterr()
    assert run("list") == 0
    rows = [line.split() for line in capfd.readouterr().out.splitlines()]
    assert [row[:5] for row in rows] == [
        ["1", "current", "minPlanUdkast", "67", guid(1)],
        ["2", "current", "minPlanUdkast", "67", guid(2)],
        ["3", "refused", "samtale", "67", guid(3)],
    ]
    assert run("list", "--format", "json", "--state", "refused") == 0
    assert [each["beskedId"] for each in json.loads(capfd.readouterr().out)] == [guid(3)]
    assert run("list", "--format", "json") == 0
    whole = json.loads(capfd.readouterr().out)
    assert [each["beskedId"] for each in whole] == [guid(1), guid(2), guid(3)]
    assert run("list", "--format", "jsonl") == 0
    assert [json.loads(line) for line in capfd.readouterr().out.splitlines()] == whole
    assert run("list", "--format", "json", "--state", "conflict") == 0
    assert json.loads(capfd.readouterr().out) == []
    assert run("show", guid(2)) == 0
    shown = capfd.readouterr().out
    assert json.loads(shown)[0]["document"]["minPlanUdkast"]["plan"] == {
        "forslag": "**********",
        "begrundelse": "**********",
    }
    assert "0101405000" not in shown
    assert run("show", guid(2), "--show-values") == 0
    assert json.loads(capfd.readouterr().out)[0]["document"]["minPlanUdkast"]["person"] == {
        "personnummer": "0101405000"
    }
    assert run("show", guid(1), "--xml") == 2
    assert run("show", guid(1), "--xml", "--show-values") == 0
    assert run("show", guid(3)) == 0
    assert run("show", guid(77)) == 1
    assert run("show", "3", "--xml", "--show-values") == 0
    capfd.readouterr()


def test_plan_drafts_are_taken_and_confirmed(capfd: pytest.CaptureFixture[str]) -> None:
    run("receive", "delivery.xml", "--receipts", "out")
    capfd.readouterr()
    assert run("take", "-o", "plans") == 0
    first = json.loads(capfd.readouterr().out)
    assert Path(first["file"]).read_text("utf-8") == DECLARATION + plan(1)
    assert run("take", "--limit", "9") == 0
    second = json.loads(capfd.readouterr().out)
    assert second["document"]["minPlanUdkast"]["hoved"]["beskedId"] == guid(2)
    assert run("take") == 0
    assert capfd.readouterr().out == ""
    assert run("done", first["token"]) == 0
    assert run("done", second["token"], "--give-back") == 0
    assert run("done", second["token"], "nothing") == 1
    assert run("take") == 0
    assert json.loads(capfd.readouterr().out)["beskedId"] == guid(2)


def test_nothing_is_taken_whose_token_nobody_would_see(capfd: pytest.CaptureFixture[str]) -> None:
    run("receive", "plan.xml", "--receipts", "out")
    shell = ["sh", "-c", '"$@" >&-', "sh", sys.executable, "-c", PROGRAM, "inbox", "take"]
    done = subprocess.run(shell, check=False, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})
    assert (done.returncode, done.stderr) == (3, "exchange: stdout is closed\n")
    capfd.readouterr()
    assert run("take") == 0
    assert json.loads(capfd.readouterr().out)["beskedId"] == guid(1)


def test_a_purge_says_what_it_did(capfd: pytest.CaptureFixture[str]) -> None:
    run("receive", "delivery.xml", "--receipts", "out")
    run("done", guid(1))
    time.sleep(1.1)  # a purge takes what is older than now
    capfd.readouterr()
    assert run("purge", "--older-than", "0", "--lang", "en") == 0
    assert capfd.readouterr().err == "messages purged: 2; kept, because they are still to be processed: 1\n"
    assert run("show", "1", "--xml", "--show-values") == 1


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        ("plan.xml", "--watch", "."),
        ("plan.xml", "--log-format", "json"),
        ("plan.xml", "other.xml"),
        ("--watch", "."),
        (".",),
    ],
)
def test_what_cannot_be_asked_for_is_refused(wrong: tuple[str, ...]) -> None:
    assert run("receive", *wrong) == 2
    assert not Path("inbox.db").exists()


def test_a_fault_of_the_inbox_is_exit_code_3(capfd: pytest.CaptureFixture[str]) -> None:
    assert run("list", "--inbox", "plan.xml") == 3
    assert capfd.readouterr().err == "exchange: plan.xml: there is something else than an inbox; name another file\n"
    assert Path("plan.xml").read_text("utf-8") == DECLARATION + plan(1)


def test_nothing_of_it_is_imported_unless_it_is_used() -> None:
    heavy = ("sqlalchemy", "alembic", "psycopg")
    program = f"import sys, exchange.cli; exchange.cli.run(['--help']); print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
