"""Says why a digest does not fit: which other form of the document, or which other digest, was signed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from hashlib import new
from typing import Any, Literal

from exchange import xmlio
from exchange.errors import Refused
from exchange.signatures import shape

Reason = Literal["re-indented", "rewritten", "c14n", "comments", "bytes", "encoding", "algorithm", "content"]
"""What became of a document: white space was put in; prefixes, namespaces or layout are others than the builder's;
inclusive C14N, or comments too, or the bare bytes were signed; UTF-8 was taken for ISO-8859-1; another digest was
used than is said; or none of these, so that the content itself is another."""

_DIGESTS = ("sha256", "sha384", "sha512", "sha1", "md5")


def why(data: bytes, rebuilt: bytes | None) -> Reason | None:
    """Say why the digest in a signature is not the document's; None if it is, or if nothing can be compared.

    `rebuilt` is the content as the builder writes it, None if it is no message. Nothing said here makes a document
    valid: it tells a sender what went wrong.
    """
    try:
        root = xmlio.open_whole(data)
        signature = shape.find(root)
        if signature is None:
            return None
        form = shape.read(signature)
        shape.take_out(signature)
        content = xmlio.canonical_form(root.getroottree())
    except Refused:
        return None
    named = shape.DIGESTS[form.digest_method]
    if _digest(content, named) == form.digest:
        return None
    for reason, candidate in ((None, content), *_candidates(data, root, content, rebuilt)):
        for name in (named, *_DIGESTS):
            if _digest(candidate, name) == form.digest:
                return reason or "algorithm"
    return "content"


def _digest(data: bytes, name: str) -> bytes:
    return new(name, data, usedforsecurity=False).digest()


def _candidates(data: bytes, root: Any, content: bytes, rebuilt: bytes | None) -> Iterator[tuple[Reason, bytes]]:
    """Give what may have been signed instead of the content. The tree is changed on the way."""
    yield "c14n", xmlio.canonical_form(root.getroottree(), exclusive=False)
    yield "comments", xmlio.canonical_form(root.getroottree(), comments=True)
    start, end = data.rfind(b"<ds:Signature "), data.rfind(b"</ds:Signature>")
    if 0 <= start < end:
        yield "bytes", data[:start] + data[end + len(b"</ds:Signature>") :]
    with suppress(UnicodeEncodeError):  # it holds what ISO-8859-1 does not
        yield "encoding", content.decode().encode("latin-1")
    for element in root.iter("*"):
        if next(element.iterchildren("*"), None) is not None:
            element.text = (element.text or "").strip() or None
        element.tail = (element.tail or "").strip() or None
    yield "re-indented", xmlio.canonical_form(root.getroottree())
    if rebuilt is not None:
        yield "rewritten", xmlio.canonical_form(rebuilt)
