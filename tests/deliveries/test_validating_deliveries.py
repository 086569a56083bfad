"""`exchange validate` on deliveries: message by message, in processes, interrupted and resumed."""

from __future__ import annotations

import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from jsonschema import Draft202012Validator
from support.delivery_cases import DECLARATION, delivery, krav, place, plan, samtale
from support.little_room import little_room

from exchange import reports as report_package
from exchange.api import Exchange
from exchange.cli import run
from exchange.deliveries import pool
from exchange.deliveries.blocks import Block, Inspection, Inspector
from exchange.deliveries.journal_file import JournalFile
from exchange.deliveries.outcomes import Outcome
from exchange.deliveries.processes import in_processes
from exchange.deliveries.reading import Examination, in_this_process
from exchange.deliveries.start_tags import LARGE

CATALOG = Exchange().catalog
SCHEMA = json.loads(Path(report_package.__file__).with_name("report.schema.json").read_text("utf-8"))
MIXED = delivery(samtale(1), plan(2), samtale(3, form="brevdue"), krav(4), samtale(5, kind="cv-samtale"))


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Give a delivery of five messages, of which the third and the fifth are refused."""
    path = tmp_path / "mixed.xml"
    path.write_text(DECLARATION + MIXED, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a delivery of some blocks; every fiftieth message is refused, the last repeats the first."""
    path = tmp_path_factory.mktemp("long") / "long.xml"
    forslag = "Et kursus i lager & logistik. ".replace("&", "&amp;") * 110
    messages = [plan(number, forslag) if number % 2 else _samtale(number) for number in range(1, 2001)]
    path.write_text(DECLARATION + delivery(*messages, _samtale(2)), encoding="utf-8")
    assert path.stat().st_size > LARGE
    return path


def _samtale(number: int) -> str:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number)
    return samtale(number, at=at.isoformat(), form="brevdue" if number % 50 == 0 else "video")


def validate(*arguments: str | Path) -> int:
    """Run the command."""
    return run(["validate", *map(str, arguments)])


def test_each_message_has_its_place(mixed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert validate(mixed, "--lang", "en") == 1
    said = capsys.readouterr().out.splitlines()
    assert [line for line in said if not line.startswith("    ")] == [
        f"{mixed}:5: message 3 (00000000-0000-4000-8000-000000000003): rejected (samtale 1); not checked: rules",
        f"{place(mixed, 5, '<form>')}: error code-unknown at /samtale/form: is not a code in the list form (got 'brevdue') "
        "[§ 87, stk. 1, nr. 5]",
        f"{mixed}:7: message 5 (00000000-0000-4000-8000-000000000005): rejected (samtale 1)",
        f"{place(mixed, 7, '<samtale ')}: error samtale-cv-missing at /samtale/cv: missing, expected with samtaletype cv-samtale "
        "[§ 87, stk. 1, nr. 6]",
        f"{place(mixed, 7, '<samtaletype>')}: warning samtale-cv-samtale-closed at /samtale/samtaletype: cv-samtale is not expected "
        "from 2024-01-01 on [§ 87, stk. 1, nr. 4]",
        f"{mixed}: rejected (leverance 1); messages: 5 (3 accepted, 2 rejected)",
        "1 file: 1 rejected, 2 errors, 1 warning; 5 messages in deliveries: 3 accepted, 2 rejected",
    ]


def test_a_delivery_without_messages_is_told_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "d.xml").write_text(DECLARATION + delivery(antal=1), encoding="utf-8")
    for lang, line in (("en", "rejected (leverance 1); no messages"), ("da", "afvist (leverance 1); ingen beskeder")):
        assert run(["validate", str(tmp_path / "d.xml"), "--lang", lang]) == 1
        assert capsys.readouterr().out.splitlines()[0] == f"{tmp_path / 'd.xml'}: {line}"


def test_json_has_an_entry_for_each(mixed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert validate(mixed, "--format", "json") == 1
    told = json.loads(capsys.readouterr().out)
    Draft202012Validator(SCHEMA).validate(told)
    data = mixed.read_bytes()
    *messages, whole = told["files"]
    assert [entry["number"] for entry in messages] == [1, 2, 3, 4, 5]
    assert [entry["verdict"] for entry in messages] == ["accepted", "accepted", "rejected", "accepted", "rejected"]
    assert [entry["line"] for entry in messages] == [3, 4, 5, 6, 7]
    for entry, text in zip(messages, MIXED.splitlines()[1:-1], strict=True):
        assert data[entry["start"] : entry["end"]].decode() == text
        assert entry["key"] in text
    assert whole["verdict"] == "rejected"
    assert whole["messages"] == {"accepted": 3, "rejected": 2}
    assert told["summary"]["messages"] == {"accepted": 3, "rejected": 2}
    assert told["summary"]["files"] == {"rejected": 1}


@pytest.mark.parametrize("form", ["junit", "sarif", "github", "html"])
def test_every_form_names_the_messages_at_fault(mixed: Path, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert validate(mixed, "--format", form) == 1
    told = capsys.readouterr().out
    assert "samtale-cv-missing" in told
    if form in ("junit", "html"):
        assert "mixed.xml#3" in told
        assert "mixed.xml#4" not in told


def test_a_delivery_is_as_expected_as_a_whole(mixed: Path, tmp_path: Path) -> None:
    assert validate(mixed, "--expect", "invalid", "--format", "none") == 0
    assert validate(mixed, "--expect", "valid", "--format", "none") == 1
    good = tmp_path / "good.xml"
    good.write_text(DECLARATION + delivery(samtale(1)), encoding="utf-8")
    assert validate(good, "--expect", "valid", "--format", "none") == 0
    assert validate(good, "--expect", "invalid", "--format", "none") == 1


def test_severities_count_for_messages_too(mixed: Path) -> None:
    off = ["--severity", "samtale-cv-missing=warning"]
    assert validate(mixed, "--format", "none", *off) == 1
    # The third message could not be judged by all rules, so it is not accepted.
    assert validate(mixed, "--format", "none", *off, "--severity", "code-unknown=off") == 3


def test_from_stdin(mixed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(mixed.read_bytes())))
    assert validate("-", "--lang", "en") == 1
    assert "<stdin>: rejected (leverance 1); messages: 5 (3 accepted, 2 rejected)" in capsys.readouterr().out


def test_two_reports_of_deliveries_are_compared_message_by_message(
    mixed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert validate(mixed, "--format", "none", "--output", f"json={tmp_path / 'old.json'}") == 1
    # The first message is gone, so all others have another number.
    mixed.write_text(
        DECLARATION + delivery(plan(2), samtale(3), krav(4), samtale(5, kind="cv-samtale")), encoding="utf-8"
    )
    assert validate(mixed, "--format", "none", "--output", f"json={tmp_path / 'new.json'}") == 1
    capsys.readouterr()
    assert run(["compare", str(tmp_path / "old.json"), str(tmp_path / "new.json"), "--lang", "en"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == "1 gone, 0 new, 2 changed"  # changed: the line in the file


def test_where_it_broke_and_what_was_before(long: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cut = tmp_path / "cut.xml"
    data = long.read_bytes()
    at = data.index(b"<samtale", len(data) * 2 // 3) + 100
    cut.write_bytes(data[:at])
    whole = data.count(b"</samtale>", 0, at) + data.count(b"</minPlanUdkast>", 0, at)
    assert validate(cut, "--format", "json", "--jobs", "2") == 1
    told = json.loads(capsys.readouterr().out)
    assert len(told["files"]) == whole + 1
    (broken,) = (f for f in told["files"][-1]["findings"] if f["code"] == "leverance-broken")
    assert broken["message"]["en"] == f"leverance: could not be read beyond message {whole}"
    assert broken["line"] == data.count(b"\n", 0, at) + 1


def test_processes_say_what_one_says(long: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for jobs in ("1", "2", "3"):
        assert validate(long, "--format", "json", "--jobs", jobs) == 1
        said.append(json.loads(capsys.readouterr().out))
    assert said[0] == said[1] == said[2]
    assert said[0]["summary"]["codes"] == {"code-unknown": 40, "leverance-besked-id-repeated": 1}


def test_streamed_or_cut_in_processes_it_is_the_same(long: Path, tmp_path: Path) -> None:
    streamed = tmp_path / "streamed.xml"
    streamed.write_bytes(long.read_bytes().replace(b"</antal>", b"</antal><!-- -->", 1))
    ways = [
        [
            (message.number, message.besked_id, message.report)
            for message in Examination(CATALOG, path, run=in_processes(2), step=step)
        ]
        for path, step in ((long, 1 << 20), (long, 50_000), (streamed, 1 << 20))
    ]
    assert ways[0] == ways[1] == ways[2]


def _deadly(self: Inspector, block: Block) -> Outcome:
    """Die of a message, in a process of its own only."""
    if os.getpid() != HERE and any(b"-000000000700<" in (message.data or b"") for message in block.messages):
        os._exit(9)
    if os.getpid() != HERE and block.source and isinstance(block.source, Path):
        with block.source.open("rb") as file:
            file.seek(block.start)
            if b"<beskedId>00000000-0000-4000-8000-000000000700<" in file.read(block.end - block.start):
                os._exit(9)
    return REAL(self, block)


HERE = os.getpid()
REAL = Inspector.__call__


def test_a_message_that_kills_its_process_is_told_and_the_others_are_judged(
    long: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = {m.number: m.report for m in Examination(CATALOG, long)}
    monkeypatch.setattr(Inspector, "__call__", _deadly)
    found = {m.number: m.report for m in Examination(CATALOG, long, run=in_processes(2), step=200_000)}
    assert found.keys() == expected.keys()
    assert [number for number in found if found[number] != expected[number]] == [700]
    assert found[700].verdict == "undetermined"
    assert list(found[700].counts) == ["check-incomplete"]


def test_a_process_that_is_killed_costs_nothing(long: Path) -> None:
    expected = [m.report for m in Examination(CATALOG, long)]
    killed = Counter[str]()
    others = set(_children())

    def killing(catalog: Any, how: Inspection, blocks: Iterator[Block]) -> Iterator[tuple[Block, Outcome]]:
        for number, result in enumerate(in_processes(2)(catalog, how, blocks)):
            if number == 2:
                for child in set(_children()) - others:
                    os.kill(child, signal.SIGKILL)
                    killed["processes"] += 1
            yield result

    found = [m.report for m in Examination(CATALOG, long, run=killing, step=200_000)]
    assert found == expected
    assert killed["processes"] == 2


def _children() -> list[int]:
    said = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    return [int(number) for number in said.split()]


def test_one_block_needs_no_processes(mixed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "Pool", None)
    one, two = (list(Examination(CATALOG, mixed, run=way)) for way in (in_this_process, in_processes(2)))
    assert one == two


def _begin(*arguments: str | Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "from exchange.cli import main; main()", "validate", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)


STOPPING = """
import sys, time
from exchange.cli import main
from exchange.deliveries.journal_file import JournalFile

write, left = JournalFile.write, int(sys.argv.pop(1))

def stopping(self, record):
    global left
    write(self, record)
    if "block" in record:
        left -= 1
        if not left:
            print("so far", flush=True)
            time.sleep(600)

JournalFile.write = stopping
main()
"""


def _begin_and_stop(blocks: int, *arguments: str | Path) -> subprocess.Popen[bytes]:
    """Give a run that waits as soon as it has written down so many blocks."""
    command = [sys.executable, "-c", STOPPING, str(blocks), "validate", *map(str, arguments), "--format", "none"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    assert process.stdout.readline() == b"so far\n"
    return process


def _kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def _left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.startswith(".exchange-")}


def test_killed_at_any_time_and_resumed_it_is_the_same_report(long: Path, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for number in range(3):
        (inbox / f"{number}.xml").write_text(DECLARATION + samtale(number + 1), encoding="utf-8")
    (inbox / "9.xml").write_text(DECLARATION + MIXED, encoding="utf-8")
    undisturbed = tmp_path / "undisturbed.json"
    assert validate(inbox, long, inbox, "--format", "none", "--output", f"json={undisturbed}") == 1
    chance = random.Random(87)
    resumed = 0
    for turn in range(4):
        report = tmp_path / f"{turn}.json"
        arguments = (inbox, long, inbox, "--format", "none", "--output", f"json={report}", "--jobs", "2")
        for _ in range(50):
            process = _begin(*arguments, *(["--resume"] if turn or report.exists() or resumed else []))
            journal = tmp_path / f".{turn}.json.exchange-resume"
            killed = _wait(process, journal, chance.randint(1, 400_000))
            if killed:
                os.killpg(process.pid, signal.SIGKILL)
            said = process.communicate()[1]
            if not killed:
                break
            resumed += journal.exists()
            # Between the look at the journal and the kill it may have come to its end.
            assert not report.exists() or report.read_bytes() == undisturbed.read_bytes()
        assert said in (
            b"",
            b"exchange: there is nothing to resume, so everything starts from the beginning\n",
        )
        assert report.read_bytes() == undisturbed.read_bytes()
        assert not journal.exists()
    assert resumed


def _wait(process: subprocess.Popen[bytes], journal: Path, more: int) -> bool:
    """Wait until so much more stands in the journal; False if the process came to its end."""
    before = journal.stat().st_size if journal.exists() else 0
    while process.poll() is None:
        if journal.exists() and journal.stat().st_size > before + more:
            return True
        time.sleep(0.002)
    return False


def test_interrupted_it_reports_what_was_done_and_can_be_resumed(long: Path, tmp_path: Path) -> None:
    undisturbed, report = tmp_path / "undisturbed.json", tmp_path / "report.json"
    assert validate(long, "--format", "none", "--output", f"json={undisturbed}") == 1
    process = _begin_and_stop(2, long, "--output", f"json={report}", "--jobs", "2")
    process.send_signal(signal.SIGINT)
    assert process.communicate()[1] == b"exchange: interrupted\n"
    assert process.returncode == 130
    told = json.loads(report.read_text("utf-8"))
    assert told["summary"]["interrupted"]
    assert 0 < len(told["files"]) < 2001
    assert validate(long, "--format", "none", "--output", f"json={report}", "--resume") == 1
    assert report.read_bytes() == undisturbed.read_bytes()


def test_what_changed_meanwhile_is_not_resumed(long: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy, report = tmp_path / "copy.xml", tmp_path / "report.json"
    copy.write_bytes(long.read_bytes())
    arguments = (copy, "--format", "none", "--output", f"json={report}")
    _kill(_begin_and_stop(1, *arguments))
    assert validate(*arguments, "--resume", "--show-values") == 2
    assert "was asked something else" in capsys.readouterr().err
    status = copy.stat()
    copy.write_bytes(long.read_bytes().replace(b">video<", b">brevv<", 1))
    os.utime(copy, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (copy.stat().st_size, copy.stat().st_mtime_ns) == (status.st_size, status.st_mtime_ns)
    assert validate(*arguments, "--resume") == 2
    assert "is not what it was" in capsys.readouterr().err
    copy.write_bytes(long.read_bytes() + b" ")
    assert validate(*arguments, "--resume") == 2
    assert "is not what it was" in capsys.readouterr().err


def test_resume_needs_a_file_to_resume(mixed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert validate(mixed, "--resume") == 2
    assert "--resume: expected --output" in capsys.readouterr().err


def test_a_second_run_leaves_the_first_ones_journal_alone(
    long: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report, journal = tmp_path / "report.json", tmp_path / ".report.json.exchange-resume"
    arguments = (long, "--format", "none", "--output", f"json={report}")
    first = _begin_and_stop(1, long, "--output", f"json={report}")
    before = journal.read_bytes()
    for more in ([], ["--resume"], ["--overwrite"]):
        assert validate(*arguments, *more) == 2
        assert "another run is writing " in capsys.readouterr().err
    assert journal.read_bytes() == before
    # The processes that judge for it may live on for a moment.
    first.kill()
    first.wait()
    assert validate(*arguments, "--resume") == 1
    assert capsys.readouterr().err == ""
    first.communicate()


def _mixed_with_another(lines: list[bytes], others: list[bytes]) -> list[bytes]:
    return [*lines[:3], *others[3:]]


def _swapped(lines: list[bytes], _others: list[bytes]) -> list[bytes]:
    return [*lines[:2], lines[3], lines[2]]


def _left_out(lines: list[bytes], _others: list[bytes]) -> list[bytes]:
    return [*lines[:2], lines[3]]


def _altered(lines: list[bytes], _others: list[bytes]) -> list[bytes]:
    return [*lines[:2], lines[2].replace(b"minPlanUdkast", b"maxPlanUdkast", 1), lines[3]]


def _torn(lines: list[bytes], _others: list[bytes]) -> list[bytes]:
    return [*lines[:3], lines[3][:-1]]


def _not_text(lines: list[bytes], _others: list[bytes]) -> list[bytes]:
    return [*lines[:2], b"\xff\xfe\n", *lines[2:]]


def _no_record(lines: list[bytes], _others: list[bytes]) -> list[bytes]:
    return [*lines[:2], b"5\n", *lines[2:]]


class Killed(NamedTuple):
    """A run that was killed, and what another left that was asked the same: the lines of their journals."""

    arguments: tuple[str | Path, ...]
    report: Path
    journal: Path
    lines: list[bytes]
    others: list[bytes]
    undisturbed: bytes


@pytest.fixture(scope="module")
def killed(long: Path, tmp_path_factory: pytest.TempPathFactory) -> Killed:
    """Give two runs that were killed after two blocks, and what would have come of them."""
    folder = tmp_path_factory.mktemp("killed")
    report, journal = folder / "report.json", folder / ".report.json.exchange-resume"
    left = []
    for _ in range(2):
        _kill(_begin_and_stop(2, long, "--output", f"json={report}"))
        left.append(journal.read_bytes().splitlines(keepends=True))
    lines, others = left
    assert len(lines) == len(others) == 4
    arguments = (long, "--format", "none", "--output", f"json={report}")
    assert validate(*arguments) == 1
    return Killed(arguments, report, journal, lines, others, report.read_bytes())


@pytest.mark.parametrize("damage", [_mixed_with_another, _swapped, _left_out, _altered, _torn, _not_text, _no_record])
def test_a_journal_ends_where_it_is_not_as_it_was_written(
    damage: Callable[[list[bytes], list[bytes]], list[bytes]], killed: Killed
) -> None:
    killed.report.unlink()
    killed.journal.write_bytes(b"".join(damage(killed.lines, killed.others)))
    assert validate(*killed.arguments, "--resume") == 1
    assert killed.report.read_bytes() == killed.undisturbed


@pytest.mark.parametrize(
    "record",
    [{}, {"block": [1, 2], "outcome": 5}, {"block": [1, 2], "outcome": [True, 1, [[]]]}, {"file": 1, "judged": [[]]}],
)
def test_a_record_that_says_nothing_is_where_a_journal_ends(record: dict[str, Any], killed: Killed) -> None:
    killed.report.unlink()
    killed.journal.write_bytes(b"".join(killed.lines))
    lines = JournalFile(killed.journal)
    for _ in range(3):
        assert lines.read(dict) is not None
    lines.write(record)
    lines.close(forget=False)
    assert killed.journal.read_bytes().splitlines(keepends=True)[:3] == killed.lines[:3]
    assert validate(*killed.arguments, "--resume") == 1
    assert killed.report.read_bytes() == killed.undisturbed


def test_resumed_it_removes_what_it_had_half_written(long: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    arguments = (long, "--output", f"json={tmp_path / 'r.json'}", "--output", f"text={out / 'r.txt'}")
    _kill(_begin_and_stop(1, *arguments))
    others = [folder / ".exchange-of-another.part" for folder in (tmp_path, out)]
    for other in others:
        other.touch()
    assert len(list(tmp_path.rglob("*.part"))) == 4
    assert validate(*arguments, "--format", "none", "--resume") == 1
    assert sorted(tmp_path.rglob("*.part")) == sorted(others)


@pytest.mark.parametrize(
    "garbled",
    [
        b"\xff\xfe\n",
        b"5\n",
        b"[]\n",
        b"",
        b"\n",
        b"0 " + b"[" * 100_000 + b"\n",
        b'0 {"key": "no"}\n',
        b"0 {}\n",
        b"\0" * 99,
    ],
)
def test_with_a_garbled_journal_all_is_checked(
    garbled: bytes, mixed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report, journal = tmp_path / "report.json", tmp_path / ".report.json.exchange-resume"
    journal.write_bytes(garbled)
    assert validate(mixed, "--format", "none", "--output", f"json={report}", "--resume") == 1
    assert capsys.readouterr().err == "exchange: there is nothing to resume, so everything starts from the beginning\n"
    assert len(json.loads(report.read_text("utf-8"))["files"]) == 6
    assert not journal.exists()


def _a_link(journal: Path, precious: Path) -> None:
    journal.symlink_to(precious.name)


def _a_second_name(journal: Path, precious: Path) -> None:
    journal.hardlink_to(precious)


def _a_pipe(journal: Path, _precious: Path) -> None:
    os.mkfifo(journal)


def _a_folder(journal: Path, _precious: Path) -> None:
    journal.mkdir()


@pytest.mark.parametrize("make", [_a_link, _a_second_name, _a_pipe, _a_folder])
def test_no_journal_is_written_through_what_is_no_plain_file(
    make: Callable[[Path, Path], None], mixed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious")
    make(tmp_path / ".r.json.exchange-resume", precious)
    for more in ([], ["--resume"]):
        assert validate(mixed, "--format", "none", "--output", f"json={tmp_path / 'r.json'}", *more) == 2
        assert ".r.json.exchange-resume is no plain file of your own" in capsys.readouterr().err
    assert precious.read_text() == "precious"
    assert not (tmp_path / "r.json").exists()


def test_a_journal_is_its_owners_only_whatever_lay_there(long: Path, tmp_path: Path) -> None:
    journal = tmp_path / ".r.json.exchange-resume"
    journal.touch()
    journal.chmod(0o666)
    process = _begin_and_stop(1, long, "--output", f"json={tmp_path / 'r.json'}")
    assert journal.stat().st_mode & 0o777 == 0o600
    _kill(process)


def test_a_journal_that_cannot_be_written_is_no_fault_of_the_data(long: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.txt"
    command = [sys.executable, "-c", "from exchange.cli import main; main()", "validate", str(long), "--format", "none"]
    arguments = ["--output", f"text={report}", "--jobs", "1"]
    room = little_room(60_000)
    child = subprocess.run([*command, *arguments], capture_output=True, preexec_fn=room, check=False, text=True)
    assert (child.returncode, child.stdout) == (3, "")
    assert child.stderr == f"exchange: File too large: {tmp_path / '.report.txt.exchange-resume'}\n"
    assert not report.exists()
    child = subprocess.run([*command, *arguments, "--resume"], capture_output=True, check=False, text=True)
    assert (child.returncode, child.stderr) == (1, "")
    assert ": not checked" not in report.read_text("utf-8")
