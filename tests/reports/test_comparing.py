"""Two reports compared as a library does it: findings gone, new and changed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from exchange.reports.comparing import Change, Recount, compare, load_report


def _finding(code: str = "code-unknown", severity: str = "error", path: str = "/samtale/form", **more: Any) -> Any:
    return {"code": code, "severity": severity, "path": path, "line": 2, "message": {"da": "m", "en": "m"}, **more}


def _file(*findings: Any, name: str = "a.xml", verdict: str = "rejected", **more: Any) -> Any:
    counts = dict.fromkeys([finding["code"] for finding in findings], 0)
    for finding in findings:
        counts[finding["code"]] += 1
    return {"file": name, "verdict": verdict, "findings": list(findings), "counts": counts, **more}


def test_a_report_compared_with_itself_has_no_changes() -> None:
    report = [_file(_finding(), _finding(path="/samtale/type")), _file(name="b.xml", verdict="accepted")]
    comparison = compare(report, report)
    assert tuple(comparison) == ((), (), ())
    assert (comparison.is_worse, dict(comparison.counts)) == (False, {"gone": 0, "new": 0, "changed": 0})


def test_findings_gone_new_and_changed() -> None:
    gone, stays, new = _finding(), _finding(path="/samtale/b"), _finding("krav-omfang-missing", "warning")
    changed = {**stays, "line": 3}
    comparison = compare([_file(gone, stays)], [_file(changed, new)])
    assert comparison.changes == (
        Change("gone", "a.xml", gone, False),
        Change("new", "a.xml", new, False),
        Change("changed", "a.xml", changed, False),
    )
    assert (comparison.is_worse, dict(comparison.counts)) == (False, {"gone": 1, "new": 1, "changed": 1})
    assert compare([_file(new)], [_file(new, gone)]).is_worse
    assert compare([_file(new)], [_file({**new, "severity": "error"})]).is_worse
    assert not compare([_file({**new, "severity": "error"})], [_file(new)]).is_worse


def test_a_second_finding_at_the_same_place_is_new() -> None:
    (change,) = compare([_file(_finding())], [_file(_finding(), _finding())]).changes
    assert change.kind == "new"


def test_a_message_of_a_delivery_is_known_by_its_key() -> None:
    before = [_file(_finding(), number=1, key="k1"), _file(number=2, key="k2", verdict="accepted")]
    after = [_file(number=1, key="k2", verdict="accepted"), _file(_finding(), number=2, key="k1")]
    assert compare(before, after).changes == ()
    (change,) = compare([], [_file(_finding(), number=7, key=None)]).changes
    assert change.file == "a.xml#7"


def test_where_a_report_lists_fewer_than_it_counts_only_the_counts_are_compared() -> None:
    before = [_file(_finding(), counts={"code-unknown": 5})]
    after = [_file(_finding(path="/samtale/other"), counts={"code-unknown": 7})]
    comparison = compare(before, after)
    assert tuple(comparison) == ((), (Recount("a.xml", "code-unknown", 5, 7, True),), ())
    assert (comparison.is_worse, comparison.counts["new"]) == (True, 2)
    assert (compare(after, before).is_worse, compare(after, before).counts["gone"]) == (False, 2)


def test_a_file_that_cannot_be_judged_any_more_is_worse() -> None:
    lost = _file(verdict="undetermined", fault="Permission denied")
    comparison = compare([_file(verdict="accepted")], [lost])
    assert (comparison.unjudged, comparison.is_worse) == ((("a.xml", "Permission denied"),), True)
    assert not compare([lost], [lost]).is_worse


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"files": 1}', '{"files": [{"findings": [{}]}]}'])
def test_what_is_no_report_is_a_value_error(content: str) -> None:
    with pytest.raises(ValueError, match="not a report"):
        load_report(content.encode())
    assert load_report(json.dumps({"files": [_file()]}).encode()) == [_file()]
