"""Compiles a MessageSpec into one pattern and one function that judge and read a document in the writer's layout, without a tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import count
from typing import Any, Protocol

from exchange.model.generated import Source
from exchange.model.spec import Field, MessageSpec, Record, Simple, simples
from exchange.model.values import VALUE_KINDS
from exchange.model.xsd_patterns import matches
from exchange.xml.canonical_pattern import (
    CHARACTER,
    GREATER_THAN,
    LESS_THAN,
    NotCertain,
    document_pattern,
    item_pattern,
)
from exchange.xml.parsing import MAX_ELEMENTS
from exchange.xml.reading import Reading, UnreadList
from exchange.xml.writer import DECLARATION, REFERENCES

MOST_BYTES = 1 << 20
"""Larger documents are left to libxml2, which has limits of its own for a single text."""

_AMPERSAND = ord("&")
"""As a number: Python looks for a number in bytes twice as fast as for a byte."""

_AND = b"\x03"
_REFERENCES = tuple(
    (reference, _AND if character == "&" else character.encode()) for character, reference in REFERENCES
)
"""The references that the writer makes, and what stands for them in the text that is matched; for `&` only at the end."""

_ORDINARY = bytes(byte for byte in range(256) if byte not in b"<>" and (byte >= 0x20 or byte in b"\t\n"))
_ENDS = b"<>" * (2 * MAX_ELEMENTS + 1)
"""The first and last characters of all tags of a document with as many elements as may be, and of its declaration."""

_NO_LONG_NUMBER = ("boolean", "date", "dateTime")
"""Values of these kinds hold no digits that could be taken for a personnummer, so they may stand among the texts."""


class CanonicalReader(Protocol):
    """Reads a document in the writer's layout."""

    def __call__(self, data: bytes, whole: bool = False, text: str | None = None) -> Reading | None:
        """Return what a document's UTF-8 bytes hold, None for a document that is not decided on.

        `whole`: no list is left unread. `text`: what is matched of these bytes, from the writer, if it has written them.
        """


def compile_canonical_reader(spec: MessageSpec, codes: Callable[[Simple], frozenset[str] | None]) -> CanonicalReader:
    """Return the reader of a message's documents.

    What it reads is well-formed and valid by the message's schema, and laid out as the writer lays it out, so the bytes are canonical.
    It never refuses: of a document with a fault, or in another layout, it returns None, and libxml2 decides. So it does for every
    document of a message that `document_pattern` is not certain of.

    `codes` returns for a type the codes that are in force at all times, None for a type without a code list.
    """
    try:
        match = re.compile(document_pattern(spec, DECLARATION)).fullmatch
    except NotCertain:
        return lambda data, whole=False, text=None: None  # noqa: ARG005  # it is called as a reader

    @cache
    def maker(restored: bool, whole: bool) -> Callable[[tuple[str | None, ...]], Reading]:
        return _Maker(codes, restored=restored, whole=whole).compile(spec)

    maker(False, False)  # now, and not with the first document

    def read(data: bytes, whole: bool = False, text: str | None = None) -> Reading | None:
        # A bare `>` in a text, and a character that XML cannot hold, break the row of tags' ends.
        ends = data.translate(None, _ORDINARY)
        if not _ENDS.startswith(ends) or len(data) > MOST_BYTES:
            return None
        if text is None:
            try:
                text = text_of(data)
            except UnicodeDecodeError:
                return None
        found = match(text)
        if found is None or "\ufffe" in text or "\uffff" in text:
            return None
        return maker(LESS_THAN in text or GREATER_THAN in text, whole)(found.groups())

    return read


def text_of(data: bytes) -> str:
    """Return the text that is matched of a document's bytes; empty for a reference that the writer does not make.

    Raises UnicodeDecodeError.
    """
    return (_without_references(data) if _AMPERSAND in data else data).decode()


def _without_references(data: bytes) -> bytes:
    """Undo what the writer does, with LESS_THAN for `<` and GREATER_THAN for `>`; empty where there is any other reference."""
    for reference, character in _REFERENCES:
        data = character.join(data.split(reference))  # faster than `replace`, which searches twice
        if _AMPERSAND not in data:
            return data.replace(_AND, b"&")
    return b""


def _absent_is_empty(record: Record) -> bool:
    """True if nothing in a record that may be left out could be an empty text where it is there."""
    return all(
        never_empty(field.type)
        if isinstance(field.type, Simple) and not field.required
        else field.required
        and (isinstance(field.type, Simple) or bool(field.type.item) or _absent_is_empty(field.type))
        for field in record.fields
    )


def never_empty(item: Simple) -> bool:
    """True if a value is never an empty text."""
    if item.kind != "string" or item.min_length or (item.choices and "" not in item.choices):
        return True
    return not matches(item.patterns, "")


class _Maker:
    """Writes the functions that make a document's content of the texts that its pattern found.

    `restored`: with `<` for LESS_THAN and `>` for GREATER_THAN. `whole`: no list is left unread.
    """

    def __init__(self, codes: Callable[[Simple], frozenset[str] | None], *, restored: bool, whole: bool) -> None:
        self.codes = codes
        self.restored = restored
        self.whole = whole

    def compile(self, spec: MessageSpec) -> Callable[[tuple[str | None, ...]], Reading]:
        """Return the function from the groups of `document_pattern` to what the document holds."""
        writing = _Writing(self, Source("make(g0)"), judged=True)
        for name in ("texts", "unread"):
            writing.line(0, f"{name} = []")
        writing.line(0, "always = True")
        writing.record(spec.content, 0, 0, "g0", count())
        # As `Reading(…)` does it, in half the time.
        values = f"({spec.name!r}, c0, texts, always, unread, True)"
        writing.line(0, f"return {writing.constant(tuple.__new__)}({writing.constant(Reading)}, {values})")
        make: Callable[[tuple[str | None, ...]], Reading] = writing.source.function()
        return make

    def compile_list(self, item: Field) -> Callable[[str], list[Any]]:
        """Return the function from the text between a list's tags to the list."""
        writing = _Writing(self, Source("make(t)"), judged=False)
        writing.list(item, 0, 0, "t")
        writing.line(0, "return c0")
        make: Callable[[str], list[Any]] = writing.source.function()
        return make

    def holds_codes(self, item: Field) -> bool:
        """True if anything in a list's items is a code."""
        return any(self.codes(simple) is not None for _, simple in simples(item))


class _Writing:
    """The source of one function as it is written; `judged`: it also finds what a document's judges ask."""

    def __init__(self, maker: _Maker, source: Source, *, judged: bool) -> None:
        self.maker = maker
        self.source = source
        self.judged = judged
        self.line = source.line
        self.constant = source.constant

    def record(self, record: Record, depth: int, level: int, groups: str, number: Iterator[int]) -> None:
        """Write what makes the dict `c0`, at level 0, of the groups from the next `number` on."""
        entries = []
        for field in record.fields:
            if not field.required or not isinstance(field.type, Simple):
                break
            entries.append(f"{field.name!r}: {self.value(field.type, f'{groups}[{next(number)}]', depth)}")
        self.line(depth, f"c{level} = {{{', '.join(entries)}}}")
        for field in record.fields[len(entries) :]:
            group, inside = "", depth
            if isinstance(field.type, Simple) or field.type.item or not field.required:
                group = f"{groups}[{next(number)}]"
            if not field.required:
                there = "" if isinstance(field.type, Simple) and never_empty(field.type) else " is not None"
                self.line(depth, f"if {group}{there}:")
                inside += 1
            value = f"c{level + 1}"
            if isinstance(field.type, Simple):
                value = self.value(field.type, group, inside)
            elif field.type.item:
                if self.judged and not self.maker.whole and not self.maker.holds_codes(field.type.item):
                    value = self.unread_list(field.type.item, inside, group)
                    self.line(inside, f"unread.append((c{level}, {field.name!r}))")
                else:
                    self.list(field.type.item, inside, level + 1, group)
            else:
                self.record(field.type, inside, level + 1, groups, number)
            self.line(inside, f"c{level}[{field.name!r}] = {value}")

    def unread_list(self, item: Field, depth: int, text: str) -> str:
        """Write what finds the texts in a list that nothing else is asked of; return the expression that makes the UnreadList."""
        inside = list(simples(item))
        names = {name for name, simple in inside if simple.confidential == "text"}
        if all(simple.confidential == "text" or simple.kind in _NO_LONG_NUMBER for _, simple in inside):
            self.line(depth, f"texts.append({text})")
        elif names:
            find = re.compile(f"<(?:{'|'.join(map(re.escape, sorted(names)))})>({CHARACTER}*+)").findall
            self.line(depth, f"texts += {self.constant(find)}({text})")
        return f"{self.constant(UnreadList)}({self.constant(self.maker.compile_list(item))}, {text})"

    def list(self, item: Field, depth: int, level: int, text: str) -> None:
        """Write what makes the list `c0`, at level 0, of the text between its tags."""
        # An item that is found is there, so its start tag needs no group.
        pattern = re.compile(item_pattern(replace(item, required=True)))
        value = f"c{level + 1}"
        self.line(depth, f"c{level} = []")
        if isinstance(item.type, Record) and not item.type.item:
            if pattern.groups > 1 and _absent_is_empty(item.type):
                # The faster way, in which what is not there is an empty text.
                self.line(depth, f"for g{level} in {self.constant(pattern.findall)}({text}):")
            else:
                self.line(depth, f"for m{level} in {self.constant(pattern.finditer)}({text}):")
                self.line(depth + 1, f"g{level} = m{level}.groups()")
            self.record(item.type, depth + 1, level + 1, f"g{level}", count())
        else:
            self.line(depth, f"for t{level} in {self.constant(pattern.findall)}({text}):")
            if isinstance(item.type, Simple):
                value = self.value(item.type, f"t{level}", depth + 1)
            elif item.type.item:
                self.list(item.type.item, depth + 1, level + 1, f"t{level}")
        self.line(depth + 1, f"c{level}.append({value})")

    def value(self, item: Simple, text: str, depth: int) -> str:
        """Write what its judges ask of a value; return the expression that makes it of the text."""
        if self.maker.restored and item.kind == "string":
            text = f"{text}.replace({LESS_THAN!r}, '<').replace({GREATER_THAN!r}, '>')"
        if self.judged and item.confidential == "text":
            self.line(depth, f"texts.append({text})")
        always = self.maker.codes(item)
        if self.judged and always is not None:
            self.line(depth, f"if {text} not in {self.constant(always)}: always = False")
        from_text = VALUE_KINDS[item.kind].from_bare_text
        return text if from_text is None else f"{self.constant(from_text)}({text})"
