"""Reads documents with expat, namespaces on, beside the product, and counts where the two disagree.

`python tests/second_reader.py` prints how many documents were tried, accepted, and are read otherwise by expat.
"""

from __future__ import annotations

import io
import itertools
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from random import Random
from typing import IO, NamedTuple
from xml.parsers import expat

from lxml import etree
from support import delivery_cases
from support.corpus_cases import CORPUS, VALID, shipped
from support.mutations import mutate
from support.strategies import Choose, Document, Sample, respell

from exchange.api import Exchange
from exchange.deliveries.reading import Examination
from exchange.errors import Refused
from exchange.model.spec import DSIG
from exchange.validation.opening import open_and_check
from exchange.xml import parsing
from exchange.xml.digest import canonical_sha256

EXCHANGE = Exchange()
CATALOG = EXCHANGE.catalog

Element = tuple[str, dict[str, str], str]
"""An element as a reader sees it: its name as `{namespace}name`, its attributes, and the text directly in it."""

# The door takes these out of its tree: nothing is ever fetched from where they point.
_HINTS = {
    f"{{http://www.w3.org/2001/XMLSchema-instance}}{name}" for name in ("schemaLocation", "noNamespaceSchemaLocation")
}


def elements_by_expat(data: bytes) -> list[Element] | None:
    """Give what expat sees in a document; None if it does not read it to the last byte."""
    found: list[Element] = []
    above: list[int] = []
    texts: list[list[str]] = []
    parser = expat.ParserCreate(namespace_separator="\n")

    def start(name: str, attributes: dict[str, str]) -> None:
        above.append(len(found))
        found.append((_expanded(name), {_expanded(key): value for key, value in attributes.items()}, ""))
        texts.append([])

    def end(_name: str) -> None:
        at = above.pop()
        found[at] = (*found[at][:2], "".join(texts[at]))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = lambda text: texts[above[-1]].append(text)
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        return None
    return found


def _expanded(name: str) -> str:
    namespace, separator, local = name.rpartition("\n")
    return f"{{{namespace}}}{local}" if separator else name


def elements_of_tree(root: etree._Element) -> list[Element]:
    """Give what a tree holds, in the same form."""
    return [
        (
            str(element.tag),
            {str(key): str(value) for key, value in element.attrib.items()},
            "".join([element.text or "", *(child.tail or "" for child in element)]),
        )
        for element in root.iter(etree.Element)
    ]


class Count(NamedTuple):
    """How many documents were tried, how many of them were accepted, and those that expat reads otherwise."""

    tried: int
    accepted: int
    disagreements: list[bytes]


def compare(documents: Iterator[bytes]) -> Count:
    """Have documents read by the ways of the product that take one message, and what these accept by expat."""
    tried = accepted = 0
    disagreements = []
    for data in documents:
        tried += 1
        trees = list(accepted_trees(data))
        accepted += bool(trees)
        if trees:
            seen = elements_by_expat(data)
            if any(seen is None or tree != [_without_hints(each) for each in seen] for tree in trees):
                disagreements.append(data)
    return Count(tried, accepted, disagreements)


def _without_hints(element: Element) -> Element:
    name, attributes, text = element
    return name, {key: value for key, value in attributes.items() if key not in _HINTS}, text


def accepted_trees(data: bytes) -> Iterator[list[Element]]:
    """Give the trees that the product makes of a document: for its schemas, if they accept it, and for its digest."""
    try:
        _, _, root, valid, _ = open_and_check(CATALOG, data)
    except Refused:
        pass
    else:
        if valid:
            yield elements_of_tree(root)
    try:
        canonical_sha256(data)
    except Refused:
        return
    yield elements_of_tree(parsing.open_document(data)[1])


_NAMESPACE_ERRORS = (
    *(' xmlns:q=""', ' xmlns:q="http://[bad"', ' xmlns:xml="urn:no"', ' xmlns:xmlns="urn:x"', ' u:a="1"'),
    ' xmlns:q="http://www.w3.org/2000/xmlns/"',
    ' xmlns:q="http://www.w3.org/XML/1998/namespace"',
    *(' xmlns:a="urn:x" xmlns:b="urn:x" a:i="" b:i=""', ' xml:a:b="1"', ' :a="1"', ' xmlns:ʰ="urn:x"', ""),
)
_WARNINGS = ("<?xmlfoo a?>", ' xml:space="q"', ' xmlns:w="rel"', "<?xml-stylesheet?>", "<?ʰ?>", "")
TAILS: tuple[bytes, ...] = (
    *(b"", b"\n", b"\r\n\t ", b"<!-- end -->", b"<?end?>\n", b"<evil>\xff\xfe & junk", b"junk", b"\0", b"\xc3"),
    *(b"<samtale/>", b"</samtale>", b"&amp;", b"<![CDATA[x]]>", b"<!--", b"<!DOCTYPE x>", b"<?xml version='1.0'?>"),
    *(b"\xef\xbb\xbf", b"\xc2\xa0", b"<"),
)
_SIGNATURE = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:Object>x</ds:Object></ds:Signature>'
_ORDERS = ("error first", "warning first")


def namespace_products() -> Iterator[bytes]:
    """Give every product of a namespace error, where it stands, a parser's warning, their order, and a document's end."""
    texts = [
        delivery_cases.DECLARATION + text
        for text in (delivery_cases.samtale(1), delivery_cases.krav(2).replace("</kravTil", f"{_SIGNATURE}</kravTil"))
    ]
    for text, error, warning, order in itertools.product(texts, _NAMESPACE_ERRORS, _WARNINGS, _ORDERS):
        places = [">", "<hoved>", "<person>", "</miljoe>", *(["<ds:Object>", "</ds:Object>"] if "<ds:" in text else [])]
        for place in places:
            document = _with(text, error, warning, place, order)
            yield from (document + tail for tail in TAILS)


def _with(text: str, error: str, warning: str, place: str, order: str) -> bytes:
    """Put an error into the start tag at or behind a place, and a warning into that or the nearest tag."""
    at = text.index(place, text.index("<", 5))
    tag_end = text.index(">", at)
    if text[at : at + 2] == "</":
        tag_end = text.index(">", tag_end + 1)
    first, second = (error, warning) if order == "error first" else (warning, error)
    head, tail = text[:tag_end], text[tag_end:]
    # What is no attribute goes behind the tag.
    attributes = "".join(each for each in (first, second) if not each.startswith("<"))
    nodes = "".join(each for each in (first, second) if each.startswith("<"))
    if order == "warning first" and nodes:
        before = head.rindex("<")
        return f"{head[:before]}{nodes}{head[before:]}{attributes}{tail}".encode()
    return f"{head}{attributes}>{nodes}{tail[1:]}".encode()


def mutated(count: int) -> Iterator[bytes]:
    """Give random damage to the examples of all messages, the same on every run."""
    for version in CATALOG.versions:
        random = Random(version.name)
        original = EXCHANGE.build(version.example(), version=version.version)
        yield from (mutate(original, version.spec, random) for _ in range(count // len(CATALOG.versions)))


def corpus() -> Iterator[bytes]:
    """Give every file of the corpus."""
    yield from (path.read_bytes() for path in sorted(Path(CORPUS).rglob("*.xml")))


def respellings(count: int) -> Iterator[tuple[bytes, Document]]:
    """Give harmless other spellings of messages, the same on every run, each with the dict that it must be read as."""
    random = Random("respellings")
    choose: Choose = random.choice
    samples = [
        Sample(version, EXCHANGE.parse(EXCHANGE.build(version.example(), version=version.version)))
        for version in CATALOG.versions
    ]
    for case in VALID:
        document = EXCHANGE.parse(case.data) if case.exchange is shipped() else None
        if document is not None:
            version = CATALOG.by_tag[open_and_check(CATALOG, case.data)[2].tag]
            samples.append(Sample(version, document))
    for sample in itertools.islice(itertools.cycle(samples), count):
        yield respell(choose, sample), sample.document


def lost_respellings(count: int) -> list[bytes]:
    """Give the harmless spellings that are refused or read as another dict."""
    lost = []
    for data, document in respellings(count):
        read, _ = EXCHANGE.parse_or_report(data)
        if read != document:
            lost.append(data)
    return lost


_HIDDEN = delivery_cases.samtale(2, person="3102405000").replace('"', "'")
_DELIVERIES = (
    delivery_cases.delivery(delivery_cases.samtale(1), delivery_cases.krav(2)),
    delivery_cases.delivery(delivery_cases.samtale(1) + "\n" + _HIDDEN, antal=1),
    delivery_cases.delivery(_HIDDEN, delivery_cases.samtale(1)),
)


def delivery_products() -> Iterator[bytes]:
    """Give the same products in deliveries: in the root, the head, the messages, and behind the root."""
    places = (">", "<antal>", "</antal>", "<samtale", "<person>", "</miljoe><akassekode>67</akassekode><handling>")
    for text, error, warning, order, place in itertools.product(
        _DELIVERIES, _NAMESPACE_ERRORS, _WARNINGS, _ORDERS, places
    ):
        document = _with(delivery_cases.DECLARATION + text, error, warning, place, order)
        yield from (document + tail for tail in TAILS)


_TOKENS: tuple[bytes, ...] = (
    *(b"<!-- -->", b"<?p?>", b"<![CDATA[x]]>", b"<", b">", b"&", b"x", b"\0", b"\xff", "ȡ".encode(), b"'", b'"'),
    *(b"/", b"\n", b" ", b"=", b"]]>", b"-->", b"?>", b"<!--", b"&#65;", b"\xef\xbb\xbf", b"<!DOCTYPE x>", b"<q:x/>"),
    *(
        b"<antal>",
        b"</antal>",
        b"<samtale",
        b"</samtale>",
        b"</leverance>",
        b" q:a=''",
        b' xml:space="q"',
        b"<?xmlfoo?>",
    ),
    *(b' xmlns:q=""', b' xmlns:q="http://[bad"', b' xmlns:w="rel"', b" xmlns='urn:x-par87:samtale:1'"),
    *(b' xmlns="urn:x-par87:samtale:1"', delivery_cases.ROOT.encode(), delivery_cases.samtale(7).encode()),
    _HIDDEN.encode(),
)


def damaged_deliveries(count: int) -> Iterator[bytes]:
    """Give small deliveries with random damage to their markup, many in the head, the same on every run."""
    random = Random("deliveries")
    originals = [case.data for case in delivery_cases.CASES if len(case.data) < 6_000]
    for _ in range(count):
        data = _short_headed(random) if random.random() < 0.5 else random.choice(originals)
        for _ in range(random.randint(1, 3)):
            places = [found.start() for found in re.finditer(rb"[<>]", data)] or [0]
            at = random.choice(places) + random.choice((0, 0, 1))
            if random.random() < 0.35:
                at = random.randrange(min(len(data), 700) + 1)
            sort = random.random()
            if sort < 0.6:
                data = data[:at] + random.choice(_TOKENS) + data[at:]
            elif sort < 0.8:
                data = data[:at] + data[at + random.randint(1, 40) :]
            elif sort < 0.9:
                data = data[:at]
            else:
                data = data[:at] + data[max(0, at - random.randint(1, 200)) :]
        yield data


def _short_headed(random: Random) -> bytes:
    """Give a delivery with some of its head's elements, in any order."""
    head = re.findall(r"<(\w+)>([^<]*)</", delivery_cases.head(2, root=""))
    kept = [f"<{name}>{text}</{name}>" for name, text in head if random.random() < 0.6]
    random.shuffle(kept)
    messages = delivery_cases.samtale(1) + random.choice(("", delivery_cases.samtale(2), "<brev xmlns='u'/>"))
    return (delivery_cases.DECLARATION + delivery_cases.ROOT + "".join(kept) + messages + "</leverance>").encode()


class Seen(NamedTuple):
    """What a way through a delivery comes to: where its messages stand, and whether all of it is accepted."""

    ranges: list[tuple[int, int]]
    accepted: bool
    known: bool


def seen_by(source: bytes | IO[bytes]) -> tuple[Seen, object]:
    """Go through a delivery; give what was seen, and all that was said for comparison with another way."""
    examination = Examination(CATALOG, source, key=bytes(16))
    messages = list(examination)
    accepted = examination.report.ok and all(message.report.ok for message in messages)
    ranges = [(message.start, message.end) for message in messages]
    said = (messages, examination.report, examination.header)
    return Seen(ranges, accepted, examination.report.message is not None), said


_START_TAG = re.compile(rb"""<(?:[^"'>]|"[^"]*"|'[^']*')*>""")


def messages_by_expat(data: bytes) -> tuple[list[tuple[int, int]], bool]:
    """Give the byte ranges of a delivery's messages as expat sees them, in UTF-8; and whether it reads it to the end."""
    ranges: list[tuple[int, int]] = []
    depth, begun, own, signed, start = 0, False, "", False, 0
    parser = expat.ParserCreate("utf-8", namespace_separator="\n")

    def begin(name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth, begun, own, signed, start
        depth += 1
        namespace = name.rpartition("\n")[0]
        if depth == 1:
            own = namespace
        elif depth == 2:
            begun = begun or namespace != own
            signed = signed or name == f"{DSIG}\nSignature"
            start = parser.CurrentByteIndex if begun and not signed else -1

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1
        if depth == 1 and start >= 0 and begun:
            tag = _START_TAG.match(data, start)
            empty = tag is not None and tag[0].endswith(b"/>")
            ranges.append((start, tag.end() if tag and empty else data.index(b">", parser.CurrentByteIndex) + 1))

    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        return ranges, False
    return ranges, True


def compare_deliveries(documents: Iterable[bytes]) -> Count:
    """Go through deliveries by blocks and as streams; count those that the two, or expat, see otherwise."""
    tried = accepted = 0
    disagreements = []
    for data in documents:
        tried += 1
        (blocks, by_blocks), (_, by_stream) = seen_by(data), seen_by(io.BytesIO(data))
        accepted += blocks.accepted
        ranges, whole = messages_by_expat(data)
        if (
            by_blocks != by_stream
            or (blocks.accepted and not whole)
            # A delivery whose head cannot be told is none, and has no messages.
            or blocks.ranges != (ranges if blocks.known else [])
        ):
            disagreements.append(data)
    return Count(tried, accepted, disagreements)


SOURCES: dict[str, Callable[[], Count]] = {
    "messages: namespace error × warning × tail": lambda: compare(namespace_products()),
    "messages: corpus": lambda: compare(corpus()),
    "messages: mutations": lambda: compare(mutated(20_000)),
    "deliveries: namespace error × warning × tail": lambda: compare_deliveries(delivery_products()),
    "deliveries: mutations": lambda: compare_deliveries(damaged_deliveries(10_000)),
}


def main() -> None:
    """Print the counts."""
    for name, count in SOURCES.items():
        tried, accepted, disagreements = count()
        sys.stdout.write(f"{name}: {tried} tried, {accepted} accepted, {len(disagreements)} disagreements\n")
        sys.stdout.flush()
        for data in sorted(disagreements, key=len)[:3] if "-v" in sys.argv else ():
            sys.stdout.write(f"  {data!r}\n")
    sys.stdout.write(f"harmless respellings: 55000 tried, {len(lost_respellings(55_000))} refused or read otherwise\n")


if __name__ == "__main__":
    main()
