"""What is raised for a name that is taken."""

from __future__ import annotations

from pathlib import Path

import click

from exchange.errors import OutputRefused
from exchange.model.shown_paths import shown_path


def taken(error: FileExistsError, remedy: str = "--overwrite replaces it") -> click.UsageError | OutputRefused:
    """Return the exception for a name that is taken; it says what to do about it, unless nothing helps."""
    if isinstance(error, OutputRefused):
        return error  # which `run` tells
    return click.UsageError(f"{shown_path(Path(error.filename), show_values=False)} exists; {remedy}")
