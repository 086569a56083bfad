"""A table that is open, whatever its source: its columns and its rows; and what is said where it cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from exchange.errors import RowsUnreadable
from exchange.mapping.definition import Table
from exchange.mapping.reading import Row
from exchange.model.representation import without
from exchange.model.shown_paths import shown_path


class Block(Protocol):
    """Consecutive rows of a table, as they are given to a process."""

    def rows(self) -> Iterable[Row]:
        """Return the rows. Raises RowsUnreadable."""


class RowBlock(NamedTuple):
    """Rows that are read already."""

    content: Sequence[Row]

    def __repr__(self) -> str:
        return without(self, "content")

    def rows(self) -> Iterable[Row]:
        """Return the rows."""
        return self.content


class OpenTable(NamedTuple):
    """A table that is open: its columns, what was recognised of it, and its rows, which are read once.

    `is_whole`: it has no other columns. Of JSON lines only those of the first lines are known. `blocks` has the same rows, to be
    read instead of `rows`, where they can be given to a process before they are read; each block numbers its own from 1.
    """

    columns: Sequence[str]
    rows: Iterator[Row]
    recognised: dict[str, str]
    is_whole: bool = True
    blocks: Iterator[Block] | None = None


def shown_source(table: Table) -> str:
    """Return a table's source for people: the file's name, or that it is a query."""
    return shown_path(table.file) if table.file else f"{table.name} (SQL)"


def unreadable(table: Table, key: str, **values: object) -> RowsUnreadable:
    """Return the exception for a table that cannot be read, in words of this package's own."""
    return RowsUnreadable(shown_source(table), key, **values)


def check_columns(table: Table, columns: Sequence[str]) -> None:
    """Raise RowsUnreadable for a table without columns, or with two of one name."""
    if not any(columns):
        raise unreadable(table, "map-no-header")
    named = [name for name in columns if name]
    if len(set(named)) < len(named):
        twice = next(number for number, name in enumerate(columns, 1) if name and name in columns[: number - 1])
        raise unreadable(table, "map-column-twice", number=twice)


def rows_of(values: Iterable[tuple[int | None, Sequence[object]]]) -> Iterator[Row]:
    """Yield the values of rows, each with its line if it has one, as rows with their numbers."""
    for number, (line, each) in enumerate(values, 1):
        yield Row(number, line, each)
