"""Signs documents and verifies signed ones: enveloped XML signatures of one narrow form (the extra `sign`)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import IO, TYPE_CHECKING, Unpack

from exchange import imported_when_used, signatures
from exchange.errors import PackageMissing

if TYPE_CHECKING:
    from exchange.signatures.explaining import Explanation, Reason, explain, signed_digest
    from exchange.signatures.key_types import Certificate, Key
    from exchange.signatures.requiring import required
    from exchange.signatures.signing import Own as Own
    from exchange.signatures.trust import Revocation, SignerOptions, Trust, Verified
    from exchange.xml.c14n import Canonicalized as Canonicalized

__all__ = [
    "Certificate",
    "Explanation",
    "Key",
    "Reason",
    "Revocation",
    "SignerOptions",
    "Trust",
    "Verified",
    "explain",
    "opened",
    "required",
    "sign",
    "sign_canonicalized",
    "signed_digest",
    "verify",
    "verify_stream",
]

__getattr__ = imported_when_used(
    __name__,
    {
        "explaining": ("Explanation", "Reason", "explain", "signed_digest"),
        "key_types": ("Certificate", "Key"),
        "requiring": ("required",),
        "signing": ("Own", "Canonicalized"),
        "trust": ("Revocation", "SignerOptions", "Trust", "Verified"),
    },
)
# Annotations name a type as an attribute of this package, so that resolving them imports it.


def sign(data: bytes, own: signatures.Own) -> bytes:
    """Sign a document that is fit to be signed, with what `opened` returned; see `exchange.sign`."""
    from exchange.signatures.signing import signed

    return signed(data, own)


def verify(data: bytes, trust: signatures.Trust, at: datetime) -> signatures.Verified:
    """Verify a document; see `exchange.verify`."""
    _need_cryptography()
    from exchange.signatures.verifying import verified

    return verified(data, trust, at)


def opened(
    key: signatures.Key, certificate: signatures.Certificate | None, **options: Unpack[signatures.SignerOptions]
) -> signatures.Own:
    """Open a key, its certificate and those of the authorities above it. Raises SigningRefused, KeyUnreadable among it."""
    _need_cryptography()
    from exchange.signatures import signing

    return signing.opened(key, certificate, **options)


def sign_canonicalized(canonicalized: signatures.Canonicalized, digest: bytes, own: signatures.Own) -> str:
    """Return the ds:Signature of a document that was canonicalized, whose canonical form has this SHA-256 digest."""
    from exchange.signatures.signing import signed_canonicalized

    return signed_canonicalized(canonicalized, digest, own)


def verify_stream(
    chunks: Iterable[bytes], trust: signatures.Trust, at: datetime, out: IO[bytes] | None
) -> signatures.Verified:
    """Verify a document of any size; see `exchange.deliveries.verify_delivery`."""
    _need_cryptography()
    from exchange.signatures.verifying import verified_stream

    return verified_stream(chunks, trust, at, out)


def _need_cryptography() -> None:
    """Raise PackageMissing, with words that help, if cryptography is not installed."""
    try:
        import cryptography  # noqa: F401  # whether it is there
    except ImportError:
        raise PackageMissing(
            "signing and verifying need cryptography, which is not installed: pip install 'exchange-par87[sign]'"
        ) from None
