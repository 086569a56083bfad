"""Attacks on signed documents: each is what a known forger does, and none of them makes anything believed."""

from __future__ import annotations

import io
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha1, sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree
from support.signing_cases import (
    AT,
    C14N,
    CA,
    DS,
    SENDER,
    codes,
    forged,
    key,
    message,
    party,
    raw,
    resigned,
    signature_of,
    signed,
    trust,
    verified,
)

import exchange
from exchange.deliveries import verify_delivery

DECLARATION, _, BODY = message().partition(b"\n")
EVIL = BODY.replace(b">video<", b">telefon<")
START, END = re.match(rb"<samtale [^>]*>", BODY)[0], b"</samtale>"  # type: ignore[index]  # it begins so
INSIDE = EVIL.removeprefix(START).removesuffix(END)
SIGNATURE = signature_of(signed())
ORIGINAL = BODY
WHOLE = BODY.replace(END, SIGNATURE + END)


def root(*content: bytes) -> bytes:
    """A document of the forger's."""
    return DECLARATION + b"\n" + START + b"".join(content) + END


def with_object(signature: bytes, content: bytes, before: bytes = b"</ds:Signature>") -> bytes:
    return signature.replace(before, b"<ds:Object>" + content + b"</ds:Object>" + before, 1)


WRAPPINGS: dict[str, Callable[[bytes, bytes, bytes], bytes]] = {
    "1, the original in an Object at the end": lambda o, s, _: root(INSIDE, with_object(s, o)),
    "2, the original beside its signature": lambda o, s, _: root(INSIDE, o, s),
    "3, the signed original in front": lambda _o, _s, w: root(w, INSIDE),
    "4, the signed original behind": lambda _o, _s, w: root(INSIDE, w),
    "5, the original behind its signature": lambda o, s, _: root(INSIDE, s, o),
    "6, the signature with the original in front": lambda o, s, _: root(with_object(s, o), INSIDE),
    "7, both in an element of another namespace": lambda _o, _s, w: root(b'<x xmlns="urn:x">', w, b"</x>", INSIDE),
    "8, the original before SignedInfo": lambda o, s, _: root(INSIDE, with_object(s, o, b"<ds:SignedInfo>")),
    "9, the signed original in the forger's own signature": lambda _o, _s, w: root(
        INSIDE, with_object(signature_of(signed(party(None))), w)
    ),
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_wrapped_content_is_not_believed(wrapping: str) -> None:
    result = verified(WRAPPINGS[wrapping](ORIGINAL, SIGNATURE, WHOLE))
    assert (result.result, result.content) == ("invalid", None)
    assert codes(result)


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_wrapped_content_is_not_believed_where_a_sender_signs_by_id(wrapping: str) -> None:
    # Whoever signs a part by its Id invites the wrapping; so such a signature counts for nothing, wrapped or not.
    own = START.replace(b">", b' Id="a">')
    signature = SIGNATURE.replace(b'URI=""', b'URI="#a"')
    original = BODY.replace(START, own)
    whole = resigned(original.replace(END, signature + END))
    signature = signature_of(whole)
    assert codes(verified(whole)) == ["signature-reference-elsewhere"]
    result = verified(WRAPPINGS[wrapping](original, signature, whole))
    assert (result.result, result.content) == ("invalid", None)


def test_the_forgers_tools_make_signatures_that_are_right_but_for_the_attack() -> None:
    assert verified(WHOLE).ok
    assert verified(resigned(WHOLE)).ok
    assert verified(resigned(EVIL.replace(END, SIGNATURE + END))).ok
    assert verified(forged(party(CA, own=key("rsa-2048")))).ok


# The form of the signature: each is signed anew, with the sender's own key, so that only the form is at fault.

REFERENCE = re.search(rb"<ds:Reference .*</ds:Reference>", SIGNATURE)[0]  # type: ignore[index]  # it holds one
TRANSFORM = b'<ds:Transform Algorithm="%s"></ds:Transform>'
ENVELOPED = TRANSFORM % b"http://www.w3.org/2000/09/xmldsig#enveloped-signature"

REWRITTEN = {
    "two references": (REFERENCE, REFERENCE * 2, "signature-references"),
    "no reference": (REFERENCE, b"", "signature-references"),
    "a file": (b'URI=""', b'URI="file:///etc/hostname"', "signature-reference-elsewhere"),
    "another server": (b'URI=""', b'URI="http://127.0.0.1:1/x"', "signature-reference-elsewhere"),
    "an XPointer": (b'URI=""', b'URI="#xpointer(/)"', "signature-reference-elsewhere"),
    "no URI": (b' URI=""', b"", "signature-reference-elsewhere"),
    "XSLT": (C14N, TRANSFORM % b"http://www.w3.org/TR/1999/REC-xslt-19991116" + C14N, "signature-transforms"),
    "XPath": (
        ENVELOPED,
        b'<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>0</ds:XPath></ds:Transform>',
        "signature-transforms",
    ),
    "an unknown transform": (C14N, TRANSFORM % b"urn:x" + C14N, "signature-transforms"),
    "base64": (C14N, TRANSFORM % b"http://www.w3.org/2000/09/xmldsig#base64" + C14N, "signature-transforms"),
    "transforms the other way round": (ENVELOPED + C14N, C14N + ENVELOPED, "signature-transforms"),
    "no enveloped signature": (ENVELOPED, b"", "signature-transforms"),
    "C14N with comments": (C14N, C14N.replace(b"#", b"#WithComments"), "signature-transforms"),
    "inclusive C14N": (C14N, TRANSFORM % b"http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "signature-transforms"),
    "prefixes that are included": (
        C14N,
        C14N.replace(
            b"><", b'><i:InclusiveNamespaces xmlns:i="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="x"/><', 1
        ),
        "signature-shape",
    ),
    "another C14N of SignedInfo": (
        b'Method Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"',
        b'Method Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#WithComments"',
        "signature-canonicalization",
    ),
    "SHA-1 of the content": (
        b"http://www.w3.org/2001/04/xmlenc#sha256",
        b"http://www.w3.org/2000/09/xmldsig#sha1",
        "signature-algorithm",
    ),
    "MD5": (b"http://www.w3.org/2001/04/xmlenc#sha256", b"urn:md5", "signature-algorithm"),
    "text beside the elements": (b"<ds:SignedInfo>", b"<ds:SignedInfo>x", "signature-shape"),
    "an attribute": (b"<ds:DigestValue>", b'<ds:DigestValue a="">', "signature-unreadable"),
    "a type": (b'URI=""', b'URI="" Type="http://www.w3.org/2000/09/xmldsig#Manifest"', "signature-shape"),
    "an Object": (b"</ds:KeyInfo>", b"</ds:KeyInfo><ds:Object></ds:Object>", "signature-shape"),
}


@pytest.mark.parametrize("what", REWRITTEN)
def test_a_signature_of_another_form_is_not_believed_whoever_signed_it(what: str) -> None:
    good, bad, code = REWRITTEN[what]
    assert good in WHOLE
    result = verified(resigned(WHOLE.replace(good, bad, 1)))
    assert (result.result, codes(result), result.content) == ("invalid", [code], None)


KEY_INFO = re.search(rb"<ds:KeyInfo>.*</ds:KeyInfo>", SIGNATURE)[0]  # type: ignore[index]  # it holds one
X509 = re.search(rb"<ds:X509Certificate>.*</ds:X509Certificate>", SIGNATURE)[0]  # type: ignore[index]  # it holds one
VALUE = re.search(rb"<ds:SignatureValue>.*</ds:SignatureValue>", SIGNATURE)[0]  # type: ignore[index]  # it holds one
EMPTY = b'<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"></ds:Signature>'


def _longer(value: bytes) -> bytes:
    return value[:32] + b"\0" + value[32:]


MISHANDLED = {
    "the signature in front": (root(SIGNATURE, BODY.removeprefix(START).removesuffix(END)), "signature-misplaced"),
    "the signature in an element": (WHOLE.replace(SIGNATURE, b"<x>" + SIGNATURE + b"</x>"), "signature-misplaced"),
    "the signature as root": (SIGNATURE, "signature-misplaced"),
    "two signatures": (WHOLE.replace(SIGNATURE, SIGNATURE * 2), "signature-repeated"),
    "an emptied signature": (WHOLE.replace(SIGNATURE, EMPTY), "signature-shape"),
    "no SignedInfo": (re.sub(rb"<ds:SignedInfo>.*</ds:SignedInfo>", b"", WHOLE), "signature-shape"),
    "no value": (WHOLE.replace(VALUE, b""), "signature-shape"),
    "an empty value": (WHOLE.replace(VALUE, b"<ds:SignatureValue/>"), "signature-unreadable"),
    "an element in the value": (WHOLE.replace(VALUE, VALUE.replace(b">", b"><x/>", 1)), "signature-unreadable"),
    "no certificate": (WHOLE.replace(KEY_INFO, b""), "signature-shape"),
    "a bare key": (WHOLE.replace(KEY_INFO, b"<ds:KeyInfo><ds:KeyValue/></ds:KeyInfo>"), "signature-shape"),
    "a certificate elsewhere": (
        WHOLE.replace(KEY_INFO, b'<ds:KeyInfo><ds:RetrievalMethod URI="http://127.0.0.1:1/"/></ds:KeyInfo>'),
        "signature-shape",
    ),
    "more certificates than are tried": (WHOLE.replace(X509, X509 * 11), "signature-shape"),
    "junk for a certificate": (
        WHOLE.replace(X509, b"<ds:X509Certificate>AAAA</ds:X509Certificate>"),
        "signature-unreadable",
    ),
    "junk base64": (WHOLE.replace(VALUE, b"<ds:SignatureValue>!!!!</ds:SignatureValue>"), "signature-unreadable"),
    "letters that are none": (
        WHOLE.replace(VALUE, "<ds:SignatureValue>æøå</ds:SignatureValue>".encode()),
        "signature-unreadable",
    ),
    "endless base64": (
        WHOLE.replace(VALUE, b"<ds:SignatureValue>" + b"A" * 200_000 + b"</ds:SignatureValue>"),
        "signature-unreadable",
    ),
    "base64 with blanks that are none in XML": (
        WHOLE.replace(b"<ds:SignatureValue>", "<ds:SignatureValue>\xa0".encode()),
        "signature-unreadable",
    ),
    "another value": (WHOLE.replace(VALUE, b"<ds:SignatureValue>AAAA</ds:SignatureValue>"), "signature-wrong"),
    "another value of the right length": (
        WHOLE.replace(VALUE, b"<ds:SignatureValue>" + b64encode(bytes(64)) + b"</ds:SignatureValue>"),
        "signature-wrong",
    ),
    "a value with a zero put in between r and s": (
        re.sub(rb"(<ds:SignatureValue>)([^<]*)", lambda m: m[1] + b64encode(_longer(b64decode(m[2]))), WHOLE),
        "signature-wrong",
    ),
    "a comment in a value": (WHOLE.replace(b">test<", b">te<!-- -->st<"), "comment-in-value"),
    "a comment in the digest": (WHOLE.replace(b"<ds:DigestValue>", b"<ds:DigestValue><!-- -->"), "comment-in-value"),
    "a DOCTYPE": (b"<!DOCTYPE samtale>" + WHOLE, "doctype-refused"),
    "an entity": (
        b'<!DOCTYPE samtale [<!ENTITY e "video">]>' + WHOLE.replace(b">video<", b">&e;<"),
        "doctype-refused",
    ),
    "other content": (WHOLE.replace(b">video<", b">telefon<"), "signature-content-changed"),
    "content re-indented": (WHOLE.replace(b"><hoved", b">\n<hoved"), "signature-content-changed"),
    "text behind the signature": (WHOLE.replace(END, b"x" + END), "signature-content-changed"),
}


@pytest.mark.parametrize("what", MISHANDLED)
def test_a_signature_that_was_moved_emptied_or_broken_is_not_believed(what: str) -> None:
    data, code = MISHANDLED[what]
    result = verified(data)
    assert (result.result, codes(result), result.content) == ("invalid", [code], None)


FORGERIES = {
    **{f"wrapping {name}": make(ORIGINAL, SIGNATURE, WHOLE) for name, make in WRAPPINGS.items()},
    **{name: resigned(WHOLE.replace(good, bad, 1)) for name, (good, bad, _) in REWRITTEN.items()},
    **{name: data for name, (data, code) in MISHANDLED.items() if code != "comment-in-value"},
}


@pytest.mark.parametrize("what", FORGERIES)
def test_read_as_a_stream_a_forgery_is_refused_for_the_same_fault(what: str) -> None:
    result, whole = verify_delivery(FORGERIES[what], trust(), at=AT), verified(FORGERIES[what])
    assert (result.result, codes(result)) == ("invalid", codes(whole))


@pytest.mark.parametrize("what", [name for name, (_, code) in MISHANDLED.items() if code == "comment-in-value"])
def test_read_as_a_stream_a_comment_is_no_part_of_what_was_signed_and_is_not_given(what: str) -> None:
    out = io.BytesIO()
    assert verify_delivery(MISHANDLED[what][0], trust(), at=AT, out=out).ok
    assert out.getvalue() == message()


# The keys


def test_a_message_code_made_with_the_public_key_is_no_signature() -> None:
    public = SENDER.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for method in (
        b"http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        b"http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
    ):
        data = WHOLE.replace(b"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", method)
        info = etree.fromstring(data).find(f".//{{{DS}}}SignedInfo")
        assert info is not None
        mac = HMAC(public, hashes.SHA256())
        mac.update(etree.tostring(info, method="c14n", exclusive=True))
        value = b"<ds:SignatureValue>" + b64encode(mac.finalize()) + b"</ds:SignatureValue>"
        result = verified(data.replace(VALUE, value))
        assert (result.result, codes(result)) == ("invalid", ["signature-algorithm"])


def test_a_signature_by_sha1_is_none() -> None:
    rsa = party(CA, own=key("rsa-2048"))
    data = signed(rsa).replace(b"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", f"{DS}rsa-sha1".encode())
    info = etree.fromstring(data).find(f".//{{{DS}}}SignedInfo")
    assert info is not None
    value = b64encode(raw(rsa, etree.tostring(info, method="c14n", exclusive=True), hashes.SHA1()))  # noqa: S303  # the attack
    result = verified(re.sub(rb"(<ds:SignatureValue>)[^<]*", lambda m: m[1] + value, data))
    assert (result.result, codes(result)) == ("invalid", ["signature-algorithm"])
    digest = b64encode(sha1(BODY, usedforsecurity=False).digest())
    data = WHOLE.replace(b64encode(sha256(BODY).digest()), digest)
    assert codes(verified(data)) == ["signature-wrong", "signature-content-changed"]


@pytest.mark.parametrize("sort", ["rsa-1024", "p224", "p521"])
def test_a_weak_or_other_key_is_not_believed(sort: str) -> None:
    result = verified(forged(party(CA, own=key(sort))))
    assert (result.result, codes(result)) == ("invalid", ["signature-key-weak"])


def test_a_key_of_another_sort_than_the_algorithm_is_not_believed() -> None:
    der = b64encode(party(CA, own=key("rsa-2048")).certificate.public_bytes(Encoding.DER))
    data = re.sub(rb"(<ds:X509Certificate>)[^<]*", lambda m: m[1] + der, WHOLE)
    assert codes(verified(data)) == ["signature-key-weak"]


def test_a_certificate_put_in_the_place_of_another_does_not_fit() -> None:
    der = b64encode(party(CA, own=key("p256", 5)).certificate.public_bytes(Encoding.DER))
    data = re.sub(rb"(<ds:X509Certificate>)[^<]*", lambda m: m[1] + der, WHOLE)
    assert codes(verified(data)) == ["signature-wrong"]


def test_the_forgers_own_certificate_of_the_same_name_is_not_believed() -> None:
    itself = party(None, own=key("p256", 5))
    impostor = party(None, "Test CA", own=key("p256", 6), ca=True, organization="NTRDK-87654321", serial="CA")
    assert impostor.certificate.subject == CA.certificate.subject
    for by in (itself, party(impostor, own=key("p256", 5))):
        assert by.certificate.subject == SENDER.certificate.subject
        result = verified(resigned(EVIL.replace(END, signature_of(forged(by)) + END), by))
        assert (result.result, codes(result), result.content) == ("untrusted", ["certificate-issuer-unknown"], None)


def test_another_sender_of_the_same_authority_cannot_sign_for_this_one() -> None:
    other = party(CA, "En anden", own=key("p256", 7), organization="NTRDK-11111111", serial="other")
    result = exchange.verify(signed(other), exchange.Trust(CA.pem, (SENDER.fingerprint,)), at=AT)
    assert (result.result, codes(result)) == ("untrusted", ["certificate-signer-unlisted"])


# What is no XML, though a parser takes it for such

JUNK = b"<evil>\xff & junk"


@pytest.mark.parametrize(
    "declared", [b'xmlns:q="http://[bad"', b'xmlns:q=""', b'xmlns:xml="urn:no"', b'xmlns:xmlns="urn:no"']
)
@pytest.mark.parametrize("warned", [b"<?xmlfoo a?>", b""])
@pytest.mark.parametrize("tail", [JUNK, WHOLE, b"<!-- ", b"", b"</samtale>"])
def test_a_signed_document_with_a_namespace_error_and_whatever_stands_behind_it_is_not_believed(
    declared: bytes, warned: bytes, tail: bytes
) -> None:
    start = b"<ds:KeyInfo>"
    data = signed().replace(start, start[:-1] + b" " + declared + b">" + warned) + b"\n" + tail
    assert declared in data
    result = verified(data)
    assert (result.result, result.content) == ("invalid", None)
    assert not exchange.validate(data, signed_by=trust(), at=AT).ok


@pytest.mark.parametrize("way", ["a message", "a stream"])
def test_junk_behind_a_signed_document_makes_it_invalid(way: str) -> None:
    data = (Path(__file__).parents[1] / "signed" / "signed_plus_junk.xml").read_bytes()
    assert data.endswith(b"junk")
    result = verified(data) if way == "a message" else verify_delivery(data, trust(), at=AT, out=io.BytesIO())
    assert (result.result, codes(result)) == ("invalid", ["not-well-formed"])


BEHIND = [
    b"<!-- x --><?p i?>\n",
    b"<?xmlfoo?>",
    JUNK,
    WHOLE,
    b"x",
    b"&#32;",
    b"<![CDATA[ ]]>",
    b"\0",
    b"\xff",
    b"<!DOCTYPE x>",
]


@pytest.mark.parametrize("behind", BEHIND)
def test_behind_the_root_stand_only_white_space_comments_and_instructions(behind: bytes) -> None:
    data = signed() + b"\n" + behind
    one, other = verified(data), verify_delivery(data, trust(), at=AT, out=io.BytesIO())
    assert one.result == other.result
    # An instruction is part of what is signed, and a comment is not.
    assert one.result == "invalid"
    assert verified(signed() + b"\n<!-- x -->\n").ok


@pytest.mark.parametrize("name", ["Id", "ID", "id"])
def test_ids_that_stand_twice_lead_nowhere(name: str) -> None:
    same = f' {name}="a"'.encode()
    data = resigned(
        signed().replace(b"<ds:Signature ", b"<ds:Signature" + same + b" ").replace(b"<hoved>", b"<hoved" + same + b">")
    )
    result = verified(data)
    # Nothing is found by its Id; whether such an attribute may stand there is for the schema.
    assert result.content is None or same in result.content
    assert not exchange.validate(data, signed_by=trust(), at=AT).ok
