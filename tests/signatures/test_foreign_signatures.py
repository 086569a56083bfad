"""Signatures that others make in other ways: every fault at once, with what was found and what is expected."""

from __future__ import annotations

import re

import pytest
from support.signing_cases import AT, C14N, carrying, codes, message, resigned, signed, trust, verified

import exchange
from exchange.signatures.algorithms import RSA_PSS

WHOLE = signed()
DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE, INCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED = f"{DS}enveloped-signature"
ECDSA = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"


def transform(uri: str) -> bytes:
    return f'<ds:Transform Algorithm="{uri}"></ds:Transform>'.encode()


def test_every_fault_of_a_signature_is_found_at_once() -> None:
    data = (
        WHOLE.replace(f'Method Algorithm="{EXCLUSIVE}"'.encode(), f'Method Algorithm="{INCLUSIVE}"'.encode())
        .replace(ECDSA.encode(), f"{DS}rsa-sha1".encode())
        .replace(C14N, b"")
        .replace(SHA256.encode(), f"{DS}sha1".encode())
        .replace(b"<ds:SignatureValue>", b"<ds:SignatureValue>!")
    )
    findings = verified(data).findings
    assert [(finding.code, finding.path) for finding in findings] == [
        ("signature-canonicalization", "/Signature/SignedInfo/CanonicalizationMethod"),
        ("signature-algorithm", "/Signature/SignedInfo/SignatureMethod"),
        ("signature-transforms", "/Signature/SignedInfo/Reference/Transforms"),
        ("signature-algorithm", "/Signature/SignedInfo/Reference/DigestMethod"),
        ("signature-unreadable", "/Signature/SignatureValue"),
    ]
    found = [INCLUSIVE, f"{DS}rsa-sha1", ENVELOPED, f"{DS}sha1"]
    expected = [EXCLUSIVE, ECDSA, EXCLUSIVE, SHA256]
    for finding, was, wanted in zip(findings, found, expected, strict=False):
        for text in (finding.message, finding.danish.message):
            assert was in text
            assert wanted in text


TRANSFORMS = {
    "one is missing": (b"" + transform(ENVELOPED), f"Missing: {EXCLUSIVE}.", f"Mangler: {EXCLUSIVE}."),
    "one too many": (
        transform(ENVELOPED) + transform(INCLUSIVE) + C14N,
        f"One too many: {INCLUSIVE}.",
        f"Én for meget: {INCLUSIVE}.",
    ),
    "one twice": (transform(ENVELOPED) + C14N * 2, f"One too many: {EXCLUSIVE}.", f"Én for meget: {EXCLUSIVE}."),
    "another": (
        transform(ENVELOPED) + transform(INCLUSIVE),
        f"Missing: {EXCLUSIVE}. One too many: {INCLUSIVE}.",
        f"Mangler: {EXCLUSIVE}. Én for meget: {INCLUSIVE}.",
    ),
    "another order": (C14N + transform(ENVELOPED), "The order is another.", "Rækkefølgen er en anden."),
    "none": (b"", f"Missing: {ENVELOPED}, {EXCLUSIVE}.", f"Mangler: {ENVELOPED}, {EXCLUSIVE}."),
    "an unknown one": (transform("urn:0101405000") + C14N, "One too many: ?.", "Én for meget: ?."),
}


@pytest.mark.parametrize("what", TRANSFORMS)
def test_what_is_wrong_with_the_transforms_is_said(what: str) -> None:
    steps, en, da = TRANSFORMS[what]
    data = WHOLE.replace(transform(ENVELOPED) + C14N, steps)
    (finding,) = verified(resigned(data)).findings
    assert finding.code == "signature-transforms"
    assert en in finding.message
    assert da in finding.danish.message
    assert "0101405000" not in f"{finding.message}{finding.danish}"


@pytest.mark.parametrize("uri", sorted(RSA_PSS))
def test_rsa_pss_has_its_own_finding(uri: str) -> None:
    (finding,) = verified(WHOLE.replace(ECDSA.encode(), uri.encode())).findings
    assert finding.code == "signature-rsa-pss"
    assert uri in finding.message
    assert "PKCS#1 v1.5" in finding.hint


BESIDE = (
    b"<ds:KeyName>0101405000</ds:KeyName>",
    b"<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AAAA</ds:Modulus></ds:RSAKeyValue></ds:KeyValue>",
    b'<ds:RetrievalMethod URI="http://127.0.0.1:1/"/>',
    b'<x:other xmlns:x="urn:x"/>',
)
WITHIN = (
    b"<ds:X509IssuerSerial><ds:X509IssuerName>CN=x</ds:X509IssuerName></ds:X509IssuerSerial>",
    b"<ds:X509SubjectName>CN=x</ds:X509SubjectName>",
    b"<ds:X509SKI>AAAA</ds:X509SKI>",
    b"<ds:X509CRL>AAAA</ds:X509CRL>",
)


@pytest.mark.parametrize("there", [b"<ds:KeyInfo>", b"<ds:X509Data>", b"</ds:X509Data>", b"</ds:KeyInfo>"])
def test_whatever_stands_beside_the_certificate_is_passed_over(there: bytes) -> None:
    more = b"".join(WITHIN if (b"X509" in there) else BESIDE)
    if there == b"</ds:X509Data>":
        data = WHOLE.replace(there, more + there)
    elif there == b"</ds:KeyInfo>":
        data = WHOLE.replace(there, b"<ds:X509Data>" + b"".join(WITHIN) + b"</ds:X509Data>" + more + there)
    else:
        data = WHOLE.replace(there, there + more)
    result = verified(data)
    assert (result.result, result.content) == ("valid", message())
    assert exchange.validate(data, signed_by=trust(), at=AT).ok


def test_a_key_without_a_certificate_is_named_as_what_was_found() -> None:
    key_info = re.search(rb"<ds:X509Data>.*</ds:X509Data>", WHOLE)
    assert key_info
    (finding,) = verified(WHOLE.replace(key_info[0], b"".join(BESIDE))).findings
    assert finding.code == "signature-shape"
    assert "KeyName, KeyValue, RetrievalMethod, ?" in finding.message
    assert "X509Data/X509Certificate" in finding.message


def test_a_delivery_of_signed_messages_says_where_the_signatures_are() -> None:
    delivery = carrying(signed())
    (finding,) = verified(delivery).findings
    assert finding.code == "signature-of-messages"
    assert "exchange unpack" in finding.hint
    # Also where the whole is signed: there is one signature in a document.
    whole = re.search(rb"<ds:Signature .*</ds:Signature>", WHOLE)
    assert whole
    assert codes(verified(delivery.replace(b"</leverance>", whole[0] + b"</leverance>"))) == ["signature-of-messages"]
