"""A run over many files as a library does it: reports in files and shown, progress, interruption and resume."""

from __future__ import annotations

import io
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.delivery_cases import DECLARATION, samtale
from support.delivery_runs import write_mixed

from exchange import runs
from exchange.errors import RunRefused
from exchange.model.shown_paths import STDIN
from exchange.reports import FORMATS, Judged, Run, Summary, writer


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """A folder of an accepted message, a refused one, and a delivery of four accepted and two refused."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "a.xml").write_text(DECLARATION + samtale(1), "utf-8")
    (folder / "b.xml").write_text(DECLARATION + samtale(2, form="brevdue"), "utf-8")
    write_mixed(folder / "c.xml")
    return folder


def _names(path: Path) -> list[tuple[str, str]]:
    """Read the names and verdicts of a report in JSON."""
    return [(Path(entry["file"]).name, entry["verdict"]) for entry in json.loads(path.read_bytes())["files"]]


EXPECTED = [
    ("a.xml", "accepted"),
    ("b.xml", "rejected"),
    ("c.xml", "accepted"),
    ("c.xml", "accepted"),
    ("c.xml", "rejected"),
    ("c.xml", "accepted"),
    ("c.xml", "accepted"),
    ("c.xml", "rejected"),
    ("c.xml", "rejected"),
]


def test_reports_in_files_and_one_that_is_shown(inbox: Path, tmp_path: Path) -> None:
    done: list[Judged] = []
    out = io.StringIO()
    outputs = [runs.Output("json", tmp_path / "r.json"), runs.Output("html", tmp_path / "r.html")]
    shown = runs.Shown("text", lambda: writer("text", out, Run("en")))
    ran = runs.validate_files([inbox], Run("en"), outputs=outputs, shown=shown, progress=done.append)
    assert _names(tmp_path / "r.json") == EXPECTED
    assert "<html" in (tmp_path / "r.html").read_text("utf-8")
    assert "code-unknown" in out.getvalue()
    assert [(Path(each.file).name, each.verdict) for each in done] == EXPECTED
    assert sum(each.size for each in done) == sum(path.stat().st_size for path in inbox.iterdir())
    assert ran.summary.files == {"accepted": 1, "rejected": 2}
    assert ran.summary.messages == {"accepted": 4, "rejected": 2}
    assert (ran.resumed, ran.summary.interrupted) == (False, False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["inbox", "r.html", "r.json"]


def test_without_any_report_there_are_the_totals(inbox: Path) -> None:
    assert runs.validate_files([inbox / "a.xml"], Run("en")).summary.files == {"accepted": 1}


def test_an_interrupted_run_writes_its_reports_and_is_resumed(inbox: Path, tmp_path: Path) -> None:
    outputs = [runs.Output("json", tmp_path / "r.json")]
    done: list[str] = []

    def interrupt(judged: Judged) -> None:
        done.append(Path(judged.file).name)
        if len(done) == 2:
            raise KeyboardInterrupt

    ran = runs.validate_files([inbox], Run("en"), outputs=outputs, progress=interrupt)
    assert ran.summary.interrupted
    assert _names(tmp_path / "r.json") == EXPECTED[:2]
    with pytest.raises(RunRefused) as caught:
        runs.validate_files([inbox], Run("da"), outputs=outputs, resume=True)
    assert caught.value.remedy == "restart"
    ran = runs.validate_files([inbox], Run("en"), outputs=outputs, resume=True)
    assert (ran.resumed, ran.summary.interrupted) == (True, False)
    assert _names(tmp_path / "r.json") == EXPECTED
    # The journal is gone, so there is nothing to resume.
    assert not runs.validate_files([inbox], Run("en"), outputs=outputs, resume=True, overwrite=True).resumed


def test_a_resumed_run_began_when_the_first_did(inbox: Path, tmp_path: Path) -> None:
    outputs = [runs.Output("json", tmp_path / "r.json")]

    def interrupt(_judged: Judged) -> None:
        raise KeyboardInterrupt

    first, later = (datetime(2026, 11, 20, hour, tzinfo=UTC) for hour in (8, 9))
    runs.validate_files([inbox], Run("en", started=first), outputs=outputs, progress=interrupt)
    ran = runs.validate_files([inbox], Run("en", started=later), outputs=outputs, resume=True)
    assert ran.resumed
    assert json.loads(outputs[0].path.read_bytes())["started"] == first.isoformat()


def test_a_report_replaces_no_file_unless_it_may_and_none_that_is_validated(inbox: Path, tmp_path: Path) -> None:
    outputs = [runs.Output("json", tmp_path / "r.json")]
    outputs[0].path.write_text("mine", "utf-8")
    with pytest.raises(FileExistsError):
        runs.validate_files([inbox], Run("en"), outputs=outputs)
    assert outputs[0].path.read_text("utf-8") == "mine"
    runs.validate_files([inbox], Run("en"), outputs=outputs, overwrite=True)
    assert _names(outputs[0].path) == EXPECTED
    path = inbox / "a.xml"
    with pytest.raises(RunRefused) as caught:
        runs.validate_files([path], Run("en"), outputs=[runs.Output("json", path)], overwrite=True)
    assert caught.value.remedy is None


def test_nothing_is_shown_of_a_run_that_may_not_begin(inbox: Path, tmp_path: Path) -> None:
    def make() -> Any:
        raise AssertionError("the run has begun")

    taken = tmp_path / "r.json"
    taken.touch()
    with pytest.raises(FileExistsError):
        runs.validate_files([inbox], Run("en"), outputs=[runs.Output("json", taken)], shown=runs.Shown("text", make))


def test_standard_input_is_not_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO((DECLARATION + samtale(1)).encode())))
    outputs = [runs.Output("json", tmp_path / "r.json")]
    ran = runs.validate_files([STDIN], Run("en"), outputs=outputs, progress=_no_journal(tmp_path))
    assert (ran.summary, ran.resumed) == (Summary(files=ran.summary.files), False)
    assert _names(tmp_path / "r.json") == [("<stdin>", "accepted")]


def _no_journal(folder: Path) -> Any:
    def check(_judged: Judged) -> None:
        assert not [path for path in folder.iterdir() if path.name.endswith("-resume")]

    return check


MARKED = ("json", "junit", "sarif", "html")


def test_an_earlier_report_is_replaced_without_being_told_to(inbox: Path, tmp_path: Path) -> None:
    outputs = [runs.Output(form, tmp_path / f"r.{form}") for form in MARKED]
    runs.validate_files([inbox / "a.xml"], Run("en"), outputs=outputs)
    before = [output.path.read_bytes() for output in outputs]
    runs.validate_files([inbox], Run("da"), outputs=outputs)
    after = [output.path.read_bytes() for output in outputs]
    assert all(b"b.xml" in new and b"b.xml" not in old for old, new in zip(before, after, strict=True))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["inbox", *(f"r.{form}" for form in MARKED)])


@pytest.mark.parametrize("form", FORMATS)
def test_another_file_is_not_replaced_and_neither_is_a_report_of_another_format(
    form: str, inbox: Path, tmp_path: Path
) -> None:
    own = runs.Output("json", tmp_path / "own.json")
    runs.validate_files([inbox], Run("en"), outputs=[own])
    earlier = own.path.read_bytes()
    path = tmp_path / "report"
    contents = [
        *(_report(other, inbox) for other in FORMATS if other != form or form not in MARKED),
        (inbox / "a.xml").read_bytes(),
        b"",
        b'{"format": 1, "files": []}',
        b"<!DOCTYPE html><title>exchange validate</title>",
        b'<testsuites name="other"/>',
        b'{"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": []}',
    ]
    for content in contents:
        path.write_bytes(content)
        with pytest.raises(FileExistsError) as caught:
            runs.validate_files([inbox], Run("en"), outputs=[own, runs.Output(form, path)])
        assert caught.value.filename == str(path)
        assert path.read_bytes() == content
    assert own.path.read_bytes() == earlier
    runs.validate_files([inbox], Run("en"), outputs=[own, runs.Output(form, path)], overwrite=True)
    assert path.read_bytes() == _report(form, inbox)


def _report(form: str, inbox: Path) -> bytes:
    out = io.StringIO()
    runs.validate_files([inbox], Run("en"), shown=runs.Shown(form, lambda: writer(form, out, Run("en"))))
    return out.getvalue().encode()


def test_a_file_that_takes_the_place_of_the_report_meanwhile_stays(inbox: Path, tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    runs.validate_files([inbox], Run("en"), outputs=[runs.Output("json", path)])

    def intrude(_judged: Judged) -> None:
        path.write_text("notes", "utf-8")

    with pytest.raises(FileExistsError):
        runs.validate_files([inbox], Run("en"), outputs=[runs.Output("json", path)], progress=intrude)
    assert path.read_text("utf-8") == "notes"
    assert sorted(each.name for each in tmp_path.iterdir()) == [".r.json.exchange-resume", "inbox", "r.json"]
