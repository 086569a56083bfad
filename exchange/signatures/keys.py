"""The cryptography of a signature: which keys are strong enough, how a digest is signed and a signature checked."""

from __future__ import annotations

from hashlib import new

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature, encode_dss_signature

RSA_BITS = 2048
CURVES = ("secp256r1", "secp384r1")
STRONG = "RSA ≥ 2048 | ECDSA P-256 | P-384"

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


def sort_of(key: object) -> str | None:
    """Return the sort of a key, private or public, that is strong enough: "rsa" or "ecdsa"; None for any other."""
    if isinstance(key, rsa.RSAPublicKey | rsa.RSAPrivateKey) and key.key_size >= RSA_BITS:
        return "rsa"
    if isinstance(key, ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey) and key.curve.name in CURVES:
        return "ecdsa"
    return None


def digest(data: bytes, name: str) -> bytes:
    """Return a digest of the bytes."""
    return new(name, data).digest()


def sign_digest(key: object, value: bytes) -> bytes:
    """Sign a SHA-256 digest with a key of ours: PKCS#1 v1.5, or the DER of ECDSA."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(value, padding.PKCS1v15(), Prehashed(_HASHES["sha256"]))
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(value, ec.ECDSA(Prehashed(_HASHES["sha256"])))
    raise TypeError("expected an RSA or an elliptic curve key")


def is_of(key: object, value: bytes, data: bytes, name: str) -> bool:
    """True if `value`, as XML signatures write it, is this public key's signature of the data's digest of that name."""
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(value, data, padding.PKCS1v15(), _HASHES[name])
        elif isinstance(key, ec.EllipticCurvePublicKey):
            half = _half(key)
            if len(value) != 2 * half:
                return False
            r, s = (int.from_bytes(part, "big") for part in (value[:half], value[half:]))
            key.verify(encode_dss_signature(r, s), data, ec.ECDSA(_HASHES[name]))
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True


def as_written(key: object, value: bytes) -> bytes:
    """Return a signature as XML signatures write it: of ECDSA r and s in full length. Raises ValueError for no DER."""
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return value
    r, s = decode_dss_signature(value)
    half = _half(key)
    if max(r, s).bit_length() > 8 * half:
        raise ValueError("r or s is too large")
    return r.to_bytes(half, "big") + s.to_bytes(half, "big")


def _half(key: ec.EllipticCurvePublicKey) -> int:
    return (key.curve.key_size + 7) // 8
