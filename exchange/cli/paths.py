"""The paths that a user names: standard input among them, and how they are shown."""

from __future__ import annotations

from pathlib import Path

import click

from exchange.errors import OutputRefused
from exchange.personnummer import SHAPE
from exchange.values import MASK, visible

STDIN = Path("-")


def shown_path(path: Path, *, show_values: bool) -> str:
    """Give a file's name for a report: a name may hold a personnummer, or characters that cannot be seen."""
    if path == STDIN:
        return "<stdin>"
    return visible(str(path) if show_values else SHAPE.sub(MASK, str(path)), 4096)


def taken(error: FileExistsError, remedy: str = "--overwrite replaces it") -> click.UsageError | OutputRefused:
    """Give what is raised for a name that is taken: what to do about it, unless nothing helps."""
    if isinstance(error, OutputRefused):
        return error  # which `run` tells
    return click.UsageError(f"{shown_path(Path(error.filename), show_values=False)} exists; {remedy}")
