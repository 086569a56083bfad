"""What is raised for a name that is taken."""

from __future__ import annotations

from gettext import gettext as _
from pathlib import Path

import click

from exchange.errors import OutputRefused
from exchange.model.shown_paths import shown_path


def taken(error: FileExistsError, remedy: str = "") -> click.UsageError | OutputRefused:
    """Return the exception for a name that is taken; it says what to do about it, unless nothing helps.

    `remedy` is that in the user's language; --overwrite if it is empty.
    """
    if isinstance(error, OutputRefused):
        return error  # `run` shows it
    path = shown_path(Path(error.filename))
    return click.UsageError(f"{_('{path} exists').format(path=path)}; {remedy or _('--overwrite replaces it')}")
