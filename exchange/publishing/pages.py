"""Writes the documentation of a message as one HTML page: elements, values, codes, paragraphs, rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from exchange import docs
from exchange.findings.texts import text
from exchange.model.catalog import Version
from exchange.model.spec import Field, Record, Simple, described, limits
from exchange.model.values import VALUE_KINDS
from exchange.validation.rules import rules_of

if TYPE_CHECKING:
    from jinja2 import Environment

_HEADS = {
    "elements": ("element", "occurs", "values", "law", "meaning"),
    "codes": ("code", "name", "in-force", "star"),
    "rules": ("code", "severity", "law", "meaning", "hint"),
}


@cache
def templates() -> Environment:
    """Return the templates of this package."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def message_page(version: Version, on: date, lang: str) -> str:
    """Return the page of a version in `lang`, "da" or "en", with the codes in force on `on`, a local date in Denmark.

    It stands alone: one style sheet in it, no script, no request.
    """
    return (
        templates()
        .get_template("message.html")
        .render(
            lang=lang,
            on=on,
            spec=version.spec,
            schema=version.schema_path.name,
            text=text,
            described=described,
            heads={
                name: [text("hint" if key == "hint" else f"table-{key}", lang) for key in keys]
                for name, keys in _HEADS.items()
            },
            elements=[_element(version, path, field, on, lang) for path, field in version.spec.walk()],
            code_lists={name: list(_codes(version, name, on, lang)) for name in sorted(version.lists)},
            rules=list(_rules(version, on, lang)),
        )
    )


def _element(version: Version, path: str, field: Field, on: date, lang: str) -> tuple[str, ...]:
    return (
        path.split("/", 2)[2],
        field.occurs,
        ", ".join(values(field.type, lang)),
        version.law.cite(field.law, on) or "",
        described(field, lang),
    )


def values(of: Simple | Record, lang: str, *, python: bool = False) -> Iterator[str]:
    """Yield what the values of an element are, in words: type, length, limits, codes; with `python` its name for the type."""
    if isinstance(of, Record):
        if of.at_least_one:
            yield text("describe-at-least-one", lang)
        return
    yield of.name
    if of.code_list:
        yield text("describe-code-list", lang, name=of.code_list)
    elif of.choices:
        yield " | ".join(of.choices)
    elif of.min_length is not None or of.max_length is not None:
        yield text("describe-characters", lang, limits=limits(of.min_length or 0, of.max_length))
    elif of.minimum is not None or of.maximum is not None:
        yield limits(of.minimum, of.maximum)
    elif of.kind != "string":
        kind = VALUE_KINDS[of.kind]
        yield kind.python if python else kind.da if lang == "da" else kind.en
    elif not python:
        yield from of.patterns
    if of.confidential:
        yield text("describe-confidential", lang)


def _codes(version: Version, name: str, on: date, lang: str) -> Iterator[tuple[str, ...]]:
    for row in version.lists[name].in_force(on):
        yield row.kode, row.navn, row.period or text("table-always", lang), row.star_kode or ""


def _rules(version: Version, on: date, lang: str) -> Iterator[tuple[str, ...]]:
    paragraph = version.law.on(on).paragraph
    for rule in rules_of(version):
        kind = rule.kind.on(on)
        if kind is not None:
            message, hint = (docs.outline(each, lang, paragraph) for each in kind.text(lang))
            law = version.law.cite(kind.law, on) or text("page-no-law", lang)
            yield kind.code, docs.severity(kind, lang), law, message, hint
