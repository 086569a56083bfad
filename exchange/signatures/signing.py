"""Signs a document: the ds:Signature is put in as the root's last child, every other byte stays as it is."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.parsers import expat

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from exchange.errors import SigningRefused
from exchange.model.representation import without
from exchange.model.spec import DSIG
from exchange.signatures import algorithms, keys, loading, shape, xades
from exchange.signatures.key_types import Certificate, Key
from exchange.xml import parsing
from exchange.xml.c14n import Canonicalized

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

_METHOD = {sort: uri for uri, (sort, name) in algorithms.METHODS.items() if name == "sha256"}
_DIGEST = next(uri for uri, name in algorithms.DIGESTS.items() if name == "sha256")
_SIGNED_ALREADY = "the document carries a signature already"


class Own(NamedTuple):
    """What a signature is made with: a key, or what signs with one, its certificate, those of the authorities above.

    With a `signing_time` the signature is XAdES-B-B.
    """

    key: Any
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()
    signing_time: datetime | None = None

    def __repr__(self) -> str:
        return without(self, "key")


def signed(data: bytes, own: Own) -> bytes:
    """Sign a document. Raises Refused for one that cannot be read, SigningRefused where it or the key is not fit."""
    root = parsing.open_whole(data)
    if next(root.iter(f"{{{DSIG}}}Signature"), None) is not None:
        raise SigningRefused(_SIGNED_ALREADY)
    start = _end_tag(data)
    written = _signature(keys.digest(parsing.canonical_form(root.getroottree()), "sha256"), own)
    return data[:start] + written.encode(parsing.codec_of(data)[0]) + data[start:]


def signed_canonicalized(canonicalized: Canonicalized, digest: bytes, own: Own) -> str:
    """Return the ds:Signature for a document that was canonicalized. Raises SigningRefused."""
    if canonicalized.signatures:
        raise SigningRefused(_SIGNED_ALREADY)
    return _signature(digest, own)


def _signature(digest: bytes, own: Own) -> str:
    """Write the ds:Signature of a document whose canonical form has this SHA-256 digest. Raises SigningRefused."""
    public = own.certificate.public_key()
    sort = keys.sort_of(public)
    if sort is None:
        raise SigningRefused(f"the certificate's key is too weak or of another sort: expected {keys.STRONG}")
    ders = [each.public_bytes(Encoding.DER) for each in (own.certificate, *own.chain)]
    named, reference, holder = None, "", ""
    if own.signing_time is not None:
        named = xades.ids(digest)
        properties = xades.properties(named, ders[0], own.signing_time)
        to_properties = f' Type="{xades.TYPE}" URI="#{named.properties}"'
        reference = _reference(to_properties, [algorithms.C14N], keys.digest(properties.encode(), "sha256"))
        holder = xades.enclosed(named, properties)
    content = f'{_id(named and named.content)} URI=""'
    # SignedInfo as its exclusive canonical form has it, but for the declaration of its prefix.
    signed_info = (
        f'<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{algorithms.C14N}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{_METHOD[sort]}"></ds:SignatureMethod>'
        f"{_reference(content, [algorithms.ENVELOPED, algorithms.C14N], digest)}{reference}</ds:SignedInfo>"
    )
    canonical = signed_info.replace("<ds:SignedInfo>", f'<ds:SignedInfo xmlns:ds="{DSIG}">').encode()
    made = _made(own.key, public, keys.digest(canonical, "sha256"))
    if not keys.is_of(public, made, canonical, "sha256"):
        raise SigningRefused("the key is not the certificate's, or what signs does not sign a SHA-256 digest")
    certificates = "".join(f"<ds:X509Certificate>{_base64(der)}</ds:X509Certificate>" for der in ders)
    return (
        f'<ds:Signature xmlns:ds="{DSIG}"{_id(named and named.signature)}>{signed_info}'
        f"<ds:SignatureValue>{_base64(made)}</ds:SignatureValue>"
        f"<ds:KeyInfo><ds:X509Data>{certificates}</ds:X509Data></ds:KeyInfo>{holder}</ds:Signature>"
    )


def _id(value: str | None) -> str:
    return f' Id="{value}"' if value else ""


def _reference(attributes: str, transforms: list[str], digest: bytes) -> str:
    steps = "".join(f'<ds:Transform Algorithm="{uri}"></ds:Transform>' for uri in transforms)
    return (
        f"<ds:Reference{attributes}><ds:Transforms>{steps}</ds:Transforms>"
        f'<ds:DigestMethod Algorithm="{_DIGEST}"></ds:DigestMethod>'
        f"<ds:DigestValue>{_base64(digest)}</ds:DigestValue></ds:Reference>"
    )


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def _made(key: Any, public: object, digest: bytes) -> bytes:
    value = key(digest) if callable(key) else keys.sign_digest(key, digest)
    try:
        return keys.as_written(public, value)
    except ValueError:
        raise SigningRefused("what signs gave no DER of an ECDSA signature") from None


def opened(
    key: Key,
    certificate: Certificate | None,
    password: bytes | None = None,
    chain: bytes | None = None,
    signing_time: datetime | None = None,
) -> Own:
    """Return the key, and the certificate: the one that is given, else the one in the key's file, PEM or PKCS#12.

    Of several in one file it is the key's own. Raises SigningRefused, KeyUnreadable among it, and ValueError for a time
    without an offset.
    """
    if signing_time is not None and signing_time.tzinfo is None:
        raise ValueError("signing_time: a time without an offset; expected an aware datetime")
    within: list[x509.Certificate] = []
    if isinstance(key, bytes):
        key, within = loading.private_key(key, password)
    if not callable(key) and keys.sort_of(key) is None:
        raise SigningRefused(f"the key is too weak or of another sort: expected {keys.STRONG}")
    try:
        if isinstance(certificate, bytes):
            within, certificate = loading.certificates(certificate), None
            if not within:
                raise ValueError("PEM without a certificate")
        certificate = certificate or _own(key, within)
        if certificate is not None:
            certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise SigningRefused("the certificate cannot be read: expected PEM or DER") from None
    if certificate is None:
        raise SigningRefused("no certificate is given, and the key's file holds none")
    return Own(key, certificate, _above(certificate, chain) if chain else (), signing_time)


def _above(certificate: x509.Certificate, chain: bytes) -> tuple[x509.Certificate, ...]:
    """Return the authorities of a chain that are no roots: a verifier has the roots that it trusts."""
    try:
        found = loading.certificates(chain)
        above = tuple(each for each in found if each != certificate and each.subject != each.issuer)
        issuer = certificate.issuer
        fits = any(each.subject == issuer for each in found if each != certificate)
    except ValueError:
        raise SigningRefused("the chain cannot be read: expected certificates in PEM or DER") from None
    if not fits:
        raise SigningRefused("the chain does not hold the authority that issued the certificate")
    if len(above) >= shape.MOST_CERTIFICATES:
        raise SigningRefused(f"the chain is too long: a signature holds at most {shape.MOST_CERTIFICATES} certificates")
    return above


def _own(key: Any, certificates: list[x509.Certificate]) -> x509.Certificate | None:
    """Return the certificate of a key; the first of them if it is none of theirs, or stays elsewhere."""
    public = None if callable(key) else key.public_key()
    return next((each for each in certificates if each.public_key() == public), next(iter(certificates), None))


def _end_tag(data: bytes) -> int:
    """Return where the root's end tag begins in the bytes of a document that was read safely."""
    parser = expat.ParserCreate()
    found = 0

    def remember(_name: str) -> None:
        nonlocal found
        found = parser.CurrentByteIndex

    parser.EndElementHandler = remember
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        raise SigningRefused("the document's end tag cannot be found") from None
    if not data.startswith("</".encode(parsing.codec_of(data)[0]), found):
        raise SigningRefused("the document's root is empty: there is nothing to sign")
    return found
