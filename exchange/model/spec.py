"""A message's shape as a small frozen MessageSpec, from which readers, writers, descriptions and tables are compiled.

`documentation` is the schema's in Danish, `english` its English one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from exchange.model.values import Kind

DSIG = "http://www.w3.org/2000/09/xmldsig#"


@dataclass(frozen=True)
class Simple:
    """A type whose values are text: what the schema demands of them, and what the catalog says of them."""

    name: str
    kind: Kind
    patterns: tuple[str, ...] = ()
    min_length: int | None = None
    max_length: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[str, ...] = ()
    documentation: str = ""
    english: str = ""
    code_list: str | None = None
    confidential: Literal["number", "text"] | None = None


def limits(low: int | None, high: int | None) -> str:
    """Return a range as it is shown; either end may be open, not both."""
    if low is None or high is None:
        return f"≤ {high}" if low is None else f"≥ {low}"
    return f"{low}-{high}"


@dataclass(frozen=True)
class Field:
    """An element in its parent: its name, how often it stands there, what it holds, its paragraph."""

    name: str
    required: bool
    repeated: bool
    type: Simple | Record
    documentation: str = ""
    english: str = ""
    law: str | None = None

    @property
    def occurs(self) -> str:
        """How often it stands there: 1, 0..1, 1..n or 0..n."""
        most = "n" if self.repeated else "1"
        return "1" if self.required and not self.repeated else f"{int(self.required)}..{most}"


@dataclass(frozen=True)
class Record:
    """A type whose values are elements, in this order. `at_least_one`: all are optional, but not all may be left out."""

    name: str
    fields: tuple[Field, ...]
    at_least_one: bool = False
    documentation: str = ""
    english: str = ""

    @property
    def item(self) -> Field | None:
        """The only child, if it repeats: such a wrapper is a list in the dict."""
        return self.fields[0] if len(self.fields) == 1 and self.fields[0].repeated else None


@dataclass(frozen=True)
class MessageSpec:
    """A message's shape: the root's name and namespace, and everything below it.

    `carries` are the tags of the messages that follow its own elements, in a delivery. `exact` says that a document with these
    elements, in this order and with these facets, is valid: the schema demands nothing else.
    """

    name: str
    namespace: str
    version: int
    content: Record
    documentation: str = ""
    english: str = ""
    law: str | None = None
    carries: tuple[str, ...] = ()
    exact: bool = True

    def walk(self) -> Iterator[tuple[str, Field]]:
        """Return every field below the root with its path, in document order."""
        return _walk(f"/{self.name}", self.content)

    def types(self) -> Iterator[Simple]:
        """Return every simple type, once for each field that has it."""
        return (field.type for _, field in self.walk() if isinstance(field.type, Simple))


def _walk(path: str, record: Record) -> Iterator[tuple[str, Field]]:
    for field in record.fields:
        below = f"{path}/{field.name}"
        yield below, field
        if isinstance(field.type, Record):
            yield from _walk(below, field.type)


def described(part: Simple | Field | Record | MessageSpec, lang: str) -> str:
    """Return what the schema says of a part in `lang`: "da", or English for anything else; Danish where it says no English."""
    return part.documentation if lang == "da" else part.english or part.documentation


def simples(field: Field) -> Iterator[tuple[str, Simple]]:
    """Return every value in an element, with the name of its own element: the element's own, or those of all below it."""
    if isinstance(field.type, Simple):
        yield field.name, field.type
    else:
        for below in field.type.fields:
            yield from simples(below)
