"""Files from strangers: what is refused, that the refusal is a finding, and that it comes in bounded time and memory."""

from __future__ import annotations

import gc
import gzip
import io
import os
import signal
import socket
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import hostile
from support.hostile import BOM, DECLARATION, KRAV, REST, ROOT, SAMTALE, filled, signed, swap, told, with_attributes
from support.processor_time import reference_seconds

import exchange
from exchange.files.sources import MAX_BYTES
from exchange.findings.finding import LAYERS, LISTED_PER_CODE

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
PLAIN = exchange.parse(SAMTALE.encode())


def counts(document: str | bytes) -> dict[str, int]:
    return dict(exchange.validate(document.encode() if isinstance(document, str) else document).counts)


# SECURITY 1: DOCTYPE


@pytest.mark.parametrize("text", hostile.DOCTYPES.values(), ids=hostile.DOCTYPES)
def test_a_doctype_is_refused(text: str) -> None:
    assert counts(text) == {"doctype-refused": 1}
    # Python writes the byte order mark itself, and UTF-8 is no longer what it is.
    assert counts(text.removeprefix(BOM).removeprefix(DECLARATION).encode("utf-16")) == {"doctype-refused": 1}


@pytest.mark.parametrize("data", hostile.HIDDEN.values(), ids=hostile.HIDDEN)
def test_a_doctype_hides_nowhere(data: bytes) -> None:
    assert counts(data).keys() <= {"doctype-refused", "not-well-formed", "encoding-refused", "character-refused"}
    assert not exchange.validate(data).ok


def test_what_only_speaks_of_a_doctype_is_accepted() -> None:
    in_comment = "<!-- <!DOCTYPE a [<!ENTITY b 'c'>]> -->"
    for text in (
        in_comment + SAMTALE,
        "<?a <!DOCTYPE a>?>" + SAMTALE,
        SAMTALE + in_comment,
        swap("><", f">{in_comment}<"),
    ):
        assert exchange.parse(text.encode()) == exchange.parse(text.encode("utf-16")) == PLAIN
    assert counts(filled("navn", "<![CDATA[<!DOCTYPE a>]]>")) == {}


# SECURITY 2: sources


@pytest.fixture
def alarm() -> Iterator[None]:
    def ring(*_: object) -> None:
        raise AssertionError("it hangs")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(hostile.SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def _listener(folder: Path) -> Path:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(folder / "s"))  # a socket's path may have about a hundred bytes
    return folder / "s"


@pytest.mark.usefixtures("alarm")
@pytest.mark.parametrize("path", [_pipe, _listener, Path, "/dev/zero", "/dev/null", "/dev/tty"])
def test_only_regular_files_are_read(tmp_path: Path, path: str | Callable[[Path], Path]) -> None:
    source = Path(path) if isinstance(path, str) else path(tmp_path)
    gc.collect()  # what earlier tests left open is closed now, and not while this one counts
    before = len(list(Path("/dev/fd").iterdir()))
    for act in (exchange.validate, exchange.parse, exchange.validate):
        with pytest.raises(OSError):
            act(source)
    assert len(list(Path("/dev/fd").iterdir())) == before, "a descriptor stayed open"


def test_a_gzipped_file_is_not_inflated(tmp_path: Path) -> None:
    for path in (tmp_path / "m.xml.gz", tmp_path / "m.xml"):
        path.write_bytes(gzip.compress(SAMTALE.encode()))
        assert dict(exchange.validate(path).counts) == counts(path.read_bytes())
        assert counts(path.read_bytes()) in ({"not-well-formed": 1}, {"character-refused": 1})


class Endless(io.RawIOBase):
    def read(self, size: int = -1) -> bytes:
        return b" " * min(size, 65_536)


def test_too_large(tmp_path: Path) -> None:
    sparse = tmp_path / "m.xml"
    sparse.touch()
    os.truncate(sparse, 2**40)
    sources: list[Any] = [b" " * (MAX_BYTES + 1), sparse, Endless(), io.BytesIO(b" " * (MAX_BYTES + 1))]
    with sparse.open("rb") as opened:
        for source in [*sources, opened]:
            assert dict(exchange.validate(source).counts) == {"too-large": 1}
    with pytest.raises(exchange.InvalidMessage, match="too-large"):
        exchange.parse(sparse)


def test_the_largest_message_is_read(tmp_path: Path) -> None:
    # In three parts: the parser takes ten million white space characters in one for an attack.
    data = SAMTALE.replace("><", f">{' ' * (MAX_BYTES // 3)}<", 2).encode()
    (tmp_path / "m.xml").write_bytes(data + b" " * (MAX_BYTES - len(data)))
    assert exchange.parse(tmp_path / "m.xml") == PLAIN


def test_a_file_that_grows_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "m.xml"
    path.write_bytes(SAMTALE.encode())
    fstat = os.fstat

    def fstat_then_grow(descriptor: int) -> os.stat_result:
        status = fstat(descriptor)
        os.truncate(path, 2 * MAX_BYTES)
        return status

    monkeypatch.setattr(os, "fstat", fstat_then_grow)
    assert dict(exchange.validate(path).counts) == {"too-large": 1}


def test_what_is_too_large_to_be_read_is_not_built() -> None:
    document = exchange.parse(SAMTALE.encode())
    document["samtale"]["aftaler"] = [{"tekst": "x" * 4_050}] * 5_000
    with pytest.raises(exchange.InvalidMessage, match="too-large"):
        exchange.build(document)


def test_what_is_no_source_raises(tmp_path: Path) -> None:
    (tmp_path / "m.xml").write_text(SAMTALE, "utf-8")
    with (tmp_path / "m.xml").open(encoding="utf-8") as opened_as_text:
        sources: list[Any] = ["m.xml", SAMTALE, opened_as_text, io.StringIO("x"), bytearray(b"<a/>"), None, 1]
        for source in sources:
            with pytest.raises(TypeError):
                exchange.validate(source)
            with pytest.raises(TypeError):
                exchange.parse(source)
    with pytest.raises(FileNotFoundError):
        exchange.validate(tmp_path / "none.xml")


# SECURITY 3: comments and instructions


@pytest.mark.parametrize("value", ["0101{}405000", "{}0101405000", "0101405000{}", "0101{}{}405000", "{}"])
@pytest.mark.parametrize("node", ["<!-- -->", "<!---->", "<?a?>", "<?a 5000?>"])
def test_a_comment_in_a_value_is_refused(value: str, node: str) -> None:
    report = exchange.validate(filled("personnummer", value.replace("{}", node)).encode())
    assert [(f.code, f.path) for f in report.findings] == [("comment-in-value", "/samtale/person/personnummer")]
    for start in ("<tekst>", "<frist>", "<rolle>"):
        assert counts(swap(start, start + node)) == {"comment-in-value": 1}
    assert counts(signed(f"<ds:SignatureValue>ab{node}cd</ds:SignatureValue>")) == {"comment-in-value": 1}


# What is valid but unusual is accepted.

PREFIXED = SAMTALE.replace("</", "</p:").replace("<", "<p:").replace("<p:/p:", "</p:").replace("xmlns", "xmlns:p")
UNUSUAL = {
    "comments": f"<!-- a --><?b?>{SAMTALE.replace('><', '><!-- 0101405000 --><?a b?><!-- --><')}<!-- d --><?e?>",
    "instruction first": f'<?xml-stylesheet href="file:///none.xsl"?>{SAMTALE}',
    "prefixes": PREFIXED,
    "CDATA": filled("personnummer", "<![CDATA[0101]]>40<![CDATA[5000]]>"),
    "character references": filled("personnummer", "&#48;&#x31;01405000"),
    "white space and CRLF": SAMTALE.replace("><", ">\r\n\t <") + "\r\n",
    "white space around a time": swap("<tidspunkt>", "<tidspunkt>\n "),
    "single quotes": f"<?xml version = '1.0' encoding='Utf-8' standalone='yes' ?>\n{SAMTALE}".replace('"', "'"),
    "mark": BOM + SAMTALE,
    "mark and declaration": BOM + DECLARATION + SAMTALE,
    "schemaLocation": with_attributes(f'{XSI} xsi:schemaLocation="urn:x-par87:samtale:1 http://127.0.0.1:9/x.xsd"'),
    "XML namespace": swap(ROOT, ROOT[:-1] + ' xmlns:xml="http://www.w3.org/XML/1998/namespace">'),
}


@pytest.mark.parametrize("text", UNUSUAL.values(), ids=UNUSUAL)
def test_the_unusual_is_accepted(text: str) -> None:
    assert exchange.parse(text.encode()) == PLAIN
    if "Utf-8" not in text and DECLARATION not in text:
        assert exchange.parse(text.removeprefix(BOM).encode("utf-16")) == PLAIN
        assert exchange.parse((BOM + told("UTF-16", text.removeprefix(BOM))).encode("utf-16-be")) == PLAIN
        assert exchange.parse(told("iso-8859-1", text.removeprefix(BOM)).encode("latin-1")) == PLAIN
        assert exchange.parse(told("us-ascii", text.removeprefix(BOM)).encode("ascii", "xmlcharrefreplace")) == PLAIN


# SECURITY 7: encodings, NUL, versions

NAMES = ("UTF-7", "Shift_JIS", "windows-1252", "UTF8", "UTF-16", "UTF-32", "EBCDIC-CP-DK", "x-ukendt", "0101405000")
FOREIGN = {name: told(name).encode("ascii", "xmlcharrefreplace") for name in NAMES} | {
    "UTF-16 untold": SAMTALE.encode("utf-16-le"),
    "UTF-16 without mark": told("UTF-16").encode("utf-16-be"),
    "UTF-16 told as UTF-8": told("UTF-8").encode("utf-16"),
    "UTF-16 LE told as BE": (BOM + told("UTF-16BE")).encode("utf-16-le"),
    "UTF-16 cut": SAMTALE.encode("utf-16")[:-1],
    "UTF-16 lone surrogate": filled("navn", "\ud800").encode("utf-16", "surrogatepass"),
    "UTF-32": SAMTALE.encode("utf-32"),
    "UTF-32 without mark": SAMTALE.encode("utf-32-be"),
    "mark told as ISO-8859-1": (BOM + told("ISO-8859-1")).encode(),
    "US-ASCII with ø": told("US-ASCII").encode(),
}  # fmt: skip
BROKEN = {
    "ISO-8859-1 untold": SAMTALE.encode("latin-1"),
    "EBCDIC": told("cp037").encode("cp037", "xmlcharrefreplace"),
    "two marks": (BOM + BOM + SAMTALE).encode(),
    "two marks in UTF-16": (BOM + SAMTALE).encode("utf-16"),
    "two declarations": told("ISO-8859-1", told("ISO-8859-1")).encode("latin-1"),
    "two declarations in UTF-16": told("UTF-16", told("UTF-7", version="1.1")).encode("utf-16"),
    "declaration behind a blank": (" " + told("UTF-8")).encode(),
    "vertical tab": told("UTF-16").replace(" ", "\v").encode("utf-16"),
} | {
    # Overlong a, NUL and <, a pair of surrogates, beyond Unicode, cut short, no Unicode at all.
    data.hex(): filled("navn", "#").encode().replace(b"#", data)
    for data in (b"\xc1\xa1", b"\xc0\x80", b"\xc0\xbc", b"\xed\xa0\xbd\xed\xb8\x80", b"\xf4\x90\x80\x80", b"\xc3", b"\xff")
}  # fmt: skip


@pytest.mark.parametrize("data", FOREIGN.values(), ids=FOREIGN)
def test_other_encodings_are_refused(data: bytes) -> None:
    assert counts(data) == {"encoding-refused": 1}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_broken_encodings_are_refused(data: bytes) -> None:
    assert counts(data) in ({"not-well-formed": 1}, {"encoding-refused": 1}, {"character-refused": 1})


def test_nul_and_other_versions_are_refused() -> None:
    for text in (filled("navn", "a\0b"), SAMTALE + "\0", " \0" + SAMTALE):
        assert counts(text) == counts((BOM + text).encode("utf-16-le")) == {"character-refused": 1}
    for version in ("1.1", "2.0", "1.0405000", ""):
        assert counts(told("UTF-8", version=version)) == {"xml-version-refused": 1}
        assert counts(told("UTF-16", version=version).encode("utf-16")) == {"xml-version-refused": 1}


# SECURITY 6 and 8: numbers and times that parsers take and people do not mean

NUMBERS = ("1_000", "\u00a02", "2\u2003", "\u0662", "2.0", "+2", "-0", "02", "1e1", "0x2", "", "INF", "9" * 5_000)
DATES = ["-0001-11-20", "0000-01-01", "12026-11-20", "1899-12-31", "2101-01-01", "2026-02-30", "\u0662026-11-20", "20261120",
    "2026-W47-5", "2026-11-20Z", "2026-11-20+01:00", ""]  # fmt: skip
TIMES = [
    *(f"{date}T13:00:00Z" for date in DATES),
    *("2026-11-20T24:00:00Z", "2026-11-20T13:00:60Z", "2026-11-20T13:00:00.5Z", "2026-11-20T13:00Z"),
    *("2026-11-20T13:00:00", "2026-11-20T13:00:00+14:00", "2026-11-20T13:00:00-00:00", "2026-11-20T13:00:00+00:60"),
    *("0001-01-01T00:00:00+13:00", "9999-12-31T23:59:59-12:00", "2026-11-20t13:00:00z", "2026-11-20 13:00:00Z"),
]
VALUES = [
    *product(["antal", "transporttid"], NUMBERS),
    *product(["tidspunkt", "oprettet"], TIMES),
    *product(["frist"], DATES),
]


@pytest.mark.parametrize(("element", "value"), VALUES)
def test_numbers_and_times_are_those_that_people_mean(element: str, value: str) -> None:
    text = filled(element, value, KRAV if element in ("antal", "transporttid") else SAMTALE)
    assert counts(text) in ({"value-type": 1}, {"value-range": 1})


# SECURITY 9: nothing in a document says what it is or where its schema lies


def test_xsi_type_and_nil_are_refused() -> None:
    for attribute in (f'{XSI} xsi:type="Hoved"', f'{XSI} xsi:nil="true"', XSI.replace("xsi", "p") + ' p:nil="0"'):
        assert counts(with_attributes(attribute)) == {"xsi-refused": 1}
        assert counts(swap(ROOT, f"{ROOT[:-1]} {attribute}>")) == {"xsi-refused": 1}
        assert counts(signed(f"<ds:Object {attribute}/>")) == {"xsi-refused": 1}


# SECURITY 4 and 5: bounded time, memory and reports


@pytest.fixture(scope="module")
def sandbox() -> Iterator[hostile.Sandbox]:
    with hostile.Sandbox() as process:
        yield process


@pytest.mark.parametrize("name", hostile.HEAVY)
def test_a_heavy_document_is_answered_with_exact_counts(name: str, sandbox: hostile.Sandbox) -> None:
    answer = sandbox.validate(name)
    assert answer.counts == hostile.HEAVY[name].counts
    assert answer.listed == {code: min(count, LISTED_PER_CODE) for code, count in hostile.HEAVY[name].counts.items()}
    assert answer.seconds < hostile.PROCESSOR_TIME * reference_seconds()
    assert answer.megabytes < hostile.PEAK_MEGABYTES


def test_white_space_around_a_comment_is_no_traceback() -> None:
    # Each part is shorter than the parser's longest text, both together are not.
    space = " " * (MAX_BYTES // 3)
    for node in ("<!---->", "<?a?>"):
        assert counts(ROOT + space + node + space + REST) in ({}, {"not-well-formed": 1})


def _from_a_deep_stack(depth: int) -> exchange.Report:
    return _from_a_deep_stack(depth - 1) if depth else exchange.validate(DEEP.encode())


DEEP = filled("miljoe", "test" + "<a>" * 240 + "</a>" * 240)


def test_a_caller_deep_in_calls_gets_its_report() -> None:
    assert dict(_from_a_deep_stack(600).counts) == {"element-unexpected": 1}


# A refusal is a finding, never a traceback.

SNIPPETS = st.sampled_from(
    [part.encode() for text in (SAMTALE, *hostile.DOCTYPES.values()) for part in text.replace(">", ">\0").split("\0")]
    + [b"\xef\xbb\xbf", b"\xff\xfe", b"\0", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?", b"?>", b"&#", b"&e;", b"\x80", b"9" * 99]
    + [told(name, "").encode() for name in NAMES] + [XSI.encode(), b" xsi:nil='1'", b"<a ", b"/>", *list(BROKEN.values())[-7:]]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(
    st.lists(SNIPPETS | st.binary(max_size=9), max_size=20).map(b"".join),
    st.integers(0, len(SAMTALE)),
    st.integers(0, 40),
    st.sampled_from([None, "utf-16", "utf-16-be", "utf-7", "latin-1"]),
)
def test_validate_never_raises(snippet: bytes, at: int, cut: int, codec: str | None) -> None:
    whole = SAMTALE.encode()
    for data in (snippet, whole[:at] + snippet + whole[at + cut :]):
        report = exchange.validate(data.decode("utf-8", "replace").encode(codec, "replace") if codec else data)
        assert report.layers.keys() == set(LAYERS)
        assert report.ok == (report.verdict == "accepted")
