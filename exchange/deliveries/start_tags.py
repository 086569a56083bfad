"""Reads start tags: what a document's root is and declares, and how a message cut out of a delivery stands alone."""

from __future__ import annotations

import re
from contextlib import suppress
from xml.parsers import expat

from exchange.errors import Refused
from exchange.model.catalog import NAMESPACE, Catalog
from exchange.xml import parsing

LARGE = 4_000_000
"""A delivery of so many bytes is judged block by block, not as one of many files."""

_NAME = re.compile(rb"<[^\s/>]+")


def declared(attributes: dict[str, str]) -> dict[str, str]:
    """Return the namespaces among a tag's attributes: `xmlns` and `xmlns:prefix`."""
    return {key: uri for key, uri in attributes.items() if key.split(":")[0] == "xmlns"}


def namespace_of(name: str, declared: dict[str, str]) -> str:
    """Return the namespace of an element by its name and what is declared there; empty for none."""
    prefix, colon, _ = name.rpartition(":")
    return declared.get(f"xmlns:{prefix}" if colon else "xmlns", "")


def with_namespaces(data: bytes, inherited: dict[str, str]) -> bytes:
    """Return a message with the declarations that it uses from the delivery's root, so that it stands alone."""
    from xml.sax.saxutils import quoteattr  # imports urllib

    used = [
        f" {key}={quoteattr(uri)}".encode()
        for key, uri in inherited.items()
        if key == "xmlns" or f"{key.removeprefix('xmlns:')}:".encode() in data
    ]
    return with_declarations(data, b"".join(used))


def with_declarations(element: bytes, declarations: bytes) -> bytes:
    """Put declarations of namespaces into an element's start tag, behind its name."""
    name = _NAME.match(element)
    return element if not declarations or name is None else name[0] + declarations + element[name.end() :]


def standing_alone(data: bytes, namespaces: dict[str, str]) -> bytes:
    """Return a message, cut out of a delivery in UTF-8 whose root declares `namespaces`, as a Scanner gives it."""
    own = _first_tag(data)[1]
    return with_namespaces(data, {key: uri for key, uri in namespaces.items() if key not in own})


class _Found(Exception):
    """The first start tag was seen."""


def _first_tag(head: bytes) -> tuple[str, dict[str, str]]:
    """Return name and attributes of a document's first tag; an empty name if it is not to be seen in these bytes."""
    found = ("", dict[str, str]())

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal found
        found = (name, attributes)
        raise _Found

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = begin
    with suppress(Refused, expat.ExpatError, _Found):
        codec, mark = parsing.codec_of(head)
        parser.Parse(head[mark:].decode(codec, "ignore").encode(), False)
    return found


def root_of(head: bytes) -> str | None:
    """Return the tag of a document's root, `{namespace}name`, from its first bytes; None if it is not to be seen there."""
    name, attributes = _first_tag(head)
    return f"{{{namespace_of(name, attributes)}}}{name.rpartition(':')[2]}" if name else None


def namespaces_of(head: bytes) -> dict[str, str]:
    """Return what a document's root declares, by `xmlns` and `xmlns:prefix`, from the document's first bytes."""
    return declared(_first_tag(head)[1])


def is_delivery(catalog: Catalog, head: bytes) -> bool:
    """True if a document, of which these are the first bytes, is a delivery, of a version known or not."""
    names = catalog.deliveries.names()
    plain = head.replace(b"\0", b"") if head[:2] in (b"\xff\xfe", b"\xfe\xff") else head
    if not any(name.encode() in plain for name in names):
        return False
    root = root_of(head) or ""
    return any(re.fullmatch(rf"{{{NAMESPACE}:{name.lower()}:[0-9]{{1,9}}}}{name}", root) for name in names)
