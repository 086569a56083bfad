"""The settings of `exchange validate`: from exchange.toml or pyproject.toml, found upward, and from the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from exchange.cli.judging import Options
from exchange.cli.options import LANGUAGES, VALIDATE_FORMATS, cores, set_language
from exchange.cli.trusted import Trusted, of_run
from exchange.findings.finding import LISTED_PER_CODE
from exchange.reports.control import LEVELS, overrides
from exchange.reports.model import Override, Run

NAMES = ("severity", "fail-on", "max-findings", "jobs", "on", "expect", "exclude", "format", "lang")
"""What `[tool.exchange]` of a pyproject.toml, or the top of an exchange.toml, may hold: the long options' names."""

_OUR_TABLE = re.compile(rb"^[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*exchange[ \t]*[.\]]", re.MULTILINE)
"""The head of our table in a file that cannot be parsed."""


def load(given: Path | None) -> dict[str, Any]:
    """Read the settings from a file that is `given`, or from the nearest one at or above this folder; {} if there is none.

    A pyproject.toml that was not given and has no [tool.exchange] is another project's: whatever is wrong with it, it is
    passed over. Raises click.UsageError, naming the file, for one of ours that cannot be read or holds what is no setting.
    """
    if given is not None:
        found = _read(given)
        if found is None:
            raise click.UsageError(f"{given}: no [tool.exchange] table")
        return found
    for path in _candidates():
        found = _read(path, foreign=path.name == "pyproject.toml")
        if found is not None:
            return found
    return {}


def _candidates() -> Iterator[Path]:
    """Yield the files that may hold settings; none where the working folder was removed."""
    try:
        folder = Path.cwd()
    except OSError:
        return
    for above in (folder, *folder.parents):
        for path in (above / "exchange.toml", above / "pyproject.toml"):
            # A folder that may not be entered has no settings for this user.
            with suppress(OSError):
                if path.is_file():
                    yield path


def _read(path: Path, *, foreign: bool = False) -> dict[str, Any] | None:
    """Return a file's settings; None if it has none, or is `foreign`, cannot be read, and is not known to have any."""
    import tomllib  # most have no file

    data = b""
    try:
        data = path.read_bytes()
        content = tomllib.loads(data.decode("utf-8-sig"))  # editors on Windows write a byte order mark
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        if foreign and not _OUR_TABLE.search(data):
            return None
        reason = error.strerror if isinstance(error, OSError) else "not TOML"
        raise click.UsageError(f"{path}: {reason}") from None
    settings: Any = content
    if path.name == "pyproject.toml":
        tools = content.get("tool")
        settings = tools.get("exchange") if isinstance(tools, dict) else None
        if settings is None:
            return None
    if not isinstance(settings, dict) or not isinstance(settings.get("severity", {}), dict):
        raise click.UsageError(f"{path}: expected tables, e.g. severity = {{ krav-omfang-missing = 'off' }}")
    unknown = [name for name in settings if name not in NAMES]
    if unknown:
        raise click.UsageError(f"{path}: no setting {unknown[0]!r}; there are {', '.join(NAMES)}")
    return settings


def merge(config: Path | None, lang: str, show_values: bool, given: dict[str, Any]) -> tuple[Run, Options]:
    """Return the run and its options: the command line's, then the settings', then the defaults. Raises click.UsageError.

    For the language the environment comes before the settings.
    """
    found = load(config)

    def choice(name: str, allowed: tuple[str, ...]) -> Any:
        value = given.get(name.replace("-", "_")) or found.get(name)
        if value is not None and value not in allowed:
            raise click.UsageError(f"{name} = {value!r}: expected {' or '.join(allowed)}")
        return value

    def number(name: str, most: int) -> int | None:
        value = given[name.replace("-", "_")] or found.get(name)
        if value is not None and (type(value) is not int or not 1 <= value <= most):
            raise click.UsageError(f"{name} = {value!r}: expected 1 to {most}")
        return value

    context = click.get_current_context()
    if context.get_parameter_source("lang") is ParameterSource.DEFAULT:
        lang = set_language(context, choice("lang", LANGUAGES) or lang)
    exclude = given["exclude"] or found.get("exclude", ())
    if not isinstance(exclude, list | tuple) or not all(isinstance(pattern, str) for pattern in exclude):
        raise click.UsageError(f"exclude = {exclude!r}: expected a list of patterns, e.g. ['old/*']")
    form = choice("format", VALIDATE_FORMATS) or "text"
    on = given["on"] or found.get("on")
    if on is not None and type(on) is not date:
        raise click.UsageError(f"on = {on!r}: expected a date, e.g. 2026-11-20")
    trusted = Trusted(*(given[name] for name in Trusted._fields))
    signed_by, at = of_run(given["require_signature"], trusted)
    run = Run(
        lang=lang,
        overrides=_overrides(found, given["severities"]),
        on=on,
        show_values=show_values,
        max_findings=number("max-findings", LISTED_PER_CODE) or LISTED_PER_CODE,
        expect=choice("expect", ("valid", "invalid")),
        signed_by=signed_by,
        at=at,
        quiet=given["quiet"],
        statistics=given["statistics"],
    )
    options = Options(
        form=None if form == "none" else form,
        exclude=tuple(exclude),
        outputs=given["outputs"],
        overwrite=given["overwrite"],
        fail_on=choice("fail-on", ("error", "warning")) or "error",
        jobs=number("jobs", 1024) or cores(),
        resume=given["resume"],
    )
    return run, options


def _overrides(settings: Mapping[str, Any], given: tuple[str, ...]) -> tuple[Override, ...]:
    levels = {code: str(level) for code, level in settings.get("severity", {}).items()}
    for entry in given:
        code, _, level = entry.partition("=")
        levels[code] = level
    try:
        return overrides(levels)
    except LookupError as error:
        raise click.UsageError(f"severity: no finding code {error.args[0]!r}; `exchange rules` lists them") from None
    except ValueError as error:
        raise click.UsageError(f"severity: {error.args[0]!r} – expected CODE={'|'.join(LEVELS)}") from None
