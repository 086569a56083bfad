"""Reports for people and for programs, one module for each format.

A writer gets results one by one and writes to a text stream; nothing here reads a document or opens a file. Read `model`
first (Run, Judged, Summary), then `text`. `control` applies the severities that a user has changed, `comparing`
compares two reports in JSON.
"""

from __future__ import annotations

from importlib import import_module
from typing import IO

from exchange.reports.comparing import Change, Comparison, Recount, compare, load_report
from exchange.reports.model import Judged, Override, Place, Run, Summary, Writer

__all__ = [
    "EXCERPTS",
    "FORMATS",
    "QUIET",
    "Change",
    "Comparison",
    "Judged",
    "Override",
    "Place",
    "Recount",
    "Run",
    "Summary",
    "Writer",
    "compare",
    "is_report",
    "load_report",
    "writer",
]

_WRITERS = {
    "text": ("text", "TextWriter"),
    "json": ("json", "JsonWriter"),
    "junit": ("junit", "JunitWriter"),
    "sarif": ("sarif", "SarifWriter"),
    "github": ("github", "GithubWriter"),
    "html": ("html", "HtmlWriter"),
}
FORMATS = tuple(_WRITERS)
EXCERPTS = ("html",)
"""The formats that show the elements at fault; the document must be parsed again for them."""

_MARKS = {
    "json": (b'{"format": ', b', "max_findings": '),
    "junit": (b'<testsuites name="exchange validate" ',),
    "sarif": (b', "properties": {"tool": "exchange validate"}, "runs": [',),
    "html": (b'<meta name="generator" content="exchange validate">',),
}
"""What the beginning of a report holds, and of no other file. Lines of text for people and for GitHub have no room for it."""

QUIET = ("json",)
"""The formats that list also the messages of a delivery that have no finding."""


def is_report(name: str, beginning: bytes) -> bool:
    """True if a file that begins so, with 4,096 bytes or all it has, is a report in one of FORMATS, made by a writer here."""
    return name in _MARKS and all(mark in beginning for mark in _MARKS[name])


def writer(name: str, out: IO[str], run: Run) -> Writer:
    """Return a new writer of one of FORMATS; `out` is a text stream in UTF-8."""
    module, type_name = _WRITERS[name]
    made: Writer = getattr(import_module(f"exchange.reports.{module}"), type_name)(out, run)
    return made
