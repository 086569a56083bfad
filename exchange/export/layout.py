"""The layout of an export: the Arrow schema of every table of a catalog, and what makes the rows of each message version."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from exchange import __version__
from exchange.errors import ExportRefused
from exchange.export.arrow import arrow
from exchange.export.key import checked, key_check, pseudonyms
from exchange.export.tables import KEY, Column, ColumnType, Table, lay_out, once
from exchange.model.catalog import Catalog
from exchange.model.generated import Source
from exchange.model.values import VALUE_KINDS, danish_date

if TYPE_CHECKING:
    import pyarrow  # type: ignore[import-untyped]  # it brings no types

Row = tuple[Any, ...]
Columns = dict[str, Column]

_INTEGERS: set[ColumnType] = {"int32", "int64"}


class Plan(NamedTuple):
    """The names of a message version's tables, and a function from its content to their rows."""

    tables: tuple[str, ...]
    rows: Callable[[Mapping[str, Any]], tuple[Iterable[Row], ...]]


class Layout:
    """The tables of an export, the same whatever the messages hold.

    `tables` has each table's Arrow schema, in the catalog's order; `of_message` the names of a message's tables,
    its own first; `key_check` is the same for exports under one key (None if `plain`). Where versions of a
    message differ, its tables have the columns of all, those of the first version first. A column that is of
    another type in a later version is another column there, named `<name>_v2` and so on.

    A personnummer becomes the column `<name>_pseudonym`, its HMAC-SHA256 under `key`; with `plain` it stands there
    itself. What people wrote is left out unless `texts`. Raises ExportRefused unless there is either a key of at
    least 32 bytes or `plain`, PackageMissing without pyarrow, ConfigurationError for a schema that makes no tables.
    """

    def __init__(self, catalog: Catalog, *, key: bytes | None = None, plain: bool = False, texts: bool = False) -> None:
        if (key is None) != plain:
            raise ExportRefused(
                "personnumre: expected either a key, for pseudonyms, or plain, for the numbers themselves"
            )
        self.plain = plain
        self.texts = texts
        self.key_check = None if key is None else key_check(checked(key))
        self._pseudonym = None if key is None else pseudonyms(key)
        self._plans: dict[tuple[str, int], Plan] = {}
        self.tables: dict[str, pyarrow.Schema] = {}
        self.of_message: dict[str, tuple[str, ...]] = {}
        for name in catalog.reports():
            self._add_message(name, catalog)

    def plan(self, name: str, version: int | None) -> Plan:
        """Return the plan of a message version; None stands for the only one that the message has.

        Raises LookupError if there is no such message or version, or several and none was named.
        """
        of_name = {number: plan for (known, number), plan in self._plans.items() if known == name}
        if version is None and len(of_name) == 1:
            return next(iter(of_name.values()))
        if version in of_name:
            return of_name[version]
        raise LookupError("no such message or version, or several versions and none was named")

    def _add_message(self, name: str, catalog: Catalog) -> None:
        merged: dict[str, Columns] = {}
        places: dict[int, list[tuple[Table, Columns]]] = {}
        for version in catalog.of(name):
            tables = lay_out(version.spec, plain=self.plain, texts=self.texts)
            places[version.version] = [(t, _merge(merged.setdefault(t.name, {}), t, version.version)) for t in tables]
        for number, placed in places.items():
            self._plans[name, number] = self._plan(placed, merged)
        self.of_message[name] = tuple(merged)
        for table, columns in merged.items():
            self.tables[table] = self._schema(name, list(places), columns)
            once(f"{name}: {table}", columns)
        once("catalog", self.tables)

    def _plan(self, placed: list[tuple[Table, Columns]], merged: Mapping[str, Columns]) -> Plan:
        """Write the function from a message's content to the rows of its tables.

        It makes all rows before it returns: where one fails, no table has a part of the message.
        """
        source = Source("rows(v0)")
        if len(placed) > 1:
            source.line(0, f"key = v0{''.join(f'[{name!r}]' for name in KEY)}")
        rows = []
        for table, columns in placed:
            values = [self._expression(source, columns.get(name)) for name in merged[table.name]]
            row = f"({''.join(f'{value}, ' for value in values)})"
            rows.append(f"[{row}{table.loops}]")
        source.line(0, f"return {', '.join(rows)},")
        return Plan(tuple(table.name for table, _ in placed), source.function())

    def _expression(self, source: Source, column: Column | None) -> str:
        if column is None:
            return "None"
        if column.made == "itself":
            return column.value
        made = f"{source.constant(danish_date if column.made == 'day' else self._pseudonym_of(column))}({column.value})"
        return f"{made} if {column.value} is not None else None" if column.nullable else made

    def _pseudonym_of(self, column: Column) -> Callable[[Any], str]:
        pseudonym = self._pseudonym
        assert pseudonym is not None  # noqa: S101  # without one, numbers stand there themselves
        to_text = VALUE_KINDS[column.kind].to_text
        return pseudonym if column.kind == "string" else lambda value: pseudonym(to_text(value))

    def _schema(self, message: str, versions: list[int], columns: Columns) -> pyarrow.Schema:
        pa = arrow()
        types: dict[ColumnType, pyarrow.DataType] = {
            "string": pa.string(),
            "int32": pa.int32(),
            "int64": pa.int64(),
            "bool": pa.bool_(),
            "date32": pa.date32(),
            "timestamp": pa.timestamp("us", "UTC"),
        }
        metadata = {
            "exchange.version": __version__,
            "exchange.message": message,
            "exchange.message_versions": ",".join(map(str, versions)),
            "exchange.model.personnummer": "plain"
            if self.plain
            else "pseudonym: HMAC-SHA256 under a key, in hexadecimal",
            "exchange.findings.texts": "included" if self.texts else "left out",
        }
        if self.key_check is not None:
            metadata["exchange.key_check"] = self.key_check
        fields = [pa.field(name, types[column.type], nullable=column.nullable) for name, column in columns.items()]
        return pa.schema(fields, metadata=metadata)


def _merge(into: Columns, table: Table, version: int) -> Columns:
    """Add a version's columns to those of its table in other versions; return them under the names they have there."""
    before = set(into)
    here: Columns = {}
    names = []
    for column in table.columns:
        name = column.name
        known = into.get(name)
        if known is not None and known.type != column.type and not {known.type, column.type} <= _INTEGERS:
            name = f"{name}_v{version}"
            known = into.get(name)
        names.append(name)
        here[name] = column
        if known is None:
            into[name] = replace(column, nullable=column.nullable or bool(before))
        else:
            wider: ColumnType = "int64" if "int64" in (known.type, column.type) else known.type
            into[name] = replace(known, type=wider, nullable=known.nullable or column.nullable)
    once(f"{table.name}, version {version}", names)
    for name in before - set(here):
        into[name] = replace(into[name], nullable=True)
    return here
