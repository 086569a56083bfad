"""Explains why the schema rejects a document: xmlschema finds the faults, the spec supplies names and texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

from lxml import etree

from exchange.findings import kinds
from exchange.findings.finding import Finding, Kind
from exchange.findings.suggestions import did_you_mean, nearest
from exchange.findings.undetermined_kinds import CHECK_INCOMPLETE, PATTERN_UNDECIDED
from exchange.model.catalog import Version
from exchange.model.spec import DSIG, Field, Record, Simple
from exchange.model.values import VALUE_KINDS, XML_SPACE, shown, shown_name
from exchange.validation.diagnosis import NAMESPACE_WRONG, meant_words
from exchange.xml.pattern_judge import fits
from exchange.xml.positions import Positions

# An element of lxml. Its stubs let a tag be more than the str that it is here, and xmlschema has stubs of its own.
Element = Any

_FACETS: dict[str, Kind] = {
    "XsdPatternFacets": kinds.VALUE_PATTERN,
    "XsdMinLengthFacet": kinds.VALUE_LENGTH,
    "XsdMaxLengthFacet": kinds.VALUE_LENGTH,
    "XsdEnumerationFacets": kinds.VALUE_CHOICE,
    "XsdMinInclusiveFacet": kinds.VALUE_RANGE,
    "XsdMaxInclusiveFacet": kinds.VALUE_RANGE,
}


_PATTERN = "XsdPatternFacets"
_WHOLE_NUMBER = re.compile("0|-?[1-9][0-9]*")
_OF_VALUES = (kinds.VALUE_TYPE, kinds.VALUE_PATTERN, kinds.VALUE_LENGTH, kinds.VALUE_RANGE, kinds.VALUE_CHOICE)


class Fault(NamedTuple):
    """One fault before it becomes a finding. `child` names an element that is missing from `element`."""

    kind: Kind
    element: Element
    child: str | None = None
    expected: str | None = None


class Explainer:
    """Explains the faults of one document. Without `positions` its findings have no lines."""

    def __init__(self, version: Version, root: Element, positions: Positions | None) -> None:
        self.spec = version.spec
        self.schema = version.component_model()
        self.lists = version.lists
        self.formats = version.formats
        self.root = root
        self.positions = positions
        self.namespace = f"{{{self.spec.namespace}}}"
        self._numbers: dict[Element, tuple[dict[Element, int], Counter[str]]] = {}
        # From the root inwards, so that each element finds its parent's field there.
        self.fields: dict[Element, Field | None] = {}
        for element in root.iter(etree.Element):
            self.fields[element] = None if element is root else self._field(element)

    def _field(self, element: Element) -> Field | None:
        record = self.item(element.getparent())
        if not isinstance(record, Record) or not element.tag.startswith(self.namespace):
            return None
        name = element.tag[len(self.namespace) :]
        return next((field for field in record.fields if field.name == name), None)

    def item(self, element: Element) -> Simple | Record | None:
        """Return the spec's type of an element; None for one that the spec does not know."""
        if element is self.root:
            return self.spec.content
        field = self.fields[element]
        return field.type if field else None

    def faults(self) -> list[Fault]:
        """Return the faults in document order, at most one of a kind for an element; empty if none was found."""
        found: dict[tuple[str, Element, str | None], Fault] = {}
        for fault in chain(self._shapes(), self._values()):
            found.setdefault((fault.kind.code, fault.element, fault.child), fault)
        order = {element: position for position, element in enumerate(self.fields)}
        return sorted(found.values(), key=lambda fault: order[fault.element])

    def _shapes(self) -> Iterator[Fault]:
        """Compare every known element's attributes and children with the spec: xmlschema stops at the first sibling at fault."""
        for element in self.fields:
            item = self.item(element)
            if item is not None and element.attrib:
                yield Fault(kinds.ATTRIBUTE_UNEXPECTED, element)
            if isinstance(item, Record):
                yield from self._structure(element, item)
            elif isinstance(item, Simple):
                yield from (Fault(kinds.ELEMENT_UNEXPECTED, child) for child in element.iterchildren(etree.Element))
                if item.kind != "string" and not self._fits(item, element.text or ""):
                    # xmlschema strips more than XML's white space from these.
                    yield Fault(kinds.VALUE_TYPE, element)

    def _values(self) -> Iterator[Fault]:
        """Check the values one by one by xmlschema's types: to give it whole documents is much slower."""
        known: dict[tuple[str, str], Kind | None] = {}
        for element in self.fields:
            item = self.item(element)
            if isinstance(item, Simple):
                key = (item.name, element.text or "")
                if key not in known:
                    known[key] = self._fault_of(item, key[1])
                kind = known[key]
                if kind is not None:
                    yield Fault(kind, element)

    def _fault_of(self, item: Simple, text: str) -> Kind | None:
        """Return the first fault of a value: a malformed date fails several facets at once."""
        matched = fits(item.patterns, text)
        if matched is None or (matched and is_plainly_right(item, text)):
            return None
        if not matched:
            return self._kind(item, _PATTERN, text)
        try:
            errors = self.schema.types[item.name].iter_errors(text)
            # xmlschema has no pattern of its own for \\w and the like.
            error = next((e for e in errors if type(e.validator).__name__ != _PATTERN), None)
        except Exception:  # noqa: BLE001  # OverflowError, ValueError, LookupError of its own, on hostile values
            return kinds.VALUE_TYPE
        return None if error is None else self._kind(item, type(error.validator).__name__, text)

    @staticmethod
    def _kind(item: Simple, validator: str, text: str) -> Kind:
        kind = _FACETS.get(validator, kinds.VALUE_TYPE)
        if kind is not kinds.VALUE_PATTERN or item.kind == "string":
            return kind
        # The pattern of a number also bounds its range; 1000 is not a wrong spelling.
        in_range = item.maximum is None or not _WHOLE_NUMBER.fullmatch(text.strip(XML_SPACE))
        return kinds.VALUE_TYPE if in_range else kinds.VALUE_RANGE

    @staticmethod
    def _fits(item: Simple, text: str) -> bool:
        stripped = text.strip(XML_SPACE)
        if item.maximum is not None and _WHOLE_NUMBER.fullmatch(stripped):
            return True  # at most out of range, which xmlschema sees
        return fits(item.patterns, stripped) is not False

    def _structure(self, element: Element, record: Record) -> Iterator[Fault]:
        order = {f"{self.namespace}{field.name}": position for position, field in enumerate(record.fields)}
        names = " | ".join(field.name for field in record.fields)
        present: set[str] = set()
        last = -1
        signed = 0
        for child in element.iterchildren(etree.Element):
            position = order.get(child.tag)
            if position is None:
                signed += element.getparent() is None and child.tag.startswith(f"{{{DSIG}}}")
                if signed != 1 or child.getnext() is not None:
                    yield Fault(kinds.ELEMENT_UNEXPECTED, child, expected=names)
            elif child.tag in present and not record.fields[position].repeated:
                yield Fault(kinds.ELEMENT_REPEATED, child)
            elif position < last:
                yield Fault(kinds.ELEMENT_MISPLACED, child, expected=names.replace(" | ", ", "))
            last = max(last, -1 if position is None else position)
            present.add(child.tag)
        for field in record.fields:
            if field.required and f"{self.namespace}{field.name}" not in present:
                yield Fault(kinds.ELEMENT_MISSING, element, field.name)
        if record.at_least_one and not present & order.keys():
            yield Fault(kinds.ELEMENT_EMPTY, element, expected=names)
        texts = [element.text, *(child.tail for child in element)]
        if any(text and text.strip(" \t\r\n") for text in texts):
            yield Fault(kinds.TEXT_UNEXPECTED, element)

    def path(self, element: Element, *, show_values: bool = False) -> str:
        """Return an element's path; a number where it may repeat, or does."""
        path = ""
        for step in [element, *element.iterancestors()]:
            number, of = self._number(step)
            field = self.fields[step]
            many = of > 1 or (field and field.repeated)
            name = shown_name(etree.QName(step).localname, show_values=show_values)
            path = f"/{name}{f'[{number}]' if many else ''}{path}"
        return path

    def _number(self, element: Element) -> tuple[int, int]:
        """Return an element's number among its siblings of the same name, and how many there are."""
        parent = element.getparent()
        if parent is None:
            return 1, 1
        if parent not in self._numbers:
            counts: Counter[str] = Counter()
            numbers: dict[Element, int] = {}
            for child in parent.iterchildren(etree.Element):
                counts[child.tag] += 1
                numbers[child] = counts[child.tag]
            self._numbers[parent] = numbers, counts
        numbers, counts = self._numbers[parent]
        return numbers[element], counts[element.tag]

    def law(self, element: Element | None) -> str | None:
        """Return the paragraph that an element, or the nearest known one above it, serves."""
        while element is not None:
            field = self.fields[element]
            if field:
                return field.law
            element = element.getparent()
        return self.spec.law

    def finding(self, fault: Fault, *, show_values: bool) -> Finding:
        """Return the finding for a fault."""
        kind, element, child, _ = fault
        path = self.path(element, show_values=show_values)
        at = None if self.positions is None else self.positions.of(element)
        if child is not None:
            record = self.item(element)
            fields = record.fields if isinstance(record, Record) else ()
            law = next((field.law for field in fields if field.name == child), self.law(element))
            return kind.found(f"{path}/{child}", {"parent": path.rpartition("/")[2]}, at=at, law=law)
        words = self._words(fault)
        value = self._value(element, show_values=show_values) if kind in _OF_VALUES else None
        return kind.found(path, words, at=at, law=self.law(element), value=value)

    def undecided(self, element: Element | None) -> Finding:
        """Return the finding for a document on which libxml2 gave up, at this element if that is known."""
        item = None if element is None else self.item(element)
        if not isinstance(item, Simple) or not item.patterns:
            return CHECK_INCOMPLETE.found(words={"check": "schema"})
        at = None if self.positions is None else self.positions.of(element)
        words = {"pattern": " & ".join(item.patterns)}
        return PATTERN_UNDECIDED.found(self.path(element), words, at=at, law=self.law(element))

    def _words(self, fault: Fault) -> dict[str, object]:
        item = self.item(fault.element)
        if not isinstance(item, Simple) or fault.kind not in _OF_VALUES:
            return self._words_of_name(fault)
        text = fault.element.text or ""
        en, da = self._expected(item)
        is_text = item.kind == "string"
        low, high = (_shortest(item), item.max_length) if is_text else (item.minimum, item.maximum)
        words = {
            "expected": en,
            "ventet": da,
            "length": len(text),
            "low": "-∞" if low is None else low,
            "high": "∞" if high is None else high,
        }
        return words | meant_words(item, self.lists.get(item.code_list or ""), text)

    def _expected(self, item: Simple) -> tuple[str, str]:
        """Return in both languages what a value of a type looks like."""
        if item.choices:
            return (" | ".join(item.choices),) * 2
        if item.kind != "string":
            return VALUE_KINDS[item.kind].en, VALUE_KINDS[item.kind].da
        if item.code_list:
            return f"a code in the list {item.code_list}", f"en kode i listen {item.code_list}"
        pattern = " & ".join(item.patterns)
        return self.formats.get(item.name, (f"the pattern {pattern}", f"mønstret {pattern}"))

    def _words_of_name(self, fault: Fault) -> dict[str, object]:
        expected = fault.expected
        name = etree.QName(fault.element).localname
        likely = nearest(name, expected.split(" | ")) if expected else None
        meant = NAMESPACE_WRONG if likely == name else did_you_mean(likely)
        return {
            "expected": expected or "a value only",
            "ventet": expected or "kun en værdi",
            "meant_en": meant.en,
            "meant_da": meant.da,
        }

    def _value(self, element: Element, *, show_values: bool) -> str:
        item = self.item(element)
        confidential = not isinstance(item, Simple) or item.confidential is not None
        return shown(element.text or "", confidential=confidential, show_values=show_values)


def is_plainly_right(item: Simple, text: str) -> bool:
    """True if a value that matches the patterns of its type certainly fits it. Most values do, and xmlschema is slow."""
    try:
        if item.choices and text not in item.choices:
            return False
        if not (item.min_length or 0) <= len(text) or (item.max_length is not None and len(text) > item.max_length):
            return False
        value = VALUE_KINDS[item.kind].from_text(text)
    except (ValueError, OverflowError):
        return False
    if item.kind == "string":
        return True
    if not item.patterns or text != VALUE_KINDS[item.kind].to_text(value):
        return False  # another spelling, about which the schema may have its own view
    if isinstance(value, bool) or not isinstance(value, int):
        return True
    return item.minimum is not None and item.maximum is not None and item.minimum <= value <= item.maximum


def _shortest(item: Simple) -> int:
    """Return the least length of a text; where only a pattern rules out the empty one, that is 1."""
    if item.min_length is not None:
        return item.min_length
    return 0 if fits(item.patterns, "") else 1
