"""No document, certificate or revocation list, however damaged, makes `verify` raise, or cryptography warn on stderr."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from signatures.test_signing_deliveries import WHOLE
from support import signature_faults
from support.signing_cases import (
    AT,
    CA,
    ORGANIZATION,
    SENDER,
    codes,
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
from exchange.deliveries import verify_delivery
from exchange.errors import ConfigurationError
from exchange.signatures import loading

CASES = Path(__file__).parents[1] / "signed"
RESULTS = {"valid", "invalid", "unsigned", "untrusted"}
VERIFY: dict[str, Callable[[bytes], exchange.Verified]] = {
    "a message": lambda data: exchange.verify(data, trust(crls=(revocations(),)), at=AT),
    "a stream": lambda data: verify_delivery(data, trust(crls=(revocations(),)), at=AT, out=io.BytesIO()),
}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Fail a test in which anything warns."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    assert [str(warning.message) for warning in caught] == []


@pytest.mark.parametrize("way", VERIFY)
def test_a_namespace_that_has_no_canonical_form_makes_a_result(way: str) -> None:
    data = (CASES / "verify_raises.xml").read_bytes()
    result = VERIFY[way](data)
    assert (result.result, result.content) == ("invalid", None)


@pytest.mark.parametrize("way", VERIFY)
@pytest.mark.parametrize("part", ["Signature", "SignedInfo", "Reference", "KeyInfo", "X509Certificate"])
@pytest.mark.parametrize("name", ["xmlns", "xmlns:q"])
def test_so_does_one_anywhere_in_the_signature(way: str, part: str, name: str) -> None:
    start = f"<ds:{part}".encode()
    data = signed().replace(start, start + f' {name}="x"'.encode(), 1)
    assert VERIFY[way](data).result in RESULTS
    report = exchange.validate(data, signed_by=trust(), at=AT)
    assert report.layers["signature"] in {"passed", "failed", "skipped"}


DOCUMENTS = [signed(), signed(party(CA, own=key("rsa-2048"))), WHOLE]


@pytest.mark.parametrize("seed", range(4))
def test_documents_damaged_at_random_make_results(seed: int) -> None:
    rng = Random(seed)
    intact = {exchange.verify(data, trust(), at=AT).content for data in DOCUMENTS}
    seen: set[str] = set()
    for _ in range(100):
        data = rng.choice(DOCUMENTS)
        faulty, anew = signature_faults.damaged(rng, data), signature_faults.signed_anew(rng, data)
        for verify in VERIFY.values():
            result = verify(faulty)
            assert result.content is None or (result.ok and result.content in intact)
            seen |= {result.result, verify(anew).result}
    assert {"invalid", "valid"} <= seen <= RESULTS


@pytest.mark.parametrize("seed", range(3))
def test_trust_damaged_at_random_is_a_fault_of_the_configuration_or_trust(seed: int) -> None:
    rng = Random(seed)
    data = signed()
    der = CA.certificate.public_bytes(Encoding.DER)
    told = 0
    for _ in range(60):
        for given in (
            {"ca": signature_faults.pem(signature_faults.damaged_der(rng, der), "CERTIFICATE")},
            {"ca": signature_faults.pem(signature_faults.reissued(rng, CA.certificate), "CERTIFICATE")},
            {"crls": (signature_faults.damaged_list(rng),)},
        ):
            try:
                assert verified(data, **given).result in {"valid", "untrusted"}
            except ConfigurationError:
                told += 1
    assert 0 < told < 180


def test_trust_is_read_before_the_document() -> None:
    for data in (message(), b"<a>", signed()):
        for given in ({"ca": b"x"}, {"crls": (b"x",)}, {"signers": ("x",)}):
            with pytest.raises(ConfigurationError):
                verified(data, **given)


def test_what_is_asked_elsewhere_may_raise_and_so_may_the_callers_files() -> None:
    class Broken(Exception):
        pass

    def fail(*_: Any) -> Any:
        raise Broken

    with pytest.raises(Broken):
        verified(signed(), revocation=fail)
    with pytest.raises(Broken):
        verify_delivery(WHOLE, trust(), at=AT, out=type("Out", (io.BytesIO,), {"write": fail})())
    stream = io.BytesIO(WHOLE * 2)
    reads = iter([stream.read(1 << 16), WHOLE[:10]])
    stream.read = lambda *_: next(reads, None) or fail()  # type: ignore[method-assign]  # it fails later
    with pytest.raises(Broken):
        verify_delivery(stream, trust(), at=AT)


def odd_certificate() -> bytes:
    """A certificate, truly issued, with a serial number below zero: cryptography warns of it."""
    tbs = SENDER.certificate.tbs_certificate_bytes
    number = SENDER.certificate.serial_number
    size = (number.bit_length() + 8) // 8
    asked = b"\x02" + bytes([size]) + number.to_bytes(size, "big")
    assert asked in tbs
    made = tbs.replace(asked, b"\x02" + bytes([size]) + bytes([0x80]) + b"\1" * (size - 1), 1)
    return signature_faults.issued(made)


def test_a_certificate_that_cryptography_warns_of_is_judged_without_a_word(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    der = odd_certificate()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        x509.load_der_x509_certificate(der)
    assert caught, "cryptography warns no more: take another certificate"
    data = exchange.sign(message(), SENDER.key, der)
    # RFC 5280, 4.1.2.2: a serial number is above zero.
    assert codes(verified(data)) == ["certificate-path-refused"]
    assert codes(verified(data, crls=(revocations(),))) == ["certificate-path-refused"]
    files = {"signed.xml": data, "ca.pem": CA.pem}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    trusted = ("--ca", str(tmp_path / "ca.pem"), "--signer", f"organizationIdentifier={ORGANIZATION}")
    command = ["verify", str(tmp_path / "signed.xml"), *trusted, "--at", "2026-11-20T16:00:00+01:00"]
    assert cli.run(command) == 1
    assert capfd.readouterr().err == ""


def test_warnings_of_others_are_shown_as_before() -> None:
    before = list(warnings.filters)
    verified(signed())
    assert [each for each in warnings.filters if not _concerns_only(each, loading.__name__)] == before
    for module in ("exchange", "exchange.signatures.loading2", "__main__"):
        with pytest.raises(UserWarning, match="ours"):
            _warn_as_an_error(module)


def _concerns_only(warning_filter: tuple[Any, ...], module: str) -> bool:
    """True if a filter is one that names this module, and matches no other of the package."""
    pattern = warning_filter[3]
    return isinstance(pattern, re.Pattern) and bool(pattern.match(module)) and not pattern.match(f"{module}2")


def _warn_as_an_error(module: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loading.strangers.cache_clear()
        verified(signed())
        warnings.warn_explicit("ours", UserWarning, "x.py", 1, module)


def test_filters_that_another_thread_changes_meanwhile_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another thread does is done here while a certificate is parsed: the order is the same each time."""
    before = list(warnings.filters)
    others = warnings.catch_warnings()
    load = x509.load_der_x509_certificate

    def meanwhile(der: bytes) -> x509.Certificate:
        others.__enter__()
        return load(der)

    monkeypatch.setattr(x509, "load_der_x509_certificate", meanwhile)
    loading.strangers.cache_clear()
    assert loading.strangers(SENDER.certificate.public_bytes(Encoding.DER)) is not None
    others.__exit__(None, None, None)
    assert [each for each in warnings.filters if not _concerns_only(each, loading.__name__)] == before


# Names that an authority may issue for


def openssl(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    if not shutil.which("openssl") and not os.environ.get("CI"):
        pytest.skip("no openssl: the other judge of certificates was not asked")
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)


def constrained(organization: str) -> x509.NameConstraints:
    country = x509.NameAttribute(NameOID.COUNTRY_NAME, "DK")
    identifier = x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, organization)
    return x509.NameConstraints([x509.DirectoryName(x509.Name([country, identifier]))], None)


@pytest.mark.parametrize("critical", [True, False])
@pytest.mark.parametrize(("organization", "permitted"), [("NTRDK-11111111", False), (ORGANIZATION, True)])
def test_an_authority_for_some_names_only_issues_nothing_here(
    tmp_path: Path, organization: str, permitted: bool, critical: bool
) -> None:
    only = (constrained(organization), critical)
    authority = party(None, "Some", own=key("p256", 97), ca=True, organization="NTRDK-87654321", extensions=(only,))
    between = party(
        CA, "Some", own=key("p256", 97), ca=True, organization="NTRDK-87654321", serial="Some", extensions=(only,)
    )
    leaf = party(between)
    for name, each in (("ca.pem", CA), ("between.pem", between), ("leaf.pem", leaf)):
        (tmp_path / name).write_bytes(each.pem)
    # To pass over the extension is wrong: openssl does not.
    at = ("-attime", f"{AT.timestamp():.0f}")
    files = ("-CAfile", tmp_path / "ca.pem", "-untrusted", tmp_path / "between.pem", tmp_path / "leaf.pem")
    judged = openssl("verify", *at, *files)
    assert (judged.returncode == 0) == permitted, judged.stderr
    assert permitted or "permitted subtree violation" in judged.stderr
    # To refuse it whatever names it permits is safe, and said.
    assert codes(verified(signed(leaf), chain=between.pem)) == ["certificate-path-refused"]
    assert codes(verified(signed(leaf), ca=between.pem)) == ["certificate-path-refused"]
    assert codes(verified(signed(party(authority)), ca=authority.pem)) == ["certificate-path-refused"]


@pytest.mark.parametrize("critical", [True, False])
def test_a_signers_certificate_that_limits_names_is_unfit(critical: bool) -> None:
    only = (constrained(ORGANIZATION), critical)
    found = verified(signed(party(CA, extensions=(only,))))
    assert found.result == "untrusted"
    assert set(codes(found)) == {"certificate-unfit"}


def test_an_authority_for_something_else_issues_nothing_here() -> None:
    servers = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
    other = party(None, "Web", own=key("p256", 96), ca=True, extensions=(servers,))
    assert codes(verified(signed(party(other)), ca=other.pem)) == ["certificate-path-refused"]


@pytest.mark.parametrize("critical", [True, False])
def test_a_partial_list_says_of_no_certificate_that_it_is_good(critical: bool) -> None:
    for extension in (
        x509.DeltaCRLIndicator(1),
        x509.IssuingDistributionPoint(None, None, False, True, None, False, False),
    ):
        crl = revocations(extensions=((extension, critical),))
        assert codes(verified(signed(), crls=(crl,))) == ["certificate-revocation-unknown"]
