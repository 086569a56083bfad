"""The arguments and options that several commands share."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path

import click


def _language(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str:
    if value:
        return value
    said = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "da" if said.lower().startswith("da") else "en"


def _day(_context: click.Context, _parameter: click.Parameter, value: datetime | None) -> date | None:
    return None if value is None else value.date()


def _processes(_context: click.Context, _parameter: click.Parameter, value: int | None) -> int:
    return value or cores()


def cores() -> int:
    """Give how many processors there are for this process; in a container these are less than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


SOURCE = click.Path(path_type=Path, allow_dash=True)
FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)

lang = click.option(
    "--lang",
    type=click.Choice(["da", "en"]),
    callback=_language,
    help="Language of the texts. Default: the locale's, or English.",
)
on = click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=_day,
    metavar="DATE",
    help="Judge codes as of this date, not the event's.",
)
values = click.option("--show-values", is_flag=True, help="Show confidential values instead of masking them.")
output = click.option("-o", "--output", type=FILE, help="Write to this file, whole or not at all. Default: stdout.")
overwrite = click.option("--overwrite", is_flag=True, help="Replace the output file if it is there.")
jobs = click.option(
    "--jobs", type=click.IntRange(1, 1024), callback=_processes, help="So many processes. Default: one a core."
)
