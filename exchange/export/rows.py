"""Collects messages as rows of their tables, and writes them to Parquet files, one for each table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exchange.errors import ExportFault
from exchange.export.arrow import arrow
from exchange.export.layout import Layout, Plan, Row
from exchange.files.writing import whole_file

if TYPE_CHECKING:
    import pyarrow  # type: ignore[import-untyped]  # it brings no types

MESSAGES = 20_000
"""Messages in a part file: few enough to hold in memory, and enough for readers to be fast."""

COMPRESSION = "zstd"
ROW_GROUP = 100_000
"""Rows of a table that are written and read together."""

_AS_OBJECTS = 1_000
"""Messages that are kept as Python objects, which take several times the memory of Arrow's columns."""


class Rows:
    """The rows of some messages, until they are written. Memory grows with what is added: write every MESSAGES."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._plans: dict[tuple[str, int | None], tuple[Plan, list[list[Row]]]] = {}
        self._rows: dict[str, list[Row]] = {}
        self._arrow: dict[str, list[pyarrow.Table]] = {}
        self._messages = 0

    def __len__(self) -> int:
        """Return how many messages are not written yet."""
        return self._messages

    def add(self, document: Mapping[str, Any], version: int | None = None) -> None:
        """Add an accepted message, a dict as `parse` returns it.

        `version` is the message's (a report has it), needed where the catalog has several. Raises LookupError
        for a message or version that the layout does not know, ExportFault as `write` does; what else is raised
        is for a dict of another shape, of which nothing is added.
        """
        ((name, content),) = document.items()
        planned = self._plans.get((name, version))
        if planned is None:
            planned = self._plans[name, version] = self._begin(name, version)
        plan, rows_of_tables = planned
        for rows, new in zip(rows_of_tables, plan.rows(content), strict=True):
            rows.extend(new)
        self._messages += 1
        if self._messages % _AS_OBJECTS == 0:
            self._pack()

    def write(self, folder: Path, part: str, *, overwrite: bool = False) -> None:
        """Write `folder/<table>/<part>.parquet` for every table of the messages added, and be empty again.

        Each file appears whole or not at all, readable by its owner only. A table without rows is written too.
        Raises FileExistsError if a file is there, unless `overwrite`; OSError as the system raises it; ExportFault
        for a value that is none of its column's, also one added earlier.
        """
        pa = arrow()
        self._pack()
        for table, parts in self._arrow.items():
            content = pa.concat_tables(parts) if parts else self._layout.tables[table].empty_table()
            write_table(content, folder / table / f"{part}.parquet", overwrite=overwrite)
        self._arrow = {}
        self._rows = {}
        self._plans = {}
        self._messages = 0

    def _begin(self, name: str, version: int | None) -> tuple[Plan, list[list[Row]]]:
        plan = self._layout.plan(name, version)
        for table in self._layout.of_message[name]:
            self._rows.setdefault(table, [])
            self._arrow.setdefault(table, [])
        return plan, [self._rows[table] for table in plan.tables]

    def _pack(self) -> None:
        for table, rows in self._rows.items():
            if rows:
                self._arrow[table].append(_to_arrow(table, rows, self._layout.tables[table]))
                rows.clear()


def _to_arrow(name: str, rows: list[Row], schema: pyarrow.Schema) -> pyarrow.Table:
    columns = []
    for field, values in zip(schema, zip(*rows, strict=True), strict=True):
        column = _column(values, field)
        if column is None:
            raise ExportFault(f"{name}: {field.name} – a value that is no {field.type}, or none at all")
        columns.append(column)
    return arrow().Table.from_arrays(columns, schema=schema)


def _column(values: tuple[Any, ...], field: pyarrow.Field) -> pyarrow.Array | None:
    """Return the values as an Arrow array; None if they are not the field's."""
    try:
        column = arrow().array(values, type=field.type)
    except (ValueError, TypeError, OverflowError):
        return None  # pyarrow's text quotes the value
    return column if field.nullable or not column.null_count else None


def write_table(content: pyarrow.Table, path: Path, *, overwrite: bool = False) -> None:
    """Write one Parquet file, whole or not at all, and make its folder if it is not there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with whole_file(path, overwrite=overwrite) as file:
        arrow().parquet.write_table(content, file.buffer, compression=COMPRESSION, row_group_size=ROW_GROUP)
