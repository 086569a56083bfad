"""Judges the certificate of a signature: who issued it, for what, when it is valid, whether its owner is expected."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

from exchange.errors import ConfigurationError
from exchange.findings import signature_kinds as kinds
from exchange.findings.finding import Finding
from exchange.signatures import keys, loading
from exchange.signatures.loading import ParsedCertificate, ParsedList
from exchange.signatures.trust import RevocationState, Signer, Trust

_UNDERSTOOD = {
    ExtensionOID.BASIC_CONSTRAINTS,
    ExtensionOID.KEY_USAGE,
    ExtensionOID.EXTENDED_KEY_USAGE,
    ExtensionOID.CERTIFICATE_POLICIES,
}
"""The extensions that may be critical: what else an issuer calls critical is not understood here."""

_ELSEWHERE = {
    ExtendedKeyUsageOID.SERVER_AUTH,
    ExtendedKeyUsageOID.CODE_SIGNING,
    ExtendedKeyUsageOID.TIME_STAMPING,
    ExtendedKeyUsageOID.OCSP_SIGNING,
}
"""The purposes that no document is signed for: a certificate that names none but these is for something else."""

_PARTIAL = {ExtensionOID.ISSUING_DISTRIBUTION_POINT, ExtensionOID.DELTA_CRL_INDICATOR}
"""The extensions of a revocation list that has not all certificates of its issuer, be they critical, as they must, or not."""

_HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
_SUBJECT = {"serialNumber": NameOID.SERIAL_NUMBER, "organizationIdentifier": NameOID.ORGANIZATION_IDENTIFIER}
_FINGERPRINT = re.compile("[0-9a-f]{64}")
_CVR = re.compile("[0-9]{8}")
_JOINED = re.compile(r"\+(?=\w+=)")


class Trusted(NamedTuple):
    """A Trust that was read: what the signers' certificates must say, the authorities, the revocation lists."""

    signers: list[dict[str, str]]
    authorities: tuple[ParsedCertificate, ...]
    lists: tuple[ParsedList, ...]


def trusted(trust: Trust) -> Trusted:
    """Read what the user trusts. Raises ConfigurationError if that cannot be read."""
    lists = tuple(each for data in trust.crls for each in loading.revocation_lists(data))
    return Trusted([_demands(said) for said in trust.signers], loading.authorities(trust.ca), lists)


def judge(
    leaf: ParsedCertificate, trusted: Trusted, at: datetime
) -> tuple[list[Finding], ParsedCertificate | None, list[RevocationState]]:
    """Return the findings on a certificate, its issuer, and what the revocation lists say; see `revocation`.

    Raises ConfigurationError for a revocation list of which an entry cannot be read.
    """
    findings = list(_period(leaf, at))
    findings += [kinds.UNFIT.found(words={"reason": reason}) for reason in _unfit(leaf)]
    if not _is_listed(leaf.signer, trusted.signers):
        findings.append(kinds.UNLISTED.found())
    issuers = [authority for authority in trusted.authorities if _issued(authority, leaf)]
    if not issuers:
        return [kinds.ISSUER.found(), *findings], None, []
    # An authority that renewed its certificate stands in the file twice.
    issuer = next((issuer for issuer in issuers if not list(_period(issuer, at))), issuers[0])
    findings += _period(issuer, at)
    states = [state for crl in trusted.lists if (state := _by_list(crl, leaf, issuer, at)) is not None]
    return findings, issuer, states


def revocation(
    leaf: ParsedCertificate, issuer: ParsedCertificate, trust: Trust, states: list[RevocationState], at: datetime
) -> tuple[list[Finding], RevocationState]:
    """Say whether a certificate is revoked, from what the lists say and what is asked elsewhere. Raises what that raises."""
    state = _revocation(leaf, issuer, trust, states, at)
    if state == "good":
        return [], state
    kind = {"revoked": kinds.REVOKED, "unknown": kinds.REVOCATION_UNKNOWN}.get(state, kinds.REVOCATION_NOT_CHECKED)
    return [kind.found()], state


def _period(certificate: ParsedCertificate, at: datetime) -> Iterator[Finding]:
    since, until = certificate.signer.valid_from, certificate.signer.valid_until
    if at > until:
        yield kinds.EXPIRED.found(words={"until": until.isoformat(), "day": at.isoformat()})
    if at < since:
        yield kinds.NOT_YET_VALID.found(words={"since": since.isoformat(), "day": at.isoformat()})


def _unfit(leaf: ParsedCertificate) -> Iterator[str]:
    if _has_unknown(leaf):
        yield "critical extension"
    constraints = leaf.extension(x509.BasicConstraints)
    if constraints is not None and constraints.ca:
        yield "CA"
    usage = leaf.extension(x509.KeyUsage)
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        yield "keyUsage"
    if _is_for_something_else(leaf):
        yield "extendedKeyUsage"
    if leaf.extension(x509.NameConstraints) is not None:
        yield "nameConstraints"


def _has_unknown(certificate: ParsedCertificate) -> bool:
    return any(extension.critical and extension.oid not in _UNDERSTOOD for extension in certificate.extensions)


def _is_for_something_else(certificate: ParsedCertificate) -> bool:
    purposes = certificate.extension(x509.ExtendedKeyUsage)
    return purposes is not None and _ELSEWHERE.issuperset(purposes)


@lru_cache(maxsize=loading.KEPT)
def _issued(authority: ParsedCertificate, leaf: ParsedCertificate) -> bool:
    """True if a certificate of the CA file is one that may issue, is strong enough, and has issued this one.

    An authority that may issue for some names only (nameConstraints) may issue nothing here, critical or not: such names
    are compared by rules of their own for each sort, and to pass over them would believe what the authority above forbade.
    """
    if authority.subject != leaf.issuer or keys.sort_of(authority.public_key) is None:
        return False
    constraints, usage = authority.extension(x509.BasicConstraints), authority.extension(x509.KeyUsage)
    if constraints is None or not constraints.ca or (usage is not None and not usage.key_cert_sign):
        return False
    if _has_unknown(authority) or _is_for_something_else(authority):
        return False
    if authority.extension(x509.NameConstraints) is not None or not isinstance(leaf.hash_algorithm, _HASHES):
        return False
    try:
        leaf.certificate.verify_directly_issued_by(authority.certificate)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _demands(said: str) -> dict[str, str]:
    fingerprint = said.replace(":", "").lower()
    if _FINGERPRINT.fullmatch(fingerprint):
        return {"fingerprint": fingerprint}
    demands: dict[str, str] = {}
    for part in _JOINED.split(said):
        name, _, value = part.partition("=")
        if name == "cvr" and _CVR.fullmatch(value):
            # ETSI EN 319 412-1, 5.1.4: the national trade register, the country, the number in it.
            name, value = "organizationIdentifier", f"NTRDK-{value}"
        if name not in _SUBJECT or not value or name in demands:
            raise ConfigurationError(
                "signer: expected a SHA-256 fingerprint, or serialNumber=…, organizationIdentifier=…, cvr= and eight "
                "digits, or two of them joined by +"
            )
        demands[name] = value
    return demands


def _is_listed(own: Signer, allowed: list[dict[str, str]]) -> bool:
    values = {
        "fingerprint": own.fingerprint,
        "serialNumber": own.serial_number,
        "organizationIdentifier": own.organization_identifier,
    }
    return any(all(values[name] == value for name, value in demands.items()) for demands in allowed)


def _revocation(
    leaf: ParsedCertificate, issuer: ParsedCertificate, trust: Trust, states: list[RevocationState], at: datetime
) -> RevocationState:
    if trust.revocation is not None:
        der = Encoding.DER
        states = [
            *states,
            trust.revocation(leaf.certificate.public_bytes(der), issuer.certificate.public_bytes(der), at),
        ]
    if "revoked" in states:
        return "revoked"
    if "good" in states:
        return "good"
    return "unknown" if trust.crls or trust.revocation else "not-checked"


def _by_list(
    crl: ParsedList, leaf: ParsedCertificate, issuer: ParsedCertificate, at: datetime
) -> RevocationState | None:
    """Ask a revocation list; None if it says nothing of this certificate at this time."""
    if crl.issuer != leaf.issuer or not isinstance(crl.hash_algorithm, _HASHES):
        return None
    if leaf.serial_number < 0 or not crl.crl.is_signature_valid(issuer.public_key):
        # A number below zero, which no issuer may give, is one that cryptography cannot look for.
        return None
    revoked = crl.revoked(leaf.serial_number)
    if revoked is not None:
        return "revoked" if revoked <= at else "good"
    # A list that has run out, or is of later than the certificate's last day, may lack it; a partial one has only some.
    partial = any(extension.critical or extension.oid in _PARTIAL for extension in crl.extensions)
    late = crl.since > leaf.signer.valid_until
    return None if crl.until is None or at > crl.until or partial or late else "good"
