"""A document of either kind is signed, verified, explained and digested by the same functions."""

from __future__ import annotations

import io
from hashlib import sha256
from pathlib import Path

import pytest
from support import delivery_cases
from support.delivery_cases import krav, plan, samtale
from support.signing_cases import AT, SENDER, message, trust

import exchange
from exchange.deliveries import digest_document, explain_document, sign_document, verify_document
from exchange.files.sources import Source
from exchange.signatures import Explanation

DELIVERY = (delivery_cases.DECLARATION + delivery_cases.delivery(samtale(1), plan(2), krav(3))).encode().rstrip()
DOCUMENTS = pytest.mark.parametrize("document", [message(), DELIVERY], ids=["message", "delivery"])


def signed(document: Source) -> bytes:
    out = io.BytesIO()
    sign_document(document, out, SENDER.key, SENDER.certificate)
    return out.getvalue()


@DOCUMENTS
def test_what_was_signed_is_verified_and_returned(document: bytes, tmp_path: Path) -> None:
    (path := tmp_path / "document.xml").write_bytes(document)
    for source in (document, path, io.BytesIO(document)):
        out = io.BytesIO()
        result = verify_document(signed(source), trust(), at=AT, out=out)
        assert result.ok
        assert (result.content or out.getvalue()) == document


@DOCUMENTS
def test_what_is_not_accepted_is_not_signed(document: bytes) -> None:
    out = io.BytesIO()
    with pytest.raises(exchange.InvalidMessage):
        sign_document(document.replace(b">test<", b">prod<"), out, SENDER.key, SENDER.certificate)
    assert out.getvalue() == b""


def test_the_value_that_was_changed_is_found_without_the_original() -> None:
    changed = signed(message()).replace(b">video<", b">telefonisk<")
    assert not verify_document(changed, trust(), at=AT).ok
    assert explain_document(changed) == Explanation("value", ("/samtale/form",))


@DOCUMENTS
def test_the_place_that_was_changed_is_found_beside_the_original(document: bytes) -> None:
    changed = signed(document).replace(b">video<", b">brev<")
    root = "/leverance" if b"<leverance" in document else ""
    assert explain_document(changed, document) == Explanation("places", (f"{root}/samtale/form",))
    assert explain_document(changed, document.replace(b">video<", b">telefonisk<")) == Explanation("original")


@DOCUMENTS
def test_nothing_is_explained_where_the_digest_fits(document: bytes) -> None:
    assert explain_document(signed(document)) is None
    assert explain_document(document) is None


@DOCUMENTS
def test_the_digest_is_that_of_the_canonical_form(document: bytes, tmp_path: Path) -> None:
    (path := tmp_path / "document.xml").write_bytes(b"\xef\xbb\xbf" + document)
    canonical = sha256(document.partition(b"\n")[2]).hexdigest()
    assert digest_document(document) == digest_document(path) == canonical


def test_there_is_no_digest_of_what_cannot_be_read() -> None:
    with pytest.raises(exchange.InvalidMessage) as raised:
        digest_document(b"<samtale>")
    assert [finding.code for finding in raised.value.report.findings] == ["not-well-formed"]
