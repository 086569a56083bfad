"""Compiles a MessageSpec into a fast reader for documents laid out exactly as the encoder lays them out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

from exchange.model.generated import Source
from exchange.model.spec import Field, MessageSpec, Record, Simple
from exchange.model.values import VALUE_KINDS
from exchange.model.xsd_patterns import matches
from exchange.xml.writer import DECLARATION

# What the encoder writes behind an `&` and a pattern may see undone. `<` may not: there a tag would begin.
_CHARACTERS = {"gt": ">", "#xD": "\r", "amp": "&"}


Reading = tuple[dict[str, Any], list[str], bool]
"""A document as it was read: the dict, all that people wrote, and whether each code is one in force at all times.

The latter two are what its judges ask for first; a reader that passes every value anyway gathers them for
nearly nothing.
"""


def compile_canonical_reader(
    spec: MessageSpec, codes: Callable[[Simple], frozenset[str] | None]
) -> Callable[[bytes], Reading | None]:
    """Give a function from a document's UTF-8 bytes to what it holds; None if its layout is any other than the encoder's.

    Only for a document that the schema accepted. One pattern spells out the whole document, every tag, so
    that nothing but the encoder's own layout matches: no attribute, comment, CDATA, prefix, signature, or
    white space between elements. Its groups are the values; a list is one group, in which the items are
    then found by a pattern of their own. Any other document is read from the tree, to the same dict; but
    to look at a tree's nodes one by one takes several times as long.

    `codes` gives for a type the codes that are in force at all times, None for a type without a code list.
    """
    root = re.escape(f'{DECLARATION}<{spec.name} xmlns="{spec.namespace}">')
    match = re.compile(f"{root}{_fields(spec.content, capture=True)}</{spec.name}>").fullmatch
    make = _Maker(codes).compile(spec)

    def read(data: bytes) -> Reading | None:
        try:
            text = data.decode()
            if "\r" in text:  # which an XML parser reads as a line feed
                return None
            if "&" in text:
                text = _without_references(text)
            found = match(text)
            return make(found.groups()) if found else None
        except (ValueError, LookupError):
            # Bytes that are no UTF-8, a reference of another kind, or white space around a number or a date.
            return None

    return read


def _without_references(text: str) -> str:
    """Undo `encode.escape`. Raises LookupError for any other reference, and for that to `<`."""
    plain, *others = text.split("&")
    pieces = [plain]
    for piece in others:
        name, _, rest = piece.partition(";")
        pieces += (_CHARACTERS[name], rest)
    return "".join(pieces)


def _fields(record: Record, *, capture: bool) -> str:
    return "".join(
        _element(field, capture=capture) if field.required else f"(?:{_element(field, capture=capture)})?+"
        for field in record.fields
    )


def _element(field: Field, *, capture: bool) -> str:
    """Give the pattern of an element. Possessive throughout: what has matched is never tried another way.

    Its groups, if it is to capture: a value's text, a list's text, or for a record that may be left out
    its start tag, and then those of its fields.
    """
    start, end = f"<{field.name}>", f"</{field.name}>"
    if isinstance(field.type, Simple):
        content = "[^<]*+"
    elif field.type.item:
        content = f"(?:{_element(field.type.item, capture=False)})*+"
    else:
        start = f"({start})" if capture and not field.required else start
        return f"{start}{_fields(field.type, capture=capture)}{end}"
    return f"{start}({content}){end}" if capture else f"{start}{content}{end}"


def _absent_is_empty(record: Record) -> bool:
    """True if nothing in a record that may be left out could be an empty text where it is there."""
    return all(
        _never_empty(field.type)
        if isinstance(field.type, Simple) and not field.required
        else field.required
        and (isinstance(field.type, Simple) or bool(field.type.item) or _absent_is_empty(field.type))
        for field in record.fields
    )


def _never_empty(item: Simple) -> bool:
    """True if a value is never an empty text."""
    if item.kind != "string" or item.min_length or (item.choices and "" not in item.choices):
        return True
    return not matches(item.patterns, "")


class _Maker:
    """Writes the function that makes a Reading of the groups that a pattern found."""

    def __init__(self, codes: Callable[[Simple], frozenset[str] | None]) -> None:
        self.codes = codes
        self.source = Source("make(g0)")

    def compile(self, spec: MessageSpec) -> Callable[[tuple[str | None, ...]], Reading]:
        line = self.source.line
        line(0, "texts = []")
        line(0, "add = texts.append")
        line(0, "always = True")
        self.record(spec.content, 0, 0, "g0", count())
        line(0, f"return {{{spec.name!r}: c0}}, texts, always")
        make: Callable[[tuple[str | None, ...]], Reading] = self.source.function()
        return make

    def record(self, record: Record, depth: int, level: int, groups: str, number: Iterator[int]) -> None:
        """Write what makes the dict `c0`, at level 0, of the groups from the next `number` on."""
        entries = []
        for field in record.fields:
            if not field.required or not isinstance(field.type, Simple):
                break
            entries.append(f"{field.name!r}: {self.value(field.type, f'{groups}[{next(number)}]', depth)}")
        self.source.line(depth, f"c{level} = {{{', '.join(entries)}}}")
        for field in record.fields[len(entries) :]:
            group, inside = "", depth
            if isinstance(field.type, Simple) or field.type.item or not field.required:
                group = f"{groups}[{next(number)}]"
            if not field.required:
                there = "" if isinstance(field.type, Simple) and _never_empty(field.type) else " is not None"
                self.source.line(depth, f"if {group}{there}:")
                inside += 1
            value = f"c{level + 1}"
            if isinstance(field.type, Simple):
                value = self.value(field.type, group, inside)
            elif field.type.item:
                self.list(field.type.item, inside, level + 1, group)
            else:
                self.record(field.type, inside, level + 1, groups, number)
            self.source.line(inside, f"c{level}[{field.name!r}] = {value}")

    def list(self, item: Field, depth: int, level: int, text: str) -> None:
        """Write what makes the list `c0`, at level 0, of the text between its tags."""
        # An item that is found is there, so its start tag needs no group.
        pattern = re.compile(_element(replace(item, required=True), capture=True))
        value = f"c{level + 1}"
        self.source.line(depth, f"c{level} = []")
        if isinstance(item.type, Record) and not item.type.item:
            if pattern.groups > 1 and _absent_is_empty(item.type):
                # The faster way, in which what is not there is an empty text.
                self.source.line(depth, f"for g{level} in {self.source.constant(pattern.findall)}({text}):")
            else:
                self.source.line(depth, f"for m{level} in {self.source.constant(pattern.finditer)}({text}):")
                self.source.line(depth + 1, f"g{level} = m{level}.groups()")
            self.record(item.type, depth + 1, level + 1, f"g{level}", count())
        else:
            self.source.line(depth, f"for t{level} in {self.source.constant(pattern.findall)}({text}):")
            if isinstance(item.type, Simple):
                value = self.value(item.type, f"t{level}", depth + 1)
            elif item.type.item:
                self.list(item.type.item, depth + 1, level + 1, f"t{level}")
        self.source.line(depth + 1, f"c{level}.append({value})")

    def value(self, item: Simple, text: str, depth: int) -> str:
        """Write what its judges ask of a value; give the expression that makes it of the text."""
        if item.confidential == "text":
            self.source.line(depth, f"add({text})")
        always = self.codes(item)
        if always is not None:
            self.source.line(depth, f"if {text} not in {self.source.constant(always)}: always = False")
        from_text = VALUE_KINDS[item.kind].from_bare_text
        return text if from_text is None else f"{self.source.constant(from_text)}({text})"
