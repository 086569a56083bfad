"""What the log lines of a command say, without their times."""

from __future__ import annotations

import re

_HEAD = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (?:INFO|WARNING|ERROR) ", re.MULTILINE)


def without_heads(log: str) -> str:
    """Return a log without the time and the level that its lines begin with."""
    return _HEAD.sub("", log)
