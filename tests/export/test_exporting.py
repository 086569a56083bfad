"""The command that exports: a folder that appears whole, whatever happens on the way, and tells what was left out."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it brings no types
import pytest
from support.bound_rules import make_rules_fail

from exchange import cli
from exchange import export as library
from exchange.api import Exchange
from exchange.errors import ExportRefused
from exchange.export import Counts, Fault, Layout, blocks, exporter, folder

EXCHANGE = Exchange()
KEY = bytes(range(32))
TABLES = list(Layout(EXCHANGE.catalog, key=KEY).tables)


class Result(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def export(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Result]]:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    _key(tmp_path / "key")

    def run(*arguments: object) -> Result:
        code = cli.run(["export", *map(str, arguments)])
        return Result(code, *capfd.readouterr())

    yield run


def _key(path: Path, key: bytes = KEY) -> Path:
    path.write_bytes(key)
    path.chmod(0o600)
    return path


def _fill(inbox: Path, number: int) -> Path:
    """Write messages of all kinds, each with a beskedId of its own, in two folders."""
    for at in range(number):
        names = EXCHANGE.catalog.reports()
        document = EXCHANGE.example(names[at % len(names)])
        (content,) = document.values()
        content["hoved"]["beskedId"] = str(UUID(int=at))
        path = inbox / ("a" if at < number // 2 else "b") / f"{at:04}.xml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(EXCHANGE.build(document))
    return inbox


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return _fill(tmp_path / "inbox", 12)


def _files(folder: Path) -> dict[str, bytes]:
    """Everything in a folder, by name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if not path.is_dir()}


def _ids(folder: Path) -> list[str]:
    """The beskedId of every message in an export, in order."""
    names = EXCHANGE.catalog.reports()
    return sorted(row["hoved_beskedId"] for name in names for row in pq.read_table(folder / name).to_pylist())


# What comes of messages


def test_the_library_returns_the_counts_and_reports_what_was_not_judged(inbox: Path) -> None:
    (inbox / "b" / "none.xml").write_bytes(b"x")
    (inbox / "nowhere.xml").symlink_to("nowhere")
    out = inbox.parent / "tables"
    faults: list[Fault] = []
    done: list[int] = []
    counts = library.export([inbox], out, key=KEY, lang="en", report=faults.append, progress=done.append)
    assert counts == Counts(exported=12, refused=1, unchecked=1)
    assert faults == [Fault(inbox / "nowhere.xml", "No such file or directory")]
    assert sum(done) == library.size([inbox]) == sum(path.stat().st_size for path in inbox.rglob("*/*.xml"))
    assert _ids(out) == [str(UUID(int=number)) for number in range(12)]
    with pytest.raises(FileExistsError):
        library.export([inbox], out, key=KEY)
    (out / "export.json").unlink()
    with pytest.raises(ExportRefused, match="is no export"):
        library.export([inbox], out, key=KEY, overwrite=True)
    with pytest.raises(ExportRefused, match="expected either a key"):
        library.export([inbox], out)


def test_accepted_messages_are_exported_the_others_left_out_and_counted(
    export: Callable[..., Result], inbox: Path
) -> None:
    done = export(inbox, "--out", "tables", "--key", "key")
    assert done == (0, "", "tables: messages exported: 12; left out: 0 not accepted, 0 not checked\n")
    assert _ids(Path("tables")) == [str(UUID(int=number)) for number in range(12)]

    (inbox / "b" / "bad.xml").write_bytes((inbox / "a" / "0000.xml").read_bytes().replace(b">opret<", b">ret<"))
    (inbox / "b" / "none.xml").write_bytes(b"x")
    done = export(inbox, "--out", "more", "--key", "key", "--lang", "da")
    said = "more: beskeder eksporteret: 12; udeladt: 2 ikke accepteret, 0 ikke kontrolleret (exchange validate viser hvorfor)"
    assert done == (1, "", f"{said}\n")
    assert _ids(Path("more")) == _ids(Path("tables"))

    (inbox / "0101405000.xml").symlink_to("nowhere")
    os.mkfifo(inbox / "pipe.xml")
    done = export(inbox, "--out", "most", "--key", "key")
    assert done.code == 3
    assert done.err.splitlines() == [
        f"{inbox}/**********.xml: No such file or directory",
        f"{inbox}/pipe.xml: not a regular file",
        "most: messages exported: 12; left out: 2 not accepted, 2 not checked (exchange validate shows why)",
    ]
    assert json.loads(Path("most/export.json").read_bytes()).items() >= {
        ("exported", 12),
        ("refused", 2),
        ("unchecked", 2),
        ("personnumre", "pseudonyms"),
        ("texts", False),
    }


def test_a_check_that_did_not_run_is_no_refusal(
    export: Callable[..., Result], inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_rules_fail(EXCHANGE.catalog, monkeypatch)
    done = export(inbox / "a", "--out", "tables", "--key", "key")
    assert done.code == 3
    assert f"{inbox}/a/0000.xml: undetermined\n" in done.err
    assert done.err.endswith("tables: messages exported: 0; left out: 0 not accepted, 6 not checked\n")
    assert "0101405000" not in done.err


def test_every_table_is_there_also_without_such_messages(export: Callable[..., Result], inbox: Path) -> None:
    (inbox / "empty").mkdir()
    done = export(inbox / "empty", inbox / "a" / "0000.xml", "--out", "tables", "--key", "key")
    assert (done.code, done.err.splitlines()[0]) == (
        3,
        f"{inbox}/empty: there is no *.xml file in this folder, so nothing was checked",
    )
    assert sorted(path.name for path in Path("tables").iterdir()) == sorted([*TABLES, "export.json"])
    schemas = Layout(EXCHANGE.catalog, key=KEY).tables
    for table in TABLES:
        assert pq.read_table(Path("tables", table)).schema.equals(schemas[table], check_metadata=True)
    assert _ids(Path("tables")) == [str(UUID(int=0))]


def test_numbers_and_texts_are_there_when_asked_for(export: Callable[..., Result], inbox: Path) -> None:
    assert export(inbox, "--out", "tables", "--plain", "--texts").code == 0
    (first, *_) = pq.read_table(Path("tables", "samtale")).to_pylist()
    assert (first["person_personnummer"], first["person_navn"]) == ("0101405000", "Maja Prøvesen")


def test_an_export_is_its_owners(export: Callable[..., Result], inbox: Path) -> None:
    assert export(inbox, "--out", "tables", "--key", "key").code == 0
    everything = [Path("tables"), *Path("tables").rglob("*")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in everything if path.is_dir()} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in everything if path.is_file()} == {0o600}


def test_no_note_tells_the_name_of_a_file(
    export: Callable[..., Result], inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = inbox.rename("0101405000")
    with monkeypatch.context() as patch:
        patch.setattr(folder.ExportFolder, "finish", lambda *_: None)
        assert export(inbox, "--out", "tables", "--key", "key").code == 0
    notes = {name: data for name, data in _files(Path("tables.part")).items() if name.endswith(".json")}
    assert sorted(notes) == ["blocks/00000.json", "export.json"]
    assert not [
        name for name, data in notes.items() if b"0101405000" in data or b".xml" in data or KEY.hex().encode() in data
    ]


# Keys


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "personnumre: expected either a key, for pseudonyms, or plain, for the numbers themselves"),
        (("--key", "key", "--plain"), "personnumre: expected either a key"),
        (("--key", "short"), "key: 31 bytes – expected at least 32"),
    ],
    ids=["neither", "both", "short"],
)
def test_a_wrong_wish_is_refused_before_anything_is_made(
    export: Callable[..., Result], inbox: Path, options: tuple[str, ...], said: str
) -> None:
    _key(Path("short"), KEY[:31])
    refused = export(inbox, "--out", "tables", *options)
    assert refused.code == 2
    assert said in refused.err
    assert sorted(path.name for path in Path().iterdir()) == ["inbox", "key", "short"]


def test_a_key_that_is_not_there_is_a_fault(export: Callable[..., Result], inbox: Path) -> None:
    assert export(inbox, "--out", "tables", "--key", "nokey") == (
        3,
        "",
        "exchange: No such file or directory: nokey\n",
    )


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_key_that_others_can_read_is_warned_of(export: Callable[..., Result], inbox: Path, mode: int) -> None:
    Path("key").chmod(mode)
    done = export(inbox, "--out", "tables", "--key", "key")
    assert done.code == 0
    assert done.err.startswith(
        "warning: key: other users can read this key; use chmod 600 to restrict it to its owner\n"
    )


def test_without_pyarrow_the_command_says_what_to_install(
    export: Callable[..., Result], inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    missing = export(inbox, "--out", "tables", "--plain")
    assert missing.code == 3
    assert missing.err.endswith("pip install 'exchange-par87[parquet]'\n")
    assert not Path("tables.part").exists()


# The folder


def test_an_export_is_replaced_only_when_asked_and_nothing_else_ever_is(
    export: Callable[..., Result], inbox: Path
) -> None:
    arguments = (inbox, "--out", "tables", "--key", "key")
    assert export(*arguments).code == 0
    before = _files(Path("tables"))
    refused = export(*arguments)
    assert refused.code == 2
    assert f"{Path('tables').absolute()} exists; --overwrite replaces it" in refused.err
    assert _files(Path("tables")) == before
    assert export(inbox / "a", "--out", "tables", "--plain", "--overwrite").code == 0
    assert _ids(Path("tables")) == [str(UUID(int=number)) for number in range(6)]
    assert sorted(path.name for path in Path().iterdir()) == ["inbox", "key", "tables"]

    shutil.copytree("inbox", "precious")
    Path("link").symlink_to("tables")
    for name in ("precious", "link", "key"):
        refused = export(inbox, "--out", name, "--plain", "--overwrite")
        assert refused.code == 2
        assert f"{name} is no export, so it is not replaced" in refused.err
    assert _files(Path("precious")) == _files(Path("inbox"))
    shutil.move("precious", "more.part")
    assert export(inbox, "--out", "more", "--plain", "--overwrite", "--resume").code == 2
    assert _files(Path("more.part")) == _files(Path("inbox"))


def test_a_run_that_fails_leaves_no_export_and_can_go_on(
    export: Callable[..., Result], inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "MESSAGES", 5)
    arguments = (inbox, "--out", "tables", "--key", "key")
    fsync, left = os.fsync, count(-20)

    def full(descriptor: int) -> None:
        if next(left) == 0:
            raise OSError(28, "No space left on device")
        fsync(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        failed = export(*arguments)
    assert (failed.code, failed.err) == (3, "exchange: No space left on device\n")
    assert not Path("tables").exists()
    refused = export(*arguments)
    assert refused.code == 2
    assert f"{Path('tables.part').absolute()} exists; --resume continues it, --overwrite starts again" in refused.err
    assert export(*arguments, "--resume").code == 0
    assert _ids(Path("tables")) == [str(UUID(int=number)) for number in range(12)]
    assert not Path("tables.part").exists()


def test_a_value_that_no_column_holds_is_a_fault_and_no_wrong_usage(
    export: Callable[..., Result], inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parse = Exchange.parse_or_report

    def odd(*arguments: Any) -> Any:
        document, report = parse(*arguments)
        assert document is not None
        document["samtale"]["form"] = 101405000
        return document, report

    monkeypatch.setattr(Exchange, "parse_or_report", odd)
    failed = export(inbox / "a" / "0000.xml", "--out", "tables", "--key", "key")
    assert failed == (3, "", "exchange: samtale: form – a value that is no string, or none at all\n")


@pytest.fixture
def begun(export: Callable[..., Result], inbox: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[object, ...]:
    """Leave a run behind that ended before its last step; give its arguments."""
    monkeypatch.setattr(blocks, "MESSAGES", 5)
    arguments = (inbox, "--out", "tables", "--key", "key")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(folder.ExportFolder, "finish", interrupt)
        assert export(*arguments) == (130, "", "\nexchange: interrupted\n")
    assert sorted(path.name for path in Path("tables.part", "blocks").iterdir()) == [
        *("00000.json", "00001.json", "00002.json")
    ]
    return arguments


def test_what_is_done_is_not_done_again(
    export: Callable[..., Result], begun: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(exporter.BlockExporter, "__call__", fail)
    assert export(*begun, "--resume").code == 0
    assert json.loads(Path("tables/export.json").read_bytes())["exported"] == 12
    assert _ids(Path("tables")) == [str(UUID(int=number)) for number in range(12)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda arguments: (*arguments, "--texts"), "not as the run that was to go on: texts"),
        (lambda arguments: (*arguments[:3], "--plain"), "inputs, personnumre, key_check"),
        (lambda arguments: (*arguments[:3], "--key", _key(Path("other"), KEY[::-1])), "inputs, key_check"),
        (lambda arguments: (arguments[0] / "a", *arguments[1:]), "not as the run that was to go on: inputs"),
    ],
    ids=["texts", "plain", "key", "paths"],
)
def test_another_export_is_not_gone_on_with(
    export: Callable[..., Result], begun: tuple[object, ...], change: Any, said: str
) -> None:
    before = _files(Path("tables.part"))
    refused = export(*change(begun), "--resume")
    assert refused.code == 2
    assert said in refused.err
    assert _files(Path("tables.part")) == before
    # Beginning anew it may be.
    assert export(*change(begun), "--overwrite").code == 0
    assert not Path("tables.part").exists()


@pytest.mark.parametrize("change", ["more", "less", "another", "later", "the last less"])
def test_other_files_than_those_done_are_not_gone_on_with(
    export: Callable[..., Result], begun: tuple[object, ...], inbox: Path, change: str
) -> None:
    file = inbox / "a" / "0002.xml"
    if change == "more":
        shutil.copy(file, inbox / "a" / "0002b.xml")
    elif change == "less":
        file.unlink()
    elif change == "the last less":
        (inbox / "b" / "0010.xml").unlink()
        (inbox / "b" / "0011.xml").unlink()
    elif change == "another":
        file.write_bytes(file.read_bytes() + b"\n")
    else:
        os.utime(file, (0, 0))
    refused = export(*begun, "--resume")
    assert refused.code == 2
    assert "the messages are not those of the run that was to go on" in refused.err
    assert not Path("tables").exists()


def test_of_a_block_that_was_not_done_nothing_is_left(
    export: Callable[..., Result], begun: tuple[object, ...], inbox: Path
) -> None:
    # The last two files, a minPlanUdkast and a kravTilJobsoegning, are a block; its note is not there yet.
    Path("tables.part/blocks/00002.json").unlink()
    assert Path("tables.part/minPlanUdkast/00002.parquet").exists()
    (inbox / "b" / "0010.xml").unlink()
    assert export(*begun, "--resume").code == 0
    remaining = [str(UUID(int=number)) for number in range(12) if number != 10]
    assert _ids(Path("tables")) == remaining

    shutil.rmtree("tables")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folder.ExportFolder, "finish", lambda *_: None)
        assert export(*begun).code == 0
    Path("tables.part/blocks/00002.json").unlink()
    (inbox / "b" / "0011.xml").unlink()
    assert export(*begun, "--resume").code == 0
    assert _ids(Path("tables")) == remaining[:-1]


def test_files_are_cut_into_blocks_by_number_and_by_size(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [blocks.File.at(path, None) for path in sorted(inbox.rglob("*.xml"))]
    monkeypatch.setattr(blocks, "MESSAGES", 5)

    def sizes() -> list[int]:
        made = list(blocks.blocks(entries, b"", lambda _: (None, None)))
        assert [piece.path for block in made for piece in block.parts] == [entry.path for entry in entries]
        assert [block.number for block in made] == list(range(len(made)))
        assert len({block.identity for block in made}) == len(made)
        return [len(block.parts) for block in made]

    assert sizes() == [5, 5, 2]
    monkeypatch.setattr(blocks, "BYTES", sum(entry.size for entry in entries[:3]))
    assert sizes()[0] == 3
    monkeypatch.setattr(blocks, "BYTES", 1)
    assert sizes() == [1] * 12
    assert list(blocks.blocks([], b"", lambda _: (None, None))) == []


# What a kill may do

DRIVER = """
import os, signal, sys
from exchange.cli import run
from exchange.export import blocks

blocks.MESSAGES = 5
left = int(sys.argv[1])
CHANGES = {"open", "tempfile.mkstemp", "os.rename", "os.link", "os.remove", "os.rmdir", "os.mkdir"}

def watch(event, arguments):
    global left
    if event in CHANGES and "tables" in str(arguments[:2]):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
code = run(sys.argv[2:])
print(-left)
sys.exit(code)
"""
"""Exports, and is killed right before that access to the export's files (0: never); else says how many there were."""


def _start(home: Path, kill_at: int, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", DRIVER, str(kill_at), "export", *arguments, "--out", "tables", "--key", "key"]
    command += ["--jobs", "1"]  # so that all accesses are this process's
    return subprocess.Popen(command, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _accesses(process: subprocess.Popen[str]) -> int:
    """How many accesses an export made that came to its end; 0 if it was killed."""
    out, err = process.communicate()
    assert process.returncode in (0, -signal.SIGKILL), err
    return int(out) if process.returncode == 0 else 0


def _kill_at_some_moment(process: subprocess.Popen[str], part: Path, chance: random.Random) -> None:
    """Kill an export from outside, when it has done some of its eight blocks and is wherever it may be then."""
    notes = chance.randint(0, 7)
    while process.poll() is None and len(list(part.glob("blocks/*.json"))) < notes:
        time.sleep(0.0005)
    time.sleep(chance.random() / 50)
    process.kill()


def test_a_dozen_kills_change_nothing_of_an_export(tmp_path: Path) -> None:
    _key(tmp_path / "key")
    _fill(tmp_path / "inbox", 40)
    accesses = _accesses(_start(tmp_path, 0, "inbox"))
    expected = _files(tmp_path / "tables")
    chance = random.Random(87)
    kills = 0
    while kills < 12:
        shutil.rmtree(tmp_path / "tables")
        for turn in count():
            # Each run goes on where the one before was killed, until one comes through.
            from_outside = turn % 2
            process = _start(tmp_path, 0 if from_outside else chance.randint(1, accesses), "inbox", "--resume")
            if from_outside:
                _kill_at_some_moment(process, tmp_path / "tables.part", chance)
            if _accesses(process):
                break
            kills += 1
        assert _files(tmp_path / "tables") == expected
        assert not (tmp_path / "tables.part").exists()


def test_a_kill_while_an_export_is_replaced_leaves_the_old_or_the_new_or_what_makes_it(tmp_path: Path) -> None:
    _key(tmp_path / "key")
    _fill(tmp_path / "inbox", 6)
    assert _accesses(_start(tmp_path, 0, "inbox/a"))
    old = _files(tmp_path / "tables")
    shutil.copytree(tmp_path / "tables", tmp_path / "old")
    accesses = _accesses(_start(tmp_path, 0, "inbox", "--overwrite"))
    new = _files(tmp_path / "tables")
    there = []
    # Of its last steps, two give the folders their other names; behind them the old one is removed.
    for back in (0, 1, 12, 23, 24, 25, 30):
        shutil.rmtree(tmp_path / "tables")
        shutil.copytree(tmp_path / "old", tmp_path / "tables")
        assert not _accesses(_start(tmp_path, accesses - back, "inbox", "--overwrite"))
        found = _files(tmp_path / "tables")
        there.append("old" if found == old else "new" if found == new else "neither")
        assert there[-1] != "neither" or (not found and (tmp_path / "tables.part").exists())
        assert _accesses(_start(tmp_path, 0, "inbox", "--overwrite", "--resume"))
        assert _files(tmp_path / "tables") == new
        assert sorted(path.name for path in tmp_path.iterdir()) == ["inbox", "key", "old", "tables"]
    assert there == ["new", "new", "new", "new", "neither", "old", "old"]
