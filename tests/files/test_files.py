"""Files we write: named after checked parts only, whole or not at all, never over another."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import exchange
from exchange.api import Exchange
from exchange.files.writing import write_whole


def _parsed() -> dict[str, Any]:
    return exchange.parse(exchange.build(Exchange().example("samtale")))


def test_the_name_tells_fund_kind_local_time_and_key() -> None:
    document = _parsed()
    assert exchange.file_name(document) == "AKAS067_SAMTALE_20261120140500_0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e01.xml"
    document["samtale"]["hoved"]["oprettet"] = datetime.fromisoformat("2026-07-01T23:30:00+00:00")
    assert exchange.file_name(document).startswith("AKAS067_SAMTALE_20260702013000_")


@pytest.mark.parametrize(("element", "value"), [("beskedId", "../../etc/passwd"), ("akassekode", "67/")])
def test_nothing_unchecked_reaches_a_name(element: str, value: str) -> None:
    document = _parsed()
    document["samtale"]["hoved"][element] = value
    with pytest.raises(ValueError, match="has not its form"):
        exchange.file_name(document)


def test_a_name_that_is_taken_meanwhile_is_not_taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "m.xml"
    fsync = os.fsync

    def slow(descriptor: int) -> None:
        fsync(descriptor)
        if not path.exists():
            path.write_bytes(b"theirs")

    monkeypatch.setattr(os, "fsync", slow)
    with pytest.raises(FileExistsError):
        write_whole(path, b"ours")
    assert path.read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == [path]


def test_a_dangling_link_is_a_name_that_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "m.xml"
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        write_whole(path, b"ours")
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_system_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    write_whole(tmp_path / "m.xml", b"ours")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("m.xml", b"ours")]


def test_an_interrupted_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "m.xml", b"ours")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_told_by_the_name_that_was_given(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as failed:
        write_whole(tmp_path / "no" / "such.xml", b"")
    assert failed.value.filename == str(tmp_path / "no" / "such.xml")
