"""What a signed document is judged by, and what comes of it: whom the user trusts, and the verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple, TypedDict

from exchange.findings.finding import Finding


class SignerOptions(TypedDict, total=False):
    """What is given beside a key and its certificate.

    `password` is that of the key's file. `chain` are the certificates of issuing CAs, PEM or DER, put into the signature so
    that a receiver needs the root alone. `signing_time`, an aware datetime, makes the signature XAdES-B-B.
    """

    password: bytes | None
    chain: bytes | None
    signing_time: datetime | None


Result = Literal["unsigned", "valid", "invalid", "untrusted"]
RevocationState = Literal["good", "revoked", "unknown", "not-checked"]

Revocation = Callable[[bytes, bytes, datetime], Literal["good", "revoked", "unknown"]]
"""Says whether a certificate was revoked at a time: given its DER, the DER of its issuer, and the time."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom to believe: nobody but the listed `signers`, and those only with a certificate issued by one in `ca`.

    `ca` is PEM, one or more certificates, or one in DER. Each is trusted to issue, be it a root or not. Authorities between
    them and a signer may stand in `chain`, or beside the signer's certificate in the signature: these are not trusted
    themselves. None that may issue for some names only (nameConstraints) may issue here, whatever these are. PEM is read
    with any text around it. Each of `signers` is the SHA-256 fingerprint of a certificate in hexadecimal digits, with or without colons, or what its subject
    says: `serialNumber=…`, `organizationIdentifier=…`, `cvr=12345678` (for the organizationIdentifier `NTRDK-12345678`), or
    two of them, `serialNumber=…+cvr=…`, of which both must hold. An empty list allows nobody.

    `crls` are revocation lists, PEM (one or more) or DER; `revocation` asks elsewhere, for example by OCSP. Without both,
    revocation is not checked; with one, it is for every certificate on the path but the trusted authority's.
    """

    ca: bytes
    signers: tuple[str, ...]
    crls: tuple[bytes, ...] = ()
    revocation: Revocation | None = None
    chain: bytes = b""


class Signer(NamedTuple):
    """Who a certificate says has signed. Values as they stand in it; None where it has none, or several."""

    fingerprint: str
    subject: str
    serial_number: str | None
    organization_identifier: str | None
    issuer: str
    valid_from: datetime
    valid_until: datetime

    def __repr__(self) -> str:
        # The names in a certificate may be a person's, and hold a number.
        return f"Signer(fingerprint={self.fingerprint!r})"


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of a verification.

    `result` is unsigned, valid, invalid (not what was signed, or not signed in a way that is accepted) or untrusted
    (a sound signature, but not of somebody to believe). `content` is what was signed and nothing else, a whole
    document in UTF-8, there only if the result is valid. `signer` and `algorithms` (of the signature, of the digest)
    are there as soon as they could be read. `at` is the time that was judged at,
    `signing_time` the one that the signer claims to have signed at, if the signature is XAdES.
    """

    result: Result
    findings: tuple[Finding, ...]
    at: datetime
    content: bytes | None = field(default=None, repr=False)
    signer: Signer | None = field(default=None, repr=False)
    algorithms: tuple[str, str] | None = None
    revocation: RevocationState = "not-checked"
    signing_time: datetime | None = None

    @property
    def ok(self) -> bool:
        """True if the content may be believed."""
        return self.result == "valid"
