"""The messages made for tests, one after the other: the same ones for the same arguments, on every machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time
from random import Random
from typing import Any, NamedTuple

from exchange.api import Exchange
from exchange.model.representation import without
from exchange.testdata.days import SHARES, VISITS, Day, calendar, zone
from exchange.testdata.faults import Case
from exchange.testdata.making import Content, Hoved, Making
from exchange.testdata.mutations import MUTATIONS, Mutation
from exchange.testdata.people import PERSONS, People
from exchange.testdata.rotation import Rotation
from exchange.testdata.wording import Draw, wording

MOST = PERSONS * len(VISITS)
"""So many messages a run has at most: then every person has had one in each period."""

LARGEST = 500_000
"""The largest size of a message, in bytes of XML."""

_TOGETHER = 64
"""So many persons later the first one comes again, in the next period."""

_GUIDS = 1 << 48
_GUID_STEP = 0x5DEECE66D


class Expected(NamedTuple):
    """What a validation must find in an invalid message, and the mutation that it comes of."""

    code: str
    path: str
    mutation: str


class Made(NamedTuple):
    """A message: its dict, its XML, and what must be found in it; None if it is valid.

    A mutation changes the dict and with it the XML, or the XML alone. `hoved` is as it was before any mutation.
    """

    document: dict[str, Any]
    data: bytes
    finding: Expected | None
    hoved: dict[str, Any]

    def __repr__(self) -> str:
        return without(self, "document", "data", "hoved")


def messages(
    exchange: Exchange,
    names: Sequence[str],
    count: int,
    seed: int,
    *,
    size: int = 4096,
    invalid: float = 0.0,
    akassekode: str | None = None,
    mutations: Sequence[Mutation] = MUTATIONS,
) -> Iterator[Made]:
    """Make messages of the types `names`, mixed by fixed shares, for tests; memory does not grow with `count`.

    `size` is the bytes of XML, met within a tenth by every message that has room for text. An interview other than
    a rådighedssamtale has none; three in twenty are such, of a kilobyte or less. `invalid` is the share of
    messages with exactly one mutation; each of `mutations` comes as often as every other, where it fits. All
    are of one fund, `akassekode` or else one chosen by the seed. No person has two interviews at one moment.

    The same arguments give the same bytes, and a longer run begins with the shorter ones. Mutations leave the
    other messages as they are, and a larger share takes in the messages of a smaller one. Raises LookupError for
    a name or a fund that is unknown, ValueError for a number out of range.
    """
    unknown = [name for name in names if name not in SHARES or exchange.catalog.latest(name) is None]
    if unknown or not names:
        raise LookupError(f"no test data for {unknown!r}; there is for {', '.join(SHARES)}")
    if not (0 <= count <= MOST and 0 <= size <= LARGEST and 0 <= invalid <= 1):
        raise ValueError(f"out of range: count to {MOST}, size to {LARGEST} bytes, invalid from 0 to 1")
    usable = [mutation for mutation in mutations if not mutation.messages.isdisjoint(names)]
    if invalid and not usable:
        raise ValueError("no mutation for these messages")
    run = _Run(exchange, names, seed, size, fund(exchange, seed, akassekode))
    return run.messages(count, invalid, usable)


def fund(exchange: Exchange, seed: int, akassekode: str | None = None) -> str:
    """Return the fund of a run: the one named, or one chosen by the seed. Raises LookupError if it is not in force."""
    days = [day.date for days in calendar(exchange) for day in days]
    akasse = exchange.codes("akasse")
    codes = [row.kode for row in akasse.in_force(days[0]) if all(akasse.admits(row.kode, day) for day in days)]
    if akassekode is None and codes:
        return codes[int(_draw(seed, "fund")() * len(codes))]
    if akassekode not in codes:
        raise LookupError(f"no a-kasse of this code is in force in {days[0].year}; `exchange codes akasse` shows them")
    return akassekode


def delivery_header(exchange: Exchange, seed: int, akassekode: str | None = None) -> dict[str, Any]:
    """Return the header of a delivery of a run's messages: leveranceId, oprettet, akassekode, miljoe."""
    last = VISITS[-1][1]
    draw = _draw(seed, "delivery")
    return {
        "leveranceId": _guid(draw, "a", int(draw() * _GUIDS)),
        "oprettet": datetime.combine(last, time(20), zone(last)),
        "akassekode": fund(exchange, seed, akassekode),
        "miljoe": "test",
    }


def _draw(seed: int, purpose: str) -> Draw:
    return Random(f"{seed}/{purpose}").random  # noqa: S311  # is to be foreseen


def _guid(draw: Draw, kind: str, last: int) -> str:
    first, middle = int(draw() * (1 << 48)), int(draw() * (1 << 24))
    return f"{first >> 16:08x}-{first & 0xFFFF:04x}-4{middle >> 12:03x}-{kind}{middle & 0xFFF:03x}-{last:012x}"


class _Run:
    """What one run of messages needs; made once."""

    def __init__(self, exchange: Exchange, names: Sequence[str], seed: int, size: int, akassekode: str) -> None:
        self.exchange = exchange
        self.seed = seed
        self.akassekode = akassekode
        self.draw = _draw(seed, "messages")
        start = _draw(seed, "start")
        self._first_guid = int(start() * _GUIDS)
        self._people = People(int(start() * PERSONS), wording().women, wording().men)
        self._periods = calendar(exchange)
        self._names = tuple(name for name, share in SHARES.items() if name in names for _ in range(share))
        making = Making(self.draw, self._people, wording(), size, self._periods[0][0].in_force.encoders)
        self._make = {"samtale": making.samtale, "minPlanUdkast": making.plan, "kravTilJobsoegning": making.krav}

    def _hoved(self, number: int) -> Hoved:
        draw = self.draw
        # Different numbers are different guids; so are those of the two kinds.
        last = (self._first_guid + number * _GUID_STEP) % _GUIDS

        def hoved(oprettet: datetime) -> Content:
            made: Content = {
                "beskedId": _guid(draw, "8", last),
                "oprettet": oprettet,
                "miljoe": "test",
                "akassekode": self.akassekode,
                "handling": "opret",
            }
            later = draw()
            if later < 0.05:
                made["handling"] = "ret" if later < 0.04 else "annuller"
                made["vedroererBeskedId"] = _guid(draw, "9", last)
            return made

        return hoved

    def _one(self, number: int) -> tuple[str, Content, Day]:
        draw, names = self.draw, self._names
        name = names[int(draw() * len(names))]
        block, place = divmod(number, _TOGETHER * len(VISITS))
        visit, place = divmod(place, _TOGETHER)
        days = self._periods[visit]
        day = days[int(draw() * len(days))]
        person = self._people.person(block * _TOGETHER + place)
        return name, self._make[name](day, person, self._hoved(number)), day

    def messages(self, count: int, invalid: float, usable: Sequence[Mutation]) -> Iterator[Made]:
        """Make the messages."""
        chance, draw = _draw(self.seed, "invalid"), _draw(self.seed, "mutations")
        turns = Rotation(usable, draw)
        for number in range(count):
            name, content, day = self._one(number)
            encode = day.in_force.encoders[name]
            mutated = None
            hoved = content["hoved"]
            if chance() < invalid:
                hoved = dict(hoved)
                mutated = turns.mutate(Case(name, content, day, self.exchange, draw), encode)
            if mutated is None:
                yield Made({name: content}, encode(content).data, None, hoved)
            else:
                mutation, path, data = mutated
                yield Made({name: content}, data, Expected(mutation.code, f"/{name}{path}", mutation.name), hoved)
