"""How the names of files are shown: standard input among them, personnumre masked, what cannot be seen escaped."""

from __future__ import annotations

import re
from pathlib import Path

from exchange.model.personnummer import SHAPE
from exchange.model.values import LONGEST_PATH, MASK, visible

STDIN = Path("-")


def named_path(path: Path, *, show_values: bool) -> str:
    """Return a file's name as data, for programs: every character is itself, but a personnummer is masked."""
    if path == STDIN:
        return "<stdin>"
    return str(path) if show_values else SHAPE.sub(MASK, str(path))


def visible_name(name: str) -> str:
    """Return a file's name, as data, as people see it: a character that cannot be seen, or looks like another, is escaped."""
    return visible(name, LONGEST_PATH)


def printable(name: str) -> str:
    """Return a file's name so that a program that takes no escapes finds the file: only what nobody sees is escaped."""
    if name.isprintable():
        return name
    return "".join(
        each if each.isprintable() or _JOINER.match(name, at) else visible(each) for at, each in enumerate(name)
    )


# What is seen nowhere but makes one emoji of two.
_JOINER = re.compile("(?<=[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d(?=[\u2600-\u27bf\U0001f000-\U0001faff])")


def shown_path(path: Path) -> str:
    """Return a file's name for people: a personnummer in it is masked, characters that cannot be seen are escaped."""
    return visible_name(named_path(path, show_values=False))
