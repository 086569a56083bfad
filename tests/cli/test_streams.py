"""Standard streams that are closed, and names of files that are no plain text, in every form of a report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
from support.delivery_cases import samtale
from support.delivery_runs import write

import exchange
from exchange.api import Exchange
from exchange.cli import run as run_command
from exchange.model import json_documents

ROUTE = Path(__file__).parents[1] / "forwarding" / "route.csv"
EXCHANGE = [sys.executable, "-c", "from exchange.cli import main; main()"]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a message, its JSON, and a delivery."""
    monkeypatch.chdir(tmp_path)
    document = Exchange().example("samtale")
    Path("m.xml").write_bytes(exchange.build(document))
    Path("m.json").write_text(json_documents.dump(document), "utf-8")
    write(tmp_path / "d.xml", samtale(1), samtale(2))
    return tmp_path


def _run(redirections: str, *arguments: object) -> tuple[int, str, str]:
    """Run a command with streams closed by the shell; give exit code, stdout, stderr."""
    shell = ["sh", "-c", f'"$@" {redirections}', "sh", *EXCHANGE, *map(str, arguments)]
    done = subprocess.run(shell, check=False, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


NOTHING_ON_STDOUT = {
    "build": ("build", "m.json", "-o", "out"),
    "parse": ("parse", "m.xml", "-o", "out"),
    "show": ("show", "m.xml", "-o", "out"),
    "validate": ("validate", "m.xml", "--format", "none"),
    "report": ("validate", "m.xml", "--format", "none", "--output", "json=out"),
    "unpack": ("delivery", "unpack", "d.xml", "--out", "out"),
    "unpack lines": ("delivery", "unpack", "d.xml", "--json-lines", "out"),
    "export": ("export", "d.xml", "--plain", "--out", "out"),
}


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("command", NOTHING_ON_STDOUT)
def test_a_closed_stdout_is_nothing_to_what_writes_nothing_there(command: str) -> None:
    code, _, said = _run(">&-", *NOTHING_ON_STDOUT[command])
    assert (code, "closed" in said) == (0, False), said


ON_STDOUT = {
    "build": ("build", "m.json"),
    "parse": ("parse", "m.xml"),
    "show": ("show", "m.xml"),
    "validate": ("validate", "m.xml"),
    "reports": ("validate", "m.xml", "--output", "json=out"),
    "describe": ("describe",),
    "codes": ("codes", "form"),
    "rules": ("rules",),
    "demo": ("demo", "out"),
    "generate": ("generate", "mixed", "--count", "2", "--out", "out"),
    "pack": ("delivery", "pack", "m.xml", "-o", "out"),
    "merge": ("delivery", "merge", "d.xml", "-o", "out"),
    "unpack": ("delivery", "unpack", "d.xml", "--json-lines", "-"),
    "split": ("delivery", "split", "d.xml", "--count", "1", "--out", "out"),
    "receipt": ("delivery", "receipt", "d.xml", "-o", "out"),
    "accept": ("delivery", "accept", "d.xml", "--out", "out"),
    "forward": ("forward", "d.xml", "--route", str(ROUTE), "--out", "out"),
    "receive": ("inbox", "receive", "m.xml", "--inbox", "i.db"),
    "receive into a folder": ("inbox", "receive", "m.xml", "--inbox", "i.db", "--receipts", "out"),
}


@pytest.mark.parametrize("command", ON_STDOUT)
def test_a_closed_stdout_is_told_before_anything_is_made(command: str, place: Path) -> None:
    names = sorted(place.iterdir())
    for lang, word in ("en", "closed"), ("da", "lukket"):
        code, _, said = _run(">&-", *ON_STDOUT[command], "--lang", lang)
        assert code == 3
        assert said.startswith("exchange: stdout ")
        assert said.endswith(f" {word}\n")
        assert said.count("\n") == 1
    assert sorted(place.iterdir()) == names


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_for_nobody(option: str) -> None:
    code, _, said = _run(">&-", option)
    assert (code, said.count("\n"), "stdout" in said) == (3, 1, True)


ON_STDIN = {
    "build": ("build",),
    "parse": ("parse", "-"),
    "show": ("show", "-"),
    "unpack": ("delivery", "unpack", "-", "--out", "out"),
    "pack": ("delivery", "pack", "-", "-o", "out", "--akasse", "67", "--miljoe", "test"),
}


@pytest.mark.parametrize("command", ON_STDIN)
def test_a_closed_stdin_is_told(command: str, place: Path) -> None:
    names = sorted(place.iterdir())
    code, out, said = _run("<&-", *ON_STDIN[command], "--lang", "en")
    assert (code, out, said) == (3, "", "exchange: stdin is closed\n")
    assert sorted(place.iterdir()) == names


@pytest.mark.usefixtures("place")
def test_a_closed_stdin_could_not_be_checked() -> None:
    code, out, said = _run("<&-", "validate", "-", "m.xml", "--lang", "da")
    assert (code, said) == (3, "")
    assert "<stdin>: ikke kontrolleret: stdin er lukket\n" in out


def test_nothing_that_is_printed_ends_up_in_a_file(place: Path) -> None:
    """The first files that are opened would have the numbers of the streams that are closed."""
    code, _, _ = _run("<&- >&- 2>&-", "build", "m.json", "-o", "out.xml")
    assert (code, (place / "out.xml").read_bytes()) == (0, (place / "m.xml").read_bytes())
    script = "import os; from exchange.cli import streams; streams.occupy_standard_descriptors(); {}"
    open_one = (
        "fd = os.open('file', os.O_WRONLY | os.O_CREAT); os.write(1, b'noise'); os.write(2, b'noise'); os._exit(fd)"
    )
    shell = ["sh", "-c", '"$@" <&- >&- 2>&-', "sh", sys.executable, "-c", script.format(open_one)]
    assert subprocess.run(shell, check=False).returncode > 2
    assert (place / "file").read_bytes() == b""


# Names

NAMES = {
    "emoji": "besked 😀.xml".encode(),
    "joined emoji": "👩\u200d💻.xml".encode(),
    "no UTF-8": b"bes\xf8ked\xff.xml",
    "Cyrillic": "сообщение.xml".encode(),
    "hidden": "a\u202eb\x9b\x1b[31m\nc\u200b.xml".encode(),
}


@pytest.fixture(params=NAMES)
def named(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a rejected file in the working folder."""
    monkeypatch.chdir(tmp_path)
    name = os.fsdecode(NAMES[request.param])
    Path(name).write_bytes(b"<a/>")
    return name


def _report(form: str, name: str) -> bytes:
    done = subprocess.run([*EXCHANGE, "validate", name, "--format", form], check=False, capture_output=True)
    assert (done.returncode, done.stderr) == (1, b"")
    return done.stdout


def test_a_name_is_itself_in_json(named: str) -> None:
    said = _report("json", named)
    (entry,) = json.loads(said)["files"]
    assert entry["file"] == named
    # To a terminal it does nothing.
    assert all(each.isprintable() or each == "\n" for each in said.decode())


def test_a_name_is_itself_in_sarif(named: str) -> None:
    (result,) = json.loads(_report("sarif", named))["runs"][0]["results"]
    (location,) = result["locations"]
    uri = location["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.isascii()
    assert unquote_to_bytes(uri) == os.fsencode(named)


def test_a_name_is_itself_for_github_as_far_as_it_can_be_seen(named: str) -> None:
    said = _report("github", named).decode()
    assert all(each.isprintable() or each in "\n\u200d" for each in said)
    if "\u202e" not in named and named.encode("utf-8", "replace").decode() == named:
        assert f"::error file={named},line=1" in said


@pytest.mark.parametrize("form", ["text", "junit", "html"])
def test_a_name_is_shown_to_people_with_what_cannot_be_seen_escaped(named: str, form: str) -> None:
    said = _report(form, named).decode()
    assert not [each for each in "\u202e\u200b\u200d\x9b\x1b" if each in said]


def test_names_that_are_no_text_are_not_taken_for_one_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names = [os.fsdecode(name) for name in (b"a\xfe.xml", b"a\xff.xml")]
    for name in names:
        Path(name).write_bytes(b"<a/>")
    assert run_command(["validate", *names, "--format", "sarif"]) == 1
    results = json.loads(capsys.readouterr().out)["runs"][0]["results"]
    assert len({json.dumps(result["partialFingerprints"]) for result in results}) == 2


def test_compare_shows_names_as_people_see_them(named: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "new.json").write_bytes(_report("json", named))
    empty = json.loads((tmp_path / "new.json").read_bytes()) | {"files": []}
    (tmp_path / "old.json").write_text(json.dumps(empty), "utf-8")
    assert run_command(["compare", "old.json", "new.json"]) == 1
    said = capfd.readouterr().out
    assert "message-unknown" in said
    assert all(each.isprintable() or each == "\n" for each in said)


def test_a_personnummer_in_a_name_is_masked_for_programs_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("0101405000 😀.xml").write_bytes(b"<a/>")
    for form in ("json", "sarif", "github"):
        assert b"0101405000" not in _report(form, "0101405000 😀.xml")
