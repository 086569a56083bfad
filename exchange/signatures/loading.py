"""Reads private keys, certificates and revocation lists: the one place where cryptography parses what it is given.

A file is PEM, with whatever text stands before, between or behind its blocks (`openssl x509 -text`, the bag attributes
of `openssl pkcs12 -nodes`), with any line ends and a byte order mark; or else DER.
"""

from __future__ import annotations

import codecs
import re
import warnings
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates
from cryptography.x509.oid import NameOID

from exchange.errors import ConfigurationError, KeyUnreadable
from exchange.signatures.trust import Signer

_MARKER = re.compile(rb"-----(BEGIN|END) ([A-Z0-9 ]+)-----")
_TOUCHING = re.compile(rb"(-----END [A-Z0-9 ]+-----)(?=-----BEGIN )")
# Blocks under other labels, also those whose label only ends like one of these, are passed over.
_CERTIFICATE = frozenset({b"CERTIFICATE", b"X509 CERTIFICATE"})
_REVOCATION_LIST = frozenset({b"X509 CRL"})
_PRIVATE_KEY = frozenset(
    {
        b"PRIVATE KEY",
        b"ENCRYPTED PRIVATE KEY",
        b"RSA PRIVATE KEY",
        b"EC PRIVATE KEY",
        b"DSA PRIVATE KEY",
        b"OPENSSH PRIVATE KEY",
    }
)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

KEPT = 64
"""So many certificates are remembered: thousands of documents come from one sender, and what it is does not change."""

_UNREADABLE_LIST = "the revocation list cannot be read: expected PEM or DER"

_OF_THIS_MODULE = ("ignore", None, Warning, re.compile(rf"{re.escape(__name__)}\Z"), 0)


def _ignore_warnings() -> None:
    """Let cryptography parse without warnings: of a serial number below 1, say, or a name that is too long.

    Whether a certificate is fit is judged here, and a warning would show a path of this program on stderr. Filters belong to
    the whole process: one that is put back may undo what another thread has changed meanwhile. So this one stays. It
    concerns only what this module calls, and is entered again only if others stand before it.
    """
    if _OF_THIS_MODULE not in warnings.filters[:1]:
        warnings.filterwarnings("ignore", module=rf"{re.escape(__name__)}\Z")


def pem_blocks(data: bytes, labels: frozenset[bytes]) -> list[bytes] | None:
    """Return the blocks of a PEM file that have one of these labels, each without the text around it; None for no PEM.

    Raises ValueError for a block that does not end, and for a marker of a block that does not stand alone in its line, as a
    block could be overlooked there. Only where one file was put behind another may the two markers share a line.
    """
    if data.startswith(_UTF16):
        data = data.decode("utf-16", "replace").encode()
    if data[:1] == b"\x30" and data[1:2] >= b"\x80":  # DER; no text has such a second byte
        return None
    found: list[bytes] = []
    is_pem = False
    begun, end, lines = b"", b"", list[bytes]()
    for line in map(bytes.strip, _TOUCHING.sub(rb"\1\n", data.removeprefix(codecs.BOM_UTF8)).splitlines()):
        if not end:
            marker = _MARKER.search(line)
            if marker is not None:
                if marker[0] != line or marker[1] != b"BEGIN":
                    raise ValueError("a marker of PEM where none can be")
                begun, end = marker[2], line.replace(b"BEGIN", b"END", 1)
                is_pem, lines = True, [line]
            continue
        lines.append(line)
        if line == end:
            if begun in labels:
                found.append(b"\n".join([*lines, b""]))
            end = b""
        elif b"-----" in line:
            raise ValueError("a PEM block begins, or another ends, within a block")
    if end:
        raise ValueError("a PEM block does not end")
    return found if is_pem else None


@dataclass(frozen=True, slots=True, eq=False)
class ParsedCertificate:
    """A certificate, with all parts of it that are asked for later: to parse them again might fail, or warn, again."""

    certificate: x509.Certificate
    subject: x509.Name
    issuer: x509.Name
    public_key: Any
    extensions: x509.Extensions
    hash_algorithm: hashes.HashAlgorithm | None
    serial_number: int
    signer: Signer

    def extension(self, sort: type[x509.ExtensionType]) -> Any:
        """Return the value of an extension; None if the certificate has none of the sort."""
        try:
            return self.extensions.get_extension_for_class(sort).value
        except x509.ExtensionNotFound:
            return None


def _parsed(certificate: x509.Certificate) -> ParsedCertificate:
    subject, issuer = certificate.subject, certificate.issuer
    signer = Signer(
        certificate.fingerprint(hashes.SHA256()).hex(),
        subject.rfc4514_string(),
        _only(subject, NameOID.SERIAL_NUMBER),
        _only(subject, NameOID.ORGANIZATION_IDENTIFIER),
        issuer.rfc4514_string(),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
    )
    return ParsedCertificate(
        certificate,
        subject,
        issuer,
        certificate.public_key(),
        certificate.extensions,
        certificate.signature_hash_algorithm,
        certificate.serial_number,
        signer,
    )


def _only(name: x509.Name, oid: x509.ObjectIdentifier) -> str | None:
    values = [attribute.value for attribute in name.get_attributes_for_oid(oid)]
    return values[0] if len(values) == 1 and isinstance(values[0], str) else None


@lru_cache(maxsize=KEPT)
def strangers(der: bytes) -> ParsedCertificate | None:
    """Read a stranger's certificate, in DER; None if any part of it cannot be read."""
    try:
        _ignore_warnings()
        return _parsed(x509.load_der_x509_certificate(der))
    except Exception:  # noqa: BLE001  # whatever a stranger's certificate makes the library raise
        return None


@lru_cache(maxsize=8)
def authorities(data: bytes) -> tuple[ParsedCertificate, ...]:
    """Read a file of authorities: one in DER, or every certificate that it holds in PEM. Raises ConfigurationError."""
    try:
        read = tuple(_parsed(certificate) for certificate in certificates(data))
    except Exception:  # noqa: BLE001  # whatever a damaged certificate makes the library raise
        read = ()
    if not read:
        raise ConfigurationError("a file of authorities holds no certificate in PEM or DER, or one that cannot be read")
    return read


@dataclass(frozen=True, slots=True, eq=False)
class ParsedList:
    """A revocation list, as `ParsedCertificate` is a certificate. `until` is None if it does not say when it runs out."""

    crl: x509.CertificateRevocationList
    issuer: x509.Name
    extensions: x509.Extensions
    hash_algorithm: hashes.HashAlgorithm | None
    since: datetime
    until: datetime | None

    def revoked(self, serial_number: int) -> datetime | None:
        """Return when a certificate was revoked; None if it is not in the list. Raises ConfigurationError."""
        try:
            _ignore_warnings()
            entry = self.crl.get_revoked_certificate_by_serial_number(serial_number)
            return None if entry is None else entry.revocation_date_utc
        except Exception:  # noqa: BLE001  # entries are parsed only as they are looked at
            raise ConfigurationError(_UNREADABLE_LIST) from None


@lru_cache(maxsize=8)
def revocation_lists(data: bytes) -> tuple[ParsedList, ...]:
    """Read a file of revocation lists: one in DER, or all that it holds in PEM. Raises ConfigurationError."""
    lists: tuple[ParsedList, ...] = ()
    try:
        _ignore_warnings()
        blocks = pem_blocks(data, _REVOCATION_LIST)
        if blocks is None:
            lists = (_parsed_list(x509.load_der_x509_crl(data)),)
        else:
            lists = tuple(_parsed_list(x509.load_pem_x509_crl(block)) for block in blocks)
    except Exception:  # noqa: BLE001  # whatever a damaged list makes the library raise
        lists = ()
    if not lists:
        raise ConfigurationError(_UNREADABLE_LIST)
    return lists


def _parsed_list(crl: x509.CertificateRevocationList) -> ParsedList:
    since, until = crl.last_update_utc, crl.next_update_utc
    return ParsedList(crl, crl.issuer, crl.extensions, crl.signature_hash_algorithm, since, until)


def certificates(data: bytes) -> list[x509.Certificate]:
    """Read a certificate file: one in DER, or all that it holds in PEM. Raises ValueError."""
    try:
        _ignore_warnings()
        blocks = pem_blocks(data, _CERTIFICATE)
        if blocks is None:
            found = [x509.load_der_x509_certificate(data)]
        else:
            found = [x509.load_pem_x509_certificate(block) for block in blocks]
        for certificate in found:
            certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError("no certificate in PEM or DER") from error
    return found


def private_key(data: bytes, password: bytes | None) -> tuple[Any, list[x509.Certificate]]:
    """Read a private key: PEM, DER or PKCS#12; and the certificates beside it. Raises KeyUnreadable."""
    key: Any = None
    blocks: list[bytes] | None = None
    found: list[x509.Certificate] = []
    try:
        _ignore_warnings()
        blocks = pem_blocks(data, _PRIVATE_KEY)
        if blocks is None:
            key, found = _from_der(data, password)
        elif blocks:
            key = load_pem_private_key(blocks[0], password)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # TypeError: a password that is missing, or one too many
        key = None
    if blocks:
        with suppress(ValueError):  # a certificate that cannot be read may stand there if another one is named
            found = certificates(data)
    if key is None:
        raise KeyUnreadable("the key cannot be read: expected PEM, DER or PKCS#12, and its own password if it has one")
    return key, found


def _from_der(data: bytes, password: bytes | None) -> tuple[Any, list[x509.Certificate]]:
    try:
        key, certificate, _ = load_key_and_certificates(data, password)
    except ValueError:
        return load_der_private_key(data, password), []
    return key, [certificate] if certificate else []
