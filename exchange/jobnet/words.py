"""Danish words for days, moments, amounts and minutes, and what people wrote made fit to be read."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from exchange.model.personnummer import SHAPE
from exchange.model.representation import without
from exchange.model.values import danish_time

_MONTHS = (
    *("januar", "februar", "marts", "april", "maj", "juni"),
    *("juli", "august", "september", "oktober", "november", "december"),
)
_PERIODS = {"uge": "om ugen", "maaned": "om måneden"}

# Letters by name, and nothing to be seen.
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"
# What joins letters of a script that uses it, or parts of an emoji.
_JOINERS = "\u200c\u200d"
_JOINED = re.compile("[\u0600-\u1fff\u2190-\U0010ffff]")
_LINE_END = re.compile("\r\n?|[\u0085\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]+")
_PARAGRAPHS = re.compile("\n\n+")
_MARKS_KEPT = 4

# A name under a top-level domain; no number, which a browser may read as an address of another form.
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
_NOTHING = "(ingen tekst)"
_NUMBER = "[personnummer udeladt]"


class Address(NamedTuple):
    """A web address, and the host that it leads to; None where that is not certain, so that nobody is sent there.

    An address that holds something shaped like a personnummer gets no link, and is shown without it.
    """

    url: str
    host: str | None

    def __repr__(self) -> str:
        return without(self, "url", "host")


def day(value: date) -> str:
    """Return a day as `20. november 2026`."""
    return f"{value.day}. {_MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime) -> str:
    """Return an aware datetime, in Denmark's local time, as `20. november 2026 kl. 14.05`."""
    local = danish_time(value)
    return f"{day(local)} kl. {local:%H.%M}"


def jobs(number: int, period: str) -> str:
    """Return how many jobs are to be sought: `2 job om ugen`."""
    return _amount(number, "job", "job", period)


def applications(number: int, period: str) -> str:
    """Return how many applications are to be uploaded: `1 ansøgning om ugen`."""
    return _amount(number, "ansøgning", "ansøgninger", period)


def _amount(number: int, one: str, several: str, period: str) -> str:
    return f"{number} {one if number == 1 else several} {_PERIODS[period]}"


def duration(minutes: int) -> str:
    """Return minutes as `1 time og 30 minutter`."""
    parts = [_counted(minutes // 60, "time", "timer"), _counted(minutes % 60, "minut", "minutter")]
    return " og ".join(part for part in parts if part)


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}" if number else ""


def line(text: str) -> str:
    """Return a text as one line; what cannot be read, or is not to be, is as for `paragraphs`."""
    return " ".join(paragraphs(text)).replace("\n", " ")


def paragraphs(text: str) -> tuple[str, ...]:
    """Return a text as paragraphs, which keep their lines; empty lines make no more than a paragraph.

    What cannot be seen, or turns the direction of the text around it, is left out. Something shaped like a personnummer
    gives way to words that say so: no full number is shown, also where somebody wrote one into a text.
    """
    seen = _SPACES.sub(" ", _seen(_LINE_END.sub("\n", text).replace("\t", " ")))
    lines = "\n".join(part.strip() for part in SHAPE.sub(_NUMBER, seen).split("\n"))
    return tuple(part for part in _PARAGRAPHS.split(lines.strip()) if part) or (_NOTHING,)


def _seen(text: str) -> str:
    kept = ""
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        joins = character in _JOINERS and _JOINED.match(kept[-1:])
        if (category in ("Cc", "Cf") and character != "\n" and not joins) or character in _BLANK:
            continue
        marks = marks + 1 if category in ("Mn", "Me") else 0
        # More of them on one letter than any language writes cover the lines above and below.
        if marks <= _MARKS_KEPT:
            kept += character
    return kept


def address(url: str) -> Address:
    """Return an address with its host: one that every browser reads alike, without a user's name before it."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        certain = (
            parts.scheme in ("http", "https")
            and parts.netloc.lower() in (host, f"{host}:{parts.port}")
            and len(host) <= 253
            and _HOST.fullmatch(host) is not None
        )
    except ValueError:  # of a bracket, or of a port that is none
        certain = False
    masked = SHAPE.sub(_NUMBER, url)
    return Address(masked, host if certain and masked == url else None)
