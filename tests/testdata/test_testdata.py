"""Messages made for tests: the same every time, faultless or with the one fault they are said to have, of nobody alive."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any

import pytest

import exchange
from exchange import testdata
from exchange.api import Exchange
from exchange.findings import kinds
from exchange.model import json_documents
from exchange.model.personnummer import birth_date
from exchange.model.values import DENMARK
from exchange.testdata import LARGEST, MOST, MUTATIONS, SHARES, Made, Mutation
from exchange.testdata.days import VISITS
from exchange.testdata.people import PERSONS, People
from exchange.testdata.wording import wording
from exchange.validation.rules import rules_of
from exchange.validation.rules.samtale import CV_SAMTALE, RAADIGHEDSSAMTALE

SHIPPED = Exchange()
NAMES = tuple(SHARES)
GUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def messages(names: tuple[str, ...] = NAMES, count: int = 1000, seed: int = 1, **more: Any) -> Iterator[Made]:
    return testdata.messages(SHIPPED, names, count, seed, **more)


@cache
def many() -> list[Made]:
    """Small ones, so that they are many."""
    return list(messages(count=20_000, seed=9, size=0))


@cache
def interviews() -> list[dict[str, Any]]:
    return [made.document["samtale"] for made in messages(("samtale",), 2000, 3, size=1500)]


def content(made: Made) -> dict[str, Any]:
    ((_, below),) = made.document.items()
    below_root: dict[str, Any] = below
    return below_root


# The same every time


PROGRAM = """
import hashlib
from exchange.api import Exchange
from exchange.testdata import SHARES, messages
made = hashlib.sha256()
for each in messages(Exchange(), list(SHARES), 400, 5, invalid=0.4):
    made.update(each.data + repr(each.finding).encode() + repr(each.document).encode())
print(made.hexdigest())
"""


def test_every_process_makes_the_same_bytes() -> None:
    digests = set()
    for number, zone in enumerate(("UTC", "Europe/Copenhagen", "Pacific/Auckland")):
        environment = {**os.environ, "PYTHONHASHSEED": str(number), "TZ": zone, "LC_ALL": "C"}
        run = subprocess.run(
            [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, check=True, text=True
        )
        digests.add(run.stdout)
    assert len(digests) == 1
    assert re.fullmatch("[0-9a-f]{64}\n", digests.pop())


def test_a_longer_run_begins_with_the_shorter_one() -> None:
    assert list(islice(messages(count=500, invalid=0.2), 120)) == list(messages(count=120, invalid=0.2))


def test_the_order_of_the_names_makes_no_difference() -> None:
    assert list(messages(NAMES[::-1], 50)) == list(messages(NAMES, 50))


def test_another_seed_makes_other_messages() -> None:
    first, second = ({made.data for made in messages(count=50, seed=seed)} for seed in (1, 2))
    assert not first & second


def test_faults_leave_the_other_messages_as_they_are_and_more_faults_come_on_top() -> None:
    valid, some, more = (list(messages(count=400, invalid=share)) for share in (0.0, 0.1, 0.5))
    for one, other in ((valid, some), (some, more)):
        same = [a == b for a, b in zip(one, other, strict=True)]
        assert all(b.finding for b, unchanged in zip(other, same, strict=True) if not unchanged)
    faulty = [{number for number, made in enumerate(run) if made.finding} for run in (valid, some, more)]
    assert faulty[0] < faulty[1] < faulty[2]
    assert 0.07 < len(faulty[1]) / 400 < 0.14
    assert 0.44 < len(faulty[2]) / 400 < 0.56


# Faultless, and of the size asked for


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [1024, 2048, 4096, 10_240, 30_720, 61_440])
def test_a_message_has_the_size_asked_for_and_no_fault(name: str, size: int) -> None:
    for made in messages((name,), 150, size, size=size):
        assert exchange.validate(made.data).findings == ()
        below = content(made)
        if below.get("samtaletype", RAADIGHEDSSAMTALE) == RAADIGHEDSSAMTALE:
            assert abs(len(made.data) - size) <= size / 10
        else:
            assert len(made.data) < 1100


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [0, LARGEST])
def test_the_smallest_and_the_largest_are_faultless_too(name: str, size: int) -> None:
    for made in messages((name,), 6, size=size):
        report = exchange.validate(made.data)
        assert report.ok
        assert report.findings == ()


def test_the_bytes_are_those_of_the_builder_and_read_back_to_the_dict() -> None:
    for made in messages(count=60):
        assert made.data == exchange.build(made.document)
        assert exchange.parse(made.data) == made.document
        assert made.finding is None
        assert made.hoved == content(made)["hoved"]


def test_what_is_done_to_a_message_changes_no_other() -> None:
    def spoil(value: Any) -> None:
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            spoil(inner)
        if isinstance(value, dict | list):
            value.clear()

    untouched = [made.data for made in messages(count=200, size=8000)]
    found = []
    for made in messages(count=200, size=8000):
        found.append(made.data)
        spoil(made.document)
    assert found == untouched


def test_the_types_are_mixed_by_their_shares() -> None:
    counts = Counter(next(iter(made.document)) for made in many())
    for name, share in SHARES.items():
        assert abs(counts[name] / len(many()) - share / sum(SHARES.values())) < 0.02


# Nobody alive, nobody twice


def test_numbers_are_those_of_people_who_cannot_be_alive() -> None:
    for made in (*many(), *messages(count=2000, seed=4, size=0, invalid=1.0)):
        below = content(made)
        mutation = made.finding.mutation if made.finding else ""
        miljoe = {"personnummer-in-production": "produktion", "miljoe-unknown": "Test"}.get(mutation, "test")
        assert below.get("hoved", made.hoved)["miljoe"] == miljoe
        # What is no number at all is nobody's; »unknown« and 29 February of a common year are not either.
        number = below.get("person", {}).get("personnummer", "")
        if re.fullmatch("[0-9]{10}", number) and number not in ("0000000000", "2902415000"):
            born = birth_date(number)
            assert number[6] in "5678"
            # The day plus 60, as in the number of someone who has none yet.
            assert number[0] in "6789" if born is None else 2040 <= born.year <= 2057
            assert born is not None or made.finding is not None


def test_there_are_persons_for_more_than_a_million_messages_and_each_is_another() -> None:
    people = People(26_000_000, wording().women, wording().men)
    # A person has at most three messages.
    numbers = {people.person(number)[1]["personnummer"] for number in range(333_334)}
    assert len(numbers) == 333_334
    assert MOST == 3 * PERSONS > 1_000_000
    # Steps of one length come back to the first after all, or else after a part of them that a prime divides.
    assert PERSONS == 6575 * 4 * 1000 == 2**5 * 5**5 * 263
    first = people.person(0)[1]["personnummer"]
    assert people.person(PERSONS)[1]["personnummer"] == first
    assert all(people.person(PERSONS // prime)[1]["personnummer"] != first for prime in (2, 5, 263))


def test_no_id_comes_twice_and_no_person_is_in_two_interviews_at_once() -> None:
    ids: set[str] = set()
    moments: set[tuple[str, datetime]] = set()
    persons: Counter[str] = Counter()
    for made in many():
        below = content(made)
        for key in ("beskedId", "vedroererBeskedId"):
            if key in below["hoved"]:
                assert GUID.fullmatch(below["hoved"][key])
                assert below["hoved"][key] not in ids
                ids.add(below["hoved"][key])
        if "tidspunkt" in below:
            moment = (below["person"]["personnummer"], below["tidspunkt"])
            assert moment not in moments
            moments.add(moment)
        persons[below["person"]["personnummer"]] += 1
    # It is no feat where nobody comes again.
    assert Counter(persons.values())[3] > 6000


def test_a_person_keeps_the_name() -> None:
    names: dict[str, set[str | None]] = {}
    for made in many():
        person = content(made)["person"]
        names.setdefault(person["personnummer"], set()).add(person.get("navn"))
    assert all(len(found) == 1 for found in names.values())
    assert 0.1 < sum(None in found for found in names.values()) / len(names) < 0.3


def test_all_are_of_one_fund() -> None:
    assert {made.hoved["akassekode"] for made in many()} == {testdata.fund(SHIPPED, 9)}
    assert {made.hoved["akassekode"] for made in messages(count=50, akassekode="67")} == {"67"}
    assert len({testdata.fund(SHIPPED, seed) for seed in range(100)}) > 10


def test_a_header_for_a_delivery_of_them() -> None:
    header = testdata.delivery_header(SHIPPED, 9)
    assert header["akassekode"] == testdata.fund(SHIPPED, 9)
    assert header["miljoe"] == "test"
    assert GUID.fullmatch(header["leveranceId"])
    assert header["leveranceId"] not in {made.hoved["beskedId"] for made in many()}
    assert header["oprettet"] >= max(made.hoved["oprettet"] for made in many())
    assert testdata.delivery_header(SHIPPED, 9, "67") == {**header, "akassekode": "67"}


# As in life


def test_interviews_are_held_in_working_hours_and_reported_afterwards() -> None:
    days = set()
    for below in interviews():
        held, reported = below["tidspunkt"], below["hoved"]["oprettet"]
        for moment in (held, reported):
            assert moment.utcoffset() == moment.astimezone(DENMARK).utcoffset()
            assert moment.weekday() < 5
            assert 8 <= moment.hour < 18
        assert held < reported
        days.add(held.date())
    assert {day.year for day in days} == {2026}
    assert max(days).toordinal() - min(days).toordinal() > 250
    assert {below["tidspunkt"].utcoffset().seconds for below in interviews()} == {3600, 7200}
    later = sum(below["hoved"]["oprettet"].date() > below["tidspunkt"].date() for below in interviews())
    assert 0 < later / len(interviews()) < 0.25


def test_every_type_form_and_role_comes_that_no_rule_warns_of() -> None:
    day = interviews()[0]["tidspunkt"].date()

    def in_force(name: str) -> set[str]:
        return {row.kode for row in exchange.codes(name).in_force(day)}

    assert {below["samtaletype"] for below in interviews()} == in_force("samtaletype") - {CV_SAMTALE}
    assert {below["form"] for below in interviews()} == in_force("form")
    others = [deltager for below in interviews() for deltager in below.get("deltagere", ())]
    assert {deltager["rolle"] for deltager in others} == in_force("deltagerrolle")
    verdicts = {below["raadighedsvurdering"]["vurdering"] for below in interviews() if "raadighedsvurdering" in below}
    assert verdicts == in_force("raadighedsvurdering")
    assert {len(below.get("deltagere", ())) for below in interviews()} == {0, 1, 2, 3, 4}
    assert {below["hoved"]["handling"] for below in interviews()} == {"opret", "ret", "annuller"}


def test_agreements_are_written_by_people() -> None:
    aftaler = [aftale for below in interviews() for aftale in below.get("aftaler", ())]
    texts = {aftale["tekst"] for aftale in aftaler}
    assert len(texts) > 700
    assert all(len(text) > 50 and text.endswith(".") for text in texts)
    for sign in "æøåÆØÅ&<":
        assert any(sign in text for text in (*texts, *(navn for _, navn in wording().women)))
    dated = [aftale for aftale in aftaler if "frist" in aftale]
    assert 0.4 < len(dated) / len(aftaler) < 0.8
    for below in interviews():
        for aftale in below.get("aftaler", ()):
            assert "frist" not in aftale or aftale["frist"] > below["tidspunkt"].date()


def test_requirements_name_a_region_and_its_own_kommuner() -> None:
    own = {row.kode: row.extra["region"] for row in exchange.codes("kommune")}
    some = [content(made)["geografi"] for made in messages(("kravTilJobsoegning",), 400)]
    assert any(geografi.get("heleLandet") for geografi in some)
    for geografi in some:
        for kommune in geografi.get("kommuner", ()):
            (region,) = geografi["regioner"]
            code = exchange.codes("region").get(region)
            assert code is not None
            assert own[kommune] == code.navn


# With the one fault that they are said to have


PAIRS = [(mutation, name) for mutation in MUTATIONS for name in NAMES if name in mutation.messages]


@pytest.mark.parametrize(("mutation", "name"), PAIRS, ids=lambda value: getattr(value, "name", value))
def test_a_mutation_is_found_for_what_it_is_and_for_nothing_else(mutation: Mutation, name: str) -> None:
    run = messages((name,), 400, 3, invalid=1.0, mutations=[mutation])
    found = list(islice((made for made in run if made.finding), 3))
    assert found
    for made in found:
        sources: list[Any] = [made.data]
        if mutation.in_dict:
            sources += [made.document, json_documents.load(json_documents.dump_line(made.document).encode())]
        for source in sources:
            report = exchange.validate(source)
            assert report.verdict == "rejected"
            codes = [finding.code for finding in report.findings]
            assert sorted(codes) == sorted((mutation.code, *mutation.also))
            assert made.finding
            assert made.finding.path in [f.path for f in report.findings if f.code == mutation.code]
            assert made.finding[::2] == (mutation.code, mutation.name)


def test_every_layer_that_can_fail_in_a_message_has_its_mutations() -> None:
    codes = {mutation.code for mutation in MUTATIONS}
    schema = {kind.code for kind in kinds.ENGINE_KINDS.values() if kind.layer == "schema"}
    # A dict alone can have a wrong Python type; what no explanation is known for cannot be made on purpose; and only version 1
    # of kravTilJobsoegning has an element that must not be empty and of which no part is required.
    assert codes >= schema - {kinds.TYPE_WRONG.code, kinds.SCHEMA_REFUSED.code, kinds.ELEMENT_EMPTY.code}
    # No code list shipped has a code that is to come.
    assert codes >= {kinds.CODE_UNKNOWN.code, kinds.CODE_OTHER_SYSTEM.code, kinds.CODE_EXPIRED.code}
    for version in (v for v in SHIPPED.catalog.versions if v.is_report):
        # What a rule says on the days that messages are made for.
        kinds_then = [rule.kind.on(VISITS[0][0]) for rule in rules_of(version)]
        errors = {kind.code for kind in kinds_then if kind is not None and kind.severity == "error"}
        assert errors <= {mutation.code for mutation in MUTATIONS if version.name in mutation.messages}


def test_mutations_are_many_and_none_has_the_name_of_another() -> None:
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS)
    assert all(len([m for m in MUTATIONS if name in m.messages and not m.alone]) >= 25 for name in NAMES)


def test_every_mutation_has_its_turn() -> None:
    counts = Counter(made.finding.mutation for made in messages(count=1500, seed=2, invalid=1.0) if made.finding)
    assert set(counts) == {mutation.name for mutation in MUTATIONS}
    everywhere = [counts[mutation.name] for mutation in MUTATIONS if len(mutation.messages) == len(NAMES)]
    assert max(everywhere) - min(everywhere) <= 2


def test_where_no_mutation_fits_the_message_stays_valid() -> None:
    (cv,) = [mutation for mutation in MUTATIONS if mutation.name == "cv-missing"]
    made = list(messages(("samtale",), 200, invalid=1.0, mutations=[cv]))
    assert 0 < sum(each.finding is not None for each in made) < 100
    assert all(exchange.validate(each.data).ok == (each.finding is None) for each in made)


def test_interviews_whose_person_is_lost_are_not_at_one_moment() -> None:
    lost = [mutation for mutation in MUTATIONS if mutation.impersonal]
    made = list(messages(("samtale",), 3000, 6, size=0, invalid=1.0, mutations=lost))
    moments = [(each.finding.mutation, content(each)["tidspunkt"]) for each in made if each.finding]
    assert len(moments) > 2000
    assert len(set(moments)) == len(moments)


def test_what_a_message_was_before_its_mutation_is_told() -> None:
    (head,) = [mutation for mutation in MUTATIONS if mutation.name == "hoved-missing"]
    for made, valid in zip(messages(count=20, invalid=1.0, mutations=[head]), messages(count=20), strict=True):
        assert "hoved" not in content(made)
        assert made.hoved == valid.hoved


# Asked for wrongly


@pytest.mark.parametrize("names", [(), ("brev",), ("samtale", "leverance")])
def test_a_message_that_cannot_be_made(names: tuple[str, ...]) -> None:
    with pytest.raises(LookupError, match="there is for samtale, minPlanUdkast, kravTilJobsoegning"):
        messages(names)


@pytest.mark.parametrize("akassekode", ["21", "00", ""])
def test_a_fund_that_is_none(akassekode: str) -> None:
    with pytest.raises(LookupError, match="no a-kasse of this code"):
        messages(akassekode=akassekode)


@pytest.mark.parametrize(
    "wrong", [{"count": -1}, {"count": MOST + 1}, {"size": -1}, {"size": LARGEST + 1}, {"invalid": 1.1}]
)
def test_a_number_out_of_range(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="out of range"):
        messages(**wrong)


def test_mutations_of_other_messages_only() -> None:
    of_a_plan = [mutation for mutation in MUTATIONS if mutation.messages == {"minPlanUdkast"}]
    with pytest.raises(ValueError, match="no mutation for these messages"):
        messages(("samtale",), invalid=0.5, mutations=of_a_plan)
    assert len(list(messages(("samtale",), 3, mutations=of_a_plan))) == 3
