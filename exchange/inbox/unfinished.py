"""Says whether a file ends before its root element does: then it is still being written, or was cut off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from exchange.files.sources import CHUNK, MAX_BYTES, regular_file

_END = 1024
_DEEPEST = 1000
_UNWRITTEN = b"\0" * 4
"""The end of a file whose size was set before its content is written."""


def is_unfinished(path: Path) -> bool:
    """Return True if a file may be the beginning of a document whose end is still to come.

    It is False for a document with a fault before its end: no more bytes can mend it. Raises OSError if it cannot be read.
    """
    with regular_file(path) as (file, size):
        file.seek(max(0, size - _END))
        end = b"".join(iter(lambda: file.read(_END), b""))
        if end.endswith(_UNWRITTEN):
            return True
        file.seek(0)
        return _Reading(end).breaks_off(iter(lambda: file.read(CHUNK), b""))


class _Decided(Exception):
    """The document is complete, or is refused for something else."""


class _Reading:
    def __init__(self, end: bytes) -> None:
        self._end = end
        self._depth = 0
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._finish
        # Refused, whatever follows; its entities are not read.
        self._parser.StartDoctypeDeclHandler = self._decide

    def breaks_off(self, blocks: Iterator[bytes]) -> bool:
        fed = 0
        try:
            for block in blocks:
                self._parser.Parse(block, False)
                fed += len(block)
                # Something that does not end within a message's size, which a parser would try again with every block.
                if fed - self._parser.CurrentByteIndex > MAX_BYTES:
                    return False
        except Exception:  # noqa: BLE001  # not well-formed; or the codec of an encoding that it names, whatever that raises
            return False
        try:
            self._parser.Parse(b"", True)
        except _Decided:
            return False
        except expat.ExpatError:
            return True
        return False

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        # The usual case is seen at once: the file ends with the root's end tag.
        if not self._depth and name.isascii() and re.search(rb"</%b\s*>\s*\Z" % re.escape(name).encode(), self._end):
            raise _Decided
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _Decided

    def _finish(self, _name: str) -> None:
        self._depth -= 1
        if not self._depth:
            raise _Decided

    def _decide(self, *_: object) -> None:
        raise _Decided
