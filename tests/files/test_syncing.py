"""Files are synced while they are written."""

from __future__ import annotations

import os
import threading

import pytest
from support.waiting import until

from exchange.files.filesystem import synced_meanwhile


def test_each_file_is_synced_while_the_block_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    synced: set[int] = set()
    monkeypatch.setattr(os, "fdatasync", synced.add, raising=False)
    with synced_meanwhile([7, 8]):
        until(lambda: synced == {7, 8})


def test_a_fault_is_left_to_the_sync_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def fails(descriptor: int) -> None:
        asked.append(descriptor)
        raise OSError(5, "input/output error")

    monkeypatch.setattr(os, "fdatasync", fails, raising=False)
    with synced_meanwhile([7, 8]):
        until(lambda: len(asked) >= 4)
    assert set(asked) == {7, 8}


def test_nothing_is_synced_behind_the_block_also_if_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fdatasync", lambda _descriptor: None, raising=False)
    before = threading.active_count()
    with pytest.raises(KeyError), synced_meanwhile([7]):
        assert threading.active_count() == before + 1
        raise KeyError
    assert threading.active_count() == before


def test_a_system_without_it_has_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fdatasync", raising=False)
    before = threading.active_count()
    with synced_meanwhile([7]):
        assert threading.active_count() == before
