"""The shipped code lists: their subject is the data itself."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

import exchange
from exchange.api import Exchange
from exchange.errors import ConfigurationError
from exchange.model.code_lists import Code, load_code_list
from exchange.model.spec import Simple

CATALOG = Exchange().catalog
LISTS = sorted(CATALOG.lists)
HEADER = "kode,navn,gyldig_fra,gyldig_til,erstattes_af,star_kode,kilde"


@pytest.mark.parametrize("name", LISTS)
def test_every_row_has_a_code_a_name_and_a_source(name: str) -> None:
    for row in exchange.codes(name):
        assert row.kode.strip() == row.kode != ""
        assert row.navn.strip() == row.navn != ""
        assert len(row.kilde) > 10, row.kode


@pytest.mark.parametrize("name", LISTS)
def test_codes_are_unique_and_their_periods_in_order_without_overlap(name: str) -> None:
    rows: dict[str, list[Code]] = {}
    for row in exchange.codes(name):
        rows.setdefault(row.kode, []).append(row)
    for periods in rows.values():
        for row in periods:
            assert not (row.gyldig_fra and row.gyldig_til) or row.gyldig_fra < row.gyldig_til
        for earlier, later in pairwise(periods):
            assert earlier.gyldig_til is not None
            assert later.gyldig_fra is not None
            assert earlier.gyldig_til <= later.gyldig_fra


@pytest.mark.parametrize("name", LISTS)
def test_other_systems_numbers_are_unique_too(name: str) -> None:
    numbers = Counter(row.star_kode for row in exchange.codes(name) if row.star_kode)
    assert all(count == 1 for count in numbers.values())


@pytest.mark.parametrize("name", LISTS)
def test_every_code_has_the_form_that_the_schema_demands(name: str) -> None:
    import re

    simples = {s for v in CATALOG.versions for s in v.spec.types() if s.code_list == name}
    assert simples
    for simple in simples:
        for row in exchange.codes(name):
            assert all(re.fullmatch(pattern, row.kode) for pattern in simple.patterns), row.kode


def test_every_list_bound_exists_and_every_list_is_bound() -> None:
    assert set(CATALOG.bindings.codes.values()) == set(LISTS)
    types = {simple.name for version in CATALOG.versions for simple in version.spec.types()}
    assert set(CATALOG.bindings.codes) <= types
    assert set(CATALOG.bindings.confidential) <= types


def test_every_text_that_people_write_is_confidential() -> None:
    for version in CATALOG.versions:
        for path, field in version.spec.walk():
            simple = field.type
            # Nobody writes in a receipt: its texts are a program's.
            if not version.is_report:
                continue
            # A length limits what people write, or the form of a code.
            if isinstance(simple, Simple) and simple.max_length is not None and simple.code_list is None:
                assert simple.confidential == "text", path


def test_letters_are_intact() -> None:
    names = {row.navn for name in LISTS for row in exchange.codes(name)}
    assert {"Ærø", "Brøndby", "Lyngby-Taarbæk", "Rådighedssamtale", "Lærernes a-kasse", "Sjælland"} <= names
    assert not any("Ã" in name or "\ufffd" in name for name in names)


SIZES = {
    "akasse": 21,
    "deltagerrolle": 7,
    "form": 7,
    "godkendelsesstatus": 3,
    "kommune": 98,
    "raadighedsvurdering": 3,
    "region": 5,
    "samtaletype": 11,
}


def test_sizes() -> None:
    # As they were on that day: a code that is added from a later date changes nothing here.
    assert {name: len(exchange.codes(name).in_force(date(2026, 11, 20))) for name in LISTS} == SIZES


STAR = {
    "cv-samtale": "10",
    "raadighedssamtale": "15",
    "jobsamtale": "7",
    "henvisning": "8",
    "informationsmoede": "9",
    "formidlingssamtale": "11",
    "anden-samtale": "12",
    "informationsmoede-uden-moedepligt": "13",
    "jobsamtale-med-akasse": "17",
    "faelles-jobsamtale": "19",
    "opfoelgningssamtale": "4",
}


def test_star_s_numbers_stand_where_a_public_page_gives_them() -> None:
    assert {row.kode: row.star_kode for row in exchange.codes("samtaletype")} == STAR
    assert {row.kode for row in exchange.codes("form") if row.star_kode} == {"moede-paa-arbejde"}
    for name in ("deltagerrolle", "godkendelsesstatus", "raadighedsvurdering"):
        assert not any(row.star_kode for row in exchange.codes(name))


def test_kommuner_are_written_with_four_digits_and_lie_in_a_region() -> None:
    regions = {row.navn for row in exchange.codes("region")}
    for row in exchange.codes("kommune"):
        assert row.kode == f"0{row.star_kode}"
        assert row.extra["region"] in regions


def test_two_regions_end_with_2026() -> None:
    regions = exchange.codes("region")
    assert [r.kode for r in regions.in_force(date(2026, 12, 31))] == ["1081", "1082", "1083", "1084", "1085"]
    assert [r.kode for r in regions.in_force(date(2027, 1, 1))] == ["1081", "1082", "1083"]


def test_only_one_fund_s_number_is_confirmed_by_star() -> None:
    assert [row.kode for row in exchange.codes("akasse") if not row.kilde.startswith("Et offentligt")] == ["67"]


@pytest.mark.parametrize(("number", "fund"), [("21", "67"), ("41", "10"), ("06", "76"), ("48", "86")])
def test_statistics_denmark_s_number_leads_to_the_fund_meant(number: str, fund: str) -> None:
    meant = exchange.codes("akasse").meant(number)
    assert meant is not None
    assert (meant.system, meant.code.kode) == ("Danmarks Statistik", fund)


def test_an_unknown_list_is_a_lookup_error_that_names_the_lists() -> None:
    with pytest.raises(LookupError, match="samtaletype"):
        exchange.codes("samtaletyper")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("kode,navn\n", "columns"),
        (f"{HEADER}\na,A,,,,,\n", "kilde"),
        (f"{HEADER}\na,A,,,,,k,extra\n", "number of columns"),
        (f"{HEADER}\na,A,1-1-2024,,,,k\n", "not of the form YYYY-MM-DD"),
        (f"{HEADER}\na,A,2025-01-01,2024-01-01,,,k\n", "ends before it begins"),
        (f"{HEADER}\na,A,,2025-01-01,,,k\na,A,2024-01-01,,,,k\n", "overlap"),
        (f"{HEADER}\na,A,,,,,k\na,A,,,,,k\n", "overlap"),
        (f"{HEADER}\na,A,,,b,,k\n", "erstattes_af"),
    ],
)
def test_a_list_at_fault_is_refused_with_file_and_place(tmp_path: Path, content: str, fault: str) -> None:
    path = tmp_path / "liste.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=rf"^liste\.csv.*{fault}"):
        load_code_list(path)


def test_a_period_is_closed_open_and_a_code_may_come_back(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text(f"{HEADER}\na,A,2024-01-01,2025-01-01,,,k\na,A,2026-01-01,,,,k\n", encoding="utf-8")
    code_list = load_code_list(path)
    days = [date(2023, 12, 31), date(2024, 1, 1), date(2024, 12, 31), date(2025, 1, 1), date(2026, 1, 1)]
    assert [code_list.admits("a", day) for day in days] == [False, True, True, False, True]
    assert code_list.admits("a", None)
    assert not code_list.admits("b", None)
