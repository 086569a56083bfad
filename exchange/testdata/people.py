"""The persons of messages made for tests: numbers that nobody alive can have, each person another one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

_FIRST, _LAST = date(2040, 1, 1), date(2057, 12, 31)
_BIRTHDAYS = [f"{_FIRST + timedelta(days):%d%m%y}" for days in range((_LAST - _FIRST).days + 1)]
_CENTURY = 5
"""The seventh digits 5 to 8 say 20 for these years."""
_A_DAY = 4 * 1000
PERSONS = len(_BIRTHDAYS) * _A_DAY
"""How many persons there are."""

_STEP = 15_485_863
"""A prime that does not divide PERSONS: steps of this length come to every person before one comes again."""


class People:
    """Persons by their number in a run: different numbers below PERSONS are different persons, with different personnumre.

    Names come with the bytes that they take.
    """

    def __init__(self, start: int, women: Sequence[tuple[int, str]], men: Sequence[tuple[int, str]]) -> None:
        self._start = start
        self._women, self._men = women, men

    def person(self, number: int) -> tuple[int, dict[str, str]]:
        """Return a person as a message names one, and the bytes of the name; every fifth has none, and 0 bytes."""
        at = (self._start + number * _STEP) % PERSONS
        birthday, serial = divmod(at, _A_DAY)
        digits = f"{_BIRTHDAYS[birthday]}{_CENTURY * 1000 + serial}"
        if at % 5 == 0:
            return 0, {"personnummer": digits}
        # The last digit of a man's number is odd.
        names = self._men if serial % 2 else self._women
        size, navn = names[at // 7 % len(names)]
        return size, {"personnummer": digits, "navn": navn}

    def name(self, chance: float) -> tuple[int, str]:
        """Return a name for someone else, chosen by a number from 0 up to, not including, 1."""
        at = int(chance * (len(self._women) + len(self._men)))
        return self._women[at] if at < len(self._women) else self._men[at - len(self._women)]
