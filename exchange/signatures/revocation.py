"""Says whether certificates are revoked, from revocation lists (RFC 5280, section 6.3) and from what is asked elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID

from exchange.findings import signature_kinds as kinds
from exchange.findings.finding import Finding
from exchange.findings.placeholders import Words
from exchange.signatures.loading import ParsedCertificate, ParsedList
from exchange.signatures.trust import Revocation, RevocationState

HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)

_WORST: tuple[RevocationState, ...] = ("revoked", "unknown", "not-checked", "good")


class NotGood(Exception):
    """A list of the issuer's does not say that a certificate is good; `reason` says why."""

    def __init__(self, en: str, da: str) -> None:
        super().__init__(en)
        self.reason = Words(en, da)


def states(
    path: tuple[ParsedCertificate, ...], lists: tuple[ParsedList, ...], asked: Revocation | None, at: datetime
) -> tuple[list[Finding], RevocationState]:
    """Return the findings on every certificate of a path but the authority at its end, and the worst state among them.

    Raises ConfigurationError for a list of which an entry cannot be read, and what `asked` raises.
    """
    findings: list[Finding] = []
    found: list[RevocationState] = []
    for number, (certificate, issuer) in enumerate(pairwise(path)):
        state, reasons = _state(certificate, issuer, lists, asked, at)
        found.append(state)
        if state != "good":
            kind = {"revoked": kinds.REVOKED, "unknown": kinds.REVOCATION_UNKNOWN}.get(
                state, kinds.REVOCATION_NOT_CHECKED
            )
            words = {"reason": "; ".join(each.en for each in reasons), "grund": "; ".join(each.da for each in reasons)}
            findings.append(kind.found(words=kinds.whose(number) | words))
    return findings, min(found, key=_WORST.index, default="not-checked")


def _state(
    certificate: ParsedCertificate,
    issuer: ParsedCertificate,
    lists: tuple[ParsedList, ...],
    asked: Revocation | None,
    at: datetime,
) -> tuple[RevocationState, list[Words]]:
    said: list[str] = []
    reasons: dict[Words, None] = {}
    for crl in lists:
        if crl.issuer == certificate.issuer:
            try:
                said.append("revoked" if _is_revoked(crl, certificate, issuer, at) else "good")
            except NotGood as fault:
                reasons[fault.reason] = None
    if asked is not None:
        der = Encoding.DER
        said.append(asked(certificate.certificate.public_bytes(der), issuer.certificate.public_bytes(der), at))
        reasons[Words("what was asked does not know it", "den adspurgte kender det ikke")] = None
    if "revoked" in said:
        return "revoked", []
    if "good" in said:
        return "good", []
    if not lists and asked is None:
        return "not-checked", []
    return "unknown", list(reasons) or [Words("no revocation list of its issuer", "ingen spærreliste fra udstederen")]


def _is_revoked(crl: ParsedList, certificate: ParsedCertificate, issuer: ParsedCertificate, at: datetime) -> bool:
    """Ask a revocation list. Raises NotGood if it says nothing of this certificate at this time."""
    if not isinstance(crl.hash_algorithm, HASHES) or not crl.crl.is_signature_valid(issuer.public_key):
        raise NotGood("the list is not signed by the issuer", "listen er ikke signeret af udstederen")
    usage = issuer.extension(x509.KeyUsage)
    if usage is not None and not usage.crl_sign:
        raise NotGood("its issuer may not sign lists (keyUsage)", "udstederen må ikke signere lister (keyUsage)")
    point = next((each.value for each in crl.extensions if isinstance(each.value, x509.IssuingDistributionPoint)), None)
    if point is not None and point.indirect_crl:
        raise NotGood("the list is indirect", "listen er indirekte")
    revoked = crl.revoked(certificate.serial_number)
    if revoked is not None and revoked <= at:
        return True
    # Of all reasons the list has the first day that a certificate is revoked on.
    if revoked is None or (point is not None and point.only_some_reasons is not None):
        for fault in _gaps(crl, point, certificate, at):
            raise fault
    return False


def _gaps(
    crl: ParsedList, point: x509.IssuingDistributionPoint | None, certificate: ParsedCertificate, at: datetime
) -> Iterator[NotGood]:
    """Yield why a list may lack a certificate that is revoked."""
    for extension in crl.extensions:
        if extension.oid == ExtensionOID.DELTA_CRL_INDICATOR:
            yield NotGood("the list has changes only (delta)", "listen har kun ændringer (delta)")
        elif extension.critical and extension.oid != ExtensionOID.ISSUING_DISTRIBUTION_POINT:
            yield NotGood("the list has an unknown critical extension", "listen har en ukendt kritisk udvidelse")
    if crl.until is None or at > crl.until:
        yield NotGood("the list has expired", "listen er udløbet")
    if crl.since > certificate.signer.valid_until:
        # An expired certificate may be left out of later lists.
        yield NotGood("the list was made after the certificate expired", "listen er lavet, efter certifikatet udløb")
    if point is not None:
        yield from _gaps_of_point(point, certificate)


def _gaps_of_point(point: x509.IssuingDistributionPoint, certificate: ParsedCertificate) -> Iterator[NotGood]:
    """Yield why a list of some certificates or reasons only says nothing of this one (RFC 5280, 6.3.3, b)."""
    constraints = certificate.extension(x509.BasicConstraints)
    is_authority = constraints is not None and constraints.ca
    if point.only_some_reasons is not None:
        yield NotGood("the list is of some reasons only", "listen gælder kun nogle årsager")
    if (
        point.only_contains_attribute_certs
        or (point.only_contains_user_certs and is_authority)
        or (point.only_contains_ca_certs and not is_authority)
    ):
        yield NotGood("the list is of other sorts of certificate", "listen gælder andre slags certifikater")
    if point.full_name is None and point.relative_name is None:
        return
    points = certificate.extension(x509.CRLDistributionPoints) or ()
    # A point for some reasons only, or of another issuer, is not the one that all revocations are published at.
    named = {name for each in points if not each.reasons and not each.crl_issuer for name in each.full_name or ()}
    if not named.intersection(point.full_name or ()):
        yield NotGood(
            "the list is of another distribution point than the certificate's",
            "listen hører til et andet distributionspunkt end certifikatets",
        )
