"""`exchange verify --explain`: what has become of a document that is not what was signed."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha1, sha256, sha512
from pathlib import Path

import pytest
from lxml import etree
from support.signing_cases import CA, message, signature_of, signed

from exchange import cli, signatures
from exchange.findings import texts
from exchange.signatures.differences import MOST_TRIED, differences, no_values, one_value

WHOLE = signed()
BODY = message().partition(b"\n")[2]
UNUSED = BODY.replace(b"<samtale ", b'<samtale xmlns:unused="urn:x" ')


def with_digest(digest: bytes, whole: bytes = WHOLE) -> bytes:
    return re.sub(rb"(<ds:DigestValue>)[^<]*", lambda m: m[1] + b64encode(digest), whole)


def prefixed(whole: bytes) -> bytes:
    signature = signature_of(whole)
    rest = re.sub(rb"<(/?)(?=\w)", rb"<\1p:", whole.replace(signature, b"@")).replace(b"xmlns=", b"xmlns:p=")
    return rest.replace(b"@", signature)


def inclusive(whole: bytes) -> bytes:
    return etree.tostring(etree.fromstring(whole), method="c14n")


CASES = {
    "re-indented": WHOLE.replace(b"><person", b">\n    <person").replace(b"><hoved", b">\r\n  <hoved"),
    "rewritten": prefixed(WHOLE),
    "c14n": with_digest(
        sha256(inclusive(UNUSED)).digest(), UNUSED.replace(b"</samtale>", signature_of(WHOLE) + b"</samtale>")
    ),
    "comments": with_digest(
        sha256(BODY.replace(b"<hoved>", b"<hoved><!--x-->")).digest(), WHOLE.replace(b"<hoved>", b"<hoved><!--x-->")
    ),
    "bytes": with_digest(sha256(message()).digest()),
    "encoding": WHOLE.decode("latin-1").encode(),
    "algorithm": with_digest(sha512(BODY).digest()),
    "value": WHOLE.replace(b">video<", b">telefonisk<"),
    "content": WHOLE.replace(b">video<", b">telefonisk<").replace(b"<akassekode>", b"<akassekode>0"),
}


@pytest.mark.parametrize("reason", CASES)
@pytest.mark.parametrize("lang", ["en", "da"])
def test_what_became_of_a_document_is_told(
    reason: str, lang: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (document := tmp_path / "signed.xml").write_bytes(CASES[reason])
    (ca := tmp_path / "ca.pem").write_bytes(CA.pem)
    command = ["verify", str(document), "--ca", str(ca), "--lang", lang]
    assert cli.run([*command, "--explain"]) == 1
    assert f"  {texts.text(f'digest-{reason}', lang)}" in capfd.readouterr().out.splitlines()
    assert cli.run(command) == 1
    assert texts.text(f"digest-{reason}", lang) not in capfd.readouterr().out


def test_it_is_told_where_a_message_is_another(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    changed = WHOLE.replace(b">video<", b">telefonisk<")
    (document := tmp_path / "signed.xml").write_bytes(changed)
    (ca := tmp_path / "ca.pem").write_bytes(CA.pem)
    command = ["verify", str(document), "--ca", str(ca), "--lang", "en"]
    assert cli.run([*command, "--explain"]) == 1
    assert capfd.readouterr().out.endswith(f"  {texts.text('digest-value', 'en')}\n    /samtale/form\n")
    document.write_bytes(changed.replace(b"<personnummer>0101405000<", b"<personnummer>0101405001<"))
    (original := tmp_path / "original.xml").write_bytes(message())
    assert cli.run([*command, "--original", str(original)]) == 1
    told = capfd.readouterr().out
    assert told.endswith(
        f"  {texts.text('digest-places', 'en')}\n    /samtale/person/personnummer\n    /samtale/form\n"
    )
    assert "010140500" not in told


def test_sha1_is_told_too() -> None:
    assert signatures.explain(with_digest(sha1(BODY, usedforsecurity=False).digest()), None) == signatures.Explanation(
        "algorithm"
    )


def test_of_a_large_document_few_values_are_tried() -> None:
    tried = 0

    def fits(candidate: bytes) -> bool:
        nonlocal tried
        tried += len(candidate)
        return False

    root = etree.fromstring(b"<r>" + b"<a>x</a>" * 18_000 + b"</r>")
    assert one_value(root, no_values, fits) is None
    assert MOST_TRIED * 0.9 < tried < MOST_TRIED * 1.1


def test_beside_thousands_of_siblings_no_place_is_sought_for_one_that_was_put_in() -> None:
    def found(siblings: int) -> list[str]:
        before = etree.fromstring(b"<r>" + b"<a/>" * siblings + b"</r>")
        after = etree.fromstring(b"<r><b/>" + b"<a/>" * siblings + b"</r>")
        return differences(after, before)

    assert found(500) == ["/r/b"]
    # To seek takes the square of their number; each is set beside the one of its number.
    assert found(3_000) == ["/r/b", "/r/a[3000]"]


@pytest.mark.parametrize("data", [WHOLE, message(), b"<a>", WHOLE.replace(b'URI=""', b'URI="#a"')])
def test_where_no_digest_is_at_fault_nothing_is_told(data: bytes) -> None:
    assert signatures.explain(data, None) is None
