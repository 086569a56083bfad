"""Test authorities, certificates and signed documents, made afresh for each run of the tests."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from lxml import etree

import exchange
from exchange import Trust, Verified
from support import delivery_cases

AT = datetime(2026, 11, 20, 15, tzinfo=UTC)
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
ORGANIZATION, SERIAL = "NTRDK-12345678", "UI:DK-O:G:00000000-0000-4000-8000-000000000067"
C14N = b'<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:Transform>'


class Party(NamedTuple):
    """Somebody with a key and a certificate."""

    key: Any
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())  # type: ignore[no-any-return]  # keys of several sorts

    @property
    def fingerprint(self) -> str:
        return sha256(self.certificate.public_bytes(Encoding.DER)).hexdigest()


@cache
def key(sort: str, number: int = 0) -> Any:
    """A key: "rsa-2048", "p256"; another for each number."""
    del number
    if sort.startswith("rsa-"):
        return rsa.generate_private_key(65537, int(sort[4:]))
    curves: dict[str, ec.EllipticCurve] = {
        "p256": ec.SECP256R1(),
        "p384": ec.SECP384R1(),
        "p521": ec.SECP521R1(),
        "p224": ec.SECP224R1(),
    }
    return ec.generate_private_key(curves[sort])


def named(name: str, organization: str = ORGANIZATION, serial: str = SERIAL) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "DK"),
            x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, organization),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, serial),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def party(
    issuer: Party | None,
    name: str = "Prøve-a-kassen",
    *,
    own: Any = None,
    ca: bool = False,
    since: datetime = SINCE,
    until: datetime = UNTIL,
    organization: str = ORGANIZATION,
    serial: str = SERIAL,
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    digest: hashes.SHA256 | hashes.SHA224 | None = None,
    pathlen: int | None = None,
    pss: bool = False,
) -> Party:
    """Issue a certificate; without an issuer it is its own. `pss`: signed RSASSA-PSS, as Danish authorities do."""
    own = own or key("p256", 1)
    subject = named(name, organization, serial)
    builder = x509.CertificateBuilder(
        issuer.certificate.subject if issuer else subject,
        subject,
        own.public_key(),
        x509.random_serial_number(),
        since,
        until,
    ).add_extension(x509.BasicConstraints(ca, pathlen), critical=True)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    scheme = padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256.digest_size) if pss else None
    signer = issuer.key if issuer else own
    return Party(own, builder.sign(signer, digest or hashes.SHA256(), rsa_padding=scheme))


CA = party(None, "Test CA", own=key("p256", 99), ca=True, organization="NTRDK-87654321", serial="CA")
SENDER = party(CA)


def trust(
    *, ca: bytes = b"", signers: tuple[str, ...] = (f"organizationIdentifier={ORGANIZATION}",), **given: Any
) -> Trust:
    return Trust(ca or CA.pem, signers, **given)


@cache
def message(name: str = "samtale") -> bytes:
    """A message's example, built."""
    return exchange.build(exchange.Exchange().example(name))


def signed(by: Party = SENDER, name: str = "samtale") -> bytes:
    return exchange.sign(message(name), by.key, by.certificate)


def xades(by: Party = SENDER, *, named: Party | None = None) -> bytes:
    """A document with a XAdES signature, made at AT; with the digest of another certificate if one is named."""
    data = exchange.sign(message(), by.key, by.certificate, signing_time=AT)
    if named is None:
        return data
    digest, other = (b64encode(bytes.fromhex(each.fingerprint)) for each in (by, named))
    return properties_signed(data.replace(digest, other), by)


def properties_signed(data: bytes, by: Party) -> bytes:
    """Make the digest of the SignedProperties of a document, and the value of its signature, anew."""
    properties = next(etree.fromstring(data).iter(f"{{{XADES}}}SignedProperties"))
    content = sha256(etree.tostring(properties, method="c14n", exclusive=True)).digest()
    before, reference, behind = data.partition(b' URI="#properties-')
    behind = re.sub(rb"(<ds:DigestValue>)[^<]*", lambda m: m[1] + b64encode(content), behind, count=1)
    return _signed_anew(before + reference + behind, by)


def carrying(data: bytes) -> bytes:
    """A delivery that carries a message."""
    root = data.partition(b"\n")[2]
    return (delivery_cases.DECLARATION + delivery_cases.delivery(root.decode())).encode()


def verified(data: bytes, at: datetime = AT, **given: Any) -> Verified:
    return exchange.verify(data, trust(**given), at=at)


def codes(result: Verified) -> list[str]:
    return [finding.code for finding in result.findings if finding.severity == "error"]


def signature_of(data: bytes) -> bytes:
    found = re.search(rb"<ds:Signature .*</ds:Signature>", data, re.S)
    assert found
    return found[0]


def resigned(data: bytes, by: Party = SENDER) -> bytes:
    """Make the digest and the value of a signature anew, however the rest of it looks: a forger who has a key."""
    root = etree.fromstring(data)
    signature = next(root.iter(f"{{{DS}}}Signature"))
    bare = etree.fromstring(data.replace(signature_of(data), b""))
    digest = b64encode(sha256(etree.tostring(bare, method="c14n", exclusive=True)).digest())
    data = re.sub(rb"(<ds:DigestValue>)[^<]*", lambda m: m[1] + digest, data)
    assert signature is not None
    return _signed_anew(data, by)


def _signed_anew(data: bytes, by: Party) -> bytes:
    """Make the value of a signature anew."""
    info = etree.fromstring(data).find(f".//{{{DS}}}SignedInfo")
    assert info is not None
    value = b64encode(raw(by, etree.tostring(info, method="c14n", exclusive=True)))
    return re.sub(rb"(<ds:SignatureValue>)[^<]*", lambda m: m[1] + value, data)


def raw(by: Party, data: bytes, digest: hashes.HashAlgorithm | None = None) -> bytes:
    """Sign bytes as XML signatures write it."""
    digest = digest or hashes.SHA256()
    if isinstance(by.key, rsa.RSAPrivateKey):
        return by.key.sign(data, padding.PKCS1v15(), digest)
    half = (by.key.key_size + 7) // 8
    r, s = decode_dss_signature(by.key.sign(data, ec.ECDSA(digest)))
    return r.to_bytes(half, "big") + s.to_bytes(half, "big")


def revocations(
    *parties: Party,
    by: Party = CA,
    since: datetime = AT - timedelta(1),
    until: datetime = AT + timedelta(1),
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = (),
) -> bytes:
    """A revocation list, in PEM; its entries are of the day before AT."""
    builder = x509.CertificateRevocationListBuilder(by.certificate.subject, since, until)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    for revoked in parties:
        number = revoked.certificate.serial_number
        builder = builder.add_revoked_certificate(x509.RevokedCertificateBuilder(number, AT - timedelta(1)).build())
    return builder.sign(by.key, hashes.SHA256()).public_bytes(Encoding.PEM)


def forged(by: Party, data: bytes = b"") -> bytes:
    """What `exchange.sign` refuses to make: a document signed by a weak or unfit party, right but for that."""
    data = data or signed()
    method = b"rsa" if isinstance(by.key, rsa.RSAPrivateKey) else b"ecdsa"
    data = re.sub(rb"xmldsig-more#(rsa|ecdsa)-", b"xmldsig-more#" + method + b"-", data)
    der = b64encode(by.certificate.public_bytes(Encoding.DER))
    data = re.sub(rb"(<ds:X509Certificate>)[^<]*", lambda m: m[1] + der, data)
    return resigned(data, by)
