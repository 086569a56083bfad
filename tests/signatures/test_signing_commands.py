"""`exchange sign`, `verify` and `digest`: the same as the library, from files, with exit codes and words."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat, pkcs12
from support.commands import commands_of
from support.signing_cases import AT, CA, ORGANIZATION, SENDER, key, message, party, revocations, signed, verified
from support.waiting import PATIENCE

from exchange import cli
from exchange.cli.commands import cli as group

SIGNER = ("--signer", f"organizationIdentifier={ORGANIZATION}")
TIME = ("--at", "2026-11-20T16:00:00+01:00")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    locked = SENDER.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption("nøgle".encode()))
    files = {
        "samtale.xml": message(),
        "key.pem": SENDER.key_pem,
        "locked.pem": locked,
        "cert.pem": SENDER.pem,
        "ca.pem": CA.pem,
        "good.crl": revocations(),
        "bad.crl": revocations(SENDER),
    }
    for name, data in files.items():
        Path(name).write_bytes(data)
    return tmp_path


def run(*arguments: str, lang: str = "en") -> int:
    return cli.run([*arguments, "--lang", lang])


def test_a_document_is_signed_and_verified_and_given_back(capfd: pytest.CaptureFixture[str]) -> None:
    assert run("sign", "samtale.xml", "--key", "key.pem", "--cert", "cert.pem", "-o", "signed.xml") == 0
    assert verified(Path("signed.xml").read_bytes()).ok
    capfd.readouterr()
    command = ("verify", "signed.xml", "--ca", "ca.pem", "--crl", "good.crl", *SIGNER, *TIME)
    assert run(*command, "-o", "content.xml") == 0
    assert Path("content.xml").read_bytes() == message()
    lines = capfd.readouterr().out.splitlines()
    assert lines[0] == "signed.xml: valid"
    assert f"  fingerprint (SHA-256): {SENDER.fingerprint}" in lines
    assert "  judged at: 2026-11-20T16:00:00+01:00" in lines
    assert "  revocation: not revoked" in lines
    assert "  algorithms: ecdsa-sha256, sha256" in lines


def test_the_signed_document_goes_to_stdout_and_may_come_from_stdin() -> None:
    command = [
        sys.executable,
        "-c",
        "from exchange.cli import main; main()",
        "sign",
        "-",
        "--key",
        "key.pem",
        "--cert",
        "cert.pem",
    ]
    done = subprocess.run(command, input=message(), capture_output=True, check=True)
    assert verified(done.stdout).content == message()


@pytest.mark.parametrize(
    ("data", "options", "said", "danish"),
    [
        (message(), SIGNER, "not signed", "ikke signeret"),
        (signed().replace(b">test<", b">produktion<"), SIGNER, "invalid", "ugyldig"),
        (signed(), (), "valid, but the signer is not trusted", "gyldig, men afsenderen er ikke godkendt"),
        (
            signed(),
            (*SIGNER, "--crl", "bad.crl"),
            "valid, but the signer is not trusted",
            "gyldig, men afsenderen er ikke godkendt",
        ),
        (b"<a>", SIGNER, "invalid", "ugyldig"),
    ],
    ids=["unsigned", "changed", "nobody listed", "revoked", "no XML"],
)
def test_what_is_not_valid_is_said_and_not_given(
    data: bytes, options: tuple[str, ...], said: str, danish: str, capfd: pytest.CaptureFixture[str]
) -> None:
    Path("signed.xml").write_bytes(data)
    command = ("verify", "signed.xml", "--ca", "ca.pem", *options, *TIME, "-o", "content.xml")
    assert run(*command) == 1
    assert capfd.readouterr().out.splitlines()[0] == f"signed.xml: {said}"
    assert run(*command, lang="da") == 1
    assert capfd.readouterr().out.splitlines()[0] == f"signed.xml: {danish}"
    assert not Path("content.xml").exists()
    Path("content.xml").write_bytes(b"of yesterday")
    assert run(*command, "--overwrite") == 1
    assert Path("content.xml").read_bytes() == b"of yesterday"


def test_what_cannot_be_read_is_our_fault_and_not_a_verdict() -> None:
    trusted = ("--ca", "ca.pem", *SIGNER, *TIME)
    Path("signed.xml").write_bytes(signed())
    assert run("verify", "nowhere.xml", *trusted) == 3
    assert run("verify", "signed.xml", *trusted, "--crl", "nowhere.crl") == 3
    assert run("verify", "signed.xml", "--ca", "nowhere.pem", *SIGNER, *TIME) == 3


@pytest.mark.parametrize(
    ("at", "code"),
    [
        ("2027-01-01T00:00:00Z", 0),
        ("2027-01-01T00:00:01Z", 1),
        ("2027-01-01T00:30+01:00", 0),
        ("2027-01-01T13:59+14:00", 0),
        ("2026-12-31T23:30-01:00", 1),
        ("2026-01-01T00:30+01:00", 1),
        ("2025-12-31T23:30-01:00", 0),
    ],
)
def test_the_time_counts_with_its_offset(at: str, code: int) -> None:
    Path("signed.xml").write_bytes(signed())
    assert run("verify", "signed.xml", "--ca", "ca.pem", *SIGNER, "--at", at) == code


@pytest.mark.parametrize(
    "crl",
    [
        revocations(since=AT - timedelta(9), until=AT - timedelta(1)),
        revocations(by=party(None, "En anden", own=key("p256", 3), ca=True, organization="NTRDK-11111111")),
    ],
    ids=["run out", "of somebody else"],
)
def test_a_revocation_list_that_does_not_count_is_said(crl: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    Path("signed.xml").write_bytes(signed())
    Path("other.crl").write_bytes(crl)
    command = ("verify", "signed.xml", "--ca", "ca.pem", *SIGNER, *TIME, "--crl", "other.crl")
    assert run(*command) == 1
    said = capfd.readouterr().out
    assert said.startswith("signed.xml: valid, but the signer is not trusted")
    assert "certificate-revocation-unknown" in said
    # Beside the right one it does no harm.
    assert run(*command, "--crl", "good.crl") == 0
    assert "revocation: not revoked" in capfd.readouterr().out


def test_revocation_that_was_not_checked_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    Path("signed.xml").write_bytes(signed())
    assert run("verify", "signed.xml", "--ca", "ca.pem", *SIGNER, *TIME) == 0
    said = capfd.readouterr().out
    assert "note certificate-revocation-not-checked" in said or "info certificate-revocation-not-checked" in said
    assert "revocation: not checked" in said


def test_a_number_in_a_certificate_is_masked(capfd: pytest.CaptureFixture[str]) -> None:
    Path("signed.xml").write_bytes(signed(party(CA, "0101405000")))
    assert run("verify", "signed.xml", "--ca", "ca.pem", *SIGNER, *TIME) == 0
    said = capfd.readouterr().out
    assert "0101405000" not in said
    assert "CN=**********" in said


def test_the_time_is_now_unless_it_is_given(capfd: pytest.CaptureFixture[str]) -> None:
    past = party(CA, until=AT.replace(year=2026, month=2))
    Path("signed.xml").write_bytes(signed(past))
    assert run("verify", "signed.xml", "--ca", "ca.pem", *SIGNER) == 1
    assert "certificate-expired" in capfd.readouterr().out
    assert run("verify", "signed.xml", "--ca", "ca.pem", *SIGNER, "--at", "2026-01-20T16:00Z") == 0
    assert run("verify", "signed.xml", "--ca", "ca.pem", *SIGNER, "--at", "2026-01-20T16:00") == 2


def test_what_is_not_accepted_is_not_signed_but_by_force(capfd: pytest.CaptureFixture[str]) -> None:
    wrong = message().replace(b">video<", b">VIDEO<")
    Path("samtale.xml").write_bytes(wrong)
    command = ("sign", "samtale.xml", "--key", "key.pem", "--cert", "cert.pem", "-o", "signed.xml")
    assert run(*command) == 1
    assert "samtale.xml" in capfd.readouterr().err
    assert not Path("signed.xml").exists()
    assert run(*command, "--force") == 0
    assert verified(Path("signed.xml").read_bytes()).content == wrong


def test_keys_and_trust_that_are_none_are_faults(capfd: pytest.CaptureFixture[str]) -> None:
    assert run("sign", "samtale.xml", "--key", "cert.pem", "--cert", "cert.pem") == 3
    assert "the key cannot be read" in capfd.readouterr().err
    Path("signed.xml").write_bytes(signed())
    for options in (
        ("--ca", "samtale.xml"),
        ("--ca", "ca.pem", "--crl", "ca.pem"),
        ("--ca", "ca.pem", "--signer", "x"),
    ):
        assert run("verify", "signed.xml", *options) == 3
    assert run("verify", "signed.xml") == 2
    assert run("sign", "samtale.xml", "--key", "key.pem", "--cert", "cert.pem", "-o", "samtale.xml") == 2


# The passphrase


def test_a_passphrase_is_read_from_a_file_descriptor() -> None:
    reading, writing = os.pipe()
    os.write(writing, "nøgle\nanother line".encode())
    os.close(writing)
    command = ("sign", "samtale.xml", "--key", "locked.pem", "--cert", "cert.pem", "-o", "signed.xml")
    assert run(*command, "--passphrase-fd", str(reading)) == 0
    os.close(reading)
    assert verified(Path("signed.xml").read_bytes()).ok
    assert run(*command, "--passphrase-fd", "999") == 2
    assert run(*command) == 2  # the file is there
    assert run(*command[:-2], "--out", "again.xml") == 3
    assert not Path("again.xml").exists()


def test_a_pkcs12_file_holds_the_certificate_too() -> None:
    both = pkcs12.serialize_key_and_certificates(
        None, SENDER.key, SENDER.certificate, None, BestAvailableEncryption("nøgle".encode())
    )
    Path("both.p12").write_bytes(both)
    reading, writing = os.pipe()
    os.write(writing, "nøgle".encode())
    os.close(writing)
    command = ("sign", "samtale.xml", "--key", "both.p12", "-o", "signed.xml")
    assert run(*command, "--passphrase-fd", str(reading)) == 0
    os.close(reading)
    assert verified(Path("signed.xml").read_bytes()).content == message()


def test_a_passphrase_is_asked_for_on_a_terminal_and_not_shown(folder: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from exchange.cli import main; main()", "sign", "samtale.xml"]
    command += ["--key", "locked.pem", "--cert", "cert.pem", "-o", "signed.xml", "--lang", "en"]
    with subprocess.Popen(
        command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stderr is not None
        asked = b""
        # What is typed before it is asked for is thrown away.
        while not asked.endswith(b": ") and (byte := process.stderr.read(1)):
            asked += byte
        os.write(ours, "nøgle\n".encode())
        out, err = process.communicate(timeout=PATIENCE)
    os.close(ours)
    os.close(theirs)
    assert process.returncode == 0, err
    assert asked.endswith(b"Passphrase of the key: ")
    assert "nøgle".encode() not in out + err
    assert verified((folder / "signed.xml").read_bytes()).ok


def test_no_option_takes_a_passphrase() -> None:
    sign = commands_of(group)["sign"]
    names = {name for parameter in sign.params for name in parameter.opts}
    assert {name for name in names if re.search("pass|pin|secret", name)} == {"--passphrase-fd"}


# The digest


def test_the_digest_is_that_of_the_canonical_form(capfd: pytest.CaptureFixture[str]) -> None:
    body = message().partition(b"\n")[2]
    assert run("digest", "samtale.xml") == 0
    assert capfd.readouterr().out == f"{sha256(body).hexdigest()}  samtale.xml\n"
    Path("other.xml").write_bytes(b"\xef\xbb\xbf" + body.replace(b"<hoved>", b"<!-- --><hoved >"))
    assert run("digest", "other.xml") == 0
    assert capfd.readouterr().out.startswith(sha256(body).hexdigest())
    Path("none.xml").write_bytes(b"<!DOCTYPE a><a/>")
    assert run("digest", "none.xml") == 1
    assert "doctype-refused" in capfd.readouterr().err


def test_another_key_than_the_certificates_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    Path("key.pem").write_bytes(party(CA, own=key("p256", 2)).key_pem)
    assert run("sign", "samtale.xml", "--key", "key.pem", "--cert", "cert.pem") == 3
    assert "not the certificate's" in capfd.readouterr().err
