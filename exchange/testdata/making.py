"""Makes the content of one message for tests: realistic, of a chosen size, and free of findings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from exchange.testdata.days import Day
from exchange.testdata.people import People
from exchange.testdata.wording import Draw, Stilling, Wording, size_of, tags
from exchange.validation.rules.samtale import RAADIGHEDSSAMTALE
from exchange.xml.writer import Encoder

Content = dict[str, Any]
Hoved = Callable[[datetime], Content]
"""Makes the `hoved` of a message that was made at that moment."""

_CHARACTERS = 4050
"""The length of a long text. A text has at least as many bytes as characters, so bytes may be counted."""

_GUID = "00000000-0000-4000-8000-000000000000"
_HOVED = {
    "beskedId": _GUID,
    "oprettet": "2026-01-05T12:00:00+01:00",
    "miljoe": "test",
    "akassekode": "00",
    "handling": "opret",
}
_COMMON = {"hoved": _HOVED, "person": {"personnummer": "0" * 10}}
_BARE: dict[str, Content] = {
    "samtale": {**_COMMON, "tidspunkt": _HOVED["oprettet"], "samtaletype": "", "form": ""},
    "minPlanUdkast": {**_COMMON, "jobmaal": [], "plan": {"forslag": "", "begrundelse": ""}},
    "kravTilJobsoegning": {
        **_COMMON,
        "fagomraader": [],
        "geografi": {},
        "omfang": {"antal": 1, "periode": "uge"},
        "formaal": "ordinaer-beskaeftigelse",
        "stillingskilder": [],
    },
}
"""What every message has; the bytes of all else are counted while it is put there."""

_NAVN = tags("navn")
_VEDROERER = tags("vedroererBeskedId") + len(_GUID)
_VURDERING = tags("raadighedsvurdering", "vurdering")
_DELTAGERE, _DELTAGER = tags("deltagere"), tags("deltager", "navn", "rolle", "form")
_AFTALER, _AFTALE = tags("aftaler"), tags("aftale", "tekst")
_FRIST = tags("frist") + len("2026-11-20")
_ESCO, _DISCO = tags("esco"), tags("disco") + 4
_FAGOMRAADE = tags("fagomraade", "navn", "stillinger")
_STILLING = tags("stilling", "betegnelse")
_FORSLAG = tags("forslag", "stillingsbetegnelse")
_BEGRUNDELSE = tags("begrundelse")
_UPLOAD = tags("upload", "antal", "periode") + 6
_OEVRIGE = tags("oevrigeKrav")
_HELE_LANDET = tags("heleLandet") + 4
_REGION, _KOMMUNE = tags("regioner", "region") + 4, tags("kommune") + 4
_KOMMUNER = tags("kommuner")
_TRANSPORTTID = tags("transporttid") + 3
_BESKRIVELSE = tags("beskrivelse")
_KILDE = tags("kilde")

_HOW_MANY = (0,) * 9 + (1,) * 6 + (2,) * 3 + (3, 4)
"""How many participants an interview has, each number as often as it is to come."""


class Making:
    """Makes messages of about `size` bytes one by one; all that is random comes from `draw`."""

    def __init__(self, draw: Draw, people: People, wording: Wording, size: int, encoders: dict[str, Encoder]) -> None:
        self.draw = draw
        self.people = people
        self.wording = wording
        self._free = {name: size - len(encoders[name](bare).data) for name, bare in _BARE.items() if name in encoders}
        # The bytes that the message at hand still has room for; below 0 for one that is to be smaller than any can be.
        self._room = 0

    def samtale(self, day: Day, person: tuple[int, dict[str, str]], hoved: Hoved) -> Content:
        """Make an interview. Only a rådighedssamtale has texts to fill its room."""
        draw = self.draw
        start = 480 + 15 * int(draw() * 31)
        content = self._begin("samtale", person, hoved(self._reported(day, start)))
        content["tidspunkt"] = day.at(start)
        content["samtaletype"] = samtaletype = self._one_of(day.in_force.types)
        content["form"] = self._one_of(day.in_force.forms_for(samtaletype))
        self._room -= len(samtaletype) + len(content["form"])
        assessed = samtaletype == RAADIGHEDSSAMTALE
        if assessed:
            content["raadighedsvurdering"] = assessment = {"vurdering": self._one_of(day.in_force.verdicts)}
            self._room -= _VURDERING + len(assessment["vurdering"])
        many = min(self._one_of(_HOW_MANY), self._room // (260 if assessed else 130))
        if many > 0:
            content["deltagere"] = self._deltagere(many, day)
        if assessed:
            if self._room > 500 and draw() < 0.8:
                assessment["begrundelse"] = self._why(assessment["vurdering"])
            aftaler = self._aftaler(day)
            if aftaler:
                content["aftaler"] = aftaler
        return content

    def plan(self, day: Day, person: tuple[int, dict[str, str]], hoved: Hoved) -> Content:
        """Make a draft plan. What its two texts cannot hold of its size, job goals do."""
        draw, first, second = self.draw, self.wording.forslag, self.wording.begrundelse
        content = self._begin("minPlanUdkast", person, hoved(self._sent(day)))
        goals = max(self._room // 6, self._room - 2 * _CHARACTERS)
        content["jobmaal"] = self._stillinger(goals)
        share = int(self._room * (0.45 + 0.15 * draw()))
        size, forslag = first.fill(max(first.least, min(share, self._room - second.least, _CHARACTERS)), draw)
        self._room -= size
        _, begrundelse = second.fill(max(second.least, min(self._room, _CHARACTERS)), draw)
        content["plan"] = {"forslag": forslag, "begrundelse": begrundelse}
        return content

    def krav(self, day: Day, person: tuple[int, dict[str, str]], hoved: Hoved) -> Content:
        """Make requirements for the job search. What their texts cannot hold of their size, job titles do."""
        draw, pool = self.draw, self.wording.krav
        content = self._begin("kravTilJobsoegning", person, hoved(self._sent(day)))
        searches = 1 + int(draw() * 3)
        content["omfang"] = {"antal": searches, "periode": "uge"}
        content["formaal"] = "ordinaer-beskaeftigelse"
        content["geografi"] = self._geografi(day)
        content["stillingskilder"] = self._kilder()
        if self._room > 400 and draw() < 0.8:
            content["upload"] = {"antal": 1 + int(draw() * searches), "periode": self._one_of(("uge", "maaned"))}
            self._room -= _UPLOAD
        content["fagomraader"] = self._fagomraader(max(self._room // 3, self._room - _CHARACTERS))
        self._room -= _OEVRIGE
        if self._room >= pool.least:
            _, content["oevrigeKrav"] = pool.fill(min(self._room, _CHARACTERS), draw)
        return content

    def _one_of(self, choices: Sequence[Any]) -> Any:
        return choices[int(self.draw() * len(choices))]

    def _begin(self, name: str, person: tuple[int, dict[str, str]], hoved: Content) -> Content:
        size, named = person
        self._room = self._free[name]
        if size:
            self._room -= _NAVN + size
        if "vedroererBeskedId" in hoved:
            self._room -= _VEDROERER
        return {"hoved": hoved, "person": named}

    def _reported(self, day: Day, start: int) -> datetime:
        """Return the moment at which an interview is reported: mostly when it is over, else the next working morning."""
        later = self.draw()
        second = int(self.draw() * 60)
        if later < 0.12:
            return day.after(480 + int(later * 1000), second)
        return day.at(start + 20 + int(later * 100), second)

    def _sent(self, day: Day) -> datetime:
        return day.at(490 + int(self.draw() * 480), int(self.draw() * 60))

    def _deltagere(self, many: int, day: Day) -> list[dict[str, str]]:
        draw, roles = self.draw, day.in_force.roles
        # One role after the other, so that nobody is there twice.
        turn = int(draw() * len(roles))
        self._room -= _DELTAGERE
        found = []
        for number in range(turn, turn + min(many, len(roles))):
            size, navn = self.people.name(draw())
            rolle, form = roles[number % len(roles)], self._one_of(day.in_force.forms)
            found.append({"navn": navn, "rolle": rolle, "form": form})
            self._room -= _DELTAGER + size + len(rolle) + len(form)
        return found

    def _why(self, vurdering: str) -> str:
        pools = self.wording.vurdering
        pool = pools.get(vurdering) or next(iter(pools.values()))
        size, text = pool.near(max(pool.least, int(pool.most * (0.4 + 0.6 * self.draw()))), self.draw)
        self._room -= _BEGRUNDELSE + size
        return text

    def _aftaler(self, day: Day) -> list[Content]:
        """Return as many agreements as fill the room; the more room there is, the longer each."""
        draw, pool, deadlines = self.draw, self.wording.aftale, day.deadlines
        texts, turn = pool.in_turn, int(draw() * len(pool.in_turn))
        room = self._room - _AFTALER
        length = min(room // 14, 3600)
        long, least = length > pool.most, _AFTALE + pool.least
        last = least + _AFTALE + _FRIST
        found = []
        while room >= least:
            turn = (turn + 1) % len(texts)
            size, text = pool.fill(length, draw) if long else texts[turn]
            aftale: Content = {"tekst": text}
            found.append(aftale)
            chance = draw()
            if chance < 0.6 and room > 250:
                aftale["frist"] = deadlines[int(chance / 0.6 * len(deadlines))]
                room -= _FRIST
            if room - size < last:
                # The last one takes what is left.
                _, aftale["tekst"] = pool.fill(min(room - _AFTALE, _CHARACTERS), draw)
                break
            room -= _AFTALE + size
        return found

    def _geografi(self, day: Day) -> Content:
        draw = self.draw
        if draw() < 0.08:
            self._room -= _HELE_LANDET
            return {"heleLandet": True}
        region, kommuner = self._one_of(day.in_force.regions)
        geografi: Content = {"regioner": [region]}
        self._room -= _REGION
        if self._room > 500 and kommuner and draw() < 0.7:
            turn = int(draw() * len(kommuner))
            some = sorted({kommuner[number % len(kommuner)] for number in range(turn, turn + 1 + int(draw() * 5))})
            geografi["kommuner"] = some
            self._room -= _KOMMUNER + _KOMMUNE * len(some)
        if self._room > 400 and draw() < 0.6:
            geografi["transporttid"] = 60 + 30 * int(draw() * 5)
            self._room -= _TRANSPORTTID
        if self._room > 1000 and draw() < 0.7:
            room = 150 + int(draw() * min(self._room // 5, 800))
            size, geografi["beskrivelse"] = self.wording.omraade.fill(room, draw)
            self._room -= _BESKRIVELSE + size
        return geografi

    def _kilder(self) -> list[dict[str, str]]:
        found = []
        for kilde, size in self.wording.kilder[: 1 + int(self.draw() * 4) if self._room > 700 else 1]:
            found.append(dict(kilde))
            self._room -= _KILDE + size
        return found

    def _fagomraader(self, room: int) -> list[Content]:
        """Return fields of work that fill so much of the room, each with some of its job titles."""
        fagomraader = self.wording.fagomraader
        turn = int(self.draw() * len(fagomraader))
        left = self._room - room
        found: list[Content] = []
        while not found or self._room - left > 350:
            turn = (turn + 1) % len(fagomraader)
            navn, rows = fagomraader[turn]
            # Where they are to hold very much, titles with other terms come to those of the field.
            if room > 6000:
                rows = rows + tuple(self._one_of(self.wording.stillinger) for _ in range(room // 4000))
            some = rows[: 1 + int(self.draw() * len(rows))] if room > 500 else rows[:1]
            self._room -= _FAGOMRAADE + size_of(navn)
            stillinger = [self._stilling("betegnelse", _STILLING, row) for row in some]
            found.append({"navn": navn, "stillinger": stillinger})
        return found

    def _stillinger(self, room: int) -> list[dict[str, str]]:
        """Return job titles that fill so much of the room, at least one."""
        stillinger = self.wording.stillinger
        turn = int(self.draw() * len(stillinger))
        left = self._room - room
        found: list[dict[str, str]] = []
        while not found or self._room - left > 200:
            turn = (turn + 1) % len(stillinger)
            found.append(self._stilling("stillingsbetegnelse", _FORSLAG, stillinger[turn]))
        return found

    def _stilling(self, element: str, bare: int, row: Stilling) -> dict[str, str]:
        entry = {element: row.title}
        self._room -= bare + row.size
        known = self.draw()
        if known < 0.5 and self._room > 500:
            entry["esco"] = row.esco
            self._room -= _ESCO + len(row.esco)
        if known > 0.25:
            entry["disco"] = row.disco
            self._room -= _DISCO
        return entry
