"""The paragraph that demands the reports, as data: its name, its act, and the events for which it is cited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from exchange.errors import ConfigurationError
from exchange.findings.finding import Finding

_KEYS = ("paragraph", "act", "source", "cited_from", "places")
STK_4 = "stk. 4"
"""The place that says what the person is shown on Jobnet; no element and no rule names it."""


class Paragraph(NamedTuple):
    """A paragraph with its act, cited for events from `cited_from` on (None: from the beginning) until the next one is.

    Schemas and rules name places in the numbering of the first paragraph ("stk. 1, nr. 6"); `places` has those that a later
    one numbers otherwise.
    """

    paragraph: str
    act: str
    source: str
    cited_from: date | None
    places: Mapping[str, str]

    def place(self, place: str) -> str:
        """Return the paragraph with a place in it, e.g. "§ 87, stk. 1, nr. 6"."""
        return f"{self.paragraph}, {self.places.get(place, place)}"


class Law:
    """The paragraphs in their order in time: at least one, without a gap between them."""

    def __init__(self, paragraphs: Iterable[Paragraph]) -> None:
        self.paragraphs = tuple(paragraphs)

    def on(self, day: date | None) -> Paragraph:
        """Return the paragraph that is cited for an event of a day; without a day the first."""
        current = self.paragraphs[0]
        for paragraph in self.paragraphs[1:]:
            if day is not None and paragraph.cited_from is not None and paragraph.cited_from <= day:
                current = paragraph
        return current

    def cite(self, place: str | None, day: date | None) -> str | None:
        """Return a place as it is cited for an event of a day; None for none.

        Without a day each paragraph is named, with the first day of its period, since any of them may be meant.
        """
        if place is None:
            return None
        if day is not None:
            return self.on(day).place(place)
        return "; ".join(
            each.place(place) + (f" ({each.cited_from}..)" if each.cited_from else "") for each in self.paragraphs
        )

    def cited(self, findings: Iterable[Finding], day: date | None) -> list[Finding]:
        """Return findings whose places are cited for an event of a day."""
        return [replace(finding, law=self.cite(finding.law, day)) for finding in findings]


def read_law(entries: Iterable[Mapping[str, Any]]) -> Law:
    """Read the catalog's [[law]] tables. Raises KeyError, TypeError, ValueError or AttributeError for what is none.

    A key that no such table has is a ConfigurationError. Whether a place of `places` is one is the doctor's to check: schemas and
    rules name them.
    """
    entries = list(entries)
    strangers = [key for entry in entries for key in entry if key not in _KEYS]
    if strangers:
        raise ConfigurationError(
            f"catalog.toml: [[law]] {strangers[0]} – unknown key – expected one of {', '.join(_KEYS)}"
        )
    law = Law(
        Paragraph(each["paragraph"], each["act"], each["source"], each.get("cited_from"), each.get("places", {}))
        for each in entries
    )
    for paragraph in law.paragraphs:
        words = (paragraph.paragraph, paragraph.act, paragraph.source, *paragraph.places, *paragraph.places.values())
        if not all(isinstance(word, str) and word for word in words):
            raise ValueError("[[law]]: expected texts for paragraph, act, source, and in places")
    days = [paragraph.cited_from for paragraph in law.paragraphs]
    later = [day for day in days if type(day) is date]
    if not days or days[0] is not None or len(later) != len(days) - 1 or later != sorted(set(later)):
        raise ValueError("[[law]]: expected cited_from, a date, in every table but the first, in their order in time")
    return law
