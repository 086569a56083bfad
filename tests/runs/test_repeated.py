"""One beskedId in several files of a run is a warning that names the file where it stood first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.delivery_cases import DECLARATION, delivery, guid, samtale

from exchange.cli import run as run_command
from exchange.reports.model import Override, Run
from exchange.runs import Output, judging, validate_files

CODE = "besked-id-in-other-file"
ID = "0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e01"


def _samtale(form: str = "video") -> str:
    return samtale(1, form=form).replace(guid(1), ID)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four samtaler: the second and the fourth have the id of the first, the fourth in capitals and with a fault of its own."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    for name, document in {
        "a": _samtale(),
        "b": _samtale(),
        "c": samtale(3),
        "d": _samtale("brevdue").replace(ID, ID.upper()),
    }.items():
        (folder / f"{name}.xml").write_text(DECLARATION + document, "utf-8")
    return folder


def _validated(folder: Path, run: Run | None = None, **options: Any) -> list[dict[str, Any]]:
    report = folder.parent / "report.json"
    validate_files([folder], run or Run("en"), outputs=[Output("json", report)], overwrite=True, **options)
    files: list[dict[str, Any]] = json.loads(report.read_bytes())["files"]
    return files


def _codes(entries: list[dict[str, Any]]) -> dict[str, list[str]]:
    return {Path(entry["file"]).stem: [finding["code"] for finding in entry["findings"]] for entry in entries}


def test_the_later_files_name_the_first(folder: Path) -> None:
    entries = _validated(folder)
    assert _codes(entries) == {"a": [], "b": [CODE], "c": [], "d": ["code-unknown", CODE]}
    assert [entry["verdict"] for entry in entries] == ["accepted", "accepted", "accepted", "rejected"]
    (finding,) = entries[1]["findings"]
    assert (finding["severity"], finding["layer"], finding["path"]) == ("warning", "rules", "/samtale/hoved/beskedId")
    assert finding["message"]["en"] == f"beskedId: is also the id of the message in {folder / 'a.xml'}"
    assert finding["message"]["da"] == f"beskedId: er også id for beskeden i {folder / 'a.xml'}"
    assert [entry["key"] for entry in entries] == [ID, ID, guid(3), ID.upper()]


@pytest.mark.parametrize("form", ["text", "junit", "sarif", "github", "html"])
def test_every_report_names_both_files(form: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["validate", str(folder), "--format", form, "--lang", "en"]) == 1
    out = capsys.readouterr().out
    assert CODE in out
    assert out.count("is also the id of the message in") >= 2
    assert f"message in {folder / 'a.xml'}" in out.replace("&#x2F;", "/")
    assert "b.xml" in out


def test_several_processes_find_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "MIN_FILES", 1)
    monkeypatch.setattr(judging, "FILES_PER_TASK", 1)
    assert _codes(_validated(folder, jobs=2)) == {"a": [], "b": [CODE], "c": [], "d": ["code-unknown", CODE]}


def test_a_resumed_run_knows_the_ids_of_the_earlier_one(folder: Path) -> None:
    done = []

    def interrupt(judged: object) -> None:
        done.append(judged)
        if len(done) == 1:
            raise KeyboardInterrupt

    assert len(_validated(folder, progress=interrupt)) == 1
    assert _codes(_validated(folder, resume=True)) == {"a": [], "b": [CODE], "c": [], "d": ["code-unknown", CODE]}


def test_its_severity_is_the_users_to_choose(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "d.xml").unlink()
    arguments = ["validate", str(folder), "--lang", "en"]
    assert run_command(arguments) == 0
    assert run_command([*arguments, "--fail-on", "warning"]) == 1
    assert run_command([*arguments, "--severity", f"{CODE}=error"]) == 1
    assert "b.xml: rejected" in capsys.readouterr().out
    assert run_command([*arguments, "--fail-on", "warning", "--severity", f"{CODE}=off"]) == 0
    out = capsys.readouterr().out
    assert "is also" not in out
    assert f"severity changed: {CODE} from warning to off, findings: 1" in out


def test_an_earlier_change_of_severity_is_still_counted(folder: Path) -> None:
    run = Run("en", overrides=(Override("code-unknown", "error", "off"),))
    summary = validate_files([folder], run).summary
    assert summary.overridden == {"code-unknown": 1}
    assert summary.codes == {CODE: 2}


def test_the_same_file_named_twice_a_delivery_and_what_has_no_id_are_passed_over(folder: Path) -> None:
    (folder / "b.xml").write_text(DECLARATION + delivery(_samtale()), "utf-8")
    (folder / "d.xml").write_text(f"<besked><beskedId>{ID}</beskedId></besked>", "utf-8")
    (folder / "e.xml").write_text("<samtale", "utf-8")
    summary = validate_files([folder, folder / "a.xml"], Run("en")).summary
    assert CODE not in summary.codes
    assert summary.files.total() == 6


def test_a_personnummer_in_the_first_files_name_is_masked(folder: Path) -> None:
    (folder / "a.xml").rename(folder / "a-0101405000.xml")
    (_, second, *_) = _validated(folder)
    assert "a-**********.xml" in second["findings"][0]["message"]["en"]
