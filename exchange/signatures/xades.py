"""What XAdES-B-B adds to a signature (ETSI EN 319 132-1): the time of signing and the signer's certificate, both signed."""

from __future__ import annotations

from base64 import b64encode
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from exchange.model.spec import DSIG
from exchange.signatures import algorithms

XADES = "http://uri.etsi.org/01903/v1.3.2#"
TYPE = "http://uri.etsi.org/01903#SignedProperties"
"""What the reference to the properties says that it refers to."""

_DIGEST = next(uri for uri, name in algorithms.DIGESTS.items() if name == "sha256")


class Ids(NamedTuple):
    """The Ids of a signature's parts. They are made from the content's digest, so that no two in a delivery are the same."""

    signature: str
    content: str
    properties: str


def ids(digest: bytes) -> Ids:
    """Return the Ids for a document of this digest."""
    return Ids(*(f"{name}-{digest.hex()[:16]}" for name in Ids._fields))


def properties(named: Ids, certificate: bytes, time: datetime) -> str:
    """Write xades:SignedProperties in their exclusive canonical form, for a certificate in DER and the time of signing."""
    digest = b64encode(sha256(certificate).digest()).decode("ascii")
    ds = f' xmlns:ds="{DSIG}"'
    return (
        f'<xades:SignedProperties xmlns:xades="{XADES}" Id="{named.properties}"><xades:SignedSignatureProperties>'
        f"<xades:SigningTime>{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</xades:SigningTime>"
        f'<xades:SigningCertificateV2><xades:Cert><xades:CertDigest><ds:DigestMethod{ds} Algorithm="{_DIGEST}">'
        f"</ds:DigestMethod><ds:DigestValue{ds}>{digest}</ds:DigestValue></xades:CertDigest></xades:Cert>"
        "</xades:SigningCertificateV2></xades:SignedSignatureProperties><xades:SignedDataObjectProperties>"
        f'<xades:DataObjectFormat ObjectReference="#{named.content}"><xades:MimeType>application/xml</xades:MimeType>'
        "</xades:DataObjectFormat></xades:SignedDataObjectProperties></xades:SignedProperties>"
    )


def enclosed(named: Ids, signed_properties: str) -> str:
    """Write the ds:Object that holds the properties within ds:Signature, where both prefixes are declared already."""
    inner = signed_properties.replace(f' xmlns:xades="{XADES}"', "").replace(f' xmlns:ds="{DSIG}"', "")
    return (
        f'<ds:Object><xades:QualifyingProperties xmlns:xades="{XADES}" Target="#{named.signature}">{inner}'
        "</xades:QualifyingProperties></ds:Object>"
    )


def signing_time(element: Any) -> datetime | None:
    """Return the time that a signer claims to have signed at; None if it is none, or one without an offset."""
    with suppress(ValueError):
        time = datetime.fromisoformat((element.text or "").strip())
        return time if time.tzinfo else None
    return None
