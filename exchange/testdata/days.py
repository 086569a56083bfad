"""The working days on which messages made for tests come about, and what is in force on each."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta, timezone
from functools import cached_property
from itertools import pairwise

from exchange.api import Exchange
from exchange.model.code_lists import Code
from exchange.model.values import DENMARK
from exchange.validation.rules.samtale import CV_SAMTALE, HENVISNING, MOEDE_PAA_ARBEJDE, RAADIGHEDSSAMTALE
from exchange.xml.codec import codec
from exchange.xml.writer import Encoder

SHARES = {"samtale": 7, "minPlanUdkast": 1, "kravTilJobsoegning": 2}
"""The messages that can be made, with their shares where several are mixed."""

VISITS = (
    (date(2026, 1, 5), date(2026, 3, 27)),
    (date(2026, 4, 7), date(2026, 6, 26)),
    (date(2026, 8, 3), date(2026, 10, 30)),
)
"""A person has at most one message in each of these periods, so two interviews never fall together."""

_HOLIDAYS = (date(2026, 5, 14), date(2026, 5, 25), date(2026, 6, 5))

# How often, where a code has another share than 1.
_TYPES = {CV_SAMTALE: 0, RAADIGHEDSSAMTALE: 51}
_FORMS = {"personlig": 8, "telefonisk": 6, "video": 5, "digital": 2, MOEDE_PAA_ARBEJDE: 2}
_ROLES = {"bisidder": 3, "tolk": 3}
_VERDICTS = {"til-raadighed": 16, "under-vurdering": 3}


class InForce:
    """What is in force on a day; looked up when first asked for."""

    def __init__(self, exchange: Exchange, day: date) -> None:
        self._exchange = exchange
        self._day = day

    @cached_property
    def encoders(self) -> dict[str, Encoder]:
        """The writer of each message's version, by the message's name."""
        versions = (self._exchange.catalog.latest(name, self._day) for name in SHARES)
        return {version.name: codec(version).encode for version in versions if version is not None}

    @cached_property
    def types(self) -> tuple[str, ...]:
        """The types of interview, each as often as it is to come; none that a rule warns of."""
        return _by_share(self._rows("samtaletype"), _TYPES)

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """The forms of an interview."""
        return tuple(form for form in self._forms_of_referral if form != MOEDE_PAA_ARBEJDE)

    @cached_property
    def _forms_of_referral(self) -> tuple[str, ...]:
        return _by_share(self._rows("form"), _FORMS)

    def forms_for(self, samtaletype: str) -> tuple[str, ...]:
        """Return the forms that an interview of a type can have."""
        return self._forms_of_referral if samtaletype == HENVISNING else self.forms

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """The roles of participants."""
        return tuple(row.kode for row in self._rows("deltagerrolle"))

    @cached_property
    def verdicts(self) -> tuple[str, ...]:
        """The assessments of availability."""
        return _by_share(self._rows("raadighedsvurdering"), _VERDICTS)

    @cached_property
    def regions(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The regions, each with its kommuner."""
        kommuner = self._rows("kommune")
        return tuple(
            (row.kode, tuple(kommune.kode for kommune in kommuner if kommune.extra.get("region") == row.navn))
            for row in self._rows("region")
        )

    def _rows(self, name: str) -> tuple[Code, ...]:
        return self._exchange.codes(name).in_force(self._day)


class Day:
    """A working day: what is `in_force` on it, and the `deadlines` that agreements made on it can have."""

    def __init__(self, day: date, following: date, in_force: InForce) -> None:
        self.date = day
        self.in_force = in_force
        self.deadlines = tuple(day + timedelta(weeks=weeks) for weeks in range(1, 10))
        self._zone = zone(day)
        self._following = following

    def at(self, minute: int, second: int = 0) -> datetime:
        """Return a moment of the day, `minute` minutes after midnight."""
        day = self.date
        return datetime(day.year, day.month, day.day, minute // 60, minute % 60, second, 0, self._zone)

    def after(self, minute: int, second: int) -> datetime:
        """Return a moment of the working day that follows."""
        return datetime.combine(self._following, time(minute // 60, minute % 60, second), zone(self._following))


def calendar(exchange: Exchange) -> list[list[Day]]:
    """Return the working days of each period; the last of them only follows the one before it."""
    changes = sorted({day for day in _changes(exchange) if day is not None})
    # Between two changes the same is in force, and need be looked up only once.
    in_force: dict[int, InForce] = {}
    periods = []
    for period in VISITS:
        days = []
        for day, following in pairwise(_working_days(*period)):
            between = bisect_right(changes, day)
            days.append(Day(day, following, in_force.setdefault(between, InForce(exchange, day))))
        periods.append(days)
    return periods


def _changes(exchange: Exchange) -> Iterator[date | None]:
    """Yield every day on which something comes into force or goes out of it."""
    for name in SHARES:
        for version in exchange.catalog.of(name):
            yield from (version.in_force_from, version.in_force_to)
            for code_list in version.lists.values():
                for row in code_list:
                    yield from (row.gyldig_fra, row.gyldig_til)


def zone(day: date) -> timezone:
    """Return the offset of Danish time at noon."""
    offset = datetime.combine(day, time(12), DENMARK).utcoffset()
    return timezone(offset or timedelta())


def _working_days(first: date, last: date) -> Iterable[date]:
    days = (first + timedelta(days) for days in range((last - first).days + 1))
    return (day for day in days if day.weekday() < 5 and day not in _HOLIDAYS)


def _by_share(rows: Iterable[Code], shares: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(row.kode for row in rows for _ in range(shares.get(row.kode, 1)))
