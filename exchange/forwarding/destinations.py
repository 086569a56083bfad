"""Determines where each message of a delivery goes: to the person's kommune, and a correction to where its original went."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from exchange.errors import ForwardRefused
from exchange.forwarding.routes import kommunekode
from exchange.model.code_lists import CodeList

Route = Callable[[str], str | None]
"""Returns the kommunekode of a personnummer, None if it is not known."""


def key(besked_id: str) -> int:
    """Return a beskedId as a number: upper and lower case are the same."""
    return int(besked_id.replace("-", ""), 16)


class _Original(NamedTuple):
    """A message that another one corrects: the kommune of its own person, and what it corrects itself."""

    own: str | None
    earlier: int | None


class Destinations:
    """The destinations of messages, with the originals of corrections in this delivery and in earlier ones.

    `before` has the kommune of each original in earlier deliveries. Before the first `place`, every message of the delivery
    whose key is in `corrected` has to be added.
    """

    def __init__(self, route: Route, kommuner: CodeList, corrected: set[int], before: dict[int, str]) -> None:
        self._route = route
        self._kommuner = kommuner
        self._corrected = corrected
        self._before = before
        self._here: dict[int, _Original] = {}
        self._known: dict[str, str] = {}

    def add(self, besked_id: str, personnummer: str | None, earlier: str | None) -> None:
        """Add a message, if another corrects it; nothing is kept of others."""
        number = key(besked_id)
        if number in self._corrected:
            self._here[number] = _Original(self._own(personnummer), None if earlier is None else key(earlier))

    def place(self, besked_id: str, personnummer: str | None, earlier: str | None) -> str | None:
        """Return the kommune that a message goes to, None for the remainder.

        One that corrects another follows it, also through several corrections, and also into the remainder; where
        the other is not known it goes by its own person. Those that correct each other in a circle stay together:
        the first of them that is asked for decides.
        Raises ForwardRefused if the route returns what is no kommune, and what the route raises.
        """
        if earlier is None:
            return self._own(personnummer)
        at = key(besked_id)
        original = self._here.get(at) or _Original(self._own(personnummer), key(earlier))
        visited: dict[int, _Original] = {}
        while at not in visited:
            visited[at] = original
            following = original.earlier
            if following is None:
                break
            if following in self._here:
                at, original = following, self._here[following]
            else:
                original = _Original(self._before.get(following, original.own), None)
                break
        for number in visited:
            # Next time this is found at once: a chain may be as long as the delivery, and a circle has no end.
            if number in self._here:
                self._here[number] = _Original(original.own, None)
        return original.own

    def _own(self, personnummer: str | None) -> str | None:
        code = None if personnummer is None else self._route(personnummer)
        if code is None:
            return None
        kommune = self._known.get(code)
        if kommune is None:
            kommune = kommunekode(code, self._kommuner)
            if kommune is None:
                raise ForwardRefused(
                    "route – gave what is no kommune – expected a code of the list, e.g. 0101, or nothing"
                )
            self._known[code] = kommune
        return kommune
