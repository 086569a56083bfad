"""Opens a document: it is read safely, its version is found, and the schema is asked."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from exchange.errors import Refused
from exchange.findings import kinds
from exchange.findings.finding import Finding
from exchange.model.catalog import NAMESPACE, Catalog, Version, Versions
from exchange.model.representation import without
from exchange.validation.rules import leverance
from exchange.xml import parsing
from exchange.xml.codec import codec
from exchange.xml.positions import Positions


class OpenedDocument(NamedTuple):
    """A document whose version is known, its bytes in UTF-8. `accepted`: by the schema, None where libxml2 gave up, at `given_up_at`."""

    version: Version
    data: bytes
    root: Any
    accepted: bool | None
    given_up_at: Any = None

    def __repr__(self) -> str:
        return without(self, "data", "root", "given_up_at")


def open_and_check(catalog: Versions, data: bytes) -> OpenedDocument:
    """Read a document safely, find its version, and ask the schema. Raises Refused if it is turned away before that."""
    data, root = parsing.open_document(data)
    version = catalog.by_tag.get(root.tag)
    if version is None:
        raise Refused(_unknown(catalog, root.tag).placed(Positions(data, root).of_root))
    try:
        return OpenedDocument(version, data, root, codec(version).judge.accepts(root))
    except parsing.Undecided as undecided:
        return OpenedDocument(version, data, root, None, undecided.element)


def _unknown(catalog: Versions, tag: str) -> Finding:
    if isinstance(catalog, Catalog) and tag in catalog.deliveries.by_tag:
        return leverance.UNEXPECTED.found()
    namespace, _, name = tag.rpartition("}")
    known = catalog.of(name)
    if known and re.fullmatch(rf"{{{NAMESPACE}:{name.lower()}:[0-9]{{1,9}}", namespace):
        return version_unknown(catalog, name)
    return message_unknown(catalog)


def version_unknown(catalog: Versions, name: str) -> Finding:
    """Return the finding for a version that a message of the catalog does not have."""
    return kinds.VERSION_UNKNOWN.found(f"/{name}", {"expected": ", ".join(str(v.version) for v in catalog.of(name))})


def message_unknown(catalog: Versions) -> Finding:
    """Give the finding for a document that is none of the catalog's messages."""
    return kinds.MESSAGE_UNKNOWN.found(
        words={"expected": ", ".join(f"{v.name} ({v.namespace})" for v in catalog.versions)}
    )
