"""A receipt of version 1 becomes one of version 2, which says of the file itself only what follows from it."""

from __future__ import annotations

import io
from pathlib import Path
from random import Random

import pytest
from support.corpus_cases import VALID, Case
from support.receipt_cases import HEAD, SIGNATURE, damaged, entries

import exchange
from exchange import cli
from exchange.errors import InvalidMessage
from exchange.receipts import examine, layout, read_receipt, write_receipt
from exchange.upgrading import UpgradedFile, upgrade, write_upgraded

OLD = [case for case in VALID if (case.message, case.version) == ("kvittering", 1)]


@pytest.mark.parametrize("case", OLD, ids=str)
def test_a_receipt_says_the_same_of_every_message_and_names_the_law(case: Case) -> None:
    upgraded = upgrade(case.data)
    assert (upgraded.message, upgraded.old, upgraded.new) == ("kvittering", 1, 2)
    before, after = read_receipt(case.data), read_receipt(upgraded.data)
    assert list(before) == list(after)
    added = {"retsgrundlag": {"paragraf": "§ 87", "kilde": "BEK nr. 355 af 8-3-2021"}, "fejlede": 0}
    assert after.head == before.head | added | {"udfald": after.head["udfald"]}


@pytest.mark.parametrize(
    ("udfald", "alvor", "listed", "expected"),
    [
        ("godtaget", None, True, "godtaget"),
        ("afvist", None, True, "godtaget"),
        ("afvist", "advarsel", True, "godtaget"),
        ("afvist", "fejl", True, "afvist"),
        ("afvist", None, False, "afvist"),
    ],
)
def test_the_file_is_refused_by_an_error_of_its_own_or_without_a_word_of_any_message(
    udfald: str, alvor: str | None, listed: bool, expected: str
) -> None:
    accepted = udfald == "godtaget"
    content = {
        "kvitteringId": "0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e05",
        "oprettet": "2026-11-20T15:00:00+01:00",
        "sha256": "0" * 64,
        "udfald": udfald,
        "antal": 1,
        "godtagne": int(accepted),
        "afviste": int(not accepted),
    }
    if alvor:
        content["fundliste"] = [{"kode": "a", "alvor": alvor, "tekst": "x"}]
    if listed:
        content["beskeder"] = [{"nummer": 1, "sha256": "1" * 64, "udfald": udfald}]
    upgraded = upgrade(exchange.build({"kvittering": content}, version=1))
    assert read_receipt(upgraded.data).head["udfald"] == expected


# Larger than a message


def _written(count: int, version: int) -> bytes:
    out = io.BytesIO()
    write_receipt(out, HEAD, entries(count), version=version)
    return out.getvalue()


@pytest.fixture(scope="module")
def large() -> bytes:
    """A receipt of version 1 with more elements than a message may have."""
    return _written(6_000, 1)


def test_a_receipt_of_any_size_becomes_what_the_newest_version_is_written_as(large: bytes, tmp_path: Path) -> None:
    out = io.BytesIO()
    assert write_upgraded(large, out) == UpgradedFile(1, 2, False)
    assert out.getvalue() == _written(6_000, 2)
    assert examine(out.getvalue()).ok
    path = tmp_path / "old.xml"
    path.write_bytes(large)
    again = io.BytesIO()
    write_upgraded(path, again)
    assert again.getvalue() == out.getvalue()
    # In the newest version it stays as it is.
    path.write_bytes(out.getvalue())
    same = io.BytesIO()
    assert write_upgraded(path, same) == UpgradedFile(2, 2, False)
    assert same.getvalue() == out.getvalue()


def test_a_large_receipt_s_signature_is_left_out(large: bytes) -> None:
    out = io.BytesIO()
    signed = large.replace(b"</kvittering>", f"{SIGNATURE}</kvittering>".encode())
    assert write_upgraded(signed, out) == UpgradedFile(1, 2, True)
    assert out.getvalue() == _written(6_000, 2)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"<godtagne>5400<", b"<godtagne>5399<"), (b"<nummer>5999<", b"<nummer>5998<"), (b"</kvittering>", b"")],
)
@pytest.mark.parametrize("version", [1, 2])
def test_of_a_large_receipt_that_is_refused_nothing_is_written(
    large: bytes, old: bytes, new: bytes, version: int
) -> None:
    data = large if version == 1 else _written(6_000, 2)
    assert old in data
    out = io.BytesIO()
    with pytest.raises(InvalidMessage):
        write_upgraded(data.replace(old, new), out)
    assert out.getvalue() == b""


@pytest.mark.parametrize("seed", range(8))
def test_what_is_upgraded_in_pieces_is_what_is_upgraded_in_one(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "PIECE", 400)
    random = Random(seed)
    upgraded = 0
    for _ in range(25):
        data = damaged(random, 1)
        try:
            expected = upgrade(data).data
        except InvalidMessage:
            expected = b""
        out = io.BytesIO()
        try:
            write_upgraded(data, out)
        except InvalidMessage:
            assert not expected
        assert out.getvalue() == expected
        upgraded += bool(expected)
    assert upgraded


def test_the_command_takes_a_large_receipt(large: bytes, tmp_path: Path) -> None:
    old, new = tmp_path / "old.xml", tmp_path / "new.xml"
    old.write_bytes(large)
    assert cli.run(["upgrade", str(old), "-o", str(new)]) == 0
    assert new.read_bytes() == _written(6_000, 2)
    old.write_bytes(large.replace(b"</kvittering>", b""))
    assert cli.run(["upgrade", str(old), "-o", str(new), "--overwrite"]) == 1
    assert new.read_bytes() == _written(6_000, 2)
