"""What several test files share: databases for inboxes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from inbox_servers import Server, server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    with server() as started:
        yield started


@pytest.fixture(params=["sqlite", "postgresql"])
def inbox_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "inbox.db")
    fresh: str = request.getfixturevalue("postgresql").fresh()
    return fresh
