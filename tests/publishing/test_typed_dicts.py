"""The messages' types: a type checker finds wrong keys and values, and they are what the schemas say."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast, get_args, get_type_hints

import pytest
from mypy import api as mypy

import exchange
from exchange import cli, types
from exchange.model.catalog import Version, shipped
from exchange.model.spec import Record
from exchange.publishing import typed_dicts

EVERY = (*shipped().versions, *shipped().deliveries.versions)

# What mypy must say stands behind each line that is wrong; of the others it must say nothing.
PROGRAM = """
from datetime import UTC, date, datetime
import messages as types

HOVED: types.Hoved = {
    "beskedId": "0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e01",
    "oprettet": datetime(2026, 11, 20, 13, 5, tzinfo=UTC),
    "miljoe": "test",
    "akassekode": "67",
    "handling": "opret",
}
PERSON: types.Person = {"personnummer": "0101405000"}
SAMTALE: types.Samtale = {
    "samtale": {
        "hoved": HOVED,
        "person": PERSON,
        "tidspunkt": "2026-11-20T13:00:00+01:00",
        "samtaletype": "raadighedssamtale",
        "form": "video",
        "aftaler": [{"tekst": "Søger mindst to job om ugen.", "frist": date(2026, 12, 18)}],
    }
}
KRAV: types.KravTilJobsoegning = {
    "kravTilJobsoegning": {
        "hoved": HOVED,
        "person": PERSON,
        "fagomraader": [{"navn": "Kontor", "stillinger": [{"betegnelse": "Sekretær"}]}],
        "geografi": {"heleLandet": True, "transporttid": 90, "regioner": ["1082"]},
        "omfang": {"antal": 2, "periode": "uge"},
        "formaal": "ordinaer-beskaeftigelse",
        "stillingskilder": [{"navn": "Jobnet"}],
    }
}
DOCUMENTS: list[types.Document] = [SAMTALE, KRAV]
SAMTALE["samtale"]["aftaler"][0].get("frist")

types.Person(navn="Maja Prøvesen")  # typeddict-item
A: types.Person = {"personnummer": "0101405000", "nvan": "Maja"}  # typeddict-unknown-key
B: types.Maengde = {"antal": "2", "periode": "uge"}  # typeddict-item
C: types.Maengde = {"antal": 2, "periode": "dag"}  # typeddict-item
SAMTALE["samtale"]["smatale"]  # typeddict-item
SAMTALE["samtale"]["deltagere"] = {"deltager": []}  # typeddict-item
D: types.Document = {"samtalen": {}}  # assignment
E: types.Aftale = {"tekst": "", "frist": 20261218}  # typeddict-item
"""


def test_a_type_checker_finds_what_is_wrong_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, "utf-8")
    # Alone, since with the package mypy would check all of that too.
    (tmp_path / "messages.py").write_text(typed_dicts(shipped()), "utf-8")
    options = ["--strict", "--no-pretty", "--no-error-summary", "--hide-error-context", f"--cache-dir={os.devnull}"]
    monkeypatch.setenv("MYPYPATH", str(tmp_path))
    said, faults, _ = mypy.run([*options, "--config-file=", str(program)])
    assert not faults
    found = [(int(line), code) for line, code in re.findall(r":(\d+): error: .*\[([a-z-]+)\]", said)]
    lines = enumerate(PROGRAM.splitlines(), 1)
    wanted = [(number, line.partition("  # ")[2]) for number, line in lines if "  # " in line]
    assert [line for line, _ in found] == [line for line, _ in wanted], said
    assert found == wanted, said


@pytest.mark.parametrize("version", EVERY, ids=repr)
def test_the_types_have_the_keys_of_the_schema(version: Version) -> None:
    name = f"{version.name[0].upper()}{version.name[1:]}"
    document = getattr(types, f"{name}V{version.version}", None) or getattr(types, name)
    assert document.__required_keys__ == {version.name}
    _compare(get_type_hints(document)[version.name], version.spec.content)


def _compare(given: Any, record: Record) -> None:
    required = {field.name for field in record.fields if field.required}
    assert given.__required_keys__ == required
    assert given.__optional_keys__ == {field.name for field in record.fields} - required
    for field in record.fields:
        of, annotation = field.type, get_type_hints(given)[field.name]
        while isinstance(of, Record) and of.item is not None:
            of, (annotation,) = of.item.type, get_args(annotation)
        if isinstance(of, Record):
            _compare(annotation, of)


def test_the_command_writes_the_shipped_module(tmp_path: Path) -> None:
    out = tmp_path / "messages.py"
    assert cli.run(["types", "--out", str(out)]) == 0
    assert out.read_bytes() == Path(types.__file__).read_bytes() == typed_dicts(shipped()).encode()
    assert cli.run(["types", "--out", str(out)]) == 2


def test_what_is_typed_can_be_built_and_what_is_read_can_be_typed() -> None:
    hoved: types.Hoved = {
        "beskedId": "0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e01",
        "oprettet": datetime(2026, 11, 20, 13, 5, tzinfo=UTC),
        "miljoe": "test",
        "akassekode": "67",
        "handling": "opret",
    }
    content: types.MinPlanUdkastContent = {
        "hoved": hoved,
        "person": {"personnummer": "0101405000"},
        "jobmaal": [{"stillingsbetegnelse": "Tømrer"}],
        "plan": {"forslag": "Kursus i limtræ.", "begrundelse": "Der mangler tømrere i Viborg."},
    }
    document: types.MinPlanUdkast = {"minPlanUdkast": content}
    read = cast("types.MinPlanUdkast", exchange.parse(exchange.build(document)))
    assert read["minPlanUdkast"]["plan"] == content["plan"]
    assert read == document
