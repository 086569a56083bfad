"""Help and usage errors are in the user's language, down to the last option."""

from __future__ import annotations

import gettext
import os
import string
from pathlib import Path

import click
import polib
import pytest
from support import translations
from support.commands import commands_of
from support.delivery_cases import delivery, samtale

from exchange.cli import language, run
from exchange.cli.commands import cli

ENTRIES = {entry.msgid: entry for entry in polib.pofile(str(translations.CATALOGUE))}


@pytest.fixture(autouse=True)
def english_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EXCHANGE_LANG", "LANGUAGE", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def _contexts(context: click.Context) -> list[click.Context]:
    below = commands_of(context.command) if isinstance(context.command, click.Group) else {}
    found = [each for name, command in below.items() for each in _contexts(click.Context(command, context, name))]
    return [context, *found]


_SETTINGS = {**cli.context_settings, "terminal_width": 2000, "max_content_width": 2000}
CONTEXTS = _contexts(click.Context(cli, info_name="exchange", **_SETTINGS))


def test_every_text_has_a_danish_one_with_the_same_fields() -> None:
    """What is missing here is to be written in exchange/cli/locale/da/LC_MESSAGES/exchange.po, after `python tests/make_pages.py`."""
    said = {each.text: each for each in translations.everything_said()}
    assert len(said) > 200
    untranslated = [text for text in said if text not in ENTRIES or not ENTRIES[text].translated()]
    assert untranslated == []
    for text, each in said.items():
        entry = ENTRIES[text]
        danish_texts = list(entry.msgstr_plural.values()) or [entry.msgstr]
        for english, danish in zip(filter(None, (text, each.plural)), danish_texts, strict=True):
            assert _fields(danish) <= _fields(english)
            # click puts English words in, "integer" or "File", which the Danish texts do without.
            assert _fields(english) == _fields(danish) or each.place.startswith("click/")


def _fields(text: str) -> set[str]:
    return {name.partition("!")[0] for _, name, _, _ in string.Formatter().parse(text) if name and name.isidentifier()}


@pytest.mark.parametrize("context", CONTEXTS, ids=lambda context: context.command_path)
def test_a_help_is_danish_where_danish_is_chosen_and_english_otherwise(context: click.Context) -> None:
    command = context.command
    paragraphs = [part for part in language.paragraphs(command.help or "") if not part.startswith("\b")]
    options = [option.help for option in command.params if isinstance(option, click.Option) and option.help]
    assert paragraphs
    with language.spoken("en"):
        english = command.get_help(context)
    with language.spoken("da"):
        danish = command.get_help(context)
    for text in (*paragraphs, *options):
        assert text in english
        assert ENTRIES[text].msgstr in danish
    headings = ["Usage: ", "Options:", "Brug: ", "Tilvalg:"]
    assert [word for word in headings if word in english] == headings[:2]
    assert [word for word in headings if word in danish] == headings[2:]
    assert "Vis denne hjælp" in danish
    if isinstance(command, click.Group):
        for below in commands_of(command).values():
            first = language.paragraphs(below.help or "")[0]
            assert ENTRIES[first].msgstr.rstrip(".")[:20] in danish


USAGE_ERRORS = [
    (["validate"], "Missing argument 'PATHS...'.", "Argument mangler: 'STIER...'."),
    (["validat"], "Did you mean 'validate'?", "Kommandoen 'validat' findes ikke. Mente du 'validate'?"),
    (["build", "--lagn"], "No such option '--lagn'", "Tilvalget '--lagn' findes ikke."),
    (["build", "a", "b"], "Got unexpected extra argument (b)", "Uventet ekstra argument (b)"),
    (["build", "--output"], "requires an argument", "Tilvalget '--output' kræver en værdi."),
    (["validate", ".", "--format", "x"], "'x' is not one of 'text'", "'x' er ikke en af 'text'"),
    (["validate", ".", "--jobs", "x"], "'x' is not a valid integer", "'x' er ikke et gyldigt tal."),
    (["validate", ".", "--jobs", "0"], "0 is not in the range x>=1.", "0 er ikke i intervallet x>=1."),
    (["inbox", "receive", "--inbox", "i", "--watch", "no"], "'no' does not exist.", "'no' findes ikke."),
    (["inbox", "list"], "Missing option '--inbox'", "Tilvalg mangler: '--inbox'"),
    (["codes", "--on", "1-1-2026"], "expected a date", "forventede en dato, fx 2026-11-20"),
    (["codes", "byer"], "no code list named 'byer'", "kodelisten 'byer' findes ikke"),
    (["forward", "d.xml", "--out", "o"], "expected --route FILE or", "forventede --route FIL eller"),
]


@pytest.mark.parametrize(("arguments", "english", "danish"), USAGE_ERRORS, ids=lambda value: str(value)[:30])
def test_a_usage_error_is_in_the_language_of_the_environment(
    arguments: list[str],
    english: str,
    danish: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == 2
    assert english in " ".join(capsys.readouterr().err.split())
    monkeypatch.setenv("EXCHANGE_LANG", "da")
    assert run(arguments) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert danish in said
    assert "Fejl: " in said
    assert "Usage: " not in said


@pytest.mark.parametrize(
    "arguments",
    [
        ["--lang", "da", "--help"],
        ["--help", "--lang=da"],
        ["validate", "--lang", "da", "--help"],
        ["validate", "--help", "--lang", "en", "--lang", "da"],
        ["inbox", "--help", "--lang", "da"],
        ["example", "--help", "--lang", "da"],
    ],
    ids=" ".join,
)
def test_the_language_may_stand_before_or_after_what_it_is_for(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 0
    assert "Tilvalg:" in capsys.readouterr().out


def test_the_language_of_the_program_is_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--lang", "da", "codes"]) == 0
    assert capsys.readouterr().out.startswith("liste")
    assert run(["--lang", "da", "codes", "--lang", "en"]) == 0
    assert capsys.readouterr().out.startswith("list ")


def test_what_follows_two_hyphens_is_no_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["codes", "--", "--lang=da"]) == 2
    assert "no code list named '--lang=da'" in capsys.readouterr().err


def test_settings_choose_the_language_of_validates_help_and_the_environment_goes_before_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.toml").write_text("lang = 'da'", "utf-8")
    assert run(["validate", "--config", "own.toml", "--help"]) == 0
    assert "Tilvalg:" in capsys.readouterr().out
    (tmp_path / "own.toml").rename(tmp_path / "exchange.toml")
    assert run(["validate"]) == 2
    assert "Argument mangler" in capsys.readouterr().err
    monkeypatch.setenv("EXCHANGE_LANG", "en")
    assert run(["validate"]) == 2
    assert "Missing argument" in capsys.readouterr().err
    monkeypatch.delenv("EXCHANGE_LANG")
    (tmp_path / "exchange.toml").write_text("lang =", "utf-8")
    assert run(["validate", "."]) == 2
    assert "exchange.toml: not TOML" in capsys.readouterr().err


def test_a_command_leaves_the_environment_and_gettext_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    before = gettext.textdomain()
    assert run(["codes", "--lang", "da"]) == 0
    assert "LANGUAGE" not in os.environ
    monkeypatch.setenv("LANGUAGE", "de")
    assert run(["codes", "--lang", "da"]) == 0
    assert os.environ["LANGUAGE"] == "de"
    assert gettext.textdomain() == before


def test_what_a_run_refuses_is_in_the_language_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "d.xml").write_text(delivery(samtale(1)), "utf-8")
    accept = ["delivery", "accept", "d.xml", "--out", "in"]
    for lang, said in (
        ("en", "in exists; --overwrite replaces it"),
        ("da", "in findes allerede; --overwrite erstatter den"),
    ):
        assert run([*accept, "--lang", lang]) == 2
        assert said in capsys.readouterr().err
    (tmp_path / "in" / "notes").touch()
    assert run([*accept, "--overwrite", "--lang", "da"]) == 2
    assert "in indeholder andet end en modtaget leverance" in capsys.readouterr().err
    assert run(["delivery", "pack", "a.txt", "-o", "d.xml", "--lang", "da"]) == 2
    assert "a.txt: forventede en mappe, *.xml, *.json, *.jsonl eller - for" in capsys.readouterr().err
