"""Compiles a MessageSpec into one pattern and one function that judge and read a document in the writer's layout, without a tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

from exchange.model.generated import Source
from exchange.model.lazy import once
from exchange.model.spec import Field, MessageSpec, Record, Simple
from exchange.model.values import VALUE_KINDS
from exchange.model.xsd_patterns import matches
from exchange.xml.canonical_pattern import GREATER_THAN, LESS_THAN, NotCertain, document_pattern, item_pattern
from exchange.xml.parsing import MAX_ELEMENTS
from exchange.xml.writer import DECLARATION

_MOST_BYTES = 1 << 20
"""Larger documents are left to libxml2, which has limits of its own for a single text."""

_CHARACTERS = {"lt;": LESS_THAN, "gt;": GREATER_THAN, "amp;": "&", "#xD;": "\r"}
"""What stands in the text that is matched for the references that the writer makes."""

_ORDINARY = bytes(byte for byte in range(256) if byte not in b"<>" and (byte >= 0x20 or byte in b"\t\n"))
_ENDS = b"<>" * (2 * MAX_ELEMENTS + 1)
"""The first and last characters of all tags of a document with as many elements as may be, and of its declaration."""

Reading = tuple[dict[str, Any], list[str], bool]
"""What a document holds: the dict, all that people wrote, and whether each code is one that is in force at all times.

The latter two are what codes and rules are judged by first.
"""

CanonicalReader = Callable[[bytes], Reading | None]


def compile_canonical_reader(spec: MessageSpec, codes: Callable[[Simple], frozenset[str] | None]) -> CanonicalReader:
    """Return a function from a document's UTF-8 bytes to what it holds, None for a document that it does not decide on.

    What it reads is well-formed and valid by the message's schema, and laid out as the writer lays it out, so the bytes are canonical.
    It never refuses: of a document with a fault, or in another layout, it returns None, and libxml2 decides. So it does for every
    document of a message that `document_pattern` is not certain of.

    `codes` returns for a type the codes that are in force at all times, None for a type without a code list.
    """
    try:
        match = re.compile(document_pattern(spec, DECLARATION)).fullmatch
    except NotCertain:
        return lambda _data: None
    make = _Maker(codes, restored=False).compile(spec)
    make_restored = once(lambda: _Maker(codes, restored=True).compile(spec))  # few documents need it

    def read(data: bytes) -> Reading | None:
        # A bare `>` in a text, and a character that XML cannot hold, break the row of tags' ends.
        ends = data.translate(None, _ORDINARY)
        if ends != _ENDS[: len(ends)] or len(data) > _MOST_BYTES:
            return None
        try:
            text = data.decode()
            if "&" in text:
                text = _without_references(text)
        except (UnicodeDecodeError, KeyError):
            return None
        found = match(text)
        if found is None or "\ufffe" in text or "\uffff" in text:
            return None
        return (make_restored() if LESS_THAN in text or GREATER_THAN in text else make)(found.groups())

    return read


def _without_references(text: str) -> str:
    """Undo what `writer.escape` does, with LESS_THAN for `<` and GREATER_THAN for `>`. Raises KeyError for any other reference."""
    first, *others = text.split("&")
    parts = [first]
    for other in others:
        name, end, rest = other.partition(";")
        parts += (_CHARACTERS[name + end], rest)
    return "".join(parts)


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
    """Writes the function that makes a Reading of the groups that a pattern found; `restored`: with `<` for LESS_THAN, `>` for GREATER_THAN."""

    def __init__(self, codes: Callable[[Simple], frozenset[str] | None], *, restored: bool) -> None:
        self.codes = codes
        self.restored = restored
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
        pattern = re.compile(item_pattern(replace(item, required=True)))
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
        if self.restored and item.kind == "string":
            text = f"{text}.replace({LESS_THAN!r}, '<').replace({GREATER_THAN!r}, '>')"
        if item.confidential == "text":
            self.source.line(depth, f"add({text})")
        always = self.codes(item)
        if always is not None:
            self.source.line(depth, f"if {text} not in {self.source.constant(always)}: always = False")
        from_text = VALUE_KINDS[item.kind].from_bare_text
        return text if from_text is None else f"{self.source.constant(from_text)}({text})"
