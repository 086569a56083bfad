"""What all test files share: databases for inboxes, how many workers run and in which order, no deadline for an example."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from support.inbox_servers import Server, server

# Two runs of a command make the same report, also those in other processes.
os.environ["SOURCE_DATE_EPOCH"] = "1795000000"

# Without bytecode each of the programs that tests start would compile the package anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Other work may have the processor.
settings.register_profile("exchange", deadline=None)
settings.load_profile("exchange")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return what `-n auto` stands for: many tests wait, for a disk or for a process to be killed in its course."""
    return 2 * (os.cpu_count() or 1)


_LONGEST = (
    "deliveries/test_killed.py",
    "reports/test_report_html.py",
    "inbox/test_inbox_killed.py",
    "jobnet/test_show_browser.py",
    "package/test_how_to_add.py",
    "inbox/test_watching.py",
    "service/test_serving.py",
    "xml/test_canonical_reader.py",
    "package/test_installing.py",
    "xml/test_fast_ways.py",
    "publishing/test_engines.py",
    "xml/test_round_trip.py",
    "cli/test_validating.py",
    "validation/test_judges.py",
    "xml/test_digest.py",
    "distributed/test_distributed.py",
    "model/test_own_schemas.py",
    "docs/test_blocks.py",
    "model/test_threads.py",
    "cli/test_streams.py",
    "inbox/test_inbox.py",
    "package/test_pytest_plugin.py",
    "package/test_packaging.py",
    "service/test_serving_browser.py",
)
"""The files whose tests take longest, all together, the longest first: begun last, one of them would hold up the run's end."""


def pytest_configure(config: pytest.Config) -> None:
    # xdist would begin with the files that have most tests.
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {Path(__file__).parent / name: number for number, name in enumerate(_LONGEST)}
    assert [path for path in place if not path.is_file()] == [], "_LONGEST names files that are not there"
    items.sort(key=lambda item: place.get(item.path, len(place)))


def pytest_collection_finish() -> None:
    # What stands for thousands of tests stays until the end: the collector need not look at it again, nor a fork copy it.
    gc.collect()
    gc.freeze()


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
