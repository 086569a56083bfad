"""Line numbers for documents of more lines than libxml2 counts: it keeps a node's line in 16 bits."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lxml import etree

MOST = 65_534
_NODES: dict[str, tuple[type, Callable[..., Any]]] = {
    "element": (etree.ElementBase, etree.Element),
    "comment": (etree.CommentBase, etree.Comment),
    "pi": (etree.PIBase, etree.ProcessingInstruction),
}
# All the markup of a well-formed document without DOCTYPE.
_MARKUP = re.compile(
    rb"""(?P<comment><!--.*?-->)|<!\[CDATA\[.*?\]\]>|(?P<pi><\?.*?\?>)|(?P<end></[^>]*>)"""
    rb"""|(?P<element><(?:[^"'>]|"[^"]*"|'[^']*')*+>)""",
    re.DOTALL,
)


def are_counted(data: bytes) -> bool:
    """True if libxml2 gives every line of a document as it is."""
    return len(data) <= MOST or data.count(b"\n") < MOST


def count_in(parser: etree.XMLParser, data: bytes) -> None:
    """Have the nodes that a new parser makes of this document, which is well-formed UTF-8, give the right `sourceline`.

    Each look-up goes through the tree. The line of a node that was taken out of its tree is not known.
    """
    lines = _lines(data)
    classes: dict[str, Any] = {kind: _with_lines(*_NODES[kind], lines[kind]) for kind in _NODES}
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(**classes))


def _lines(data: bytes) -> dict[str, list[int]]:
    """Give the lines in which elements' start tags, comments and instructions end, as libxml2 does; of those in the root."""
    lines: dict[str, list[int]] = {kind: [] for kind in _NODES}
    line, at, depth = 1, 0, 0
    for found in _MARKUP.finditer(data):
        kind = found.lastgroup
        if kind == "end":
            depth -= 1
        elif kind is not None and (depth or kind == "element"):
            line += data.count(b"\n", at, found.end())
            at = found.end()
            lines[kind].append(line)
            depth += kind == "element" and not data.endswith(b"/>", 0, at)
    return lines


def _with_lines(base: type, factory: Callable[..., Any], lines: list[int]) -> type:
    def sourceline(node: Any) -> int | None:
        nodes = node.getroottree().getroot().iter(factory)
        return next((line for each, line in zip(nodes, lines, strict=False) if each is node), None)

    return type(base.__name__, (base,), {"sourceline": property(sourceline)})
