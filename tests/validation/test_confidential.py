"""Nothing confidential leaves: no number and no text of a person in a report, an exception, a log, on a stream or a socket."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from support import hostile
from support.hostile import BOM, KRAV, ROOT, SAMTALE, filled, signed, swap, told, with_attributes
from support.processor_time import reference_seconds

import exchange
from exchange.deliveries.scan import element_of
from exchange.errors import Refused
from exchange.model import json_documents
from exchange.model.values import MASK
from exchange.xml import parsing

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
NUMBER = "0101405000"
FREE = "Maja hører stemmer & græder"
"""What somebody wrote of a person; no word of it stands in a schema, a list or a text of ours."""

TRACES = ("010140", "405000", "hører", "stemmer", "græder", "h\\xf8rer", "hÃ¸rer", "Maja")
"""What may not be seen, not even half a number: it still tells a birthday."""

FOREIGN_TEXT = ("lxml", "libxml", "xmlschema", "etree", "facet", "xs:", "XMLSyntax", "UnicodeDecode", "Element ")
"""How other libraries speak when they quote a value."""


def chain(error: BaseException) -> list[BaseException]:
    """An exception and all that are chained to it, by cause or by context."""
    links = [error]
    for link in links:
        links += [other for other in (link.__cause__, link.__context__) if other is not None and other not in links]
    return links


def told_by_report(report: exchange.Report) -> str:
    """All that a report can say, in both languages."""
    said = [str(report), repr(report), repr(report.layers), repr(report.counts)]
    for finding in report.findings:
        said += [str(finding), repr(finding), *finding.text("da"), *finding.text("en"), finding.path]
    return "\n".join(said)


def told_by_error(error: BaseException) -> str:
    """All that an exception can say: itself, what is chained to it, the traceback."""
    said = ["".join(traceback.format_exception(error))]
    for link in chain(error):
        said += [str(link), repr(link), repr(link.args), *getattr(link, "__notes__", [])]
        said += [told_by_report(link.report)] if isinstance(link, exchange.InvalidMessage) else []
    return "\n".join(said)


class Witness:
    """Has a document handled in every way, and collects all that is said about it anywhere."""

    def __init__(self, log: pytest.LogCaptureFixture, streams: pytest.CaptureFixture[str]) -> None:
        self._log, self._streams = log, streams
        log.set_level(logging.DEBUG)

    def hear(self, document: bytes | dict[str, Any]) -> str:
        report = exchange.validate(document)
        said = [told_by_report(report)]
        try:
            exchange.parse(document) if isinstance(document, bytes) else exchange.build(document)
        except exchange.InvalidMessage as error:
            said.append(told_by_error(error))
            assert chain(error) == [error], "another exception is chained to it"
            assert not [word for word in FOREIGN_TEXT if word in said[-1].partition("InvalidMessage: ")[2]]
        else:
            assert report.ok
        said += [record.getMessage() for record in self._log.records]
        said += self._streams.readouterr()
        return "\n".join(said)


@pytest.fixture
def witness(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Witness:
    return Witness(caplog, capfd)


def silent(said: str) -> bool:
    """True if nothing of what was planted is in it; a failure shows where it is."""
    assert not [said[max(0, said.index(trace) - 60) :][:120] for trace in TRACES if trace in said]
    return True


# Planted in XML. Each makes the document invalid, or leaves it valid; neither may say what was planted.

_ELEMENTS = [
    *("beskedId", "oprettet", "miljoe", "akassekode", "handling", "personnummer", "navn", "tidspunkt", "samtaletype"),
    *("form", "vurdering", "begrundelse", "tekst", "frist", "rolle", "hoved", "person", "aftaler", "deltagere"),
]
_KRAV_ELEMENTS = [
    *("betegnelse", "disco", "region", "kommune", "transporttid", "beskrivelse", "antal", "periode", "oevrigeKrav"),
    *("formaal", "url", "fagomraader", "geografi", "omfang"),
]

PLACES: dict[str, Callable[[str], str]] = {
    **{f"in {e}": lambda x, e=e: filled(e, x) for e in _ELEMENTS},  # type: ignore[misc]
    **{f"in {e}, krav": lambda x, e=e: filled(e, x, KRAV) for e in _KRAV_ELEMENTS},  # type: ignore[misc]
    **{f"beside {e}": lambda x, e=e: swap(f"<{e}>", f"{x}<{e}>") for e in _ELEMENTS},  # type: ignore[misc]
    "in an element of another namespace": lambda x: swap("<hoved>", f"<x xmlns='urn:x'>{x}</x><hoved>"),
    "twice": lambda x: swap("<navn>", f"<navn>{x}</navn><navn>"),
    "far too long": lambda x: filled("navn", x * 50),
    "in CDATA": lambda x: filled("form", f"<![CDATA[{x}]]>"),
    "in an attribute": lambda x: with_attributes(f'a="{x}"'),
    "in a namespace": lambda x: with_attributes(f'xmlns:a="{x}" a:b=""'),
    "in the root's namespace": lambda x: swap("urn:x-par87:samtale:1", x),
    "in the version": lambda x: swap("samtale:1", f"samtale:{x}"),
    "in xsi:type": lambda x: with_attributes(f'{XSI} xsi:type="{x}"'),
    "in a comment": lambda x: swap("<hoved>", f"<hoved><!-- {x} -->"),
    "in an instruction in a value": lambda x: filled("navn", f"<?a {x}?>"),
    "in a DOCTYPE": lambda x: f'<!DOCTYPE samtale [<!ENTITY e "{x}">]>{SAMTALE}',
    "in a signature": lambda x: signed(f"<ds:SignatureValue>{x}</ds:SignatureValue>"),
    "in no signature": lambda x: signed(x).replace("ds:Signature", "ds:Object"),
    "behind the root": lambda x: SAMTALE + x,
    "in a cut file": lambda x: filled("navn", x).partition("<tidspunkt>")[0] + x,
    "before a mismatch": lambda x: filled("navn", f"{x}</x>"),
    "in an open attribute": lambda x: with_attributes(f'a="{x} <'),
    "in the declaration": told,
    "in the XML version": lambda x: told("UTF-8", version=x),
    "in a broken declaration": lambda x: f"<?xml {x}?>{SAMTALE}",
    "instead of XML": lambda x: x,
}
_NAME = "p" + NUMBER
NAMED = [
    *(swap("<hoved>", f"<{_NAME}/><hoved>"), filled("navn", f"<{_NAME}/>"), swap("<hoved>", "<p010140-5000/><hoved>")),
    *(SAMTALE.replace("samtale", _NAME), swap("<hoved>", f"<{_NAME}:a xmlns:{_NAME}='urn:x'/><hoved>")),
    *(filled("navn", f"&{_NAME};"), filled("navn", f"<{_NAME}></x>"), filled("navn", f"<?{_NAME}?>")),
    *(with_attributes(f'{_NAME}=""'), with_attributes(f'{_NAME}="" {_NAME}=""'), with_attributes(f'{_NAME}:a=""')),
    *(signed(f"<{_NAME}>x<!-- --></{_NAME}>"), swap("<hoved>", f"<{_NAME}>x<!-- --></{_NAME}><hoved>")),
]


@pytest.mark.parametrize("place", PLACES)
def test_no_report_error_or_log_tells_what_a_document_holds(place: str, witness: Witness) -> None:
    for secret in (NUMBER, "010140-5000", FREE.replace("&", "&amp;"), FREE):
        text = PLACES[place](secret).replace("Maja Prøvesen", "X")
        assert silent(witness.hear(text.encode()))
        assert silent(witness.hear(text.encode("utf-16")))
        # Here the bytes are none of UTF-8: what decodes them quotes them.
        assert silent(witness.hear(text.encode("latin-1")))


@pytest.mark.parametrize("text", NAMED, ids=range(len(NAMED)))
def test_no_name_tells_a_number(text: str, witness: Witness) -> None:
    assert silent(witness.hear(text.replace("Maja Prøvesen", "X").encode()))


@pytest.mark.parametrize("digits", ["٠١٠١٤٠٥٠٠٠", "０１０１４０５０００", "०१०१४०५०००"])
def test_a_number_in_the_digits_of_another_script_is_a_number(digits: str, witness: Witness) -> None:
    for element in ("form", "samtaletype", "akassekode", "frist"):
        assert digits not in witness.hear(filled(element, digits).encode())
    assert digits not in witness.hear(swap("<hoved>", f"<p{digits}/><hoved>").encode())


# Planted in a dict


class Talkative:
    """An object that tells its secret however it is asked."""

    def __str__(self) -> str:
        return f"{NUMBER} {FREE}"

    __repr__ = __str__

    def _tell(self, *_: object) -> Any:
        raise ValueError(str(self))

    __bool__ = __len__ = __iter__ = __hash__ = __int__ = __index__ = __eq__ = __lt__ = __format__ = _tell


class TalkativeText(str):
    """Text that says something else when it is asked for itself."""

    __slots__ = ()
    __str__ = __repr__ = __format__ = Talkative.__str__  # type: ignore[assignment]


VALUES: list[Any] = [
    *(NUMBER, FREE, int(NUMBER), [NUMBER], {NUMBER: FREE}, {FREE: NUMBER}, (FREE,), NUMBER.encode(), {FREE}, 1e9),
    *(Talkative(), TalkativeText("x"), [Talkative()], {"x": Talkative()}, datetime(2026, 1, 1), True, None),
    *(f"{NUMBER}\ud800", f"{FREE}\0", f"<{NUMBER}>"),
]


def _leaves(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    entries = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, value in entries:
        yield (*path, key)
        yield from _leaves(value, (*path, key))


def planted(name: str, path: tuple[Any, ...], value: Any, key: Any = None) -> dict[str, Any]:
    document = hostile.example(name)
    document[name]["person"]["navn"] = "X"
    content: Any = document
    for step in path[:-1]:
        content = content[step]
    content[path[-1] if key is None else key] = value
    return document


@pytest.mark.parametrize("name", ["samtale", "minPlanUdkast", "kravTilJobsoegning"])
@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_no_report_or_error_tells_what_a_dict_holds(name: str, value: Any, witness: Witness) -> None:
    for path in _leaves(hostile.example(name)):
        assert silent(witness.hear(planted(name, path, value)))


KEYS = (NUMBER, f"p{NUMBER}", "010140-5000", FREE, FREE[:10], (NUMBER,), 101405000, b"010140")


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_no_report_or_error_tells_a_key(key: Any, witness: Witness) -> None:
    for path in (("samtale",), ("samtale", "hoved"), ("samtale", "person", "navn"), ("samtale", "aftaler", 0, "tekst")):
        assert silent(witness.hear(planted("samtale", path, NUMBER, key)))
    assert silent(witness.hear({key: {}}))
    assert silent(witness.hear({"samtale": {key: FREE, FREE: NUMBER}}))


@pytest.mark.parametrize("text", ['{{"{}":1,"{}":2}}', '{{"{}" {}', '"{}"', '{{"{}":NaN}}', '{{"{}":' + "1" * 9_999])
def test_json_that_is_refused_is_not_told(text: str) -> None:
    for secret in (NUMBER, FREE):
        with pytest.raises(Refused) as caught:
            json_documents.load(text.format(secret, secret).encode())
        assert silent(told_by_error(caught.value) + repr(caught.value.finding))


def test_a_key_that_stands_twice_is_soon_found_in_a_large_object() -> None:
    text = "{" + "".join(f'"k{number}":0,' for number in range(30_000)) + '"k29999":0}'
    start = time.process_time()
    with pytest.raises(Refused, match="key-repeated"):
        json_documents.load(text.encode())
    assert time.process_time() - start < 30 * reference_seconds(), "a hundred times what one pass takes"


SPLIT = "01<![CDATA[01]]>40<![CDATA[50]]>00"
"""A number of which no six digits stand together in the file."""
WRITTEN = (NUMBER, "010140-5000", SPLIT, "&#48;1&#x30;14&#48;5&#48;&#48;&#48;", f"<![CDATA[{NUMBER}]]>")


@pytest.mark.parametrize("text", WRITTEN)
@pytest.mark.parametrize("own", [NUMBER, SPLIT, "x", ""])
def test_a_number_in_a_text_is_warned_of_however_it_is_written(text: str, own: str) -> None:
    report = exchange.validate(filled("personnummer", own, filled("tekst", f"Ring til {text}!")).encode())
    assert [(f.code, f.path) for f in report.findings if f.layer == "rules"] == [
        ("text-personnummer", "/samtale/aftaler/aftale[1]/tekst")
    ]


# What is shown


def test_the_mask_is_the_same_whatever_it_hides() -> None:
    assert MASK == "*" * 10
    for element, values in {
        "personnummer": ["", "1", NUMBER[:9], NUMBER * 9],
        "form": ["A b", "0101401", FREE.replace("&", ""), "x" * 5_000],
        "navn": ["", "x" * 141, "x" * 9_000],
    }.items():
        for value in values:
            (finding,) = exchange.validate(filled(element, value).encode()).findings
            assert (finding.value, finding.message.count("*"), finding.danish.message.count("*")) == (MASK, 10, 10)


def test_values_are_shown_to_who_asks() -> None:
    for element, value in {"personnummer": "0101405O00", "frist": "i morgen", "form": "Vi ses", "rolle": "mor"}.items():
        (finding,) = exchange.validate(filled(element, value).encode(), show_values=True).findings
        assert finding.value == value
        assert f"(got '{value}')" in finding.message + finding.danish.message.replace("fik", "got")


# Control characters, marks of direction, what has no width: in XML names only some of them can stand.
IN_NAMES = "\u200c\u200d\u034f\u115f\u17b4\u180b\u3164\ufe0f\uffa0\U000e0100"
IN_VALUES = "\x7f\x85\x9b\u00ad\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2066\u2069\ufeff\ufff9\U000e0041"


@pytest.mark.parametrize("character", IN_NAMES + IN_VALUES, ids=lambda character: f"U+{ord(character):04X}")
def test_what_cannot_be_seen_is_shown_escaped(character: str) -> None:
    keys = {f"a{character}b": 1, "\x1b[31m\n\r\t": {}}
    documents: list[Any] = [filled("form", f"a{character}b").encode(), {"samtale": keys}]
    if character in IN_NAMES:
        documents.append(swap("<hoved>", f"<a{character}b/><hoved>").encode())
    for document in documents:
        report = exchange.validate(document, show_values=True)
        assert report.findings
        for finding in report.findings:
            said = "".join((finding.message, finding.path, finding.value or "", *finding.danish))
            assert character not in said
            assert said.isprintable()


# Several at once


def test_threads_do_not_hear_of_each_other() -> None:
    texts = [SAMTALE, KRAV, filled("form", "A b"), "\n" * 7 + filled("frist", "x"), swap("<hoved>", "<x/><hoved>")]
    texts += [signed("").replace("ds:Signature", "ds:Object"), SAMTALE[:200], filled("kommune", "9999", KRAV)]
    ours = exchange.Exchange()
    alone = [exchange.validate(text.encode()) for text in texts]
    with ThreadPoolExecutor(8) as threads:
        for number, report in enumerate(threads.map(lambda at: ours.validate(texts[at % 8].encode()), range(1_600))):
            assert report == alone[number % 8]


WATCH = """
import sys, exchange
opened, watching = [], False
sys.addaudithook(lambda event, _: watching and event.split(".")[0] in ("open", "socket", "urllib") and opened.append(event))
sound, *documents = sys.stdin.buffer.read().split(b"\\0")
for first in (sound, sound.replace(b"<hoved>", b"<hoved><!-- -->"), sound.replace(b">test<", b">t<")):
    exchange.validate(first)
watching = True
verdicts = [exchange.validate(data).verdict for data in documents]
print(opened, *verdicts)
"""


def test_nothing_that_a_document_names_is_opened(tmp_path: Path) -> None:
    # libxml2 opens files behind Python's back; it would wait for this one for ever.
    trap = tmp_path / "trap"
    os.mkfifo(trap)
    hints = f'{XSI} xsi:schemaLocation="urn:x-par87:samtale:1 {trap} urn:q {trap.as_uri()}" xsi:noNamespaceSchemaLocation="{trap}"'
    documents = [
        SAMTALE,
        swap(ROOT, f"{ROOT[:-1]} {hints}>"),
        swap(">test<", ">t<", swap("<hoved>", f"<q:a xmlns:q='urn:q' {hints}/><hoved>")),
        f'<?xml-stylesheet href="{trap}"?><?xml-model href="{trap}"?>{signed(f"<ds:Object {hints}/>")}',
        swap("<hoved>", f'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="{trap}"/><hoved>'),
        f'<!DOCTYPE a SYSTEM "{trap}" [<!ENTITY % p SYSTEM "{trap}"> %p; <!ENTITY e SYSTEM "{trap}">]>{filled("navn", "&e;")}',
        f'{BOM}{BOM}<!DOCTYPE a SYSTEM "{trap}" [<!ENTITY e SYSTEM "{trap}">]>{filled("navn", "&e;")}',
    ]
    command = [sys.executable, "-c", WATCH]
    data = "\0".join(documents).encode()
    done = subprocess.run(command, input=data, capture_output=True, timeout=hostile.SECONDS, check=True)
    assert done.stdout.decode().split() == ["[]", "accepted", "rejected", "accepted", *["rejected"] * 3]


@pytest.mark.parametrize("codec", ["US-ASCII", "UTF-16"])
def test_a_document_in_another_encoding_than_it_says_is_in_no_exception(codec: str) -> None:
    text = f'<?xml version="1.0" encoding="{codec}"?><samtale><personnummer>0101405000</personnummer>ø</samtale>'
    data = text.encode() if codec == "US-ASCII" else text.encode("utf-16")[:-1]
    for read in (parsing.to_utf8, parsing.open_document, parsing.canonical_form, element_of):
        with pytest.raises(Refused) as refused:
            read(data)
        assert chain(refused.value) == [refused.value]
        assert TRACES[0] not in told_by_error(refused.value)
