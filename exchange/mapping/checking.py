"""Reads a mapping from its file, and checks it against the message, the code lists, and the columns of its sources."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from exchange.errors import InvalidMapping
from exchange.files.sources import read
from exchange.findings.finding import Report
from exchange.mapping.compiling import compile_mapping
from exchange.mapping.definition import Definition, read_definition
from exchange.mapping.rows import version_of
from exchange.mapping.running import report_of
from exchange.mapping.sources import open_table
from exchange.model.catalog import Catalog, shipped


def read_mapping(path: Path, files: Mapping[str, Path] | None = None, *, catalog: Catalog | None = None) -> Definition:
    """Read a mapping. `files` take the place of the files of its tables, by the tables' names; `rows` is the main one.

    Raises InvalidMapping for one that cannot be used whatever the sources are, LookupError for a table that it has not, OSError.
    """
    catalog = catalog or shipped()
    definition, findings = read_definition(read(path), path.parent, catalog)
    if definition is None:
        raise InvalidMapping(report_of(findings))
    version = version_of(catalog, definition, None)
    findings += compile_mapping(definition, version)[1]
    if findings:
        raise InvalidMapping(report_of(findings, version))
    return definition.reading(files or {})


def check_mapping(
    definition: Definition,
    *,
    created: datetime | None = None,
    database: str | None = None,
    catalog: Catalog | None = None,
) -> Report:
    """Check a mapping against the columns of those of its tables that have a source. Raises as `map_rows` for a source."""
    catalog = catalog or shipped()
    version = version_of(catalog, definition, created)
    with ExitStack() as stack:
        columns = {}
        for name, table in definition.tables.items():
            if (table.file is not None) or (table.query is not None and database is not None):
                columns[name] = stack.enter_context(open_table(table, database)).columns
        return report_of(compile_mapping(definition, version, columns)[1], version)
