"""Parts of sentences: singular and plural, a name said once, layers and reasons of the system in the report's language."""

from __future__ import annotations

import errno
import os
from io import StringIO

import pytest

from exchange.findings.phrases import counted, layer_names, without_subject
from exchange.reports import Judged, Run, Summary, writer


def test_singular_and_plural() -> None:
    assert [counted("files", count, "da") for count in (0, 1, 2)] == ["0 filer", "1 fil", "2 filer"]
    assert [counted("warnings", count, "en") for count in (0, 1, 2)] == ["0 warnings", "1 warning", "2 warnings"]


@pytest.mark.parametrize(
    ("message", "path", "expected"),
    [
        ("form: is not a code", "/samtale/form", "is not a code"),
        ("deltager[2]: has the same name", "/samtale/deltagere/deltager[2]", "has the same name"),
        ("dokument: er ikke signeret", "", "er ikke signeret"),
        ("cv: missing", "/samtale/hoved", "cv: missing"),
        ("no subject", "/samtale", "no subject"),
    ],
)
def test_a_name_is_said_once(message: str, path: str, expected: str) -> None:
    assert without_subject(message, path) == expected


def test_layers_in_words() -> None:
    assert layer_names(["route", "schema"], "da") == "besked og version, skema"
    assert layer_names(["route", "schema"], "en") == "route, schema"


@pytest.mark.parametrize("name", ["text", "github", "junit", "sarif", "html"])
def test_a_reason_of_the_system_is_in_the_language_of_the_report(name: str) -> None:
    for lang, reason in (("da", "filen eller mappen findes ikke"), ("en", os.strerror(errno.ENOENT))):
        out = StringIO()
        report = writer(name, out, Run(lang))
        report.add(Judged("a.xml", None, os.strerror(errno.ENOENT)))
        report.finish(Summary())
        assert reason in out.getvalue()
