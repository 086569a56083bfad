"""Representations that tell nothing of what a document says: they end up in logs, tracebacks and test reports."""

from __future__ import annotations

from typing import Any


def without(record: Any, *confidential: str) -> str:
    """Represent a NamedTuple without these fields, which hold a document or a part of one."""
    shown = (f"{name}={getattr(record, name)!r}" for name in record._fields if name not in confidential)
    return f"{type(record).__name__}({', '.join(shown)})"
