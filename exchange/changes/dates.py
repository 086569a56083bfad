"""What changes between two dates: codes and versions that begin or end, rules that differ, another paragraph."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal, NamedTuple

from exchange.findings.finding import Kind
from exchange.findings.placeholders import Words
from exchange.findings.texts import TEXTS
from exchange.model.catalog import Catalog, shipped
from exchange.validation.rules import KINDS


class DatedChange(NamedTuple):
    """What is otherwise for events from `day` on, a local date in Denmark: the subject (list and code, message, rule), and how."""

    day: date
    kind: Literal["code", "version", "rule", "law"]
    subject: str
    what: Words


def between(since: date, until: date, *, catalog: Catalog | None = None) -> tuple[DatedChange, ...]:
    """Return what is otherwise on one day than on the other, in the order of time: what changes after the earlier, up to the later."""
    catalog = catalog or shipped()
    since, until = sorted((since, until))
    every = (*_codes(catalog), *_versions(catalog), *_rules(), *_law(catalog))
    return tuple(sorted((change for change in every if since < change.day <= until), key=lambda change: change[:3]))


def _codes(catalog: Catalog) -> Iterator[DatedChange]:
    for name, code_list in catalog.lists.items():
        for row in code_list:
            subject = f"{name} {row.kode}"
            if row.gyldig_fra:
                yield DatedChange(row.gyldig_fra, "code", subject, _named("changes-begins", row.navn))
            if row.gyldig_til:
                instead = f"{row.navn} → {row.erstattes_af}" if row.erstattes_af else row.navn
                yield DatedChange(row.gyldig_til, "code", subject, _named("changes-ends", instead))


def _versions(catalog: Catalog) -> Iterator[DatedChange]:
    for version in (*catalog.versions, *catalog.deliveries.versions):
        subject = f"{version.name} {version.version}"
        if version.in_force_from:
            yield DatedChange(version.in_force_from, "version", subject, _named("changes-begins", version.namespace))
        if version.in_force_to:
            yield DatedChange(version.in_force_to, "version", subject, _named("changes-ends", version.namespace))


def _rules() -> Iterator[DatedChange]:
    for kind in KINDS.values():
        if kind.since:
            yield DatedChange(kind.since, "rule", kind.code, _severities(None, kind))
        before: Kind | None = kind
        for day, after, reason in kind.changes:
            severities = _severities(before, after)
            words = Words(f"{severities.en}. {reason.en}", f"{severities.da}. {reason.da}")
            yield DatedChange(day, "rule", kind.code, words)
            before = after


def _law(catalog: Catalog) -> Iterator[DatedChange]:
    for paragraph in catalog.law.paragraphs:
        if paragraph.cited_from:
            words = f"{paragraph.act}, {paragraph.source}"
            yield DatedChange(paragraph.cited_from, "law", paragraph.paragraph, _named("changes-cited", words))


def _named(key: str, words: str) -> Words:
    begin = TEXTS[key]
    return Words(f"{begin.en}: {words}", f"{begin.da}: {words}")


def _severities(before: Kind | None, after: Kind | None) -> Words:
    """Return the severities before and after; one alone where they are the same."""
    keys = dict.fromkeys("page-nothing" if kind is None else kind.severity for kind in (before, after))
    return Words(*(" → ".join(getattr(TEXTS[key], lang) for key in keys) for lang in ("en", "da")))
