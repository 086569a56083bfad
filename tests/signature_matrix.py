"""Prints which verifiers accept which signatures: `python tests/signature_matrix.py`. A part of it runs as a test."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12
from support import other_verifiers
from support.other_verifiers import Other, Xmlsec
from support.signing_cases import AT, CA, Party, carrying, key, message, party, trust

import exchange

PASSWORD = "kode"  # noqa: S105  # of a key that lives as long as a test


@cache
def signer(sort: str) -> Party:
    """Somebody whose certificate other programs, which read the clock, accept for a long time."""
    own = key("rsa-2048" if sort == "rsa" else "p256", 8)
    return party(CA, own=own, since=datetime(2020, 1, 1, tzinfo=UTC), until=datetime(2099, 1, 1, tzinfo=UTC))


def signed(sort: str) -> dict[str, bytes]:
    """Documents in several forms, signed by one signer, and three that were changed after it."""
    by = signer(sort)
    built = message()
    forms = {
        "as built": built,
        "indented, CRLF": built.replace(b"><", b">\r\n  <"),
        "comments": built.replace(b"<hoved>", b"<!-- x --><hoved>"),
        "UTF-16": built.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        "delivery": carrying(built),
    }
    made = {form: exchange.sign(data, by.key, by.certificate, force=True) for form, data in forms.items()}
    made["XAdES"] = exchange.sign(built, by.key, by.certificate, signing_time=AT)
    made["changed: value"] = made["as built"].replace(b">video<", b">brev<")
    made["changed: XAdES time"] = made["XAdES"].replace(b"T15:00:00Z<", b"T15:00:01Z<")
    made["changed: signature value"] = re.sub(rb"(<ds:SignatureValue>)....", rb"\1AAAA", made["as built"])
    return made


def judged(sort: str, verifiers: list[Other | Xmlsec], folder: Path) -> dict[str, dict[str, bool]]:
    """Return for each document which verifiers find it valid."""
    documents = signed(sort)
    (certificate := folder / f"{sort}.pem").write_bytes(signer(sort).pem)
    files = [folder / f"{sort}-{number}.xml" for number in range(len(documents))]
    for file, data in zip(files, documents.values(), strict=True):
        file.write_bytes(data)
    columns = {"exchange": [exchange.verify(data, trust(), at=AT).ok for data in documents.values()]}
    columns |= {each.name: each.verify(certificate, files) for each in verifiers if sort in each.sorts}
    return {name: {column: found[at] for column, found in columns.items()} for at, name in enumerate(documents)}


def made_by(other: Other, sort: str, folder: Path) -> bytes:
    """Return a document that another program has signed."""
    by = signer(sort)
    (source := folder / "in.xml").write_bytes(message())
    (secret := folder / f"{sort}.key").write_bytes(by.key_pem)
    (certificate := folder / f"{sort}.pem").write_bytes(by.pem)
    if other.takes_pkcs12:
        # What mono reads.
        scheme = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(1000)
        scheme = scheme.key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC).hmac_hash(hashes.SHA1())  # noqa: S303
        data = pkcs12.serialize_key_and_certificates(
            b"key", by.key, by.certificate, None, scheme.build(PASSWORD.encode())
        )
        (secret := folder / "key.p12").write_bytes(data)
        certificate = Path(PASSWORD)
    target = folder / f"by-{sort}.xml"
    other.sign(secret, certificate, source, target)
    return target.read_bytes()


def _printed(title: str, table: Mapping[str, Mapping[str, object]]) -> None:
    columns = list(next(iter(table.values())))
    print(f"\n{title:<28}" + "".join(f"{column:>18}" for column in columns))  # noqa: T201  # the script's output
    for name, row in table.items():
        print(f"{name:<28}" + "".join(f"{row[column]!s:>18}" for column in columns))  # noqa: T201  # as above


def main() -> None:
    """Print the tables: what is signed here, and what others sign."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        verifiers = other_verifiers.others(folder)
        for sort in ("rsa", "ecdsa"):
            _printed(f"signed here, {sort}", judged(sort, verifiers, folder))
        signers = [each for each in verifiers if isinstance(each, Other)]
        _printed(
            "signed by, verified here",
            {
                each.name: {
                    sort: exchange.verify(made_by(each, sort, folder), trust(), at=AT).ok if sort in each.sorts else "–"
                    for sort in ("rsa", "ecdsa")
                }
                for each in signers
            },
        )


if __name__ == "__main__":
    main()
