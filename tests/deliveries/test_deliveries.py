"""A delivery is judged message by message, whatever way it is read and wherever it is cut."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from support.delivery_cases import CASES, DECLARATION, Case, delivery, samtale
from support.own_catalogs import WITH_SUCCESSOR, shipped_with

from exchange.api import Exchange
from exchange.deliveries.reading import Delivered, Examination
from exchange.findings.finding import Report
from exchange.validation.pipeline import JudgingOptions

CATALOG = Exchange().catalog


class Judged(NamedTuple):
    """All that a way through a delivery gives."""

    messages: list[Delivered]
    report: Report
    header: dict[str, Any] | None


def by_blocks(data: bytes, step: int) -> Judged:
    """Go through a delivery by its bytes, with a border looked for every `step` bytes."""
    examination = Examination(CATALOG, data, step=step)
    return Judged(list(examination), examination.report, examination.header)


def as_stream(data: bytes) -> Judged:
    """Go through a delivery that can only be read from its beginning to its end."""
    examination = Examination(CATALOG, io.BytesIO(data))
    return Judged(list(examination), examination.report, examination.header)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_both_ways_say_the_same_with_a_border_at_every_byte(case: Case) -> None:
    expected = as_stream(case.data)
    for step in range(1, len(case.data) + 1, case.stride):
        assert by_blocks(case.data, step) == expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_found_is_what_was_put_there(case: Case) -> None:
    judged = as_stream(case.data)
    assert [sorted(m.report.counts) for m in judged.messages] == [sorted(codes) for codes in case.messages]
    assert sorted(judged.report.counts) == sorted(case.codes)


@pytest.mark.parametrize(
    ("on", "paragraph"), [(None, "§ 87"), (date(2026, 12, 31), "§ 87"), (date(2027, 1, 1), "§ 12")]
)
def test_what_lies_between_messages_cites_the_paragraph_as_the_messages_do(
    tmp_path: Path, on: date | None, paragraph: str
) -> None:
    catalog = shipped_with(tmp_path, WITH_SUCCESSOR).catalog
    at = "2026-11-20T09:00:00+01:00"
    wrong = samtale(1, at=at), samtale(2, at=at), samtale(3, akassekode="05")
    data = (DECLARATION + delivery(*wrong)).encode()
    found = [
        each
        for message in Examination(catalog, data, options=JudgingOptions(on=on))
        for each in message.report.findings
    ]
    assert {"leverance-samtale-repeated", "leverance-akassekode-differs"} <= {each.code for each in found}
    assert {(each.law or "").partition(",")[0] for each in found} == {paragraph}
