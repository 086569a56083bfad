"""A page for each finding code: meaning, severity, layer, paragraph, hint, examples; and which elements the person sees.

The examples stand in examples.json, which `tests/make_pages.py` cuts out of the tests' corpus.
"""

from __future__ import annotations

import json
import string
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from exchange.errors import ConfigurationError
from exchange.findings.finding import Change, Kind
from exchange.findings.placeholders import PLACEHOLDERS
from exchange.findings.texts import TEXTS, text
from exchange.jobnet import fields
from exchange.model.catalog import Catalog, Version, shipped
from exchange.model.spec import MessageSpec
from exchange.validation.doctor import Check, attempt
from exchange.validation.rules import KINDS

# Words that a finding adds where it has something to add; a page has no particular finding.
_SOMETIMES = ("meant_en", "meant_da", "successor_en", "successor_da")


class Example(NamedTuple):
    """A piece of a document. `language` is "xml", "json", "python" or "text", `source` where it is from.

    `says` is what the validation says of it: the message, and the hint if it is not the page's own.
    """

    heading: str
    language: str
    lines: tuple[str, ...]
    source: str
    says: tuple[str, ...]


class Page(NamedTuple):
    """What there is to know of a code, in one language. `facts` are headings with what there is to say under them."""

    code: str
    facts: tuple[tuple[str, str], ...]
    meaning: str
    examples: tuple[Example, ...]


def page(code: str, lang: str) -> Page:
    """Return the page of a finding code in `lang`: "da", or English for anything else. Raises KeyError for none such."""
    kind = KINDS[code]
    hint = outline(kind.text(lang).hint, lang)
    changes = tuple((text("page-from", lang, day=change.since), _change(kind, change, lang)) for change in kind.changes)
    return Page(
        code,
        (
            (text("table-severity", lang), severity(kind, lang)),
            (text("table-layer", lang), layer(kind, lang)),
            (text("table-law", lang), law(kind, lang)),
            (text("hint", lang), hint),
            *changes,
        ),
        meaning(kind, lang),
        tuple(
            _example(_examples()[code][side], text(f"page-{side}", lang), hint, lang)
            for side in ("bad", "good")
            if code in _examples()
        ),
    )


def severity(kind: Kind, lang: str) -> str:
    """Return a kind's severity in words, with that of each of its periods."""
    words = text(kind.severity, lang)
    if kind.since is not None:
        words = text("page-severity-from", lang, severity=words, day=kind.since)
    before: str | None = kind.severity
    for change in kind.changes:
        now = change.kind.severity if change.kind else None
        if now != before:
            later = text(now, lang) if now else text("page-nothing", lang)
            words += f"; {text('page-severity-from', lang, severity=later, day=change.since)}"
            before = now
    return words


def layer(kind: Kind, lang: str) -> str:
    """Return a kind's layer in words."""
    return text(f"html-layer-{kind.layer}", lang)


def law(kind: Kind, lang: str) -> str:
    """Return the paragraph that a kind enforces, or say that the element at fault names its own, or that there is none."""
    if kind.law:
        return _cited(kind.law)
    example = _examples().get(kind.code)
    of_element = kind.layer in ("schema", "codes") or (example and example["bad"]["law"])
    return text("page-law-of-element" if of_element else "page-no-law", lang)


def _change(kind: Kind, change: Change, lang: str) -> str:
    """Return what a kind is from a day on, and why."""
    reason = change.reason.da if lang == "da" else change.reason.en
    if change.kind is None:
        return f"{text('page-nothing', lang)}. {reason}"
    if change.kind.text(lang) == kind.text(lang):
        return reason
    return f"{severity(change.kind, lang)}: {meaning(change.kind, lang)}. {reason}"


def meaning(kind: Kind, lang: str) -> str:
    """Return a kind's message with names for what each finding fills in."""
    return outline(kind.text(lang).message, lang)


def outline(template: str, lang: str, paragraph: str | None = None) -> str:
    """Return a text template with names, in ‹marks›, for what each finding fills in.

    Where it names the paragraph, that is the latest one unless another is given.
    """
    parts = []
    for literal, hole, _, _ in string.Formatter().parse(template):
        parts.append(literal)
        if hole == "paragraph":
            parts.append(paragraph or shipped().law.paragraphs[-1].paragraph)
        elif hole and hole not in _SOMETIMES:
            words = PLACEHOLDERS.get(f"placeholder-{hole}")
            # A rule of one's own may have a placeholder that has no words here: its name says enough.
            parts.append(f"‹{hole if words is None else words.da if lang == 'da' else words.en}›")
    return "".join(parts)


def shown(spec: MessageSpec, lang: str) -> list[tuple[str, str, str, str]]:
    """Give, for each element of a message, its path, whether the person sees it, its own paragraph, and why.

    Raises NotShown for a message of which that is not decided.
    """
    return [_shown(row, lang) for row in fields.rows(spec)]


def checks(catalog: Catalog, lang: str) -> Iterator[Check]:
    """Check that the documentation is whole: every finding has a title and an example, every report its table of shown elements."""
    yield attempt(text("doctor-findings", lang), _findings_missing)
    for version in catalog.versions:
        if version.is_report:
            name = f"{version.name} {version.version} {text('doctor-shown', lang)}"
            yield attempt(name, partial(_elements, version, lang))


def _elements(version: Version, lang: str) -> str:
    return text("doctor-elements", lang, count=len(shown(version.spec, lang)))


def _findings_missing() -> str:
    untitled = [code for code in KINDS if f"title-{code}" not in TEXTS]
    if untitled:
        raise ConfigurationError(
            f"findings/titles.py: no title of {', '.join(untitled)} – expected one for each finding"
        )
    missing = [code for code in KINDS if code not in _examples()]
    if missing:
        raise ConfigurationError(
            f"docs/examples.json: no example of {', '.join(missing)} – expected one from a document in tests/corpus: "
            "python tests/make_pages.py"
        )
    return str(len(KINDS))


def _shown(row: fields.Row, lang: str) -> tuple[str, str, str, str]:
    seen = {reason.shown for reason in row.reasons}
    said = "page-jobnet-partly" if len(seen) > 1 else "page-jobnet-yes" if True in seen else "page-jobnet-no"
    reason = row.reasons[0] if len(set(row.reasons)) == 1 else None
    why = (
        f"{_cited(reason.law) or text('page-jobnet-ours', lang)}: {reason.why.da if lang == 'da' else reason.why.en}"
        if reason
        else ""
    )
    return row.path, text(said, lang), _cited(row.field.law), why


def _cited(place: str | None) -> str:
    return shipped().law.cite(place, None) or ""


def _example(given: dict[str, Any], heading: str, hint: str, lang: str) -> Example:
    says = given.get("says", {}).get("da" if lang == "da" else "en", [])
    return Example(
        heading,
        given["language"],
        tuple(given["lines"]),
        given["source"],
        tuple(words for words in says if words != hint),
    )


@cache
def _examples() -> dict[str, Any]:
    examples: dict[str, Any] = json.loads((Path(__file__).parent / "examples.json").read_bytes())
    return examples
