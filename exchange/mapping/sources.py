"""Opens the tables that are mapped: CSV, JSON lines, Parquet, Excel, and queries to a database; as streams of rows."""

from __future__ import annotations

from contextlib import AbstractContextManager

from exchange.errors import RowsUnreadable
from exchange.mapping import text_files
from exchange.mapping.definition import Table
from exchange.mapping.tables import OpenTable


def open_table(table: Table, database: str | None = None) -> AbstractContextManager[OpenTable]:
    """Open a table. `database` is the URL for its query, as SQLAlchemy has it.

    Raises RowsUnreadable for what cannot be read as a table, PackageMissing without the package that reads it, OSError,
    and the first two also while the rows are read. No text of theirs has a value of the table or of the URL.
    """
    if table.query is not None:
        from exchange.mapping.database import open_query

        return open_query(table, database)
    if table.file is None:
        raise RowsUnreadable(table.name, "map-no-source")
    suffix = table.file.suffix.lower()
    if suffix in (".parquet", ".xlsx"):
        from exchange.mapping import workbooks

        return workbooks.open_parquet(table) if suffix == ".parquet" else workbooks.open_workbook(table)
    return (
        text_files.open_lines(table, table.file)
        if suffix in (".jsonl", ".ndjson")
        else text_files.open_csv(table, table.file)
    )
