"""Writes the rules between values as ISO Schematron (ISO/IEC 19757-3), for programs that have XSLT or XPath 2.0."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from lxml import etree

from exchange.docs import outline
from exchange.findings.finding import Kind
from exchange.findings.undetermined_kinds import CHECK_INCOMPLETE
from exchange.model.catalog import Version
from exchange.model.spec import Simple
from exchange.publishing.assertions import ASSERTIONS, Assertion, midnight, texts
from exchange.publishing.code_lists import pretty, xml_name
from exchange.validation.rules import KINDS, rules_of
from exchange.validation.rules.base import Rule

_SCH = "http://purl.oclc.org/dsdl/schematron"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_XSD = "http://www.w3.org/2001/XMLSchema"


def schematron(version: Version) -> bytes:
    """Return the rules of a version as Schematron, query language XSLT 2.0, with no function of XSLT's own.

    It is for documents that the schema accepts. The `id` of an assertion is the code of the finding; where one has several, `.2`,
    `.3` … stand behind it. `role` is the severity. The text is in English, its diagnostic in Danish. A rule that differs in
    time has an assertion for each period, by the date of the event.
    """
    root = etree.Element(f"{{{_SCH}}}schema", {"queryBinding": "xslt2", _XML_LANG: "en"}, nsmap={None: _SCH})
    _add(root, "title", text=f"{version.name}, version {version.version}")
    _add(root, "ns", prefix="m", uri=version.namespace)
    _add(root, "ns", prefix="xs", uri=_XSD)
    diagnostics = etree.Element(f"{{{_SCH}}}diagnostics")
    for name, code_list in sorted(version.lists.items()):
        _add(root, "let", name=xml_name(name), value=texts(dict.fromkeys(row.kode for row in code_list)))
    for rule in rules_of(version):
        _Writer(version, rule, root, diagnostics).write()
    root.append(diagnostics)
    return pretty(root)


def unsaid() -> list[str]:
    """Return the codes of the rules that no Schematron here has, such as those between the messages of a delivery."""
    # A check that could not run is no rule.
    said = {*ASSERTIONS, CHECK_INCOMPLETE.code}
    return [code for code, kind in KINDS.items() if kind.layer == "rules" and code not in said]


class _Period(NamedTuple):
    """How a rule is from `since` on, up to `until`: local dates in Denmark, None is unbounded."""

    since: date | None
    until: date | None
    kind: Kind


class _Writer:
    """Writes one rule: a pattern, and what its assertions say in Danish."""

    def __init__(self, version: Version, rule: Rule, root: etree._Element, diagnostics: etree._Element) -> None:
        self._version = version
        self._rule = rule
        self._root = root
        self._diagnostics = diagnostics
        self._count = 0

    def write(self) -> None:
        code = self._rule.kind.code
        for number, assertion in enumerate(ASSERTIONS.get(code, ()), 1):
            if "{texts}" in assertion.context and not any(self._texts()):
                continue
            pattern = _add(self._root, "pattern", id=f"pattern.{code}" + (f".{number}" if number > 1 else ""))
            rule = _add(pattern, "rule", context=self._filled(assertion.context))
            for name, value in assertion.lets:
                _add(rule, "let", name=name, value=self._filled(value))
            for period in _periods(self._rule.kind):
                self._assert(rule, assertion, period)

    def _assert(self, rule: etree._Element, assertion: Assertion, period: _Period) -> None:
        self._count += 1
        name = period.kind.code + (f".{self._count}" if self._count > 1 else "")
        excepted = [*self._outside(period), *self._unknown_codes()]
        test = " or ".join([*excepted, f"({self._filled(assertion.test)})"])
        text = {"id": name, "role": period.kind.severity, "diagnostics": f"{name}.da", "test": test}
        _add(rule, "assert", text=self._text(period.kind, "en"), **text)
        danish = _add(self._diagnostics, "diagnostic", text=self._text(period.kind, "da"), id=f"{name}.da")
        danish.set(_XML_LANG, "da")

    def _text(self, kind: Kind, lang: str) -> str:
        # Which of the paragraphs it is, depends on the date of the event.
        paragraphs = " / ".join(each.paragraph for each in self._version.law.paragraphs)
        return " – ".join(outline(text, lang, paragraphs) for text in kind.text(lang))

    def _filled(self, xpath: str) -> str:
        version = self._version
        filled = {
            "{root}": version.name,
            "{texts}": "|".join(map(_path, self._texts())),
            "{event}": _moment(version),
        }
        for placeholder, text in filled.items():
            xpath = xpath.replace(placeholder, text)
        return xpath

    def _texts(self) -> Iterator[str]:
        return (path for path, field in self._version.spec.walk() if _is_text(field.type))

    def _outside(self, period: _Period) -> Iterator[str]:
        """Yield what is true of events outside of a period."""
        for day, comparison in ((period.since, "lt"), (period.until, "ge")):
            if day is not None:
                yield self._filled(f"{{event}} {comparison} {midnight(day)}")

    def _unknown_codes(self) -> Iterator[str]:
        """Yield what is true where a code that the rule is about is in no list: then the rule says nothing."""
        for about in self._rule.about:
            path = f"/{self._version.name}/{about}"
            field = self._version.fields.get(path)
            if field and isinstance(field.type, Simple) and field.type.code_list:
                yield f"{_path(path)}[not(. = ${xml_name(field.type.code_list)})]"


def _periods(kind: Kind) -> Iterator[_Period]:
    since: date | None = kind.since
    state: Kind | None = kind
    for change in kind.changes:
        if state is not None:
            yield _Period(since, change.since, state)
        since, state = change.since, change.kind
    if state is not None:
        yield _Period(since, None, state)


def _is_text(of: object) -> bool:
    return isinstance(of, Simple) and of.confidential == "text"


def _moment(version: Version) -> str:
    """Return the XPath of the moment of a message's event: of a mere date noon, which is on that day in Denmark too."""
    path = f"/{version.name}/{version.event}"
    field = version.fields.get(path)
    if field and isinstance(field.type, Simple) and field.type.kind == "date":
        return f"dateTime(xs:date({_path(path)}), xs:time('12:00:00Z'))"
    return f"xs:dateTime({_path(path)})"


def _path(path: str) -> str:
    return path.replace("/", "/m:")


def _add(parent: etree._Element, tag: str, /, *, text: str | None = None, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{_SCH}}}{tag}", attributes)
    element.text = text
    return element
