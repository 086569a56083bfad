"""A message's digest is that of its exclusive canonical form, whichever way it was come to."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from support.corpus_cases import INVALID, VALID, Case
from support.mutations import mutate
from support.strategies import Sample, respelled, samples, stable

from exchange.api import Exchange
from exchange.errors import Refused
from exchange.validation.opening import open_and_check
from exchange.xml import parsing
from exchange.xml.codec import codec
from exchange.xml.digest import canonical_sha256
from exchange.xml.reading import Reading

EXCHANGE = Exchange()
SAMPLES = samples(EXCHANGE.catalog)
BODY = (
    '<samtale xmlns="urn:x-par87:samtale:1"><hoved><beskedId>0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e01</beskedId>'
    "<oprettet>2026-11-20T14:05:00+01:00</oprettet><miljoe>test</miljoe><akassekode>67</akassekode>"
    "<handling>opret</handling></hoved><person><personnummer>0101405000</personnummer><navn>Å &amp; B &gt; C</navn>"
    "</person><tidspunkt>2026-11-20T13:00:00+01:00</tidspunkt><samtaletype>jobsamtale</samtaletype>"
    "<form>video</form></samtale>"
)
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
ACCEPTED = Reading("samtale", {})
DIGEST = sha256(BODY.encode()).hexdigest()


def _by_lxml(data: bytes) -> str:
    """Work the digest out from the bytes as they are, past every door of ours."""
    root = etree.fromstring(data, etree.XMLParser(collect_ids=False))
    return sha256(etree.tostring(root, method="c14n", exclusive=True, with_comments=False)).hexdigest()


def _both_ways(data: bytes) -> None:
    """Compare the fast way, the slow way and lxml, where the schema accepts the document."""
    try:
        version, utf8, _, accepted, _ = open_and_check(EXCHANGE.catalog, data)
    except Refused:
        return
    if not accepted:
        return
    try:
        slow = canonical_sha256(utf8)
    except Refused:
        # A relative namespace somewhere has no canonical form, and no fast way may find one.
        assert codec(version).read_canonical(utf8) is None
        with pytest.raises(Refused):
            canonical_sha256(utf8, ACCEPTED)
        return
    assert canonical_sha256(utf8, ACCEPTED) == slow == _by_lxml(utf8)


@pytest.mark.parametrize(
    "data",
    [
        BODY.encode(),
        f"{DECLARATION}{BODY}".encode(),
        f"{DECLARATION}{BODY}\n".encode(),
        f"{DECLARATION}\n{BODY}".encode(),
        f"{DECLARATION}<!-- a -->{BODY}\n<!-- b -->".encode(),
        f"\ufeff{BODY}".encode(),
        BODY.encode("utf-16"),
        f'<?xml version="1.0" encoding="ISO-8859-1"?>{BODY}'.encode("latin-1"),
        BODY.replace("<hoved>", "<!-- hoved --><hoved >").replace("Å", "&#197;").replace("&gt;", ">").encode(),
        BODY.replace('"', "'").replace("Å &amp; B", "<![CDATA[Å & B]]>").replace("<samtale", "<samtale\n ", 1).encode(),
        BODY.replace(":1", ':1" xmlns:x="urn:x').encode(),
    ],
)
def test_the_digest_is_that_of_the_canonical_form_however_a_message_is_written(data: bytes) -> None:
    assert canonical_sha256(data) == DIGEST
    assert canonical_sha256(data, ACCEPTED) == DIGEST


def test_a_message_in_a_delivery_has_the_digest_that_it_has_alone() -> None:
    delivery = f'<leverance xmlns="urn:x"><beskeder xml:lang="da">\n  {BODY}\n  {BODY}</beskeder></leverance>'
    _, root = parsing.open_document(delivery.encode())
    assert [canonical_sha256(message) for message in root[0]] == [DIGEST, DIGEST]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Å", "Æ"),
        ("<hoved>", "\n<hoved>"),
        ("<hoved>", "<?side 1?><hoved>"),
        ("<form>", '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/><form>'),
        ("<samtale", '<samtale xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b"'),
    ],
)
def test_whatever_the_canonical_form_keeps_makes_another_digest(old: str, new: str) -> None:
    # Also what is harmless and not looked at: others who work out the digest see it.
    data = BODY.replace(old, new, 1).encode()
    assert canonical_sha256(data) == _by_lxml(data) != DIGEST


@pytest.mark.parametrize("case", [case for case in (*VALID, *INVALID) if case.message != "proeve"], ids=str)
def test_both_ways_agree_on_the_corpus(case: Case) -> None:
    _both_ways(case.data)


@given(SAMPLES)
@stable(200)
def test_both_ways_agree_on_what_is_built(sample: Sample) -> None:
    data = codec(sample.version).encode(sample.document[sample.version.name]).data
    _both_ways(data)
    assert canonical_sha256(data, ACCEPTED) == sha256(data[len(DECLARATION) :]).hexdigest()


@given(SAMPLES, st.data())
@stable(200)
def test_both_ways_agree_on_other_spellings(sample: Sample, data: st.DataObject) -> None:
    _both_ways(data.draw(respelled(sample)))


@given(SAMPLES, st.randoms(use_true_random=False))
@stable(300)
def test_both_ways_agree_on_mutations(sample: Sample, random: Any) -> None:
    _both_ways(
        mutate(codec(sample.version).encode(sample.document[sample.version.name]).data, sample.version.spec, random)
    )


_EDITS = st.sampled_from(
    [
        (b"&gt;", b">"),
        (b"&#xD;", b"&#13;"),
        (b"&#xD;", b"\r"),
        (b"&amp;", b"&#38;"),
        (b"></", b" ></"),
        (b"</", b"\n</"),
        (b'encoding="UTF-8"', b'encoding="utf-8"'),
        (b"?>\n", b"?>"),
        (b"?>\n", b"?>\n\n"),
        (b'">', b'">\t'),
        (b"\n", b"\r\n"),
    ]
)


@given(SAMPLES, st.lists(_EDITS, min_size=1, max_size=3))
@stable(300)
def test_both_ways_agree_on_all_but_the_builder_s_layout(sample: Sample, edits: list[tuple[bytes, bytes]]) -> None:
    data = codec(sample.version).encode(sample.document[sample.version.name]).data
    for old, new in edits:
        data = data.replace(old, new, 1)
    _both_ways(data)


def test_what_cannot_be_read_has_no_digest() -> None:
    for data, code in ((b"<a", "not-well-formed"), (b"<!DOCTYPE a><a/>", "doctype-refused")):
        with pytest.raises(Refused) as refused:
            canonical_sha256(data)
        assert refused.value.finding.code == code
    relative = BODY.replace(":1", ':1" xmlns:x="0101405000').encode()
    with pytest.raises(Refused) as refused:
        canonical_sha256(relative)
    assert refused.value.finding.message == "document: is not well-formed XML (a namespace without a canonical form)"
    assert refused.value.__context__ is None
