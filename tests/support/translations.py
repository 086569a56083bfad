"""What the command line says of itself in English, collected for its Danish catalogue: click's texts and the commands' own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
import polib

import exchange.cli
from exchange.cli.commands import cli
from exchange.cli.language import paragraphs
from support.commands import commands_of

CLI = Path(exchange.cli.__file__).parent
CATALOGUE = CLI / "locale" / "da" / "LC_MESSAGES" / "exchange.po"
NOT_SHOWN = (
    "Aborted!",
    "deprecated",
    "DeprecationWarning: ",
    "Could not determine name",
    "No options defined",
    "Arguments take exactly",
    "(dynamic)",
    "Name '{name}' defined",
    "Boolean option",
    "Invalid start character",
    "Do you want",
    "Confirm the action",
    "%(prog)s",
    "Could not open file",
    "unknown error",
    "Choice(",
    "Value must be an iterable",
    "{value!r} does not match the format",
    "{value!r} is not a valid UUID",
    "{len_type} values are required",
)
"""How texts of click's begin that no command of ours can show: faults in the commands themselves, prompts, other types."""

_CLICK = [
    Path(click.__file__).with_name(f"{name}.py")
    for name in ("core", "decorators", "exceptions", "formatting", "parser", "types")
]


class Said(NamedTuple):
    """A text with its plural, if it has one, and where it stands."""

    text: str
    plural: str
    place: str


def everything_said() -> Iterator[Said]:
    """Yield every text that is looked up in the catalogue, some more than once."""
    for path in _CLICK:
        yield from _looked_up(path, f"click/{path.name}")
    # Looked up by another name than its own.
    yield Said("required", "", "click/core.py")
    for path in sorted(CLI.glob("*.py")):
        yield from _looked_up(path, f"exchange/cli/{path.name}")
    yield from _of_command(cli, "exchange")


def updated() -> polib.POFile:
    """Return the catalogue with an entry for each text and no other, in the order of the texts."""
    catalogue = polib.pofile(str(CATALOGUE), wrapwidth=110)
    known = {entry.msgid: entry for entry in catalogue}
    said = {each.text: each.plural for each in everything_said()}
    catalogue[:] = [known.get(text) or polib.POEntry(msgid=text, msgid_plural=said[text]) for text in sorted(said)]
    for entry in catalogue:
        # Where a text stands changes too often.
        entry.occurrences = []
    return catalogue


def _looked_up(path: Path, place: str) -> Iterator[Said]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "ngettext"):
            words = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            if words and not words[0].startswith(NOT_SHOWN):
                yield Said(words[0], words[1] if node.func.id == "ngettext" else "", place)


def _of_command(command: click.Command, place: str) -> Iterator[Said]:
    # Examples without a word of explanation are the same in every language.
    texts = [part for part in paragraphs(command.help or "") if not part.startswith("\b") or "   " in part]
    texts.append(command.options_metavar or "")
    if isinstance(command, click.Group):
        texts.append(command.subcommand_metavar)
    for parameter in command.params:
        texts.append(parameter.metavar or "")
        if isinstance(parameter, click.Option):
            texts.append(parameter.help or "")
            if not (parameter.metavar or parameter.is_flag or isinstance(parameter.type, click.Choice)):
                texts.append(parameter.type.name)
        elif not parameter.metavar:
            texts.append(parameter.name or "")
    yield from (Said(text, "", place) for text in texts if text)
    if isinstance(command, click.Group):
        for name, below in commands_of(command).items():
            yield from _of_command(below, f"{place} {name}")
