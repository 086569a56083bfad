"""Four validators that share no code give the same verdict: libxml2, which decides, xmlschema, the JDK's and .NET's."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from lxml import etree
from support import schema_judges
from support.mutations import mutate
from support.strategies import documents, stable

from exchange.api import Exchange
from exchange.errors import Refused
from exchange.model.catalog import Version
from exchange.model.spec import Field, Record, Simple
from exchange.xml import parsing
from exchange.xml.codec import codec

EXCHANGE = Exchange()
VERSIONS = EXCHANGE.catalog.versions
HERE = Path(__file__).parents[1]
EACH = 20_400 // len(VERSIONS)
"""Mutations of each message that get as far as the schema; of all together more than 20,000."""


class Case(NamedTuple):
    """A document that xmlio let through, and libxml2's verdict on it."""

    version: Version
    data: bytes
    valid: bool

    def root(self) -> etree._Element:
        root: etree._Element = parsing.open_document(self.data)[1]
        return root


class Difference(NamedTuple):
    """Where a judge is known to differ from libxml2. `explains` must be narrow: nothing else is excused."""

    judge: str
    reason: str
    explains: Callable[[Case], bool]
    examples: tuple[tuple[str, str], ...]
    """A path of ours and the text put there, each of which must make the difference occur; none for one tested elsewhere."""


def _blank_that_is_none(case: Case) -> bool:
    """True if libxml2 too accepts the document once each blank unknown to XML is a plain one."""
    root = case.root()
    for element in root.iter(etree.Element):
        element.text = _plain_blanks(element.text)
        element.tail = _plain_blanks(element.tail)
    return not case.valid and codec(case.version).judge.accepts(root)


def _plain_blanks(text: str | None) -> str | None:
    return text and "".join(" " if c.isspace() and c not in " \t\r\n" else c for c in text)


def _long_in_utf16(case: Case) -> bool:
    """True if a text is within its length in characters, beyond it in the two halves that Java and .NET make of some."""
    return case.valid and any(_beyond(item, text) for item, text in _texts(case.version.spec.content, case.root()))


def _beyond(item: Simple, text: str) -> bool:
    return item.max_length is not None and len(text) <= item.max_length < len(text.encode("utf-16-le")) // 2


def _texts(record: Record, element: etree._Element) -> list[tuple[Simple, str]]:
    fields: dict[str, Field] = {field.name: field for field in record.fields}
    found: list[tuple[Simple, str]] = []
    for child in element.iterchildren(etree.Element):
        field = fields.get(etree.QName(child).localname)
        if field and isinstance(field.type, Record):
            found += _texts(field.type, child)
        elif field and isinstance(field.type, Simple):
            found.append((field.type, child.text or ""))
    return found


def _newline_at_end(case: Case) -> bool:
    """True if libxml2 too accepts the document once no value ends with a newline."""
    root = case.root()
    return not case.valid and schema_judges.without_last_newlines(root) and codec(case.version).judge.accepts(root)


def _unknown_xsi_attribute(case: Case) -> bool:
    return case.valid and schema_judges.has_unknown_xsi_attribute(case.root())


def _unknown_xml_space(case: Case) -> bool:
    return case.valid and schema_judges.has_unknown_xml_space(case.root())


_LONG_IN_UTF16 = (("/samtale/person/navn", "𝄞" * 140), ("/minPlanUdkast/plan/forslag", "x" * 4049 + "𝄞"))
DIFFERENCES = (
    Difference(
        "xmlschema",
        "It strips what Python calls white space, U+00A0, U+0085 and U+2028 among it; XML knows four blanks.",
        _blank_that_is_none,
        (
            ("/kravTilJobsoegning/omfang/antal", "\xa02\xa0"),
            ("/samtale/tidspunkt", "2026-11-20T13:00:00+01:00\u2028"),
            ("/samtale/aftaler", "\x85"),
        ),
    ),
    Difference(
        "jdk",
        "It counts a character beyond U+FFFF as two. A text of such characters may be refused although it is short enough.",
        _long_in_utf16,
        _LONG_IN_UTF16,
    ),
    Difference("mono", "It counts in UTF-16 as well.", _long_in_utf16, _LONG_IN_UTF16),
    Difference(
        "mono",
        "The end of its patterns stands before a newline at the end of a value too.",
        _newline_at_end,
        (("/samtale/person/personnummer", "0101405000\n"), ("/samtale/form", "video\n")),
    ),
    Difference(
        "mono",
        "It knows the attributes of the namespace xsi, and refuses others also in a signature, which is not validated.",
        _unknown_xsi_attribute,
        (),
    ),
    Difference(
        "mono",
        "It reads no document in which xml:space is neither default nor preserve, as in a signature, which is not validated.",
        _unknown_xml_space,
        (),
    ),
)


def _known(judge: str, case: Case) -> bool:
    return any(difference.judge == judge and difference.explains(case) for difference in DIFFERENCES)


def _case(version: Version, data: bytes) -> Case | None:
    try:
        root = parsing.open_document(data)[1]
    except Refused:
        return None
    return Case(version, data, codec(version).judge.accepts(root))


def _valid_documents(version: Version) -> list[bytes]:
    found = [EXCHANGE.build(version.example(), version=version.version)]

    @given(documents(version.spec, EXCHANGE.catalog.lists))
    @stable(40)
    def gather(document: dict[str, Any]) -> None:
        found.append(codec(version).encode(document[version.name]).data)

    gather()
    # The long ones say no more than the short ones, and slowly.
    return [found[0], *sorted(set(found[1:]), key=lambda data: (len(data), data))[:20]]


@pytest.fixture(scope="module")
def mutated() -> list[Case]:
    cases: list[Case] = []
    for version in VERSIONS:
        random = Random(version.name)
        originals = itertools.cycle(_valid_documents(version))
        seen: set[bytes] = set()
        reached: list[Case] = []
        while len(reached) < EACH:
            data = mutate(next(originals), version.spec, random)
            case = None if data in seen else _case(version, data)
            seen.add(data)
            if case is not None:
                reached.append(case)
        cases += reached
    return cases


@pytest.fixture(scope="module")
def corpus() -> list[Case]:
    cases: list[Case] = []
    for path in sorted((HERE / "corpus").glob("**/*.xml")):
        try:
            root = parsing.open_document(path.read_bytes())[1]
        except Refused:
            continue
        version = EXCHANGE.catalog.by_tag.get(root.tag)
        if version is not None:
            cases.append(Case(version, path.read_bytes(), codec(version).judge.accepts(root)))
    return cases


def _xmlschema(case: Case) -> bool:
    root: Any = case.root()  # xmlschema takes lxml's elements, its types do not say so
    return case.version.component_model().is_valid(root)


def _disagreements(judge: str, cases: list[Case], verdicts: list[bool]) -> list[Case]:
    pairs = zip(cases, verdicts, strict=True)
    return [case for case, verdict in pairs if verdict != case.valid and not _known(judge, case)]


def test_what_the_judges_see_holds_nothing_that_the_door_refuses(mutated: list[Case]) -> None:
    # A comment in a value hides half of it from the decoder; a hint sends libxml2 to another file.
    unsafe = etree.XPath(
        ".//comment() | .//processing-instruction() | .//@x:type | .//@x:nil | .//@x:schemaLocation"
        " | .//@x:noNamespaceSchemaLocation",
        namespaces={"x": "http://www.w3.org/2001/XMLSchema-instance"},
    )
    assert [case for case in mutated if unsafe(case.root())] == []


def test_xmlschema_agrees_on_the_mutations(mutated: list[Case]) -> None:
    assert len(mutated) >= 20_000
    assert _disagreements("xmlschema", mutated, [_xmlschema(case) for case in mutated]) == []
    # Mutations that are all refused, or all accepted, would prove little.
    assert 0.1 < sum(case.valid for case in mutated) / len(mutated) < 0.5


def test_xmlschema_agrees_on_the_corpus(corpus: list[Case]) -> None:
    assert corpus
    assert _disagreements("xmlschema", corpus, [_xmlschema(case) for case in corpus]) == []


def test_what_is_refused_is_explained(mutated: list[Case]) -> None:
    refused = [case for case in mutated if not case.valid]
    unexplained: list[Case] = []
    for case in refused:
        report = EXCHANGE.validate(case.data)
        assert report.verdict == "rejected"
        assert any(finding.severity == "error" for finding in report.findings)
        if "schema-refused" in report.counts:
            unexplained.append(case)
    # Where xmlschema sees no fault, it can explain none. Nowhere else may it come to that.
    assert [case for case in unexplained if not _known("xmlschema", case)] == []
    assert len(unexplained) < 0.005 * len(refused), f"{len(unexplained)} of {len(refused)}"


class Judge:
    """A validator of another platform: asked for verdicts on documents by the schemas as they are shipped."""

    def __init__(self, name: str, command: schema_judges.Command) -> None:
        self.name = name
        self._command = command

    def ask(self, cases: list[Case]) -> list[bool]:
        """Return for each document whether it is valid."""
        documents = ((VERSIONS.index(case.version), case.data) for case in cases)
        schemas = [version.schema_path for version in VERSIONS]
        return [verdict == "valid" for verdict in schema_judges.ask(self._command, schemas, documents)]


@pytest.fixture(scope="module", params=["jdk", "mono"])
def judge(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Judge:
    """A judge, compiled."""
    schema_judges.need(*(("javac", "java") if request.param == "jdk" else ("mcs", "mono")))
    folder = tmp_path_factory.mktemp("judge")
    return Judge(request.param, (schema_judges.jdk if request.param == "jdk" else schema_judges.mono)(folder))


def test_the_schemas_compile_elsewhere(judge: Judge) -> None:
    assert judge.ask([]) == []


def test_other_platforms_agree_on_the_mutations(judge: Judge, mutated: list[Case]) -> None:
    assert _disagreements(judge.name, mutated, judge.ask(mutated)) == []


def test_other_platforms_agree_on_the_corpus(judge: Judge, corpus: list[Case]) -> None:
    assert corpus
    assert _disagreements(judge.name, corpus, judge.ask(corpus)) == []


def test_each_known_difference_occurs(judge: Judge) -> None:
    for difference in DIFFERENCES:
        for path, text in difference.examples if difference.judge == judge.name else ():
            case = _example(path, text)
            assert judge.ask([case]) == [not case.valid], (difference.reason, path)
            assert difference.explains(case)


def test_each_known_difference_of_xmlschema_occurs() -> None:
    for difference in DIFFERENCES:
        for path, text in difference.examples if difference.judge == "xmlschema" else ():
            case = _example(path, text)
            assert _xmlschema(case) is not case.valid, (difference.reason, path)
            assert difference.explains(case)


def _example(path: str, text: str) -> Case:
    version = EXCHANGE.catalog.latest(path.split("/")[1])
    assert version is not None
    root = etree.fromstring(EXCHANGE.build(version.example(), version=version.version))
    element = root.find("/".join(f"{{{version.namespace}}}{name}" for name in path.split("/")[2:]))
    assert element is not None
    element.text = text
    case = _case(version, etree.tostring(root))
    assert case is not None
    return case
