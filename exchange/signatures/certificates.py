"""Judges the certificate of a signature: who issued it, for what, when it is valid, whether its owner is expected."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

from exchange import signature_kinds as kinds
from exchange.errors import ConfigurationError
from exchange.findings import Finding
from exchange.signatures import keys
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

_HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
_SUBJECT = {"serialNumber": NameOID.SERIAL_NUMBER, "organizationIdentifier": NameOID.ORGANIZATION_IDENTIFIER}
_FINGERPRINT = re.compile("[0-9a-f]{64}")
_CVR = re.compile("[0-9]{8}")
_JOINED = re.compile(r"\+(?=\w+=)")

_KEPT = 64
"""So many certificates are remembered: thousands of documents come from one sender, and what it is does not change."""


@lru_cache(maxsize=_KEPT)
def load(der: bytes) -> x509.Certificate | None:
    """Read a stranger's certificate, every part that is asked for later; None if any cannot be read."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        signer(certificate)
        _ = certificate.public_key(), list(certificate.extensions), certificate.signature_hash_algorithm
    except Exception:  # noqa: BLE001  # whatever a stranger's certificate makes the library raise
        return None
    return certificate


@lru_cache(maxsize=_KEPT)
def signer(certificate: x509.Certificate) -> Signer:
    """Say who a certificate is for."""
    return Signer(
        certificate.fingerprint(hashes.SHA256()).hex(),
        certificate.subject.rfc4514_string(),
        _only(certificate.subject, NameOID.SERIAL_NUMBER),
        _only(certificate.subject, NameOID.ORGANIZATION_IDENTIFIER),
        certificate.issuer.rfc4514_string(),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
    )


def _only(name: x509.Name, oid: x509.ObjectIdentifier) -> str | None:
    values = [attribute.value for attribute in name.get_attributes_for_oid(oid)]
    return values[0] if len(values) == 1 and isinstance(values[0], str) else None


def judge(leaf: x509.Certificate, trust: Trust, at: datetime) -> tuple[list[Finding], RevocationState]:
    """Give all that speaks against a certificate, and what is known of its revocation.

    Raises ConfigurationError if what the user trusts cannot be read.
    """
    allowed = _allowed(trust.signers)
    findings = list(_period(leaf, at))
    findings += [kinds.UNFIT.found(words={"reason": reason}) for reason in _unfit(leaf)]
    if not _is_listed(signer(leaf), allowed):
        findings.append(kinds.UNLISTED.found())
    issuers = [authority for authority in authorities(trust.ca) if _issued(authority, leaf)]
    if not issuers:
        return [kinds.ISSUER.found(), *findings], "not-checked"
    # An authority that renewed its certificate stands in the file twice.
    issuer = next((issuer for issuer in issuers if not list(_period(issuer, at))), issuers[0])
    findings += _period(issuer, at)
    state = _revocation(leaf, issuer, trust, at)
    if state != "good":
        kind = {"revoked": kinds.REVOKED, "unknown": kinds.REVOCATION_UNKNOWN}.get(state, kinds.REVOCATION_NOT_CHECKED)
        findings.append(kind.found())
    return findings, state


@lru_cache(maxsize=8)
def authorities(pem: bytes) -> tuple[x509.Certificate, ...]:
    """Read the CA file. Raises ConfigurationError."""
    try:
        read = tuple(x509.load_pem_x509_certificates(pem))
        for certificate in read:
            _ = certificate.public_key(), list(certificate.extensions), certificate.subject
    except (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension):
        read = ()
    if not read:
        raise ConfigurationError("the CA file holds no certificate in PEM, or one that cannot be read")
    return read


def _period(certificate: x509.Certificate, at: datetime) -> Iterator[Finding]:
    since, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if at > until:
        yield kinds.EXPIRED.found(words={"until": until.isoformat(), "day": at.isoformat()})
    if at < since:
        yield kinds.NOT_YET_VALID.found(words={"since": since.isoformat(), "day": at.isoformat()})


def _unfit(leaf: x509.Certificate) -> Iterator[str]:
    if any(extension.critical and extension.oid not in _UNDERSTOOD for extension in leaf.extensions):
        yield "critical extension"
    constraints = _extension(leaf, x509.BasicConstraints)
    if constraints is not None and constraints.ca:
        yield "CA"
    usage = _extension(leaf, x509.KeyUsage)
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        yield "keyUsage"
    purposes = _extension(leaf, x509.ExtendedKeyUsage)
    if purposes is not None and _ELSEWHERE.issuperset(purposes):
        yield "extendedKeyUsage"


def _extension(certificate: x509.Certificate, sort: type[Any]) -> Any:
    try:
        return certificate.extensions.get_extension_for_class(sort).value
    except x509.ExtensionNotFound:
        return None


@lru_cache(maxsize=_KEPT)
def _issued(authority: x509.Certificate, leaf: x509.Certificate) -> bool:
    """True if a certificate of the CA file is one that may issue, is strong enough, and has issued this one."""
    if authority.subject != leaf.issuer or keys.sort_of(authority.public_key()) is None:
        return False
    constraints, usage = _extension(authority, x509.BasicConstraints), _extension(authority, x509.KeyUsage)
    if constraints is None or not constraints.ca or (usage is not None and not usage.key_cert_sign):
        return False
    if any(extension.critical and extension.oid not in _UNDERSTOOD for extension in authority.extensions):
        return False
    if not isinstance(leaf.signature_hash_algorithm, _HASHES):
        return False
    try:
        leaf.verify_directly_issued_by(authority)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _allowed(signers: tuple[str, ...]) -> list[dict[str, str]]:
    """Read the list of signers: of each, what its certificate must say. Raises ConfigurationError for one of no such form."""
    return [_demands(said) for said in signers]


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


def _revocation(leaf: x509.Certificate, issuer: x509.Certificate, trust: Trust, at: datetime) -> RevocationState:
    states: list[RevocationState] = []
    if trust.revocation is not None:
        states.append(trust.revocation(leaf.public_bytes(Encoding.DER), issuer.public_bytes(Encoding.DER), at))
    states += [state for crl in trust.crls if (state := _by_list(_list(crl), leaf, issuer, at)) is not None]
    if "revoked" in states:
        return "revoked"
    if "good" in states:
        return "good"
    return "unknown" if trust.crls or trust.revocation else "not-checked"


@lru_cache(maxsize=8)
def _list(data: bytes) -> x509.CertificateRevocationList:
    try:
        pem = data.lstrip().startswith(b"-----BEGIN")
        crl = x509.load_pem_x509_crl(data) if pem else x509.load_der_x509_crl(data)
        _ = crl.issuer, list(crl.extensions), crl.signature_hash_algorithm
    except (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension):
        raise ConfigurationError("the revocation list cannot be read: expected PEM or DER") from None
    return crl


def _by_list(
    crl: x509.CertificateRevocationList, leaf: x509.Certificate, issuer: x509.Certificate, at: datetime
) -> RevocationState | None:
    """Ask a revocation list; None if it says nothing of this certificate at this time."""
    if crl.issuer != leaf.issuer or not isinstance(crl.signature_hash_algorithm, _HASHES):
        return None
    if not crl.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]  # RSA or EC, as `_issued` has seen
        return None
    entry = crl.get_revoked_certificate_by_serial_number(leaf.serial_number)
    if entry is not None:
        return "revoked" if entry.revocation_date_utc <= at else "good"
    # A list that has run out, or is of later than the certificate's last day, may lack it; a partial one has only some.
    until = crl.next_update_utc
    partial = any(extension.critical for extension in crl.extensions)
    late = crl.last_update_utc > leaf.not_valid_after_utc
    return None if until is None or at > until or partial or late else "good"
