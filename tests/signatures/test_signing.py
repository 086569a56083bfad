"""Signing and verifying: what we sign everybody verifies, what others sign so we verify, and all else stays as it was."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from base64 import b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID
from lxml import etree
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier
from support import delivery_cases, hostile, signing_cases
from support.signing_cases import (
    AT,
    CA,
    DS,
    SENDER,
    UNTIL,
    Party,
    codes,
    key,
    message,
    party,
    revocations,
    signed,
    verified,
)

import exchange
from exchange.errors import ConfigurationError, SigningRefused

KEYS = ["rsa-2048", "rsa-3072", "p256", "p384"]
MESSAGES = exchange.Exchange().catalog.names()
INTACT = message()
DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'


def sender(sort: str) -> Party:
    return party(CA, own=key(sort))


def xmlsec(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    if not shutil.which("xmlsec1") and not os.environ.get("CI"):
        pytest.skip("no xmlsec1: the other signer and verifier was not asked")
    return subprocess.run(["xmlsec1", *arguments], capture_output=True, timeout=60, check=False)


def xmlsec_verifies(data: bytes, folder: Path) -> bool:
    (folder / "ca.pem").write_bytes(CA.pem)
    (folder / "signed.xml").write_bytes(data)
    at = ("--verification-gmt-time", f"{AT:%Y-%m-%d %H:%M:%S}")
    return xmlsec("--verify", "--trusted-pem", folder / "ca.pem", *at, folder / "signed.xml").returncode == 0


def delivery() -> bytes:
    samtaler = (delivery_cases.samtale(number) for number in (1, 2))
    return (delivery_cases.DECLARATION + delivery_cases.delivery(*samtaler)).encode()


# What we sign


@pytest.mark.parametrize("sort", KEYS)
@pytest.mark.parametrize("name", MESSAGES)
def test_what_we_sign_xmlsec1_verifies_and_we_do(sort: str, name: str, tmp_path: Path) -> None:
    data = signed(sender(sort), name)
    assert xmlsec_verifies(data, tmp_path)
    result = verified(data)
    assert (result.result, codes(result), result.content) == ("valid", [], message(name))
    assert exchange.validate(data).ok


def test_xmlsec1_does_not_verify_what_was_changed(tmp_path: Path) -> None:
    assert not xmlsec_verifies(signed().replace(b">test<", b">produktion<"), tmp_path)


def test_signxml_verifies_what_we_sign() -> None:
    config = SignatureConfiguration(verification_time=AT)
    done = XMLVerifier().verify(signed(), x509_cert=SENDER.certificate, expect_config=config)
    assert isinstance(done, VerifyResult)
    assert DECLARATION + done.signed_data == INTACT


FORMS = {
    "as built": INTACT,
    "without declaration": INTACT.removeprefix(DECLARATION),
    "with a mark": b"\xef\xbb\xbf" + INTACT,
    "UTF-16": INTACT.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    "UTF-16 of the other order": "\ufeff".encode("utf-16be")
    + INTACT.decode().replace("UTF-8", "UTF-16").encode("utf-16be"),
    "ISO-8859-1": INTACT.decode().replace("UTF-8", "ISO-8859-1").encode("latin-1"),
    "indented, with CRLF": INTACT.replace(b"><", b">\r\n  <").replace(b"\r\n", b"", 1),
    "with a prefix": INTACT.replace(b"<", b"<x:")
    .replace(b"<x:/", b"</x:")
    .replace(b"<x:?", b"<?")
    .replace(b"xmlns=", b"xmlns:x="),
    "with a comment behind that looks like its end": INTACT + b"<!-- </samtale> --><?a </samtale>?>\n",
    "with white space in the end tag": INTACT.replace(b"</samtale>", b"</samtale\n >"),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_byte_beside_the_signature_stays(form: str, tmp_path: Path) -> None:
    data = FORMS[form]
    made = exchange.sign(data, SENDER.key, SENDER.certificate)
    assert len(made) > len(data)
    same_before = next(at for at, pair in enumerate(zip(data, made, strict=False)) if pair[0] != pair[1])
    assert any(
        data[:at] + data[at:] == made[:at] + made[len(made) - len(data) + at :]
        for at in range(max(0, same_before - 4), same_before + 1)
    )
    root = etree.fromstring(made)
    assert root[-1].tag == f"{{{DS}}}Signature"
    assert xmlsec_verifies(made, tmp_path)
    result = verified(made)
    assert result.result == "valid"
    assert result.content is not None
    assert exchange.parse(result.content) == exchange.parse(data)


def test_the_signed_content_is_what_is_believed_and_nothing_beside_it() -> None:
    data = signed().replace(b"<hoved>", b"<hoved><!-- put in later -->") + b"<!-- and this -->"
    assert verified(data).content == INTACT


def test_a_processing_instruction_is_part_of_what_is_signed(tmp_path: Path) -> None:
    data = signed().replace(b"<samtale", b"<?xml-stylesheet href='x'?><samtale", 1)
    assert codes(verified(data)) == ["signature-content-changed"]
    assert not xmlsec_verifies(data, tmp_path)


def test_the_key_may_be_pem_der_or_pkcs12() -> None:
    der = SENDER.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    locked = SENDER.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"kode"))
    both = pkcs12.serialize_key_and_certificates(
        None, SENDER.key, SENDER.certificate, None, BestAvailableEncryption(b"kode")
    )
    leaf = SENDER.certificate.public_bytes(Encoding.DER)
    for data in (
        exchange.sign(INTACT, SENDER.key_pem, SENDER.pem),
        exchange.sign(INTACT, der, leaf),
        exchange.sign(INTACT, locked, leaf, password=b"kode"),
        exchange.sign(INTACT, both, password=b"kode"),
    ):
        assert verified(data).ok
    for given, password in ((locked, None), (locked, b"kodet"), (both, b"kodet"), (der, b"kode"), (b"x", None)):
        with pytest.raises(SigningRefused, match="the key cannot be read") as caught:
            exchange.sign(INTACT, given, leaf, password=password)
        assert "kodet" not in str(caught.value)


@pytest.mark.parametrize("sort", ["rsa-2048", "p384"])
def test_a_key_elsewhere_signs_a_digest(sort: str, tmp_path: Path) -> None:
    own = sender(sort)
    asked: list[bytes] = []

    def card(digest: bytes) -> bytes:
        asked.append(digest)
        prehashed = Prehashed(hashes.SHA256())
        if sort == "p384":
            return own.key.sign(digest, ec.ECDSA(prehashed))  # type: ignore[no-any-return]  # keys of several sorts
        return own.key.sign(digest, padding.PKCS1v15(), prehashed)  # type: ignore[no-any-return]  # the same

    data = exchange.sign(INTACT, card, own.certificate)
    assert [len(digest) for digest in asked] == [32]
    assert xmlsec_verifies(data, tmp_path)
    assert verified(data).ok


def test_what_signs_wrongly_is_found_out_before_anything_is_given() -> None:
    def elsewhere(_digest: bytes) -> bytes:
        return b"no signature"

    rsa = sender("rsa-2048")
    with pytest.raises(SigningRefused, match="DER"):
        exchange.sign(INTACT, elsewhere, SENDER.certificate)
    with pytest.raises(SigningRefused, match="not the certificate's"):
        exchange.sign(INTACT, elsewhere, rsa.certificate)
    with pytest.raises(SigningRefused, match="not the certificate's"):
        exchange.sign(INTACT, key("p256", 2), SENDER.certificate)


@pytest.mark.parametrize("sort", ["rsa-1024", "p224", "p521"])
def test_no_weak_or_other_key_signs(sort: str) -> None:
    weak = sender(sort)
    with pytest.raises(SigningRefused, match="expected RSA ≥ 2048"):
        exchange.sign(INTACT, weak.key, weak.certificate)
    with pytest.raises(SigningRefused, match="expected RSA ≥ 2048"):
        exchange.sign(INTACT, weak.key, SENDER.certificate)


def test_what_is_not_accepted_is_signed_only_by_force() -> None:
    wrong = INTACT.replace(b">video<", b">VIDEO<")
    with pytest.raises(exchange.InvalidMessage) as caught:
        exchange.sign(wrong, SENDER.key, SENDER.certificate)
    assert "value-choice" in caught.value.report.counts or "value-pattern" in caught.value.report.counts
    assert verified(exchange.sign(wrong, SENDER.key, SENDER.certificate, force=True)).content == wrong
    for unreadable in (b"<samtale>", b"<!DOCTYPE a><a>b</a>"):
        with pytest.raises(exchange.InvalidMessage):
            exchange.sign(unreadable, SENDER.key, SENDER.certificate, force=True)
    with pytest.raises(SigningRefused, match="empty"):
        exchange.sign(b"<a/>", SENDER.key, SENDER.certificate, force=True)


def test_a_signed_document_is_not_signed_again() -> None:
    with pytest.raises(SigningRefused, match="already"):
        exchange.sign(signed(), SENDER.key, SENDER.certificate)


@pytest.mark.parametrize("certificate", [None, b"", b"x", SENDER.key_pem])
def test_no_certificate_no_signature(certificate: bytes | None) -> None:
    with pytest.raises(SigningRefused, match="certificate"):
        exchange.sign(INTACT, SENDER.key, certificate)


# What others sign


def template(method: str) -> bytes:
    more = "http://www.w3.org/2001/04/xmldsig-more#"
    return INTACT.replace(
        b"</samtale>",
        f"""
  <Signature xmlns="{DS}">
    <SignedInfo>
      <CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
      <SignatureMethod Algorithm="{more}{method}"/>
      <Reference URI="">
        <Transforms>
          <Transform Algorithm="{DS}enveloped-signature"/>
          <Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
        </Transforms>
        <DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>
        <DigestValue/>
      </Reference>
    </SignedInfo>
    <SignatureValue/>
    <KeyInfo><X509Data/></KeyInfo>
  </Signature>
</samtale>""".encode(),
    )


@pytest.mark.parametrize("sort", KEYS)
@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_what_xmlsec1_signs_we_verify(sort: str, digest: str, tmp_path: Path) -> None:
    own = sender(sort)
    (tmp_path / "key.pem").write_bytes(own.key_pem)
    (tmp_path / "certificate.pem").write_bytes(own.pem)
    method = f"{'rsa' if sort.startswith('rsa') else 'ecdsa'}-{digest}"
    (tmp_path / "template.xml").write_bytes(template(method))
    pair = f"{tmp_path / 'key.pem'},{tmp_path / 'certificate.pem'}"
    # From version 1.3 on it takes a key that the template does not name only with this option.
    is_strict = xmlsec("--version").stdout.split()[1] >= b"1.3"
    lax = ["--lax-key-search"] if is_strict else []
    done = xmlsec("--sign", *lax, "--privkey-pem", pair, tmp_path / "template.xml")
    assert done.returncode == 0, done.stderr
    result = verified(done.stdout)
    assert (result.result, codes(result)) == ("valid", [])
    assert result.content == INTACT.replace(b"</samtale>", b"\n  \n</samtale>")
    assert result.algorithms == (
        f"http://www.w3.org/2001/04/xmldsig-more#{method}",
        "http://www.w3.org/2001/04/xmlenc#sha256",
    )


# Whom we believe


def test_the_four_results_are_four_things() -> None:
    assert verified(INTACT).result == "unsigned"
    assert verified(signed()).result == "valid"
    assert verified(signed().replace(b">test<", b">produktion<")).result == "invalid"
    assert verified(signed(), signers=()).result == "untrusted"
    for data, given in ((INTACT, {}), (signed().replace(b">test<", b">x<"), {}), (signed(), {"signers": ()})):
        result = verified(data, **given)  # type: ignore[arg-type]  # a table of what is given
        assert result.content is None
        assert not result.ok


def test_the_signer_is_told() -> None:
    signer = verified(signed()).signer
    assert signer is not None
    assert signer.fingerprint == sha256(SENDER.certificate.public_bytes(Encoding.DER)).hexdigest()
    assert (signer.organization_identifier, signer.serial_number) == (signing_cases.ORGANIZATION, signing_cases.SERIAL)
    assert (signer.valid_from, signer.valid_until) == (signing_cases.SINCE, signing_cases.UNTIL)


COLONS = ":".join(SENDER.fingerprint[at : at + 2] for at in range(0, 64, 2)).upper()


BOTH = f"serialNumber={signing_cases.SERIAL}+cvr=12345678"


@pytest.mark.parametrize(
    "said",
    [SENDER.fingerprint, COLONS, f"serialNumber={signing_cases.SERIAL}", "cvr=12345678", BOTH],
    ids=["fingerprint", "with colons", "serial number", "CVR", "both"],
)
def test_a_signer_is_named_by_fingerprint_or_subject(said: str) -> None:
    assert verified(signed(), signers=("organizationIdentifier=NTRDK-1", said)).ok


@pytest.mark.parametrize(
    "said",
    ["cvr=87654321", "cvr=12345678+serialNumber=x", BOTH.replace("cvr=1", "cvr=2"), "organizationIdentifier=12345678"],
)
def test_a_signer_of_another_number_is_not_believed(said: str) -> None:
    assert codes(verified(signed(), signers=(said,))) == ["certificate-signer-unlisted"]


def test_another_sender_of_the_same_authority_is_not_believed() -> None:
    other = party(CA, own=key("p256", 2), organization="NTRDK-11111111", serial="other")
    assert codes(verified(signed(other))) == ["certificate-signer-unlisted"]


def test_a_subject_that_says_two_things_is_neither() -> None:
    name = x509.Name([*SENDER.certificate.subject, *signing_cases.named("x", "NTRDK-11111111")])
    builder = x509.CertificateBuilder(
        CA.certificate.subject, name, SENDER.key.public_key(), 7, signing_cases.SINCE, signing_cases.UNTIL
    )
    two = Party(SENDER.key, builder.sign(CA.key, hashes.SHA256()))
    assert codes(verified(signed(two))) == ["certificate-signer-unlisted"]


def test_the_time_is_the_callers() -> None:
    since, until = signing_cases.SINCE, signing_cases.UNTIL
    second = timedelta(seconds=1)
    assert codes(verified(signed(), since - second)) == ["certificate-not-yet-valid"] * 2
    assert verified(signed(), since).ok
    assert verified(signed(), until).ok
    assert codes(verified(signed(), until + second)) == ["certificate-expired"] * 2
    with pytest.raises(ValueError, match="offset"):
        verified(signed(), datetime(2026, 11, 20))  # what is refused


def test_an_authority_that_has_expired_vouches_for_nobody_until_it_is_renewed() -> None:
    old = party(
        None, "Test CA", own=CA.key, ca=True, until=AT - timedelta(1), organization="NTRDK-87654321", serial="CA"
    )
    assert codes(verified(signed(), ca=old.pem)) == ["certificate-expired"]
    assert verified(signed(), ca=old.pem + CA.pem).ok


UNFIT: dict[str, dict[str, Any]] = {
    "an authority": {"ca": True},
    "for encryption": {
        "extensions": ((x509.KeyUsage(False, False, True, False, False, False, False, False, False), True),)
    },
    "of a server": {"extensions": ((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),)},
    "for time stamps": {"extensions": ((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True),)},
    "with something critical": {
        "extensions": ((x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"x"), True),)
    },
}


@pytest.mark.parametrize("what", UNFIT)
def test_a_certificate_for_something_else_is_not_believed(what: str) -> None:
    assert codes(verified(signed(party(CA, **UNFIT[what])))) == ["certificate-unfit"]


def test_a_certificate_for_people_and_systems_signs_documents_too() -> None:
    purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    assert verified(signed(party(CA, extensions=((purposes, True),)))).ok


def test_an_authority_in_the_ca_file_is_trusted_be_it_an_intermediate_one() -> None:
    between = party(CA, "Test CA 2", own=key("p256", 98), ca=True, organization="NTRDK-87654321", serial="CA2")
    data = signed(party(between))
    assert codes(verified(data)) == ["certificate-issuer-unknown"]
    assert verified(data, ca=between.pem).ok
    assert verified(data, ca=CA.pem + between.pem).ok
    # The list of the one above says nothing of what this one has issued.
    assert codes(verified(data, ca=CA.pem + between.pem, crls=(revocations(),))) == ["certificate-revocation-unknown"]
    assert verified(data, ca=CA.pem + between.pem, crls=(revocations(by=between),)).revocation == "good"


def test_who_is_no_authority_issues_nothing() -> None:
    issued = party(SENDER, own=key("p256", 2))
    assert codes(verified(signed(issued), ca=SENDER.pem)) == ["certificate-issuer-unknown"]
    assert codes(verified(signed(issued), ca=issued.pem)) == ["certificate-issuer-unknown"]
    assert codes(verified(signed(issued), chain=SENDER.pem)) == ["certificate-path-refused"]
    for_documents = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"x")
    for authority in (
        party(None, "weak", own=key("rsa-1024"), ca=True),
        party(None, "not for certificates", ca=True, extensions=((for_documents, True),)),
        party(None, "with something critical", ca=True, extensions=((unknown, True),)),
    ):
        assert codes(verified(signed(party(authority)), ca=authority.pem)) == ["certificate-path-refused"]
    assert codes(verified(signed(party(CA, digest=hashes.SHA224())))) == ["certificate-path-refused"]


def of_another_curve(der: bytes, label: str) -> bytes:
    """PEM of a key or certificate on prime239v1, which the library does not know."""
    found = der.replace(bytes.fromhex("2a8648ce3d030107"), bytes.fromhex("2a8648ce3d030104"))
    return f"-----BEGIN {label}-----\n{b64encode(found).decode()}\n-----END {label}-----\n".encode()


def of_another_algorithm(pem: bytes) -> bytes:
    der = x509.load_pem_x509_crl(pem).public_bytes(Encoding.DER)
    return der.replace(bytes.fromhex("2a8648ce3d040302"), bytes.fromhex("2a8648ce3d040309"))


def test_keys_and_certificates_of_a_sort_that_nobody_knows_are_refused() -> None:
    der = SENDER.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(SigningRefused, match="the key cannot be read"):
        exchange.sign(INTACT, of_another_curve(der, "PRIVATE KEY"), SENDER.certificate)
    leaf = SENDER.certificate.public_bytes(Encoding.DER)
    with pytest.raises(SigningRefused, match="the certificate cannot be read"):
        exchange.sign(INTACT, SENDER.key, of_another_curve(leaf, "CERTIFICATE"))


def test_trust_that_cannot_be_read_is_said_and_not_passed_over() -> None:
    for given in (
        {"ca": b"x"},
        {"signers": ("x",)},
        {"signers": ("CN=x",)},
        {"signers": ("cvr=1",)},
        {"signers": ("cvr=12345678+",)},
        {"crls": (b"x",)},
        {"crls": (of_another_algorithm(revocations()),)},
        {"ca": of_another_curve(CA.certificate.public_bytes(Encoding.DER), "CERTIFICATE")},
    ):
        with pytest.raises(ConfigurationError):
            verified(signed(), **given)


# Revocation


def test_revocation_that_was_not_checked_is_said() -> None:
    result = verified(signed())
    assert result.revocation == "not-checked"
    assert [finding.code for finding in result.findings] == ["certificate-revocation-not-checked"]


def test_a_revocation_list_is_asked() -> None:
    good = verified(signed(), crls=(revocations(),))
    assert (good.result, good.revocation, good.findings) == ("valid", "good", ())
    bad = verified(signed(), crls=(revocations(SENDER),))
    assert (bad.result, bad.revocation, codes(bad)) == ("untrusted", "revoked", ["certificate-revoked"])
    before = verified(signed(), AT - timedelta(2), crls=(revocations(SENDER),))
    assert (before.result, before.revocation) == ("valid", "good")


LISTS: dict[str, dict[str, Any]] = {
    "run out": {"since": AT - timedelta(9), "until": AT - timedelta(1)},
    "of somebody else": {"by": party(None, own=key("p256", 3), ca=True)},
    "partial": {"extensions": ((x509.DeltaCRLIndicator(1), True),)},
    "of after the certificate's last day": {"since": UNTIL + timedelta(1), "until": UNTIL + timedelta(9)},
    "of somebody of the same name": {"by": Party(key("p256", 3), CA.certificate)},
}


@pytest.mark.parametrize("which", LISTS)
def test_a_list_that_does_not_count_makes_no_certificate_good(which: str) -> None:
    result = verified(signed(), crls=(revocations(**LISTS[which]),))
    assert (result.result, codes(result)) == ("untrusted", ["certificate-revocation-unknown"])


def test_revocation_may_be_asked_elsewhere() -> None:
    asked: list[tuple[bytes, bytes, datetime]] = []

    def ask(certificate: bytes, issuer: bytes, at: datetime) -> Any:
        asked.append((certificate, issuer, at))
        return "revoked"

    assert codes(verified(signed(), revocation=ask)) == ["certificate-revoked"]
    der = Encoding.DER
    assert asked == [(SENDER.certificate.public_bytes(der), CA.certificate.public_bytes(der), AT)]


def test_whoever_is_asked_counts_only_if_the_answer_is_one() -> None:
    def saying(answer: Any) -> Any:
        return lambda *_: answer

    good = verified(signed(), revocation=saying("good"))
    assert (good.result, good.revocation, good.findings) == ("valid", "good", ())
    for answer in ("unknown", "GOOD", None):
        assert codes(verified(signed(), revocation=saying(answer))) == ["certificate-revocation-unknown"]
    # One that says revoked is enough.
    assert codes(verified(signed(), revocation=saying("good"), crls=(revocations(SENDER),))) == ["certificate-revoked"]
    assert codes(verified(signed(), revocation=saying("revoked"), crls=(revocations(),))) == ["certificate-revoked"]


# What is kept quiet


def test_nothing_is_logged_or_told_of_a_message(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    data = exchange.sign(hostile.SAMTALE.encode(), SENDER.key, SENDER.certificate)
    for made in (data, data.replace(b">test<", b">produktion<"), data.replace(b'URI=""', b'URI="#0101405000"')):
        result = verified(made)
        said = repr(result) + "".join(f"{finding!r}{finding.danish}" for finding in result.findings)
        assert "0101405000" not in said
    assert caplog.records == []


def test_nothing_is_logged_or_told_of_whom_a_certificate_names(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    person = party(CA, "0101405000", serial="0101405000")
    data = signed(person)
    for result in (verified(data), verified(data, signers=()), verified(data, ca=SENDER.pem)):
        assert result.signer is not None
        said = repr(result) + repr(result.signer) + "".join(f"{each!r}{each.danish}" for each in result.findings)
        assert "0101405000" not in said
        assert result.signer.serial_number == "0101405000"
    with pytest.raises(SigningRefused) as caught:
        exchange.sign(INTACT, SENDER.key, party(CA, "0101405000", own=key("p256", 2)).certificate)
    assert "0101405000" not in f"{caught.value!r}{caught.value.__context__!r}"
    assert caplog.records == []


WITHOUT = """
import sys
from datetime import datetime, UTC
sys.modules["cryptography"] = None
import exchange
from exchange.errors import PackageMissing
data = exchange.build(exchange.Exchange().example("samtale"))
calls = (lambda: exchange.sign(data, b"", b""), lambda: exchange.verify(data, exchange.Trust(b"", ()), at=datetime.now(UTC)))
for call in calls:
    try:
        call()
    except PackageMissing as error:
        print(error)
"""


def test_without_cryptography_it_is_said_what_to_install() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True)
    assert done.stdout.count("pip install 'exchange-par87[sign]'") == 2


def test_a_signed_delivery_is_verified_by_xmlsec1_and_by_us(tmp_path: Path) -> None:
    data = exchange.sign(delivery(), SENDER.key, SENDER.certificate)
    assert xmlsec_verifies(data, tmp_path)
    assert verified(data).content is not None
