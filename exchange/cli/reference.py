"""The commands that explain: describe, codes, rules, doctor."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from gettext import gettext as _

import click

from exchange import docs
from exchange.api import Exchange
from exchange.cli.results import no_message, no_version
from exchange.findings.texts import text
from exchange.model.catalog import Version, is_accepted
from exchange.model.code_lists import COLUMNS
from exchange.model.spec import Field, described
from exchange.publishing import json_schema
from exchange.publishing.pages import values
from exchange.validation.doctor import examine
from exchange.validation.rules import KINDS


def describe(message: str | None, message_version: int | None, form: str, lang: str) -> None:
    """Describe a MESSAGE element by element: how often, which values, which paragraph. Without one, list the messages."""
    exchange = Exchange()
    if message is None:
        if form != "text":
            raise click.UsageError(_("--format jsonschema is of one message: name it"))
        head = [text(f"table-{name}", lang) for name in ("message", "version", "namespace", "schema")]
        everything = (*exchange.catalog.versions, *exchange.catalog.deliveries.versions)
        _table(head, ((v.name, str(v.version), v.namespace, v.schema_path.name) for v in everything))
        for each in exchange.catalog.law.paragraphs:
            since = f" ({text('page-from', lang, day=each.cited_from)})" if each.cited_from else ""
            click.echo(f"\n{each.paragraph}, {each.act}, {each.source}{since}")
        return
    version = _version(exchange, message, message_version)
    if form == "jsonschema":
        click.echo(json.dumps(json_schema(version), ensure_ascii=False, indent=2))
        return
    click.echo(
        text("describe-title", lang, name=version.name, version=version.version, namespace=version.namespace)
        + f"\n{described(version.spec, lang)}\n"
    )
    _table(
        [text(f"table-{name}", lang) for name in ("element", "occurs", "values", "law")],
        (
            (
                _indented(path, field),
                field.occurs,
                ", ".join(values(field.type, lang, python=True)),
                version.law.cite(field.law, None) or "",
            )
            for path, field in version.spec.walk()
        ),
    )
    if version.spec.carries:
        names = ", ".join(tag.rpartition("}")[2] for tag in version.spec.carries)
        click.echo(f"\n{text('describe-carries', lang, names=names)}")


def _version(exchange: Exchange, message: str, number: int | None) -> Version:
    catalog = exchange.catalog
    versions = catalog.of(message) or catalog.deliveries.of(message)
    if not versions:
        raise no_message(catalog, message)
    if number is None:
        # What is sent today, not what is only announced.
        accepted = [version for version in versions if is_accepted(version, date.today())]
        return (accepted or versions)[-1]
    wanted = [version for version in versions if version.version == number]
    if not wanted:
        raise no_version(number, message)
    return wanted[0]


def _indented(path: str, field: Field) -> str:
    return "  " * (path.count("/") - 2) + field.name


def codes(name: str | None, on: date | None, form: str, lang: str) -> None:
    """Show a code LIST with each code's period and source. Without one, list the lists."""
    exchange = Exchange()
    if name is None:
        lists = [(name, len(code_list)) for name, code_list in exchange.catalog.lists.items()]
        if form == "text":
            _table([text(f"table-{name}", lang) for name in ("list", "rows")], ((name, str(n)) for name, n in lists))
        else:
            _data(("list", "rows"), [{"list": name, "rows": count} for name, count in lists], form)
        return
    try:
        code_list = exchange.codes(name)
    except LookupError:
        names = ", ".join(exchange.catalog.lists)
        raise click.UsageError(
            _("no code list named {name!r}; there are {names}").format(name=name, names=names)
        ) from None
    rows = code_list.in_force(on) if on else code_list.rows
    if form == "text":
        _table(
            [text(f"table-{name}", lang) for name in ("code", "name", "in-force", "star", "source")],
            (
                (row.kode, row.navn, row.period or text("table-always", lang), row.star_kode or "", row.kilde)
                for row in rows
            ),
        )
        return
    # The columns of the file that the list is read from.
    columns = (*COLUMNS, *dict.fromkeys(column for row in code_list for column in row.extra))
    _data(columns, [{column: getattr(row, column) for column in COLUMNS} | dict(row.extra) for row in rows], form)


def _data(columns: Sequence[str], rows: Sequence[Mapping[str, object]], form: str) -> None:
    """Print rows as CSV, or as one JSON document; dates as in ISO 8601."""
    if form == "json":
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2, default=str))
        return
    out = io.StringIO()
    table = csv.DictWriter(out, columns, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    click.echo(out.getvalue(), nl=False)


def rules(code: str | None, lang: str) -> None:
    """Show a finding CODE with a wrong and a right example. Without one, list all codes."""
    if code is None:
        law = Exchange().catalog.law
        _table(
            [text(f"table-{name}", lang) for name in ("code", "severity", "layer", "law", "meaning")],
            (
                (
                    k.code,
                    docs.severity(k, lang),
                    docs.layer(k, lang),
                    law.cite(k.law, None) or "",
                    docs.meaning(k, lang),
                )
                for k in KINDS.values()
            ),
        )
        click.echo(f"\n{text('page-more', lang)}")
        return
    if code not in KINDS:
        raise click.UsageError(_("no finding code {code!r}; `exchange rules` lists them").format(code=code))
    page = docs.page(code, lang)
    click.echo(f"{page.code}\n\n{page.meaning}\n")
    width = max(len(heading) for heading, _ in page.facts)
    for heading, value in page.facts:
        click.echo(f"{heading.ljust(width)}  {value}")
    for example in page.examples:
        click.echo(f"\n{example.heading} ({example.source}):")
        click.echo("\n".join(f"    {line}" for line in example.lines))
        if example.says:
            click.echo(f"{text('page-says', lang)}:")
            click.echo("\n".join(f"    {line}" for line in example.says))


def doctor(lang: str) -> int:
    """Examine this installation: schemas, code lists, bindings, examples. Exit code 3 if anything is wrong."""
    catalog = Exchange().catalog
    checks = [*examine(catalog, lang), *docs.checks(catalog, lang)]
    _table(
        [text(f"table-{name}", lang) for name in ("result", "check", "detail")],
        ((text("doctor-ok" if check.ok else "doctor-fault", lang), check.name, check.detail) for check in checks),
    )
    return 0 if all(check.ok for check in checks) else 3


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows below their headings, in columns as wide as their longest entry."""
    body = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(head, *body, strict=True)]
    for row in (head, ["-" * width for width in widths], *body):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
