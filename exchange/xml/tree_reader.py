"""Compiles a MessageSpec into a reader: the tree of a document that the schema accepted in, its dict out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml import etree

from exchange.model.spec import Field, MessageSpec, Record, Simple
from exchange.model.values import VALUE_KINDS

Decoder = Callable[[etree._Element], dict[str, Any]]
_Reader = Callable[[etree._Element], Any]


def compile_decoder(spec: MessageSpec) -> Decoder:
    """Give a function from the root element to the document's dict.

    It trusts the schema's verdict and only converts; the tree holds no comments (xmlio took them out).
    """
    read = _record(spec.content, f"{{{spec.namespace}}}")

    def decode(root: etree._Element) -> dict[str, Any]:
        return {spec.name: read(root)}

    return decode


def _reader(item: Simple | Record, namespace: str) -> _Reader:
    if isinstance(item, Record):
        return _list(item.item, namespace) if item.item else _record(item, namespace)
    from_text = VALUE_KINDS[item.kind].from_text
    if item.kind == "string":
        return lambda element: element.text or ""
    return lambda element: from_text(element.text or "")


def _record(record: Record, namespace: str) -> _Reader:
    table = {f"{namespace}{field.name}": (field.name, _reader(field.type, namespace)) for field in record.fields}

    def read(element: etree._Element) -> dict[str, Any]:
        content = {}
        for child in element:
            entry = table.get(child.tag)  # type: ignore[arg-type]  # without comments a tag is a str
            if entry is not None:  # else the ds:Signature, which the dict does not show
                content[entry[0]] = entry[1](child)
        return content

    return read


def _list(item: Field, namespace: str) -> _Reader:
    read_item = _reader(item.type, namespace)
    return lambda element: [read_item(child) for child in element]


def salvage(spec: MessageSpec, root: etree._Element) -> dict[str, Any]:
    """Read what can be read of a document that the schema refused, so that codes and rules can be judged too.

    What is missing, unknown or no value of its type is left out; in a list such an entry is None, so
    that the others keep their numbers.
    """
    return {spec.name: _salvage_record(spec.content, root, f"{{{spec.namespace}}}")}


def _salvage_record(record: Record, element: etree._Element, namespace: str) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for field in record.fields:
        child = next(element.iterchildren(f"{namespace}{field.name}"), None)
        value = None if child is None else _salvage(field.type, child, namespace)
        if value is not None:
            content[field.name] = value
    return content


def _salvage(item: Simple | Record, element: etree._Element, namespace: str) -> Any:
    if isinstance(item, Record):
        if item.item is None:
            return _salvage_record(item, element, namespace)
        entries = element.iterchildren(f"{namespace}{item.item.name}")
        return [_salvage(item.item.type, entry, namespace) for entry in entries]
    try:
        return VALUE_KINDS[item.kind].from_text(element.text or "")
    except (ValueError, OverflowError):
        return None
