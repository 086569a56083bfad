"""Reports for people and for programs; one module a format."""

from __future__ import annotations

from importlib import import_module
from typing import IO

from exchange.reports.model import Run, Writer

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
"""The formats that show the elements at fault, which takes a look at the document again."""

QUIET = ("json",)
"""The formats that have an entry also for a message of a delivery of which there is nothing to say."""


def writer(form: str, out: IO[str], run: Run) -> Writer:
    """Begin a report in one of FORMATS on a text stream in UTF-8."""
    module, name = _WRITERS[form]
    begun: Writer = getattr(import_module(f"exchange.reports.{module}"), name)(out, run)
    return begun
