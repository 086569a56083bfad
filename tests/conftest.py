"""What all test files share: databases for inboxes, and no deadline for an example: other work may have the processor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from support.inbox_servers import Server, server

settings.register_profile("exchange", deadline=None)
settings.load_profile("exchange")


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
