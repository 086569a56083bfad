"""A finding about a signature has the line and column of the element that it is about; of a stream, those of the signature."""

from __future__ import annotations

import pytest
from support.signing_cases import AT, signed, trust, verified

from exchange.deliveries import verify_delivery
from exchange.findings.finding import Position

FAULTS = {
    "method": ("<ds:SignatureMethod ", "http://", "x://"),
    "second transform": ('<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#">', "><", "><x/><"),
    "digest": ("<ds:DigestValue>", "Value>", "Value>!"),
    "value": ("<ds:SignatureValue>", "Value>", "Value>AAAA"),
}


def position(data: bytes, tag: str) -> Position:
    before = data.decode().partition(tag)[0]
    return Position(before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("layout", ["one line", "own line"])
def test_a_finding_has_the_position_of_its_element(fault: str, layout: str) -> None:
    tag, old, new = FAULTS[fault]
    data = signed().replace(b"<ds:Signature ", b"\n  <ds:Signature " if layout == "own line" else b"<ds:Signature ")
    start = data.index(tag.encode())
    changed = data[:start] + data[start:].replace(old.encode(), new.encode(), 1)
    assert changed != data
    found = [finding for finding in verified(changed).findings if finding.path]
    assert position(changed, tag) in [finding.position for finding in found]
    streamed = verify_delivery(changed, trust(), at=AT)
    assert {finding.position for finding in streamed.findings if finding.path} == {position(changed, "<ds:Signature ")}


def test_of_two_signatures_the_second_is_one_too_many() -> None:
    data = signed()
    start, end = data.index(b"<ds:Signature "), data.index(b"</ds:Signature>") + len(b"</ds:Signature>")
    twice = data[:end] + b"\n " + data[start:end] + data[end:]
    for result in (verified(twice), verify_delivery(twice, trust(), at=AT)):
        assert [finding.position for finding in result.findings] == [Position(twice.count(b"\n", 0, end) + 2, 2)]
