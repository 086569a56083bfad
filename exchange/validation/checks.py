"""Judges what the schema cannot: codes as of a date, and the rules between values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from exchange.findings import kinds
from exchange.findings.finding import LISTED_PER_CODE, Finding, Kind, Text
from exchange.findings.undetermined_kinds import CHECK_INCOMPLETE
from exchange.model.catalog import Version
from exchange.model.code_lists import CodeList
from exchange.model.generated import Leaf, Source
from exchange.model.values import VALUE_KINDS, danish_date, shown
from exchange.validation.diagnosis import meant_words
from exchange.validation.rules import rules_of
from exchange.validation.rules.base import Hit, Rule, Subject

_NUMBERS = re.compile(r"\[[0-9]+\]")
_NOT_A_CODE = (kinds.CODE_UNKNOWN.code, kinds.CODE_OTHER_SYSTEM.code)


class Judgement(NamedTuple):
    """What a layer found. Not `complete`: something could not be judged, or what was found there is said already."""

    findings: Sequence[Finding]
    complete: bool


NOTHING_FOUND = Judgement((), True)


def day_of(value: object) -> date | None:
    """Give the local date in Denmark of a moment given as datetime or ISO text, or a date itself; None for all else."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        moment = VALUE_KINDS["dateTime"].from_text(value) if isinstance(value, str) else value
        return danish_date(moment) if isinstance(moment, datetime) and moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def event_day(version: Version, content: Mapping[str, Any], faulty: list[str]) -> date | None:
    """Give the local date in Denmark of what the message is about; None where the message does not soundly say it."""
    if faulty and f"/{version.name}/{version.event}" in faulty:
        return None
    value: Any = content
    for name in version.event_steps:
        value = value.get(name) if isinstance(value, Mapping) else None
    return day_of(value)


def judge_codes(
    version: Version, content: Mapping[str, Any], on: date | None, faulty: list[str], *, show_values: bool
) -> Judgement:
    """Judge every code as of `on`; without a date, only whether it was ever known. What is `faulty` is left alone."""
    found = list(_codes(version, version.coded(content), on, show_values=show_values))
    places = set(faulty)
    findings = [finding for finding in found if finding.path not in places] if faulty else found
    complete = on is not None and len(findings) == len(found)
    return Judgement(findings, complete) if findings or not complete else NOTHING_FOUND


def _codes(version: Version, leaves: list[Leaf], on: date | None, *, show_values: bool) -> Iterator[Finding]:
    lists = version.lists
    listed: dict[str, int] = {}
    for path, simple, code in leaves:
        code_list = lists[simple.code_list or ""]
        if code_list.admits(code, on):
            continue
        kind, words = _code_fault(code_list, code, on)
        listed[kind.code] = listed.get(kind.code, 0) + 1
        if listed[kind.code] > LISTED_PER_CODE:
            # It will be counted only; the words, and the search for the code meant, would be in vain.
            yield Finding(kind.code, kind.severity, "", "", path, None, None, kind.layer, None, None, Text("", ""))
            continue
        value = shown(code, confidential=simple.confidential is not None, show_values=show_values)
        words = {"list": code_list.name, "day": on, **meant_words(simple, code_list, code), **words}
        yield kind.found(path, words, law=version.law.cite(place_of(version, path), on), value=value)


def _code_fault(code_list: CodeList, code: str, on: date | None) -> tuple[Kind, dict[str, object]]:
    periods = code_list.periods(code)
    if not periods:
        meant = code_list.meant(code)
        if meant is None:
            return kinds.CODE_UNKNOWN, {}
        return kinds.CODE_OTHER_SYSTEM, {
            "system": meant.system,
            "meant": meant.code.kode,
            "meant_name": meant.code.navn,
        }
    ended = [row for row in periods if on and row.gyldig_til and row.gyldig_til <= on]
    if not ended:
        return kinds.CODE_NOT_YET_VALID, {"since": periods[0].gyldig_fra}
    successor = ended[-1].erstattes_af
    return kinds.CODE_EXPIRED, {
        "until": ended[-1].gyldig_til,
        "successor_en": f"Use {successor}. " if successor else "",
        "successor_da": f"Brug {successor}. " if successor else "",
    }


def place_of(version: Version, path: str) -> str | None:
    """Return the place in the paragraph that the element at a path serves."""
    field = version.fields.get(_NUMBERS.sub("", path))
    return field.law if field else None


def keeps_all_rules(version: Version, subject: Subject) -> bool:
    """True if a document that the schema accepts, with codes that are all in force, keeps all rules.

    One expression tells that of most messages, sooner than a loop. False also where only `judge_rules` can say more.
    """
    try:
        return version.dated and not version.compiled(_any_hit)(subject)
    except Exception:  # noqa: BLE001  # whose fault it is, the loop finds out
        return False


def judge_rules(version: Version, subject: Subject, faulty: list[str], codes: Sequence[Finding]) -> Judgement:
    """Ask the rules, each only if what it is about is sound: no fault of the schema, no unknown code."""
    rules = every = rules_of(version)
    if faulty or codes or not version.dated:
        places = {_NUMBERS.sub("", place) for place in faulty}
        unknown = {_NUMBERS.sub("", finding.path) for finding in codes if finding.code in _NOT_A_CODE}
        undated = subject.on is None
        rules = tuple(
            rule for rule in rules if not (rule.dated and undated) and not _unsound(version, rule, places, unknown)
        )
    findings: list[Finding] = []
    complete = len(rules) == len(every)
    for rule in rules:
        try:
            hits = rule.check(subject)
            if hits:
                findings += _found(version, rule.kind, hits, subject.on)
        except Exception:  # noqa: BLE001  # a rule's own fault must neither pass as "accepted" nor quote the document
            findings.append(CHECK_INCOMPLETE.found(words={"check": rule.kind.code}))
            complete = False
    return Judgement(findings, complete) if findings or not complete else NOTHING_FOUND


def _found(version: Version, kind: Kind, hits: Sequence[Hit], day: date | None) -> list[Finding]:
    current = kind.on(day)
    if current is None:
        return []
    law = version.law.cite(current.law, day)
    paragraph = {"paragraph": version.law.on(day).paragraph}
    return [
        current.found(f"/{version.name}/{place}".rstrip("/"), {**paragraph, **words}, law=law) for place, words in hits
    ]


def _any_hit(version: Version) -> Callable[[Subject], object]:
    """Return a function whose result is true if a rule is broken."""
    source = Source("any_hit(subject)")
    calls = [f"{source.constant(rule.check)}(subject)" for rule in rules_of(version)]
    source.line(0, f"return {' or '.join(calls) or False}")
    any_hit: Callable[[Subject], object] = source.function()
    return any_hit


def _unsound(version: Version, rule: Rule, places: set[str], unknown: set[str]) -> bool:
    """True if what the rule is about holds an unknown code, or lies at, above or below a faulty place."""
    for about in rule.about:
        path = f"/{version.name}/{about}"
        if path in unknown:
            return True
        if any(path == place or path.startswith(f"{place}/") or place.startswith(f"{path}/") for place in places):
            return True
    return False
