"""Signs and verifies deliveries of any size as streams: the same signature as a message's, in the memory of a tag."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from hashlib import new, sha256
from itertools import islice, zip_longest
from pathlib import Path
from typing import IO, Unpack

from exchange import signatures
from exchange.deliveries.reading import whole_report
from exchange.deliveries.scan import Scanner
from exchange.deliveries.start_tags import root_of
from exchange.errors import InvalidMessage, Refused, SigningRefused
from exchange.files.sources import HEAD, Passes, Source, begin, chunks, unchanged
from exchange.findings.finding import Ledger
from exchange.model.catalog import Catalog, shipped
from exchange.model.values import shown_name
from exchange.signatures import Explanation, SignerOptions, Trust, Verified
from exchange.signatures.differences import MOST, differences
from exchange.validation.pipeline import DEFAULT_OPTIONS, refusal
from exchange.xml import parsing
from exchange.xml.c14n import canonicalize


def sign_delivery(
    source: bytes | Path,
    out: IO[bytes],
    key: signatures.Key,
    certificate: signatures.Certificate | None = None,
    *,
    force: bool = False,
    catalog: Catalog | None = None,
    **options: Unpack[SignerOptions],
) -> None:
    """Write a delivery of any size to `out` with a ds:Signature as its last child, all other bytes as they are.

    The signature is over the whole delivery, as `exchange.sign` makes it, so that any verifier can check it, and no
    message can be put in, left out or moved. What is not accepted is not signed, unless `force`. Raises as `exchange.sign`
    does, and UnreadableSource for a file that changes meanwhile; what was written to `out` by then is worth nothing.
    """
    own = signatures.opened(key, certificate, **options)
    digest = sha256()
    # What is judged, what is digested and what is written are three passes over the same bytes.
    passes = Passes(source)
    with unchanged(source):
        if not force:
            report = whole_report(catalog or shipped(), source, DEFAULT_OPTIONS, passes)
            if not report.ok:
                raise InvalidMessage(report)
        try:
            canonicalized = canonicalize(passes.chunks(), digest.update)
            codec = parsing.codec_of(passes.read(0, HEAD))[0]
        except Refused as refused:
            raise InvalidMessage(refusal(refused.finding)[0]) from None
        if not passes.read(canonicalized.end, canonicalized.end + 4).startswith("</".encode(codec)):
            raise SigningRefused("the delivery is empty: there is nothing to sign")
        signature = signatures.sign_canonicalized(canonicalized, digest.digest(), own).encode(codec)
        left = canonicalized.end
        for chunk in passes.chunks():
            out.write(chunk[:left] + signature + chunk[left:] if 0 <= left < len(chunk) else chunk)
            left -= len(chunk)


def verify_delivery(source: Source, trust: Trust, *, at: datetime, out: IO[bytes] | None = None) -> Verified:
    """Verify a signed delivery of any size as `exchange.verify` does, in the memory of a tag.

    The result holds no content: what was signed is written to `out`, a document in UTF-8, and is to be thrown away
    unless the result is valid. Raises as `exchange.verify`, and UnreadableSource for a file that is seen to change
    meanwhile; it is read once, so what is written is what was verified in any case.
    """
    with unchanged(source):
        # The first bytes say the encoding: a stream that gives one after another is waited for.
        return signatures.verify_stream(chunks(begin(source)[0]), trust, at, out)


def explain_delivery(source: Source, original: Source) -> Explanation | None:
    """Say where a delivery, whose digest does not fit its signature, is another than its original; None if it has none that fits.

    At most MOST places are listed, with paths like `/leverance/samtale[3]/form`. Raises OSError as `exchange.parse`.
    """
    try:
        canonicalized = canonicalize(chunks(source), lambda _: None)
        signed = signatures.signed_digest(canonicalized.signature or b"")
        digest = new(signed.name)
        canonicalize(chunks(original), digest.update)
    except Refused:
        return None
    if digest.digest() != signed.value:
        return Explanation("original")
    return Explanation("places", tuple(islice(_places(source, original), MOST)))


def _places(source: Source, original: Source) -> Iterator[str]:
    one, other = Scanner(chunks(source), Ledger()), Scanner(chunks(original), Ledger())
    numbers: Counter[str] = Counter()
    for number, (own, their) in enumerate(zip_longest(one.messages(), other.messages())):
        if number == 0:
            yield from _places_in(one.head, other.head)
        present = own or their
        name = shown_name((root_of(present.data or b"") or "?").rpartition("}")[2])
        numbers[name] += 1
        above = f"/leverance/{name}[{numbers[name]}]"
        if own is None or their is None:
            yield above
        elif own.data != their.data:
            yield from (above + path.removeprefix(f"/{name}") for path in _places_in(own.data, their.data))


def _places_in(one: bytes | None, other: bytes | None) -> list[str]:
    """Return the paths at which two documents differ; that of the whole where one cannot be read."""
    try:
        return differences(parsing.open_whole(one or b""), parsing.open_whole(other or b""))
    except Refused:
        return [""]
