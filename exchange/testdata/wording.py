"""The texts of messages made for tests: sentences of wording.toml put together once, then taken by size."""

from __future__ import annotations

import tomllib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import chain, product, zip_longest
from pathlib import Path
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from exchange.xml.writer import escape

Draw = Callable[[], float]
"""`Random.random`: of all that module promises, only this gives the same numbers in every version of Python."""

_AMONG = 6
"""So many of the texts that fit are chosen from."""


def size_of(text: str) -> int:
    """Return the bytes that a text takes as XML."""
    return len(escape(text).encode())


def tags(*names: str) -> int:
    """Return the bytes of the start and end tags of these elements."""
    return sum(2 * len(name) + len("<></>") for name in names)


class Pool:
    """Texts of one kind, of many sizes."""

    def __init__(self, themes: Iterable[dict[str, Any]]) -> None:
        full: list[list[str]] = []
        shorter: list[str] = []
        for theme in themes:
            opens, goes_on, ends = theme["opens"], theme["goes_on"], theme["ends"]
            # The opening changes fastest, so that neighbours of one theme have little in common.
            full.append([" ".join((a, b, c)) for c, b, a in product(ends, goes_on, opens)])
            shorter += chain(opens, map(" ".join, product(opens, goes_on)), map(" ".join, product(opens, ends)))
        in_turn = [text for texts in zip_longest(*full) for text in texts if text is not None]
        self.in_turn = [(size_of(text), text) for text in in_turn]
        """Texts of three sentences with their sizes; one theme after the other takes its turn."""
        self._by_size = sorted((size_of(text), text) for text in (*in_turn, *shorter))
        self._sizes = [size for size, _ in self._by_size]
        self.least, self.most = self._sizes[0], self._sizes[-1]

    def near(self, room: int, draw: Draw) -> tuple[int, str]:
        """Return one of the texts that fill `room` bytes best, and its size; `room` is at least `least`."""
        return self._by_size[max(0, bisect_right(self._sizes, room) - 1 - int(draw() * _AMONG))]

    def fill(self, room: int, draw: Draw) -> tuple[int, str]:
        """Return a text of nearly `room` bytes, never more, and its size: several texts one after the other, if need be."""
        if room <= self.most:
            return self.near(room, draw)
        texts, parts, left = self.in_turn, [], room
        turn = int(draw() * len(texts))
        while left > self.most:
            turn = (turn + 1) % len(texts)
            size, text = texts[turn]
            if left - size - 1 < self.least:
                size, text = self.near(left // 2, draw)
            parts.append(text)
            left -= size + 1
        size, text = self.near(left, draw)
        if text == parts[-1]:
            size, text = self.near(size - 1, draw)
        parts.append(text)
        return room - left + size, " ".join(parts)


class Stilling(NamedTuple):
    """A job title with the bytes it takes, its number in DISCO-08, and a URI as of ESCO's, made up."""

    title: str
    size: int
    disco: str
    esco: str


class Wording(NamedTuple):
    """All that messages made for tests say; sources of vacancies and names with their bytes."""

    aftale: Pool
    vurdering: dict[str, Pool]
    forslag: Pool
    begrundelse: Pool
    krav: Pool
    omraade: Pool
    fagomraader: tuple[tuple[str, tuple[Stilling, ...]], ...]
    stillinger: tuple[Stilling, ...]
    kilder: tuple[tuple[dict[str, str], int], ...]
    women: tuple[tuple[int, str], ...]
    men: tuple[tuple[int, str], ...]


@cache
def wording() -> Wording:
    """Read wording.toml and put its sentences together."""
    content = tomllib.loads(Path(__file__).with_name("wording.toml").read_text("utf-8"))
    navne = content["navne"]
    fagomraader = tuple((row["navn"], tuple(_stillinger(row["stillinger"], ("",)))) for row in content["fagomraade"])
    rows = [row for fagomraade in content["fagomraade"] for row in fagomraade["stillinger"]]
    return Wording(
        aftale=Pool(content["aftale"]),
        vurdering={theme["code"]: Pool([theme]) for theme in content["vurdering"]},
        forslag=Pool(content["forslag"]),
        begrundelse=Pool(content["begrundelse"]),
        krav=Pool(content["krav"]),
        omraade=Pool(content["omraade"]),
        fagomraader=fagomraader,
        stillinger=tuple(_stillinger(rows, content["vilkaar"]["tilfoejet"])),
        kilder=tuple((row, sum(tags(name) + size_of(text) for name, text in row.items())) for row in content["kilde"]),
        women=tuple(_names(navne["kvinder"], navne["efternavne"])),
        men=tuple(_names(navne["maend"], navne["efternavne"])),
    )


def _stillinger(rows: Sequence[Sequence[str]], terms: Sequence[str]) -> Iterable[Stilling]:
    for term, (title, disco) in product(terms, rows):
        esco = f"http://data.europa.eu/esco/occupation/{uuid5(NAMESPACE_URL, title)}"
        yield Stilling(f"{title}{term}", size_of(f"{title}{term}"), disco, esco)


def _names(first: Sequence[str], family: Sequence[str]) -> Iterable[tuple[int, str]]:
    # First names change fastest, so that neighbours are not of one family.
    return ((size_of(name), name) for name in (f"{one} {other}" for other, one in product(family, first)))
