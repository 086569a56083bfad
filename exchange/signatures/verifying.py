"""Verifies a signed document, from its form to its signer; only what was signed is given back."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import new
from typing import IO

from exchange import signature_kinds as kinds
from exchange import xmlio
from exchange.c14n import walk
from exchange.encode import DECLARATION
from exchange.errors import Refused
from exchange.signatures import certificates, keys, shape
from exchange.signatures.trust import Trust, Verified


def verified(data: bytes, trust: Trust, at: datetime) -> Verified:
    """Verify a document; see `exchange.verify`.

    What is hashed is worked out here, never chosen by the signature: the whole document without it. The signature
    must say that it means exactly this.
    """
    _must_say_where(at)
    try:
        root = xmlio.open_whole(data)
        signature = shape.find(root)
        if signature is None:
            return Verified("unsigned", (kinds.MISSING.found(),), at)
        form = shape.read(signature)
        shape.take_out(signature)
        content = xmlio.canonical_form(root.getroottree())
    except Refused as refused:
        return Verified("invalid", (refused.finding,), at)
    result = _judged(form, {form.digest_method: keys.digest(content, shape.DIGESTS[form.digest_method])}, trust, at)
    return replace(result, content=DECLARATION.encode() + content) if result.ok else result


def verified_stream(chunks: Iterable[bytes], trust: Trust, at: datetime, out: IO[bytes] | None) -> Verified:
    """Verify a document of any size as `verified` does, in the memory of a tag; what was signed is written to `out`.

    Nothing in `out` is to be used unless the result is valid. What the reader of messages refuses beyond that, comments in
    values and many elements, is not looked for: the content that is written has no comments.
    """
    _must_say_where(at)
    digests = {uri: new(name) for uri, name in shape.DIGESTS.items()}
    sinks: list[Callable[[bytes], object]] = [digest.update for digest in digests.values()]
    if out is not None:
        out.write(DECLARATION.encode())
        sinks.append(out.write)

    def write(data: bytes) -> None:
        for sink in sinks:
            sink(data)

    try:
        walked = walk(chunks, write)
        if not walked.lines:
            return Verified("unsigned", (kinds.MISSING.found(),), at)
        if len(walked.lines) > 1:
            raise Refused(kinds.REPEATED.found(words={"found": len(walked.lines)}, line=walked.lines[1]))
        if walked.signature is None or not walked.last:
            raise Refused(kinds.MISPLACED.found("/Signature", line=walked.lines[0]))
        form = shape.read(xmlio.open_whole(walked.signature))
    except Refused as refused:
        return Verified("invalid", (refused.finding,), at)
    return _judged(form, {uri: digest.digest() for uri, digest in digests.items()}, trust, at)


def _must_say_where(at: datetime) -> None:
    if at.tzinfo is None:
        raise ValueError("at: a time without an offset; expected an aware datetime")


def _judged(form: shape.Form, digests: Mapping[str, bytes], trust: Trust, at: datetime) -> Verified:
    """Judge a signature whose form is right, from the digests of the content by algorithm; give no content."""
    (sort, name), algorithms = shape.METHODS[form.method], (form.method, form.digest_method)
    signed_info = xmlio.canonical_form(form.signed_info)
    leaf = certificates.load(form.certificate)
    if leaf is None:
        place = "/Signature/KeyInfo/X509Data/X509Certificate"
        unreadable = kinds.UNREADABLE.found(place, {"expected": "a certificate", "ventet": "et certifikat"})
        return Verified("invalid", (unreadable,), at, algorithms=algorithms)
    signer = certificates.signer(leaf)
    findings = []
    if keys.sort_of(leaf.public_key()) != sort:
        findings.append(kinds.WEAK_KEY.found("/Signature/SignatureValue", {"expected": keys.STRONG}))
    elif not keys.is_of(leaf.public_key(), form.value, signed_info, name):
        findings.append(kinds.WRONG.found("/Signature/SignatureValue"))
    if not hmac.compare_digest(digests[form.digest_method], form.digest):
        findings.append(kinds.CHANGED.found())
    if findings:
        return Verified("invalid", tuple(findings), at, None, signer, algorithms)
    findings, revocation = certificates.judge(leaf, trust, at)
    if any(finding.severity == "error" for finding in findings):
        return Verified("untrusted", tuple(findings), at, None, signer, algorithms, revocation)
    return Verified("valid", tuple(findings), at, None, signer, algorithms, revocation)
