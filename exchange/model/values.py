"""Simple values: their lexical form in XML, their Python type, and how they are shown to people."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

Kind = Literal["string", "integer", "boolean", "date", "dateTime"]

LONGEST_PATH = 4096
"""So much of a file's name is shown."""

MASK = "**********"
"""Stands for a confidential value. Ten of them whatever the value: even a length can tell."""

DENMARK = ZoneInfo("Europe/Copenhagen")

XML_SPACE = " \t\n\r"
_HARMLESS = re.compile(r"[A-Za-z0-9æøåÆØÅ_.:+/#-]{0,40}")
_NAME = re.compile(r"[A-Za-zæøåÆØÅ_][A-Za-z0-9æøåÆØÅ_.-]{0,39}")
# Latin letters and common typography. Elsewhere there are too many characters that look like nothing, or like another.
_SEEN = re.compile("[\x20-\x7e\xa1-\xac\xae-\u024f\u2010-\u2027\u2030-\u203a\u20ac]")
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?"
)
_LONG_NUMBER = re.compile(r"[0-9]{6}")
# As any program writes a time, right or wrong: with up to nine decimals, and the name of a time zone.
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?(?:\[[A-Za-z_/+-]{1,40}\])?"
)
# Compiled when first needed: a class this wide takes the compiler longer than all of this module.
_NOT_IN_XML = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


def read_day(text: str) -> date:
    """Read a date written YYYY-MM-DD. Raises ValueError for any other text.

    `date.fromisoformat` also reads week dates and dates without hyphens, which no other reader here accepts.
    """
    if not _DAY.fullmatch(text):
        raise ValueError("expected a date, e.g. 2026-11-20")
    return date.fromisoformat(text)


def read_moment(text: str) -> datetime:
    """Read a date and time written YYYY-MM-DDThh:mm[:ss[.ffffff]], with or without an offset. Raises ValueError for any other text."""
    if not _MOMENT.fullmatch(text):
        raise ValueError("expected a date and time, e.g. 2026-11-20T14:05:00+01:00")
    return datetime.fromisoformat(text)


def danish_time(moment: datetime) -> datetime:
    """Return an aware `moment` in Danish local time.

    A moment so near to an end of Python's calendar that its local time lies beyond becomes that end.
    """
    try:
        return moment.astimezone(DENMARK)
    except OverflowError:
        end = datetime.min if moment.year == 1 else datetime.max.replace(microsecond=0)
        return end.replace(tzinfo=DENMARK)


def danish_date(moment: datetime) -> date:
    """Return the local date in Denmark of an aware `moment`; see `danish_time`."""
    return danish_time(moment).date()


def moved(moment: datetime, by: timedelta) -> datetime:
    """Give `moment` + `by`, at most up to an end of Python's calendar."""
    try:
        return moment + by
    except OverflowError:
        end = datetime.min if by < timedelta() else datetime.max.replace(microsecond=0)
        return end.replace(tzinfo=UTC)


def fits_xml(text: str) -> bool:
    """True if XML 1.0 (section 2.2) can hold every character of `text`."""
    return re.search(_NOT_IN_XML, text) is None


def is_encodable(text: str) -> bool:
    """Return False for a text with a lone surrogate: a byte that was not readable, or half a character in JSON."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def visible(text: str, limit: int = 200) -> str:
    """Escape characters that cannot be seen, or look like another, and cut at `limit` characters."""
    cut = text if len(text) <= limit else text[:limit] + "…"
    return "".join(c if _SEEN.match(c) else f"\\u{ord(c):04x}" for c in cut)


def shown(text: str, *, confidential: bool, show_values: bool) -> str:
    """Give `text` as a report may show it.

    Everything with `show_values`. Otherwise nothing confidential, and of the rest only what looks like
    a code or a time: up to 40 letters and digits, no long number. Free text that slipped into another field stays hidden.
    """
    if not show_values and not confidential and _TIME.fullmatch(text):
        return text
    if not show_values and (confidential or _LONG_NUMBER.search(text) or not _HARMLESS.fullmatch(text)):
        return MASK
    return visible(text)


def shown_name(name: str, *, show_values: bool = False) -> str:
    """Return an unknown element's or key's name as a path may show it: only if it looks like a name, with no long number."""
    if not show_values and (_LONG_NUMBER.search(name) or not _NAME.fullmatch(name)):
        return MASK
    return visible(name, 40).replace("/", "\\u002f")


class ValueKind(NamedTuple):
    """How one kind of simple value crosses between text and Python.

    `to_text` raises TypeError for a Python value of another type; `from_text` expects text that the
    schema has accepted. `from_bare_text` is the same, faster, for text without white space around it (None:
    the text is the value); it raises ValueError or LookupError where it cannot. `en` and `da` say what is expected, with an example. `excluded` are spellings of
    XSD's own types that a schema has to rule out: Python has no such value, or another spelling for it.
    """

    python: str
    to_text: Callable[[object], str]
    from_text: Callable[[str], object]
    from_bare_text: Callable[[str], object] | None
    en: str
    da: str
    excluded: tuple[str, ...] = ()


def _string_to_text(value: object) -> str:
    if type(value) is str:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    raise TypeError


def _integer_to_text(value: object) -> str:
    if type(value) is int:
        return format_integer(value)
    return _string_to_text(value).strip(XML_SPACE)


def format_integer(value: int) -> str:
    """Write an integer; one beyond Python's digit limit as a text that every schema here refuses."""
    return str(value) if -(10**18) < value < 10**18 else "NaN"


def _boolean_to_text(value: object) -> str:
    if value is True:
        return "true"
    if value is False:
        return "false"
    raise TypeError


def _date_to_text(value: object) -> str:
    if type(value) is date:
        return value.isoformat()
    return _string_to_text(value).strip(XML_SPACE)


def _datetime_to_text(value: object) -> str:
    text = datetime.isoformat(value) if isinstance(value, datetime) else _string_to_text(value).strip(XML_SPACE)
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def _string_from_text(text: str) -> object:
    return text


def _integer_from_text(text: str) -> object:
    return int(text.strip(XML_SPACE))


def _boolean_from_text(text: str) -> object:
    return text.strip(XML_SPACE) == "true"


def _date_from_text(text: str) -> object:
    return read_day(text.strip(XML_SPACE))


def _datetime_from_text(text: str) -> object:
    return read_moment(text.strip(XML_SPACE))


VALUE_KINDS: dict[Kind, ValueKind] = {
    "string": ValueKind("str", _string_to_text, _string_from_text, None, "text", "tekst"),
    "integer": ValueKind(
        "int",
        _integer_to_text,
        _integer_from_text,
        int,
        "a whole number without leading zeros or sign, e.g. 2",
        "et helt tal uden foranstillede nuller og fortegn, fx 2",
        ("01", "+1", "-0", "9" * 30),
    ),
    "boolean": ValueKind(
        "bool",
        _boolean_to_text,
        _boolean_from_text,
        {"true": True, "false": False}.__getitem__,
        "true or false",
        "true eller false",
        ("1", "0"),
    ),
    "date": ValueKind(
        "datetime.date",
        _date_to_text,
        _date_from_text,
        date.fromisoformat,
        "a date between 1900 and 2100, e.g. 2026-11-20",
        "en dato mellem 1900 og 2100, fx 2026-11-20",
        ("2026-11-20Z", "2026-11-20+01:00", "-0001-11-20", "0000-11-20", "12026-11-20"),
    ),
    "dateTime": ValueKind(
        "datetime.datetime",
        _datetime_to_text,
        _datetime_from_text,
        datetime.fromisoformat,
        "a date and time in whole seconds with its offset from UTC, e.g. 2026-11-20T14:05:00+01:00",
        "dato og klokkeslæt i hele sekunder med forskydning fra UTC, fx 2026-11-20T14:05:00+01:00",
        (
            "2026-11-20T14:05:00",
            "2026-11-20T24:00:00Z",
            "2026-11-20T14:05:00.5Z",
            "-0001-11-20T14:05:00Z",
            "0000-11-20T14:05:00Z",
            "12026-11-20T14:05:00Z",
        ),
    ),
}
