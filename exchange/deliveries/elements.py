"""Tells where elements and start tags end in the bytes of a delivery, and whether its own signature can be read."""

from __future__ import annotations

import re
from dataclasses import replace

from exchange.errors import Refused
from exchange.files.sources import too_large
from exchange.findings.finding import Position
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


def check_signature(data: bytes | None, begin: Position, inserted: int) -> None:
    """Raise Refused for a delivery's own ds:Signature that the reader of messages would refuse in one.

    It begins at this position of the file; so many characters were inserted into its start tag.
    """
    if data is None:
        raise Refused(too_large())
    try:
        parsing.open_document(data, every_name=True)
    except Refused as refused:
        found = refused.finding
    else:
        return
    at = begin if found.position is None else in_file(found.position, 1, begin, inserted)
    raise Refused(replace(found, path=found.path and f"/leverance{found.path}").placed(at))


def in_file(at: Position, first: int, begin: Position, inserted: int) -> Position:
    """Return where something stands in a file that was found in an element which was cut out of it.

    The element's line `first` goes on the line of the file in which it begins; so many characters were inserted into its
    start tag.
    """
    line, column = at
    if column and line == first:
        column += (begin.column or 1) - 1 - (inserted if column > 1 else 0)
    return Position(line - first + begin.line, column)
