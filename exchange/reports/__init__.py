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

QUIET = ("json",)
"""The formats that list also the messages of a delivery that have no finding."""


def writer(name: str, out: IO[str], run: Run) -> Writer:
    """Return a new writer of one of FORMATS; `out` is a text stream in UTF-8."""
    module, type_name = _WRITERS[name]
    made: Writer = getattr(import_module(f"exchange.reports.{module}"), type_name)(out, run)
    return made
