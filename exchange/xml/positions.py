"""Finds places in a document: elements by their paths, and where nodes begin, which libxml2 does not keep."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from lxml import etree

from exchange.findings.finding import Position

# All the markup of a well-formed document without DOCTYPE. It begins with one character, which is searched for fastest.
_MARKUP = re.compile(
    r"""<(?:(?P<end>/[^>]*+>)|(?P<element>[^/!?](?:[^"'>]++|"[^"]*+"|'[^']*+')*+>)"""
    r"""|(?P<comment>!--.*?-->)|(?P<pi>\?.*?\?>)|!\[CDATA\[.*?\]\]>)""",
    re.DOTALL,
)
_KINDS: dict[str, Any] = {
    "element": etree.Element,
    "comment": etree.Comment,
    "pi": etree.ProcessingInstruction,
}

# lxml's stubs do not know comments and instructions as elements of a tree.
Node = Any


class Positions:
    """Where the nodes of a well-formed document in UTF-8 begin.

    The text is read when the first position is asked for, which is only done for a finding that is listed.
    """

    def __init__(self, data: bytes, root: etree._Element) -> None:
        self._data = data
        self._root = root
        # Not a cached_property: until Python 3.12 its lock would be held for ever in a process forked meanwhile.
        self._by_node: dict[Node, Position] | None = None

    def of(self, node: Node) -> Position | None:
        """Return where an element, comment or instruction in the root begins; None for one that is not there any more."""
        if self._by_node is None:
            self._by_node = self._read_all()
        return self._by_node.get(node)

    @property
    def of_root(self) -> Position | None:
        """Where the root begins."""
        return self.of(self._root)

    def at(self, path: str) -> Position | None:
        """Return where the element at a path begins; the nearest one above it if it is not there."""
        return self.of(element_at(self._root, etree.QName(self._root).namespace or "", path))

    def _read_all(self) -> dict[Node, Position]:
        positions = _read(self._data.decode("utf-8", "replace"))
        # A tree without comments has the other nodes in the same order.
        return {
            node: position
            for kind, factory in _KINDS.items()
            for node, position in zip(self._root.iter(factory), positions[kind], strict=False)
        }


def _read(text: str) -> dict[str, list[Position]]:
    """Return where the elements begin, and the comments and instructions inside the root."""
    positions: dict[str, list[Position]] = {kind: [] for kind in _KINDS}
    line, line_start, at, depth = 1, 0, 0, 0
    for found in _MARKUP.finditer(text):
        kind = found.lastgroup
        if kind == "end":
            depth -= 1
        elif kind is not None and (depth or kind == "element"):
            start = found.start()
            line += text.count("\n", at, start)
            line_start = text.rfind("\n", at, start) + 1 or line_start
            at = start
            positions[kind].append(Position(line, start - line_start + 1))
            depth += kind == "element" and not text.endswith("/>", 0, found.end())
    return positions


def position_of(data: bytes, at: int) -> Position:
    """Return the position of byte `at` of a document in UTF-8."""
    start = data.rfind(b"\n", 0, at) + 1
    return Position(data.count(b"\n", 0, at) + 1, len(data[start:at].decode("utf-8", "replace")) + 1)


def element_at(root: etree._Element, namespace: str, path: str) -> etree._Element:
    """Return the element at a path of a finding; the nearest one above it if it is not there."""
    element = root
    for step in path.split("/")[2:]:
        name, _, number = step.rstrip("]").partition("[")
        position = int(number or 1) - 1
        found = next(islice(element.iterchildren(f"{{{namespace}}}{name}"), position, None), None)
        if found is None:
            break
        element = found
    return element
