"""What the documentation says is so."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import click
import pytest

import exchange
from exchange import cli
from exchange.api import Exchange
from exchange.cli.commands import cli as group
from exchange.files import sources
from exchange.findings.finding import Kind
from exchange.findings.inbox_kinds import INBOX_KINDS
from exchange.validation.rules import KINDS, leverance, rules_of
from exchange.xml import parsing

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
TEXTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "stamdata" / "README.md"]
LINKED = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.M | re.S)


def test_the_worked_example_runs_and_prints_what_it_says() -> None:
    (example,) = _blocks("python")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(example, "README.md", "exec"), {})  # noqa: S102  # our own README
    assert printed.getvalue() == _blocks("text")[0]


def test_there_are_two_commands_for_a_fresh_machine() -> None:
    commands = [line for block in _blocks("sh") for line in block.splitlines()]
    assert len(commands) == 2
    assert commands[0].endswith("exchange demo")
    assert ".venv/bin/pytest -q " in commands[1]


def test_every_command_shown_is_one() -> None:
    for line in _blocks("text")[1].splitlines():
        name, options = re.match(r"exchange (\w+)(.*?)(?:\s{3,}|$)", line).groups()  # type: ignore[union-attr]  # a miss fails the test
        command = group.commands[name]
        if isinstance(command, click.Group):
            command = command.commands[options.split()[0]]
        known = command.params
        for option in re.findall(r"(?<!\S)--?[a-z-]+", options):
            assert any(option in parameter.opts for parameter in known), line


def test_every_command_is_shown_in_the_readme_or_opens_it() -> None:
    assert all(f"exchange {command}" in README for command in group.commands)


def test_every_command_of_a_group_is_told_of() -> None:
    for command in group.commands.values():
        if isinstance(command, click.Group):
            assert all(f"`{name}`" in README or f"{command.name} {name}" in README for name in command.commands)


def test_limits() -> None:
    assert (
        f"at most {sources.MAX_BYTES // 1_000_000} MB, {parsing.MAX_ELEMENTS:,} elements and {parsing.MAX_ATTRIBUTES} attributes"
        in README
    )


def test_numbers_that_two_systems_share() -> None:
    akasse = exchange.codes("akasse")
    shared = sorted({row.kode for row in akasse} & {row.extra["dst_kode"] for row in akasse})
    assert shared == ["15", "22", "40"]
    assert "15, 22 and 40" in README
    assert "(15, 22, 40)" in TEXTS[2].read_text("utf-8")


@pytest.mark.parametrize("path", LINKED, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    text = path.read_text("utf-8")
    headings = {
        re.sub(r"[^\w\- ]", "", line.lstrip("# ")).lower().replace(" ", "-")
        for line in text.splitlines()
        if line.startswith("#")
    }
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in headings
        elif not target.startswith("http"):
            assert (ROOT / target).exists()


def test_public_names_are_there_and_documented() -> None:
    for name in exchange.__all__:
        assert getattr(exchange, name).__doc__, name
    with pytest.raises(AttributeError):
        exchange.nothing  # noqa: B018  # the access is the test


def test_the_changelog_knows_the_public_functions() -> None:
    changelog = TEXTS[1].read_text("utf-8")
    assert all(f"`{command}`" in changelog for command in group.commands)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.code)
def test_every_finding_has_its_texts_in_both_languages(kind: Kind) -> None:
    assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", kind.code)
    assert kind.en.message != kind.da.message
    assert kind.en.hint != kind.da.hint
    for text in (*kind.en, *kind.da):
        assert text.strip()
    # Where what is expected is itself in words, the Danish ones are called `ventet`.
    names = [
        {name.replace("ventet", "expected") for name in re.findall(r"{(\w+)}", t.message)} for t in (kind.en, kind.da)
    ]
    assert names[0] == names[1]


def test_every_rule_of_a_message_is_reachable() -> None:
    of_messages = {rule.kind.code for version in Exchange().catalog.versions for rule in rules_of(version)}
    assert of_messages == {
        code
        for code, kind in KINDS.items()
        if kind.layer == "rules" and code not in leverance.KINDS and code not in INBOX_KINDS
    } - {"check-incomplete"}


def test_completion_as_documented(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("_EXCHANGE_COMPLETE", "zsh_source")
    assert cli.run([]) == 0
    assert "exchange" in capfd.readouterr().out
