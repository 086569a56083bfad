"""Compiles a MessageSpec into one pattern and one function that judge and read a document in the writer's layout, without a tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from itertools import count
from typing import NamedTuple, Protocol

from exchange.model.personnummer import PATTERN, UNKNOWN
from exchange.model.spec import Field, MessageSpec, Record, Simple, simples
from exchange.xml.canonical_maker import Make, Maker
from exchange.xml.canonical_pattern import CHARACTER, NotCertain, document_pattern
from exchange.xml.outline import NOT_IN_XML, outline_of
from exchange.xml.parsing import MAX_ELEMENTS
from exchange.xml.reading import Reading
from exchange.xml.writer import DECLARATION, REFERENCES

MOST_BYTES = 1 << 20
"""Larger documents are left to libxml2, which has limits of its own for a single text."""

_AMPERSAND = ord("&")
"""As a number: Python looks for a number in bytes twice as fast as for a byte."""

_NO_ENDS = bytes(byte for byte in range(256) if byte not in b"<>")
_ENDS = b"<>" * (2 * MAX_ELEMENTS + 1)
"""The first and last characters of all tags of a document with as many elements as may be, and of its declaration."""

_OTHER_REFERENCE = re.compile(f"&(?!{'|'.join(reference[1:] for _, reference in REFERENCES)})")

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
    def maker(escaped: bool, whole: bool) -> Make:
        return Maker(codes, escaped=escaped, whole=whole).compile(spec, pattern.groups)

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


class _Group(NamedTuple):
    """A group of `document_pattern`, the field whose value or list it is, and whether every document has it."""

    number: int
    field: Field
    required: bool


def _groups(record: Record, number: Iterator[int], *, required: bool = True) -> Iterator[_Group]:
    """Yield the groups of a record from the next `number` on, in the order of the document. `required`: every document has the record."""
    for field in record.fields:
        if isinstance(field.type, Simple) or field.type.item:
            yield _Group(next(number), field, required and field.required)
        else:
            if not field.required:
                next(number)
            yield from _groups(field.type, number, required=required and field.required)


def _compile_texts(groups: Sequence[_Group]) -> Callable[[Sequence[str | None]], list[str]]:
    """Return the function from the groups of a document to all that people wrote; it may return more, and references as they stand."""
    plain: list[int] = []
    among: list[tuple[int, Callable[[str], list[str]]]] = []
    for number, field, _ in groups:
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
    """Return what stands in an outline right before all texts, and nowhere among them; else what stands in none.

    That is the personnummer, where every document has one before the texts: ten digits, found first in its own element.
    """
    for _, field, required in groups:
        if any(simple.confidential == "text" for _, simple in simples(field)):
            break
        if required and isinstance(field.type, Simple) and field.type.patterns == (PATTERN,):
            return outline_of(f"<{field.name}>{UNKNOWN}</{field.name}>")
    return bytes([NOT_IN_XML])
