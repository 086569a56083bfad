"""The digest that names a message by its content: SHA-256 of its exclusive canonical form."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from exchange.errors import Refused
from exchange.xml import parsing
from exchange.xml.canonical_bytes import CanonicalChildren
from exchange.xml.reading import Reading
from exchange.xml.writer import DECLARATION

_START = len(DECLARATION)
_BEGINNING = f"{DECLARATION}<".encode()
_ELEMENTS = CanonicalChildren()


def canonical_sha256(source: bytes | Any, reading: Reading | None = None) -> str:
    """Return the SHA-256, as hexadecimal digits, of a message's exclusive canonical form (W3C xml-exc-c14n, no comments).

    `source` is the bytes of a document, or a message's element as xmlio read it, wherever it stands in its tree. The
    digest is the same for a message alone and in a delivery, with and without declaration, in every encoding; another
    prefix or other white space makes another. A ds:Signature in the message counts.

    `reading` is what a document holds that a schema accepted: if its bytes are the canonical form already, no tree is made.
    Raises Refused for bytes that cannot be read.
    """
    if reading is not None and (reading.canonical or _is_canonical(source)):
        return sha256(memoryview(source)[_START:]).hexdigest()
    return sha256(parsing.canonical_form(source)).hexdigest()


def judged_sha256(data: bytes, reading: Reading | None) -> str | None:
    """Return the digest of a message that was judged; `reading` is what it holds, None if it is not accepted. None without canonical form."""
    try:
        return canonical_sha256(data, reading)
    except Refused:
        return None


def _is_canonical(data: bytes) -> bool:
    is_usual = data.startswith(_BEGINNING) and data.endswith(b">")
    return is_usual and _ELEMENTS.are_in(data[_START:], "", most_tags=2 * parsing.MAX_ELEMENTS)
