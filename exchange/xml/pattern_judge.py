"""libxml2's verdict on a single value: whether it matches the patterns of its type."""

from __future__ import annotations

from functools import lru_cache

from lxml import etree

from exchange.model.lazy import COMPILING

_XSD = "http://www.w3.org/2001/XMLSchema"


def fits(patterns: tuple[str, ...], text: str) -> bool | None:
    """True if a text matches all of these patterns of XSD, None where libxml2 gives up.

    Python's `re` would go on for ever at some patterns, at which libxml2 decides at once, or gives up in a second or two.
    """
    if not patterns:
        return True
    value = etree.Element("value")
    value.text = text
    try:
        return _compiled(patterns).validate(value)
    except etree.XMLSchemaValidateError:
        return None


@lru_cache(1024)
def _compiled(patterns: tuple[str, ...]) -> etree.XMLSchema:
    schema = etree.Element(f"{{{_XSD}}}schema", nsmap={"xs": _XSD})
    base = "xs:string"
    for number, pattern in enumerate(patterns):
        simple = etree.SubElement(schema, f"{{{_XSD}}}simpleType", name=f"t{number}")
        restriction = etree.SubElement(simple, f"{{{_XSD}}}restriction", base=base)
        etree.SubElement(restriction, f"{{{_XSD}}}pattern", value=pattern)
        base = f"t{number}"
    etree.SubElement(schema, f"{{{_XSD}}}element", name="value", type=base)
    with COMPILING:
        return etree.XMLSchema(schema)
