"""Compiles a MessageSpec into a reader of the dict that a document was written from: what it holds, without its bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from exchange.model.generated import Source
from exchange.model.spec import Field, MessageSpec, Record, Simple
from exchange.model.values import VALUE_KINDS
from exchange.xml.canonical_reader import Reading


def compile_dict_reader(
    spec: MessageSpec, codes: Callable[[Simple], frozenset[str] | None]
) -> Callable[[Mapping[str, Any]], Reading | None]:
    """Give a function from the dict below the root's name to what `compile_canonical_reader` reads from its bytes.

    Only for a dict that the encoder wrote without a fault into a document that the schema accepted. None for values
    of a kind of their own, which are then read from the bytes. `codes` is as for the other reader.
    """
    make = _Maker(codes).compile(spec)

    def read(content: Mapping[str, Any]) -> Reading | None:
        try:
            return make(content)
        except Exception:  # noqa: BLE001  # also what a value's own code raises, a time zone's for one
            # A str of a class of its own, or white space around a number or a date.
            return None

    return read


class _Maker:
    """Writes the function; `v0` is a dict or list given, `c0` what is made of it, at level 0."""

    def __init__(self, codes: Callable[[Simple], frozenset[str] | None]) -> None:
        self._codes = codes
        self._source = Source("make(v0)")

    def compile(self, spec: MessageSpec) -> Callable[[Mapping[str, Any]], Reading]:
        line = self._source.line
        line(0, "texts = []")
        line(0, "add = texts.append")
        line(0, "always = True")
        self._record(spec.content, 0, 0)
        line(0, f"return {{{spec.name!r}: c0}}, texts, always")
        make: Callable[[Mapping[str, Any]], Reading] = self._source.function()
        return make

    def _record(self, record: Record, depth: int, level: int) -> None:
        self._source.line(depth, f"c{level} = {{}}")
        for field in record.fields:
            inside = depth
            if not field.required:
                self._source.line(depth, f"if {field.name!r} in v{level}:")
                inside += 1
            self._source.line(inside, f"v{level + 1} = v{level}[{field.name!r}]")
            value = self._value(field, inside, level + 1)
            self._source.line(inside, f"c{level}[{field.name!r}] = {value}")

    def _list(self, item: Field, depth: int, level: int) -> None:
        self._source.line(depth, f"c{level} = []")
        self._source.line(depth, f"for v{level + 1} in v{level}:")
        value = self._value(item, depth + 1, level + 1)
        self._source.line(depth + 1, f"c{level}.append({value})")

    def _value(self, field: Field, depth: int, level: int) -> str:
        """Write what makes something of `v0`, at level 0; give the expression for it."""
        if isinstance(field.type, Record):
            if field.type.item:
                self._list(field.type.item, depth, level)
            else:
                self._record(field.type, depth, level)
            return f"c{level}"
        return self._simple(field.type, depth, f"v{level}")

    def _simple(self, item: Simple, depth: int, value: str) -> str:
        kind = VALUE_KINDS[item.kind]
        if kind.from_bare_text is None:
            self._source.line(depth, f"if type({value}) is not str: raise TypeError")
        else:
            self._source.line(depth, f"if type({value}) is not str: {value} = {self._constant(kind.to_text)}({value})")
        if item.confidential == "text":
            self._source.line(depth, f"add({value})")
        always = self._codes(item)
        if always is not None:
            self._source.line(depth, f"if {value} not in {self._constant(always)}: always = False")
        return value if kind.from_bare_text is None else f"{self._constant(kind.from_bare_text)}({value})"

    def _constant(self, value: object) -> str:
        return self._source.constant(value)
