"""Compiles a MessageSpec into one pattern and one function that judge and read a document in the writer's layout, without a tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import count
from typing import Any, NamedTuple, Protocol

from exchange.model.generated import Source
from exchange.model.personnummer import UNKNOWN
from exchange.model.spec import Field, MessageSpec, Record, Simple, simples
from exchange.model.values import VALUE_KINDS
from exchange.model.xsd_patterns import matches
from exchange.xml.canonical_pattern import CHARACTER, NotCertain, document_pattern, item_pattern, value_pattern
from exchange.xml.outline import NOT_IN_XML, outline_of
from exchange.xml.parsing import MAX_ELEMENTS
from exchange.xml.reading import Reading, UnreadList
from exchange.xml.writer import DECLARATION, REFERENCES

MOST_BYTES = 1 << 20
"""Larger documents are left to libxml2, which has limits of its own for a single text."""

_AMPERSAND = ord("&")
"""As a number: Python looks for a number in bytes twice as fast as for a byte."""

_NO_ENDS = bytes(byte for byte in range(256) if byte not in b"<>")
_ENDS = b"<>" * (2 * MAX_ELEMENTS + 1)
"""The first and last characters of all tags of a document with as many elements as may be, and of its declaration."""

_OTHER_REFERENCE = re.compile(f"&(?!{'|'.join(reference[1:] for _, reference in REFERENCES)})")

_LESS_THAN, _GREATER_THAN, _AND = "\x01", "\x02", "\x03"
"""Stand for these characters, which no document can hold, while references are undone: `&` is one until the end."""
_UNDONE = tuple(
    (reference, {"<": _LESS_THAN, ">": _GREATER_THAN, "&": _AND}.get(character, character))
    for character, reference in REFERENCES
)

_NO_LONG_NUMBER = ("boolean", "date", "dateTime")
"""Values of these kinds hold no digits that could be taken for a personnummer, so they may stand among the texts."""


class CanonicalReader(Protocol):
    """Reads a document in the writer's layout."""

    def __call__(self, data: bytes, whole: bool = False, text: str | None = None) -> Reading | None:
        """Return what a document's UTF-8 bytes hold, None for a document that is not decided on.

        `whole`: no list is left unread. `text`: the bytes' text, from the writer, if it has written them.
        """


def compile_canonical_reader(spec: MessageSpec, codes: Callable[[Simple], frozenset[str] | None]) -> CanonicalReader:
    """Return the reader of a message's documents.

    What it reads is well-formed and valid by the message's schema, and laid out as the writer lays it out, so the bytes are canonical.
    It never refuses: of a document with a fault, or in another layout, it returns None, and libxml2 decides. So it does for every
    document of a message that `document_pattern` is not certain of.

    `codes` returns for a type the codes that are in force at all times, None for a type without a code list.
    """
    try:
        pattern = re.compile(document_pattern(spec, DECLARATION))
    except NotCertain:
        return lambda data, whole=False, text=None: None  # noqa: ARG005  # it is called as a reader

    match = pattern.fullmatch
    groups = tuple(_groups(spec.content, count()))
    texts_of = _compile_texts(groups)
    before_texts = _before_texts(groups)

    @cache
    def maker(escaped: bool, whole: bool) -> _Make:
        return _Maker(codes, escaped=escaped, whole=whole).compile(spec, pattern.groups)

    maker(False, False)  # now, and not with the first document

    def read(data: bytes, whole: bool = False, text: str | None = None) -> Reading | None:
        if len(data) > MOST_BYTES:
            return None
        written = text is not None
        if text is None:
            try:
                text = data.decode()
            except UnicodeDecodeError:
                return None
        outline = outline_of(text)
        # A bare `>` in a text breaks the row of tags' ends.
        if NOT_IN_XML in outline or not _ENDS.startswith(outline.translate(None, _NO_ENDS)):
            return None
        escaped = _AMPERSAND in outline
        if escaped and not written and _OTHER_REFERENCE.search(text):
            return None
        found = match(text)
        if found is None or "\ufffe" in text or "\uffff" in text:
            return None
        values = found.groups()
        return maker(escaped, whole)(values, outline.partition(before_texts)[2] or outline, partial(texts_of, values))

    return read


_Make = Callable[[tuple[str | None, ...], bytes, Callable[[], list[str]]], Reading]
"""From the groups of `document_pattern`, an outline and the function that returns the texts, to what a document holds."""


class _Group(NamedTuple):
    """A group of `document_pattern`, and the field whose value or list it is."""

    number: int
    field: Field


def _groups(record: Record, number: Iterator[int]) -> Iterator[_Group]:
    """Yield the groups of a record from the next `number` on, in the order of the document."""
    for field in record.fields:
        if isinstance(field.type, Simple) or field.type.item:
            yield _Group(next(number), field)
        else:
            if not field.required:
                next(number)
            yield from _groups(field.type, number)


def _compile_texts(groups: Sequence[_Group]) -> Callable[[Sequence[str | None]], list[str]]:
    """Return the function from the groups of a document to all that people wrote; it may return more, and references as they stand."""
    plain: list[int] = []
    among: list[tuple[int, Callable[[str], list[str]]]] = []
    for number, field in groups:
        inside = list(simples(field))
        names = {name for name, simple in inside if simple.confidential == "text"}
        if not names:
            continue
        if all(simple.confidential == "text" or simple.kind in _NO_LONG_NUMBER for _, simple in inside):
            plain.append(number)
        else:
            find = re.compile(f"<(?:{'|'.join(map(re.escape, sorted(names)))})>({CHARACTER}*+)").findall
            among.append((number, find))

    def texts_of(values: Sequence[str | None]) -> list[str]:
        texts = [values[number] or "" for number in plain]
        for number, find in among:
            texts += find(values[number] or "")
        return texts

    return texts_of


def _before_texts(groups: Sequence[_Group]) -> bytes:
    """Return what stands in an outline right before all texts: the personnummer, which is found first in its element; else nothing."""
    for _, field in groups:
        if any(simple.confidential == "text" for _, simple in simples(field)):
            break
        if isinstance(field.type, Simple) and field.type.confidential == "number":
            return outline_of(f"<{field.name}>{UNKNOWN}</{field.name}>")
    return bytes([NOT_IN_XML])


def restored(text: str) -> str:
    """Return a text with its references undone."""
    return restored_beside_tags(text).replace(_LESS_THAN, "<").replace(_GREATER_THAN, ">") if "&" in text else text


def restored_beside_tags(text: str) -> str:
    """Return a text in which tags stand with its references undone, but with _LESS_THAN and _GREATER_THAN for `<` and `>`."""
    for reference, character in _UNDONE:
        if "&" not in text:
            break
        text = character.join(text.split(reference))  # faster than `replace`, which searches twice
    return text.replace(_AND, "&")


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


def never_escaped(item: Simple) -> bool:
    """True if no value that fits a type's facets has a reference."""
    return item.kind != "string" or (bool(item.choices or item.patterns) and "&" not in value_pattern(item))


class _Maker:
    """Writes the functions that make a document's content of the texts that its pattern found.

    `escaped`: there are references. `whole`: no list is left unread.
    """

    def __init__(self, codes: Callable[[Simple], frozenset[str] | None], *, escaped: bool, whole: bool) -> None:
        self.codes = codes
        self.escaped = escaped
        self.whole = whole

    def compile(self, spec: MessageSpec, groups: int) -> _Make:
        """Return the function that makes what the document holds, of so many groups."""
        writing = _Writing(self, Source("make(groups, outline, texts)"), judged=True)
        names = [f"g{number}" for number in range(groups)]
        writing.line(0, f"[{', '.join(names)}] = groups")
        writing.line(0, "unread = []")
        writing.line(0, "always = True")
        writing.record(spec.content, 0, 0, iter(names))
        # As `Reading(…)` does it, in half the time.
        values = f"({spec.name!r}, c0, outline, texts, always, unread, True)"
        writing.line(0, f"return {writing.constant(tuple.__new__)}({writing.constant(Reading)}, {values})")
        make: _Make = writing.source.function()
        return make

    def compile_list(self, item: Field) -> Callable[[str], list[Any]]:
        """Return the function from the text between a list's tags to the list."""
        writing = _Writing(self, Source("make(t)"), judged=False)
        writing.whole_list(item, 0, 0, "t")
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
        self.in_list = False
        self.line = source.line
        self.constant = source.constant

    def record(self, record: Record, depth: int, level: int, groups: Iterator[str]) -> None:
        """Write what makes the dict `c0`, at level 0, of the next `groups`: the names of their texts."""
        entries = []
        for field in record.fields:
            if not field.required or not isinstance(field.type, Simple):
                break
            entries.append(f"{field.name!r}: {self.value(field.type, next(groups), depth)}")
        self.line(depth, f"c{level} = {{{', '.join(entries)}}}")
        for field in record.fields[len(entries) :]:
            group, inside = "", depth
            if isinstance(field.type, Simple) or field.type.item or not field.required:
                group = next(groups)
            if not field.required:
                there = "" if isinstance(field.type, Simple) and never_empty(field.type) else " is not None"
                self.line(depth, f"if {group}{there}:")
                inside += 1
            value = f"c{level + 1}"
            if isinstance(field.type, Simple):
                value = self.value(field.type, group, inside)
            elif field.type.item:
                if self.judged and not self.maker.whole and not self.maker.holds_codes(field.type.item):
                    read = self.constant(self.maker.compile_list(field.type.item))
                    value = f"{self.constant(UnreadList)}({read}, {group})"
                    self.line(inside, f"unread.append((c{level}, {field.name!r}))")
                else:
                    self.whole_list(field.type.item, inside, level + 1, group)
            else:
                self.record(field.type, inside, level + 1, groups)
            self.line(inside, f"c{level}[{field.name!r}] = {value}")

    def whole_list(self, item: Field, depth: int, level: int, text: str) -> None:
        """Write what makes the list `c0`, at level 0, of the text between its tags as it stands in the document."""
        if self.in_list or not self.maker.escaped:
            self.list(item, depth, level, text)
            return
        self.in_list = True
        self.list(item, depth, level, f"{self.constant(restored_beside_tags)}({text})")
        self.in_list = False

    def list(self, item: Field, depth: int, level: int, text: str) -> None:
        """Write what makes the list `c0`, at level 0, of the text between its tags, with its references undone."""
        # An item that is found is there, so its start tag needs no group.
        pattern = re.compile(item_pattern(replace(item, required=True)))
        found = f"{self.constant(pattern.findall)}({text})"
        if isinstance(item.type, Simple) and self.expression(item.type, "t") == "t":
            self.line(depth, f"c{level} = {found}")
            self.code(item.type, depth, f"not {{codes}}.issuperset(c{level})")
            return
        value = f"c{level + 1}"
        self.line(depth, f"c{level} = []")
        if isinstance(item.type, Record) and not item.type.item:
            names = [f"g{level}_{number}" for number in range(pattern.groups)]
            if pattern.groups > 1 and _absent_is_empty(item.type):
                # The faster way, in which what is not there is an empty text.
                self.line(depth, f"for {', '.join(names)} in {found}:")
            else:
                self.line(depth, f"for m{level} in {self.constant(pattern.finditer)}({text}):")
                self.line(depth + 1, f"[{', '.join(names)}] = m{level}.groups()")
            self.record(item.type, depth + 1, level + 1, iter(names))
        else:
            self.line(depth, f"for t{level} in {found}:")
            if isinstance(item.type, Simple):
                value = self.value(item.type, f"t{level}", depth + 1)
            elif item.type.item:
                self.list(item.type.item, depth + 1, level + 1, f"t{level}")
        self.line(depth + 1, f"c{level}.append({value})")

    def value(self, item: Simple, text: str, depth: int) -> str:
        """Write what its judges ask of a value; return the expression that makes it of the text."""
        self.code(item, depth, f"{text} not in {{codes}}")
        return self.expression(item, text)

    def expression(self, item: Simple, text: str) -> str:
        """Return the expression that makes a value of the text."""
        if self.maker.escaped and not never_escaped(item):
            if self.in_list:
                return f"{text}.replace({_LESS_THAN!r}, '<').replace({_GREATER_THAN!r}, '>')"
            return f"{self.constant(restored)}({text})"
        from_text = VALUE_KINDS[item.kind].from_bare_text
        return text if from_text is None else f"{self.constant(from_text)}({text})"

    def code(self, item: Simple, depth: int, condition: str) -> None:
        """Write the condition on which a code is none of `{codes}` that are in force at all times."""
        always = self.maker.codes(item) if self.judged else None
        if always is not None:
            self.line(depth, f"if {condition.format(codes=self.constant(always))}: always = False")
