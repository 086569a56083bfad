"""The pages of the finding codes: their examples do what they say, and the files are as a fresh generation makes them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import make_pages
import pytest
from make_pages import OTHERS
from support import corpus_excerpts
from support.corpus_cases import CORPUS, INVALID, VALID

from exchange import cli, docs
from exchange.validation.rules import KINDS

FILES = make_pages.files()
CODES = pytest.mark.parametrize("code", KINDS)
LANGUAGES = pytest.mark.parametrize("lang", ["en", "da"])


@pytest.fixture(scope="module")
def documents() -> dict[str, make_pages.Document]:
    return {document.source: document for document in make_pages.documents()}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_files_are_as_a_fresh_generation_makes_them(path: Path) -> None:
    assert path.read_bytes() == FILES[path](), "run `python tests/make_pages.py`"


def test_check_tells_what_is_old_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "page.md"
    monkeypatch.setattr(make_pages, "files", lambda: {path: lambda: b"new"})
    assert make_pages.main(["--check"]) == 1
    assert not path.exists()
    assert make_pages.main([]) == 0
    assert path.read_bytes() == b"new"
    assert capsys.readouterr().out == "page.md\npage.md\n"
    assert make_pages.main(["--check"]) == 0


@CODES
def test_the_wrong_example_gives_the_finding_and_the_right_one_does_not(
    code: str, documents: dict[str, make_pages.Document]
) -> None:
    example = make_pages.examples()[code]
    assert example["bad"]["lines"] != example["good"]["lines"]
    if code in OTHERS:
        other = OTHERS[code]
        assert code in {finding.code for finding in other.judge(other.bad)}
        assert code not in {finding.code for finding in other.judge(other.good)}
        return
    bad, good = documents[example["bad"]["source"]].report, documents[example["good"]["source"]].report
    assert code in bad.counts
    assert code not in good.counts
    assert good.ok


def test_the_sources_are_the_corpus_files(documents: dict[str, make_pages.Document]) -> None:
    for case in (*VALID, *INVALID):
        assert documents[f"tests/corpus/{case}.xml"].data == (CORPUS / f"{case}.xml").read_bytes()


@CODES
def test_an_example_is_short(code: str) -> None:
    for entry in make_pages.examples()[code].values():
        assert 0 < len(entry["lines"]) <= corpus_excerpts.MOST_LINES
        assert entry["language"] != "text" or sum(map(len, entry["lines"])) <= corpus_excerpts.MOST_CHARACTERS + 1


@CODES
@LANGUAGES
def test_a_page_is_complete(code: str, lang: str) -> None:
    page = docs.page(code, lang)
    assert page.meaning
    assert len(page.facts) == 4 + len(KINDS[code].changes)
    assert all(heading and value for heading, value in page.facts)
    bad, good = page.examples
    assert bad.says
    assert not good.says
    assert not re.search("[{}]", page.meaning + page.facts[3][1])


@CODES
@LANGUAGES
def test_the_command_line_shows_the_page(code: str, lang: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["rules", code, "--lang", lang]) == 0
    shown = capfd.readouterr().out
    page = docs.page(code, lang)
    parts = [code, page.meaning, *(text for fact in page.facts for text in fact)]
    parts += [line for example in page.examples for line in (example.heading, *example.lines, *example.says)]
    assert [part for part in parts if part not in shown] == []


@LANGUAGES
def test_the_markdown_holds_every_page_and_links_to_it(lang: str) -> None:
    text = (make_pages.FOLDER / f"findings.{lang}.md").read_text("utf-8")
    assert re.findall(r"^## (.*)$", text, re.M) == list(KINDS)
    assert re.findall(r"^\| \[(.*?)\]\(#\1\)", text, re.M) == list(KINDS)
    for code in KINDS:
        # What a heading's anchor is made of, in every Markdown, is these characters as they are.
        assert re.fullmatch("[a-z0-9-]+", code)
        parts: list[Any] = [line for example in docs.page(code, lang).examples for line in example.lines]
        assert [part for part in parts if f"\n{part}\n" not in text] == []


def test_each_change_of_the_severity_is_said_once() -> None:
    kind = KINDS["samtale-cv-unexpected"]
    (change,) = kind.changes
    days = [change.since.replace(year=year) for year in (2024, 2025, 2026)]
    same = change._replace(since=days[1])
    back = change._replace(since=days[2], kind=kind._replace(changes=()))
    said = docs.severity(kind._replace(changes=(change, same, back)), "en")
    assert said == "error; warning from 2024-01-01; error from 2026-01-01"
