"""The arguments and options that several commands share."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

LANGUAGES = ("da", "en")
_VARIABLES = ("EXCHANGE_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


def _language(context: click.Context, _parameter: click.Parameter, value: str | None) -> str:
    return set_language(context, value or locale())


def set_language(context: click.Context, lang: str) -> str:
    """Note the language of a command, and return it."""
    if isinstance(context.obj, dict):
        context.obj["lang"] = lang  # for what is printed after the command has ended
    return lang


def locale() -> str:
    """Return the language of EXCHANGE_LANG or the locale: Danish, or English for anything else."""
    name = next((os.environ[variable] for variable in _VARIABLES if os.environ.get(variable)), "")
    return "da" if name.lower().startswith("da") else "en"


class _Day(click.ParamType):  # type: ignore[type-arg]  # the oldest click that is supported has no arguments here
    """A date, YYYY-MM-DD and nothing else: what click reads itself may lack zeros or have other digits."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        from exchange.model.values import read_day  # `--help` and `--version` need none of it

        try:
            return value if isinstance(value, date) else read_day(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class _Moment(click.ParamType):  # type: ignore[type-arg]  # as above
    """A date and time in whole seconds, with its offset."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        from exchange.model.values import read_moment

        try:
            moment = value if isinstance(value, datetime) else read_moment(value)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None or moment.microsecond:
            self.fail("expected whole seconds with an offset, e.g. 2026-11-20T14:05:00+01:00", param, ctx)
        return moment


def _processes(_context: click.Context, _parameter: click.Parameter, value: int | None) -> int:
    return value or cores()


def cores() -> int:
    """Return how many processors there are for this process; in a container these are less than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def guid(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Check a guid. Raises click.BadParameter."""
    if value is not None and not _GUID.fullmatch(value):
        raise click.BadParameter("expected a guid, e.g. 0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e01")
    return value


def fresh_guid(given: str | None) -> str:
    """Return a guid that was given, or a fresh one."""
    import uuid  # `--help` and `--version` need none of it

    return given or str(uuid.uuid4())


def moment(given: datetime | None) -> datetime:
    """Return a moment that was given, or this one in UTC."""
    return given or datetime.now(UTC).replace(microsecond=0)


SOURCE = click.Path(path_type=Path, allow_dash=True)


class _Seconds(click.FloatRange):
    """A duration in seconds, at most a day: a longer one is beyond what the system's timers take."""

    name = "seconds"

    def __init__(self) -> None:
        super().__init__(0, 86_400, min_open=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        seconds = super().convert(value, param, ctx)
        if math.isnan(seconds):  # which no comparison finds out of range
            self.fail(f"{seconds} is not in the range {self._describe_range()}.", param, ctx)
        return seconds


DAY, MOMENT, SECONDS = _Day(), _Moment(), _Seconds()
DESCRIPTOR = click.IntRange(0, 2**31 - 1)
"""A file descriptor: no system has larger ones."""
FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)

lang = click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    envvar="EXCHANGE_LANG",
    show_envvar=True,
    callback=_language,
    help="Language of the texts. Default: the locale's, or English.",
)
on = click.option(
    "--on",
    type=DAY,
    metavar="DATE",
    help="Judge codes as of this date, not the event's.",
)
log_format = click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    help="Lines of the log on stderr: time in UTC, level and text, or JSON. Default: text.",
)
values = click.option("--show-values", is_flag=True, help="Show confidential values instead of masking them.")
output = click.option("-o", "--output", type=FILE, help="Write to this file, whole or not at all. Default: stdout.")
overwrite = click.option("--overwrite", is_flag=True, help="Replace the output file if it is there.")
jobs = click.option(
    "--jobs", type=click.IntRange(1, 1024), callback=_processes, help="So many processes. Default: one a core."
)

FORMATS = ("text", "json", "junit", "sarif", "github", "html")
VALIDATE_FORMATS = (*FORMATS, "none")


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
        type=MOMENT,
        metavar="TIME",
        help="Judge the certificate at this time, e.g. 2026-11-20T14:05:00+01:00. Default: now.",
    ),
)
