"""Cuts out of a document the few lines that show a fault, or its absence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from exchange.model.values import visible
from exchange.xml.positions import element_at

SPACE = " \t\r\n"
MOST_LINES = 12
MOST_CHARACTERS = 200
_WIDTH = 110
_LONGEST_VALUE = 70
_MORE = "…"
_CONTROL = re.compile("[\0-\x08]")

Element = Any
"""lxml's types know no elements beside comments and instructions in an iteration."""


def strange_line(data: bytes) -> int | None:
    """Give the first line with a character that no text has; None if there is none such."""
    return next((number for number, line in enumerate(_lines(data), 1) if _CONTROL.search(line)), None)


def first_lines(data: bytes, line: int | None) -> list[str]:
    """Give the lines up to the one at fault, as far as MOST_CHARACTERS go, with all that is unusual escaped."""
    last = line or 3
    shown = _lines(data)[max(0, last - 3) : max(last, 2)]
    kept: list[str] = []
    for entry in shown:
        room = MOST_CHARACTERS - sum(map(len, kept))
        if room > 0:
            kept.append(visible(entry, room))
    return kept


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8", "backslashreplace").split("\n")


def root_only(data: bytes) -> list[str]:
    """Give the root's tags, with its namespace, around a mark for all that stands in it."""
    root = etree.fromstring(data)
    return _folded(root)


def has(data: bytes, path: str) -> bool:
    """True if a document has an element at a path of ours."""
    return _exactly(etree.fromstring(data), path) is not None


def plain(data: bytes, lines: Iterable[str]) -> bool:
    """True if an excerpt is not hard to read for a reason of its own: prefixes, or characters escaped."""
    try:
        prefix = etree.fromstring(data).prefix
    except etree.XMLSyntaxError:
        prefix = None
    return prefix is None and not any("\\u" in line or "CDATA" in line for line in lines)


def elements(data: bytes, wanted: Iterable[str], whole: str | None, *, from_root: bool) -> list[str] | None:
    """Give the elements wanted, in the nearest element that holds them all, with marks for the others.

    `wanted` are paths of ours, `whole` is the path of an element to show with all it holds; `from_root`
    asks for the root around them. None if the document has nothing of these.
    """
    root = etree.fromstring(data)
    found = [element for path in wanted if (element := _exactly(root, path)) is not None]
    if whole is not None:
        around = _exactly(root, whole)
        if around is None:
            return None
        found += list(around.iterchildren("*")) or [around]
        return list(_rendered(_around([around, *found]), set(found), 0))
    inside = {below for element in found for below in element.iterdescendants("*")}
    found = [element for element in found if element not in inside]
    if not found:
        return None
    return list(_rendered(root if from_root else _around(found), set(found), 0))


def _exactly(root: Element, path: str) -> Element | None:
    """Give the element at a path; where the schema has no such element, the namespace may be any."""
    namespace = etree.QName(root).namespace or ""
    parent = element_at(root, namespace, path.rpartition("/")[0])
    if path.count("/") == 1:
        return root
    name, _, number = path.rpartition("/")[2].rstrip("]").partition("[")
    if _depth(parent) != path.count("/") - 2:
        return None
    children = [child for child in parent.iterchildren("*") if etree.QName(child).localname == name]
    position = int(number or 1) - 1
    return children[position] if position < len(children) else None


def _depth(element: Element) -> int:
    return sum(1 for _ in element.iterancestors())


def _around(found: list[Element]) -> Element:
    if len(found) == 1:
        return found[0]
    chains = [[*reversed(list(element.iterancestors())), element] for element in found]
    common = [steps[0] for steps in zip(*chains, strict=False) if all(step is steps[0] for step in steps)]
    return common[-1]


def _rendered(element: Element, wanted: set[Element], depth: int) -> Iterator[str]:
    indent = "  " * depth
    if element in wanted and not any(below in wanted for below in element.iterdescendants("*")):
        line = _inline(element)
        if len(indent + line) <= _WIDTH:
            yield indent + line
            return
        wanted = wanted | set(element.iterchildren("*"))
        if depth:
            yield from (indent + line for line in _folded(element))
            return
    yield f"{indent}<{_tag(element)}>"
    if _text(element.text):
        yield f"{indent}  {_text((element.text or '').strip(SPACE))}"
    left_out = False
    for child in element.iterchildren():
        if isinstance(child.tag, str) and child not in wanted and not any(c in wanted for c in child.iter("*")):
            if not left_out:
                yield f"{indent}  {_MORE}"
            left_out = True
            continue
        left_out = False
        if isinstance(child.tag, str):
            yield from _rendered(child, wanted, depth + 1)
        else:
            yield f"{indent}  {_inline(child)}"
        if _text(child.tail):
            yield f"{indent}  {_text((child.tail or '').strip(SPACE))}"
    yield f"{indent}</{_name(element)}>"


def _folded(element: Element) -> list[str]:
    return [f"<{_tag(element)}>{_MORE}</{_name(element)}>"]


def _inline(node: Element) -> str:
    if node.tag is etree.Comment:
        return f"<!--{visible(node.text)}-->"
    if node.tag is etree.ProcessingInstruction:
        return f"<?{node.target} {visible(node.text or '')}?>"
    inside = _text(node.text) + "".join(_inline(child) + _text(child.tail) for child in node)
    return f"<{_tag(node)}>{inside}</{_name(node)}>" if inside else f"<{_tag(node)}/>"


def _tag(element: Element) -> str:
    attributes = "".join(
        f' {_attribute(element, name)}="{visible(escape(value, {chr(34): "&quot;"}), _LONGEST_VALUE)}"'
        for name, value in element.attrib.items()
    )
    parent = element.getparent()
    above = {} if parent is None else parent.nsmap
    declared = "".join(
        f' xmlns{":" + prefix if prefix else ""}="{uri}"'
        for prefix, uri in element.nsmap.items()
        if above.get(prefix) != uri and (parent is not None or prefix == element.prefix)
    )
    return f"{_name(element)}{declared}{attributes}"


def _name(element: Element) -> str:
    local = visible(etree.QName(element).localname, 40)
    return f"{element.prefix}:{local}" if element.prefix else local


def _attribute(element: Element, name: str) -> str:
    qualified = etree.QName(name)
    prefixes = [prefix for prefix, uri in element.nsmap.items() if uri == qualified.namespace and prefix]
    return f"{prefixes[0]}:{qualified.localname}" if prefixes else qualified.localname


def _text(text: str | None) -> str:
    return visible(escape(text), _LONGEST_VALUE) if text and text.strip(SPACE) else ""
