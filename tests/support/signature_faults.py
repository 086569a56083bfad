"""Damages signed documents, certificates and revocation lists at random, in ways that reach deep into what reads them."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from contextlib import suppress
from random import Random

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from support.signing_cases import CA, SENDER, resigned, revocations

ATTRIBUTES = [
    *(
        b' xmlns="x"',
        b' xmlns=""',
        b' xmlns:q="urn:q"',
        b' xmlns:q="relative"',
        b' xmlns:q="http://[bad"',
        b' xmlns:q=""',
    ),
    *(
        b' xmlns:ds="urn:x"',
        b' xmlns:xml="urn:no"',
        b' xmlns:xmlns="urn:no"',
        b' q:a="1"',
        b' Id="a"',
        b' Id="a" Id="b"',
    ),
    *(b' xml:id="a"', b' xml:id="1"', b' xml:space="q"', b' xml:lang="-"', b' xml:base="x"', b' URI="#a"', b' URI="%"'),
    *(b' Algorithm=""', b' Algorithm="http://www.w3.org/2000/09/xmldsig#hmac-sha1"', b' PrefixList="#default"'),
]
TOKENS = [
    *(
        b"<!-- -->",
        b"<?p i?>",
        b"<?xmlfoo?>",
        b"<?xml version='1.0'?>",
        b"<![CDATA[x]]>",
        b"]]>",
        b"&#0;",
        b"&e;",
        b"&#13;",
    ),
    *(b"<!DOCTYPE x>", b"<x/>", b"<q:x/>", b'<x xmlns="x"/>', b"<ds:Object/>", b"<ds:Signature/>", b"</ds:Signature>"),
    *(
        b"\0",
        b"\xff",
        b"\xed\xa0\x80",
        b"\xef\xbf\xbf",
        b"\xf4\x90\x80\x80",
        b"\x0b",
        b"\xc3\xa6",
        b"=",
        b"====",
        b"A" * 200,
    ),
]
URIS = [
    *(b"", b"#", b"urn:x", b"http://www.w3.org/2000/09/xmldsig#sha1", b"http://www.w3.org/2001/04/xmlenc#sha512"),
    *(b"http://www.w3.org/2001/04/xmldsig-more#sha384", b"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
    *(
        b"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
        b"http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
    ),
    *(b"http://www.w3.org/TR/1999/REC-xslt-19991116", b"http://www.w3.org/2001/10/xml-exc-c14n#WithComments"),
]
_TAG = re.compile(rb"<[\w:]+")
_PLACE = re.compile(rb"[<>/ ]")
_URI = re.compile(rb'(?<=Algorithm=")[^"]*')
_BASE64 = re.compile(rb"(<ds:(?:DigestValue|SignatureValue|X509Certificate)>)([^<]*)")
_CERTIFICATE = re.compile(rb"(?<=<ds:X509Certificate>)[^<]*")
_ELEMENT = re.compile(rb"<([\w:]+)[^>]*>(?:(?!<\1[\s>]).)*?</\1>", re.S)
_TAGS = [1, 2, 3, 4, 5, 6, 10, 12, 19, 20, 22, 23, 24, 28, 30, 48, 49, 0x80, 0xA0, 0xA3]
_LENGTHS = [0, 1, 0x7F, 0x80, 0x81, 0x82, 0x84, 0x88, 0xFF]


def damaged(rng: Random, data: bytes) -> bytes:
    """Give a signed document with one to three faults, most of them in its signature."""
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        data = rng.choice([_token, _attribute, _attribute, _uri, _base64, _certificate, _cut, _element, _byte])(
            rng, data
        )
    return data


def signed_anew(rng: Random, data: bytes) -> bytes:
    """Give a damaged document whose digest and signature are made anew, where it still is one that can be signed."""
    data = damaged(rng, data)
    with suppress(etree.LxmlError, StopIteration, AssertionError):
        return resigned(data)
    return data


def _within(rng: Random, data: bytes) -> tuple[int, int]:
    start = data.find(b"<ds:Signature ")
    if start < 0 or rng.random() < 0.2:
        return 0, len(data)
    return start, max(data.rfind(b"</ds:Signature>"), start + 1)


def _token(rng: Random, data: bytes) -> bytes:
    start, end = _within(rng, data)
    places = [match.start() + rng.randint(0, 1) for match in _PLACE.finditer(data, start, end)]
    at = rng.choice(places or [start])
    return data[:at] + rng.choice(TOKENS) + data[at:]


def _attribute(rng: Random, data: bytes) -> bytes:
    start, end = _within(rng, data)
    tags = [match.end() for match in _TAG.finditer(data, start, end)]
    at = rng.choice(tags or [start])
    return data[:at] + rng.choice(ATTRIBUTES) + data[at:]


def _uri(rng: Random, data: bytes) -> bytes:
    found = list(_URI.finditer(data))
    if not found:
        return data
    match = rng.choice(found)
    return data[: match.start()] + rng.choice(URIS) + data[match.end() :]


def _base64(rng: Random, data: bytes) -> bytes:
    found = list(_BASE64.finditer(data))
    if not found:
        return data
    match = rng.choice(found)
    value = match[2]
    at = rng.randint(0, len(value))
    value = rng.choice(
        [value[:at], value[:at] + b"=" + value[at:], value[:at] + b"\xc3\xa6" + value[at + 1 :], b"", value * 9]
    )
    return data[: match.start(2)] + value + data[match.end(2) :]


def _certificate(rng: Random, data: bytes) -> bytes:
    match = _CERTIFICATE.search(data)
    if match is None:
        return data
    try:
        der = b64decode(match[0])
    except ValueError:
        return data
    der = damaged_der(rng, der) if rng.random() < 0.3 else reissued(rng)
    return data[: match.start()] + b64encode(der) + data[match.end() :]


def _cut(rng: Random, data: bytes) -> bytes:
    start, end = _within(rng, data)
    at = rng.randrange(start, end)
    return data[:at] + data[at + rng.randint(1, 60) :]


def _byte(rng: Random, data: bytes) -> bytes:
    start, end = _within(rng, data)
    at = rng.randrange(start, end)
    return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]


def _element(rng: Random, data: bytes) -> bytes:
    start, end = _within(rng, data)
    elements = list(_ELEMENT.finditer(data, start, end))
    if not elements:
        return data
    element = rng.choice(elements)
    if rng.random() < 0.5:
        return data[: element.start()] + data[element.end() :]
    return data[: element.end()] + element[0] + data[element.end() :]


def damaged_der(rng: Random, der: bytes) -> bytes:
    """Give DER with one or two values changed, all lengths around them right; or bytes changed without regard to them."""
    for _ in range(rng.choice([1, 1, 2])):
        if rng.random() < 0.7:
            der = _rewritten(rng, der, [rng.randrange(max(_count(der), 1))])
        else:
            at = rng.randrange(len(der)) if der else 0
            der = rng.choice(
                [
                    der[:at] + bytes([rng.choice([*_LENGTHS, rng.randrange(256)])]) + der[at + 1 :],
                    der[:at] + der[at + rng.randint(1, 9) :],
                    der[:at] + der[at : at + rng.randint(1, 30)] + der[at:],
                ]
            )
    return der


def _values(der: bytes) -> list[tuple[int, bytes]]:
    """Give the values that stand one behind the other in DER, by tag; none if it is damaged."""
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(der):
        if at + 2 > len(der):
            return []
        tag, size, at = der[at], der[at + 1], at + 2
        if size >= 0x80:
            more = size - 0x80
            size, at = int.from_bytes(der[at : at + more], "big"), at + more
        if at + size > len(der):
            return []
        found.append((tag, der[at : at + size]))
        at += size
    return found


def _count(der: bytes) -> int:
    return sum(1 + (_count(content) if tag & 0x20 else 0) for tag, content in _values(der))


def _rewritten(rng: Random, der: bytes, left: list[int]) -> bytes:
    """Write DER again with the value changed that comes after `left` others."""
    written = b""
    for tag, content in _values(der):
        left[0] -= 1
        if left[0] == -1:
            tag, content = _changed(rng, tag, content)
        elif tag & 0x20:
            content = _rewritten(rng, content, left)
        written += _tlv(tag, content) if tag >= 0 else b""
    return written or der


def _changed(rng: Random, tag: int, content: bytes) -> tuple[int, bytes]:
    at = rng.randrange(len(content)) if content else 0
    return rng.choice(
        [
            (-1, content),
            (tag, b""),
            (rng.choice(_TAGS), content),
            (tag, content * 2),
            (tag, content[:at] + bytes([rng.randrange(256)]) + content[at + 1 :]),
            (tag, content[:at] + content[at + 1 :]),
            (tag, bytes([0x80 | (content or b"0")[0]]) + content[1:]),
            (tag, b"\0" + content),
            (tag, rng.randbytes(rng.choice([1, 2, 20, 65, 300]))),
            (tag, b"A" * rng.choice([1, 2, 70, 200])),
        ]
    )


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    long = size.to_bytes((size.bit_length() + 7) // 8, "big")
    length = bytes([size]) if size < 128 else bytes([0x80 + len(long)]) + long
    return bytes([tag]) + length + content


SHA256 = hashes.SHA256()
_ECDSA_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")


def issued(tbs: bytes) -> bytes:
    """Sign what an authority says with the key of CA, so that its damage is found by nothing else."""
    signature = CA.key.sign(tbs, ec.ECDSA(SHA256))
    return _tlv(0x30, tbs + _ECDSA_SHA256 + _tlv(0x03, b"\0" + signature))


def reissued(rng: Random, certificate: x509.Certificate = SENDER.certificate) -> bytes:
    """Give a certificate, in DER, that is damaged but truly issued: as an authority with a faulty program makes it."""
    return issued(damaged_der(rng, certificate.tbs_certificate_bytes))


def damaged_list(rng: Random) -> bytes:
    """Give a revocation list, in DER, that is damaged, and half of the times truly issued."""
    crl = x509.load_pem_x509_crl(revocations(SENDER))
    if rng.random() < 0.5:
        return damaged_der(rng, crl.public_bytes(Encoding.DER))
    return issued(damaged_der(rng, crl.tbs_certlist_bytes))


def pem(der: bytes, label: str) -> bytes:
    """Give DER as PEM."""
    return f"-----BEGIN {label}-----\n{b64encode(der).decode()}\n-----END {label}-----\n".encode()
