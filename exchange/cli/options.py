"""The arguments and options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

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

FORMATS = ("text", "json", "junit", "sarif", "github", "html")


def _outputs(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, Path], ...]:
    outputs: list[tuple[str, Path]] = []
    for value in values:
        form, equals, file = value.partition("=")
        if not equals or not file or form not in FORMATS:
            raise click.BadParameter(f"{value!r}: expected FORMAT=FILE, with FORMAT of {', '.join(FORMATS)}")
        if any(Path(file) == path for _, path in outputs):
            raise click.BadParameter(f"{file}: stands twice")
        outputs.append((form, Path(file)))
    return tuple(outputs)


outputs = click.option(
    "--output",
    "outputs",
    multiple=True,
    callback=_outputs,
    metavar="FORMAT=FILE",
    help="Write a report to a file as well; may be given several times.",
)


def trust(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say whose signatures are believed, and when."""
    for option in reversed(_TRUST):
        command = option(command)
    return command


_TRUST = (
    click.option("--ca", type=FILE, metavar="FILE", help="Who may issue certificates: PEM."),
    click.option(
        "--signer",
        "signers",
        multiple=True,
        metavar="WHO",
        help="Who may sign: a SHA-256 fingerprint, serialNumber=…, cvr=… or organizationIdentifier=…, or two joined by +; "
        "may be given several times. Without one, nobody may.",
    ),
    click.option("--crl", "crls", multiple=True, type=FILE, metavar="FILE", help="A revocation list; several times."),
    click.option(
        "--at",
        type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z"]),
        metavar="TIME",
        help="Judge the certificate at this time, e.g. 2026-11-20T14:05:00+01:00. Default: now.",
    ),
)
