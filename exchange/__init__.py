"""The reports that Danish unemployment funds owe under § 87: built from dicts, validated, read back to dicts."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exchange.api import Exchange, build, codes, header, parse, show, sign, validate, verify
    from exchange.errors import (
        ConfigurationError,
        ExchangeError,
        InvalidMessage,
        NotShown,
        SchemaUnsupported,
        UnreadableSource,
    )
    from exchange.findings.finding import Finding, Report
    from exchange.model.code_lists import Code, CodeList
    from exchange.model.file_names import file_name
    from exchange.signatures.trust import Trust, Verified

__version__ = "0.1.0"
__all__ = [
    "Code",
    "CodeList",
    "ConfigurationError",
    "Exchange",
    "ExchangeError",
    "Finding",
    "InvalidMessage",
    "NotShown",
    "Report",
    "SchemaUnsupported",
    "Trust",
    "UnreadableSource",
    "Verified",
    "build",
    "codes",
    "file_name",
    "header",
    "parse",
    "show",
    "sign",
    "validate",
    "verify",
]

_HOMES = {
    "api": ("Exchange", "build", "codes", "header", "parse", "show", "sign", "validate", "verify"),
    "model.code_lists": ("Code", "CodeList"),
    "errors": (
        "ConfigurationError",
        "ExchangeError",
        "InvalidMessage",
        "NotShown",
        "SchemaUnsupported",
        "UnreadableSource",
    ),
    "model.file_names": ("file_name",),
    "findings.finding": ("Finding", "Report"),
    "signatures.trust": ("Trust", "Verified"),
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for: `exchange --help` needs none of them."""
    for home, names in _HOMES.items():
        if name in names:
            value: object = getattr(import_module(f"exchange.{home}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module 'exchange' has no attribute {name!r}")
