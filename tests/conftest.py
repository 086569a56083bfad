"""What all test files share: databases for inboxes, how many workers run, no deadline for an example."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from support.inbox_servers import Server, server

# Two runs of a command make the same report, also those in other processes.
os.environ["SOURCE_DATE_EPOCH"] = "1795000000"

# Other work may have the processor.
settings.register_profile("exchange", deadline=None)
settings.load_profile("exchange")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return what `-n auto` stands for: many tests wait, for a disk or for a process to be killed in its course."""
    return 2 * (os.cpu_count() or 1)


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
