"""The command `map`: its options and help, and how its result is shown."""

from __future__ import annotations

from collections.abc import Mapping
from gettext import gettext as _
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from exchange.cli import completion, options
from exchange.cli.refused import Command

if TYPE_CHECKING:
    from exchange.findings.finding import Report
    from exchange.mapping import Definition, Mapped
    from exchange.mapping.tables import OpenTable
    from exchange.reports import Judged

_LISTED = 100
"""So many rows are listed on stderr; a report lists all of them."""


def _tables(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, Path]:
    tables: dict[str, Path] = {}
    for value in values:
        name, equals, file = value.partition("=")
        if not (name and equals and file):
            raise click.BadParameter(_("{value!r}: expected NAME=FILE").format(value=value))
        tables[name] = Path(file)
    return tables


@click.command("map", cls=Command)
@click.argument("mapping", type=options.FILE, required=False)
@click.option("--check", is_flag=True, help="Check the mapping and the columns of its sources; map nothing.")
@click.option("--init", "message", metavar="MESSAGE", shell_complete=completion.messages, help="Write a first mapping.")
@click.option(
    "--rows",
    "--columns",
    type=options.FILE,
    metavar="FILE",
    help="The rows, in place of the file that the mapping names.",
)
@click.option(
    "--table",
    "tables",
    multiple=True,
    callback=_tables,
    metavar="NAME=FILE",
    help="The file of a joined table, likewise; several times.",
)
@click.option(
    "--database",
    envvar="EXCHANGE_DATABASE",
    show_envvar=True,
    metavar="URL",
    help="The database of the mapping's queries, as SQLAlchemy names it.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["delivery", "jsonl", "keyed"]),
    default="delivery",
    show_default=True,
    help="A delivery; messages as JSON, one a line; or such lines with each row's key, for an outbox.",
)
@click.option("-o", "--output", type=options.FILE, help="Write to this file, whole or not at all.")
@click.option(
    "--created",
    type=options.MOMENT,
    metavar="TIME",
    help="What oprettet becomes where the mapping has no source for it. The same rows and TIME give the same bytes.",
)
@click.option(
    "--rejects",
    type=options.FILE,
    metavar="FILE",
    help="Write the rejected rows, with their values and the reasons, to this file.",
)
@options.reports
@click.option("--strict", is_flag=True, help="Write no message if one row is rejected.")
@options.overwrite
@options.message_version
@options.jobs
@options.lang
def map_command(
    mapping: Path | None,
    check: bool,
    message: str | None,
    rows: Path | None,
    tables: dict[str, Path],
    output: Path | None,
    message_version: int | None,
    lang: str,
    **request: Any,
) -> int:
    """Make messages of the rows of a case system: CSV, JSON lines, Parquet, Excel (.xlsx), or a query to a database.

    MAPPING is a TOML file in the message's own shape; it says which columns go into which elements. Rows that give a
    correct message go into a delivery, or a file of JSON lines; for the others each finding names row, column and element.
    The same rows give the same messages with the same beskedId.

    Exit code 1: rows were rejected, or the mapping has faults. The file of --rejects has the mode 0600.

    \b
    exchange map --init samtale --rows rows.csv -o mapping.toml
    exchange map --check mapping.toml --rows rows.csv
    exchange map mapping.toml --rows rows.csv --created 2026-11-28T20:00:00+01:00 -o delivery.xml --rejects rejects.csv
    """
    from exchange.errors import InvalidMapping, RowsUnreadable

    try:
        if message is not None:
            return _draft(message, rows, output, message_version, overwrite=request["overwrite"], lang=lang)
        if mapping is None:
            raise click.UsageError(_("expected a MAPPING, or --init MESSAGE"))
        definition = _read(mapping, {**({"rows": rows} if rows else {}), **tables}, message_version)
        if check:
            return _check(mapping, definition, request, lang)
        if output is None:
            raise click.UsageError(_("expected --output FILE"))
        return _map(definition, output, lang, request)
    except InvalidMapping as invalid:
        return _show_mapping(mapping or Path(), invalid.report, lang)
    except RowsUnreadable as unreadable:
        click.echo(f"exchange: {unreadable.text(lang)}", err=True)
        return 3


def _read(mapping: Path, files: dict[str, Path], version: int | None) -> Definition:
    from exchange.mapping import read_mapping

    try:
        return read_mapping(mapping, files, version=version)
    except KeyError:
        raise click.UsageError(_("--table: the mapping has no table of that name")) from None
    except LookupError:
        raise click.UsageError(
            _("--message-version: the message has no version {number}").format(number=version)
        ) from None


def _check(mapping: Path, definition: Definition, request: dict[str, Any], lang: str) -> int:
    from exchange.mapping import check_mapping

    report = check_mapping(definition, created=request["created"], database=request["database"])
    return _show_mapping(mapping, report, lang)


def _show_mapping(mapping: Path, report: Report, lang: str) -> int:
    """Print the findings of a mapping, or that there are none; return the exit code."""
    from exchange.findings.finding import lines
    from exchange.findings.texts import text
    from exchange.model.shown_paths import shown_path

    file = shown_path(mapping)
    if report.ok:
        click.echo(text("map-checked", lang, file=file))
        return 0
    for line in list(lines(file, report, lang))[1:]:
        click.echo(line, err=True)
    return 1


def _draft(
    message: str, rows: Path | None, output: Path | None, version: int | None, *, overwrite: bool, lang: str
) -> int:
    import uuid

    from exchange.cli.results import deliver, no_version
    from exchange.mapping import draft_mapping
    from exchange.model.catalog import shipped

    if rows is None:
        raise click.UsageError(_("--init: expected --rows FILE, whose columns are read"))
    try:
        draft = draft_mapping(message, rows, uuid.uuid4(), lang=lang, version=version)
    except LookupError:
        newest = shipped().latest(message)
        if newest is not None and newest.is_report:
            raise no_version(version, message) from None
        raise click.UsageError(_("--init: no report named {name!r}").format(name=message)) from None
    deliver(draft.encode(), output, overwrite=overwrite)
    return 0


def _map(definition: Definition, output: Path, lang: str, request: dict[str, Any]) -> int:
    from exchange.cli.bar import messages_done
    from exchange.cli.refusals import not_written
    from exchange.errors import InvalidDelivery, InvalidMessage
    from exchange.mapping import map_rows

    shown = _Shown(definition, lang)
    request |= {"lang": lang, "opened": shown.opened, "judged": shown.judged}
    try:
        with messages_done(None) as progress:
            mapped = map_rows(definition, output, progress=progress, **request)
    except (FileExistsError, InvalidMessage, InvalidDelivery) as error:
        return not_written(error, lang)
    return shown.finish(mapped, request["rejects"])


class _Shown:
    """Prints on stderr what was recognised of the tables, the first rows with findings, and the totals."""

    def __init__(self, definition: Definition, lang: str) -> None:
        self._definition = definition
        self._lang = lang
        self._rows = 0

    def opened(self, tables: Mapping[str, OpenTable]) -> None:
        from exchange.findings.texts import text

        for name, table in tables.items():
            recognised = table.recognised.items()
            # A delimiter may be a character that cannot be seen.
            how = ", ".join(text(f"map-read-{what}", self._lang, value=repr(value)[1:-1]) for what, value in recognised)
            if how:
                self._say("map-recognised", source=self._source(name), how=how, columns=len(table.columns))

    def judged(self, judged: Judged) -> None:
        from exchange.cli.bar import say_above
        from exchange.reports.text import judged_lines

        self._rows += 1
        if self._rows <= _LISTED and judged.report is not None:
            for line in judged_lines(judged, judged.report, self._lang):
                say_above(line)

    def finish(self, mapped: Mapped, rejects: Path | None) -> int:
        """Print the totals; return the exit code."""
        from exchange.findings.texts import text
        from exchange.model.shown_paths import shown_path

        if self._rows > _LISTED:
            self._say("map-more", count=self._rows - _LISTED)
        for table, orphans in mapped.joined:
            how = text("map-streamed" if table.sorted else "map-loaded", self._lang)
            self._say("map-joined", source=self._source(table.name), how=how, orphans=orphans)
        self._say("map-done", rows=mapped.rows, messages=mapped.messages, rejected=mapped.rejected)
        if rejects is not None and mapped.rejected:
            self._say("map-rejects", file=shown_path(rejects))
        if mapped.path is None:
            self._say("map-nothing")
            return 3 if mapped.undetermined else 1
        click.echo(shown_path(mapped.path))
        return 3 if mapped.undetermined else 1 if mapped.rejected else 0

    def _source(self, name: str) -> str:
        from exchange.mapping.tables import shown_source

        return shown_source(self._definition.tables[name])

    def _say(self, key: str, **values: object) -> None:
        from exchange.cli.bar import say_above
        from exchange.findings.texts import text

        say_above(text(key, self._lang, **values))
