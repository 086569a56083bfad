"""Says why a digest does not fit: which other form of the document, or which other digest, was signed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from hashlib import new
from typing import Any, Literal, NamedTuple

from exchange.errors import Refused
from exchange.signatures import algorithms, shape
from exchange.signatures.differences import Known, differences, no_values, one_value
from exchange.xml import parsing

Reason = Literal[
    "re-indented",
    "rewritten",
    "c14n",
    "comments",
    "bytes",
    "encoding",
    "algorithm",
    "value",
    "content",
    "places",
    "original",
]
"""What became of a document: white space was put in; prefixes, namespaces or layout are others than the builder's;
inclusive C14N, or comments too, or the bare bytes were signed; UTF-8 was taken for ISO-8859-1; another digest was
used than is said; one value is another; or none of these, so that the content itself is another, at the places
where it differs from the original if that is known. Or that original is not what was signed either."""

_DIGESTS = ("sha256", "sha384", "sha512", "sha1", "md5")


class Explanation(NamedTuple):
    """Why a digest does not fit, and where the document differs from what was signed, as far as that is known."""

    reason: Reason
    paths: tuple[str, ...] = ()


def explain(
    data: bytes, rebuilt: bytes | None, original: bytes | None = None, known: Known = no_values
) -> Explanation | None:
    """Explain why the digest in a signature is not the document's; None if it is, or if nothing can be compared.

    `rebuilt` is the content as the builder writes it, None if it is no message; `original` the document as it was before,
    signed or not; `known` gives the values that an element may have. An explanation makes no document valid: it shows a
    sender what went wrong. It needs no cryptography. A document that is too large to be read whole is not explained.
    """
    try:
        root, form = _opened(data)
        if form is None:
            return None
        content = parsing.canonical_form(root.getroottree())
    except Refused:
        return None
    named = algorithms.DIGESTS[form.digest_method]
    if _digest(content, named) == form.digest:
        return None
    where = None if original is None else _beside(root, original, form)
    place = None if where is not None else one_value(root, known, lambda data: _digest(data, named) == form.digest)
    if place is not None:
        return Explanation("value", (place,))
    for reason, candidate in ((None, content), *_candidates(data, root, content, rebuilt)):
        for name in (named, *_DIGESTS):
            if _digest(candidate, name) == form.digest:
                return Explanation(reason or "algorithm")
    return where or Explanation("content")


class SignedDigest(NamedTuple):
    """The digest that a signature says was signed: hashlib's name of its algorithm, its value."""

    name: str
    value: bytes


def signed_digest(signature: bytes) -> SignedDigest:
    """Read the digest from a ds:Signature that is a document of its own. Raises Refused."""
    form = shape.read(parsing.open_whole(signature))
    return SignedDigest(algorithms.DIGESTS[form.digest_method], form.digest)


def _opened(data: bytes) -> tuple[Any, shape.Form | None]:
    """Return a document's tree without its signature, and the signature's form."""
    root = parsing.open_whole(data)
    signature = shape.find(root)
    if signature is None:
        return root, None
    form = shape.read(signature)
    shape.take_out(signature)
    return root, form


def _beside(root: Any, original: bytes, form: shape.Form) -> Explanation:
    """Say where a document is another than its original, if that is what was signed."""
    try:
        before, _ = _opened(original)
        signed = _digest(parsing.canonical_form(before.getroottree()), algorithms.DIGESTS[form.digest_method])
    except Refused:
        return Explanation("original")
    return Explanation("places", tuple(differences(root, before))) if signed == form.digest else Explanation("original")


def _digest(data: bytes, name: str) -> bytes:
    return new(name, data, usedforsecurity=False).digest()


def _candidates(data: bytes, root: Any, content: bytes, rebuilt: bytes | None) -> Iterator[tuple[Reason, bytes]]:
    """Yield what may have been signed instead of the content. The tree is changed meanwhile."""
    yield "c14n", parsing.canonical_form(root.getroottree(), exclusive=False)
    yield "comments", parsing.canonical_form(root.getroottree(), comments=True)
    start, end = data.rfind(b"<ds:Signature "), data.rfind(b"</ds:Signature>")
    if 0 <= start < end:
        yield "bytes", data[:start] + data[end + len(b"</ds:Signature>") :]
    with suppress(UnicodeEncodeError):  # it holds what ISO-8859-1 does not
        yield "encoding", content.decode().encode("latin-1")
    for element in root.iter("*"):
        if next(element.iterchildren("*"), None) is not None:
            element.text = (element.text or "").strip() or None
        element.tail = (element.tail or "").strip() or None
    yield "re-indented", parsing.canonical_form(root.getroottree())
    if rebuilt is not None:
        yield "rewritten", parsing.canonical_form(rebuilt)
