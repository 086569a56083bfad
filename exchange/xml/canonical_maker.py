"""Makes the functions that turn what a document's pattern has found into the document's content."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from exchange.model.generated import Source
from exchange.model.spec import Field, MessageSpec, Record, Simple, simples
from exchange.model.values import VALUE_KINDS
from exchange.model.xsd_patterns import matches
from exchange.xml.canonical_pattern import is_never_escaped, item_pattern
from exchange.xml.reading import Reading, UnreadList
from exchange.xml.writer import GREATER_THAN, LESS_THAN, REFERENCES

Make = Callable[[tuple[str | None, ...], bytes, Callable[[], list[str]]], Reading]
"""From the groups of `document_pattern`, an outline and the function that returns the texts, to what a document holds."""

Codes = Callable[[Simple], frozenset[str] | None]
"""Returns for a type the codes that are in force at all times, None for a type without a code list."""

_AND = "\x03"
"""Stands for `&` until all references are undone. No document can hold it."""
_UNDONE = tuple(
    (reference, {"<": LESS_THAN, ">": GREATER_THAN, "&": _AND}.get(character, character))
    for character, reference in REFERENCES
)


_IN_LIST = f"{{}}.replace({LESS_THAN!r}, '<').replace({GREATER_THAN!r}, '>')"
"""The expression for a value of a list whose references but for these two are undone."""


def restored(text: str) -> str:
    """Return a text with its references undone."""
    return restored_beside_tags(text).replace(LESS_THAN, "<").replace(GREATER_THAN, ">") if "&" in text else text


def restored_beside_tags(text: str) -> str:
    """Return a text in which tags stand with its references undone, but with LESS_THAN and GREATER_THAN for `<` and `>`."""
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


class Maker:
    """Makes the functions for documents of one sort.

    `escaped`: there are references. `whole`: no list is left unread.
    """

    def __init__(self, codes: Codes, *, escaped: bool, whole: bool) -> None:
        self.codes = codes
        self.escaped = escaped
        self.whole = whole

    def compile(self, spec: MessageSpec, groups: int) -> Make:
        """Return the function that makes what the document holds, of so many groups."""
        writing = _Writing(Source("make(groups, outline, texts)"), self)
        if self.escaped:
            writing.restoring = f"{writing.constant(restored)}({{}})"
        names = [f"g{number}" for number in range(groups)]
        writing.line(0, f"[{', '.join(names)}] = groups")
        writing.line(0, "unread = []")
        writing.line(0, "always = True")
        writing.record(spec.content, 0, 0, iter(names))
        # As `Reading(…)` does it, in half the time.
        values = f"({spec.name!r}, c0, outline, texts, always, unread, True)"
        writing.line(0, f"return {writing.constant(tuple.__new__)}({writing.constant(Reading)}, {values})")
        make: Make = writing.source.function()
        return make

    def compile_list(self, item: Field) -> Callable[[str], list[Any]]:
        """Return the function from the text between a list's tags to the list."""
        plain = _compile_list(item, "{}")
        if not self.escaped:
            return plain
        marked = _compile_list(item, _IN_LIST)

        def read(text: str) -> list[Any]:
            text = restored_beside_tags(text)
            return (marked if LESS_THAN in text or GREATER_THAN in text else plain)(text)

        return read

    def holds_codes(self, item: Field) -> bool:
        """True if anything in a list's items is a code."""
        return any(self.codes(simple) is not None for _, simple in simples(item))


def _compile_list(item: Field, restoring: str) -> Callable[[str], list[Any]]:
    """Return the function from the text between a list's tags, its references undone, to the list."""
    writing = _Writing(Source("make(t)"))
    writing.restoring = restoring
    writing.list(item, 0, 0, "t")
    writing.line(0, "return c0")
    make: Callable[[str], list[Any]] = writing.source.function()
    return make


class _Writing:
    """The source of one function as it is written; with a `maker` it also finds what a document's judges ask.

    `restoring` is the expression that undoes the references of a value. `in_list`: those of the text are undone, but for `<` and `>`.
    """

    def __init__(self, source: Source, maker: Maker | None = None) -> None:
        self.source = source
        self.maker = maker
        self.restoring = "{}"
        self.in_list = maker is None
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
                value = self.inner_list(field.type.item, inside, level + 1, group, f"(c{level}, {field.name!r})")
            else:
                self.record(field.type, inside, level + 1, groups)
            self.line(inside, f"c{level}[{field.name!r}] = {value}")

    def inner_list(self, item: Field, depth: int, level: int, text: str, above: str) -> str:
        """Write what makes a list of the text between its tags; return the expression for it. `above` is where it will stand."""
        if self.maker is None or self.in_list:
            self.list(item, depth, level, text)
        elif self.maker.holds_codes(item):
            outside, self.in_list = self.restoring, True
            if self.maker.escaped:
                self.restoring = _IN_LIST
                text = f"{self.constant(restored_beside_tags)}({text})"
            self.list(item, depth, level, text)
            self.restoring, self.in_list = outside, False
        else:
            read = self.constant(self.maker.compile_list(item))
            if self.maker.whole:
                return f"{read}({text})"
            self.line(depth, f"unread.append({above})")
            return f"{self.constant(UnreadList)}({read}, {text})"
        return f"c{level}"

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
        made = self.expression(item, text)
        self.code(item, depth, f"{made} not in {{codes}}")
        return made

    def expression(self, item: Simple, text: str) -> str:
        """Return the expression that makes a value of the text."""
        if not is_never_escaped(item):
            return self.restoring.format(text)
        from_text = VALUE_KINDS[item.kind].from_bare_text
        return text if from_text is None else f"{self.constant(from_text)}({text})"

    def code(self, item: Simple, depth: int, condition: str) -> None:
        """Write the condition on which a code is none of `{codes}` that are in force at all times."""
        always = self.maker.codes(item) if self.maker else None
        if always is not None:
            self.line(depth, f"if {condition.format(codes=self.constant(always))}: always = False")
