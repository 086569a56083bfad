"""Finds and reads the settings: exchange.toml or pyproject.toml, from this folder upward."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from gettext import gettext as _
from pathlib import Path
from typing import Any

import click

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
            raise click.UsageError(_("{path}: no [tool.exchange] table").format(path=given))
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
    from tomllib import TOMLDecodeError  # most have no file

    data = b""
    try:
        data = path.read_bytes()
        content = _parse(data)
    except (OSError, UnicodeDecodeError, TOMLDecodeError, RecursionError) as error:
        if foreign and not _OUR_TABLE.search(data):
            return None
        reason = error.strerror if isinstance(error, OSError) else _("not TOML")
        raise click.UsageError(f"{path}: {reason}") from None
    settings: Any = content
    if path.name == "pyproject.toml":
        tools = content.get("tool")
        settings = tools.get("exchange") if isinstance(tools, dict) else None
        if settings is None:
            return None
    if not isinstance(settings, dict) or not isinstance(settings.get("severity", {}), dict):
        expected = _("expected tables, e.g. severity = {example}").format(example="{ krav-omfang-missing = 'off' }")
        raise click.UsageError(f"{path}: {expected}")
    unknown = [name for name in settings if name not in NAMES]
    if unknown:
        fault = _("no setting {name!r}; there are {names}").format(name=unknown[0], names=", ".join(NAMES))
        raise click.UsageError(f"{path}: {fault}")
    return settings


@lru_cache(1)
def _parse(data: bytes) -> dict[str, Any]:
    """Return the content of a TOML file; it is asked for twice, for the language and for the rest."""
    import tomllib

    return tomllib.loads(data.decode("utf-8-sig"))  # editors on Windows write a byte order mark
