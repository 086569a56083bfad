"""What the tests of the commands under `exchange delivery` share."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.delivery_runs import Command, make_blocks_small, write_mixed


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    return Command(capfd, monkeypatch)


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    return write_mixed(tmp_path / "mixed.xml")


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    make_blocks_small(monkeypatch)
