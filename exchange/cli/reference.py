"""The commands that explain: describe, codes, rules, doctor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import click

from exchange.api import Exchange
from exchange.catalog import Version
from exchange.doctor import examine
from exchange.rules import KINDS
from exchange.schema import Field, Simple
from exchange.values import VALUE_KINDS


def describe(message: str | None, message_version: int | None) -> None:
    """Describe a MESSAGE element by element: how often, which values, which paragraph. Without one, list the messages."""
    exchange = Exchange()
    if message is None:
        _table((f"{v.name} {v.version}", v.namespace, v.schema_path.name) for v in exchange.catalog.versions)
        return
    version = _version(exchange, message, message_version)
    click.echo(f"{version.name} version {version.version}, namespace {version.namespace}")
    click.echo(f"{version.spec.documentation}\n")
    _table(
        (_indented(path, field), _often(field), _values(field), field.law or "") for path, field in version.spec.walk()
    )


def _version(exchange: Exchange, message: str, number: int | None) -> Version:
    versions = exchange.catalog.of(message)
    if not versions:
        raise click.UsageError(f"no message named {message!r}; there are {', '.join(exchange.catalog.names())}")
    if number is None:
        return versions[-1]
    wanted = [version for version in versions if version.version == number]
    if not wanted:
        raise click.UsageError(f"no version {number} of {message}")
    return wanted[0]


def _indented(path: str, field: Field) -> str:
    return "  " * (path.count("/") - 2) + field.name


def _often(field: Field) -> str:
    return {(True, False): "1", (False, False): "0..1", (True, True): "1..n", (False, True): "0..n"}[
        field.required, field.repeated
    ]


def _values(field: Field) -> str:
    simple = field.type
    if not isinstance(simple, Simple):
        return "at least one of" if simple.at_least_one else ""
    said = [simple.name]
    if simple.code_list:
        said.append(f"code list {simple.code_list}")
    elif simple.choices:
        said.append(" | ".join(simple.choices))
    elif simple.max_length is not None:
        said.append(f"{simple.min_length}-{simple.max_length} characters")
    elif simple.maximum is not None:
        said.append(f"{simple.minimum}-{simple.maximum}")
    elif simple.kind != "string":
        said.append(VALUE_KINDS[simple.kind].python)
    if simple.confidential:
        said.append("confidential")
    return ", ".join(said)


def codes(name: str | None, on: date | None) -> None:
    """Show a code LIST with each code's period and source. Without one, list the lists."""
    exchange = Exchange()
    if name is None:
        _table((name, f"{len(code_list)} rows") for name, code_list in exchange.catalog.lists.items())
        return
    try:
        code_list = exchange.codes(name)
    except LookupError as error:
        raise click.UsageError(str(error.args[0])) from None
    rows = code_list.in_force(on) if on else code_list.rows
    _table(
        (row.kode, row.navn, f"{row.gyldig_fra or ''}..{row.gyldig_til or ''}", row.star_kode or "", row.kilde)
        for row in rows
    )


def rules(code: str | None, lang: str) -> None:
    """Show a finding CODE: meaning, severity, layer, paragraph, hint. Without one, list all codes."""
    if code is None:
        _table((k.code, k.severity, k.layer, k.law or "", k.text(lang).message) for k in KINDS.values())
        return
    kind = KINDS.get(code)
    if kind is None:
        raise click.UsageError(f"no finding code {code!r}; `exchange rules` lists them")
    click.echo(f"{kind.code}: {kind.severity}, layer {kind.layer}, {kind.law or 'no paragraph of § 87'}\n")
    for text in (kind.en, kind.da):
        click.echo(f"{text.message}\n    {text.hint}\n")


def doctor() -> int:
    """Examine this installation: schemas, code lists, bindings, examples. Exit code 3 if anything is wrong."""
    healthy = True
    for check in examine(Exchange()):
        healthy = healthy and check.ok
        click.echo(f"{'ok   ' if check.ok else 'FAULT'} {check.name}: {check.detail}")
    return 0 if healthy else 3


def _table(rows: Iterable[Sequence[str]]) -> None:
    """Print rows in columns as wide as their longest entry."""
    table = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
