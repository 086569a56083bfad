"""`exchange validate` on many files: severities, expectations, settings, processes, interruption; and `compare`."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest
from support.terminals import run_on_terminal
from support.waiting import PATIENCE, until

import exchange
from exchange import reports
from exchange.api import Exchange
from exchange.cli import options
from exchange.cli import run as run_command
from exchange.files.walking import Entry, walk
from exchange.model.shown_paths import STDIN
from exchange.reports.control import apply, overrides
from exchange.reports.model import Run
from exchange.runs import judging as work

CORPUS = Path(__file__).parents[1] / "corpus"
EXAMPLES = Exchange()
SCHEMA = json.loads((Path(exchange.__file__).parent / "reports" / "report.schema.json").read_bytes())


def _krav_without_omfang() -> bytes:
    document = EXAMPLES.example("kravTilJobsoegning")
    del document["kravTilJobsoegning"]["omfang"]
    return exchange.build(document)


def _wrong_form(samtale: bytes | None = None) -> bytes:
    return (samtale or exchange.build(EXAMPLES.example("samtale"))).replace(
        b"<form>video</form>", b"<form>fjernsyn</form>"
    )


def _opret_with_vedroerer() -> bytes:
    number = b"<vedroererBeskedId>7d0f5c1e-3f0a-4a53-9c4e-2f4d5a6b7c8d</vedroererBeskedId>"
    samtale = _with_id(exchange.build(EXAMPLES.example("samtale")), 0xC)
    return samtale.replace(b"</hoved>", number + b"</hoved>")


def _with_id(data: bytes, number: int) -> bytes:
    return re.sub(b"(?<=<beskedId>)[^-]*", b"%08x" % number, data)


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an accepted, a doubtful and a rejected file, in a place of its own."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "a.xml").write_bytes(exchange.build(EXAMPLES.example("samtale")))
    (folder / "b.xml").write_bytes(_krav_without_omfang())
    (folder / "c.xml").write_bytes(_opret_with_vedroerer())
    monkeypatch.chdir(tmp_path)
    return folder


def _json(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any]]:
    code = run_command(["validate", *map(str, arguments), "--format", "json"])
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    jsonschema.validate(report, SCHEMA)
    return code, report


def test_files_in_folders_that_are_passed_over_are_counted(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (inbox / "below").mkdir()
    for name in ("letter.pdf", "below/notes.txt", "below/a.xml.bak", ".hidden"):
        (inbox / name).touch()
    assert _json(capsys, inbox)[1]["summary"]["other_files"] == 3
    for lang, words in (("en", "3 other files (not .xml)"), ("da", "3 andre filer (ikke .xml)")):
        run_command(["validate", str(inbox), "--lang", lang])
        assert capsys.readouterr().out.splitlines()[-1].endswith(f"; {words}")
    (inbox / "below/notes.txt").unlink()
    (inbox / "below/a.xml.bak").unlink()
    run_command(["validate", str(inbox), "--lang", "en"])
    assert capsys.readouterr().out.splitlines()[-1].endswith("; 1 other file (not .xml)")
    assert _json(capsys, inbox / "a.xml")[1]["summary"]["other_files"] == 0
    assert _json(capsys, inbox, "--exclude", "*.pdf", "--exclude", "c.xml")[1]["summary"]["other_files"] == 0


# Severities


def test_a_severity_can_be_changed_and_every_report_says_so(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, report = _json(
        capsys, inbox, "--severity", "hoved-vedroerer-unexpected=warning", "--severity", "krav-omfang-missing=error"
    )
    assert code == 1
    assert [entry["verdict"] for entry in report["files"]] == ["accepted", "rejected", "accepted"]
    assert [[f["severity"] for f in entry["findings"]] for entry in report["files"]] == [[], ["error"], ["warning"]]
    assert report["files"][1]["layers"]["rules"] == "failed"
    assert report["files"][2]["layers"]["rules"] == "passed"
    assert report["overrides"] == [
        {"code": "hoved-vedroerer-unexpected", "from": "error", "to": "warning", "findings": 1},
        {"code": "krav-omfang-missing", "from": "warning", "to": "error", "findings": 1},
    ]


def test_a_code_that_is_off_is_not_listed_but_told(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["validate", str(inbox / "b.xml"), "--severity", "krav-omfang-missing=off", "--lang", "da"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{inbox / 'b.xml'}: accepteret (kravTilJobsoegning 2)",
        "alvorlighed ændret: krav-omfang-missing fra advarsel til slået fra, fund: 1",
        "1 fil: 1 accepteret",
    ]


def test_what_never_ran_because_of_a_refusal_is_not_passed_by_turning_the_refusal_off() -> None:
    report = exchange.validate(b"<!DOCTYPE a><a/>")
    changed, counts = apply(report, overrides({"doctype-refused": "off"}), 100)
    assert (changed.verdict, dict(counts)) == ("undetermined", {"doctype-refused": 1})


def test_at_most_so_many_findings_of_a_code_are_listed_and_all_are_counted() -> None:
    xml = exchange.build(EXAMPLES.example("samtale"))
    aftale = b"<aftale><tekst></tekst></aftale>"
    report = exchange.validate(xml.replace(b"</aftaler>", 7 * aftale + b"</aftaler>"))
    changed, _ = apply(report, (), 3)
    assert (len(changed.findings), dict(changed.counts), changed.errors) == (3, {"value-length": 7}, 7)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--severity", "no-such-code=off"], "no finding code 'no-such-code'"),
        (["--severity", "code-unknown=loud"], "'loud': expected CODE=error|warning|info|off"),
        (["--severity", "code-unknown"], "'': expected CODE=error|warning|info|off"),
        (["--output", "pdf=a.pdf"], "expected FORMAT=FILE"),
        (["--output", "json"], "expected FORMAT=FILE"),
        (["--output", "json=r", "--output", "html=r"], "r was named twice"),
        (["--max-findings", "0"], "0 is not in the range"),
        (["--jobs", "0"], "0 is not in the range"),
        (["--config", "missing.toml"], "No such file or directory"),
    ],
)
def test_wrong_options_are_usage_errors(
    inbox: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert run_command(["validate", str(inbox), *options]) == 2
    assert said in capsys.readouterr().err


def test_rules_that_could_not_be_asked_because_of_an_unknown_code_stay_unasked() -> None:
    changed, _ = apply(exchange.validate(_wrong_form()), overrides({"code-unknown": "warning"}), 100)
    assert (changed.verdict, changed.layers["codes"], changed.layers["rules"]) == ("undetermined", "passed", "skipped")


def test_an_override_passes_nothing_that_was_not_judged() -> None:
    xml = _wrong_form().replace(b"<samtaletype>", b"<samtaletype>x-").replace(b"0101405000", b"0000000000")
    levels = {"code-unknown": "off", "personnummer-unknown": "warning"}
    changed, _ = apply(exchange.validate(xml), overrides(levels), 100)
    assert (changed.verdict, changed.layers["rules"]) == ("undetermined", "skipped")


# Settings


def test_settings_are_found_upward_and_the_command_line_goes_first(
    inbox: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (inbox.parent / "pyproject.toml").write_text(
        '[tool.exchange]\nfail-on = "warning"\nseverity = { hoved-vedroerer-unexpected = "info" }\n', "utf-8"
    )
    deep = inbox.parent / "deep" / "er"
    deep.mkdir(parents=True)
    (deep / "pyproject.toml").write_text("[project]\n", "utf-8")  # has nothing to say, so the search goes on
    monkeypatch.chdir(deep)
    code, report = _json(capsys, inbox)
    assert (code, [entry["verdict"] for entry in report["files"]]) == (1, ["accepted"] * 3)
    code, report = _json(capsys, inbox, "--fail-on", "error", "--severity", "hoved-vedroerer-unexpected=error")
    assert (code, report["overrides"]) == (1, [])
    (deep / "exchange.toml").write_text('[severity]\nhoved-vedroerer-unexpected = "off"\n', "utf-8")
    code, report = _json(capsys, inbox)
    assert (code, report["summary"]["codes"]) == (0, {"krav-omfang-missing": 1})


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("colour = 1", "no setting 'colour'"),
        ("severity = 1", "expected tables"),
        ("fail-on = 'never'", "expected error or warning"),
        ("jobs = 'all'", "expected 1 to"),
        ("on = 'today'", "expected a date"),
        ("lang = 'sv'", "expected da or en"),
        ("format = 'xml'", "expected text or json or"),
        ("exclude = 'old'", "expected a list of patterns"),
        ("a = ", "not TOML"),
        ("[tool]\nexchange = 1", "no setting 'tool'"),
        ("[severity]\nno-such-code = 'off'", "no finding code 'no-such-code'"),
    ],
)
def test_wrong_settings_are_usage_errors(
    inbox: Path, capsys: pytest.CaptureFixture[str], settings: str, said: str
) -> None:
    (inbox.parent / "exchange.toml").write_text(settings, "utf-8")
    assert run_command(["validate", str(inbox)]) == 2
    assert said in capsys.readouterr().err


def test_the_language_is_the_command_lines_then_the_environments_then_the_settings(
    inbox: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    (inbox.parent / "exchange.toml").write_text("lang = 'da'", "utf-8")
    assert run_command(["validate", str(inbox)]) == 1
    assert "a.xml: accepteret" in capsys.readouterr().out
    monkeypatch.setenv("EXCHANGE_LANG", "en")
    assert run_command(["validate", str(inbox)]) == 1
    assert "a.xml: accepted" in capsys.readouterr().out
    assert run_command(["validate", str(inbox), "--lang", "da"]) == 1
    assert "a.xml: accepteret" in capsys.readouterr().out


def test_the_language_of_the_environment_is_every_commands(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("EXCHANGE_LANG", "da")
    assert run_command(["codes"]) == 0
    assert capsys.readouterr().out.startswith("liste")
    monkeypatch.setenv("EXCHANGE_LANG", "dansk")
    assert run_command(["codes"]) == 2
    assert "env var: 'EXCHANGE_LANG'" in capsys.readouterr().err


def test_the_format_of_the_settings_gives_way_to_the_command_lines(
    inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (inbox.parent / "exchange.toml").write_text("format = 'json'", "utf-8")
    run_command(["validate", str(inbox)])
    assert len(json.loads(capsys.readouterr().out)["files"]) == 3
    run_command(["validate", str(inbox), "--format", "none"])
    assert capsys.readouterr().out == ""


# What is listed


def test_quiet_lists_only_what_has_findings_and_the_summary(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["validate", "-q", "--lang", "en", str(inbox)]) == 1
    lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
    assert [Path(line.partition(":")[0]).name for line in lines[:-1]] == ["b.xml", "b.xml", "c.xml", "c.xml"]
    assert lines[-1].startswith("3 files: 2 accepted, 1 rejected, ")


def test_quiet_lists_what_is_accepted_against_the_expectation(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["validate", "-q", "--expect", "invalid", "--lang", "en", str(inbox / "a.xml")]) == 1
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first.endswith("a.xml: accepted (samtale 1)")
    assert second.endswith("a.xml: expected to be rejected")


def test_quiet_leaves_out_an_accepted_delivery(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["example", "leverance", "--xml"]) == 0
    (tmp_path / "delivery.xml").write_text(capsys.readouterr().out, "utf-8")
    assert run_command(["validate", "-q", "--lang", "en", str(tmp_path / "delivery.xml")]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("1 file: 1 accepted; ")


def test_statistics_count_findings_by_code_the_most_frequent_first(
    inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (inbox / "d.xml").write_bytes(_with_id(_krav_without_omfang(), 0xD))
    for number in range(9):
        (inbox / f"e{number}.xml").write_bytes(_with_id(_wrong_form(), number))
    assert run_command(["validate", "--statistics", "--lang", "en", str(inbox)]) == 1
    assert capsys.readouterr().out.splitlines()[-4:-1] == [
        "9  code-unknown",
        "2  krav-omfang-missing",
        "1  hoved-vedroerer-unexpected",
    ]


def test_statistics_of_nothing(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["validate", "--statistics", "--lang", "en", str(inbox / "a.xml")]) == 0
    assert capsys.readouterr().out.count("\n") == 2


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        (["b.xml"], ["a.xml", "c.xml", "old/b/a.xml"]),
        (["old"], ["a.xml", "b.xml", "c.xml"]),
        (["b"], ["a.xml", "b.xml", "c.xml", "old/b.xml"]),
        (["old/b/"], ["a.xml", "b.xml", "c.xml", "old/b.xml"]),
        (["old/*"], ["a.xml", "b.xml", "c.xml"]),
        (["b/a.xml"], ["a.xml", "b.xml", "c.xml", "old/b.xml", "old/b/a.xml"]),
        (["[ab].xml", "inbox"], ["c.xml"]),
        (["B.xml", ""], ["a.xml", "b.xml", "c.xml", "old/b.xml", "old/b/a.xml"]),
    ],
)
def test_what_matches_a_pattern_is_left_out_of_a_folder(
    inbox: Path, capsys: pytest.CaptureFixture[str], patterns: list[str], left: list[str]
) -> None:
    (inbox / "old" / "b").mkdir(parents=True)
    for path in ("old/b.xml", "old/b/a.xml"):
        shutil.copy(inbox / "a.xml", inbox / path)
    _, report = _json(capsys, inbox, *(word for pattern in patterns for word in ("--exclude", pattern)))
    assert [Path(entry["file"]).relative_to(inbox).as_posix() for entry in report["files"]] == left
    (inbox.parent / "exchange.toml").write_text(f"exclude = {json.dumps(patterns)}", "utf-8")
    assert _json(capsys, inbox)[1]["files"] == report["files"]


def test_a_file_that_is_named_is_never_left_out(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(_json(capsys, inbox / "a.xml", "--exclude", "*")[1]["files"]) == 1


def test_a_folder_of_which_all_is_left_out_was_not_checked(inbox: Path) -> None:
    assert run_command(["validate", str(inbox), "--exclude", "*.xml"]) == 3


def test_settings_with_a_byte_order_mark_are_read(
    inbox: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(inbox)
    (inbox / "exchange.toml").write_bytes(b"\xef\xbb\xbf[severity]\nkrav-omfang-missing = 'off'\n")
    assert _json(capsys, inbox / "b.xml")[1]["overrides"][0]["code"] == "krav-omfang-missing"


_FOREIGN = {
    "broken": b"[project\nname = ",
    "Latin-1": "[project]\ndescription = 'r\xf8d'\n".encode("latin-1"),
    "no table of ours": b"[tool.exchangerate]\nx = 1\n",
    "nested too deep": b"a = " + b"[" * 100_000,
}


@pytest.mark.parametrize("content", _FOREIGN.values(), ids=_FOREIGN)
def test_a_foreign_pyproject_above_is_passed_over(
    inbox: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    (inbox.parent / "exchange.toml").write_text("severity = { krav-omfang-missing = 'off' }", "utf-8")
    (inbox / "pyproject.toml").write_bytes(content)
    monkeypatch.chdir(inbox)
    # The search goes on above it.
    assert _json(capsys, inbox / "b.xml")[1]["overrides"][0]["code"] == "krav-omfang-missing"


@pytest.mark.parametrize("content", [b"[tool.exchange]\nfail-on = \n", b"[tool.exchange.severity]\nx = '\xf8'\n"])
def test_a_broken_table_of_ours_is_a_usage_error(
    inbox: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    (inbox / "pyproject.toml").write_bytes(content)
    monkeypatch.chdir(inbox)
    assert run_command(["validate", str(inbox)]) == 2
    assert "pyproject.toml: not TOML" in capsys.readouterr().err


def test_a_foreign_file_that_was_named_is_not_passed_over(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (inbox / "pyproject.toml").write_bytes(_FOREIGN["broken"])
    assert run_command(["validate", str(inbox), "--config", str(inbox / "pyproject.toml")]) == 2
    assert "pyproject.toml: not TOML" in capsys.readouterr().err


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that every user can enter; the others of a test are pytest's user's only."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


_AS_NOBODY = """
import os, shutil, sys, textwrap
from exchange.cli import run
file, folder = sys.argv[1:]
run(["validate", file, "--format", "none"])  # everything is imported while it can be
b"x".decode("utf-8-sig")
if os.geteuid() == 0:
    os.setgroups([])
    os.setegid(65534)
    os.seteuid(65534)
os.chdir(folder)
sys.exit(run(["validate", "-", "--format", "json"]))
"""


def _as_nobody(file: Path, folder: Path) -> tuple[int, str]:
    """Judge a file, in a folder, as a user for whom permissions count; give exit code and what stderr says."""
    command = [sys.executable, "-c", _AS_NOBODY, str(file), str(folder)]
    with file.open("rb") as stdin:
        done = subprocess.run(command, stdin=stdin, check=False, capture_output=True, text=True)
    return done.returncode, done.stderr


def test_settings_that_cannot_be_read_are_passed_over_unless_ours(inbox: Path, reachable: Path) -> None:
    settings = reachable / "pyproject.toml"
    settings.write_text("[project]", "utf-8")
    settings.chmod(0)
    assert _as_nobody(inbox / "b.xml", reachable) == (0, "")
    settings.rename(settings.with_name("exchange.toml"))
    code, said = _as_nobody(inbox / "b.xml", reachable)
    assert (code, "exchange.toml: Permission denied" in said) == (2, True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can enter the folder first")
def test_a_folder_that_may_not_be_entered_has_no_settings(inbox: Path, reachable: Path) -> None:
    below = reachable / "closed" / "work"
    below.mkdir(parents=True)
    (reachable / "exchange.toml").write_text("fail-on = 'warning'", "utf-8")
    script = _AS_NOBODY.replace("if os.geteuid()", "os.chdir(folder)\nif os.geteuid()", 1).replace(
        "os.chdir(folder)\nsys", "sys"
    )
    (reachable / "closed").chmod(0o700)
    command = [sys.executable, "-c", script, str(inbox / "b.xml"), str(below)]
    with (inbox / "b.xml").open("rb") as stdin:
        done = subprocess.run(command, stdin=stdin, check=False, capture_output=True, text=True)
    # The settings further up are found all the same: the message has a warning.
    assert (done.returncode, done.stderr) == (1, "")


def test_a_working_folder_that_was_removed_has_no_settings(inbox: Path, tmp_path: Path) -> None:
    script = "import os, sys; os.rmdir(os.getcwd()); from exchange.cli import run; sys.exit(run(sys.argv[1:]))"
    gone = tmp_path / "gone"
    gone.mkdir()
    command = [sys.executable, "-c", script, "validate", str(inbox / "b.xml")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(command, cwd=gone, env=environment, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


# Expectations


def test_a_folder_of_samples_is_a_test(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["validate", str(inbox / "a.xml"), str(inbox / "b.xml"), "--expect", "valid"]) == 0
    assert run_command(["validate", str(inbox / "c.xml"), "--expect", "invalid"]) == 0
    capsys.readouterr()
    assert run_command(["validate", str(inbox), "--expect", "invalid"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert f"{inbox / 'a.xml'}: expected to be rejected" in said
    assert "files that are not as expected: 2" in said
    assert run_command(["validate", str(inbox), "--expect", "valid"]) == 1


def test_a_warning_fails_also_what_is_expected_to_be_valid(inbox: Path) -> None:
    given = ["validate", str(inbox / "b.xml"), "--expect", "valid"]
    assert [run_command(given), run_command([*given, "--fail-on", "warning"])] == [0, 1]


# Outputs


def test_the_command_line_offers_every_format_there_is() -> None:
    assert options.FORMATS == reports.FORMATS  # written twice, so that --help need not import the reports


def test_a_number_in_a_file_name_is_masked_by_other_commands_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "0101405000.xml"
    path.write_bytes(_wrong_form())
    assert run_command(["parse", str(path)]) == 1
    said = capsys.readouterr().err
    assert "code-unknown" in said
    assert "0101405000" not in said


def test_a_closed_stdout_is_told(inbox: Path) -> None:
    command = f"'{sys.executable}' -c 'from exchange.cli import main; main()' validate {inbox} >&-"
    done = subprocess.run(["bash", "-c", command], check=False, capture_output=True)
    assert (done.returncode, done.stderr) == (3, b"exchange: stdout is closed\n")


def test_one_run_feeds_several_readers(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    forms = ("text", "json", "junit", "sarif", "github", "html")
    outputs = [f"--output={form}={inbox.parent / f'report.{form}'}" for form in forms]
    assert run_command(["validate", str(inbox), "--format", "none", *outputs]) == 1
    assert capsys.readouterr().out == ""
    for form in forms:
        assert "hoved-vedroerer-unexpected" in (inbox.parent / f"report.{form}").read_text("utf-8")
    assert run_command(["validate", str(inbox), "--format", "none", *outputs]) == 2
    assert "report.text exists; --overwrite replaces it" in capsys.readouterr().err
    assert run_command(["validate", str(inbox), "--format", "none", "--overwrite", *outputs]) == 1
    assert sorted(path.name for path in inbox.parent.iterdir()) == [
        "inbox",
        *sorted(f"report.{form}" for form in forms),
    ]


def test_the_element_at_fault_is_shown_masked(inbox: Path) -> None:
    path = inbox / "a.xml"
    xml = path.read_bytes().replace(b"<rolle>bisidder</rolle>", b"<rolle>ven</rolle>")
    path.write_bytes(xml.replace(b"<tekst>S", b"<tekst>0101405000 S").replace(b"<form>video</form>", b"<form>V</form>"))
    (masked,) = work.Judge(Run("en"), with_excerpts=True)(Entry(path))
    assert masked.key == "0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e01"
    assert masked.excerpts == ("<form>V</form>", "<rolle>ven</rolle>", "<tekst>**********</tekst>")
    (shown,) = work.Judge(Run("en", show_values=True), with_excerpts=True)(Entry(path))
    assert "0101405000" in str(shown.excerpts[2])
    path.write_bytes(xml.replace(b"<personnummer>0101405000</personnummer>", b"<nummer>0101405000</nummer>"))
    (masked,) = work.Judge(Run("en"), with_excerpts=True)(Entry(path))
    assert set(masked.excerpts) == {
        "<nummer>**********</nummer>",
        "<person><nummer>**********</nummer><navn>**********</navn></person>",
        "<rolle>ven</rolle>",
    }


def test_a_reader_that_goes_away_takes_no_file_with_it(inbox: Path) -> None:
    command = (
        f"'{sys.executable}' -c 'from exchange.cli import main; main()' validate {inbox} --output html=r.html | true"
    )
    subprocess.run(["bash", "-c", command], cwd=inbox.parent, check=True, capture_output=True)
    assert "hoved-vedroerer-unexpected" in (inbox.parent / "r.html").read_text("utf-8")


def test_a_place_that_cannot_be_looked_at_stops_nothing_and_is_masked(
    inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = _json(capsys, inbox / "a.xml", f"{'x' * 300}-0101405000.xml", inbox / "b.xml")
    assert (code, [entry["verdict"] for entry in report["files"]]) == (3, ["accepted", "undetermined", "accepted"])
    assert report["files"][1]["fault"] == "File name too long"
    assert "0101405000" not in json.dumps(report)


# Folders


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A folder with more files than one process is given, a few of them faulty, one unreadable by its kind."""
    folder = tmp_path / "many"
    folder.mkdir()
    good, bad = exchange.build(EXAMPLES.example("samtale")), _wrong_form()
    for number in range(3 * work.MIN_FILES):
        (folder / f"{number:04}.xml").write_bytes(bad if number % 50 == 7 else good)
    os.mkfifo(folder / "0100-pipe.xml")
    return folder


def test_several_processes_give_the_same_report_as_one(many: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reports = [_json(capsys, many, "--jobs", jobs) for jobs in (1, 2, 3)]
    assert reports[0] == reports[1] == reports[2]
    code, report = reports[0]
    assert code == 3
    assert report["summary"]["files"] == {"accepted": 188, "rejected": 4, "not-checked": 1}
    names = [Path(entry["file"]).name for entry in report["files"]]
    assert names == sorted(names)


def test_a_process_that_dies_takes_nothing_with_it(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = work.Judge.__call__

    def deadly(self: work.Judge, entry: Entry) -> Any:
        if entry.path.name == "0042.xml":
            os._exit(9)
        return real(self, entry)

    monkeypatch.setattr(work.Judge, "__call__", deadly)
    entries = walk((many,), "en")
    judged = list(work.judge(entries, Run("en"), jobs=2, with_excerpts=False))
    assert len(judged) == 193
    assert [(Path(j.file).name, j.fault) for j in judged if j.report is None] == [
        ("0042.xml", "the process that checked it ended unexpectedly"),
        ("0100-pipe.xml", "not a regular file"),
    ]


def test_stdin_is_read_here_also_after_a_process_died(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, real = os.getpid(), work.Judge.__call__

    def deadly(self: work.Judge, entry: Entry) -> Any:
        if entry.path.name == "0042.xml" or (entry.path == STDIN and os.getpid() != here):
            os._exit(9)
        return real(self, entry)

    monkeypatch.setattr(work.Judge, "__call__", deadly)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(exchange.build(EXAMPLES.example("samtale")))))
    entries = walk((many, STDIN), "en")
    *_, last = work.judge(entries, Run("en"), jobs=2, with_excerpts=False)
    assert (last.file, last.fault, last.report and last.report.verdict) == ("<stdin>", None, "accepted")


ENDLESS = """
import time
from exchange.cli import main
from exchange.runs import judging as work
judge = work.Judge.__call__
work.Judge.__call__ = lambda self, entry: (time.sleep(600 * (entry.path.name == "0150.xml")), judge(self, entry))[1]
main()
"""


@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_ends_with_the_report_of_what_was_done(many: Path, tmp_path: Path, jobs: int) -> None:
    command = [sys.executable, "-c", ENDLESS, "validate", str(many), "--format", "json"]
    written = tmp_path / "report.json"
    with (
        written.open("wb") as out,
        subprocess.Popen(
            [*command, "--jobs", str(jobs)],
            stdout=out,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        ) as child,
    ):
        until(lambda: written.stat().st_size >= 4000 or child.poll() is not None)
        os.killpg(child.pid, signal.SIGINT)
        _, err = child.communicate(timeout=PATIENCE)
    report = json.loads(written.read_bytes())
    assert (child.returncode, report["summary"]["interrupted"]) == (130, True)
    assert 0 < len(report["files"]) <= 150
    assert err.strip() == b"exchange: interrupted"


def _on_a_terminal(*arguments: object, **environment: str) -> bytes:
    command = [sys.executable, "-c", "from exchange.cli import main; main()", *map(str, arguments)]
    code, shown = run_on_terminal(command, "stdout", {**os.environ, **environment})
    assert code == 1
    return shown


def test_colour_is_for_terminals_that_want_it(inbox: Path) -> None:
    coloured = _on_a_terminal("validate", inbox, NO_COLOR="")
    assert b"\x1b[31m\x1b[1merror\x1b[0m hoved-vedroerer-unexpected at " in coloured
    assert b"\x1b" not in _on_a_terminal("validate", inbox, NO_COLOR="1")


SLOWLY = """
import time
from collections.abc import Iterator
from exchange.cli import main
from exchange.runs import judging as work
judge = work.Judge.__call__
work.Judge.__call__ = lambda self, entry: (time.sleep(0.015), judge(self, entry))[1]
main()
"""


def test_a_progress_bar_is_for_terminals_only(many: Path) -> None:
    command = [sys.executable, "-c", SLOWLY, "validate", str(many), "--jobs", "1"]
    code, shown = run_on_terminal(command, "stderr")
    assert code == 3
    # Bytes done of all, time left, rate, files done of all.
    assert re.search(rb"\d+%\|[^|]*\| [\d.]+k/[\d.]+k \[00:\d\d<00:\d\d, +[\d.]+kB/s, \d+/193\]", shown)
    piped = subprocess.run(command, capture_output=True, check=False)
    assert (piped.returncode, piped.stderr) == (3, b"")


# Comparing


def test_two_reports_are_compared(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = inbox.parent / "old.json", inbox.parent / "new.json"
    run_command(["validate", str(inbox), "--format", "none", f"--output=json={old}"])
    assert run_command(["compare", str(old), str(old)]) == 0
    assert capsys.readouterr().out == "0 gone, 0 new, 0 changed\n"
    a, c = inbox / "a.xml", inbox / "c.xml"
    reference = c.read_text("utf-8").split("\n")[1].index("<vedroererBeskedId>") + 1
    c.write_bytes(_with_id(exchange.build(EXAMPLES.example("samtale")), 0xC))
    a.write_bytes(_wrong_form().replace(b"<samtaletype>", b"<samtaletype>x-"))
    run_command(["validate", str(inbox), "--format", "none", f"--output=json={new}"])
    assert run_command(["compare", str(old), str(new)]) == 1
    line = a.read_text("utf-8").split("\n")[1]
    samtaletype, form = line.index("<samtaletype>") + 1, line.index("<form>") + 1
    assert [line.partition(" at ")[0] for line in capsys.readouterr().out.splitlines()] == [
        f"gone: {c}:2:{reference}: error hoved-vedroerer-unexpected",
        f"new: {a}:2:{form}: error code-unknown",
        f"new: {a}:2:{samtaletype}: error code-unknown",
        "1 gone, 2 new, 0 changed",
    ]
    assert run_command(["compare", str(new), str(old)]) == 1
    (inbox / "a.xml").unlink()
    (inbox / "a.xml").mkdir()
    capsys.readouterr()
    run_command(
        [
            "validate",
            str(inbox / "a.xml"),
            str(inbox / "b.xml"),
            "--format",
            "none",
            f"--output=json={new}",
            "--overwrite",
        ]
    )
    assert run_command(["compare", str(old), str(new)]) == 1
    assert "not checked" in capsys.readouterr().out


def test_a_warning_that_became_an_error_is_a_change_for_the_worse(
    inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = inbox.parent / "old.json", inbox.parent / "new.json"
    run_command(["validate", str(inbox), "--format", "none", f"--output=json={old}"])
    run_command(
        ["validate", str(inbox), "--format", "none", f"--output=json={new}", "--severity", "krav-omfang-missing=error"]
    )
    capsys.readouterr()
    assert run_command(["compare", str(old), str(new), "--lang", "da"]) == 1
    assert capsys.readouterr().out.endswith("0 fjernet, 0 ny, 1 ændret\n")
    assert run_command(["compare", str(new), str(old)]) == 0


def test_a_shorter_list_of_the_same_findings_is_no_change(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    xml = (inbox / "a.xml").read_bytes()
    aftale = b"<aftale><tekst></tekst></aftale>"
    reports = {}
    for name, times, most in (("all", 5, 100), ("some", 5, 2), ("more", 7, 2)):
        (inbox / "a.xml").write_bytes(xml.replace(b"</aftaler>", times * aftale + b"</aftaler>"))
        reports[name] = str(inbox.parent / name)
        run_command(["validate", str(inbox), "--format=none", f"--output=json={name}", f"--max-findings={most}"])
    assert run_command(["compare", reports["all"], reports["some"]]) == 0
    assert capsys.readouterr().out == "0 gone, 0 new, 0 changed\n"
    assert run_command(["compare", reports["all"], reports["more"]]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"changed: {inbox / 'a.xml'}: findings of value-length: 7, before 5",
        "0 gone, 2 new, 0 changed",
    ]
    assert run_command(["compare", reports["more"], reports["some"]]) == 0


def test_a_file_that_is_no_longer_judged_to_the_end_is_worse(inbox: Path) -> None:
    run_command(["validate", str(inbox), "--format=none", "--output=json=old"])
    (inbox / "a.xml").write_bytes(_wrong_form())
    run_command(["validate", str(inbox), "--format=none", "--output=json=new", "--severity=code-unknown=off"])
    assert run_command(["compare", "old", "new"]) == 1


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"files": 1}', '{"files": [{"findings": [{}]}]}'])
def test_what_is_no_report_is_a_usage_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "old.json").write_text(content, "utf-8")
    assert run_command(["compare", str(tmp_path / "old.json"), str(tmp_path / "old.json")]) == 2
    assert run_command(["compare", str(tmp_path / "old.json"), str(tmp_path / "missing.json")]) == 2
