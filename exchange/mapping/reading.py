"""Reads a row as a document: one object for each element of the mapping, in the message's own shape."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from exchange.findings.finding import Finding
from exchange.mapping.conversion import Convert, Unfit, text_of
from exchange.model.representation import without


class Row(NamedTuple):
    """A row of a source: its number, from 1; its line in the file, None where there are no lines; its values.

    `joined` has the rows of each joined table that belong to it.
    """

    number: int
    line: int | None
    values: Sequence[object]
    joined: Mapping[str, Sequence[Row]] = {}

    def __repr__(self) -> str:
        return without(self, "values", "joined")


class Origin(NamedTuple):
    """Where an element's value came from: the table, its row there, the columns."""

    table: str
    row: Row
    columns: tuple[str, ...]


class Node(Protocol):
    """Reads an element."""

    def read(self, row: Row, faults: list[Finding]) -> Any:
        """Return the element's value, None where it is left out. What cannot be converted stays as it is, with a fault."""

    def origins(self, row: Row, path: str) -> Iterator[tuple[str, Origin]]:
        """Yield the path of each value at and below `path`, the element's own, with where it came from."""


class Always(NamedTuple):
    """A constant."""

    value: object

    def read(self, row: Row, faults: list[Finding]) -> Any:  # noqa: ARG002  # as every node
        """Return the constant."""
        return self.value

    def origins(self, row: Row, path: str) -> Iterator[tuple[str, Origin]]:  # noqa: ARG002  # as every node
        """Yield nothing: it came from no row."""
        return iter(())


class Cell(NamedTuple):
    """The value of one column."""

    path: str
    table: str
    columns: tuple[str, ...]
    place: int
    convert: Convert
    null: frozenset[str]

    def read(self, row: Row, faults: list[Finding]) -> Any:
        """Read the cell."""
        value = row.values[self.place]
        if isinstance(value, str):
            value = value.strip()
            if value in self.null:
                return None
        elif value is None or value != value:  # NaN, which a table of numbers has for nothing
            return None
        try:
            return self.convert(value)
        except Unfit as unfit:
            faults.append(unfit.at(self.path))
            return text_of(value)

    def origins(self, row: Row, path: str) -> Iterator[tuple[str, Origin]]:
        """Yield the cell."""
        yield path, Origin(self.table, row, self.columns)


class Cells(NamedTuple):
    """The values of several columns with a space between them; those that are empty are left out."""

    cell: Cell
    places: tuple[int, ...]

    def read(self, row: Row, faults: list[Finding]) -> Any:
        """Read the cells."""
        texts = [text_of(row.values[place]) for place in self.places if row.values[place] is not None]
        joined = " ".join(text for text in texts if text not in self.cell.null)
        return self.cell._replace(place=0).read(row._replace(values=(joined,)), faults)

    def origins(self, row: Row, path: str) -> Iterator[tuple[str, Origin]]:
        """Yield the cells as one."""
        return self.cell.origins(row, path)


def column(
    path: str, table: str, columns: tuple[str, ...], places: tuple[int, ...], convert: Convert, null: frozenset[str]
) -> Node:
    """Return what reads one column, or several together."""
    cell = Cell(path, table, columns, places[0], convert, null)
    return cell if len(places) == 1 else Cells(cell, places)


class SplitCell(NamedTuple):
    """A list in one column, its entries with a separator between them."""

    path: str
    cell: Cell
    separator: str

    def read(self, row: Row, faults: list[Finding]) -> Any:
        """Read the entries."""
        value = row.values[self.cell.place]
        entries = () if value is None else text_of(value).split(self.separator)
        return _numbered(self.path, ((self._entry(), row._replace(values=(entry,))) for entry in entries), faults)

    def _entry(self) -> Cell:
        return self.cell._replace(place=0)

    def origins(self, row: Row, path: str) -> Iterator[tuple[str, Origin]]:
        """Yield the cell for the whole list: which entry is at fault, the path says."""
        return self.cell.origins(row, path)


class Items(NamedTuple):
    """A list whose entries are columns of the same row; those that are empty are left out."""

    path: str
    nodes: tuple[Node, ...]

    def read(self, row: Row, faults: list[Finding]) -> Any:
        """Read the entries."""
        return _numbered(self.path, ((node, row) for node in self.nodes), faults)

    def origins(self, row: Row, path: str) -> Iterator[tuple[str, Origin]]:
        """Yield where the entries that are there came from."""
        there = [node for node in self.nodes if node.read(row, []) is not None]
        for number, node in enumerate(there, 1):
            yield from node.origins(row, f"{path}/{self.path.rpartition('/')[2]}[{number}]")


class JoinedItems(NamedTuple):
    """A list whose entries are the rows of a joined table."""

    path: str
    table: str
    node: Node

    def read(self, row: Row, faults: list[Finding]) -> Any:
        """Read the entries."""
        return _numbered(self.path, ((self.node, each) for each in row.joined.get(self.table, ())), faults)

    def origins(self, row: Row, path: str) -> Iterator[tuple[str, Origin]]:
        """Yield where the entries that are there came from."""
        there = [each for each in row.joined.get(self.table, ()) if self.node.read(each, []) is not None]
        for number, each in enumerate(there, 1):
            yield from self.node.origins(each, f"{path}/{self.path.rpartition('/')[2]}[{number}]")


class RecordReader(NamedTuple):
    """An element that holds others: left out where no column has anything for it, unless it is `always` there."""

    path: str
    fields: tuple[tuple[str, Node], ...]
    always: bool

    def read(self, row: Row, faults: list[Finding]) -> Any:
        """Read the elements."""
        content: dict[str, object] = {}
        found = False
        for name, node in self.fields:
            value = node.read(row, faults)
            if value is not None:
                content[name] = value
                # Constants alone are no reason for an element that may be left out.
                found = found or node.__class__ is not Always
        return content if found or self.always else None

    def origins(self, row: Row, path: str) -> Iterator[tuple[str, Origin]]:
        """Yield where each element's value came from."""
        for name, node in self.fields:
            yield from node.origins(row, f"{path}/{name}")


def _numbered(path: str, entries: Iterable[tuple[Node, Row]], faults: list[Finding]) -> list[object] | None:
    """Read the entries of a list, and number those that are there in the paths of their faults."""
    items: list[object] = []
    for node, row in entries:
        before = len(faults)
        value = node.read(row, faults)
        if value is not None:
            items.append(value)
            for at in range(before, len(faults)):
                number = f"{path}[{len(items)}]"
                faults[at] = replace(faults[at], path=number + faults[at].path.removeprefix(path))
    return items or None
