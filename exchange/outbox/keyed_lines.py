"""Reads keyed lines: `{"key": "…", "document": {…}}`, one a line, as `exchange map --format keyed` writes them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from exchange.errors import Refused
from exchange.files.sources import MAX_BYTES, too_large
from exchange.findings.finding import Finding
from exchange.findings.outbox_kinds import LINE
from exchange.model import json_documents
from exchange.model.representation import without


class Keyed(NamedTuple):
    """A document of a source, with its key; a finding stands for a line that could not be read."""

    key: str
    document: Mapping[str, Any] | Finding

    def __repr__(self) -> str:
        return without(self, "key", "document")


def read_keyed_lines(lines: Iterable[bytes]) -> Iterator[Keyed]:
    """Yield each line of a file, which is open in binary mode; an empty one is a finding too, so that each has its number.

    Of a line that is longer than a message may be no more is kept than that.
    """
    for line in _bounded(lines) if isinstance(lines, io.IOBase) else lines:
        yield _read(line)


def _bounded(file: io.IOBase) -> Iterator[bytes]:
    while line := file.readline(MAX_BYTES + 1):
        rest = line
        while len(rest) > MAX_BYTES and not rest.endswith(b"\n"):
            rest = file.readline(MAX_BYTES + 1)
        yield line


def _read(line: bytes) -> Keyed:
    if len(line) > MAX_BYTES:
        return Keyed("", too_large())
    try:
        content = json_documents.load(line)
    except Refused as refused:
        return Keyed("", refused.finding)
    key, document = content.get("key"), content.get("document")
    if content.keys() != {"key", "document"} or not isinstance(key, str) or not key or not isinstance(document, dict):
        return Keyed("", LINE.found(""))
    return Keyed(key, document)
