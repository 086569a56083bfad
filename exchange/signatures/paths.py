"""Finds the path from a signer's certificate to an authority that the user trusts (RFC 5280, section 6).

`cryptography.x509.verification` builds and checks it: periods, signatures, key sizes, path lengths, critical extensions.
Only what an authority's extensions must say is said here, since the library's own policies are the web's.
"""

from __future__ import annotations

from bisect import bisect
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import Criticality, ExtensionPolicy, Policy, PolicyBuilder, Store, VerificationError

from exchange.signatures import loading
from exchange.signatures.loading import ParsedCertificate

if TYPE_CHECKING:
    from datetime import datetime

LONGEST = 4
"""At most so many authorities stand between a signer and one that is trusted."""

_CLOSE = timedelta(seconds=1)
"""Certificates have whole seconds, and it is the library's to say in which its periods end."""

ELSEWHERE = {
    ExtendedKeyUsageOID.SERVER_AUTH,
    ExtendedKeyUsageOID.CODE_SIGNING,
    ExtendedKeyUsageOID.TIME_STAMPING,
    ExtendedKeyUsageOID.OCSP_SIGNING,
}
"""The purposes that no document is signed for: a certificate that names none but these is for something else."""

_REASONS = {
    "path length": "pathlen",
    "max depth": "pathlen",
    "basicConstraints": "basicConstraints",
    "2.5.29.19": "basicConstraints",
    "keyUsage": "keyUsage",
    "extendedKeyUsage": "extendedKeyUsage",
    "2.5.29.30": "nameConstraints",
    "critical extension": "critical extension",
    "too weak": "key size",
    "public key algorithm": "key algorithm",
    "signature algorithm": "signature algorithm",
    "serial": "serialNumber",
    "X509v3": "version",
}
"""What the library's texts contain, and the word that a finding has for it: the texts themselves quote certificates."""


class NoPath(Exception):
    """No path leads to an authority; `reason` is what is wrong with one that an issuer's name promises, else None."""

    def __init__(self, reason: str | None) -> None:
        super().__init__(reason)
        self.reason = reason


def is_for_something_else(purposes: x509.ExtendedKeyUsage | None) -> bool:
    """True if a certificate's purposes are given, and signing documents is none of them."""
    return purposes is not None and ELSEWHERE.issuperset(purposes)


def path(
    leaf: ParsedCertificate, others: tuple[ParsedCertificate, ...], anchors: tuple[ParsedCertificate, ...], at: datetime
) -> tuple[ParsedCertificate, ...]:
    """Return the certificates from `leaf` to one of the `anchors`, over those of the `others` that are needed.

    It is a path that is valid at `at` if there is one; otherwise one that was valid at another time within the leaf's own
    period, so that it can be said which certificate has expired. Raises NoPath.
    """
    return _path(leaf, others, anchors, _moment((leaf, *others, *anchors), at))


def _moment(certificates: tuple[ParsedCertificate, ...], at: datetime) -> datetime:
    """Return a time that stands for `at`: the same for all times between which no certificate begins or ceases to be valid.

    Nothing else about a path depends on the time, so what is found for the one holds for all of them. Close to such a change,
    and before the first and behind the last of them, it is `at` itself.
    """
    changes = sorted({time for each in certificates for time in (each.signer.valid_from, each.signer.valid_until)})
    place = bisect(changes, at)
    if place in (0, len(changes)):
        return at
    before, after = changes[place - 1], changes[place]
    return before + (after - before) / 2 if before + _CLOSE < at < after - _CLOSE else at


@lru_cache(maxsize=loading.KEPT)
def _path(
    leaf: ParsedCertificate, others: tuple[ParsedCertificate, ...], anchors: tuple[ParsedCertificate, ...], at: datetime
) -> tuple[ParsedCertificate, ...]:
    known = {each.certificate: each for each in (*anchors, *others, leaf)}
    signer = leaf.signer
    starts = {each.signer.valid_from for each in known.values()}
    # A root that is not trusted leads to itself only.
    intermediate = [each.certificate for each in others if not _is_self_signed(each)]
    reasons = []
    for moment in (at, *sorted(start for start in starts if signer.valid_from <= start <= signer.valid_until)):
        verifier = _verifier(anchors, moment)
        if verifier is None:
            break
        try:
            chain = verifier.verify(leaf.certificate, intermediate).chain
        except VerificationError as error:
            reasons.append(_reason(str(error)))
            continue
        return tuple(known[certificate] for certificate in chain)
    raise NoPath(next(filter(None, reasons), None))


def _is_self_signed(each: ParsedCertificate) -> bool:
    if each.subject != each.issuer:
        return False
    try:
        each.certificate.verify_directly_issued_by(each.certificate)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _reason(text: str) -> str | None:
    return next((word for part, word in _REASONS.items() if part in text), None)


def _verifier(anchors: tuple[ParsedCertificate, ...], at: datetime) -> x509.verification.ClientVerifier | None:
    store = _store(anchors)
    if store is None:
        return None
    builder = PolicyBuilder().store(store).time(at).max_chain_depth(LONGEST)
    return builder.extension_policies(ca_policy=_AUTHORITY, ee_policy=_SIGNER).build_client_verifier()


@lru_cache(maxsize=8)
def _store(anchors: tuple[ParsedCertificate, ...]) -> Store | None:
    """Return the authorities among the certificates: a signer's own one in the CA file vouches for nobody, itself included."""
    found = [each.certificate for each in anchors if _is_authority(each)]
    return Store(found) if found else None


def _is_authority(certificate: loading.ParsedCertificate) -> bool:
    constraints = certificate.extension(x509.BasicConstraints)
    return constraints is not None and constraints.ca


def _must_be_authority(_policy: Policy, _certificate: x509.Certificate, constraints: x509.BasicConstraints) -> None:
    if not constraints.ca:
        raise ValueError("basicConstraints")


def _must_sign_certificates(_policy: Policy, _certificate: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("keyUsage")


def _must_not_be_for_something_else(
    _policy: Policy, _certificate: x509.Certificate, purposes: x509.ExtendedKeyUsage | None
) -> None:
    if is_for_something_else(purposes):
        raise ValueError("extendedKeyUsage")


_AUTHORITY = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, _must_be_authority)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _must_sign_certificates)
    .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _must_not_be_for_something_else)
    # Names are compared by rules of their own for each sort, and the library knows none for the subject's.
    .require_not_present(x509.NameConstraints)
)
_SIGNER = ExtensionPolicy.permit_all()
"""What a signer's certificate must say is judged in `certificates`, with a finding for each fault."""
