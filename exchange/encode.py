"""Compiles a MessageSpec into a writer: dict in, canonical bytes out, with a finding for all that is no such dict."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from exchange import kinds
from exchange.findings import Finding
from exchange.schema import Field, MessageSpec, Record, Simple
from exchange.trails import Step, Trail, path_of
from exchange.values import VALUE_KINDS, fits_xml, shown_name

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

Faults = list[Finding]
Writer = Callable[[object, Faults, Trail | None, Step], str]
Encoder = Callable[[object], "Encoded"]


class Encoded(NamedTuple):
    """A document's bytes, and what was wrong with the dict. Where a value could not be written, its element is empty."""

    data: bytes
    faults: list[Finding]


def compile_encoder(spec: MessageSpec, *, careful: bool = False) -> Encoder:
    """Give a function from the dict below the root's name to bytes.

    The bytes are the XML declaration, a newline and the exclusive C14N of the root (W3C xml-exc-c14n),
    so signing changes nothing. Facets and occurrence are left to the schema's verdict on these bytes.
    Control characters that XML cannot hold are left to the parser, which looks at every byte anyway;
    only a `careful` encoder looks for them, to say where they stand.
    """
    start = f'{DECLARATION}<{spec.name} xmlns="{spec.namespace}">'
    end = f"</{spec.name}>"
    write = _record(spec.content, careful)

    def encode(content: object) -> Encoded:
        faults: Faults = []
        text = f"{start}{write(content, faults, None, spec.name)}{end}"
        # A lone surrogate becomes a character that XML cannot hold either.
        return Encoded(text.encode(errors="xmlcharrefreplace"), faults)

    return encode


def escape(text: str) -> str:
    """Escape a text as Canonical XML 1.0 (section 2.3) does in text nodes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#xD;")


def _writer(item: Simple | Record, careful: bool) -> Writer:
    if isinstance(item, Simple):
        return _leaf(item, careful)
    return _list(item.item, careful) if item.item else _record(item, careful)


def _leaf(simple: Simple, careful: bool) -> Writer:
    kind = VALUE_KINDS[simple.kind]
    to_text = kind.to_text

    def write(value: object, faults: Faults, trail: Trail | None, step: Step) -> str:
        try:
            text = to_text(value)
        except TypeError:
            faults.append(_type_wrong((trail, step), value, kind.python))
            return ""
        if careful and not fits_xml(text):
            faults.append(kinds.CHARACTER_REFUSED.found(path_of((trail, step))))
            return ""
        # Every value passes here, numbers and dates too. Four look-ups cost less than four replacements.
        if "&" in text or "<" in text or ">" in text or "\r" in text:
            return escape(text)
        return text

    return write


def _record(record: Record, careful: bool) -> Writer:
    plan = tuple(
        (field.name, f"<{field.name}>", f"</{field.name}>", _writer(field.type, careful)) for field in record.fields
    )

    def write(value: object, faults: Faults, trail: Trail | None, step: Step) -> str:
        here = (trail, step)
        if type(value) is not dict and not isinstance(value, Mapping):
            faults.append(_type_wrong(here, value, "dict"))
            return ""
        text = ""
        written = 0
        for name, start, end, child in plan:
            if name in value:
                text += f"{start}{child(value[name], faults, here, name)}{end}"
                written += 1
        if written != len(value):
            faults.extend(_unknown_keys(value, record, here))
        return text

    return write


def _list(item: Field, careful: bool) -> Writer:
    name = item.name
    start, end = f"<{name}>", f"</{name}>"
    child = _writer(item.type, careful)

    def write(value: object, faults: Faults, trail: Trail | None, step: Step) -> str:
        here = (trail, step)
        if not isinstance(value, list | tuple):
            faults.append(_type_wrong(here, value, "list"))
            return ""
        return "".join(
            [f"{start}{child(entry, faults, here, (name, position))}{end}" for position, entry in enumerate(value, 1)]
        )

    return write


def _unknown_keys(value: Mapping[Any, object], record: Record, trail: Trail) -> Iterator[Finding]:
    names = [field.name for field in record.fields]
    allowed = " | ".join(names)
    for key in value:
        if key not in names:
            shown = shown_name(key) if isinstance(key, str) else f"({type(key).__name__})"
            yield kinds.ELEMENT_UNEXPECTED.found(f"{path_of(trail)}/{shown}", {"expected": allowed, "ventet": allowed})


def _type_wrong(trail: Trail, value: object, expected: str) -> Finding:
    return kinds.TYPE_WRONG.found(path_of(trail), {"got": type(value).__name__, "expected": expected})
