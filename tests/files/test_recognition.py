"""A file that is no XML is recognised, and the hint says what it is without repeating any of it."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

import exchange

NUMBER = "0101405000"


def _zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.xml", "<a/>")
    return packed.getvalue()


FILES = {
    "empty": (b"", "The file is empty.", "Filen er tom."),
    "blank": (b" \n\t", "The file is empty.", "Filen er tom."),
    "json": (b'{"samtale": {}}', "looks like JSON", "ligner JSON"),
    "json after a mark": (b"\xef\xbb\xbf[]", "looks like JSON", "ligner JSON"),
    "zip": (_zip(), "a ZIP file", "en ZIP-fil"),
    "gzip": (gzip.compress(b"<a/>"), "compressed with gzip", "komprimeret med gzip"),
    "pdf": (b"%PDF-1.7\n", "a PDF file", "en PDF-fil"),
    "html": (b"<!DOCTYPE html><html></html>", "an HTML page", "en HTML-side"),
    "csv": (f"personnummer;form;navn\n{NUMBER};video;X\n".encode(), "looks like CSV", "ligner CSV"),
    "utf-16": ("<a/>".encode("utf-16-le"), "UTF-16 without a BOM", "UTF-16 uden BOM"),
    "windows-1252": ("<a>Prøve</a>".encode("cp1252"), "ISO-8859-1: save it as UTF-8.", "gem den som UTF-8."),
    "entity": (b"<a>Pr&oslash;ve</a>", "write the character itself.", "skriv selve tegnet."),
    "ampersand": (b"<a>A & B</a>", "Write the character & as &amp;.", "Skriv tegnet & som &amp;."),
}


@pytest.mark.parametrize(("data", "english", "danish"), FILES.values(), ids=FILES)
def test_it_is_recognised(data: bytes, english: str, danish: str) -> None:
    report = exchange.validate(data)
    assert not report.ok
    (finding,) = report.findings
    assert english in finding.hint
    assert danish in finding.danish.hint
    assert NUMBER not in repr(report)


@pytest.mark.parametrize("data", [b"<a>", b"<a></b>", "<a>Prøve".encode(), b"<a>\x01</a>"])
def test_what_is_xml_with_a_fault_has_the_usual_hint(data: bytes) -> None:
    (finding,) = exchange.validate(data).findings
    assert finding.hint.startswith("Check that line")
    assert "ERR" not in repr(finding)


def test_an_entity_is_all_there_is_to_say_only_where_it_is_the_fault() -> None:
    (entity,) = exchange.validate(b"<a>Pr&oslash;ve</a>").findings
    assert entity.hint.endswith("write the character itself.")
    assert entity.danish.hint.endswith("skriv selve tegnet.")
    (open_tag,) = exchange.validate(b"<a><!-- &oslash; --><b></a>").findings
    assert "Check that line" in open_tag.hint
