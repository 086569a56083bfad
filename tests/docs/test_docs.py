"""What the documentation says is so."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from support.commands import commands_of
from support.documentation import DOCS, PAGES, ROOT

import exchange
from exchange import cli
from exchange.api import Exchange
from exchange.cli.commands import cli as group
from exchange.files import sources
from exchange.findings.finding import Kind
from exchange.findings.id_kinds import ID_KINDS
from exchange.findings.outbox_kinds import OUTBOX_KINDS
from exchange.validation.rules import KINDS, leverance, rules_of
from exchange.xml import parsing

README = (ROOT / "README.md").read_text("utf-8")
TEXTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "stamdata" / "README.md"]


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.M | re.S)


def test_there_are_two_commands_for_a_fresh_machine() -> None:
    commands = [line for block in _blocks("sh") for line in block.splitlines()]
    assert len(commands) == 2
    assert commands[0].endswith("exchange demo")
    assert ".venv/bin/pytest -q " in commands[1]


def test_every_command_shown_is_one() -> None:
    shown = {
        line
        for path in PAGES
        for line in re.findall(r"(?:^\$ |^|`)(exchange [a-z][^`\n#]*)", path.read_text("utf-8"), re.M)
    }
    assert len(shown) > 40
    for line in sorted(shown):
        words = re.findall(r"\S+", line)[1:]
        command: click.Command = group
        while isinstance(command, click.Group) and words and words[0].islower():
            assert words[0] in commands_of(command), line
            command = commands_of(command)[words.pop(0)]
        known = {option for parameter in command.params for option in parameter.opts} | {"--help", "--version"}
        for word in words:
            if word in {"|", ">", "<"}:
                break
            if re.fullmatch(r"--?[a-z-]+", word):
                assert word in known, line


def test_every_command_is_documented() -> None:
    everything = "".join(path.read_text("utf-8") for path in PAGES)
    for command in commands_of(group).values():
        assert f"exchange {command.name}" in everything, command.name
        if isinstance(command, click.Group):
            for name in commands_of(command):
                assert (
                    f"`{name}`" in everything or f"`{name} " in everything or f"{command.name} {name}" in everything
                ), name


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 150


def test_no_line_of_a_page_is_longer_than_120_characters() -> None:
    for path in PAGES:
        text = re.sub(r"^ *```.*?^ *```$", "", path.read_text("utf-8"), flags=re.M | re.S)
        long = [line for line in text.splitlines() if len(line) > 120 and not line.startswith("|")]
        assert not long, path.name


def test_limits() -> None:
    assert (
        f"at most {sources.MAX_BYTES // 1_000_000} MB, {parsing.MAX_ELEMENTS:,} elements and {parsing.MAX_ATTRIBUTES} attributes"
        in (DOCS / "reference.md").read_text("utf-8").replace("\n", " ")
    )


def test_numbers_that_two_systems_share() -> None:
    akasse = exchange.codes("akasse")
    shared = sorted({row.kode for row in akasse} & {row.extra["dst_kode"] for row in akasse})
    assert shared == ["15", "22", "40"]
    assert "15, 22 and 40" in (DOCS / "explanation.md").read_text("utf-8")
    assert "(15, 22, 40)" in TEXTS[2].read_text("utf-8")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", path.read_text("utf-8")):
        if link.startswith("http"):
            continue
        target, _, heading = link.partition("#")
        page = path.parent / target if target else path
        assert page.exists(), link
        if heading:
            assert heading in _headings(page), link


def _headings(page: Path) -> set[str]:
    return {
        re.sub(r"[^\w\- ]", "", line.lstrip("# ")).lower().replace(" ", "-")
        for line in page.read_text("utf-8").splitlines()
        if line.startswith("#")
    }


def test_public_names_are_there_and_documented() -> None:
    for name in exchange.__all__:
        assert getattr(exchange, name).__doc__, name
    with pytest.raises(AttributeError):
        exchange.nothing  # noqa: B018  # the access is the test


def test_the_changelog_knows_the_public_functions() -> None:
    changelog = TEXTS[1].read_text("utf-8")
    assert all(f"`{command}`" in changelog for command in commands_of(group))


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.code)
def test_every_finding_has_its_texts_in_both_languages(kind: Kind) -> None:
    assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", kind.code)
    assert kind.en.message != kind.da.message
    assert kind.en.hint != kind.da.hint
    for text in (*kind.en, *kind.da):
        assert text.strip()
    # What is itself in words has a Danish name in the Danish text.
    english = {"ventet": "expected", "grund": "reason", "hvis": "whose", "fundet": "present"}
    names = [{english.get(name, name) for name in re.findall(r"{(\w+)}", t.message)} for t in (kind.en, kind.da)]
    assert names[0] == names[1]


def test_every_rule_of_a_message_is_reachable() -> None:
    of_messages = {rule.kind.code for version in Exchange().catalog.versions for rule in rules_of(version)}
    assert of_messages == {
        code
        for code, kind in KINDS.items()
        if kind.layer == "rules" and code not in {**leverance.KINDS, **ID_KINDS, **OUTBOX_KINDS}
    } - {"check-incomplete"}


def test_completion_as_documented(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("_EXCHANGE_COMPLETE", "zsh_source")
    assert cli.run([]) == 0
    assert "exchange" in capfd.readouterr().out
