"""exchange generate: its options, what it says, and what an interruption leaves."""

from __future__ import annotations

import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.terminals import run_on_terminal
from support.waiting import PATIENCE, until

import exchange
from exchange import testdata
from exchange.api import Exchange
from exchange.cli import run as run_command
from exchange.testdata import SHARES


def generate(*arguments: object) -> int:
    return run_command(["generate", *map(str, arguments), "--lang", "en"])


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_of_messages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "inbox"
    assert generate("mixed", "--count", 40, "--seed", 7, "--out", folder) == 0
    said, complaints = capsys.readouterr()
    made = list(testdata.messages(Exchange(), list(SHARES), 40, 7))
    assert said == f"messages: 40, of them invalid: 0, {sum(len(each.data) for each in made)} bytes of XML: {folder}\n"
    assert complaints == ""
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        exchange.file_name(each.document): each.data for each in made
    }
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert names_in(tmp_path) == ["inbox"]
    assert run_command(["validate", str(folder), "--fail-on", "warning"]) == 0


@pytest.mark.parametrize("message", list(SHARES))
def test_messages_of_one_type_and_fund(tmp_path: Path, message: str) -> None:
    assert generate(message, "--count", 5, "--size", 1024, "--akasse", 67, "--out", tmp_path / "made") == 0
    for path in (tmp_path / "made").iterdir():
        assert path.name.startswith(f"AKAS067_{message.upper()}_2026")
        assert list(exchange.parse(path)) == [message]


def test_one_line_built_by_the_command_is_the_file(tmp_path: Path) -> None:
    assert generate("samtale", "--count", 3, "--json-lines", tmp_path / "m.jsonl") == 0
    assert generate("samtale", "--count", 3, "--out", tmp_path / "made") == 0
    built = set()
    for number, line in enumerate((tmp_path / "m.jsonl").read_text("utf-8").splitlines()):
        (tmp_path / f"{number}.json").write_text(line, encoding="utf-8")
        assert run_command(["build", str(tmp_path / f"{number}.json"), "-o", str(tmp_path / f"{number}.xml")]) == 0
        built.add((tmp_path / f"{number}.xml").read_bytes())
    assert built == {path.read_bytes() for path in (tmp_path / "made").iterdir()}


def test_a_name_that_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, file = tmp_path / "full", tmp_path / "m.jsonl"
    folder.mkdir()
    (folder / "mine").write_text("mine", encoding="utf-8")
    file.write_text("mine", encoding="utf-8")
    for arguments in (("--out", folder), ("--out", file), ("--json-lines", file)):
        assert generate("samtale", "--count", 2, *arguments) == 2
        assert f"{arguments[1]} exists" in capsys.readouterr().err
    assert names_in(folder) == ["mine"]
    assert file.read_text("utf-8") == "mine"
    assert names_in(tmp_path) == ["full", "m.jsonl"]
    assert generate("samtale", "--count", 2, "--json-lines", file, "--overwrite") == 0
    assert len(file.read_text("utf-8").splitlines()) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["samtale", "--count", 2],
        ["samtale", "--count", 2, "--out", "a", "--json-lines", "b"],
        ["samtale", "--count", 2, "--out", "a", "--messages", "samtale"],
        ["delivery", "--count", 2, "--json-lines", "b"],
        ["delivery", "--count", 1_000_001, "--out", "a"],
        ["samtale", "--count", 0, "--out", "a"],
        ["samtale", "--count", 2, "--out", "a", "--invalid", 2],
        ["samtale", "--count", 2, "--out", "a", "--akasse", "21"],
        ["samtale", "--count", 2, "--out", "a", "--size", 999_999_999],
        ["brev", "--count", 2, "--out", "a"],
    ],
    ids=lambda arguments: " ".join(map(str, arguments)),
)
def test_wrong_usage(
    arguments: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert generate(*arguments) == 2
    assert capsys.readouterr().err
    assert names_in(tmp_path) == []


def test_in_danish(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["samtale", "--count", "2", "--invalid", "1", "--out", str(tmp_path / "ind"), "--lang", "da"]
    assert run_command(["generate", *arguments]) == 0
    assert re.fullmatch(r"beskeder: 2, heraf ugyldige: 2, \d+ byte XML: .*/ind\n", capsys.readouterr().out)


def test_a_place_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (("--out", tmp_path / "no" / "inbox"), ("--json-lines", tmp_path / "no" / "m.jsonl")):
        assert generate("samtale", "--count", 2, *arguments) == 3
        assert f"No such file or directory: {arguments[1]}" in capsys.readouterr().err


# Interrupted


def _child(*arguments: object, **options: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "from exchange.cli import main; main()", "generate", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)


def _wait_until_it_writes(folder: Path) -> None:
    def writes() -> bool:
        for path in folder.iterdir():
            inside = list(path.iterdir()) if path.is_dir() else [path]
            if len(inside) > 50 or any(each.stat().st_size > 100_000 for each in inside):
                return True
        return False

    until(writes)


@pytest.fixture(params=["mixed --out", "mixed --json-lines", "delivery --out"])
def under_way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    what, option = request.param.split()
    with _child(what, "--count", 1_000_000, "--invalid", 0.1, option, tmp_path / "made") as child:
        _wait_until_it_writes(tmp_path)
        assert not (tmp_path / "made").exists()
        yield child


def test_ctrl_c_leaves_nothing(under_way: subprocess.Popen[bytes], tmp_path: Path) -> None:
    under_way.send_signal(signal.SIGINT)
    _, said = under_way.communicate(timeout=PATIENCE)
    assert (under_way.returncode, said.strip()) == (130, b"exchange: interrupted")
    assert names_in(tmp_path) == []


def test_a_process_that_is_killed_leaves_nothing_under_the_name(
    under_way: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    under_way.kill()
    under_way.communicate(timeout=PATIENCE)
    assert all(re.fullmatch(r"\.exchange-\w+\.part", name) for name in names_in(tmp_path))


def test_a_progress_bar_is_for_terminals_only(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SLOWLY, "generate", "samtale", "--count", "250", "--out"]
    code, shown = run_on_terminal([*command, str(tmp_path / "a")], "stderr")
    assert code == 0
    assert re.search(rb"\d+%\|[^|]*\| \d+/250 \[00:\d\d<00:\d\d, +[\d.]+/s\]", shown)
    piped = subprocess.run([*command, str(tmp_path / "b")], capture_output=True, check=False)
    assert (piped.returncode, piped.stderr) == (0, b"")


SLOWLY = """
import time
from exchange.cli import main
from exchange.testdata import writing
write = writing.write_new
writing.write_new = lambda path, data: (time.sleep(0.01), write(path, data))
main()
"""
