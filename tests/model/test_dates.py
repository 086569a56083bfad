"""Dates: only YYYY-MM-DD is one, wherever one is read, and the ends of the calendar are days like any other."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.commands import commands_of

import exchange
from exchange.api import Exchange
from exchange.cli import run
from exchange.cli.commands import cli
from exchange.errors import ConfigurationError
from exchange.jobnet.words import moment as moment_in_words
from exchange.model import resources
from exchange.model.catalog import Catalog
from exchange.model.code_lists import load_code_list
from exchange.model.file_names import file_name
from exchange.model.values import danish_date, danish_time, read_day, read_moment
from exchange.validation.checks import day_of

OTHER_DATES = (
    "2026-W01-1",
    "2026W011",
    "2026-W01",
    "20260105",
    "2026-1-5",
    "2026-001",
    "26-01-05",
    "+2026-01-05",
    "２０２６-01-05",
    "2026-01-05T00:00:00",
    " 2026-01-05",
    "2026-01-05\n",
    "2026-02-30",
    "0000-01-01",
    "10000-01-01",
    "",
)
OTHER_MOMENTS = (
    "2026-W01-1T10:00:00+01:00",
    "20260105T100000+0100",
    "2026-01-05T10+01:00",
    "2026-01-05 10:00:00+01:00",
    "2026-01-05T10:00:00+01",
    "2026-01-05T10:00:00+0100",
    "2026-01-05T10:00:00+01:00:30",
    "2026-01-05T10:00:00,5+01:00",
    "2026-01-05T１0:00:00+01:00",
    "2026-01-05T24:00:00+01:00",
    "2026-01-05T10:00:00+24:00",
    "2026-01-05",
)
ENDS = (
    datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=timezone(-timedelta(hours=14))),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=14))),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(-timedelta(hours=14))),
)


@pytest.mark.parametrize("text", OTHER_DATES)
def test_no_other_form_is_a_date(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError):
        read_day(text)
    assert run(["codes", "form", f"--on={text}"]) == 2
    capsys.readouterr()
    if text:  # nothing is unbounded
        file = tmp_path / "x.csv"
        file.write_text(f'kode,navn,gyldig_fra,gyldig_til,erstattes_af,star_kode,kilde\na,A,"{text}",,,,k\n', "utf-8")
        with pytest.raises(ConfigurationError, match=r"x\.csv:.*YYYY-MM-DD"):
            load_code_list(file)
    if text.strip() != "2026-01-05":  # white space around a date is XML's own
        assert not exchange.validate(with_deadline(text)).ok


def with_deadline(text: str) -> dict[str, Any]:
    document = Exchange().example("samtale")
    document["samtale"]["aftaler"][0]["frist"] = text
    return document


@given(st.dates(), st.datetimes(timezones=st.timezones()))
def test_the_one_form_is_read_for_every_day_and_moment(day: date, moment: datetime) -> None:
    assert read_day(day.isoformat()) == day
    offset = moment.utcoffset() or timedelta()
    moment = moment.replace(tzinfo=timezone(timedelta(minutes=offset // timedelta(minutes=1))))
    assert read_moment(moment.isoformat()) == moment


@pytest.mark.parametrize("text", OTHER_MOMENTS)
def test_no_other_form_is_a_moment(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError):
        read_moment(text)
    assert day_of(text) is None
    for arguments in (["verify", "x.xml", "--at", text], ["delivery", "pack", "x", f"--oprettet={text}"]):
        assert run(arguments) == 2
        assert "2026-11-20T14:05:00+01:00" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["2026-01-05T10:00:00", "2026-01-05T10:00:00.5Z"])
def test_a_moment_on_the_command_line_has_whole_seconds_and_an_offset(text: str) -> None:
    assert run(["verify", "x.xml", "--at", text]) == 2


@pytest.mark.parametrize("value", ['"2026-01-05"', "2026-01-05T00:00:00", "20260105"])
@pytest.mark.parametrize("name", ["in_force_from", "in_force_to"])
def test_the_catalog_says_where_its_date_is_none(name: str, value: str, tmp_path: Path) -> None:
    xsd = tmp_path / "xsd"
    shutil.copytree(resources.xsd_folder(), xsd)
    catalog = xsd / "catalog.toml"
    catalog.write_text(
        catalog.read_text("utf-8").replace("[[message]]\n", f"[[message]]\n{name} = {value}\n", 1), "utf-8"
    )
    with pytest.raises(ConfigurationError, match=f"catalog.toml: .* {name} – not a date"):
        Catalog(xsd, resources.stamdata_folder())


# The ends of the calendar


@pytest.mark.parametrize("moment", ENDS, ids=str)
def test_a_moment_at_an_end_of_the_calendar_has_a_local_time(moment: datetime) -> None:
    local = danish_time(moment)
    assert local.year == moment.year
    assert danish_date(moment) == day_of(moment) == local.date()
    document = {"leverance": {"leveranceId": "0" * 8 + "-0000-4000-8000-" + "0" * 12, "oprettet": moment}}
    assert f"LEVERANCE_{moment.year:04d}" in file_name(document)
    assert str(moment.year) in moment_in_words(moment)


@pytest.mark.parametrize("moment", ENDS, ids=str)
def test_a_message_of_such_a_moment_gets_its_findings(moment: datetime) -> None:
    for place in ("hoved", None):
        document = Exchange().example("samtale")
        (document["samtale"][place] if place else document["samtale"])["oprettet" if place else "tidspunkt"] = moment
        report = exchange.validate(document)
        assert report.verdict == "rejected"
        assert {"value-pattern", "value-type"} & set(report.counts)
    document["samtale"]["hoved"] = exchange.header(akassekode="67", oprettet=moment)
    with pytest.raises(exchange.InvalidMessage):
        exchange.build(document)
    for day in (date.min, date.max):
        assert exchange.validate(Exchange().example("samtale"), on=day).verdict in ("accepted", "rejected")


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if isinstance(command, click.Group):
        for name, below in commands_of(command).items():
            yield from commands(below, (*path, name))
    else:
        yield path, command


NUMBERS = [
    (path, parameter.opts[0])
    for path, command in commands(cli)
    for parameter in command.params
    if isinstance(parameter.type, click.types.IntParamType | click.types.FloatParamType)
]


@pytest.mark.parametrize(
    ("path", "option"), NUMBERS, ids=lambda value: " ".join(value) if isinstance(value, tuple) else value
)
@pytest.mark.parametrize("number", ["-1" + "0" * 20, "1" + "0" * 20, "1" + "0" * 5000, "nan", "inf", "1e308"])
def test_an_absurd_number_is_a_usage_error_or_is_none(
    path: tuple[str, ...], option: str, number: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = dict(commands(cli))[path]
    arguments = [*path, f"{option}={number}"]
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            arguments.append("samtale" if isinstance(parameter.type, click.Choice) else str(tmp_path / "none"))
        elif parameter.required and parameter.opts[0] != option:
            arguments.append(f"{parameter.opts[0]}={'1' if path != ('inbox', 'purge') else tmp_path / 'inbox.db'}")
    if path == ("generate",):
        arguments.append(f"--out={tmp_path / 'out'}")
    if path == ("forward",):
        arguments += ["--route-command=cat"]
    code = run(arguments)
    said = capsys.readouterr().err
    assert "a fault of this program" not in said
    assert code == 2 or "No such file" in said or path in (("generate",), ("describe",), ("build",))


@pytest.mark.parametrize("seconds", ["nan", "inf", "1e308", "86401", "0", "-1"])
def test_a_program_is_waited_for_at_most_a_day(seconds: str, tmp_path: Path) -> None:
    delivery = Path(__file__).parents[1] / "forwarding" / "delivery.xml"
    arguments = ["--route-command", "cat", "--out", str(tmp_path / "out"), f"--timeout={seconds}"]
    assert run(["forward", str(delivery), *arguments]) == 2


def test_an_absurd_age_or_time_is_one_that_nothing_reaches(tmp_path: Path) -> None:
    from exchange import inbox

    now = datetime(2026, 11, 28, tzinfo=UTC)
    message = exchange.build(Exchange().example("minPlanUdkast"))
    with inbox.open(f"sqlite:///{tmp_path / 'inbox.db'}") as opened:
        opened.receive(message, at=now)
        for age in (timedelta.max, timedelta(days=10**7)):
            assert opened.purge(older_than=age, at=now, unprocessed=True).purged == 0
        (taken,) = opened.take(at=now, timeout=timedelta.max)
        assert taken.until == int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())
        assert opened.purge(older_than=timedelta.min, at=now, unprocessed=True).purged == 1
