"""Verifies a signed document, from its form to its signer; only what was signed is given back."""

from __future__ import annotations

import hmac
from datetime import datetime

from exchange import signature_kinds as kinds
from exchange import xmlio
from exchange.encode import DECLARATION
from exchange.errors import Refused
from exchange.signatures import certificates, keys, shape
from exchange.signatures.trust import Trust, Verified


def verified(data: bytes, trust: Trust, at: datetime) -> Verified:
    """Verify a document; see `exchange.verify`.

    What is hashed is worked out here, never chosen by the signature: the whole document without it. The signature
    must say that it means exactly this.
    """
    if at.tzinfo is None:
        raise ValueError("at: a time without an offset; expected an aware datetime")
    try:
        root = xmlio.open_whole(data)
        signature = shape.find(root)
        if signature is None:
            return Verified("unsigned", (kinds.MISSING.found(),), at)
        form = shape.read(signature)
        signed_info = xmlio.canonical_form(form.signed_info)
        shape.take_out(signature)
        content = xmlio.canonical_form(root.getroottree())
    except Refused as refused:
        return Verified("invalid", (refused.finding,), at)
    (sort, name), digest_name = shape.METHODS[form.method], shape.DIGESTS[form.digest_method]
    algorithms = (form.method, form.digest_method)
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
    if not hmac.compare_digest(keys.digest(content, digest_name), form.digest):
        findings.append(kinds.CHANGED.found())
    if findings:
        return Verified("invalid", tuple(findings), at, None, signer, algorithms)
    findings, revocation = certificates.judge(leaf, trust, at)
    if any(finding.severity == "error" for finding in findings):
        return Verified("untrusted", tuple(findings), at, None, signer, algorithms, revocation)
    return Verified("valid", tuple(findings), at, DECLARATION.encode() + content, signer, algorithms, revocation)
