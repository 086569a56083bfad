"""Reads a mapping from its file, and checks it against the message, the code lists, and the columns of its sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from exchange.errors import InvalidMapping
from exchange.files.sources import read
from exchange.findings.finding import Finding, Report
from exchange.mapping.compiling import compile_mapping, expected, fits
from exchange.mapping.definition import Definition, read_definition, unfit
from exchange.mapping.reading import Cell, Row
from exchange.mapping.rows import version_of
from exchange.mapping.running import report_of
from exchange.mapping.sources import open_table
from exchange.mapping.tables import OpenTable
from exchange.model.catalog import Catalog, Version, shipped
from exchange.model.spec import Simple

_SAMPLE = 200


def read_mapping(
    path: Path,
    files: Mapping[str, Path] | None = None,
    *,
    version: int | None = None,
    catalog: Catalog | None = None,
) -> Definition:
    """Read a mapping. `files` take the place of the files of its tables, by the tables' names; `rows` is the main one.

    `version` is the one of the message that is to be written, by default the newest that is accepted when the messages are made.
    Raises InvalidMapping for one that cannot be used whatever the sources are, KeyError for a table that it does not have,
    LookupError for a version that the message does not have, OSError.
    """
    catalog = catalog or shipped()
    definition, findings = read_definition(read(path), path.parent, catalog)
    if definition is None:
        raise InvalidMapping(report_of(findings))
    definition = replace(definition, version=version)
    compiled_for = version_of(catalog, definition, None)
    findings += compile_mapping(definition, compiled_for)[1]
    if findings:
        raise InvalidMapping(report_of(findings, compiled_for))
    return definition.reading(files or {})


def check_mapping(
    definition: Definition,
    *,
    created: datetime | None = None,
    database: str | None = None,
    catalog: Catalog | None = None,
) -> Report:
    """Check a mapping against the columns of those of its tables that have a source, and against their first rows.

    Raises as `map_rows` for a source.
    """
    catalog = catalog or shipped()
    version = version_of(catalog, definition, created)
    with ExitStack() as stack:
        tables: dict[str, OpenTable] = {}
        for name, table in definition.tables.items():
            if (table.file is not None) or (table.query is not None and database is not None):
                tables[name] = stack.enter_context(open_table(table, database))
        compiled, findings = compile_mapping(
            definition, version, {name: table.columns for name, table in tables.items()}
        )
        if not findings:
            samples = {name: list(islice(table.rows, _SAMPLE)) for name, table in tables.items()}
            findings = [
                found for cell in compiled.cells if (found := _unfit(version, cell, samples.get(cell.table, ())))
            ]
        return report_of(findings, version)


def _unfit(version: Version, cell: Cell, sample: Sequence[Row]) -> Finding | None:
    """Return the finding for a column of which no value in the sample fits its element; None if one does, or all are empty."""
    simple = version.fields[cell.path].type
    assert isinstance(simple, Simple)  # noqa: S101  # it holds a value
    unfit_ones = 0
    for row in sample:
        if cell.place >= len(row.values):
            continue
        faults: list[Finding] = []
        value = cell.read(row, faults)
        if value is not None and not faults and fits(version, simple, value):
            return None
        unfit_ones += value is not None
    if not unfit_ones:
        return None
    return unfit(cell.path, cell.columns[0], *expected(version, simple))
