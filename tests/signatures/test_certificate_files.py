"""Keys, certificates and revocation lists as openssl writes them: PEM with text around it, in any line ends, behind a mark."""

from __future__ import annotations

import codecs
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from support.signing_cases import (
    AT,
    CA,
    ORGANIZATION,
    SENDER,
    key,
    message,
    party,
    revocations,
    signed,
    trust,
    verified,
)

import exchange
from exchange import cli
from exchange.errors import ConfigurationError, KeyUnreadable, SigningRefused

FORMS: dict[str, Callable[[bytes], bytes]] = {
    "as openssl writes it": lambda data: data,
    "CRLF": lambda data: data.replace(b"\n", b"\r\n"),
    "a mark": lambda data: codecs.BOM_UTF8 + data,
    "a mark and CRLF": lambda data: codecs.BOM_UTF8 + data.replace(b"\n", b"\r\n"),
    "UTF-16, as PowerShell writes it": lambda data: data.decode("latin-1").replace("\n", "\r\n").encode("utf-16"),
    "indented, and no line end at the end": lambda data: data.replace(b"\n", b"\n  ").rstrip(),
    "letters of ISO-8859-1 around": lambda data: "Nøgle\n".encode("latin-1") + data + "Slut på".encode("latin-1"),
}


@pytest.fixture
def openssl(tmp_path: Path) -> Callable[..., bytes]:
    """Run openssl on files of its own; give what it writes."""
    if not shutil.which("openssl") and not os.environ.get("CI"):
        pytest.skip("no openssl: what it writes was not read")
    files = {
        "key.pem": SENDER.key_pem,
        "cert.pem": SENDER.pem,
        "ca.pem": CA.pem,
        "good.crl": revocations(),
        "both.pem": SENDER.key_pem + SENDER.pem,
        "rsa.pem": party(CA, own=key("rsa-2048")).key_pem,
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)

    def run(*arguments: str) -> bytes:
        done = subprocess.run(["openssl", *arguments], cwd=tmp_path, capture_output=True, timeout=60, check=True)
        return done.stdout

    return run


@pytest.fixture
def dumped(openssl: Callable[..., bytes]) -> bytes:
    """What `openssl pkcs12 -nodes` makes of a PKCS#12 file: bag attributes, the certificates, the key."""
    made = ("pkcs12", "-export", "-in", "both.pem", "-certfile", "ca.pem", "-out", "both.p12", "-passout", "pass:kode")
    openssl(*made, "-name", "Prøve -----BEGIN")
    return openssl("pkcs12", "-in", "both.p12", "-nodes", "-passin", "pass:kode")


@pytest.mark.parametrize("form", FORMS)
def test_what_openssl_dumps_of_pkcs12_is_key_and_certificate(dumped: bytes, form: str) -> None:
    assert dumped.startswith(b"Bag Attributes")
    data = FORMS[form](dumped)
    assert verified(exchange.sign(message(), data, data)).ok
    assert verified(exchange.sign(message(), data)).ok
    assert verified(exchange.sign(message(), SENDER.key, data)).ok


@pytest.mark.parametrize("form", FORMS)
def test_what_openssl_shows_of_a_certificate_is_one(openssl: Callable[..., bytes], form: str) -> None:
    leaf, authority = (FORMS[form](openssl("x509", "-text", "-in", name)) for name in ("cert.pem", "ca.pem"))
    data = exchange.sign(message(), SENDER.key_pem, leaf)
    assert verified(data, ca=authority).ok
    assert verified(data, ca=FORMS[form](openssl("x509", "-text", "-in", "cert.pem") + CA.pem)).ok


@pytest.mark.parametrize("form", FORMS)
def test_what_openssl_shows_of_a_revocation_list_is_one(openssl: Callable[..., bytes], form: str) -> None:
    assert verified(signed(), crls=(FORMS[form](openssl("crl", "-text", "-in", "good.crl")),)).revocation == "good"


@pytest.mark.parametrize("form", FORMS)
def test_a_key_behind_its_parameters_or_under_a_password_is_read(openssl: Callable[..., bytes], form: str) -> None:
    both = openssl("ecparam", "-name", "prime256v1", "-genkey")
    assert both.startswith(b"-----BEGIN EC PARAMETERS-----")
    with pytest.raises(SigningRefused, match="not the certificate's"):
        exchange.sign(message(), FORMS[form](both), SENDER.pem)
    for made in (
        ("pkcs8", "-topk8", "-in", "key.pem", "-passout", "pass:kode"),
        ("ec", "-in", "key.pem", "-aes256", "-passout", "pass:kode"),  # the old way: headers in the block
    ):
        locked = FORMS[form](openssl(*made))
        assert verified(exchange.sign(message(), locked, SENDER.pem, password=b"kode")).ok
        with pytest.raises(KeyUnreadable):
            exchange.sign(message(), locked, SENDER.pem)


def test_of_several_certificates_in_a_file_the_keys_own_is_taken() -> None:
    assert verified(exchange.sign(message(), SENDER.key_pem, CA.pem + SENDER.pem)).ok
    assert verified(exchange.sign(message(), CA.pem + SENDER.pem + SENDER.key_pem)).ok
    # The certificate that is named goes before those beside the key.
    renewed = party(CA)
    data = exchange.sign(message(), SENDER.pem + SENDER.key_pem, renewed.pem)
    assert verified(data, signers=(renewed.fingerprint,)).ok


def test_of_several_revocation_lists_in_a_file_all_count() -> None:
    both = revocations() + revocations(SENDER)
    assert verified(signed(), crls=(both,)).revocation == "revoked"
    assert verified(signed(), crls=(both.replace(b"\n", b"\r\n"),)).revocation == "revoked"


def test_a_file_behind_one_without_a_last_line_end_is_read_too() -> None:
    """That is what `cat a.pem b.pem` makes of them: the end of a block and the beginning of the next in one line."""
    for first, second in ((revocations(), revocations(SENDER)), (revocations(SENDER), revocations())):
        assert verified(signed(), crls=(first.rstrip() + second,)).revocation == "revoked"
    other = party(None, "Other CA", own=key("p256", 77), ca=True, organization="NTRDK-11111111", serial="OCA")
    for first, second in ((other.pem, CA.pem), (CA.pem, other.pem)):
        assert verified(signed(), ca=first.rstrip() + second).ok
    for first, second in ((SENDER.pem, SENDER.key_pem), (SENDER.key_pem, SENDER.pem)):
        assert verified(exchange.sign(message(), first.rstrip() + second)).ok


@pytest.mark.parametrize("between", [b" ", b"-", b"# ", b"\n# ", b"\nx", b"\n\0"])
def test_no_revocation_list_is_overlooked_because_its_marker_does_not_stand_alone(between: bytes) -> None:
    with pytest.raises(ConfigurationError):
        verified(signed(), crls=(revocations().rstrip() + between + revocations(SENDER),))


@pytest.mark.parametrize("marker", [b"-----BEGIN X509 CRL-----", b"-----END X509 CRL-----"])
@pytest.mark.parametrize("behind", [b"x", b" x", b"-"])
def test_nor_because_something_stands_behind_its_marker(marker: bytes, behind: bytes) -> None:
    revoking = revocations(SENDER).replace(marker, marker + behind)
    for data in (revocations() + revoking, revoking + revocations()):
        with pytest.raises(ConfigurationError):
            verified(signed(), crls=(data,))


@pytest.mark.parametrize("label", [b"TRUSTED CERTIFICATE", b"ATTRIBUTE CERTIFICATE", b"CERTIFICATE REQUEST"])
def test_blocks_of_another_sort_are_passed_over(label: bytes) -> None:
    other = b"-----BEGIN %b-----\nAAAA\n-----END %b-----\n" % (label, label)
    for ca in (CA.pem + other, other + CA.pem, other + CA.pem.replace(b" CERTIFICATE", b" X509 CERTIFICATE")):
        assert len(x509.load_pem_x509_certificates(ca)) == 1
        assert verified(signed(), ca=ca).ok
    assert verified(exchange.sign(message(), SENDER.key, other + SENDER.pem)).ok
    with pytest.raises(ConfigurationError):
        verified(signed(), ca=other)


def test_der_is_read_as_before() -> None:
    der, private = Encoding.DER, SENDER.key.private_bytes
    leaf = SENDER.certificate.public_bytes(der)
    assert verified(exchange.sign(message(), private(der, PrivateFormat.PKCS8, NoEncryption()), leaf)).ok
    assert verified(exchange.sign(message(), private(der, PrivateFormat.TraditionalOpenSSL, NoEncryption()), leaf)).ok


@pytest.mark.parametrize(
    "data",
    [
        b"no PEM",
        SENDER.key_pem,
        CA.pem[:-30],
        CA.pem + CA.pem[:-30],
        CA.pem[:-30] + CA.pem,
        CA.pem + b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
    ],
)
def test_a_file_that_is_cut_off_or_holds_something_else_is_refused_whole(data: bytes) -> None:
    with pytest.raises(ConfigurationError):
        verified(signed(), ca=data)
    with pytest.raises(SigningRefused, match="certificate"):
        exchange.sign(message(), SENDER.key, data)
    with pytest.raises(ConfigurationError):
        verified(signed(), crls=(data.replace(b"CERTIFICATE", b"X509 CRL"),))


def test_a_key_without_a_certificate_in_its_file_needs_one() -> None:
    for data in (SENDER.key_pem, SENDER.key_pem + b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"):
        with pytest.raises(SigningRefused, match="no certificate"):
            exchange.sign(message(), data)
        assert verified(exchange.sign(message(), data, SENDER.pem)).ok
    for data in (SENDER.pem, SENDER.key_pem[:-30]):
        with pytest.raises(KeyUnreadable):
            exchange.sign(message(), data, SENDER.pem)


def test_the_command_line_reads_them_from_files(
    openssl: Callable[..., bytes], dumped: bytes, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    files = {
        "samtale.xml": message(),
        "dumped.pem": FORMS["a mark and CRLF"](dumped),
        "shown.pem": openssl("x509", "-text", "-in", "ca.pem"),
        "shown.crl": openssl("crl", "-text", "-in", "good.crl"),
    }
    paths = {name: str(tmp_path / name) for name in files} | {"signed.xml": str(tmp_path / "signed.xml")}
    for name, data in files.items():
        Path(paths[name]).write_bytes(data)
    pair = ("--key", paths["dumped.pem"], "--cert", paths["dumped.pem"])
    assert cli.run(["sign", paths["samtale.xml"], *pair, "-o", paths["signed.xml"]]) == 0
    trusted = ("--ca", paths["shown.pem"], "--crl", paths["shown.crl"], "--at", AT.isoformat())
    signer = ("--signer", f"organizationIdentifier={ORGANIZATION}")
    assert cli.run(["verify", paths["signed.xml"], *trusted, *signer, "--lang", "en"]) == 0
    told = capfd.readouterr()
    assert ("revocation: not revoked" in told.out, told.err) == (True, "")


def test_the_password_of_a_key_is_asked_for_where_it_stands_in_text(openssl: Callable[..., bytes]) -> None:
    locked = b"Bag Attributes\n" + openssl("rsa", "-aes256", "-passout", "pass:kode", "-in", "rsa.pem")
    leaf = party(CA, own=key("rsa-2048"))
    with pytest.raises(KeyUnreadable):
        exchange.sign(message(), locked, leaf.certificate)
    data = exchange.sign(message(), locked, leaf.certificate, password=b"kode")
    assert exchange.verify(data, trust(), at=AT).ok
