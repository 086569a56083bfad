"""The reports that Danish unemployment funds owe under § 87: built from dicts, validated, read back to dicts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from exchange.api import Exchange, header
from exchange.codelists import Code, CodeList
from exchange.errors import ConfigurationError, ExchangeError, InvalidMessage, SchemaUnsupported, UnreadableSource
from exchange.findings import Finding, Report
from exchange.xmlio import Source

__version__ = "0.1.0"
__all__ = [
    "Code",
    "CodeList",
    "ConfigurationError",
    "Exchange",
    "ExchangeError",
    "Finding",
    "InvalidMessage",
    "Report",
    "SchemaUnsupported",
    "UnreadableSource",
    "build",
    "codes",
    "header",
    "parse",
    "validate",
]


@cache
def _shipped() -> Exchange:
    return Exchange()


def build(document: Mapping[str, Any], *, version: int | None = None) -> bytes:
    """Build a message of the shipped catalog; see `Exchange.build`."""
    return _shipped().build(document, version=version)


def parse(source: Source) -> dict[str, Any]:
    """Read a message of the shipped catalog; see `Exchange.parse`."""
    return _shipped().parse(source)


def validate(source: Source | Mapping[str, Any], *, on: date | None = None, show_values: bool = False) -> Report:
    """Check a message of the shipped catalog; see `Exchange.validate`."""
    return _shipped().validate(source, on=on, show_values=show_values)


def codes(name: str) -> CodeList:
    """Give a shipped code list; see `Exchange.codes`."""
    return _shipped().codes(name)
