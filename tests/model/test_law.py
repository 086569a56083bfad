"""The paragraph as data: cited by the day of the event, and refused where its periods are none."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from support.own_catalogs import FIRST_MESSAGE, SUCCESSOR, shipped_with

from exchange.errors import ConfigurationError
from exchange.model.law import read_law
from exchange.validation.doctor import examine

FIRST: dict[str, Any] = {"paragraph": "§ 87", "act": "den ene", "source": "testen"}
SECOND: dict[str, Any] = {
    "paragraph": "§ 12",
    "act": "den anden",
    "source": "testen",
    "cited_from": date(2027, 1, 1),
    "places": {"stk. 1, nr. 6": "stk. 2, nr. 3"},
}


@pytest.mark.parametrize(
    ("day", "cited"),
    [
        (date(1900, 1, 1), "§ 87, stk. 1, nr. 6"),
        (date(2026, 12, 31), "§ 87, stk. 1, nr. 6"),
        (date(2027, 1, 1), "§ 12, stk. 2, nr. 3"),
        (None, "§ 87, stk. 1, nr. 6; § 12, stk. 2, nr. 3 (2027-01-01..)"),
    ],
)
def test_a_place_is_cited_by_the_day_of_the_event(day: date | None, cited: str) -> None:
    law = read_law([FIRST, SECOND])
    assert law.cite("stk. 1, nr. 6", day) == cited
    assert law.cite(None, day) is None


def test_a_place_that_is_not_renumbered_keeps_its_number() -> None:
    assert read_law([FIRST, SECOND]).cite("stk. 4", date(2028, 1, 1)) == "§ 12, stk. 4"


@pytest.mark.parametrize(
    "entry",
    [
        FIRST | {"places": "stk. 1"},
        FIRST | {"places": ["stk. 1"]},
        FIRST | {"places": {"stk. 1": 2}},
        FIRST | {"paragraph": 87},
        FIRST | {"act": ""},
    ],
)
def test_a_table_that_is_no_law_is_refused_when_it_is_read(entry: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError, AttributeError)):
        read_law([entry])


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [SECOND],
        [FIRST, FIRST],
        [FIRST, SECOND, SECOND],
        [FIRST, SECOND, SECOND | {"cited_from": date(2026, 1, 1)}],
        [FIRST, SECOND | {"cited_from": "2027-01-01"}],
    ],
)
def test_periods_that_leave_a_doubt_are_refused(entries: list[dict[str, Any]]) -> None:
    with pytest.raises(ValueError, match="expected cited_from"):
        read_law(entries)


@pytest.mark.parametrize("key", ["place", "cited-from", "Places"])
def test_a_key_that_no_law_has_is_refused_with_those_that_are_known(key: str) -> None:
    with pytest.raises(
        ConfigurationError,
        match=rf"\[\[law\]\] {key} – unknown key – expected one of paragraph, act, source, cited_from, places",
    ):
        read_law([FIRST, SECOND | {key: {}}])


@pytest.mark.parametrize("place", ["stk. 1 nr. 6", "stk. 1-2", "Stk. 4", "stk. 1, nr. 60"])
def test_doctor_names_a_place_that_nothing_has_and_those_that_are_known(tmp_path: Path, place: str) -> None:
    places = f'[law.places]\n"{place}" = "stk. 2"\n"stk. 4" = "stk. 5"\n"stk. 1-3, nr. 1" = "stk. 1, nr. 1"\n'
    checks = examine(shipped_with(tmp_path, (FIRST_MESSAGE, SUCCESSOR + places + FIRST_MESSAGE)).catalog)
    (check,) = [check for check in checks if not check.ok]
    fault, _, expected = check.detail.partition(" – expected some of ")
    assert (check.name, fault) == ("law", f"catalog.toml: [law.places] {place} – unknown place")
    assert {"stk. 1", "stk. 1, nr. 6", "stk. 3, nr. 7", "stk. 1-3", "stk. 4", "stk. 5"} <= set(expected.split("; "))
