"""The reports that Danish unemployment funds owe by law: built from dicts, validated, read back to dicts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
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


def imported_when_used(package: str, homes: Mapping[str, tuple[str, ...]]) -> Callable[[str], object]:
    """Make the `__getattr__` of a package whose public names are imported when one is first used.

    A command needs a few modules of a package, and to import the others takes longer than its work. `homes` gives for each
    module, below the package, the names that it defines.
    """
    modules = {name: module for module, names in homes.items() for name in names}

    def get(name: str) -> object:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value: object = getattr(import_module(f"{package}.{modules[name]}"), name)
        setattr(sys.modules[package], name, value)
        return value

    return get


def __dir__() -> list[str]:
    """Return the public names, also those that are not imported yet."""
    return [*__all__, "__doc__", "__version__"]


__getattr__ = imported_when_used(
    __name__,
    {
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
    },
)
