"""`exchange export` on deliveries: the same rows as from single files, whatever is left out, killed or dies on the way."""

from __future__ import annotations

import json
import os
import pickle
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import duckdb
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it brings no types
import pytest
from support.bound_rules import make_rules_fail
from support.delivery_cases import CASES, DECLARATION, ROOT, delivery, guid, krav, plan, samtale
from support.terminals import open_terminal, read_terminal

from exchange import testdata
from exchange.api import Exchange
from exchange.cli import run
from exchange.deliveries import write_delivery
from exchange.deliveries.start_tags import LARGE
from exchange.export import Layout, Rows, blocks, exporter, exporting, folder, survey
from exchange.export.exporter import BlockExporter
from exchange.validation.rules import KINDS

EXCHANGE = Exchange()
KEY = bytes(range(32))
TABLES = list(Layout(EXCHANGE.catalog, key=KEY).tables)
COPENHAGEN = ZoneInfo("Europe/Copenhagen")


class Result(NamedTuple):
    """What a command left behind."""

    code: int
    err: list[str]


Export = Callable[..., Result]


@pytest.fixture
def export(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Export]:
    monkeypatch.chdir(tmp_path)
    # Nothing here is about the power going off, and a busy disk takes its time; so do schemas that are read once more.
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr(exporter, "Exchange", lambda: EXCHANGE)
    _key(tmp_path)

    def export(*arguments: object) -> Result:
        code = run(["export", *map(str, arguments), "--lang", "en", "--key", "key"])
        out, err = capfd.readouterr()
        assert out == ""
        return Result(code, err.splitlines())

    yield export


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every delivery judged and cut as if it were large, and every part filled with five messages."""
    _cut(monkeypatch)


def _cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "LARGE", 0)
    monkeypatch.setattr(blocks, "MESSAGES", 5)


def _key(home: Path) -> None:
    (home / "key").write_bytes(KEY)
    (home / "key").chmod(0o600)


def _write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


def _rows(folder: Path | str) -> dict[str, list[dict[str, Any]]]:
    """All rows of an export, by table; of a message they stand together, and as it has them."""
    tables = {table: pq.read_table(Path(folder, table)).to_pylist() for table in TABLES}
    return {table: sorted(rows, key=lambda row: str(row["hoved_beskedId"])) for table, rows in tables.items()}


def _ids(folder: Path | str) -> Counter[str]:
    rows = _rows(folder)
    return Counter(row["hoved_beskedId"] for name in EXCHANGE.catalog.reports() for row in rows[name])


def _parts(folder: Path | str) -> set[str]:
    return {path.stem for path in Path(folder).rglob("*.parquet")}


def _mixed(numbers: Sequence[int]) -> list[str]:
    """Messages of all kinds; a plan's text has letters that other encodings write in other bytes."""
    kinds: list[Callable[[int], str]] = [samtale, lambda number: plan(number, f"Kurset på Ærø, {number} €."), krav]
    return [kinds[number % 3](number) for number in numbers]


# The same as single files

SAMTALE = "urn:x-par87:samtale:1"


def _prefixed(text: str) -> str:
    """Give interviews a prefix that the delivery's root declares."""
    text = text.replace(ROOT, f'{ROOT[:-1]} xmlns:s="{SAMTALE}" xmlns:unused="urn:x">')
    return re.sub(
        f'<samtale xmlns="{SAMTALE}">.*?</samtale>',
        lambda found: re.sub("<(/?)", r"<\1s:", found[0].replace(f' xmlns="{SAMTALE}"', "")),
        text,
    )


def _inherited(text: str) -> str:
    """Have the root declare, without a prefix, what interviews are."""
    head, antal, rest = text.partition("</antal>")
    head = re.sub("<(/?)", r"<\1l:", head + antal).replace(
        "<l:leverance xmlns", f'<l:leverance xmlns="{SAMTALE}" xmlns:l'
    )
    return head + rest.replace(f' xmlns="{SAMTALE}"', "").replace("</leverance>", "</l:leverance>")


LAYOUTS: dict[str, Callable[[str], bytes]] = {
    "plain": lambda text: (DECLARATION + text).encode(),
    "no declaration": lambda text: text.encode(),
    "utf-8 with a mark": lambda text: (DECLARATION + text).encode("utf-8-sig"),
    "utf-16": lambda text: (DECLARATION.replace("UTF-8", "UTF-16") + text).encode("utf-16"),
    "utf-16, big end first": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "latin-1": lambda text: (DECLARATION.replace("UTF-8", "ISO-8859-1") + text.replace("€", "&#8364;")).encode(
        "latin-1"
    ),
    "a comment in the head": lambda text: (DECLARATION + text.replace("<antal>", "<!-- x -->\n<antal>", 1)).encode(),
    "lines as Windows has them": lambda text: (DECLARATION + text.replace("\n", "\r\n")).encode(),
    "prefixes": lambda text: (DECLARATION + _prefixed(text)).encode(),
    "namespace from above": lambda text: _inherited(text).encode("utf-16"),
    "plain, then comments": lambda text: (DECLARATION + text.replace("</krav", "<!-- --></krav", 1)).encode(),
}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """Give the rows of fifteen messages that were exported as files."""
    home = tmp_path_factory.mktemp("files")
    for number, message in enumerate(_mixed(range(1, 16))):
        _write(home / "inbox" / f"{number:02}.xml", DECLARATION + message)
    _key(home)
    arguments = [str(home / "inbox"), "--out", str(home / "tables"), "--key", str(home / "key"), "--texts"]
    assert run(["export", *arguments]) == 0
    return _rows(home / "tables")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_delivery_among_files_gives_the_rows_of_its_messages_as_files(
    export: Export, monkeypatch: pytest.MonkeyPatch, expected: dict[str, list[dict[str, Any]]], layout: str
) -> None:
    monkeypatch.setattr(blocks, "MESSAGES", 5)
    messages = _mixed(range(1, 16))
    for number in (0, 1, 14):
        _write(Path("inbox", f"{number:02}.xml"), DECLARATION + messages[number])
    Path("inbox", "02.xml").write_bytes(LAYOUTS[layout](delivery(*messages[2:14])))
    # A small delivery is one of the files of a part; cut, its messages fill several parts together with files.
    for large, jobs, parts in ((LARGE, 1, {"00000"}), (0, 2, {"00000", "00001", "00002"})):
        monkeypatch.setattr(exporting, "LARGE", large)
        done = export("inbox", "--out", f"tables{jobs}", "--jobs", jobs, "--texts")
        assert done == (0, [f"tables{jobs}: messages exported: 15; left out: 0 not accepted, 0 not checked"])
        assert _rows(f"tables{jobs}") == expected
        assert _parts(f"tables{jobs}") == parts


@pytest.mark.usefixtures("cut")
def test_paths_may_name_deliveries_and_their_messages_come_in_the_order_of_the_walk(export: Export) -> None:
    _write(Path("one.leverance"), DECLARATION + delivery(samtale(3), samtale(1)))
    _write(Path("inbox", "a", "two.xml"), DECLARATION + delivery(samtale(5), samtale(4)))
    _write(Path("inbox", "b.xml"), DECLARATION + samtale(2))
    _write(Path("inbox", "c.txt"), DECLARATION + delivery(samtale(9)))
    assert export("inbox", "one.leverance", "--out", "tables").code == 0
    parts = sorted(Path("tables/samtale").iterdir())
    found = [row["hoved_beskedId"] for part in parts for row in pq.read_table(part).to_pylist()]
    assert found == [guid(number) for number in (2, 5, 4, 3, 1)]


# What is left out


@pytest.mark.parametrize("large", [True, False], ids=["cut", "whole"])
def test_of_every_delivery_the_accepted_messages_are_there_if_it_is_accepted_itself(
    export: Export, monkeypatch: pytest.MonkeyPatch, large: bool
) -> None:
    monkeypatch.setattr(exporting, "LARGE", 0 if large else LARGE)
    exported = refused = faulty = 0
    for number, case in enumerate(CASES):
        if b"leverance" not in case.data:
            continue
        Path("cases").mkdir(exist_ok=True)
        Path("cases", f"{number:02}.xml").write_bytes(case.data)
        if case.codes:
            refused += max(len(case.messages), 1)
            faulty += 1
        else:
            good = [all(KINDS[code].severity != "error" for code in codes) for codes in case.messages]
            exported += sum(good)
            refused += len(good) - sum(good)
    assert exported > 30 and faulty > 15
    done = export("cases", "--out", "tables", "--jobs", 2)
    assert done.code == 1
    assert done.err[-1] == (
        f"tables: messages exported: {exported}; left out: {refused} not accepted, 0 not checked "
        "(exchange validate shows why)"
    )
    assert sum(_ids("tables").values()) == exported
    assert len(done.err) == faulty + 1


@pytest.mark.parametrize("large", [True, False], ids=["cut", "whole"])
def test_what_is_wrong_between_messages_keeps_them_out_across_parts(
    export: Export, monkeypatch: pytest.MonkeyPatch, large: bool
) -> None:
    monkeypatch.setattr(blocks, "MESSAGES", 3)
    monkeypatch.setattr(exporting, "LARGE", 0 if large else LARGE)
    messages = [samtale(number) for number in range(1, 12)]
    repeated = "2026-11-01T02:00:00+01:00"  # as the second has it
    messages += [plan(3), samtale(12, at=repeated), samtale(13, form="brevdue"), samtale(14)]
    # In other deliveries and files these are no repetitions.
    _write(Path("inbox", "a.xml"), DECLARATION + delivery(*messages))
    _write(Path("inbox", "b.xml"), DECLARATION + delivery(samtale(1), samtale(12, at=repeated)))
    _write(Path("inbox", "c.xml"), DECLARATION + plan(3))
    done = export("inbox", "--out", "tables", "--jobs", 2)
    assert done == (
        1,
        ["tables: messages exported: 15; left out: 3 not accepted, 0 not checked (exchange validate shows why)"],
    )
    expected = Counter(guid(number) for number in [*range(1, 12), 14, 1, 12, 3])
    assert _ids("tables") == expected
    # Of the two with one id in the first delivery it is the earlier, an interview, that is there.
    assert [row["hoved_beskedId"] for row in _rows("tables")["minPlanUdkast"]] == [guid(3)]


@pytest.mark.usefixtures("cut")
def test_of_a_delivery_at_fault_nothing_is_exported_and_it_is_told(export: Export) -> None:
    messages = _mixed(range(1, 9))
    _write(Path("inbox", "0101405000-cut-off.xml"), (DECLARATION + delivery(*messages))[:-200])
    _write(Path("inbox", "antal.xml"), DECLARATION + delivery(*messages, antal=9))
    _write(Path("inbox", "file.xml"), DECLARATION + samtale(9))
    _write(Path("inbox", "head.xml"), DECLARATION + delivery(*messages).replace("<miljoe>test", "<miljoe>x", 1))
    said = "the delivery itself is not accepted, so nothing in it was exported"
    for large in (0, LARGE):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(exporting, "LARGE", large)
            done = export("inbox", "--out", "tables", "--overwrite")
        assert done.code == 1
        assert done.err == [
            f"inbox/**********-cut-off.xml: {said}",
            f"inbox/antal.xml: {said}",
            f"inbox/head.xml: {said}",
            "tables: messages exported: 1; left out: 23 not accepted, 0 not checked (exchange validate shows why)",
        ]
        assert _ids("tables") == {guid(9): 1}


@pytest.mark.usefixtures("cut")
def test_messages_that_could_not_be_judged_are_named_up_to_a_hundred(
    export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_rules_fail(EXCHANGE.catalog, monkeypatch)
    monkeypatch.setattr(survey, "NAMED", 2)
    _write(Path("d.xml"), DECLARATION + delivery(*(plan(number) for number in range(1, 5))))
    done = export("d.xml", "--out", "tables", "--jobs", 2)
    assert done.code == 3
    assert done.err == [
        "d.xml#1: undetermined",
        "d.xml#2: undetermined",
        "tables: messages exported: 0; left out: 0 not accepted, 4 not checked",
    ]


@pytest.mark.usefixtures("cut")
def test_a_delivery_that_cannot_be_read_is_told_and_the_rest_exported(
    export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    _write(Path("a.xml"), DECLARATION + delivery(samtale(1)))
    _write(Path("b.xml"), DECLARATION + samtale(2))
    monkeypatch.setattr("exchange.export.exporting.survey", fail)
    done = export("a.xml", "b.xml", "--out", "tables")
    assert done == (
        3,
        ["a.xml: Input/output error", "tables: messages exported: 1; left out: 0 not accepted, 1 not checked"],
    )


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.usefixtures("cut")
def test_a_delivery_that_changes_while_it_is_exported_ends_the_export(
    export: Export, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    path = _write(Path("d.xml"), DECLARATION + delivery(*_mixed(range(1, 8))))
    real = survey.survey

    def changing(*arguments: Any, **options: Any) -> survey.Survey:
        found = real(*arguments, **options)
        path.write_bytes(path.read_bytes().replace(b"0101405000", b"0101405001"))
        return found

    monkeypatch.setattr("exchange.export.exporting.survey", changing)
    done = export("d.xml", "--out", "tables", "--jobs", jobs)
    assert done == (3, ["exchange: a delivery is not what it was when it was judged"])
    assert not Path("tables").exists()


# Interrupted, killed, resumed


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with files, a delivery of some parts, a small one, and one that is refused."""
    monkeypatch.chdir(tmp_path)
    inbox = Path("inbox")
    _write(inbox / "a.xml", DECLARATION + samtale(1))
    _write(inbox / "b.xml", DECLARATION + delivery(*_mixed(range(2, 22)), plan(2), samtale(22, form="brevdue")))
    _write(inbox / "c.xml", DECLARATION + delivery(*_mixed(range(30, 33)), antal=5))
    _write(inbox / "d.xml", (DECLARATION.replace("UTF-8", "UTF-16") + delivery(*_mixed(range(40, 52)))), "utf-16")
    return inbox


SAID = "tables: messages exported: 33; left out: 5 not accepted, 0 not checked (exchange validate shows why)"


@pytest.fixture
def begun(export: Export, inbox: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[object, ...]:
    """Leave a run behind that was interrupted behind its second part; give its arguments."""

    def interrupted(self: folder.ExportFolder, number: int, *arguments: Any) -> None:
        if number == 2:
            raise KeyboardInterrupt
        note_done(self, number, *arguments)

    _cut(monkeypatch)
    arguments = (inbox, "--out", "tables", "--jobs", 1)
    note_done = folder.ExportFolder.note_done
    with monkeypatch.context() as patch:
        patch.setattr(folder.ExportFolder, "note_done", interrupted)
        assert export(*arguments).code == 130
    notes = sorted(path.name for path in Path("tables.part", "blocks").iterdir())
    assert notes == ["00000.json", "00000.survey", "00001.json"]
    return arguments


def test_a_resumed_run_judges_no_delivery_again_and_makes_no_part_again(
    export: Export, begun: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    surveys: list[Path] = []
    parts: list[int] = []
    real, call = survey.survey, BlockExporter.__call__

    def noted(catalog: Any, path: Path, *arguments: Any, **options: Any) -> survey.Survey:
        surveys.append(path)
        return real(catalog, path, *arguments, **options)

    def exported(self: BlockExporter, block: blocks.Block) -> blocks.Result:
        parts.append(block.number)
        return call(self, block)

    monkeypatch.setattr("exchange.export.exporting.survey", noted)
    monkeypatch.setattr(BlockExporter, "__call__", exported)
    assert export(*begun, "--resume").err[-1] == SAID
    assert surveys == [Path("inbox/c.xml"), Path("inbox/d.xml")]
    assert parts == [2, 3, 4, 5, 6]
    assert export(*begun[:1], "--out", "undisturbed").code == 1
    assert _rows("tables") == _rows("undisturbed")
    assert not [path for path in Path("tables").rglob("*") if path.suffix in (".survey", ".part")]


@pytest.mark.usefixtures("begun")
def test_what_is_kept_of_a_run_that_can_go_on_tells_nothing_of_a_person() -> None:
    """A survey has 8 bytes of a keyed hash of each message; without the key nobody can try numbers."""
    kept = Path("tables.part/blocks/00000.survey").read_bytes()
    assert b"0101405000" not in kept and b"inbox" not in kept
    assert Path("tables.part/blocks/00000.survey").stat().st_mode & 0o777 == 0o600
    whole = DECLARATION + _mixed([2])[0]
    unkeyed = int.from_bytes(blake2b(whole.encode(), digest_size=8).digest())
    made = survey.from_bytes(kept.partition(b"\n")[2])
    assert unkeyed not in made.selection.places


@pytest.mark.parametrize("change", ["content", "time", "gone", "another before it", "no delivery any more"])
def test_a_delivery_that_changed_is_not_gone_on_with(export: Export, begun: tuple[object, ...], change: str) -> None:
    file = Path("inbox/b.xml")
    status = file.stat()
    if change == "content":
        file.write_bytes(file.read_bytes() + b"\n")
    elif change == "time":
        os.utime(file, (0, 0))
    elif change == "gone":
        file.unlink()
    elif change == "another before it":
        _write(Path("inbox/aa.xml"), DECLARATION + delivery(samtale(60)))
    else:
        file.write_bytes(b" " * status.st_size)
    before = {path: path.read_bytes() for path in Path("tables.part").rglob("*.json")}
    done = export(*begun, "--resume")
    assert done.code == 2
    assert "the messages are not those of the run that was to go on" in done.err[-1]
    assert not Path("tables").exists()
    assert before.items() <= {path: path.read_bytes() for path in Path("tables.part").rglob("*.json")}.items()
    assert export(*begun, "--overwrite").code == 1


@pytest.mark.usefixtures("cut")
def test_the_last_delivery_gone_is_not_gone_on_with_either(
    export: Export, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.joinpath("d.xml").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(folder.ExportFolder, "finish", lambda *_: None)
        assert export(inbox, "--out", "tables").code == 1
    inbox.joinpath("c.xml").unlink()  # of which there is no part
    done = export(inbox, "--out", "tables", "--resume")
    assert done.code == 2
    assert not Path("tables").exists()


@pytest.mark.usefixtures("cut")
def test_thirty_kills_change_nothing_of_an_export(export: Export, inbox: Path) -> None:
    program = Path(__file__).parents[1] / "killed_exports.py"
    done = subprocess.run([sys.executable, program, "30", inbox], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    killed, finished = map(int, done.stdout.split())
    assert killed >= 30 and finished >= 2
    assert export(inbox, "--out", "undisturbed", "--jobs", 1).err[-1] == SAID.replace("tables", "undisturbed")
    assert _rows("tables") == _rows("undisturbed")


SLOWLY = """
import time
from exchange.cli import main
from exchange.export import blocks, exporter, exporting

exporting.LARGE, blocks.MESSAGES = 0, 5
export = exporter.BlockExporter.__call__
# Only the first block comes to its end before the signal.
exporter.BlockExporter.__call__ = lambda self, block: (time.sleep(600 if block.number else 0), export(self, block))[1]
main()
"""


@pytest.mark.usefixtures("cut")
def test_interrupted_it_ends_at_once_with_all_that_work_for_it_and_can_be_resumed(export: Export, inbox: Path) -> None:
    arguments = ("export", inbox, "--out", "tables", "--key", "key", "--jobs", "2")
    process = subprocess.Popen(
        [sys.executable, "-c", SLOWLY, *arguments], stderr=subprocess.PIPE, start_new_session=True
    )
    while not list(Path("tables.part/blocks").glob("*.json")):
        assert process.poll() is None
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    # What its processes write goes to the same pipe, which ends when all have.
    assert process.communicate()[1].strip() == b"exchange: interrupted"
    assert process.returncode == 130
    assert not Path("tables").exists()
    assert export(*arguments[1:4], "--resume").err[-1] == SAID
    assert export(inbox, "--out", "undisturbed").code == 1
    assert _rows("tables") == _rows("undisturbed")


@pytest.mark.usefixtures("cut", "export")
def test_a_bar_on_a_terminal_shows_the_bytes_and_what_is_told_stands_above_it(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = survey.survey

    def slow(*arguments: Any, **options: Any) -> survey.Survey:
        time.sleep(0.6)  # it takes a second for the bar to be shown
        return real(*arguments, **options)

    monkeypatch.setattr("exchange.export.exporting.survey", slow)
    leader, terminal = open_terminal()
    with os.fdopen(terminal, "w") as stderr, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stderr)
        assert run(["export", str(inbox), "--out", "tables", "--key", "key", "--jobs", "2", "--lang", "en"]) == 1
    said = read_terminal(leader).decode()
    assert re.search(r"\d+%\|[^|]*\| [\d.]+k/\d\d\.\dk \[", said)
    assert re.search(r"[\r\n]inbox/c.xml: the delivery itself is not accepted[^\r\n]*\r\n", said)
    assert said.endswith(f"{SAID}\r\n")


# Processes that die


HERE = os.getpid()


@pytest.mark.usefixtures("cut")
def test_a_file_that_kills_its_process_is_told_and_the_others_are_exported(
    export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deadly(self: Exchange, source: Path) -> Any:
        if source.name in ("03.xml", "07.xml") and os.getpid() != HERE:
            os._exit(9)
        return parse(self, source)

    parse = Exchange.parse_or_report
    monkeypatch.setattr(Exchange, "parse_or_report", deadly)
    for number in range(12):
        _write(Path("inbox", f"{number:02}.xml"), DECLARATION + samtale(number))
    done = export("inbox", "--out", "tables", "--jobs", 2)
    assert done == (
        3,
        [
            "inbox/03.xml: the process that checked it ended unexpectedly",
            "inbox/07.xml: the process that checked it ended unexpectedly",
            "tables: messages exported: 10; left out: 0 not accepted, 2 not checked",
        ],
    )
    assert _ids("tables") == Counter(guid(number) for number in range(12) if number not in (3, 7))


@pytest.mark.usefixtures("cut")
def test_a_delivery_that_kills_its_process_is_told_and_the_others_are_exported(
    export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deadly(path: Path, *arguments: Any) -> Iterator[bytes]:
        if path.name == "b.xml" and os.getpid() != HERE:
            os._exit(9)
        return documents(path, *arguments)

    documents = survey.documents
    monkeypatch.setattr("exchange.export.exporter.documents", deadly)
    for number, name in enumerate("abc"):
        messages = (samtale(2 * number), samtale(2 * number + 1), samtale(9, form="brevdue"))
        _write(Path(f"{name}.xml"), DECLARATION + delivery(*messages))
    done = export("a.xml", "b.xml", "c.xml", "--out", "tables", "--jobs", 2)
    assert done == (
        3,
        [
            "b.xml: the process that checked it ended unexpectedly",
            "tables: messages exported: 4; left out: 3 not accepted, 2 not checked (exchange validate shows why)",
        ],
    )
    assert _ids("tables") == Counter(guid(number) for number in (0, 1, 4, 5))


@pytest.mark.usefixtures("cut")
def test_a_process_that_is_killed_costs_nothing(export: Export, inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(self: BlockExporter, block: blocks.Block) -> blocks.Result:
        if block.number in (1, 4) and not Path(f"killed{block.number}").exists():
            Path(f"killed{block.number}").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return call(self, block)

    call = BlockExporter.__call__
    monkeypatch.setattr(BlockExporter, "__call__", killed)
    said = export(inbox, "--out", "tables", "--jobs", 2)
    assert (said.code, said.err[-1]) == (1, SAID)
    assert Path("killed1").exists() and Path("killed4").exists()
    assert export(inbox, "--out", "undisturbed", "--jobs", 1).code == 1
    assert _rows("tables") == _rows("undisturbed")


@pytest.mark.usefixtures("cut")
def test_where_processes_die_whatever_they_do_the_export_ends_and_can_go_on(
    export: Export, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dead(*_: object, **__: object) -> None:
        os._exit(9)

    with monkeypatch.context() as patch:
        patch.setattr(Rows, "write", dead)
        done = export(inbox, "--out", "tables", "--jobs", 2)
    assert done == (3, ["exchange: the process that checked it ended unexpectedly"])
    assert export(inbox, "--out", "tables", "--resume").err[-1] == SAID


@pytest.mark.usefixtures("cut")
def test_what_goes_wrong_in_a_process_is_told_without_what_it_says(
    export: Export, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(*_: object) -> None:
        raise KeyError("0101405000")

    monkeypatch.setattr(Rows, "add", wrong)
    done = export(inbox, "--out", "tables", "--jobs", 2)
    assert done == (3, ["exchange: a worker process failed: KeyError"])


def test_a_process_that_inherits_nothing_makes_the_same_exporter() -> None:
    for settings in ({"key": KEY, "texts": True}, {"plain": True}):
        one = BlockExporter(Path("tables"), "da", **settings)
        other = pickle.loads(pickle.dumps(one))  # noqa: S301  # our own
        assert other.layout.tables == one.layout.tables
        assert (other.mark_key, other.layout.key_check) == (one.mark_key, one.layout.key_check)


# A large one, as it is


def test_interviews_for_each_fund_form_and_month_of_large_deliveries(export: Export) -> None:
    expected: Counter[tuple[str, str, date]] = Counter()
    valid = 0
    for fund, count in (("67", 1300), ("14", 200)):
        mutations = [mutation for mutation in testdata.MUTATIONS if not mutation.alone]
        made = list(
            testdata.messages(
                EXCHANGE, list(testdata.SHARES), count, int(fund), invalid=0.1, akassekode=fund, mutations=mutations
            )
        )
        header = testdata.delivery_header(EXCHANGE, int(fund), fund)
        write_delivery(Path(f"{fund}.xml"), header, (each.data for each in made), check=False)
        for each in made:
            valid += each.finding is None
            if each.finding is None and "samtale" in each.document:
                content = each.document["samtale"]
                month = content["tidspunkt"].astimezone(COPENHAGEN).date().replace(day=1)
                expected[content["hoved"]["akassekode"], content["form"], month] += 1
    assert Path("67.xml").stat().st_size > LARGE
    assert len(expected) > 20
    done = export("67.xml", "14.xml", "--out", "tables", "--jobs", 2)
    assert done == (
        1,
        [
            f"tables: messages exported: {valid}; left out: {1500 - valid} not accepted, 0 not checked "
            "(exchange validate shows why)"
        ],
    )
    question = """
        select hoved_akassekode, form, date_trunc('month', tidspunkt_dato)::date, count(*)
        from 'tables/samtale/*.parquet' group by all
    """
    found = {tuple(row): many for *row, many in duckdb.connect().execute(question).fetchall()}
    assert found == expected
    assert json.loads(Path("tables/export.json").read_bytes())["exported"] == valid
