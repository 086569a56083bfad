"""Hypothesis strategies: documents as a MessageSpec describes them, foreign spellings of them, and junk."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from exchange.api import Exchange
from exchange.model.catalog import Catalog, Version
from exchange.model.code_lists import CodeList
from exchange.model.spec import Field, MessageSpec, Record, Simple
from exchange.model.values import DENMARK, VALUE_KINDS

Document = dict[str, Any]
Lists = Mapping[str, CodeList]


def stable(examples: int) -> settings:
    """The same examples in each run: a red build must mean a change, not luck."""
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        phases=set(Phase) - {Phase.explain},  # a failing example says enough, and is found sooner
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


# What XML 1.0 can hold (section 2.2). Discouraged characters are legal too, and must survive.
_ILLEGAL = "".join(map(chr, range(0x20))).translate(dict.fromkeys(map(ord, "\t\n\r"))) + "\ufffe\uffff"
XML_CHARACTERS = st.characters(codec="utf-8", exclude_characters=_ILLEGAL)
DELICATE = (
    *("]]>", "&", "<", ">", '"', "'", "&amp;", "&#13;", "<!--", "\r", "\n", "\r\n", "\t", " ", "  "),
    *("\x7f", "\x85", "\xa0", "\u2028", "\u200b", "\u202e", "\ufeff", "\ufffd", "e\u0301", "æøå", "𝄞", "\U0010ffff"),
)


def documents(spec: MessageSpec, lists: Lists) -> st.SearchStrategy[Document]:
    """Give documents that the schema accepts, in Python's own values; codes on the day and rules may be broken."""
    return _record(spec.content, lists).map(lambda content: {spec.name: content})


def _value(item: Simple | Record, lists: Lists) -> st.SearchStrategy[Any]:
    if isinstance(item, Simple):
        return _simple(item, lists)
    if item.item is not None:
        return st.lists(_value(item.item.type, lists), min_size=int(item.item.required), max_size=3)
    return _record(item, lists)


def _record(record: Record, lists: Lists) -> st.SearchStrategy[Document]:
    def of(required: bool) -> dict[str, st.SearchStrategy[Any]]:
        return {f.name: _value(f.type, lists) for f in record.fields if f.required is required}

    content = st.fixed_dictionaries(of(required=True), optional=of(required=False))
    return content.filter(bool) if record.at_least_one else content


def _simple(simple: Simple, lists: Lists) -> st.SearchStrategy[Any]:
    """Give values of a type; patterns are filtered for, so those of a base type count as well."""
    to_text = VALUE_KINDS[simple.kind].to_text
    return _of_kind(simple, lists).filter(lambda value: admits(simple, to_text(value)))


def admits(simple: Simple, text: str) -> bool:
    """True if a text has the length and the form that a type demands."""
    low, high = simple.min_length or 0, simple.max_length
    in_bounds = low <= len(text) and (high is None or len(text) <= high)
    return in_bounds and all(re.fullmatch(pattern, text) for pattern in simple.patterns)


def _of_kind(simple: Simple, lists: Lists) -> st.SearchStrategy[Any]:
    if simple.kind == "integer":
        return st.integers(simple.minimum, simple.maximum)
    if simple.kind == "boolean":
        return st.booleans()
    if simple.kind == "date":
        return st.dates(date(1900, 1, 1), date(2100, 12, 31))
    if simple.kind == "dateTime":
        return _moments()
    if simple.choices:
        # What is made here is test data, and says so where a type lets it.
        return st.just("test") if "test" in simple.choices else st.sampled_from(simple.choices)
    if simple.code_list is not None:
        return st.sampled_from([row.kode for row in lists[simple.code_list]])
    if simple.confidential == "number":
        return SAFE_NUMBERS
    if simple.name in _OF_BYTES:
        return _OF_BYTES[simple.name]
    return st.from_regex(simple.patterns[0], fullmatch=True) if simple.patterns else _texts(simple)


_OF_BYTES = {
    "Guid": st.builds(
        lambda uuid, cased: cased(str(uuid)), st.uuids(), st.sampled_from((str.lower, str.upper, str.title))
    ),
    "Sha256": st.binary(min_size=32, max_size=32).map(bytes.hex),
}
"""What takes long to draw character by character, by the name of its type."""


SAFE_NUMBERS = st.builds(
    lambda born, digit, serial: f"{born:%d%m%y}{digit}{serial:03}",
    st.dates(date(2040, 1, 1), date(2057, 12, 31)),
    st.integers(5, 8),
    st.integers(0, 999),
)
"""Personnumre of people born 2040 to 2057, who cannot be alive. No other number belongs in a test."""


def _texts(simple: Simple) -> st.SearchStrategy[str]:
    low, high = simple.min_length or 0, simple.max_length or 100
    pieces = st.one_of(st.sampled_from(DELICATE), st.text(XML_CHARACTERS, max_size=12))
    usual = st.lists(pieces, min_size=1, max_size=5).map(lambda parts: "".join(parts)[:high])
    longest = st.sampled_from(("æ", "𝄞", "a b")).map(lambda text: (text * high)[:high])
    return st.one_of(usual, usual, usual, longest).filter(lambda text: len(text) >= low)


def _moments() -> st.SearchStrategy[datetime]:
    local = st.datetimes(datetime(1900, 1, 2), datetime(2100, 12, 30)).map(lambda moment: moment.replace(microsecond=0))
    offsets = st.integers(-(12 * 60 + 59), 13 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))
    fixed = st.builds(lambda moment, zone: moment.replace(tzinfo=zone), local, st.one_of(st.just(UTC), offsets))
    danish = local.map(lambda moment: moment.replace(tzinfo=DENMARK))
    # In the hour that comes twice, and the one that never comes, Python calls equal moments of two zones unequal.
    return st.one_of(fixed, danish.filter(lambda m: m.utcoffset() == m.replace(fold=1).utcoffset()))


class Sample(NamedTuple):
    """A document with the version that describes it."""

    version: Version
    document: Document


def accepted(exchange: Exchange) -> st.SearchStrategy[Sample]:
    """Give documents of all messages that pass every check."""

    def is_accepted(sample: Sample) -> bool:
        return exchange.build_or_report(sample.document, version=sample.version.version)[1].ok

    return samples(exchange.catalog).map(rule_abiding).filter(is_accepted)


def samples(catalog: Catalog) -> st.SearchStrategy[Sample]:
    """Give documents of all messages."""
    return st.one_of([st.builds(Sample, st.just(v), documents(v.spec, catalog.lists)) for v in catalog.versions])


def rule_abiding(sample: Sample) -> Sample:
    """Bring a document in line with the rules that a random one nearly always breaks (DOMAIN section 5)."""
    document = deepcopy(sample.document)
    content = document[sample.version.name]
    if sample.version.name == "kvittering":
        return Sample(sample.version, {"kvittering": _counted(content)})
    hoved = content["hoved"]
    if hoved["handling"] == "opret":
        hoved.pop("vedroererBeskedId", None)
    else:
        hoved.setdefault("vedroererBeskedId", str(UUID(int=87)))
    for name, kind, default in (
        ("cv", "cv-samtale", {"godkendelsesstatus": "godkendt"}),
        ("raadighedsvurdering", "raadighedssamtale", {"vurdering": "under-vurdering"}),
    ):
        if content.get("samtaletype") == kind:
            content.setdefault(name, default)
        else:
            content.pop(name, None)
    if "tidspunkt" in content and content["tidspunkt"] > hoved["oprettet"]:
        content["tidspunkt"], hoved["oprettet"] = hoved["oprettet"], content["tidspunkt"]
    return Sample(sample.version, document)


def _counted(content: Document) -> Document:
    """Bring a receipt's numbers in line with its list, and with its outcome."""
    entries = content.get("beskeder", [])
    udfald = content.get("fil", content)["udfald"]
    for number, entry in enumerate(entries, 1):
        entry["nummer"] = number
        if udfald != "godtaget":
            entry["udfald"] = udfald
    accepted, failed = (sum(entry["udfald"] == each for entry in entries) for each in ("godtaget", "fejlet"))
    # Some messages may not be listed.
    more = 0 if udfald == "fejlet" else min(content["afviste"], 1_000_000 - len(entries))
    refused = len(entries) - accepted - failed + more
    counts = {"antal": accepted + refused + failed, "godtagne": accepted, "afviste": refused}
    return content | counts | ({"fejlede": failed} if "fejlede" in content else {})


_SPACE = ("", "", "\n", "\r\n  ", "\t", " ")
_BETWEEN = ("", "", "", "\n  ", "\r\n\t", "<!-- & < -->", "<?pi data?>", " <!----> ")
_HEADS = {
    "utf-8": ("", '<?xml version="1.0"?>', "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\r\n"),
    "utf-8-sig": ("", '<?xml version="1.0" encoding="UTF-8"?>'),
    "utf-16": ("", '<?xml version="1.0" encoding="UTF-16"?>\n', "<?xml version='1.0'?>"),
    "latin-1": ('<?xml version="1.0" encoding="ISO-8859-1"?>', "<?xml version='1.0' encoding='iso-8859-1'?>\n"),
    "ascii": ('<?xml version="1.0" encoding="US-ASCII"?>',),
}
SIGNATURE = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="s"><ds:SignedInfo/>x</ds:Signature>'


class Choose(Protocol):
    """Chooses one of some options."""

    def __call__(self, options: Sequence[str], /) -> str: ...


@st.composite
def respelled(draw: st.DrawFn, sample: Sample) -> bytes:
    """Write a document as another program might: same content, other bytes."""
    return respell(lambda options: draw(st.sampled_from(options)), sample)


def respell(choose: Choose, sample: Sample) -> bytes:
    """Write a document as `respelled` does, choosing by other means."""
    codec = choose(sorted(_HEADS))
    body = _Respeller(choose, sample.version, codec).root(sample.document[sample.version.name])
    head = choose(_HEADS[codec])
    after = choose(("", "\n", "\r\n<!-- slut -->\n"))
    before = choose(("", "<!-- start -->\n"))
    return f"{head}{before}{body}{after}".encode(codec)


class _Respeller:
    def __init__(self, choose: Choose, version: Version, codec: str) -> None:
        self.choose = choose
        self.spec = version.spec
        self.codec = codec
        self.prefixes = choose(("", "m", " m", "ns0 a.b-c ")).split(" ")

    def root(self, content: Document) -> str:
        quote = self.choose("'\"")
        names = [f"xmlns:{prefix}" if prefix else "xmlns" for prefix in self.prefixes]
        declared = "".join(f" {name} = {quote}{self.spec.namespace}{quote}" for name in names)
        hint = ' xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="urn:x nowhere.xsd"'
        extra = self.choose(("", ' xmlns:unused="urn:x"', hint))
        signature = self.choose(("", SIGNATURE))
        return self.element(self.spec.name, self.fields(self.spec.content, content) + signature, declared + extra)

    def element(self, name: str, content: str, declared: str = "") -> str:
        prefix = self.choose(self.prefixes)
        tag = f"{prefix}:{name}" if prefix else name
        return f"<{tag}{declared}{self.choose(_SPACE)}>{content}</{tag}{self.choose(_SPACE)}>"

    def fields(self, record: Record, content: Document) -> str:
        present = [field for field in record.fields if field.name in content]
        # A comment in an element without children counts as one in a value, and is refused.
        end = _BETWEEN if present else _SPACE
        return "".join(self.field(field, content[field.name]) for field in present) + str(self.choose(end))

    def field(self, field: Field, value: Any) -> str:
        return str(self.choose(_BETWEEN)) + self.element(field.name, self.content(field.type, value))

    def content(self, item: Simple | Record, value: Any) -> str:
        if isinstance(item, Simple):
            text = self.text(VALUE_KINDS[item.kind].to_text(value))
            # The schema collapses white space around all that is no text.
            return text if item.kind == "string" else f"{self.choose(_SPACE)}{text}{self.choose(_SPACE)}"
        if item.item is not None:
            inner = item.item
            return "".join(self.field(inner, entry) for entry in value) + str(self.choose(_BETWEEN))
        return self.fields(item, value)

    def text(self, text: str) -> str:
        style = self.choose(("plain", "crlf", "cdata", "half", "decimal", "hex"))
        if style in ("decimal", "hex"):
            return "".join(f"&#{ord(c)};" if style == "decimal" else f"&#x{ord(c):X};" for c in text)
        plain = {"cdata": 0, "half": len(text) // 2}.get(style, len(text))
        head, tail = text[:plain], text[plain:]
        if not tail or "\r" in tail or not self.encodable(tail):
            escaped = self.escape(text)
            return escaped.replace("\n", "\r\n") if style == "crlf" else escaped
        return self.escape(head) + "<![CDATA[" + tail.replace("]]>", "]]]]><![CDATA[>") + "]]>"

    def escape(self, text: str) -> str:
        named = text.replace("&", "&amp;").replace("<", "&lt;").replace("]]>", "]]&gt;").replace("\r", "&#13;")
        return "".join(c if self.encodable(c) else f"&#{ord(c)};" for c in named)

    def encodable(self, text: str) -> bool:
        return text.encode(self.codec, "replace").decode(self.codec) == text


class _Text(str):
    """A str of another class."""

    __slots__ = ()


class _Word(str, Enum):  # noqa: UP042  # the mixin is what people have
    TEST = "test"


JUNK: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.builds(pow, st.sampled_from((10, -10)), st.sampled_from((18, 5001))),
        st.floats(),
        st.text(),
        st.text(max_size=3).map(_Text),
        st.sampled_from(("\ud800", "\0", "\x1b", "\uffff", "a\ud83d", _Word.TEST, Decimal("1.0"), time(12), ...)),
        st.binary(max_size=5),
        st.datetimes(timezones=st.sampled_from((None, UTC, DENMARK))),
        st.dates(),
        st.timedeltas(),
        st.complex_numbers(),
        st.functions(),
    ),
    lambda below: st.one_of(
        st.lists(below, max_size=4),
        st.tuples(below, below),
        st.frozensets(st.integers(), max_size=2),
        st.dictionaries(st.one_of(st.text(max_size=4), st.integers(), st.none(), st.binary(max_size=2)), below),
    ),
    max_leaves=12,
)
"""What no document holds, and some that it may hold elsewhere."""
