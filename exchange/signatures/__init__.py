"""Signs documents and verifies signed ones: enveloped XML signatures of one narrow form (the extra `sign`)."""

from __future__ import annotations

from datetime import datetime

from exchange.errors import PackageMissing
from exchange.signatures.explaining import Reason, why
from exchange.signatures.trust import Certificate, Key, Revocation, Trust, Verified

__all__ = ["Certificate", "Key", "Reason", "Revocation", "Trust", "Verified", "explain", "sign", "verify"]


def sign(data: bytes, key: Key, certificate: Certificate | None, password: bytes | None) -> bytes:
    """Sign a document that is fit to be signed; see `exchange.sign`."""
    _need_cryptography()
    from exchange.signatures.signing import signed

    return signed(data, key, certificate, password)


def verify(data: bytes, trust: Trust, at: datetime) -> Verified:
    """Verify a document; see `exchange.verify`."""
    _need_cryptography()
    from exchange.signatures.verifying import verified

    return verified(data, trust, at)


def explain(data: bytes, rebuilt: bytes | None) -> Reason | None:
    """Say why a signature's digest is not the document's; see `explaining.why`. Needs no cryptography."""
    return why(data, rebuilt)


def _need_cryptography() -> None:
    """Raise PackageMissing, with words that help, if cryptography is not installed."""
    try:
        import cryptography  # noqa: F401  # whether it is there
    except ImportError:
        raise PackageMissing(
            "signing and verifying need cryptography, which is not installed: pip install 'exchange[sign]'"
        ) from None
