"""Danish certificates as they are: a root, an issuing authority and an organisation's certificate, all signed RSASSA-PSS."""

from __future__ import annotations

import re
import shutil
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from signatures.test_signing import xmlsec
from support.signing_cases import (
    AT,
    CA,
    ORGANIZATION,
    SENDER,
    SERIAL,
    SINCE,
    UNTIL,
    Party,
    codes,
    key,
    message,
    party,
    revocations,
    signed,
    verified,
    xades,
)

import exchange
from exchange import Verified, cli
from exchange.errors import ConfigurationError, SigningRefused
from exchange.signatures import certificates, loading, paths
from exchange.signatures.shape import MOST_CERTIFICATES

STATE = "NTRDK-87654321"
BEFORE: dict[str, Any] = {"until": AT - timedelta(1)}


@cache
def root() -> Party:
    return party(None, "Rod", own=key("rsa-4096"), ca=True, organization=STATE, serial="root", pss=True)


@cache
def issuing() -> Party:
    return authority()


@cache
def leaf() -> Party:
    return party(issuing(), own=key("rsa-3072", 2), pss=True)


def authority(above: Party | None = None, number: int = 1, **given: Any) -> Party:
    """An issuing authority below the root, or below another one."""
    serial = f"issuing {number}"
    return party(
        above or root(),
        serial,
        own=key("rsa-3072", number),
        ca=True,
        organization=STATE,
        serial=serial,
        pss=True,
        **given,
    )


def chained(by: Party, *above: Party) -> bytes:
    return exchange.sign(message(), by.key, by.certificate, chain=b"".join(each.pem for each in above))


def judged(data: bytes, **given: Any) -> Verified:
    return verified(data, ca=root().pem, **given)


def test_with_the_root_alone_the_issuing_authority_stands_in_the_signature_or_is_given() -> None:
    bare, whole = signed(leaf()), chained(leaf(), issuing())
    assert (bare.count(b"<ds:X509Certificate>"), whole.count(b"<ds:X509Certificate>")) == (1, 2)
    assert codes(judged(bare)) == ["certificate-issuer-unknown"]
    assert judged(bare, chain=issuing().pem).ok
    result = judged(whole, signers=(f"serialNumber={SERIAL}+organizationIdentifier={ORGANIZATION}",))
    assert (result.result, result.content) == ("valid", message())
    assert result.signer is not None
    assert result.signer.fingerprint == leaf().fingerprint
    assert codes(verified(whole, ca=CA.pem)) == ["certificate-issuer-unknown"]


def test_the_root_is_not_put_into_a_signature_and_the_signers_certificate_only_once() -> None:
    assert chained(leaf(), leaf(), issuing(), root()) == chained(leaf(), issuing())


def test_certificates_stand_in_any_order_and_beside_others() -> None:
    data = chained(leaf(), issuing())
    certificates = re.findall(rb"<ds:X509Certificate>.*?</ds:X509Certificate>", data)
    assert judged(data.replace(b"".join(certificates), b"".join(reversed(certificates)))).ok
    stranger = signed(party(None))
    other = re.search(rb"<ds:X509Certificate>.*?</ds:X509Certificate>", stranger)
    assert other
    data = data.replace(certificates[0], other[0] + certificates[0])
    result = judged(data)
    assert result.ok
    assert result.signer is not None
    assert result.signer.fingerprint == leaf().fingerprint


def test_xmlsec1_verifies_a_signature_with_its_chain_with_the_root_alone(tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_bytes(root().pem)
    at = ("--verification-gmt-time", f"{AT:%Y-%m-%d %H:%M:%S}")
    results = []
    for data in (chained(leaf(), issuing()), signed(leaf())):
        (tmp_path / "signed.xml").write_bytes(data)
        trusted = ("--trusted-pem", tmp_path / "root.pem", *at)
        results.append(xmlsec("--verify", *trusted, tmp_path / "signed.xml").returncode == 0)
    assert results == [True, False]


PATHS: dict[str, tuple[Callable[[], tuple[Party, ...]], list[str], str]] = {
    "an authority below one that may have none": (
        lambda: (below := authority(issuing_of_none := authority(pathlen=0), 3), issuing_of_none, party(below)),
        ["certificate-path-refused"],
        "(pathlen)",
    ),
    "an expired issuing authority": (
        lambda: (above := authority(**BEFORE), party(above)),
        ["certificate-expired"],
        "issuer's certificate: has expired",
    ),
    "an issuing authority of tomorrow": (
        lambda: (above := authority(since=AT + timedelta(1)), party(above)),
        ["certificate-not-yet-valid"],
        "issuer's certificate: is not yet valid",
    ),
    "an authority for some names only": (
        lambda: (
            above := authority(extensions=((x509.NameConstraints([x509.DNSName("dk")], None), True),)),
            party(above),
        ),
        ["certificate-path-refused"],
        "(nameConstraints)",
    ),
    "no authority": (
        lambda: (above := party(root(), "ingen", own=key("rsa-3072", 1), pss=True), party(above)),
        ["certificate-path-refused"],
        "(basicConstraints)",
    ),
    "an authority for documents, not for certificates": (
        lambda: (
            above := authority(extensions=((x509.KeyUsage(*[True] + [False] * 8), True),)),
            party(above),
        ),
        ["certificate-path-refused"],
        "(keyUsage)",
    ),
    "an authority of the same name with another key": (
        lambda: (authority(), party(authority(number=1)._replace(key=key("rsa-3072", 4)))),
        ["certificate-issuer-unknown"],
        "no path",
    ),
}


@pytest.mark.parametrize("what", PATHS)
def test_what_is_wrong_with_an_authority_on_the_path_is_said(what: str) -> None:
    make, expected, words = PATHS[what]
    *above, own = make()
    result = judged(chained(own, *above))
    assert (result.result, codes(result)) == ("untrusted", expected)
    assert words in result.findings[0].message


def test_a_longer_path_is_followed_and_one_that_is_too_long_is_not() -> None:
    above = [authority()]
    for number in range(2, 6):
        above.append(authority(above[-1], number))
    assert judged(chained(party(above[3]), *above[:4])).ok
    assert "(pathlen)" in judged(chained(party(above[4]), *above)).findings[0].message


def test_of_two_certificates_of_an_authority_the_one_that_is_valid_counts() -> None:
    for pair in ((authority(**BEFORE), issuing()), (issuing(), authority(**BEFORE))):
        assert judged(chained(leaf(), *pair)).ok


# Revocation


def test_a_path_that_was_found_before_is_the_one_that_is_found_at_each_time() -> None:
    """What is remembered of one time is used for others, and never says anything else than to search again."""
    earlier, later = AT - timedelta(20), AT + timedelta(20)
    first = party(root(), "Udsteder", own=key("p256"), ca=True, until=later, organization=STATE, serial="issuing")
    second = party(root(), "Udsteder", own=key("p256"), ca=True, since=earlier, organization=STATE, serial="issuing")
    sender = party(first, own=key("p256", 2), since=AT - timedelta(30), until=AT + timedelta(30))
    of, *others = (loading.strangers(each.certificate.public_bytes(Encoding.DER)) for each in (sender, first, second))
    assert of is not None
    beside = tuple(each for each in others if each is not None)
    anchors = loading.authorities(root().pem)
    changes = (SINCE, of.signer.valid_from, earlier, AT, later, of.signer.valid_until, UNTIL)
    steps = [timedelta(seconds=seconds) for seconds in (-9, -1, -0.5, 0, 0.5, 1, 9)]
    found = set()
    for at in (change + step for change in (*changes, *reversed(changes)) for step in steps):
        path = paths.path(of, beside, anchors, at)
        assert path == paths._path.__wrapped__(of, beside, anchors, at)
        found.add(path)
    assert len(found) == 2


def test_every_certificate_below_the_root_is_looked_for_in_the_lists() -> None:
    data = chained(leaf(), issuing())
    by_root, by_issuing = revocations(by=root()), revocations(by=issuing())
    assert judged(data, crls=(by_root, by_issuing)).revocation == "good"
    missing = judged(data, crls=(by_issuing,))
    assert (missing.result, missing.revocation) == ("untrusted", "unknown")
    assert [finding.message for finding in missing.findings] == [
        "issuer's certificate: it cannot be determined whether it is revoked: no revocation list of its issuer"
    ]
    revoked = judged(data, crls=(revocations(issuing(), by=root()), by_issuing))
    assert (revoked.result, revoked.revocation, codes(revoked)) == ("untrusted", "revoked", ["certificate-revoked"])
    assert revoked.findings[0].danish.message == "udsteders certifikat: er tilbagekaldt"


def test_whoever_is_asked_is_asked_for_every_certificate_below_the_root() -> None:
    asked = []

    def ask(certificate: bytes, issuer: bytes, _at: object) -> Any:
        asked.append((certificate, issuer))
        return "good"

    assert judged(chained(leaf(), issuing()), revocation=ask).revocation == "good"
    own, above, top = (each.certificate.public_bytes(Encoding.DER) for each in (leaf(), issuing(), root()))
    assert asked == [(own, above), (above, top)]


POINT = x509.UniformResourceIdentifier("http://crl.example/1.crl")


def listed_at(*names: x509.GeneralName) -> tuple[x509.CRLDistributionPoints, bool]:
    return x509.CRLDistributionPoints([x509.DistributionPoint(list(names), None, None, None)]), False


def point(**given: Any) -> x509.IssuingDistributionPoint:
    names = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**(names | given))


POINTS: dict[str, tuple[x509.IssuingDistributionPoint, str | None]] = {
    "the certificate's own": (point(full_name=[POINT]), None),
    "of users' certificates": (point(full_name=[POINT], only_contains_user_certs=True), None),
    "another": (
        point(full_name=[x509.UniformResourceIdentifier("http://crl.example/2.crl")]),
        "the list is of another distribution point than the certificate's",
    ),
    "of authorities": (point(only_contains_ca_certs=True), "the list is of other sorts of certificate"),
    "of attributes": (point(only_contains_attribute_certs=True), "the list is of other sorts of certificate"),
    "of some reasons": (
        point(only_some_reasons=frozenset([x509.ReasonFlags.key_compromise])),
        "the list is of some reasons only",
    ),
    "indirect": (point(full_name=[POINT], indirect_crl=True), "the list is indirect"),
}


@pytest.mark.parametrize("critical", [True, False])
@pytest.mark.parametrize("which", POINTS)
def test_a_list_of_a_distribution_point_is_understood_or_says_why_not(which: str, critical: bool) -> None:
    extension, reason = POINTS[which]
    data = signed(party(CA, extensions=(listed_at(POINT),)))
    result = verified(data, crls=(revocations(extensions=((extension, critical),)),))
    if reason is None:
        assert (result.result, result.revocation) == ("valid", "good")
        # Of a certificate that names no such point the list says nothing.
        assert codes(verified(signed(), crls=(revocations(extensions=((extension, critical),)),))) == [
            "certificate-revocation-unknown"
        ]
        revoked = party(CA, extensions=(listed_at(POINT),))
        listed = revocations(revoked, extensions=((extension, critical),))
        assert codes(verified(signed(revoked), crls=(listed,))) == ["certificate-revoked"]
    else:
        assert [finding.message.partition("revoked: ")[2] for finding in result.findings] == [reason]


def test_an_indirect_list_holds_the_numbers_of_others_certificates() -> None:
    listed = revocations(SENDER, extensions=((point(indirect_crl=True), True),))
    assert codes(verified(signed(), crls=(listed,))) == ["certificate-revocation-unknown"]


def test_a_list_of_some_reasons_does_not_say_that_nothing_happened_before() -> None:
    extension = (point(only_some_reasons=frozenset([x509.ReasonFlags.key_compromise])), True)
    listed = revocations(SENDER, extensions=(extension,))
    assert codes(verified(signed(), crls=(listed,))) == ["certificate-revoked"]
    # The entry is of the day before AT; for another reason the certificate may have been revoked before that.
    earlier = AT - timedelta(2)
    assert codes(verified(signed(), at=earlier, crls=(listed,))) == ["certificate-revocation-unknown"]
    assert verified(signed(), at=earlier, crls=(revocations(SENDER),)).revocation == "good"


@pytest.mark.parametrize("may_sign_lists", [True, False])
def test_the_issuer_of_a_list_must_be_one_that_may_sign_lists(may_sign_lists: bool) -> None:
    """RFC 5280, 6.3.3 (f)."""
    usage = x509.KeyUsage(False, False, False, False, False, True, may_sign_lists, False, False)
    above = authority(extensions=((usage, True),))
    given = {"crls": (revocations(by=root()), revocations(by=above))}
    expected = [] if may_sign_lists else ["certificate-revocation-unknown"]
    assert codes(judged(chained(party(above), above), **given)) == expected


# Several certificates of one key, and paths of a stranger's making


def beside(data: bytes, *others: Party) -> bytes:
    """A signed document with certificates put in before the one that is there."""
    added = b"".join(
        f"<ds:X509Certificate>{b64encode(each.certificate.public_bytes(Encoding.DER)).decode()}</ds:X509Certificate>".encode()
        for each in others
    )
    return data.replace(b"<ds:X509Data>", b"<ds:X509Data>" + added)


@pytest.mark.parametrize("sign", [signed, xades])
def test_an_earlier_certificate_of_the_same_key_does_not_stand_in_the_way(sign: Callable[[], bytes]) -> None:
    expired, forged = party(CA, **BEFORE), party(None)
    for other in (expired, forged):
        result = verified(beside(sign(), other))
        assert result.ok
        assert result.signer is not None
        assert result.signer.fingerprint == SENDER.fingerprint
    # Whichever is told of, none is believed.
    assert not verified(beside(sign(), expired), at=UNTIL + timedelta(1)).ok


def test_of_many_certificates_of_one_key_few_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths between authorities of one key that issued each other are many: what is looked for must stay little."""
    judge = certificates.judge
    tried: list[object] = []

    def counted(*given: Any) -> Any:
        tried.append(given)
        return judge(*given)

    monkeypatch.setattr(certificates, "judge", counted)
    one, other = (party(None, name, ca=True) for name in "AB")
    many = [
        party(*((other, "A") if day % 2 else (one, "B")), ca=True, since=SINCE + timedelta(day))
        for day in range(MOST_CERTIFICATES - 1)
    ]
    data = beside(signed(party(one)), *many)
    assert verified(data).result == "untrusted"
    assert len(tried) == 3


def test_no_certificate_becomes_trusted_by_standing_beside_the_signers() -> None:
    false_root = party(None, "Rod", own=key("rsa-2048", 5), ca=True, organization=STATE, serial="root")
    below = party(false_root, own=key("p256", 5))
    data = beside(exchange.sign(message(), below.key, below.certificate), false_root)
    assert codes(judged(data)) == ["certificate-issuer-unknown"]
    assert codes(judged(data, chain=false_root.pem)) == ["certificate-issuer-unknown"]


@pytest.mark.parametrize("what", PATHS)
def test_what_the_librarys_texts_say_decides_nothing(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exchange.signatures.paths._REASONS", {})
    *above, own = PATHS[what][0]()
    assert judged(chained(own, *above)).result == "untrusted"


# Files


def test_a_ca_file_may_be_der() -> None:
    der = CA.certificate.public_bytes(Encoding.DER)
    assert verified(signed(), ca=der).ok
    assert judged(signed(leaf()), chain=issuing().certificate.public_bytes(Encoding.DER)).ok
    for broken in (der[:-1], der[:40]):
        with pytest.raises(ConfigurationError):
            verified(signed(), ca=broken)
        with pytest.raises(ConfigurationError):
            verified(signed(), chain=broken)


def test_a_chain_that_is_none_of_the_certificates_is_refused() -> None:
    for chain, words in ((CA.pem, "does not hold the authority"), (b"x", "cannot be read"), (leaf().pem, "does not")):
        with pytest.raises(SigningRefused, match=words):
            exchange.sign(message(), leaf().key, leaf().certificate, chain=chain)
    many = b"".join(authority(since=SINCE + timedelta(day)).pem for day in range(10))
    with pytest.raises(SigningRefused, match="too long"):
        exchange.sign(message(), leaf().key, leaf().certificate, chain=many)


def test_the_commands_take_a_chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files = {"samtale.xml": message(), "key.pem": leaf().key_pem, "cert.pem": leaf().pem, "root.pem": root().pem}
    for name, data in (files | {"issuing.der": issuing().certificate.public_bytes(Encoding.DER)}).items():
        Path(name).write_bytes(data)
    sign = ("sign", "samtale.xml", "--key", "key.pem", "--cert", "cert.pem")
    verify = ("--ca", "root.pem", "--signer", "cvr=12345678", "--at", AT.isoformat())
    assert cli.run([*sign, "--chain", "issuing.der", "-o", "whole.xml"]) == 0
    assert cli.run([*sign, "-o", "bare.xml"]) == 0
    assert cli.run(["verify", "whole.xml", *verify]) == 0
    assert cli.run(["verify", "bare.xml", *verify]) == 1
    assert cli.run(["verify", "bare.xml", *verify, "--chain", "issuing.der"]) == 0
    shutil.copy("bare.xml", "again.xml")
    assert cli.run(["validate", "again.xml", "--require-signature", *verify, "--chain", "issuing.der"]) == 0
