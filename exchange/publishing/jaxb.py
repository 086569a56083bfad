"""Writes the binding file by which xjc makes Java classes of the closed schemas: dates of java.time, a package a version."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

from lxml import etree

from exchange.model.catalog import Version
from exchange.publishing.code_lists import pretty

_XS = "http://www.w3.org/2001/XMLSchema"
JAXB_2, JAKARTA = "http://java.sun.com/xml/ns/jaxb", "https://jakarta.ee/xml/ns/jaxb"
_NUMBERS = {JAXB_2: "2.1", JAKARTA: "3.0"}
# Their methods are those of templates/Times.java.
_TYPES = (("xs:dateTime", "java.time.OffsetDateTime", "moment"), ("xs:date", "java.time.LocalDate", "day"))


def bindings(versions: Iterable[Version], jaxb: str) -> bytes:
    """Return a binding file for the closed schemas of the bundle, for JAXB 2 or for Jakarta XML Binding."""
    root = etree.Element(f"{{{jaxb}}}bindings", {"version": _NUMBERS[jaxb]}, nsmap={"jxb": jaxb, "xs": _XS})
    everywhere = etree.SubElement(root, f"{{{jaxb}}}globalBindings")
    for xml_type, java, parse_method in _TYPES:
        methods = {"parseMethod": f"dk.par87.Times.{parse_method}", "printMethod": "dk.par87.Times.text"}
        etree.SubElement(everywhere, f"{{{jaxb}}}javaType", {"name": java, "xmlType": xml_type} | methods)
    for version in versions:
        attributes = {"schemaLocation": f"../closed/{quote(version.schema_path.name)}", "node": "/xs:schema"}
        settings = etree.SubElement(
            etree.SubElement(root, f"{{{jaxb}}}bindings", attributes), f"{{{jaxb}}}schemaBindings"
        )
        name = re.sub(r"\W", "_", version.name.lower())
        etree.SubElement(settings, f"{{{jaxb}}}package", name=f"dk.par87.{name}.v{version.version}")
    return pretty(root)
