"""Makes the values of a source's cells those of a message: texts, numbers, codes, dates and times with a zone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from typing import NamedTuple

from exchange.findings.finding import Finding, Kind
from exchange.findings.mapping_kinds import (
    ROW_CODE_UNTRANSLATED,
    ROW_TIME_DOUBLED,
    ROW_TIME_SKIPPED,
    ROW_TIME_UNREADABLE,
    ROW_ZERO_LOST,
)
from exchange.model.values import DENMARK, read_moment
from exchange.model.values import Kind as ValueKind

Convert = Callable[[object], object]
"""Makes a cell's value that of a message. Raises Unfit. A text is given without white space around it, and never empty."""

_DIRECTIVES = {
    "%d": "(?P<day>[0-9]{1,2})",
    "%m": "(?P<month>[0-9]{1,2})",
    "%Y": "(?P<year>[0-9]{4})",
    "%H": "(?P<hour>[0-9]{1,2})",
    "%M": "(?P<minute>[0-9]{2})",
    "%S": "(?P<second>[0-9]{2})",
}
DIRECTIVES = " ".join(_DIRECTIVES)
"""What a format may hold. All are digits: names of months and two-digit years are read differently from place to place."""

_PARTS = ("year", "month", "day", "hour", "minute", "second")


class Unfit(Exception):
    """A value that cannot become the element's: the kind of finding, and the words of its texts."""

    def __init__(self, kind: Kind, words: Mapping[str, object]) -> None:
        super().__init__(kind.code)
        self.kind = kind
        self.words = words

    def at(self, path: str) -> Finding:
        """Return the finding at a path of the message."""
        return self.kind.found(path, self.words)


class Clock(NamedTuple):
    """How a time without an offset is read: its format (None: ISO), its zone, and which of a doubled hour is meant."""

    format: str | None = None
    zone: tzinfo = DENMARK
    doubled_hour: str | None = None


def text_of(value: object) -> str:
    """Return a cell's value as text; of a number without a fraction its digits alone."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    # Not by `%`: it fails beyond the precision of the context. Not by `int`: its text has a limit.
    if isinstance(value, Decimal) and value.is_finite() and value == (whole := value.to_integral_value()):
        return f"{whole:f}"
    return value.isoformat() if isinstance(value, date | time) else str(value)


def to_integer(value: object) -> object:
    """Return a whole number of any of Python's number types as int; a text as it is."""
    text = text_of(value)
    return int(text) if not isinstance(value, str) and re.fullmatch("-?[0-9]{1,18}", text) else text


def to_boolean(value: object) -> object:
    """Return a boolean, and the number 1 or 0, as bool; a text as it is."""
    return bool(value) if isinstance(value, int) and value in (0, 1) else text_of(value)


def to_date(form: str | None) -> Convert:
    """Return what reads a date: in a format, or ISO text. A date and time of the source counts by its date, in Denmark."""
    parse = _parser(form)

    def convert(value: object) -> object:
        if isinstance(value, date):
            if not isinstance(value, datetime):
                return value
            # A database gives midnight in Denmark as the evening before in UTC.
            return (value if value.tzinfo is None else value.astimezone(DENMARK)).date()
        # ISO text is what the schema judges.
        return text_of(value) if form is None else parse(text_of(value)).date()

    return convert


def to_datetime(clock: Clock) -> Convert:
    """Return what reads a date and time: in a format, or ISO text. One without an offset is the clock's zone's."""
    parse = _parser(clock.format)
    zone, doubled_hour = clock.zone, clock.doubled_hour

    def convert(value: object) -> object:
        moment = value if isinstance(value, datetime) else parse(value if isinstance(value, str) else text_of(value))
        return moment if moment.tzinfo is not None else _in_zone(moment, zone, doubled_hour)

    return convert


def _in_zone(moment: datetime, zone: tzinfo, doubled_hour: str | None) -> datetime:
    # Twice as fast as to replace the zone, and as to ask the times for their offsets.
    first = datetime.combine(moment.date(), moment.time(), zone)
    before, after = zone.utcoffset(first), zone.utcoffset(first.replace(fold=1))
    if before == after:
        return first
    if before is not None and after is not None and before < after:
        raise Unfit(ROW_TIME_SKIPPED, {})
    if doubled_hour is None:
        raise Unfit(ROW_TIME_DOUBLED, {})
    return first if doubled_hour == "first" else first.replace(fold=1)


def format_pattern(form: str, needed: Sequence[str] = ("year", "month", "day")) -> re.Pattern[str]:
    """Return what matches a format of DIRECTIVES. Raises ValueError for any other, and for one that lacks what is needed."""
    pattern = re.sub(r"%.?|[^%]+", lambda part: _DIRECTIVES.get(part[0]) or _literal(part[0]), form)
    try:
        compiled = re.compile(pattern)
    except re.error:  # a directive that stands twice
        raise ValueError(form) from None
    parts = [part for part in _PARTS if part in compiled.groupindex]
    # No part may be left out between two others: an hour without its minutes would be the full hour.
    if not compiled.groupindex.keys() >= set(needed) or parts != list(_PARTS[: len(parts)]):
        raise ValueError(form)
    return compiled


def _literal(part: str) -> str:
    if part.startswith("%"):
        raise ValueError(part)
    return re.escape(part)


def _parser(form: str | None) -> Callable[[str], datetime]:
    """Return what reads a date and time. Raises Unfit."""
    pattern = None if form is None else format_pattern(form)
    # The order in which the parts stand in the text, as that of datetime's arguments.
    order = [] if pattern is None else [pattern.groupindex[part] for part in _PARTS if part in pattern.groupindex]

    def parse(text: str) -> datetime:
        try:
            if pattern is None:
                return read_moment(text.replace(" ", "T", 1))
            found = pattern.fullmatch(text)
            if found is not None:
                return datetime(*map(int, found.group(*order)))  # type: ignore[arg-type]  # fewer than that
        except ValueError:
            pass
        raise Unfit(ROW_TIME_UNREADABLE, {"expected": form or "YYYY-MM-DD hh:mm:ss"})

    return parse


def translated(table: Mapping[str, object]) -> Convert:
    """Return what translates a value by a table."""

    def convert(value: object) -> object:
        found = table.get(value if isinstance(value, str) else text_of(value))
        if found is None:
            raise Unfit(ROW_CODE_UNTRANSLATED, {})
        return found

    return convert


def with_zeros(width: int, convert: Convert, *, restore: bool, known: frozenset[str]) -> Convert:
    """Return what recognises numbers of `width` digits that have lost a leading zero, and restores it if it is to.

    `known` are the list's codes; empty for a number that may be any.
    """

    def converted(value: object) -> object:
        text = convert(value)
        if isinstance(text, str) and len(text) == width - 1 and text.isdecimal() and text.isascii():
            whole = f"0{text}"
            if not known or (whole in known and text not in known):
                if restore:
                    return whole
                raise Unfit(ROW_ZERO_LOST, {"found": len(text), "expected": width})
        return text

    return converted


def without(characters: str) -> Convert:
    """Return what removes characters, such as the hyphen of a personnummer."""
    table = str.maketrans("", "", characters)
    return lambda value: text_of(value).translate(table)


PLAIN: dict[ValueKind, Convert] = {"string": text_of, "integer": to_integer, "boolean": to_boolean}
"""How the values become those of a kind that needs no options. Text is kept: the schema judges it."""
