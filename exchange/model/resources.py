"""Finds the shipped schemas and code lists, installed or in a checkout."""

from __future__ import annotations

from pathlib import Path


def _root() -> Path:
    here = Path(__file__).resolve().parent.parent
    installed = here / "_data"
    return installed if installed.is_dir() else here.parent


def xsd_folder() -> Path:
    """Return the folder with the schemas and catalog.toml."""
    return _root() / "xsd"


def stamdata_folder() -> Path:
    """Return the folder with the code lists."""
    return _root() / "stamdata"
