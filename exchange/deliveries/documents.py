"""Signs, verifies, explains and digests a document of either kind: a message in memory, a delivery as a stream."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Unpack

from exchange import signatures
from exchange.deliveries.signing import explain_delivery, sign_delivery, verify_delivery
from exchange.deliveries.start_tags import is_delivery, root_of
from exchange.errors import InvalidMessage, Refused
from exchange.files.sources import Source, begin, chunks, read
from exchange.model.catalog import Catalog, shipped
from exchange.model.spec import Simple
from exchange.signatures import Explanation, SignerOptions, Trust, Verified
from exchange.signatures.differences import Known
from exchange.validation.building import build
from exchange.validation.pipeline import DEFAULT_OPTIONS, FROM_DICT, judge_document, refusal
from exchange.xml.c14n import canonicalize
from exchange.xml.digest import canonical_sha256


def sign_document(
    source: Source,
    out: IO[bytes],
    key: signatures.Key,
    certificate: signatures.Certificate | None = None,
    *,
    force: bool = False,
    catalog: Catalog | None = None,
    **options: Unpack[SignerOptions],
) -> None:
    """Write a document to `out` as `exchange.sign` signs it, a delivery of any size. Raises as `exchange.sign`.

    A delivery that is given as bytes or Path takes the memory of a tag; what was written to `out` when an exception is
    raised is worth nothing.
    """
    catalog = catalog or shipped()
    source, head = begin(source)
    try:
        if is_delivery(catalog, head):
            whole = source if isinstance(source, bytes | Path) else read(source)
            sign_delivery(whole, out, key, certificate, force=force, catalog=catalog, **options)
            return
        data = read(source)
        report = None if force else judge_document(catalog, data, DEFAULT_OPTIONS)[0]
        if report is None or report.ok:
            out.write(signatures.sign(data, signatures.opened(key, certificate, **options)))
            return
    except Refused as refused:
        report = refusal(refused.finding)[0]
    raise InvalidMessage(report)


def verify_document(
    source: Source, trust: Trust, *, at: datetime, out: IO[bytes] | None = None, catalog: Catalog | None = None
) -> Verified:
    """Verify a document as `exchange.verify` does, a delivery of any size.

    A message's content is in the result. A delivery's is written to `out`, to be thrown away unless the result is valid.
    """
    source, head = begin(source)
    if is_delivery(catalog or shipped(), head):
        return verify_delivery(source, trust, at=at, out=out)
    try:
        data = read(source)
    except Refused as refused:
        return Verified("invalid", (refused.finding,), at)
    return signatures.verify(data, trust, at)


def explain_document(
    source: bytes | Path, original: bytes | Path | None = None, *, catalog: Catalog | None = None
) -> Explanation | None:
    """Explain why the digest in a signature is not the document's; None if it is, or if no reason is found.

    `original` is the document as it was before, signed or not. An explanation makes no document valid: it shows a sender
    what went wrong. Raises OSError as `exchange.parse`.
    """
    catalog = catalog or shipped()
    why: Explanation | None = None
    with suppress(Refused):
        data = read(source)
        before = None if original is None else read(original)
        why = signatures.explain(data, _rebuilt(catalog, data), before, _known(catalog, data))
    if why is None and original is not None and is_delivery(catalog, begin(source)[1]):
        why = explain_delivery(source, original)
    return why


def digest_document(source: bytes | Path, *, catalog: Catalog | None = None) -> str:
    """Return the SHA-256 of a document's exclusive canonical form in hexadecimal digits, by which its receipt names it.

    Raises InvalidMessage for a document that cannot be read, OSError as `exchange.parse`.
    """
    try:
        if not is_delivery(catalog or shipped(), begin(source)[1]):
            return canonical_sha256(read(source))
        digest = sha256()
        canonicalize(chunks(source), digest.update, whole=True)
    except Refused as refused:
        raise InvalidMessage(refusal(refused.finding)[0]) from None
    return digest.hexdigest()


def _known(catalog: Catalog, data: bytes) -> Known:
    """Return the function that gives the values which the schema and the code lists allow a message's element."""
    version = catalog.by_tag.get(root_of(begin(data)[1]) or "")

    def values(path: str) -> Iterable[str]:
        field = version.fields.get(path) if version else None
        if field is None or not isinstance(field.type, Simple) or field.type.confidential:
            return ()
        if field.type.code_list:
            return (code.kode for code in catalog.lists[field.type.code_list])
        if field.type.minimum is not None and field.type.maximum is not None:
            return map(str, range(field.type.minimum, field.type.maximum + 1))
        return ("true", "false") if field.type.kind == "boolean" else field.type.choices

    return values


def _rebuilt(catalog: Catalog, data: bytes) -> bytes | None:
    """Return a message's content as the builder writes it; None if it is not accepted."""
    report, reading = judge_document(catalog, data, DEFAULT_OPTIONS)
    if not report.ok or reading is None:
        return None
    built, (report, _) = build(catalog, reading.document(), FROM_DICT)
    return built if report.ok else None
