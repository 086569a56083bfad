"""Tells where elements and start tags end in the bytes of a delivery, and whether its own signature can be read."""

from __future__ import annotations

import re
from dataclasses import replace

from exchange.errors import Refused
from exchange.files.sources import too_large
from exchange.xml import parsing

_START_TAG = re.compile(rb"""<(?:[^"'>]++|"[^"]*"|'[^']*')*+>""")


def element_end(data: bytes | bytearray, start: int, at: int) -> int:
    """Return where an element ends that begins at `start`, from where its end was reported.

    That is the beginning of its end tag; or, of one without content, the byte behind the only tag.
    """
    if start >= 0 and data.endswith(b"/>", 0, at) and tag_end(data, start) == at:
        return at
    return data.find(b">", at) + 1 or len(data)


def tag_end(data: bytes | bytearray, at: int) -> int:
    """Return the byte behind a start tag that begins at `at`; values may hold a `>`. 0 if it does not end."""
    tag = _START_TAG.match(data, at)
    return tag.end() if tag else 0


def check_signature(data: bytes | None, line: int) -> None:
    """Raise Refused for a delivery's own ds:Signature, from its line on, that the reader of messages would refuse in one."""
    if data is None:
        raise Refused(too_large())
    try:
        parsing.open_document(data, every_name=True)
    except Refused as refused:
        found = refused.finding
    else:
        return
    raise Refused(replace(found, path=found.path and f"/leverance{found.path}", line=line + (found.line or 1) - 1))
