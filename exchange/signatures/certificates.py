"""Judges the certificate of a signature: who issued it, for what, when it is valid, whether its owner is expected."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID

from exchange.errors import ConfigurationError
from exchange.findings import signature_kinds as kinds
from exchange.findings.finding import Finding
from exchange.signatures import loading, paths
from exchange.signatures.loading import ParsedCertificate, ParsedList
from exchange.signatures.trust import Signer, Trust

_UNDERSTOOD = {
    ExtensionOID.AUTHORITY_INFORMATION_ACCESS,
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
    ExtensionOID.BASIC_CONSTRAINTS,
    ExtensionOID.EXTENDED_KEY_USAGE,
    ExtensionOID.KEY_USAGE,
    ExtensionOID.NAME_CONSTRAINTS,
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    ExtensionOID.SUBJECT_KEY_IDENTIFIER,
}
"""The extensions that may be critical: those that `cryptography.x509.verification` understands."""

_SUBJECT = {"serialNumber": NameOID.SERIAL_NUMBER, "organizationIdentifier": NameOID.ORGANIZATION_IDENTIFIER}
_FINGERPRINT = re.compile("[0-9a-f]{64}")
_CVR = re.compile("[0-9]{8}")
_JOINED = re.compile(r"\+(?=\w+=)")


class Trusted(NamedTuple):
    """A Trust that was read: what the signers' certificates must say, certificates of authorities, revocation lists."""

    signers: list[dict[str, str]]
    authorities: tuple[ParsedCertificate, ...]
    chain: tuple[ParsedCertificate, ...]
    lists: tuple[ParsedList, ...]


def trusted(trust: Trust) -> Trusted:
    """Read what the user trusts. Raises ConfigurationError if that cannot be read."""
    lists = tuple(each for data in trust.crls for each in loading.revocation_lists(data))
    chain = loading.authorities(trust.chain) if trust.chain else ()
    return Trusted([_demands(said) for said in trust.signers], loading.authorities(trust.ca), chain, lists)


def judge(
    leaf: ParsedCertificate, beside: tuple[ParsedCertificate, ...], trusted: Trusted, at: datetime
) -> tuple[list[Finding], tuple[ParsedCertificate, ...]]:
    """Return the findings on a certificate, and its path to a trusted authority; an empty one if there is none.

    `beside` are the certificates that the signature holds beside it.
    """
    unfit = [kinds.UNFIT.found(words={"reason": reason}) for reason in _unfit(leaf)]
    findings = [*_period(leaf, at, 0), *unfit]
    if not _is_listed(leaf.signer, trusted.signers):
        findings.append(kinds.UNLISTED.found())
    try:
        path = paths.path(leaf, (*trusted.chain, *beside), trusted.authorities, at)
    except paths.NoPath as fault:
        if unfit:
            return findings, ()
        return [
            kinds.PATH.found(words={"reason": fault.reason}) if fault.reason else kinds.ISSUER.found(),
            *findings,
        ], ()
    for number, authority in enumerate(path[1:], 1):
        findings += _period(authority, at, number)
    return findings, path


def _period(certificate: ParsedCertificate, at: datetime, number: int) -> Iterator[Finding]:
    since, until = certificate.signer.valid_from, certificate.signer.valid_until
    if at > until:
        words = {"until": until.isoformat(), "day": at.isoformat()}
        yield kinds.EXPIRED.found(words=kinds.whose(number) | words)
    if at < since:
        words = {"since": since.isoformat(), "day": at.isoformat()}
        yield kinds.NOT_YET_VALID.found(words=kinds.whose(number) | words)


def _unfit(leaf: ParsedCertificate) -> Iterator[str]:
    if leaf.certificate.version is not x509.Version.v3:
        yield "X.509 v1"
    if _has_unknown(leaf):
        yield "critical extension"
    constraints = leaf.extension(x509.BasicConstraints)
    if constraints is not None and constraints.ca:
        yield "CA"
    usage = leaf.extension(x509.KeyUsage)
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        yield "keyUsage"
    if paths.is_for_something_else(leaf.extension(x509.ExtendedKeyUsage)):
        yield "extendedKeyUsage"
    if leaf.extension(x509.NameConstraints) is not None:
        yield "nameConstraints"


def _has_unknown(certificate: ParsedCertificate) -> bool:
    return any(extension.critical and extension.oid not in _UNDERSTOOD for extension in certificate.extensions)


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
