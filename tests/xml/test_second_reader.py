"""What is accepted is XML to every reader: expat, namespaces on, reads it to its last byte and sees the same."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from itertools import islice, product
from random import Random

import pytest
import second_reader
from second_reader import TAILS, compare, compare_deliveries, elements_by_expat, messages_by_expat
from signatures.test_signing_deliveries import signed_delivery
from support import receipt_cases
from support.delivery_cases import DECLARATION, delivery, krav, samtale
from support.signing_cases import AT, signed, trust

import exchange
from exchange.api import Exchange
from exchange.deliveries import read_delivery, verify_delivery
from exchange.errors import Refused
from exchange.receipts import chunked, layout
from exchange.xml import parsing

EXCHANGE = Exchange()
CATALOG = EXCHANGE.catalog
SAMTALE = (DECLARATION + samtale(1)).encode()
ERROR, WARNING = b' xmlns:q="http://[bad"', b"<?xmlfoo a?>"
ILL_FORMED = SAMTALE.replace(b"<person>", b"<person" + ERROR + b">" + WARNING)
JUNK = b"\n<evil>\xff\xfe & not XML at all"


def test_nothing_is_accepted_that_expat_reads_otherwise() -> None:
    # Every seventh, so that each error, warning, place and end meets many of the others.
    count = compare(islice(second_reader.namespace_products(), 0, None, 7))
    assert (count.disagreements, count.tried > 3_900) == ([], True)
    # Some are harmless: else this would prove nothing.
    assert count.accepted > 60


@pytest.mark.parametrize("documents", [second_reader.corpus, lambda: second_reader.mutated(4_000)])
def test_the_corpus_and_mutations_are_read_as_expat_reads_them(documents: Callable[[], Iterator[bytes]]) -> None:
    count = compare(documents())
    assert count.disagreements == []
    assert count.accepted > 0.5 * count.tried


def test_a_delivery_has_the_messages_that_expat_sees_whatever_the_way() -> None:
    products = compare_deliveries(islice(second_reader.delivery_products(), 0, None, 23))
    damaged = compare_deliveries(second_reader.damaged_deliveries(1_500))
    assert products.disagreements == damaged.disagreements == []
    assert products.tried > 2_000
    assert products.accepted > 5


def test_harmless_respellings_stay_accepted_with_equal_dicts() -> None:
    assert second_reader.lost_respellings(2_500) == []


@pytest.mark.parametrize("tail", [b"", JUNK], ids=["alone", "with junk behind"])
def test_an_error_is_not_hidden_by_a_later_warning(tail: bytes) -> None:
    for namespace in (ERROR, b' xmlns:q=""', b' xmlns:xml="urn:no"', b' u:a="1"'):
        data = ILL_FORMED.replace(ERROR, namespace) + tail
        report = exchange.validate(data)
        assert list(report.counts) == ["not-well-formed"]
        assert report.findings[0].line == 2
        for read in (parsing.open_document, parsing.open_whole, parsing.canonical_form, parsing.open_own):
            with pytest.raises(Refused):
                read(data)


def test_a_warning_alone_refuses_nothing() -> None:
    assert exchange.validate(SAMTALE.replace(b"<person>", WARNING + b'<person xmlns:w="relative">')).ok


@pytest.mark.parametrize("tail", TAILS)
def test_behind_the_root_stands_nothing_but_white_space_comments_and_instructions(tail: bytes) -> None:
    harmless = {b"", b"\n", b"\r\n\t ", b"<!-- end -->", b"<?end?>\n"}
    assert exchange.validate(SAMTALE + tail).ok is (tail in harmless)
    assert EXCHANGE.validate(ILL_FORMED.replace(ERROR, b"") + tail).ok is (tail in harmless)


HIDDEN = samtale(2, person="3102405000", form="brevdue").replace(
    'xmlns="urn:x-par87:samtale:1"', "xmlns='urn:x-par87:samtale:1'"
)


@pytest.mark.parametrize("broken", ["", ' xmlns:q="http://[bad"', ' xmlns:q=""'])
def test_no_message_hides_behind_another(broken: str) -> None:
    first = samtale(1).replace("<person>", f'<person{broken} xmlns:w="relative">')
    data = (DECLARATION + delivery(first + "\n" + HIDDEN, antal=1)).encode()
    for source in (data, io.BytesIO(data)):
        read = read_delivery(source)
        refused = [message.number for message in read if not message.report.ok]
        if broken == ' xmlns:q=""':
            # No reader that knows namespaces comes to the second.
            assert (refused, list(read.report.counts)) == ([], ["not-well-formed", "leverance-broken"])
        else:
            assert refused == ([1, 2] if broken else [2])
            assert list(read.report.counts) == ["leverance-antal"]
    assert not exchange.validate(data).ok


@pytest.mark.parametrize("tail", [b"", b"\n", JUNK, b"<samtale/>", b"<!-- x -->"])
@pytest.mark.parametrize("place", ["ds:KeyInfo", "ds:X509Data", "hoved", "person"])
@pytest.mark.parametrize("error", [' xmlns:q=""', ' xmlns:q="http://[bad"', ""])
@pytest.mark.parametrize("warning", [' xmlns:w="relative"', ""])
def test_no_signature_is_valid_of_what_is_no_xml(place: str, error: str, warning: str, tail: bytes) -> None:
    data = signed().replace(f"<{place}>".encode(), f"<{place}{error}{warning}>".encode(), 1) + tail
    is_xml = elements_by_expat(data) is not None
    result = exchange.verify(data, trust(), at=AT)
    assert not result.ok or is_xml
    # What is signed may have no relative namespace: there is no canonical form of it.
    believable = not error and not (warning and ":" not in place)
    assert result.ok is (believable and tail not in (JUNK, b"<samtale/>"))


@pytest.mark.parametrize("tail", [b"", JUNK])
def test_no_signature_of_a_delivery_is_valid_of_what_is_no_xml(tail: bytes) -> None:
    data = signed_delivery((DECLARATION + delivery(samtale(1), krav(2))).encode())
    for error in (b"", b' xmlns:q=""', b' xmlns:xml="urn:no"'):
        altered = data.replace(b"<person>", b"<person" + error + b">", 1) + tail
        result = verify_delivery(io.BytesIO(altered), trust(), at=AT)
        assert result.ok is (not error and not tail)
        assert not result.ok or messages_by_expat(altered)[1]


def test_a_receipt_judged_in_pieces_is_xml() -> None:
    data = EXCHANGE.build(receipt_cases.whole(500))
    assert len(data) > layout.PIECE
    random = Random("receipts")
    entries = data.split(b"<besked>")
    accepted = 0
    for error, warning, tail in product(
        (b"", b' xmlns:q=""', ERROR, b' u:a=""', b' xmlns:xml="urn:no"'), (b"", b' xmlns:w="relative"'), TAILS
    ):
        at = random.randrange(1, len(entries))
        before, behind = (b"<besked>".join(part) for part in (entries[:at], entries[at:]))
        altered = before + b"<besked" + error + warning + b">" + behind + tail
        report = chunked.examine(CATALOG, io.BytesIO(altered))
        if report is not None and report.ok:
            accepted += 1
            assert elements_by_expat(altered) is not None, (error, warning, tail)
    assert accepted == len((b"", b"\n", b"\r\n\t ")) * len(("no warning", "warning"))
