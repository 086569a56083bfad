"""A command imports only what it needs: most of the time that a short one takes is spent on imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from exchange import Exchange

RUN = "import sys; from exchange.cli import run; assert run(sys.argv[1:]) == 0; print(*sys.modules)"


def imported(*arguments: str) -> set[str]:
    """Return the names of the modules that a process has imported when the command has ended."""
    done = subprocess.run([sys.executable, "-c", RUN, *arguments], capture_output=True, check=True, text=True)
    return set(done.stdout.splitlines()[-1].split())


def test_the_version_needs_no_command_and_no_parser() -> None:
    modules = imported("--version")
    assert "exchange.cli.commands" in modules
    assert not modules & {
        "lxml.etree",
        "exchange.api",
        "exchange.cli.deliveries",
        "exchange.cli.inbox",
        "tomllib",
    }


@pytest.fixture
def samtale(tmp_path: Path) -> Path:
    path = tmp_path / "samtale.xml"
    tool = Exchange()
    path.write_bytes(tool.build(tool.example("samtale")))
    return path


def test_to_accept_a_file_needs_no_signatures_and_no_explanation(samtale: Path) -> None:
    modules = imported("validate", str(samtale))
    assert "exchange.xml.canonical_reader" in modules
    assert not modules & {
        "difflib",
        "exchange.signatures.explaining",
        "exchange.validation.explanation",
        "exchange.xml.c14n",
        "xmlschema",
    }
