"""Rules that differ by the event's date: severity, text and place, from a day on, closed-open."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from exchange import Exchange, Report
from exchange.findings.finding import Kind
from exchange.findings.placeholders import Words
from exchange.validation.rules import KINDS
from exchange.validation.rules.base import From, rule

REASON = Words("Because.", "Derfor.")
LAST, FIRST = date(2023, 12, 31), date(2024, 1, 1)


def _kind(changes: tuple[From, ...], since: date | None = None) -> Kind:
    made = rule("proeve", "error", "stk. 1", (), changes=changes, since=since, en=("was", "hint"), da=("var", "råd"))
    return made(lambda _: []).kind


def test_a_change_holds_from_its_day_on_and_keeps_what_it_does_not_name() -> None:
    later = From(date(2025, 1, 1), REASON, "info", "stk. 2")
    kind = _kind((From(FIRST, REASON, "warning", en=("is", "hint")), later))
    before, after, last = kind.on(LAST), kind.on(FIRST), kind.on(date(2025, 1, 1))
    assert before is not None
    assert (before.severity, before.law, before.en.message, before.da.message) == ("error", "stk. 1", "was", "var")
    assert after is not None
    assert (after.severity, after.law, after.en.message, after.da.message) == ("warning", "stk. 1", "is", "var")
    assert last is not None
    assert (last.severity, last.law, last.en.message) == ("info", "stk. 2", "is")


def test_a_rule_may_begin_and_end() -> None:
    kind = _kind((From(date(2025, 1, 1), REASON, None),), since=FIRST)
    assert [kind.on(day) is None for day in (LAST, FIRST, date(2024, 12, 31), date(2025, 1, 1))] == [
        True,
        False,
        False,
        True,
    ]


def _judged(type_: str, on: date | None = None, **more: object) -> Report:
    document = Exchange().example("samtale")
    content = document["samtale"]
    for name in ("raadighedsvurdering", "aftaler"):
        del content[name]
    content |= {"samtaletype": type_, "tidspunkt": datetime.fromisoformat("2023-12-31T22:59:59+00:00"), **more}
    return Exchange().validate(document, on=on)


@pytest.mark.parametrize(("on", "severity"), [(None, "error"), (LAST, "error"), (FIRST, "warning")])
def test_the_day_that_a_user_names_decides_for_rules_as_for_codes(on: date | None, severity: str) -> None:
    report = _judged("jobsamtale", on, cv={"godkendelsesstatus": "godkendt"})
    assert [(finding.code, finding.severity) for finding in report.findings] == [("samtale-cv-unexpected", severity)]


def test_the_day_is_the_local_one_in_denmark() -> None:
    moment = datetime.fromisoformat("2023-12-31T23:00:00+00:00")
    report = _judged("jobsamtale", cv={"godkendelsesstatus": "godkendt"}, tidspunkt=moment)
    assert report.ok


@pytest.mark.parametrize("type_", ["henvisning", "opfoelgningssamtale"])
def test_agreements_on_other_types_are_still_warned_of(type_: str) -> None:
    report = _judged(type_, FIRST, aftaler=[{"tekst": "Ringer."}])
    assert [finding.code for finding in report.findings] == ["samtale-aftaler-unexpected"]


def test_every_change_has_its_reason_in_both_languages() -> None:
    changes = [change for kind in KINDS.values() for change in kind.changes]
    assert changes
    assert all(change.reason.en.strip() and change.reason.da.strip() for change in changes)
