"""A delivery is written whole or not at all, and every message in it stays what it was."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from support.delivery_cases import DECLARATION, delivery, guid, krav, plan, samtale

import exchange
from exchange.deliveries import merge, read_delivery, split, write_delivery, writing
from exchange.errors import InvalidDelivery, InvalidMessage

HEADER: dict[str, Any] = {
    "leveranceId": guid(999),
    "oprettet": datetime(2026, 11, 20, 14, 0, tzinfo=UTC),
    "akassekode": "67",
    "miljoe": "test",
}
MESSAGES = [(DECLARATION + text).encode() for text in (samtale(1), plan(2), krav(3))]


def _digest(data: bytes) -> str:
    canonical = etree.tostring(etree.fromstring(data), method="c14n", exclusive=True)
    return hashlib.sha256(canonical).hexdigest()


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    target = tmp_path / "d.xml"
    documents = [exchange.parse(data) for data in MESSAGES]
    assert write_delivery(target, HEADER, iter(documents)).messages == 3
    read = read_delivery(target)
    assert [message.document for message in read] == documents
    assert read.header == {**HEADER, "antal": 3}
    assert read.report.ok
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_message_cut_out_of_the_file_is_the_one_put_in(tmp_path: Path) -> None:
    target = tmp_path / "d.xml"
    # One with prefixes, one with a comment before and after, one in UTF-16.
    odd = [
        MESSAGES[0]
        .replace(b'<samtale xmlns="', b'<s:samtale xmlns:s="')
        .replace(b"</samtale", b"</s:samtale")
        .replace(b"</", b"</s:")
        .replace(b"</s:s:", b"</s:")
        .replace(b"<", b"<s:")
        .replace(b"<s:/s:", b"</s:")
        .replace(b"<s:s:", b"<s:")
        .replace(b"<s:?", b"<?"),
        b"<!-- before -->" + MESSAGES[1].split(b"\n", 1)[1] + b"<!-- </minPlanUdkast> --><?pi <a?>\n",
        MESSAGES[2].decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    ]
    write_delivery(target, HEADER, odd)
    data = target.read_bytes()
    for message, given in zip(read_delivery(target), odd, strict=True):
        assert _digest(data[message.start : message.end]) == _digest(given)
        assert _digest(message.data) == _digest(given)


def test_what_a_prefixed_message_holds_of_no_namespace_stays_so(tmp_path: Path) -> None:
    text = samtale(1).replace(' xmlns="urn:x-par87:samtale:1"', "").replace("</", "</s:").replace("<", "<s:")
    text = text.replace("<s:/s:", "</s:").replace("<s:samtale>", '<s:samtale xmlns:s="urn:x-par87:samtale:1">', 1)
    signature = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:Object><note>x</note></ds:Object></ds:Signature>'
    given = text.replace("</s:samtale>", f"{signature}</s:samtale>").encode()
    write_delivery(tmp_path / "d.xml", HEADER, [given])
    (message,) = read_delivery(tmp_path / "d.xml")
    inside = etree.parse(str(tmp_path / "d.xml")).getroot()[-1]
    assert _digest(message.data) == _digest(given)
    assert hashlib.sha256(etree.tostring(inside, method="c14n", exclusive=True)).hexdigest() == _digest(given)


def test_the_bytes_of_a_plain_message_are_the_very_same(tmp_path: Path) -> None:
    target = tmp_path / "d.xml"
    write_delivery(target, HEADER, MESSAGES)
    data = target.read_bytes()
    assert [DECLARATION.encode() + data[m.start : m.end] for m in read_delivery(target)] == MESSAGES
    assert [message.data for message in read_delivery(io.BytesIO(data))] == MESSAGES


def test_one_refused_message_and_nothing_is_written(tmp_path: Path) -> None:
    def messages() -> Iterator[bytes]:
        yield MESSAGES[0]
        yield MESSAGES[0].replace(b"video", b"brevdue")
        yield MESSAGES[0]
        yield (DECLARATION + samtale(4, miljoe="produktion", akassekode="15")).encode()

    with pytest.raises(InvalidDelivery) as raised:
        write_delivery(tmp_path / "d.xml", HEADER, messages())
    assert {number: sorted(report.counts) for number, report in raised.value.refused.items()} == {
        2: ["code-unknown", "leverance-besked-id-repeated"],
        3: ["leverance-besked-id-repeated"],
        4: ["leverance-akassekode-differs", "leverance-miljoe-differs", "personnummer-born-later"],
    }
    assert raised.value.count == 3
    assert "0101405000" not in str(raised.value)
    assert list(tmp_path.iterdir()) == []


def test_a_source_of_messages_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def messages() -> Iterator[bytes]:
        yield MESSAGES[0]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_delivery(tmp_path / "d.xml", HEADER, messages())
    assert list(tmp_path.iterdir()) == []


def test_a_delivery_holds_at_least_one_message(tmp_path: Path) -> None:
    with pytest.raises(InvalidDelivery) as raised:
        write_delivery(tmp_path / "d.xml", HEADER, [])
    assert [finding.path for finding in raised.value.report.findings] == ["/leverance/antal"]


@pytest.mark.parametrize("check", [True, False])
def test_more_messages_than_a_delivery_may_hold_are_not_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, check: bool
) -> None:
    monkeypatch.setattr(writing, "MOST", 100)
    asked = 0

    def endless() -> Iterator[bytes]:
        nonlocal asked
        while asked < 1_000:
            asked += 1
            yield (DECLARATION + plan(asked)).encode()

    with pytest.raises(InvalidDelivery) as raised:
        write_delivery(tmp_path / "d.xml", HEADER, endless(), check=check)
    assert asked == 101
    assert [(finding.code, finding.path) for finding in raised.value.report.findings] == [
        ("value-range", "/leverance/antal")
    ]
    assert list(tmp_path.iterdir()) == []


DS = 'xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
FOREIGN = {
    "prefix": samtale(2).replace('samtale:1">', 'samtale:1" xmlns:ȡ="urn:q">', 1),
    "signature": samtale(2).replace("</samtale>", f"<ds:Signature {DS}><ds:ȡ/></ds:Signature></samtale>"),
}


@pytest.mark.parametrize("before", ["", DECLARATION, "<!-- -->"])
@pytest.mark.parametrize("name", FOREIGN)
def test_a_name_that_not_every_reader_takes_is_refused(tmp_path: Path, name: str, before: str) -> None:
    data = (before + FOREIGN[name]).encode()
    assert list(exchange.validate(data).counts) == ["not-well-formed"]
    with pytest.raises(InvalidDelivery) as raised:
        write_delivery(tmp_path / "d.xml", HEADER, [MESSAGES[0], data])
    assert {number: list(report.counts) for number, report in raised.value.refused.items()} == {2: ["not-well-formed"]}
    with pytest.raises(InvalidMessage, match="not-well-formed"):
        write_delivery(tmp_path / "d.xml", HEADER, [MESSAGES[0], data], check=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("data", [b"", b"x", b"<a", b"<a>\0</a>", b'<?xml version="1.0" encoding="utf-7"?><a/>'])
def test_bytes_that_are_no_document_are_an_invalid_message_even_where_nothing_is_looked_at(
    tmp_path: Path, data: bytes
) -> None:
    with pytest.raises(InvalidMessage):
        write_delivery(tmp_path / "d.xml", HEADER, [MESSAGES[0], data], check=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["leveranceId", "oprettet", "akassekode", "miljoe"])
def test_a_header_that_cannot_be_valid_is_refused_first(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidMessage):
        write_delivery(tmp_path / "d.xml", {**HEADER, name: "x"}, MESSAGES)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_looked_at_where_it_is_to_be_wrong(tmp_path: Path) -> None:
    wrong = MESSAGES[0].replace(b"video", b"brevdue")
    write_delivery(tmp_path / "d.xml", HEADER, [wrong, wrong], check=False)
    codes = [sorted(message.report.counts) for message in read_delivery(tmp_path / "d.xml")]
    assert codes == [["code-unknown"], ["code-unknown", "leverance-besked-id-repeated"]]


def test_a_file_that_is_there_is_left_alone_unless_asked(tmp_path: Path) -> None:
    target = tmp_path / "d.xml"
    target.write_text("mine")
    with pytest.raises(FileExistsError):
        write_delivery(target, HEADER, MESSAGES)
    assert target.read_text() == "mine"
    write_delivery(target, HEADER, MESSAGES, overwrite=True)
    assert exchange.validate(target).ok


def test_what_is_split_and_merged_is_what_it_was(tmp_path: Path) -> None:
    source = tmp_path / "whole.xml"
    write_delivery(source, HEADER, [(DECLARATION + samtale(n)).encode() for n in range(1, 8)])
    parts = split(source, tmp_path, count=3)
    assert [part.messages for part in parts] == [3, 3, 1]
    assert all(exchange.validate(part.path).ok for part in parts)
    assert len({read_id(part.path) for part in parts} | {HEADER["leveranceId"]}) == 4
    merged = merge(tmp_path / "merged.xml", HEADER, [part.path for part in parts])
    assert merged.path.read_bytes() == source.read_bytes()


def read_id(path: Path) -> str:
    """Give a delivery's id."""
    read = read_delivery(path)
    next(read)
    assert read.header is not None
    return str(read.header["leveranceId"])


def test_a_delivery_that_is_cut_off_is_not_split(tmp_path: Path) -> None:
    source = tmp_path / "whole.xml"
    source.write_text((DECLARATION + delivery(*(samtale(n) for n in range(1, 8))))[:-20], encoding="utf-8")
    with pytest.raises(InvalidDelivery):
        split(source, tmp_path, count=2)
    assert list(tmp_path.iterdir()) == [source]


def test_one_report_on_all_of_it() -> None:
    text = delivery(samtale(1), plan(2), samtale(3, form="brevdue"), antal=7)
    report = exchange.validate((DECLARATION + text).encode())
    assert [(f.code, f.path, f.line) for f in report.findings] == [
        ("code-unknown", "/leverance/samtale[2]/form", 5),
        ("leverance-antal", "/leverance/antal", None),
    ]
    assert (report.message, report.version, report.verdict, report.errors) == ("leverance", 1, "rejected", 2)
    assert report.layers == {
        "secure": "passed",
        "well-formed": "passed",
        "route": "passed",
        "schema": "passed",
        "codes": "failed",
        "rules": "failed",
    }


def test_a_delivery_is_no_message_to_parse_or_build() -> None:
    data = (DECLARATION + delivery(samtale(1))).encode()
    with pytest.raises(InvalidMessage, match="leverance-unexpected"):
        exchange.parse(data)
    with pytest.raises(InvalidMessage, match="leverance-unexpected"):
        exchange.build({"leverance": HEADER})
