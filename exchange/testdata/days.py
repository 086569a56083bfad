"""The working days on which messages made for tests come about, and what is in force on each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta, timezone
from functools import cached_property
from itertools import pairwise

from exchange.api import Exchange
from exchange.codelists import Code
from exchange.encode import Encoder
from exchange.rules.samtale import CV_SAMTALE, HENVISNING, MOEDE_PAA_ARBEJDE, RAADIGHEDSSAMTALE
from exchange.values import DENMARK

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


class Day:
    """A working day, and the `deadlines` that agreements of it have. What is in force is looked up when first asked for."""

    def __init__(self, exchange: Exchange, day: date, following: date) -> None:
        self.date = day
        self.deadlines = tuple(day + timedelta(weeks=weeks) for weeks in range(1, 10))
        self.following = following
        self._exchange = exchange

    @cached_property
    def zone(self) -> timezone:
        """The offset of Danish time in working hours."""
        return zone(self.date)

    def at(self, minute: int, second: int = 0) -> datetime:
        """Give a moment of the day, `minute` minutes after midnight."""
        day = self.date
        return datetime(day.year, day.month, day.day, minute // 60, minute % 60, second, 0, self.zone)

    def after(self, minute: int, second: int) -> datetime:
        """Give a moment of the working day that follows."""
        return datetime.combine(self.following, time(minute // 60, minute % 60, second), zone(self.following))

    @cached_property
    def encoders(self) -> dict[str, Encoder]:
        """The writer of each message's version in force, by the message's name."""
        versions = (self._exchange.catalog.latest(name, self.date) for name in SHARES)
        return {version.name: version.encode for version in versions if version is not None}

    @cached_property
    def types(self) -> tuple[str, ...]:
        """The types of interview, each as often as it is to come; none that a rule warns of."""
        return _by_share(self._in_force("samtaletype"), _TYPES)

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """The forms of an interview."""
        return tuple(form for form in self.forms_of_referral if form != MOEDE_PAA_ARBEJDE)

    @cached_property
    def forms_of_referral(self) -> tuple[str, ...]:
        """The forms of a henvisning, which knows one more."""
        return _by_share(self._in_force("form"), _FORMS)

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """The roles of participants."""
        return tuple(row.kode for row in self._in_force("deltagerrolle"))

    @cached_property
    def verdicts(self) -> tuple[str, ...]:
        """The assessments of availability."""
        return _by_share(self._in_force("raadighedsvurdering"), _VERDICTS)

    @cached_property
    def regions(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The regions, each with its kommuner."""
        kommuner = self._in_force("kommune")
        return tuple(
            (row.kode, tuple(kommune.kode for kommune in kommuner if kommune.extra.get("region") == row.navn))
            for row in self._in_force("region")
        )

    def forms_for(self, samtaletype: str) -> tuple[str, ...]:
        """Give the forms that an interview of a type can have."""
        return self.forms_of_referral if samtaletype == HENVISNING else self.forms

    def _in_force(self, name: str) -> tuple[Code, ...]:
        return self._exchange.codes(name).in_force(self.date)


def calendar(exchange: Exchange) -> list[list[Day]]:
    """Give the working days of each period; the last of them only follows the one before it."""
    periods = [list(_working_days(*period)) for period in VISITS]
    return [[Day(exchange, *pair) for pair in pairwise(days)] for days in periods]


def zone(day: date) -> timezone:
    """Give the offset of Danish time at noon."""
    offset = datetime.combine(day, time(12), DENMARK).utcoffset()
    return timezone(offset or timedelta())


def _working_days(first: date, last: date) -> Iterable[date]:
    days = (first + timedelta(days) for days in range((last - first).days + 1))
    return (day for day in days if day.weekday() < 5 and day not in _HOLIDAYS)


def _by_share(rows: Iterable[Code], shares: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(row.kode for row in rows for _ in range(shares.get(row.kode, 1)))
