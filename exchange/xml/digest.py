"""The digest that names a message by its content: SHA-256 of its exclusive canonical form."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from exchange.errors import Refused
from exchange.findings.finding import Report
from exchange.model.catalog import Catalog, Version
from exchange.xml import parsing
from exchange.xml.codec import codec
from exchange.xml.writer import DECLARATION

_START = len(DECLARATION)


def canonical_sha256(source: bytes | Any, version: Version | None = None) -> str:
    """Give the SHA-256, as hexadecimal digits, of a message's exclusive canonical form (W3C xml-exc-c14n, no comments).

    `source` is the bytes of a document, or a message's element as xmlio read it, wherever it stands in its tree. The
    digest is the same for a message alone and in a delivery, with and without declaration, in every encoding; another
    prefix or other white space makes another. A ds:Signature in the message counts.

    `version` says that the bytes are a document which this version's schema accepted: laid out as the builder lays
    them out, they are the canonical form already, and no tree is made. Raises Refused for bytes that cannot be read.
    """
    if version and _is_canonical(source, version):
        return sha256(memoryview(source)[_START:]).hexdigest()
    return sha256(parsing.canonical_form(source)).hexdigest()


def judged_sha256(catalog: Catalog, data: bytes, document: Mapping[str, Any] | None, report: Report) -> str | None:
    """Give the digest of a message that was judged, from what came of that; None if it has no canonical form."""
    try:
        return canonical_sha256(data, None if document is None else catalog.version_of(report))
    except Refused:
        return None


def _is_canonical(source: bytes | Any, version: Version) -> bool:
    # A bare `>` in a text is well-formed, and read the same; only the canonical form writes it otherwise.
    if not isinstance(source, bytes) or source.count(b"<") != source.count(b">"):
        return False
    return codec(version).read_canonical(source) is not None
