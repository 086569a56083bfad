"""The arguments and options that several commands share."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from gettext import gettext as _
from pathlib import Path
from typing import Any

import click

from exchange.cli.language import LANGUAGES


def _language(context: click.Context, _parameter: click.Parameter, value: str | None) -> str:
    lang: str = value or context.obj
    return lang


class _Day(click.ParamType):  # type: ignore[type-arg]  # the oldest click that is supported has no arguments here
    """A date, YYYY-MM-DD and nothing else: what click reads itself may lack zeros or have other digits."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        from exchange.model.values import read_day  # `--help` and `--version` need none of it

        try:
            return value if isinstance(value, date) else read_day(value)
        except ValueError:
            self.fail(_("expected a date, e.g. 2026-11-20"), param, ctx)


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
            self.fail(_("expected whole seconds with an offset, e.g. 2026-11-20T14:05:00+01:00"), param, ctx)
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
        raise click.BadParameter(_("expected a guid, e.g. 0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e01"))
    return value


def guids(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Check guids. Raises click.BadParameter."""
    return tuple(str(guid(context, parameter, value)) for value in values)


def _receipt_version(_context: click.Context, _parameter: click.Parameter, value: int | None) -> int | None:
    from exchange.model.catalog import shipped

    numbers = [] if value is None else [version.version for version in shipped().of("kvittering")]
    if value is not None and value not in numbers:
        raise click.BadParameter(_("expected one of {numbers}").format(numbers=", ".join(map(str, numbers))))
    return value


receipt_version = click.option(
    "--receipt-version",
    type=int,
    callback=_receipt_version,
    metavar="N",
    help="The version of the receipts. Default: the newest in force.",
)


Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def together(*parameters: Decorator) -> Decorator:
    """Return several options as one decorator; `--help` shows them in this order."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for parameter in reversed(parameters):
            command = parameter(command)
        return command

    return add


def fresh_guid(given: str | None) -> str:
    """Return a guid that was given, or a fresh one."""
    import uuid  # `--help` and `--version` need none of it

    return given or str(uuid.uuid4())


def moment(given: datetime | None) -> datetime:
    """Return a moment that was given, or this one in UTC."""
    return given or datetime.now(UTC).replace(microsecond=0)


def older_than(text: str) -> Decorator:
    """Return the option --older-than DAYS; its help says from when the days count."""
    days = click.IntRange(0, 100_000)
    return click.option("--older-than", type=days, required=True, metavar="DAYS", help=text)


def iso(seconds: int | None) -> str | None:
    """Return seconds since 1970 as ISO text in UTC."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()


def started() -> datetime:
    """Return when this run began: this moment in UTC, or that of SOURCE_DATE_EPOCH, with which two runs make the same report.

    Source: https://reproducible-builds.org/specs/source-date-epoch/. What is no number there is passed over.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() and len(epoch) < 12 else moment(None)


SOURCE = click.Path(path_type=Path, allow_dash=True)


class _Seconds(click.FloatRange):
    """A duration in seconds, at most a day: a longer one is beyond what the system's timers take."""

    name = "seconds"

    def __init__(self) -> None:
        super().__init__(0, 86_400, min_open=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        seconds = super().convert(value, param, ctx)
        if math.isnan(seconds):  # which no comparison finds out of range
            self.fail(
                _("{value} is not in the range {range}.").format(value=seconds, range=self._describe_range()),
                param,
                ctx,
            )
        return seconds


DAY, MOMENT, SECONDS = _Day(), _Moment(), _Seconds()
DESCRIPTOR = click.IntRange(0, 2**31 - 1)
"""A file descriptor: no system has larger ones."""
FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)

_lang = partial(
    click.option,
    "--lang",
    type=click.Choice(LANGUAGES),
    envvar="EXCHANGE_LANG",
    show_envvar=True,
    callback=_language,
    help="Language of the texts. Default: the locale's, or English.",
)
lang = _lang()
lang_of_help = _lang(expose_value=False)
"""For a command that has no other texts than its help and its usage errors."""
on = click.option(
    "--on",
    type=DAY,
    metavar="DATE",
    help="Judge codes and rules as of this date, not the event's.",
)
message_version = click.option(
    "--message-version",
    type=int,
    help="Build this version. Default: the newest in force when the message was made.",
)
log_format = click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    help="Lines of the log on stderr: time in UTC, level and text, or JSON. Default: text.",
)
values = click.option("--show-values", is_flag=True, help="Show confidential values instead of masking them.")
list_format = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "jsonl"]),
    default="text",
    show_default=True,
    help="Form of the list: json is one document, jsonl a document a line.",
)
output = click.option("-o", "--output", type=FILE, help="Write to this file, whole or not at all. Default: stdout.")
overwrite = click.option("--overwrite", is_flag=True, help="Replace the output file if it is there.")
jobs = click.option(
    "--jobs", type=click.IntRange(1, 1024), callback=_processes, help="Number of processes. Default: one for each core."
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
            expected = _("expected FORMAT=FILE, with one of the formats {names}").format(names=", ".join(FORMATS))
            raise click.BadParameter(f"{value!r}: {expected}")
        if any(Path(file) == path for _, path in outputs):
            raise click.BadParameter(_("{file} was named twice").format(file=file))
        outputs.append((form, Path(file)))
    return tuple(outputs)


reports = click.option(
    "--report",
    "reports",
    multiple=True,
    callback=_outputs,
    metavar="FORMAT=FILE",
    help=f"Write a report to a file; may be given several times. FORMAT is {', '.join(FORMATS)}.",
)
outputs = click.option(
    "--output",
    "outputs",
    multiple=True,
    callback=_outputs,
    metavar="FORMAT=FILE",
    help="Write a report to a file as well; may be given several times. An earlier report of the same format is replaced "
    "(of text and github only with --overwrite); no other file is, unless --overwrite.",
)


trust = together(
    click.option(
        "--ca", type=FILE, metavar="FILE", help="The certificates of those who may issue certificates: PEM or DER."
    ),
    click.option(
        "--chain",
        type=FILE,
        metavar="FILE",
        help="Issuing CAs between those and a signer, where the signature does not hold them: PEM or DER.",
    ),
    click.option(
        "--signer",
        "signers",
        multiple=True,
        metavar="WHO",
        help="Who may sign: a SHA-256 fingerprint, serialNumber=…, cvr=… or organizationIdentifier=…, or two joined by +; "
        "may be given several times. Without one, nobody may.",
    ),
    click.option(
        "--crl", "crls", multiple=True, type=FILE, metavar="FILE", help="A revocation list; may be given several times."
    ),
    click.option(
        "--at",
        type=MOMENT,
        metavar="TIME",
        help="Judge the certificate at this time, e.g. 2026-11-20T14:05:00+01:00. Default: now.",
    ),
)
"""The options that say whose signatures are believed, and when."""
