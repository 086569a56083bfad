"""Imports pyarrow when an export is made; the error says what to install."""

from __future__ import annotations

from typing import Any

from exchange.errors import PackageMissing


def arrow() -> Any:
    """Return the module pyarrow, with `pyarrow.parquet` loaded. Raises PackageMissing if it is not installed."""
    try:
        import pyarrow.parquet  # type: ignore[import-untyped]  # it brings no types
    except ImportError:
        raise PackageMissing(
            "the export to Parquet needs pyarrow, which is not installed: pip install 'exchange-par87[parquet]'"
        ) from None
    return pyarrow
