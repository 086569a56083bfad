"""The types of the keys and certificates that a user may give: imported with cryptography, so only when they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

Key: TypeAlias = bytes | RSAPrivateKey | EllipticCurvePrivateKey | Callable[[bytes], bytes]
"""PEM, DER or PKCS#12; a key of cryptography; or what signs a SHA-256 digest with a key that stays where it is.

The latter gives for RSA the signature by PKCS#1 v1.5, for ECDSA the DER of r and s.
"""

Certificate: TypeAlias = bytes | x509.Certificate
"""PEM or DER; a certificate of cryptography."""
