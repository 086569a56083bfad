"""What mutations are made of: steps that put one fault into a message's dict, or into its XML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from exchange.api import Exchange
from exchange.model.code_lists import CodeList
from exchange.model.representation import without
from exchange.testdata.days import Day
from exchange.testdata.wording import Draw


class Case(NamedTuple):
    """A message to put a fault into: its name, the dict below the root's name, the day it came about."""

    name: str
    content: dict[str, Any]
    day: Day
    exchange: Exchange
    draw: Draw

    def __repr__(self) -> str:
        return without(self, "content")


InDict = Callable[[Case], str | None]
"""Changes the dict; gives the path of the fault below the root, or None if the message has no place for it."""

InXml = Callable[[str], tuple[str, str] | None]
"""Gives the XML changed, and the path of the fault below the root; None if the message has no place for it."""

New = Callable[[Any, Case], Any]
"""Gives a value for the one that stands there (None: none does), or None if there is none to put."""


def put(where: str, new: New | str | int, *, below: str = "") -> InDict:
    """Put another value at a path below the root; of a list, into one of its entries. What is found lies `below`."""

    def change(case: Case) -> str | None:
        found = _find(case, where)
        if found is None:
            return None
        holder, key, path = found
        old = holder[key] if isinstance(holder, list) else holder.get(key)
        value = new(old, case) if callable(new) else new
        if value is None:
            return None
        holder[key] = value
        return path + below

    return change


def drop(where: str) -> InDict:
    """Take away what stands at a path below the root."""

    def change(case: Case) -> str | None:
        found = _find(case, where)
        if found is None or found[1] not in found[0]:
            return None
        holder, key, path = found
        del holder[key]
        return path

    return change


def _find(case: Case, where: str) -> tuple[Any, Any, str] | None:
    holder: Any = None
    inner: Any = case.content
    key: Any = None
    path = ""
    for step in where.split("/"):
        holder = inner
        if isinstance(holder, list):
            if not holder:
                return None
            key = int(case.draw() * len(holder))
            path += f"/{step}[{key + 1}]"
            inner = holder[key]
        elif isinstance(holder, dict):
            key = step
            path += f"/{step}"
            inner = holder.get(key)
        else:
            return None
    return holder, key, path


def long(length: int) -> New:
    """Return a text of so many characters: the value, repeated."""
    return lambda old, _: ((old or "Prøve ") * (length // len(old or "Prøve ") + 1))[:length]


def written(spell: Callable[[Any], object]) -> New:
    """Return a change that writes the value otherwise."""
    return lambda old, _: None if old is None else spell(old)


def number_of_another_system(name: str) -> New:
    """Return a number by which another system than the list `name` knows a code."""

    def new(_: Any, case: Case) -> str | None:
        code_list = case.exchange.codes(name)
        numbers = sorted(set(_others(code_list)))
        return numbers[int(case.draw() * len(numbers))] if numbers else None

    return new


def _others(code_list: CodeList) -> Iterable[str]:
    for row in code_list:
        for number in (row.star_kode, row.extra.get("dst_kode")):
            if number and code_list.get(number) is None:
                yield number


def misspelled(old: Any, _: Case) -> str | None:
    """Return a code with its last letter doubled."""
    return None if old is None else f"{old}{old[-1]}"


def unknown_number(old: Any, _: Case) -> str | None:
    """Return a code of digits as long as the one that stands there, all nines: no list has it."""
    return None if old is None else "9" * len(old)


def rewritten(pattern: str, by: str, path: str) -> InXml:
    """Rewrite the first place in the XML that a pattern finds; what is found then is at `path`."""

    def change(xml: str) -> tuple[str, str] | None:
        changed, times = re.subn(pattern, by, xml, count=1, flags=re.DOTALL)
        return (changed, path) if times else None

    return change
