"""The command line: results on stdout, the rest on stderr, four exit codes, files whole or not at all."""

from __future__ import annotations

import csv
import fcntl
import json
import os
import re
import signal
import stat
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

import pytest
from click import shell_completion
from support.little_room import little_room
from support.waiting import PATIENCE, until

import exchange
from exchange import cli
from exchange.api import Exchange
from exchange.cli import commands
from exchange.model.resources import stamdata_folder, xsd_folder
from exchange.reports.control import LEVELS
from exchange.validation.rules import KINDS

CATALOG = Exchange().catalog
MESSAGES = CATALOG.names()
_SCRIPT = str(Path(sys.executable).with_name("exchange"))
STAMDATA = Path(__file__).parents[2] / "stamdata"


class Result:
    """What a command left behind."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: object) -> Result:
        code = cli.run([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Result(code, out, err)

    yield run


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.xml"
    path.write_bytes(exchange.build(Exchange().example("samtale")))
    return path


def _renamed(samtale: bytes, id_begin: bytes) -> bytes:
    """Give the example another beskedId."""
    return samtale.replace(b"0f8a3c52", id_begin)


@pytest.fixture
def bad(tmp_path: Path, good: Path) -> Path:
    path = tmp_path / "bad.xml"
    path.write_bytes(_renamed(good.read_bytes(), b"0f8a3c53").replace(b"<rolle>bisidder", b"<rolle>bisider"))
    return path


def _child(*arguments: object, **options: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "from exchange.cli import main; main()", *map(str, arguments)]
    return subprocess.Popen(command, stdout=options.pop("stdout", subprocess.PIPE), stderr=subprocess.PIPE, **options)


@pytest.mark.parametrize("message", MESSAGES)
def test_example_build_validate_parse_and_back(run: Any, tmp_path: Path, message: str) -> None:
    given = run("example", message)
    assert (given.code, given.err) == (0, "")
    source, xml, back = tmp_path / "m.json", tmp_path / "m.xml", tmp_path / "back.json"
    source.write_text(given.out, encoding="utf-8")
    assert run("build", source, "-o", xml).code == 0
    assert xml.read_text("utf-8") == run("example", message, "--xml").out
    judged = run("validate", xml)
    assert (judged.code, judged.err) == (0, "")
    assert judged.out == f"{xml}: accepted ({message} {CATALOG.of(message)[-1].version})\n1 file: 1 accepted\n"
    assert run("parse", xml, "-o", back).code == 0
    assert json.loads(back.read_bytes()) == json.loads(source.read_bytes())


@pytest.mark.parametrize("message", ["kravTilJobsoegning", "kvittering"])
def test_an_example_of_an_older_version(run: Any, tmp_path: Path, message: str) -> None:
    first = CATALOG.of(message)[0]
    source = tmp_path / "m.json"
    source.write_text(run("example", message, "--message-version", 1).out, "utf-8")
    assert json.loads(source.read_bytes()) == first.example()
    built = run("example", message, "--message-version", 1, "--xml").out
    assert built == run("build", source, "--message-version", 1).out
    assert f'xmlns="{first.namespace}"' in built
    for name in (message, "leverance"):
        unknown = run("example", name, "--message-version", 3, "--lang", "en")
        assert (unknown.code, unknown.out) == (2, "")
        assert f"no version 3 of {name}" in unknown.err


def column(path: Path, text: str) -> int:
    """Return the column in which a text stands that occurs once in a file."""
    (line,) = (line for line in path.read_text("utf-8").split("\n") if text in line)
    return line.index(text) + 1


def test_a_finding_is_one_line_that_editors_understand(run: Any, bad: Path) -> None:
    judged = run("validate", bad)
    assert judged.code == 1
    assert judged.out.splitlines() == [
        f"{bad}: rejected (samtale 1)",
        f"{bad}:2:{column(bad, '<rolle>bisider')}: error code-unknown at /samtale/deltagere/deltager[1]/rolle: "
        "is not a code in the list deltagerrolle (got 'bisider') [§ 87, stk. 1, nr. 9]",
        "    hint: Did you mean bisidder? `exchange codes deltagerrolle` shows the codes.",
        "1 file: 1 rejected, 1 error",
    ]


def test_danish_when_asked_or_when_the_locale_is(run: Any, bad: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = run("validate", bad, "--lang", "da")
    assert "fejl code-unknown i /samtale/deltagere/deltager[1]/rolle: er ikke en kode i listen" in asked.out
    monkeypatch.setenv("LANG", "da_DK.UTF-8")
    assert run("validate", bad).out == asked.out
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert "error code-unknown" in run("validate", bad).out


def test_the_json_report_says_when_and_with_what(run: Any, good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    report = json.loads(run("validate", good, "--format", "json").out)
    assert report["tool"] == {"name": "exchange", "version": exchange.__version__}
    assert report["started"] == "1970-01-01T00:00:00+00:00"
    for name, folder in (("schemas", xsd_folder()), ("lists", stamdata_folder())):
        assert report[name]
        for file, digest in report[name].items():
            assert sha256((folder / file).read_bytes()).hexdigest() == digest
    before = datetime.now(UTC).replace(microsecond=0)
    for epoch in ("", "tomorrow", "9" * 20):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
        report = json.loads(run("validate", good, "--format", "json").out)
        assert before <= datetime.fromisoformat(report["started"]) <= datetime.now(UTC)


def test_the_json_report(run: Any, good: Path, bad: Path) -> None:
    judged = run("validate", good, bad, "--format", "json")
    assert judged.code == 1
    report = json.loads(judged.out)
    assert [entry["verdict"] for entry in report["files"]] == ["accepted", "rejected"]
    assert report["summary"] == {
        "files": {"accepted": 1, "rejected": 1},
        "other_files": 0,
        "messages": {},
        "findings": {"error": 1, "warning": 0, "info": 0},
        "codes": {"code-unknown": 1},
        "unexpected": 0,
        "interrupted": False,
    }
    assert report["files"][1] == {
        "file": str(bad),
        "key": "0f8a3c53-6d1e-4b7a-9c40-1a2b3c4d5e01",
        "verdict": "rejected",
        "message": "samtale",
        "version": 1,
        "layers": {
            "secure": "passed",
            "well-formed": "passed",
            "route": "passed",
            "schema": "passed",
            "codes": "failed",
            "rules": "passed",
        },
        "errors": 1,
        "warnings": 0,
        "infos": 0,
        "counts": {"code-unknown": 1},
        "findings": [
            {
                "code": "code-unknown",
                "severity": "error",
                "layer": "codes",
                "path": "/samtale/deltagere/deltager[1]/rolle",
                "line": 2,
                "column": column(bad, "<rolle>bisider"),
                "law": "§ 87, stk. 1, nr. 9",
                "value": "bisider",
                "message": {
                    "da": "rolle: er ikke en kode i listen deltagerrolle (fik 'bisider')",
                    "en": "rolle: is not a code in the list deltagerrolle (got 'bisider')",
                },
                "hint": {
                    "da": "Mente du bisidder? `exchange codes deltagerrolle` viser koderne.",
                    "en": "Did you mean bisidder? `exchange codes deltagerrolle` shows the codes.",
                },
            }
        ],
    }


def test_folders_are_walked_for_xml_in_order(run: Any, good: Path, bad: Path) -> None:
    folder = good.parent
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "deep" / "er" / "C.XML").write_bytes(_renamed(good.read_bytes(), b"0f8a3c54"))
    (folder / "notes.txt").write_text("no message", encoding="utf-8")
    judged = run("validate", folder)
    assert judged.code == 1
    heads = [line.split(": ")[0] for line in judged.out.splitlines() if "(samtale 1)" in line]
    assert heads == [str(bad), str(good), str(folder / "deep" / "er" / "C.XML")]
    assert judged.out.endswith("3 files: 2 accepted, 1 rejected, 1 error; 1 other file (not .xml)\n")


def test_what_could_not_be_checked_is_never_a_pass(run: Any, good: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    judged = run("validate", good, tmp_path / "missing.xml", empty)
    assert judged.code == 3
    assert judged.out.splitlines() == [
        f"{good}: accepted (samtale 1)",
        f"{tmp_path / 'missing.xml'}: not checked: No such file or directory",
        f"{empty}: not checked: there is no *.xml file in this folder, so nothing was checked",
        "3 files: 1 accepted, 2 not checked",
    ]
    report = json.loads(run("validate", tmp_path / "missing.xml", "--format", "json").out)
    assert report["files"] == [
        {"file": str(tmp_path / "missing.xml"), "verdict": "undetermined", "fault": "No such file or directory"}
    ]


def test_a_pipe_named_xml_does_not_hang(run: Any, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.xml"
    os.mkfifo(pipe)
    judged = run("validate", pipe)
    assert judged.code == 3
    assert judged.out.splitlines()[0] == f"{pipe}: not checked: not a regular file"


def test_fail_on_warning(run: Any, tmp_path: Path) -> None:
    document = Exchange().example("kravTilJobsoegning")
    del document["kravTilJobsoegning"]["omfang"]
    path = tmp_path / "warned.xml"
    path.write_bytes(exchange.build(document))
    assert run("validate", path).code == 0
    judged = run("validate", path, "--fail-on", "warning")
    assert judged.code == 1
    assert "warning krav-omfang-missing at /kravTilJobsoegning/omfang" in judged.out


def test_codes_as_of_another_day(run: Any, tmp_path: Path) -> None:
    document = Exchange().example("kravTilJobsoegning")
    document["kravTilJobsoegning"]["geografi"] = {"regioner": ["1085"]}
    path = tmp_path / "krav.xml"
    path.write_bytes(exchange.build(document))
    assert run("validate", path).code == 0
    assert "code-expired" in run("validate", path, "--on", "2027-01-01").out
    assert run("validate", path, "--on", "1. januar").code == 2


def test_confidential_values_are_shown_only_on_demand(run: Any, good: Path, tmp_path: Path) -> None:
    path = tmp_path / "010140-5000.xml"
    path.write_bytes(good.read_bytes().replace(b">0101405000<", b">010140-5000<"))
    masked = run("validate", path)
    assert "010140" not in masked.out + masked.err
    assert "value-pattern at /samtale/person/personnummer" in masked.out
    assert f"{tmp_path}/**********.xml" in masked.out
    assert "(got '010140-5000')" in run("validate", path, "--show-values").out


def test_json_faults(run: Any, tmp_path: Path) -> None:
    source = tmp_path / "m.json"
    for text, message in {
        "{": "not-json: is not JSON (line 1, column 2)",
        "[1]": "not-json: is not JSON (not one object)",
        '{"samtale": NaN}': "not-json: is not JSON (not a number)",
        "[" * 100_000: "not-json: is not JSON (nested too deep)",
        '{"samtale": {"form": "video", "form": "brev"}}': "key-repeated: the key form occurs twice in one object",
    }.items():
        source.write_text(text, encoding="utf-8")
        built = run("build", source)
        assert (built.code, built.out) == (1, "")
        assert f"{source}: error {message}" in built.err
    source.write_bytes(b'{"samtale": "\xff"}')
    assert "(not UTF-8)" in run("build", source).err
    assert "er ikke JSON (ikke UTF-8)" in run("build", source, "--lang", "da").err


def test_a_dict_of_an_earlier_version_is_met_with_the_option_that_builds_it(run: Any, tmp_path: Path) -> None:
    first = CATALOG.of("kvittering")[0]
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps(first.example()), "utf-8")
    hint = "kvittering version 1 accepts this as it is: build it with --message-version 1"
    refused = run("build", path, "--lang", "en")
    assert (refused.code, refused.out, refused.err.count(hint)) == (1, "", 1)
    assert "dan den med --message-version 1" in run("build", path, "--lang", "da").err
    assert run("build", path, "--message-version", 1).out.encode() == exchange.build(first.example(), version=1)
    assert hint not in run("build", path, "--message-version", 2, "--lang", "en").err
    path.write_text(json.dumps(first.example()).replace('"antal"', '"tal"'), "utf-8")
    assert "--message-version" not in run("build", path, "--lang", "en").err


@pytest.mark.parametrize(
    ("content", "english", "danish"),
    [
        (b"\xef\xbb\xbf <samtale/>", "The file looks like XML: check it with `exchange validate`", "Filen ligner XML"),
        (b" \n", "The file is empty.", "Filen er tom."),
        (b"{", "The file must hold one JSON object", "Filen skal indeholde ét JSON-objekt"),
    ],
    ids=["xml", "empty", "broken"],
)
def test_what_is_given_to_build_instead_of_json_is_named(
    run: Any, tmp_path: Path, content: bytes, english: str, danish: str
) -> None:
    source = tmp_path / "s.json"
    source.write_bytes(content)
    assert f"hint: {english}" in run("build", source).err
    assert f"råd: {danish}" in run("build", source, "--lang", "da").err


def test_nothing_is_written_for_what_cannot_be_valid(run: Any, tmp_path: Path) -> None:
    document = Exchange().example("samtale")
    del document["samtale"]["person"]
    source, xml = tmp_path / "m.json", tmp_path / "m.xml"
    source.write_text(json.dumps(document), encoding="utf-8")
    built = run("build", source, "-o", xml)
    assert (built.code, built.out, xml.exists()) == (1, "", False)
    assert "error element-missing at /samtale/person: missing, expected in samtale" in built.err


def test_a_file_is_not_overwritten_unless_asked_and_only_its_owner_reads_it(
    run: Any, good: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.json"
    assert run("parse", good, "-o", out).code == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    out.write_text("mine", encoding="utf-8")
    refused = run("parse", good, "-o", out)
    assert (refused.code, out.read_text("utf-8")) == (2, "mine")
    assert "--overwrite" in refused.err
    assert run("parse", good, "-o", out, "--overwrite").code == 0
    assert "samtale" in out.read_text("utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["good.xml", "out.json"]


def test_a_full_disk_leaves_no_half_file(good: Path, tmp_path: Path) -> None:
    child = _child("parse", good, "-o", tmp_path / "out.json", preexec_fn=little_room(100))
    _, err = child.communicate(timeout=PATIENCE)
    assert child.returncode == 3
    assert f"File too large: {tmp_path / 'out.json'}".encode() in err
    assert [path.name for path in tmp_path.iterdir()] == ["good.xml"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is Linux's")
def test_a_full_disk_behind_stdout_is_no_success(good: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        child = _child("parse", good, stdout=full)
        _, err = child.communicate(timeout=PATIENCE)
    assert child.returncode == 3
    assert b"No space left" in err
    assert b"Traceback" not in err


def test_a_folder_that_is_not_there(run: Any, good: Path, tmp_path: Path) -> None:
    parsed = run("parse", good, "-o", tmp_path / "no" / "out.json")
    assert parsed.code == 3
    assert "No such file or directory" in parsed.err
    danish = run("parse", good, "-o", tmp_path / "no" / "out.json", "--lang", "da")
    assert danish.err.startswith("exchange: filen eller mappen findes ikke: ")


def _unread(pipe: IO[bytes] | None) -> int:
    (size,) = struct.unpack("i", fcntl.ioctl(pipe or -1, termios.FIONREAD, bytes(4)))
    return int(size)


def test_ctrl_c_ends_cleanly() -> None:
    child = _child("validate", "-", stdin=subprocess.PIPE)
    assert child.stdin is not None
    child.stdin.write(b"<")
    child.stdin.flush()
    until(lambda: _unread(child.stdin) == 0)  # it waits for the rest
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=PATIENCE)
    assert child.returncode == 130
    assert err.strip() == b"exchange: interrupted"


def test_a_reader_that_goes_away(tmp_path: Path, bad: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(500):
        (folder / f"{number}.xml").write_bytes(bad.read_bytes())
    child = _child("validate", folder)
    assert child.stdout is not None
    child.stdout.read(1)
    child.stdout.close()
    assert child.stderr is not None
    err = child.stderr.read()
    child.wait(timeout=PATIENCE)
    child.stderr.close()
    assert (child.returncode, err) == (3, b"")


def test_stdin_and_stdout(good: Path) -> None:
    child = _child("parse", "-", stdin=subprocess.PIPE)
    parsed, _ = child.communicate(good.read_bytes(), timeout=PATIENCE)
    assert child.returncode == 0
    child = _child("build", stdin=subprocess.PIPE)
    built, err = child.communicate(parsed, timeout=PATIENCE)
    assert (child.returncode, err, built) == (0, b"", good.read_bytes())


def test_a_fault_of_our_own_shows_no_value(run: Any, good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("0101405000")

    monkeypatch.setattr("exchange.validation.pipeline.judge_canonical", fail)
    judged = run("validate", good)
    assert judged.code == 3
    assert re.fullmatch(r"exchange: a fault of this program, RuntimeError at [\w.]*test_cli:[0-9]+\n", judged.err)


@pytest.mark.parametrize(
    "arguments", [["validate"], ["build", "--no"], ["example", "brev"], ["codes", "x"], ["rules", "x"]]
)
def test_wrong_usage(run: Any, arguments: list[str]) -> None:
    result = run(*arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err


def test_describe(run: Any) -> None:
    table, _, law = run("describe").out.partition("\n\n")
    assert [line.split()[:2] for line in table.splitlines()[2:]] == [
        [version.name, str(version.version)] for version in (*CATALOG.versions, *CATALOG.deliveries.versions)
    ]
    assert law.startswith("§ 87, bekendtgørelsen om det fælles it-baserede datagrundlag")
    described = [" ".join(line.split()) for line in run("describe", "samtale").out.splitlines()]
    assert "element occurs values paragraph" in described
    assert "rolle 1 Deltagerrollekode, code list deltagerrolle § 87, stk. 1, nr. 9" in described
    assert "personnummer 1 Personnummer, confidential § 87, stk. 1, nr. 1" in described
    assert "aftale 1..n § 87, stk. 1, nr. 7 og 8" in described
    assert run("describe", "brev").code == 2


def test_describe_in_danish(run: Any) -> None:
    described = [" ".join(line.split()) for line in run("describe", "samtale", "--lang", "da").out.splitlines()]
    assert "samtale version 1, navnerum urn:x-par87:samtale:1" in described
    assert "element antal værdier paragraf" in described
    assert "rolle 1 Deltagerrollekode, kodeliste deltagerrolle § 87, stk. 1, nr. 9" in described
    assert "personnummer 1 Personnummer, fortroligt § 87, stk. 1, nr. 1" in described
    assert any("1-600 tegn, fortroligt § 87" in line for line in described)


def test_codes(run: Any) -> None:
    assert "kommune              98" in run("codes").out.splitlines()
    assert len(run("codes", "region").out.splitlines()) == 2 + 5
    assert len(run("codes", "region", "--on", "2027-01-01").out.splitlines()) == 2 + 3
    danish = run("codes", "region", "--lang", "da").out
    assert danish.split()[:5] == ["kode", "navn", "gyldig", "STARs", "kode"]
    assert " altid " in danish
    assert " ..2027-01-01 " in danish


def _as_in_file(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((STAMDATA / f"{name}.csv").read_text("utf-8").splitlines()))


def _in_force(row: dict[str, str], on: str) -> bool:
    return row["gyldig_fra"] <= on and on < (row["gyldig_til"] or "9999")


@pytest.mark.parametrize("name", ["region", "kommune"])
def test_codes_for_programs_are_the_rows_of_the_file(run: Any, name: str) -> None:
    rows = _as_in_file(name)
    assert list(csv.DictReader(run("codes", name, "--format", "csv").out.splitlines())) == rows
    listed = json.loads(run("codes", name, "--format", "json").out)
    assert listed == [{column: value or None for column, value in row.items()} for row in rows]


def test_codes_for_programs_as_of_a_day(run: Any) -> None:
    arguments = ("codes", "region", "--on", "2027-01-01", "--format")
    wanted = [row["kode"] for row in _as_in_file("region") if _in_force(row, "2027-01-01")]
    assert [row["kode"] for row in json.loads(run(*arguments, "json").out)] == wanted
    assert [row["kode"] for row in csv.DictReader(run(*arguments, "csv").out.splitlines())] == wanted


def test_the_code_lists_for_programs(run: Any) -> None:
    rows = [{"list": path.stem, "rows": len(_as_in_file(path.stem))} for path in sorted(STAMDATA.glob("*.csv"))]
    assert sorted(json.loads(run("codes", "--format", "json").out), key=lambda row: str(row["list"])) == rows
    assert {"list": "kommune", "rows": "98"} in csv.DictReader(run("codes", "--format", "csv").out.splitlines())


@pytest.mark.parametrize(
    ("before", "incomplete", "names"),
    [
        (["codes"], "k", {"kommune"}),
        (["example"], "sam", {"samtale"}),
        (["describe"], "", {*MESSAGES, "leverance"}),
        (["rules"], "element-m", {"element-missing", "element-misplaced"}),
        (["validate", "--severity"], "krav-omfang-missing=", {f"krav-omfang-missing={level}" for level in LEVELS}),
        (["docs"], "tut", {"tutorial"}),
        (["rules"], "no-such", set()),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_the_shell_completes_names(before: list[str], incomplete: str, names: set[str]) -> None:
    completer = shell_completion.BashComplete(commands.cli, {}, "exchange", "_EXCHANGE_COMPLETE")
    assert names <= {item.value for item in completer.get_completions(before, incomplete)}
    assert all(item.value.startswith(incomplete) for item in completer.get_completions(before, incomplete))


def test_the_shell_asks_the_program_itself() -> None:
    asked = {"_EXCHANGE_COMPLETE": "bash_complete", "COMP_WORDS": "exchange codes komm", "COMP_CWORD": "2"}
    done = subprocess.run([_SCRIPT], env=os.environ | asked, capture_output=True, check=True, text=True)
    assert done.stdout == "plain,kommune\n"


def test_rules(run: Any) -> None:
    catalogue, last = run("rules").out.split("\n\n")
    assert [line.split()[0] for line in catalogue.splitlines()[2:]] == list(KINDS)
    assert "exchange rules CODE" in last
    assert "fejl" in run("rules", "--lang", "da").out
    for code in KINDS:
        page = run("rules", code)
        assert page.code == 0
        assert KINDS[code].severity in page.out


def test_doctor(run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    healthy = run("doctor")
    assert healthy.code == 0
    assert all(line.startswith("ok ") for line in healthy.out.splitlines()[2:])
    (tmp_path / "akasse.csv").write_text("kode\n", encoding="utf-8")
    monkeypatch.setattr("exchange.model.resources.stamdata_folder", lambda: tmp_path)
    sick = run("doctor")
    assert sick.code == 3
    said = [" ".join(line.split()) for line in sick.out.splitlines()]
    assert any(line.startswith("FAULT list akasse akasse.csv: columns") for line in said)
    assert any(line.startswith("FAULT bindings catalog.toml names lists that are not there") for line in said)
    danish = run("doctor", "--lang", "da").out
    assert danish.split()[:3] == ["resultat", "kontrol", "detalje"]
    assert "FEJL " in danish


def test_demo(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = run("demo")
    assert shown.code == 0
    for message in ("samtale", "minPlanUdkast", "kravTilJobsoegning"):
        assert f"{message}: " in shown.out
    assert shown.out.count("bytes built, accepted, read again unchanged") == 3
    made = sorted(path.name for path in (tmp_path / "exchange-demo").iterdir())
    assert len(made) == 8
    assert made[3].startswith("AKAS067_MINPLANUDKAST_20261120142000_0f8a3c52-")
    assert "report.txt" in made
    assert run("validate", "exchange-demo").code == 0
    assert run("demo").code == 0
    assert (tmp_path / "exchange-demo-2").is_dir()
    assert run("demo", "exchange-demo").code == 2
    assert run("demo", "danish", "--lang", "da").out.count("accepteret, læst igen uændret") == 3


@pytest.mark.parametrize("folder", ["plain", "with space", "it's", "$HOME `x`"])
@pytest.mark.parametrize(
    "program", [[_SCRIPT], [sys.executable, "-m", "exchange"], ["exchange"]], ids=["script", "module", "found"]
)
def test_the_last_line_of_the_demo_works_as_it_is_printed(tmp_path: Path, folder: str, program: list[str]) -> None:
    path = str(Path(_SCRIPT).parent) if program == ["exchange"] else os.defpath
    options: dict[str, Any] = {
        "capture_output": True,
        "check": True,
        "text": True,
        "env": os.environ | {"PATH": path, "LC_ALL": "C"},
    }
    # `env` finds a program in the PATH that it is given.
    *_, last = subprocess.run(["/usr/bin/env", *program, "demo", str(tmp_path / folder)], **options).stdout.splitlines()
    shown = subprocess.run(last.removeprefix("next: "), shell=True, **options).stdout  # noqa: S602  # as a user does
    assert shown.count(": accepted") == 3


def test_git_ignores_the_folder_of_the_demo(run: Any, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    run("demo", tmp_path / "demo")
    status = ["git", "-C", str(tmp_path), "status", "--porcelain", "--untracked-files=all"]
    assert subprocess.run(status, capture_output=True, check=True).stdout == b""


def test_help_teaches_and_needs_no_parser(run: Any) -> None:
    child = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "from exchange.cli import main; main()", "--help"],
        capture_output=True,
        check=True,
        text=True,
    )
    assert "lxml" not in child.stderr
    assert "exchange demo   " in child.stdout
    for command in ("build", "parse", "validate", "example", "describe", "codes", "rules", "doctor", "demo"):
        assert run(command, "--help").code == 0
    assert run("--version").out == f"exchange, version {exchange.__version__}\n"
