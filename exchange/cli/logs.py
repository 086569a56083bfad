"""The log lines of commands that run until a signal: the time in UTC, the level and the text; or the same as JSON."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal

import click

Level = Literal["info", "warning", "error"]


def log(form: str, level: Level, lines: Iterable[str], **facts: object) -> None:
    """Write lines to the log, on stderr, with the current time; as JSON each has the `facts` too."""
    now = datetime.now(UTC)
    for line in lines:
        click.echo(log_line(form, now, level, line, facts), err=True)


def log_line(form: str, at: datetime, level: str, message: str, facts: dict[str, object]) -> str:
    """Return a line of the log."""
    time = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    if form == "json":
        return json.dumps({"time": time, "level": level, "message": message, **facts}, ensure_ascii=False)
    return f"{time} {level.upper()} {message}"


class Formatter(logging.Formatter):
    """Formats records of the standard library's logging as such lines; a record's `facts` come with it."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self._form = form

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        at = datetime.fromtimestamp(record.created, UTC)
        return log_line(self._form, at, record.levelname.lower(), record.getMessage(), getattr(record, "facts", {}))
