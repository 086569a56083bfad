"""Reads tables of Parquet and Excel files, a few rows at a time."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from exchange.errors import PackageMissing
from exchange.files.sources import regular_file
from exchange.findings.texts import text
from exchange.mapping.definition import Table
from exchange.mapping.tables import OpenTable, check_columns, rows_of, unreadable


@contextmanager
def open_parquet(table: Table) -> Iterator[OpenTable]:
    """Open a Parquet file."""
    try:
        import pyarrow.parquet  # type: ignore[import-untyped]  # it brings no types
    except ImportError:
        raise PackageMissing(text("map-package", "en", package="pyarrow", extra="parquet")) from None
    assert table.file is not None  # noqa: S101  # who calls has looked
    with regular_file(table.file) as (file, _):
        try:
            parquet = pyarrow.parquet.ParquetFile(file)
        except (pyarrow.ArrowException, OSError):
            raise unreadable(table, "map-not-parquet") from None
        columns = list(parquet.schema_arrow.names)
        check_columns(table, columns)
        yield OpenTable(columns, rows_of(_values(table, parquet, pyarrow.ArrowException)), {})


def _values(table: Table, parquet: object, fault: type[Exception]) -> Iterator[tuple[None, tuple[object, ...]]]:
    try:
        for batch in parquet.iter_batches(batch_size=2000):  # type: ignore[attr-defined]  # as above
            yield from ((None, values) for values in zip(*(part.to_pylist() for part in batch.columns), strict=True))
    except (fault, ValueError):  # a time of nanoseconds is a ValueError, with the value in its text
        raise unreadable(table, "map-not-parquet") from None


@contextmanager
def open_workbook(table: Table) -> Iterator[OpenTable]:
    """Open a sheet of an Excel file: the one that is named, or the first. Its first row has the names of the columns."""
    try:
        import openpyxl  # type: ignore[import-untyped]  # it brings no types
    except ImportError:
        raise PackageMissing(text("map-package", "en", package="openpyxl", extra="xlsx")) from None
    assert table.file is not None  # noqa: S101  # who calls has looked
    with regular_file(table.file) as (file, _):
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        except (zipfile.BadZipFile, SyntaxError, KeyError, ValueError, OSError):  # broken XML is a SyntaxError
            raise unreadable(table, "map-not-xlsx") from None
        try:
            if table.sheet is not None and table.sheet not in book.sheetnames:
                raise unreadable(table, "map-no-sheet")
            sheet = book[table.sheet] if table.sheet else book.worksheets[0]
            rows = sheet.iter_rows(values_only=True)
            columns = ["" if value is None else str(value).strip() for value in next(rows, ())]
            check_columns(table, columns)
            # A row that holds nothing is below the table, or between its rows.
            lines = ((line, values) for line, values in enumerate(rows, 2) if any(v is not None for v in values))
            yield OpenTable(columns, rows_of(lines), {"sheet": sheet.title})
        finally:
            book.close()
