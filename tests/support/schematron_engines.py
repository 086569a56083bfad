"""Judges documents by a published Schematron: with Saxon, which evaluates its XPath as the standard says it is to be."""

from __future__ import annotations

import locale
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from lxml import etree

_SCH = "{http://purl.oclc.org/dsdl/schematron}"

Judge = Callable[[bytes], list[tuple[str, str]]]
"""Returns the severity and the code of each assertion that failed, sorted; for a document in UTF-8."""


def saxon(schematron: bytes) -> Judge:
    """Return what judges documents by a schema: all its assertions as one expression."""
    root = etree.fromstring(schematron)
    processor = _processor()
    xpath = processor.new_xpath_processor()
    for namespace in root.iter(f"{_SCH}ns"):
        xpath.declare_namespace(namespace.get("prefix"), namespace.get("uri"))
    expression = f"{_lets(root)}({', '.join(_rules(root))})"

    def judge(data: bytes) -> list[tuple[str, str]]:
        xpath.set_context(xdm_item=processor.parse_xml(xml_text=data.decode()))
        failed = xpath.evaluate(expression)
        texts = [] if failed is None else [failed.item_at(at).get_string_value() for at in range(failed.size)]
        return sorted(found(text) for text in texts)

    return judge


@cache
def _processor() -> Any:
    from saxonche import PySaxonProcessor  # type: ignore[import-not-found]  # a module in C, without types

    # It sets the process's locale by the environment; then the system's reasons would be in the language of LANGUAGE.
    before = locale.setlocale(locale.LC_ALL)
    try:
        return PySaxonProcessor(license=False)
    finally:
        locale.setlocale(locale.LC_ALL, before)


def found(text: str) -> tuple[str, str]:
    """Return severity and code of an assertion that failed, from its role and its id."""
    severity, _, identifier = text.partition(" ")
    return severity, re.sub(r"\.[0-9]+$", "", identifier)


def _rules(root: etree._Element) -> Iterator[str]:
    for rule in root.iter(f"{_SCH}rule"):
        failed = ", ".join(
            f"if ({each.get('test')}) then () else '{each.get('role')} {each.get('id')}'"
            for each in rule.iter(f"{_SCH}assert")
        )
        yield f"({rule.get('context')}) ! ({_lets(rule)}({failed}))"


def _lets(element: etree._Element) -> str:
    lets = ((each.get("name"), each.get("value")) for each in element.findall(f"{_SCH}let"))
    return "".join(f"let ${name} := ({value}) return " for name, value in lets)
