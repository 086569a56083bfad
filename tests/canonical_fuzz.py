"""Holds the reader of the writer's layout against libxml2, expat, xmlschema and the reader of trees, on mutated documents.

Each of them is also tried in another layout: with a prefix, indented, with another declaration. `python tests/canonical_fuzz.py [COUNT] [SEED]`
prints how many documents were tried, how many the reader took, in either layout, and on how many of these another engine does not agree.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from random import Random
from typing import NamedTuple
from xml.parsers import expat

from lxml import etree
from support.corpus_cases import VALID, house, shipped
from support.mutations import VALUES

from exchange.api import Exchange
from exchange.model.catalog import Version
from exchange.model.spec import Simple
from exchange.testdata import messages
from exchange.xml.canonical_maker import restored
from exchange.xml.canonical_reader import CanonicalReader
from exchange.xml.codec import codec
from exchange.xml.outline import INVISIBLE_SIGN, outline_of
from exchange.xml.plain_layout import root_of
from exchange.xml.reading import Reading
from exchange.xml.writer import DECLARATION, escape

BETWEEN_XMLSCHEMA = 50
"""xmlschema takes as long as all else together many times over, so it judges every so many of the documents taken."""

CHARACTERS = (
    # Controls, of which XML has three; those of Latin-1, which it has; white space that is none to XML.
    *(
        "\x00",
        "\x01",
        "\x02",
        "\x08",
        "\t",
        "\n",
        "\x0b",
        "\x0c",
        "\r",
        "\r\n",
        "\x1b",
        "\x1f",
        "\x7f",
        "\x80",
        "\x85",
        "\x9f",
    ),
    *("\xa0", "\u2028", "\u3000", "\ufeff", "\u200b"),
    # Noncharacters: two that XML has not, others that it has.
    *("\ufffd", "\ufffe", "\uffff", "\ufdd0", "\U0001fffe", "\U0010ffff"),
    *("٢", "２", "²", "é", "e\u0301", "æ", "😀", "é😀", "𝔘"),
    # Markup and references, the writer's and others.
    *(
        "<",
        ">",
        "&",
        "'",
        '"',
        "]]>",
        "]]&gt;",
        "&lt;",
        "&gt;",
        "&amp;",
        "&#xD;",
        "&#xd;",
        "&#13;",
        "&#x0D;",
        "&#10;",
        "&#xA;",
    ),
    *(
        "&quot;",
        "&apos;",
        "&#60;",
        "&#x3C;",
        "&#38;",
        "&lt",
        "&LT;",
        "&nbsp;",
        "&aelig;",
        "&#x1;",
        "&#0;",
        "&#xFFFE;",
        "&;",
        "&#;",
    ),
    *("&amp;lt;", "&amp;amp;", "&amp;#xD;", "<!-- -->", "<![CDATA[a]]>", "<?pi?>", "<a/>", "<a></a>", "</a>"),
)
BYTES = (
    *(
        b"\xc0\xaf",
        b"\xc1\xbf",
        b"\xe0\x80\xaf",
        b"\xf0\x80\x80\xaf",
        b"\xed\xa0\x80",
        b"\xed\xbf\xbf",
        b"\xf4\x90\x80\x80",
    ),
    *(b"\x80", b"\xbf", b"\xfe", b"\xff", b"\xe6", b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b"\xf8\x88\x80\x80\x80"),
)
_VALUE = re.compile(rb"<(\w+)>([^<]*)</\1>")
_TAG = re.compile(rb"</?\w+>")
_TAG_START = re.compile(rb"</?(?=\w)")
# Where the tags of a value stand together the value is empty, and space there would be another value.
_BETWEEN = re.compile(rb"><")
_DECLARATIONS = (
    *(b"", b"\n", b'<?xml version="1.0"?>', b'<?xml version="1.0" encoding="utf-8" ?>\r\n'),
    *(b"<?xml version='1.0' encoding='UTF-8'?>\n", b"<?xml version='1.0' encoding='latin-1'?>\n", b"\xef\xbb\xbf"),
)


class Seed(NamedTuple):
    """A sound document in the writer's layout, and the types of its values by element name."""

    version: Version
    data: bytes
    types: dict[str, list[Simple]]


class Count(NamedTuple):
    """How many documents were tried, how many the reader took, as they were and in another layout, and where an engine does not agree."""

    tried: int
    taken: int
    taken_in_another_layout: int
    disagreements: list[tuple[str, bytes]]


@cache
def seeds() -> tuple[Seed, ...]:
    """Return sound documents of every message, small ones and larger ones."""
    found = []
    for tool in (shipped(), house()):
        for version in tool.catalog.versions:
            if version.has_example:
                content = version.example()[version.name]
                found.append(_seed(version, codec(version).encode(content).data))
    for case in VALID:
        document, report = case.exchange.parse_or_report(case.data)
        if document is not None:
            version = case.exchange.catalog.version_of(report)
            found.append(_seed(version, codec(version).encode(document[version.name]).data))
    exchange = Exchange()
    for size in (1_000, 2_500):
        for message in messages(exchange, exchange.catalog.reports(), 40, seed=size, size=size):
            (name,) = message.document
            found.append(_seed(exchange.catalog.of(name)[-1], message.data))
    return tuple(found)


def _seed(version: Version, data: bytes) -> Seed:
    types: dict[str, list[Simple]] = {}
    for path, field in version.spec.walk():
        if isinstance(field.type, Simple):
            types.setdefault(path.rpartition("/")[2], []).append(field.type)
    return Seed(version, data, types)


def mutated(seed: int) -> Iterator[tuple[Version, bytes]]:
    """Yield documents without end, each with one to three mutations."""
    random = Random(seed)
    while True:
        source = random.choice(seeds())
        data = source.data
        for _ in range(random.choice((1, 1, 1, 2, 3))):
            data = random.choice(_MUTATIONS)(data, source, random)
        yield source.version, data


def _new_value(data: bytes, source: Seed, random: Random) -> bytes:
    """Replace a value by another: one at the border of a facet of its type, or one that some engine reads in its own way."""
    places = list(_VALUE.finditer(data))
    if not places:
        return data
    found = random.choice(places)
    types = source.types.get(found[1].decode(), [])
    values = [value for simple in types for value in borders(simple)] if types and random.random() < 0.6 else VALUES
    text = random.choice(list(values))
    return data[: found.start(2)] + escaped(text) + data[found.end(2) :]


def escaped(text: str) -> bytes:
    """Return a text as the writer escapes it, also one that XML cannot hold."""
    for character, reference in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#xD;")):
        text = text.replace(character, reference)
    return text.encode(errors="surrogatepass")


def borders(simple: Simple) -> list[str]:
    """Return texts at the borders of a type's facets, and one beyond each."""
    found = [
        *simple.choices,
        *(f"{choice}x" for choice in simple.choices[:2]),
        *(choice.upper() for choice in simple.choices[:2]),
    ]
    for length in (simple.min_length, simple.max_length):
        if length is not None:
            for size in (length - 1, length, length + 1):
                if size >= 0:
                    # As many characters; with one that is two units of UTF-16; and in bytes of UTF-8.
                    found += ["a" * size, "😀" + "a" * (size - 1), "æ" * size, "-" * size, "<" * size]
    for number in (simple.minimum, simple.maximum):
        if number is not None:
            found += [str(number - 1), str(number), str(number + 1), f"0{number}", f"+{number}", f" {number}"]
    return found or [""]


def _character(data: bytes, _source: Seed, random: Random) -> bytes:
    """Put a character or some bytes into a value."""
    piece = random.choice(BYTES) if random.random() < 0.2 else random.choice(CHARACTERS).encode()
    values = [found for found in _VALUE.finditer(data) if found[2]]
    if not values:
        return data
    found = random.choice(values)
    at = random.randint(found.start(2), found.end(2))
    return data[:at] + piece + data[at:]


def _tag(data: bytes, _source: Seed, random: Random) -> bytes:
    """Write a tag in another way, or twice, or not at all."""
    tags = list(_TAG.finditer(data))
    if not tags:
        return data
    found = random.choice(tags)
    name = found[0].strip(b"</>")
    ways = [
        b"",
        found[0] * 2,
        found[0].replace(b">", b" >"),
        found[0].replace(b">", b"/>"),
        found[0].replace(b">", b' a="">'),
        found[0].replace(b">", b' xmlns="">'),
        found[0].replace(b">", b"&gt;>"),
        found[0].replace(b"<", b"<&lt;"),
        found[0].replace(name, b"x:" + name),
        found[0].replace(name, name.swapcase()),
        found[0].replace(name, name + b"x"),
        found[0].replace(name, name[:-1] or b"y"),
        b"\n" + found[0],
        found[0] + b" ",
        b"<" + name + b"></" + name + b">",
        b"<!-- -->" + found[0],
    ]
    return data[: found.start()] + random.choice(ways) + data[found.end() :]


def _element(data: bytes, _source: Seed, random: Random) -> bytes:
    """Take out an element that holds a value, double it, or exchange two."""
    values = list(_VALUE.finditer(data))
    if len(values) < 2:
        return data
    first, second = sorted(random.sample(values, 2), key=lambda found: found.start())
    way = random.randrange(3)
    if way == 0:
        return data[: first.start()] + data[first.end() :]
    if way == 1:
        return data[: first.end()] + first[0] + data[first.end() :]
    return data[: first.start()] + second[0] + data[first.end() : second.start()] + first[0] + data[second.end() :]


def _byte(data: bytes, _source: Seed, random: Random) -> bytes:
    """Change, take out or put in a byte."""
    at = random.randrange(len(data) + 1)
    byte = bytes([random.randrange(256)])
    return data[:at] + random.choice((byte, b"", byte + data[at : at + 1])) + data[at + 1 :]


def _frame(data: bytes, _source: Seed, random: Random) -> bytes:
    """Change what stands before and behind the root."""
    ways: tuple[Callable[[], bytes], ...] = (
        lambda: b"\xef\xbb\xbf" + data,
        lambda: data.removeprefix(DECLARATION.encode()),
        lambda: data.replace(b'encoding="UTF-8"', b'encoding="utf-8"', 1),
        lambda: data.replace(b'version="1.0"', b'version="1.1"', 1),
        lambda: data.replace(b"?>\n", b"?>\r\n", 1),
        lambda: data.replace(b"?>\n", b"?><!DOCTYPE a>\n", 1),
        lambda: data + b"\n",
        lambda: data + b"\x00",
        lambda: data + b"<!-- -->",
        lambda: data + data,
        lambda: data[: random.randrange(len(data))],
        lambda: data.replace(b'xmlns="', b"xmlns='", 1),
        lambda: data.replace(b':1">', b':2">', 1),
    )
    return random.choice(ways)()


_MUTATIONS: tuple[Callable[[bytes, Seed, Random], bytes], ...] = (
    *(_new_value,) * 4,
    *(_character,) * 4,
    _tag,
    _element,
    _byte,
    _frame,
)


def in_another_layout(data: bytes, random: Random) -> bytes:
    """Return a document as others may write it; now and then a tag is left without prefix, or space put where it is a value."""
    _, _, rest = data.partition(b"?>\n")
    declaration = random.choice(_DECLARATIONS)
    prefix = random.choice((b"", b"p", b"ns0", b"a.b-c", b"_", b"xmlp"))
    if prefix:
        left_out = random.choice((0, 0, 0.01))
        rest = rest.replace(b" xmlns=", b" xmlns:" + prefix + b"=", 1)
        rest = _TAG_START.sub(lambda found: found[0] + (prefix + b":" if random.random() >= left_out else b""), rest)
    gaps = random.choice(((b"\n",), (b"\n  ", b"\n    "), (b"\r\n\t",), (b"",), (b"", b" ", b"\t\r")))
    rest = _BETWEEN.sub(lambda _: b">" + random.choice(gaps) + b"<", rest)
    return declaration + rest + random.choice(gaps)


def read_in_another_layout(version: Version, data: bytes, *, whole: bool = False) -> Reading | None:
    """Read a document in another layout as the pipeline does."""
    root = root_of(data)
    return None if root is None or root.tag != version.tag else codec(version).read_plain(data, root, whole=whole)


def disagreement(version: Version, reading: Reading, data: bytes, *, ask_xmlschema: bool = False) -> str | None:
    """Say who does not agree that a document which the reader took is sound and holds what the reader read."""
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    except etree.XMLSyntaxError:
        return "libxml2: not well-formed"
    if not codec(version).judge.accepts(root):
        return "libxml2: not valid"
    try:
        expat.ParserCreate(namespace_separator=" ").Parse(data, True)
    except expat.ExpatError:
        return "expat: not well-formed"
    if ask_xmlschema and not version.component_model().is_valid(data.decode()):
        return "xmlschema: not valid"
    document = codec(version).decode(root)
    texts = [text for _, _, text in version.texts(document[version.name])]
    codes = [(version.lists[simple.code_list or ""], code) for _, simple, code in version.coded(document[version.name])]
    searched = searched_texts(reading)
    if reading.document() != document:
        return "the reader of trees: another dict"
    if any(text not in searched for text in texts):
        return "the reader of trees: another text"
    if not all(_is_in_outline(reading, text) for text in texts):
        return "the reader of trees: another outline"
    if reading.always != all(code in code_list.always for code_list, code in codes):
        return "the reader of trees: another code"
    if reading.canonical and etree.tostring(root, method="c14n", exclusive=True) != data[len(DECLARATION) :]:
        return "lxml: not the canonical form"
    return None


def searched_texts(reading: Reading) -> str:
    """Return what is searched for what people may not write, with its references undone."""
    return restored("\n".join(reading.texts() if reading.texts else ()))


def _is_in_outline(reading: Reading, text: str) -> bool:
    """True if the outline of a document has all that a text's own has."""
    outline, own = reading.outline or b"", outline_of(escape(text))
    invisible = bytes([INVISIBLE_SIGN])
    return own.removesuffix(invisible) in outline and (invisible not in own or invisible in outline)


def compare(count: int, seed: int, reader: Callable[[Version], CanonicalReader] | None = None) -> Count:
    """Try so many mutated documents. `reader` makes the reader of a version, by default the product's own."""
    readers: dict[Version, CanonicalReader] = {}
    taken = taken_in_another_layout = 0
    found = []
    random = Random(seed)
    for version, data in islice(mutated(seed), count):
        if version not in readers:
            readers[version] = reader(version) if reader else codec(version).read_canonical
        read = readers[version]
        other = in_another_layout(data, random)
        reading = read_in_another_layout(version, other)
        if reading is not None:
            taken_in_another_layout += 1
            fault = disagreement(version, reading, other)
            if fault:
                found.append((fault, other))
        reading, whole = read(data), read(data, True)
        if reading is None or whole is None:
            continue
        taken += 1
        fault = disagreement(version, reading, data, ask_xmlschema=taken % BETWEEN_XMLSCHEMA == 0)
        fault = fault or disagreement(version, whole, data)
        if fault:
            found.append((fault, data))
    return Count(count, taken, taken_in_another_layout, found)


def main(arguments: list[str]) -> int:
    """Print the counts; return 1 if any engine does not agree."""
    count = int(arguments[0]) if arguments else 100_000
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    result = compare(count, seed)
    sys.stdout.write(
        f"{result.tried:,} documents tried, {result.taken:,} taken by the reader, {result.taken_in_another_layout:,} in another layout, "
        f"{len(result.disagreements)} disagreements\n"
    )
    for fault, data in result.disagreements[:10]:
        sys.stdout.write(f"{fault}: {data[:2000]!r}\n")
    return 1 if result.disagreements else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
