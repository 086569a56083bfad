"""Verifies a signed document, from its form to its signer; only what was signed is given back."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import new
from typing import IO

from cryptography.hazmat.primitives.serialization import Encoding

from exchange.errors import Refused
from exchange.findings import signature_kinds as kinds
from exchange.findings.finding import Finding, Position
from exchange.model.spec import DSIG
from exchange.signatures import algorithms, certificates, keys, loading, revocation, shape
from exchange.signatures.trust import RevocationState, Trust, Verified
from exchange.xml import parsing
from exchange.xml.c14n import canonicalize
from exchange.xml.positions import Positions, element_at
from exchange.xml.writer import DECLARATION

MOST_SIGNERS = 3
"""So many certificates of the key that has signed are tried: for each a path is looked for, which a stranger can make long."""


def verified(data: bytes, trust: Trust, at: datetime) -> Verified:
    """Verify a document; see `exchange.verify`.

    What is hashed is worked out here, never chosen by the signature: the whole document without it. The signature
    must say that it means exactly this.
    """
    return _placed(_verified(data, trust, at), lambda finding: _position(data, finding))


def _verified(data: bytes, trust: Trust, at: datetime) -> Verified:
    trusted = _ready(trust, at)
    try:
        root = parsing.open_whole(data)
        signature = shape.find(root)
        if signature is None:
            return Verified("unsigned", (kinds.MISSING.found(),), at)
        form = shape.read(signature)
        shape.take_out(signature)
        content = parsing.canonical_form(root.getroottree())
        digest = keys.digest(content, algorithms.DIGESTS[form.digest_method])
    except Exception as error:  # noqa: BLE001  # whatever a document makes a parser raise, it is not to be believed
        return _invalid(error, at)
    result = _judged(form, {form.digest_method: digest}, trust, trusted, at)
    return replace(result, content=DECLARATION.encode() + content) if result.ok else result


def verified_stream(chunks: Iterable[bytes], trust: Trust, at: datetime, out: IO[bytes] | None) -> Verified:
    """Verify a document of any size as `verified` does, in the memory of a tag; what was signed is written to `out`.

    Nothing in `out` is to be used unless the result is valid. What the reader of messages refuses beyond that, comments in
    values and many elements, is not looked for: the content that is written has no comments. Raises what reading the
    chunks and writing to `out` raise.
    """
    trusted = _ready(trust, at)
    outside = _Outside(chunks, out)
    digests = {uri: new(name) for uri, name in algorithms.DIGESTS.items()}
    sinks: list[Callable[[bytes], object]] = [digest.update for digest in digests.values()]
    if out is not None:
        outside.write(DECLARATION.encode())
        sinks.append(outside.write)

    def write(data: bytes) -> None:
        for sink in sinks:
            sink(data)

    begin: Position | None = None
    try:
        canonicalized = canonicalize(outside.read(), write)
        if not canonicalized.signatures:
            return Verified("unsigned", (kinds.MISSING.found(),), at)
        begin = canonicalized.signatures[0]
        if canonicalized.of_messages:
            raise Refused(kinds.OF_MESSAGES.found(words={"found": canonicalized.of_messages}))
        if len(canonicalized.signatures) > 1:
            raise Refused(
                kinds.REPEATED.found(words={"found": len(canonicalized.signatures)}, at=canonicalized.signatures[1])
            )
        if canonicalized.signature is None or not canonicalized.last:
            raise Refused(kinds.MISPLACED.found("/Signature"))
        form = shape.read(parsing.open_whole(canonicalized.signature))
    except Exception as error:  # as above; what is not the document's fault goes on
        if outside.failed:
            raise
        result = _invalid(error, at)
    else:
        result = _judged(form, {uri: digest.digest() for uri, digest in digests.items()}, trust, trusted, at)
    # The signature was taken out in canonical form, so only its beginning is known.
    return _placed(result, lambda _: begin)


def _placed(result: Verified, position: Callable[[Finding], Position | None]) -> Verified:
    """Return a result with the positions of what its findings say about a signature."""
    findings = (
        each.placed(position(each))
        if each.position is None and (each.path or each.code == kinds.REPEATED.code)
        else each
        for each in result.findings
    )
    return replace(result, findings=tuple(findings))


def _position(data: bytes, finding: Finding) -> Position | None:
    """Return where in a document the element begins that a finding about its signature names."""
    try:
        root = parsing.open_whole(data)
        first, *more = root.iter(f"{{{DSIG}}}Signature")
    except Exception:  # noqa: BLE001  # whatever a document makes a parser raise; then there is no position
        return None
    element = more[0] if finding.code == kinds.REPEATED.code and more else element_at(first, DSIG, finding.path)
    return Positions(parsing.to_utf8(data), root).of(element)


class _Outside:
    """The caller's stream and file, which may raise what they like: `failed` tells that from what a document causes."""

    def __init__(self, chunks: Iterable[bytes], out: IO[bytes] | None) -> None:
        self.failed = False
        self._chunks = chunks
        self._out = out

    def read(self) -> Iterator[bytes]:
        try:
            yield from self._chunks
        except Exception:
            self.failed = True
            raise

    def write(self, data: bytes) -> None:
        assert self._out is not None  # noqa: S101  # else nothing is written
        try:
            self._out.write(data)
        except Exception:
            self.failed = True
            raise


def _ready(trust: Trust, at: datetime) -> certificates.Trusted:
    """Read what the caller gives beside the document. Raises ConfigurationError, ValueError for a time without an offset."""
    if at.tzinfo is None:
        raise ValueError("at: a time without an offset; expected an aware datetime")
    return certificates.trusted(trust)


def _invalid(error: Exception, at: datetime) -> Verified:
    """Return the result for a document that cannot be verified. What the exception says may quote it, and stays here."""
    if isinstance(error, shape.Faults):
        return Verified("invalid", tuple(error.findings), at)
    if isinstance(error, Refused):
        return Verified("invalid", (error.finding,), at)
    words = {"present": "?", "fundet": "?", "expected": "one that can be read", "ventet": "en, der kan læses"}
    return Verified("invalid", (kinds.SHAPE.found("/Signature", words),), at)


def _judged(
    form: shape.Form, digests: Mapping[str, bytes], trust: Trust, trusted: certificates.Trusted, at: datetime
) -> Verified:
    """Judge a signature whose form is right, from the digests of the content by algorithm; give no content."""
    used = (form.method, form.digest_method)
    found = [parsed for der in form.certificates if (parsed := loading.strangers(der)) is not None]
    if not found:
        place = "/Signature/KeyInfo/X509Data/X509Certificate"
        unreadable = kinds.UNREADABLE.found(place, {"expected": "a certificate", "ventet": "et certifikat"})
        return Verified("invalid", (unreadable,), at, algorithms=used)
    try:
        signed_info = parsing.canonical_form(form.signed_info)
        # They stand in any order (XML Signature, 4.5.4): the signer's is one whose key has signed. If there are several, as after
        # a renewal, it is first the one that the signed properties name.
        signers = [each for each in found if _is_of(each, form, signed_info)]
        candidates = [(each, _wrong(form, digests, each, is_signed=each in signers)) for each in signers or found[:1]]
    except Exception as error:  # noqa: BLE001  # whatever a signature or a certificate makes a library raise
        return replace(_invalid(error, at), signer=found[0].signer, algorithms=used)
    results = []
    for leaf, wrong in sorted(candidates, key=lambda candidate: bool(candidate[1]))[:MOST_SIGNERS]:
        beside = tuple(each for each in found if each is not leaf)
        results.append(_believed(form, leaf, beside, wrong, trust, trusted, at))
        if results[-1].ok:
            return results[-1]
    return results[0]


def _believed(
    form: shape.Form,
    leaf: loading.ParsedCertificate,
    beside: tuple[loading.ParsedCertificate, ...],
    wrong: list[Finding],
    trust: Trust,
    trusted: certificates.Trusted,
    at: datetime,
) -> Verified:
    """Judge one certificate as the signer's; `wrong` is what keeps the signature from being this one's."""
    used = (form.method, form.digest_method)
    if wrong:
        return Verified("invalid", tuple(wrong), at, None, leaf.signer, used)
    try:
        findings, path = certificates.judge(leaf, beside, trusted, at)
    except Exception as error:  # noqa: BLE001  # as above
        return replace(_invalid(error, at), signer=leaf.signer, algorithms=used)
    state: RevocationState = "not-checked"
    if path:
        # Not in the `try`: what is asked elsewhere may fail, and that is no fault of the document's.
        more, state = revocation.states(path, trusted.lists, trust.revocation, at)
        findings += more
    trusts = not any(finding.severity == "error" for finding in findings)
    time = None if form.properties is None else form.properties.time
    return Verified("valid" if trusts else "untrusted", tuple(findings), at, None, leaf.signer, used, state, time)


def _is_of(leaf: loading.ParsedCertificate, form: shape.Form, signed_info: bytes) -> bool:
    """True if the key of a certificate has made a signature."""
    sort, name = algorithms.METHODS[form.method]
    return keys.sort_of(leaf.public_key) == sort and keys.is_of(leaf.public_key, form.value, signed_info, name)


def _wrong(
    form: shape.Form, digests: Mapping[str, bytes], leaf: loading.ParsedCertificate, *, is_signed: bool
) -> list[Finding]:
    """Say what keeps a signature from being the certificate's, of this content."""
    findings = []
    if keys.sort_of(leaf.public_key) != algorithms.METHODS[form.method][0]:
        findings.append(kinds.WEAK_KEY.found("/Signature/SignatureValue", {"expected": keys.STRONG}))
    elif not is_signed:
        findings.append(kinds.WRONG.found("/Signature/SignatureValue"))
    if not hmac.compare_digest(digests[form.digest_method], form.digest):
        findings.append(kinds.CHANGED.found())
    return findings + list(_wrong_properties(form.properties, leaf))


def _wrong_properties(properties: shape.Properties | None, leaf: loading.ParsedCertificate) -> Iterator[Finding]:
    """Say what is wrong with the properties that are signed beside the document."""
    if properties is None:
        return
    own = "/Signature/Object/QualifyingProperties/SignedProperties"
    content = parsing.canonical_form(properties.element)
    if not hmac.compare_digest(keys.digest(content, algorithms.DIGESTS[properties.digest_method]), properties.digest):
        yield kinds.PROPERTIES_CHANGED.found(own)
    digest = keys.digest(leaf.certificate.public_bytes(Encoding.DER), algorithms.DIGESTS[properties.certificate_method])
    if not hmac.compare_digest(digest, properties.certificate_digest):
        yield kinds.CERTIFICATE_DIFFERS.found(f"{own}/SignedSignatureProperties/SigningCertificateV2")
