"""Signed deliveries: one signature over the whole, made and verified as a stream, the same as any other verifier's."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from signatures.test_signing import xmlsec_verifies
from support import delivery_cases
from support.delivery_cases import krav, plan, samtale
from support.signing_cases import AT, CA, DS, ORGANIZATION, SENDER, codes, party, signature_of, signed, trust, verified

import exchange
from exchange import cli
from exchange.deliveries import read_delivery, sign_delivery, verify_delivery
from exchange.deliveries.reading import whole_report
from exchange.deliveries.scan import element_of
from exchange.errors import KeyUnreadable, SigningRefused, UnreadableSource
from exchange.findings import texts

PLAIN = (delivery_cases.DECLARATION + delivery_cases.delivery(samtale(1), plan(2), krav(3))).encode().rstrip()
BODY = PLAIN.partition(b"\n")[2]
TIME = ("--at", "2026-11-20T16:00:00+01:00")


def signed_delivery(data: bytes = PLAIN, *, force: bool = False) -> bytes:
    out = io.BytesIO()
    sign_delivery(data, out, SENDER.key, SENDER.certificate, force=force)
    return out.getvalue()


WHOLE = signed_delivery()


FORMS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda data: data,
    "crlf and indented": lambda data: data.replace(b"><", b">\r\n  <"),
    "latin-1": lambda data: (
        data.decode().replace("UTF-8", "ISO-8859-1").replace("kursus", "kørekort").encode("latin-1")
    ),
    "utf-16": lambda data: data.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    "byte order mark": lambda data: b"\xef\xbb\xbf" + data,
    "prefix of its own": lambda data: (
        data.replace(b"leverance ", b"l:leverance ")
        .replace(b"</leverance>", b"</l:leverance>")
        .replace(b'xmlns="urn:x-par87:leverance:1"', b'xmlns:l="urn:x-par87:leverance:1"')
    ),
    "comments and instructions between": lambda data: (
        data.replace(b"<samtale ", b"<!-- c --><?p i?><samtale ") + b"\n<!-- end -->"
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_delivery_of_any_form_is_signed_for_every_verifier_and_keeps_its_bytes(form: str, tmp_path: Path) -> None:
    data = FORMS[form](PLAIN)
    whole = signed_delivery(data, force=form == "prefix of its own")
    wide = "utf-16-le" if form == "utf-16" else "utf-8"
    start, end = (whole.find(mark.encode(wide)) for mark in ("<ds:Signature ", "</ds:Signature>"))
    assert whole[:start] + whole[end + len("</ds:Signature>".encode(wide)) :] == data
    assert xmlsec_verifies(whole, tmp_path)
    assert verified(whole).ok


def test_what_is_signed_large_is_what_is_signed_small() -> None:
    assert exchange.sign(PLAIN, SENDER.key, SENDER.certificate).count(b"<ds:Signature ") == 1
    out = io.BytesIO()
    result = verify_delivery(WHOLE, trust(), at=AT, out=out)
    whole = verified(WHOLE)
    assert (result.content, out.getvalue(), whole.content) == (None, PLAIN, PLAIN)
    assert replace(result, content=PLAIN) == whole


def test_the_messages_of_a_signed_delivery_are_read_as_before() -> None:
    assert [m.report.ok for m in read_delivery(WHOLE)] == [True, True, True]


def test_a_stream_is_verified_as_it_comes(tmp_path: Path) -> None:
    (file := tmp_path / "signed.xml").write_bytes(WHOLE)
    with file.open("rb") as stream:
        assert verify_delivery(stream, trust(), at=AT).ok
    assert verify_delivery(file, trust(), at=AT).ok


FORGED: dict[str, tuple[bytes, list[str]]] = {
    "a message left out": (WHOLE.replace(krav(3).encode(), b""), ["signature-content-changed"]),
    "a message put in": (
        WHOLE.replace(b"<ds:Signature ", plan(4).encode() + b"<ds:Signature "),
        ["signature-content-changed"],
    ),
    "messages moved": (
        WHOLE.replace(f"{samtale(1)}\n{plan(2)}".encode(), f"{plan(2)}\n{samtale(1)}".encode()),
        ["signature-content-changed"],
    ),
    "a message behind the signature": (
        WHOLE.replace(b"</leverance>", plan(4).encode() + b"</leverance>"),
        ["signature-misplaced"],
    ),
    "two signatures": (WHOLE.replace(b"</leverance>", signature_of(WHOLE) + b"</leverance>"), ["signature-repeated"]),
    "a signature within a message": (
        WHOLE.replace(b"</samtale>", signature_of(WHOLE) + b"</samtale>", 1),
        ["signature-of-messages"],
    ),
    "only within a message": (
        PLAIN.replace(b"</samtale>", signature_of(WHOLE) + b"</samtale>"),
        ["signature-of-messages"],
    ),
    "none": (PLAIN, ["signature-missing"]),
    "a DOCTYPE": (WHOLE.replace(b"<leverance ", b"<!DOCTYPE x><leverance "), ["doctype-refused"]),
    "cut off": (WHOLE[:-20], ["not-well-formed"]),
    "emptied": (WHOLE.replace(signature_of(WHOLE), f'<ds:Signature xmlns:ds="{DS}"/>'.encode()), ["signature-shape"]),
    "a value wrapped in a comment": (WHOLE.replace(b">video<", b">vi<!-- -->deo<!-- --><"), []),
}


@pytest.mark.parametrize("what", FORGED)
def test_a_delivery_that_was_tampered_with_is_not_believed(what: str) -> None:
    data, expected = FORGED[what]
    out = io.BytesIO()
    result = verify_delivery(data, trust(), at=AT, out=out)
    assert codes(result) == expected
    if result.ok:
        assert out.getvalue() == PLAIN  # a comment is not signed, and not given
    assert result.result == ("valid" if not expected else "unsigned" if what == "none" else "invalid")


def test_a_delivery_of_a_stranger_is_not_trusted() -> None:
    other = party(CA, "Anden", organization="NTRDK-11111111")
    assert verify_delivery(exchange.sign(PLAIN, other.key, other.certificate), trust(), at=AT).result == "untrusted"


def test_signed_messages_in_a_delivery_keep_their_own_signatures_and_it_takes_no_other() -> None:
    one = signed()
    carried = element_of(one)
    delivery = delivery_cases.delivery("@").replace("@", carried.decode()).encode()
    (message,) = read_delivery(delivery)
    assert verified(message.data).ok
    with pytest.raises(SigningRefused, match="carries a signature"):
        signed_delivery(delivery, force=True)


def test_what_is_not_accepted_is_not_signed_but_by_force() -> None:
    wrong = PLAIN.replace(b"<antal>3", b"<antal>4")
    with pytest.raises(exchange.InvalidMessage) as invalid:
        signed_delivery(wrong)
    assert list(invalid.value.report.counts) == ["leverance-antal"]
    assert verified(signed_delivery(wrong, force=True)).ok


@pytest.mark.parametrize(
    ("data", "error"),
    [(b'<leverance xmlns="urn:x-par87:leverance:1"/>', SigningRefused), (b"<a>", exchange.InvalidMessage)],
)
def test_what_has_no_end_tag_is_not_signed(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        signed_delivery(data, force=True)


def test_a_key_that_cannot_be_read_is_told_before_the_delivery_is_read() -> None:
    with pytest.raises(KeyUnreadable):
        sign_delivery(Path("nowhere.xml"), io.BytesIO(), b"no key")


def test_a_delivery_that_changes_meanwhile_is_not_signed(tmp_path: Path) -> None:
    (file := tmp_path / "delivery.xml").write_bytes(PLAIN)

    class Meddling(io.BytesIO):
        def write(self, data: object) -> int:
            file.write_bytes(PLAIN + b"\n")
            return super().write(data)  # type: ignore[arg-type]  # bytes

    with pytest.raises(UnreadableSource, match="changed"):
        sign_delivery(file, Meddling(), SENDER.key, SENDER.certificate, force=True)


def test_a_delivery_that_changes_between_its_judgement_and_its_signature_is_not_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file := tmp_path / "delivery.xml").write_bytes(PLAIN)

    def judged(*given: Any) -> Any:
        report = whole_report(*given)
        file.write_bytes(PLAIN.replace(b"<antal>3", b"<antal>4"))
        return report

    monkeypatch.setattr(exchange.deliveries.signing, "whole_report", judged)
    with pytest.raises(UnreadableSource, match="changed"):
        sign_delivery(file, io.BytesIO(), SENDER.key, SENDER.certificate)


def test_a_delivery_that_changes_meanwhile_is_not_believed_though_its_time_is_set_back(tmp_path: Path) -> None:
    (file := tmp_path / "delivery.xml").write_bytes(WHOLE)
    before = file.stat()

    class Meddling(io.BytesIO):
        def write(self, data: object) -> int:
            file.write_bytes(WHOLE.replace(b">video<", b">brevv<"))
            # The system's clock for files goes in steps.
            while file.stat().st_ctime_ns == before.st_ctime_ns or file.stat().st_mtime_ns != before.st_mtime_ns:
                os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
            return super().write(data)  # type: ignore[arg-type]  # bytes

    with pytest.raises(UnreadableSource, match="changed"):
        verify_delivery(file, trust(), at=AT, out=Meddling())


def test_a_stream_that_gives_a_byte_at_a_time_hides_no_encoding() -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(1, size or 1))

    assert verify_delivery(Slow(WHOLE), trust(), at=AT).ok
    other = WHOLE.replace(b'encoding="UTF-8"', b'encoding="windows-1252"')
    assert codes(verify_delivery(Slow(other), trust(), at=AT)) == ["encoding-refused"]


# On the command line


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    files = {"delivery.xml": PLAIN, "key.pem": SENDER.key_pem, "cert.pem": SENDER.pem, "ca.pem": CA.pem}
    for name, data in files.items():
        Path(name).write_bytes(data)
    return tmp_path


VERIFY = ("--ca", "ca.pem", "--signer", f"organizationIdentifier={ORGANIZATION}", *TIME, "--lang", "en")


def test_a_delivery_is_signed_verified_and_given_back(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert (
        cli.run(["sign", "delivery.xml", "--key", "key.pem", "--cert", "cert.pem", "-o", "signed.xml", "--lang", "en"])
        == 0
    )
    assert cli.run(["verify", "signed.xml", *VERIFY, "-o", "content.xml"]) == 0
    assert Path("content.xml").read_bytes() == PLAIN
    assert capfd.readouterr().out.startswith("signed.xml: valid")
    (folder / "changed.xml").write_bytes((folder / "signed.xml").read_bytes().replace(b"video", b"brev"))
    assert cli.run(["verify", "changed.xml", *VERIFY, "-o", "never.xml"]) == 1
    assert {path.name for path in folder.iterdir()} == {
        "delivery.xml", "key.pem", "cert.pem", "ca.pem", "signed.xml", "content.xml", "changed.xml"
    }  # fmt: skip
    assert cli.run(["verify", "signed.xml", *VERIFY, "-o", "content.xml"]) == 2
    assert cli.run(["verify", "changed.xml", *VERIFY, "-o", "content.xml", "--overwrite"]) == 1
    assert Path("content.xml").read_bytes() == PLAIN


def test_a_changed_delivery_is_explained_beside_its_original(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    changed = (
        WHOLE.replace(b">video<", b">brev<").replace(b"Det er der.", b"").replace(b"Der er job.", b"Der er ingen.")
    )
    (folder / "changed.xml").write_bytes(changed.replace(krav(3).encode(), b""))
    assert cli.run(["verify", "changed.xml", *VERIFY, "--original", "delivery.xml"]) == 1
    told = capfd.readouterr().out.splitlines()
    start = told.index(f"  {texts.text('digest-places', 'en')}")
    expected = ["/leverance/samtale/form", "/leverance/minPlanUdkast/plan/begrundelse", "/leverance/kravTilJobsoegning"]
    assert [line.strip() for line in told[start + 1 :]] == expected


def test_a_large_changed_delivery_is_explained_beside_its_original(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    several = [samtale(number, at="2026-11-01T00:00:00Z") for number in range(1700)]  # too many elements for one tree
    (folder / "original.xml").write_text(delivery_cases.delivery(*several))
    whole = signed_delivery((folder / "original.xml").read_bytes(), force=True)
    before, _, behind = whole.rpartition(b">video<")
    (folder / "changed.xml").write_bytes(before + b">brev<" + behind)
    assert cli.run(["verify", "changed.xml", *VERIFY, "--explain"]) == 1
    assert texts.text("digest-unexplained", "en") in capfd.readouterr().out
    assert cli.run(["verify", "changed.xml", *VERIFY, "--original", "original.xml"]) == 1
    assert capfd.readouterr().out.endswith("    /leverance/samtale[1700]/form\n")


def test_another_original_is_told(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "changed.xml").write_bytes(WHOLE.replace(b">video<", b">brev<"))
    shutil.copy("changed.xml", "other.xml")
    assert cli.run(["verify", "changed.xml", *VERIFY, "--original", "other.xml", "--lang", "en"]) == 1
    assert texts.text("digest-original", "en") in capfd.readouterr().out


def test_the_digest_of_a_delivery_is_that_of_its_canonical_form(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "delivery.xml").write_bytes(b"\xef\xbb\xbf" + PLAIN.replace(b"\n", b"\r\n"))
    assert cli.run(["digest", "delivery.xml", "--lang", "en"]) == 0
    assert capfd.readouterr().out == f"{sha256(BODY).hexdigest()}  delivery.xml\n"


FAULTS_WITHIN = {
    "a namespace that is no URI": (b"<ds:SignedInfo", b'<ds:SignedInfo xmlns:q="http://[bad"'),
    "the signature's own": (b"<ds:Signature ", b'<ds:Signature xmlns:q="http://[bad" '),
    "an instruction with a colon": (b"<ds:SignedInfo", b"<?q:p?><ds:SignedInfo"),
    "xsi:type": (b"<ds:KeyInfo", b'<ds:KeyInfo xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="q"'),
}


@pytest.mark.parametrize("fault", FAULTS_WITHIN)
def test_a_signature_that_is_refused_in_a_message_is_refused_in_a_delivery(fault: str) -> None:
    there, written = FAULTS_WITHIN[fault]
    for document in (signed(), signed_delivery()):
        assert document.count(there) == 1
        data = document.replace(there, written)
        assert exchange.validate(document).ok
        assert exchange.validate(data).verdict == "rejected"
        assert exchange.validate(data.decode().replace("UTF-8", "UTF-16").encode("utf-16")).verdict == "rejected"
        assert exchange.verify(data, trust(), at=AT).result == "invalid"
        assert verify_delivery(data, trust(), at=AT).result == "invalid"


def test_the_line_of_a_fault_in_a_signature_is_the_deliverys() -> None:
    data = signed_delivery().replace(*FAULTS_WITHIN["a namespace that is no URI"])
    expected = data.count(b"\n", 0, data.index(b"xmlns:q")) + 1
    lines = [finding.line for finding in exchange.validate(data).findings if finding.code == "not-well-formed"]
    assert (lines, expected > 2) == ([expected], True)
