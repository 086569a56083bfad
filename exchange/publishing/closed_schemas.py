"""Writes a schema that stands alone: nothing included, no unused type, the codes of a day, the lengths of what has one length."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from math import inf
from pathlib import Path

from lxml import etree

from exchange.model.catalog import Catalog, Version
from exchange.model.xsd_patterns import atoms, is_plain

_XS = "http://www.w3.org/2001/XMLSchema"
_NAMED = tuple(f"{{{_XS}}}{kind}" for kind in ("simpleType", "complexType", "group", "element"))
_QUANTIFIERS = {"?": (0.0, 1.0), "*": (0.0, inf), "+": (1.0, inf), "{": (1.0, 1.0)}
_REFERENCES = ("type", "base", "ref")


def closed_schema(catalog: Catalog, version: Version, on: date) -> bytes:
    """Return the schema of a version, closed as of `on`, a local date in Denmark.

    It accepts no document that the schema itself refuses. It has the codes in force on `on` as enumerations, so it refuses a
    code that was in force on the day of an earlier event. Imported schemas keep their file names, for they are closed as well.
    """
    root = _whole(version.schema_path)
    _drop_unused(root)
    for simple in root.iter(f"{{{_XS}}}simpleType"):
        restriction = simple.find(f"{{{_XS}}}restriction")
        if restriction is None:
            continue
        name = simple.get("name", "")
        if name in catalog.bindings.codes:
            _enumerate(
                restriction, {row.kode: row.navn for row in catalog.lists[catalog.bindings.codes[name]].in_force(on)}
            )
        elif (length := _length(restriction)) is not None:
            etree.SubElement(restriction, f"{{{_XS}}}length", value=str(length))
    etree.indent(root)
    text: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return text + b"\n"


def _whole(path: Path) -> etree._Element:
    """Return a schema with the components of what it includes in the place of the includes."""
    root = etree.parse(
        path, etree.XMLParser(remove_blank_text=True, remove_comments=True, resolve_entities=False)
    ).getroot()
    for include in root.findall(f"{{{_XS}}}include"):
        components = [each for each in _whole(path.parent / include.get("schemaLocation", "")) if each.tag in _NAMED]
        root.remove(include)
        # Their references have no prefix: here these lead to the namespace of the schema.
        root.extend(deepcopy(each) for each in components)
    return root


def _drop_unused(root: etree._Element) -> None:
    components = {each.get("name"): each for each in root if each.tag in _NAMED}
    waiting = [each for each in components.values() if each.tag == f"{{{_XS}}}element"]
    used = set()
    while waiting:
        component = waiting.pop()
        if component in used:
            continue
        used.add(component)
        names = (each.get(attribute) for each in component.iter() for attribute in _REFERENCES)
        waiting += [components[name] for name in names if name in components]
    for component in components.values():
        if component not in used:
            root.remove(component)


def _enumerate(restriction: etree._Element, codes: dict[str, str]) -> None:
    for code, name in codes.items():
        enumeration = etree.SubElement(restriction, f"{{{_XS}}}enumeration", value=code)
        annotation = etree.SubElement(enumeration, f"{{{_XS}}}annotation")
        etree.SubElement(annotation, f"{{{_XS}}}documentation").text = name


def _length(restriction: etree._Element) -> int | None:
    """Return the length of a string whose one pattern has no other; None where there is none, or it is not plain to see."""
    patterns = restriction.findall(f"{{{_XS}}}pattern")
    if restriction.get("base") != "xs:string" or len(patterns) != 1:
        return None
    pattern = patterns[0].get("value", "")
    shortest, longest = _width(list(atoms(pattern))) if is_plain(pattern) else (0, inf)
    return int(shortest) if shortest == longest else None


def _width(pieces: list[str]) -> tuple[float, float]:
    """Return the shortest and the longest length of what a plain pattern matches, up to the end of a group. It uses up the pieces."""
    low, high, shortest, longest = 0.0, 0.0, inf, 0.0
    while pieces:
        piece = pieces.pop(0)
        if piece == ")":
            break
        if piece == "|":
            shortest, longest = min(shortest, low), max(longest, high)
            low = high = 0.0
            continue
        least, most = _width(pieces) if piece == "(" else (1.0, 1.0)
        fewest, times = _times(pieces)
        low, high = low + least * fewest, high + (most * times if most else 0)
    return min(shortest, low), max(longest, high)


def _times(pieces: list[str]) -> tuple[float, float]:
    """Return how often at least and at most the piece before these may stand there."""
    if not pieces or pieces[0] not in _QUANTIFIERS:
        return 1, 1
    quantifier = pieces.pop(0)
    if quantifier != "{":
        return _QUANTIFIERS[quantifier]
    end = pieces.index("}")
    least, comma, most = "".join(pieces[:end]).partition(",")
    del pieces[: end + 1]
    return float(least), float(most) if most else inf if comma else float(least)
