"""Messages without findings as columns: they say what an object for each says, and the register knows them as well."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.deliveries.outcomes import Facts, FaultlessMessages, Found, Outcome
from exchange.deliveries.record import outcome_from_json, outcome_to_json, report_from_json, report_to_json
from exchange.deliveries.register import Register
from exchange.findings.finding import Finding, Position, Report
from exchange.findings.kinds import CODE_UNKNOWN

TAG = "{urn:x-par87:samtale:1}samtale"
PLAN = "{urn:x-par87:minplanudkast:1}minPlanUdkast"


def guid(number: int) -> str:
    return f"0f8a3c52-6d1e-4b7a-9c40-{number:012x}"


def interview(number: int, event: int, kind: str = "jobsamtale") -> Found:
    facts = Facts("samtale", event.to_bytes(16), kind)
    return Found(10 * number, 10 * number + 9, number, TAG, guid(number), facts, None)


def plan(number: int) -> Found:
    return Found(10 * number, 10 * number + 9, number, PLAN, guid(number), Facts("minPlanUdkast"), None)


def columns(found: list[Found]) -> FaultlessMessages:
    faultless = FaultlessMessages()
    for each in found:
        assert isinstance(each.report, str)
        assert each.besked_id is not None
        assert each.facts is not None
        assert faultless.add(each.start, each.end, each.line, each.report, each.besked_id, each.facts)
    return faultless


SOME = [interview(1, 7), plan(2), interview(3, 8, "cv-samtale"), interview(4, 9)]


def test_columns_hold_what_the_objects_hold() -> None:
    faultless = columns(SOME)
    assert len(faultless) == 4
    assert list(faultless.found()) == SOME
    assert list(faultless.shifted(100).found()) == [each.shifted(100) for each in SOME]
    assert {name: count for _, name, count in faultless.counts() if name != "samtale"} == {"minPlanUdkast": 1}
    assert sum(count for *_, count in faultless.counts()) == 4


def test_they_pass_between_processes_and_through_a_journal() -> None:
    outcome = Outcome(True, [columns(SOME), interview(5, 10), columns([plan(6)])], 12)
    expected = [*SOME, interview(5, 10), plan(6)]
    between_processes = pickle.loads(pickle.dumps(outcome))  # noqa: S301  # made here
    for copy in (between_processes, outcome_from_json(outcome_to_json(outcome))):
        assert copy == outcome
        assert list(copy.found()) == expected


def test_columns_keep_what_else_was_wanted_of_each_message() -> None:
    faultless = FaultlessMessages()
    for each in SOME:
        assert isinstance(each.report, str)
        assert each.besked_id is not None
        assert each.facts is not None
        assert faultless.add(*each[:3], each.report, each.besked_id, each.facts, [each.line])
    assert [found.extra for found in faultless.found()] == [[1], [2], [3], [4]]
    assert faultless.shifted(5).extras == faultless.extras
    outcome = Outcome(True, [faultless], 12)
    assert outcome_from_json(outcome_to_json(outcome)) == outcome


def test_a_report_that_was_kept_before_findings_had_a_column_is_read() -> None:
    at = Position(2, 7)
    findings = (CODE_UNKNOWN.found("/a", {"list": "b"}, at=at), CODE_UNKNOWN.found("/c", {"list": "b"}))
    report = Report(findings, {}, counts={"code-unknown": 2}, errors=2)
    values = json.loads(json.dumps(report_to_json(report)))
    assert report_from_json(values) == report
    for finding in values[-1]:
        finding.pop()
    assert [each.position for each in report_from_json(values).findings] == [Position(2), None]


@pytest.mark.parametrize(
    ("besked_id", "facts"),
    [
        (guid(0xABC).upper(), Facts("samtale", bytes(16), "jobsamtale")),
        ("1", Facts("samtale", bytes(16), "jobsamtale")),
        (guid(1), Facts("samtale", bytes(16), "jobsamtale", earlier=guid(2))),
        (guid(1), Facts("samtale", bytes(16), "jobsamtale", withdraws=True)),
    ],
)
def test_what_columns_cannot_say_is_not_put_in(besked_id: str, facts: Facts) -> None:
    faultless = FaultlessMessages()
    assert not faultless.add(0, 1, 0, TAG, besked_id, facts)
    assert len(faultless) == 0
    assert list(faultless.found()) == []


MESSAGES = st.one_of(
    st.builds(interview, st.integers(0, 30), st.integers(0, 30), st.sampled_from(["jobsamtale", "cv-samtale"])),
    st.integers(0, 30).map(plan),
)


def enter(register: Register, number: int, found: Found) -> list[Finding]:
    return register.enter(number, found.besked_id, found.facts, accepted=True)


@given(
    st.lists(MESSAGES, max_size=5),
    st.lists(MESSAGES, min_size=1, max_size=6),
    st.lists(MESSAGES, max_size=8),
    st.sampled_from([0, 2, 100]),
)
def test_the_register_knows_them_as_it_knows_each(
    before: list[Found], run: list[Found], after: list[Found], kept: int
) -> None:
    one, other = Register(), Register(kept)
    for number, found in enumerate(before, 1):
        assert enter(one, number, found) == enter(other, number, found)
    start = len(before) + 1
    findings = [enter(one, number, found) for number, found in enumerate(run, start)]
    if other.enter_faultless(start, columns(run)):
        assert not any(findings)
    else:
        assert any(findings)
        assert [enter(other, number, found) for number, found in enumerate(run, start)] == findings
    for number, found in enumerate(after, start + len(run)):
        assert enter(one, number, found) == enter(other, number, found)
