"""Documents on stdin that are larger than a message: the commands do with them what they do with files."""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

import pytest
from support.delivery_cases import DECLARATION, delivery, krav, samtale
from support.receipt_cases import HEAD, entries
from support.signing_cases import CA, ORGANIZATION, SENDER

from exchange import cli
from exchange.errors import Refused
from exchange.files import sources
from exchange.model.catalog import shipped
from exchange.receipts import write_receipt
from exchange.runs import standard_input
from exchange.runs.standard_input import kept_input

MOST = 2_000_000
"""What a message may have here, in bytes: more than a block of a delivery."""
SPACE = " " * 10_000

SIGNER = ("--signer", f"organizationIdentifier={ORGANIZATION}")
TIME = ("--at", "2026-11-20T16:00:00+01:00")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_BYTES", MOST)
    monkeypatch.setattr(standard_input, "MAX_BYTES", MOST)
    monkeypatch.chdir(tmp_path)
    Path("temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", "temporary")
    monkeypatch.setenv("EXCHANGE_LANG", "en")
    Path("key.pem").write_bytes(SENDER.key_pem)
    Path("cert.pem").write_bytes(SENDER.pem)
    Path("ca.pem").write_bytes(CA.pem)


@pytest.fixture
def messages() -> Path:
    path = Path("delivery.xml")
    path.write_text(DECLARATION + delivery(*(samtale(number) + SPACE for number in range(1, 300))), "utf-8")
    assert path.stat().st_size > MOST
    return path


@pytest.fixture
def receipt() -> Path:
    path = Path("receipt.xml")
    write_receipt(path, HEAD, entries(12_000), version=1)
    assert path.stat().st_size > MOST
    return path


def _run(path: Path, *command: str) -> int:
    """Run a command with a file on stdin; see that nothing of it stays."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(path.read_bytes())))
        code = cli.run([*command])
    assert not list(Path("temporary").iterdir())
    return code


def test_a_receipt_is_upgraded(receipt: Path) -> None:
    assert _run(receipt, "upgrade", "-", "-o", "of-stdin.xml") == 0
    assert cli.run(["upgrade", str(receipt), "-o", "of-file.xml"]) == 0
    assert Path("of-stdin.xml").read_bytes() == Path("of-file.xml").read_bytes() != receipt.read_bytes()


def test_a_delivery_is_upgraded(capfd: pytest.CaptureFixture[str]) -> None:
    path = Path("old.xml")
    path.write_text(DECLARATION + delivery(*(krav(number) + SPACE for number in range(1, 300))), "utf-8")
    assert path.stat().st_size > MOST
    assert _run(path, "upgrade", "-", "-o", "of-stdin.xml") == 0
    assert cli.run(["upgrade", str(path), "-o", "of-file.xml"]) == 0
    assert Path("of-stdin.xml").read_bytes() == Path("of-file.xml").read_bytes() != path.read_bytes()
    assert _run(path, "upgrade", "-") == 2
    path.write_bytes(path.read_bytes().replace(b"<antal>299<", b"<antal>298<"))
    capfd.readouterr()
    assert _run(path, "upgrade", "-", "-o", "again.xml") == 1
    assert "leverance-antal" in capfd.readouterr().err


def test_a_receipt_is_judged(receipt: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert _run(receipt, "validate", "-") == 0
    assert capfd.readouterr().out.startswith("<stdin>: accepted (kvittering 1)\n")
    receipt.write_bytes(receipt.read_bytes().replace(b"<nummer>5000<", b"<nummer>4999<"))
    assert _run(receipt, "validate", "-") == 1
    assert "kvittering-nummer-repeated at /kvittering/beskeder/besked[5000]/nummer" in capfd.readouterr().out


def test_a_delivery_is_digested_signed_and_verified(messages: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["digest", str(messages)]) == 0
    digest = capfd.readouterr().out.split()[0]
    assert _run(messages, "digest", "-") == 0
    assert capfd.readouterr().out == f"{digest}  <stdin>\n"
    signed = Path("signed.xml")
    assert _run(messages, "sign", "-", "--key", "key.pem", "--cert", "cert.pem", "-o", "signed.xml") == 0
    trust = ("--ca", "ca.pem", *SIGNER, *TIME)
    assert _run(signed, "verify", "-", *trust, "-o", "content.xml") == 0
    assert Path("content.xml").read_bytes().count(b"<samtale ") == 299
    assert _run(signed, "validate", "-", "--require-signature", *trust) == 0
    signed.write_bytes(signed.read_bytes().replace(b"<form>video<", b"<form>brev<", 1))
    assert _run(signed, "verify", "-", *trust) == 1
    assert _run(signed, "validate", "-", "--require-signature", *trust) == 1


def test_of_anything_else_no_more_is_read_than_a_message_may_have() -> None:
    stream = io.BytesIO(DECLARATION.encode() + samtale(1).encode() + b" " * 3 * MOST)
    with pytest.raises(Refused, match="too-large"), kept_input(shipped(), stream):
        pass
    assert stream.tell() <= MOST + 1


def test_what_is_kept_has_no_name_that_a_killed_process_leaves(receipt: Path) -> None:
    with receipt.open("rb") as stream, kept_input(shipped(), stream) as kept:
        assert isinstance(kept, Path)
        assert kept.read_bytes() == receipt.read_bytes()
        assert kept.stat().st_nlink == 0
    assert not kept.exists()


def test_where_files_need_a_name_what_is_kept_is_for_the_user_only(
    receipt: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = Path.exists
    monkeypatch.setattr(Path, "exists", lambda path: not path.match("/proc/self/fd/*") and there(path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with receipt.open("rb") as stream, kept_input(shipped(), stream) as kept:
        assert isinstance(kept, Path)
        assert kept.read_bytes() == receipt.read_bytes()
        assert kept.parent.parent == tmp_path
        assert kept.parent.stat().st_mode & 0o777 == 0o700
    assert not there(kept.parent)
