"""XAdES-B-B: the time of signing and the certificate are signed too, and the certificate's digest is checked."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree
from signatures.test_signing import xmlsec
from signatures.test_signing_deliveries import PLAIN
from signxml.xades.xades import XAdESSignatureConfiguration, XAdESVerifier
from support.signing_cases import (
    AT,
    CA,
    DS,
    ORGANIZATION,
    SENDER,
    XADES,
    codes,
    key,
    message,
    party,
    properties_signed,
    resigned,
    signature_of,
    signed,
    trust,
    verified,
    xades,
)

import exchange
from exchange import cli
from exchange.deliveries import sign_delivery, verify_delivery

SIGNERS = {"ecdsa": SENDER, "rsa": party(CA, own=key("rsa-2048"))}


@pytest.mark.parametrize("sort", SIGNERS)
def test_what_is_signed_is_the_document_and_says_when(sort: str) -> None:
    data = xades(SIGNERS[sort])
    result = verified(data)
    assert (result.result, codes(result), result.content) == ("valid", [], message())
    assert (result.signing_time, verified(signed()).signing_time) == (AT, None)
    assert exchange.validate(data, signed_by=trust(), at=AT).ok
    properties = next(etree.fromstring(data).iter(f"{{{XADES}}}SignedProperties"))
    assert [etree.QName(each).localname for each in properties.iter("*")] == [
        *("SignedProperties", "SignedSignatureProperties", "SigningTime", "SigningCertificateV2", "Cert", "CertDigest"),
        *("DigestMethod", "DigestValue", "SignedDataObjectProperties", "DataObjectFormat", "MimeType"),
    ]


@pytest.mark.parametrize("sort", SIGNERS)
def test_xmlsec1_and_signxml_verify_it(sort: str, tmp_path: Path) -> None:
    data = xades(SIGNERS[sort])
    (tmp_path / "signed.xml").write_bytes(data)
    (tmp_path / "ca.pem").write_bytes(CA.pem)
    at = ("--verification-gmt-time", f"{AT:%Y-%m-%d %H:%M:%S}")
    ids = ("--id-attr:Id", f"{XADES}:SignedProperties")
    done = xmlsec("--verify", "--trusted-pem", tmp_path / "ca.pem", *at, *ids, tmp_path / "signed.xml")
    assert done.returncode == 0, done.stderr
    config = XAdESSignatureConfiguration(verification_time=AT, expect_references=2)
    (result, _) = XAdESVerifier().verify(data, x509_cert=SIGNERS[sort].certificate, expect_config=config)
    assert result.signed_data == message().partition(b"\n")[2]


def test_a_delivery_is_signed_so_too_and_its_time_is_in_utc() -> None:
    out, content = io.BytesIO(), io.BytesIO()
    local = AT.astimezone(datetime.fromisoformat("2026-11-20T16:00:00+01:00").tzinfo)
    sign_delivery(PLAIN, out, SENDER.key, SENDER.certificate, signing_time=local)
    assert b">2026-11-20T15:00:00Z</xades:SigningTime>" in out.getvalue()
    result = verify_delivery(out.getvalue(), trust(), at=AT, out=content)
    assert (result.result, result.signing_time, content.getvalue()) == ("valid", AT, PLAIN)


def test_a_time_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        exchange.sign(message(), SENDER.key, SENDER.certificate, signing_time=datetime(2026, 11, 20))  # what is refused


def test_the_certificate_must_be_the_one_that_was_signed() -> None:
    """Two certificates of one key: to put the other one in leaves the signature's value right."""
    renewed = party(CA, until=AT + timedelta(30))
    data = xades()
    own, other = (re.search(rb"<ds:X509Certificate>.*?</ds:X509Certificate>", each) for each in (data, signed(renewed)))
    assert own
    assert other
    result = verified(data.replace(own[0], other[0]))
    assert (result.result, codes(result), result.content) == ("invalid", ["signature-certificate-differs"], None)
    assert verified(signed().replace(own[0], other[0])).ok
    assert codes(verified(xades(named=CA))) == ["signature-certificate-differs"]
    assert verified(xades(named=SENDER)).ok


WHOLE = xades()
OBJECT = re.search(rb"<ds:Object>.*</ds:Object>", WHOLE)[0]  # type: ignore[index]  # it holds one
PROPERTIES = re.search(rb"<xades:SignedProperties.*</xades:SignedProperties>", WHOLE)[0]  # type: ignore[index]  # it holds one
REFERENCE = re.search(rb"<ds:Reference Type=.*?</ds:Reference>", WHOLE)[0]  # type: ignore[index]  # it holds one
UNSIGNED = b"<xades:UnsignedProperties><x/></xades:UnsignedProperties>"
LATER = PROPERTIES.replace(b"15:00:00Z", b"16:00:00Z")
OTHER_ID = b"properties-0"


def _id_of(properties: bytes) -> bytes:
    found = re.search(rb' Id="([^"]*)"', properties)
    assert found
    return found[1]


FORGED: dict[str, tuple[Callable[[bytes], bytes], list[str]]] = {
    "another time": (lambda data: data.replace(PROPERTIES, LATER), ["signature-properties-changed"]),
    "other content": (lambda data: data.replace(b">video<", b">telefon<"), ["signature-content-changed"]),
    "the signed properties elsewhere, others in their place": (
        lambda data: data.replace(PROPERTIES, LATER).replace(
            b"</xades:QualifyingProperties>", UNSIGNED.replace(b"<x/>", PROPERTIES) + b"</xades:QualifyingProperties>"
        ),
        ["signature-properties-changed"],
    ),
    "properties of another Id": (
        lambda data: data.replace(PROPERTIES, LATER.replace(_id_of(PROPERTIES), OTHER_ID)),
        ["signature-reference-elsewhere"],
    ),
    "two objects": (lambda data: data.replace(OBJECT, OBJECT * 2), ["signature-shape"] * 2),
    "properties twice": (lambda data: data.replace(PROPERTIES, PROPERTIES + LATER), ["signature-shape"]),
    "no object": (lambda data: data.replace(OBJECT, b""), ["signature-shape"]),
    "something else in the object": (
        lambda data: data.replace(b"<ds:Object>", b"<ds:Object><x/>"),
        ["signature-shape"],
    ),
}


@pytest.mark.parametrize("what", FORGED)
def test_what_was_moved_or_changed_is_not_believed(what: str) -> None:
    make, expected = FORGED[what]
    data = make(WHOLE)
    assert data != WHOLE
    for result in (verified(data), verify_delivery(data, trust(), at=AT)):
        assert (result.result, codes(result), result.content) == ("invalid", expected, None)


RESIGNED: dict[str, tuple[bytes, bytes, list[str]]] = {
    "properties that are not signed": (REFERENCE, b"", ["signature-shape"]),
    "inclusive C14N of the properties": (
        REFERENCE,
        REFERENCE.replace(
            b'<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#">',
            b'<ds:Transform Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315">',
        ),
        ["signature-transforms"],
    ),
    "three references": (REFERENCE, REFERENCE * 2, ["signature-references"]),
    "no certificate": (
        re.search(rb"<xades:SigningCertificateV2>.*</xades:SigningCertificateV2>", WHOLE)[0],  # type: ignore[index]  # it holds one
        b"",
        ["signature-shape"],
    ),
    "the certificate's digest by SHA-1": (
        b'<xades:CertDigest><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256">',
        f'<xades:CertDigest><ds:DigestMethod Algorithm="{DS}sha1">'.encode(),
        ["signature-algorithm"],
    ),
}


@pytest.mark.parametrize("what", RESIGNED)
def test_other_forms_are_not_believed_whoever_signed_them(what: str) -> None:
    good, bad, expected = RESIGNED[what]
    assert good in WHOLE
    result = verified(WHOLE.replace(good, bad))
    assert (result.result, codes(result)) == ("invalid", expected)


def test_what_others_add_unsigned_is_not_read() -> None:
    time_stamp = WHOLE.replace(PROPERTIES, PROPERTIES + UNSIGNED)
    assert time_stamp != WHOLE
    assert verified(time_stamp).ok


@pytest.mark.parametrize("time", ["2026-11-20T15:00:00", "yesterday", ""])
def test_a_time_that_is_none_is_not_given(time: str) -> None:
    result = verified(properties_signed(WHOLE.replace(b"2026-11-20T15:00:00Z<", time.encode() + b"<"), SENDER))
    assert (result.result, result.signing_time) == ("valid", None)


def test_the_forgers_tools_leave_a_plain_signature_valid() -> None:
    assert verified(resigned(signed())).ok
    assert signature_of(WHOLE).endswith(OBJECT + b"</ds:Signature>")


def test_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, data in {"a.xml": message(), "key.pem": SENDER.key_pem, "cert.pem": SENDER.pem, "ca.pem": CA.pem}.items():
        Path(name).write_bytes(data)
    before = datetime.now(UTC).replace(microsecond=0)
    assert cli.run(["sign", "a.xml", "--key", "key.pem", "--cert", "cert.pem", "--xades", "-o", "b.xml"]) == 0
    time = verified(Path("b.xml").read_bytes()).signing_time
    assert time is not None
    assert before <= time <= datetime.now(UTC)
    signer = f"organizationIdentifier={ORGANIZATION}"
    command = ["verify", "b.xml", "--ca", "ca.pem", "--signer", signer, "--at", AT.isoformat(), "--lang", "en"]
    assert cli.run(command) == 0
    assert f"  signed at, as the signer says: {time.isoformat()}" in capfd.readouterr().out.splitlines()
