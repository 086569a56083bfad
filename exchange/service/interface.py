"""What the application needs: functions that make the answers, and bounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from exchange.files.sources import MAX_BYTES


class Unanswerable(Exception):
    """There is no such answer to this document; `report` is the report on it, as JSON."""

    def __init__(self, report: str) -> None:
        super().__init__("no such answer")
        self.report = report


@dataclass(frozen=True, slots=True)
class Answers:
    """Functions that make the answers from a document's bytes; called in threads, several at a time.

    `report` returns the report as JSON, with codes judged on a day if one is given. `receipt` returns the XML of a receipt in
    a language, `page` the HTML of what the person sees; both raise Unanswerable where there is none.
    """

    report: Callable[[bytes, date | None], str]
    receipt: Callable[[bytes, str], bytes]
    page: Callable[[bytes], str]


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one service.

    A body has at most `bytes`, and `arriving` seconds to arrive. `working` documents are judged at a time and `waiting` more
    may be under way; an answer is given up after `answering` seconds.
    """

    bytes: int = MAX_BYTES
    arriving: float = 30.0
    working: int = 2
    waiting: int = 14
    answering: float = 60.0
