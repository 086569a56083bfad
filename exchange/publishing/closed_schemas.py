"""Writes a schema that stands alone: nothing included, no unused type, the codes of a day, the lengths of what has one length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import count
from math import inf
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from exchange.model.catalog import Catalog, Version
from exchange.model.xsd_patterns import atoms, is_plain

_XS = "http://www.w3.org/2001/XMLSchema"
_TYPES = (f"{{{_XS}}}simpleType", f"{{{_XS}}}complexType")
_NAMED = (*_TYPES, f"{{{_XS}}}group", f"{{{_XS}}}element")
_LENGTHS = tuple(f"{{{_XS}}}{facet}" for facet in ("length", "minLength", "maxLength"))
_QUANTIFIERS = {"?": (0.0, 1.0), "*": (0.0, inf), "+": (1.0, inf), "{": (1.0, 1.0)}
_REFERENCES = ("type", "base", "ref")
_NO_CODE = "no code in force"
"""The one value of a type whose code list has no code in force: a type without any value cannot be written."""


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
    """Return a schema with the components of all that it includes in the place of the includes."""
    root = _parsed(path)
    included, schemas = {path.resolve()}, [(path, root)]
    for place, schema in schemas:  # it grows meanwhile
        for include in schema.findall(f"{{{_XS}}}include"):
            schema.remove(include)
            file = place.parent / unquote(include.get("schemaLocation", ""))
            if file.resolve() not in included:
                included.add(file.resolve())
                schemas.append((file, _parsed(file)))
    others = [schema for _, schema in schemas[1:]]
    namespace = root.get("targetNamespace", "")
    root = _declaring(root, [namespace, *(uri for schema in others for uri in schema.nsmap.values())])
    imported = {each.get("namespace") for each in root.findall(f"{{{_XS}}}import")}
    for schema in others:
        for each in list(schema):
            if each.tag in _NAMED:
                _refer(each, root.nsmap, namespace)
                root.append(each)
            elif each.tag == f"{{{_XS}}}import" and each.get("namespace") not in imported:
                imported.add(each.get("namespace"))
                root.insert(0, each)
    return root


def _parsed(path: Path) -> etree._Element:
    parser = etree.XMLParser(remove_blank_text=True, remove_comments=True, resolve_entities=False)
    # Not by its name, which lxml takes for UTF-8.
    return etree.fromstring(path.read_bytes(), parser)


def _declaring(root: etree._Element, namespaces: list[str]) -> etree._Element:
    """Return a schema that has a prefix, or the empty one, for each of the namespaces."""
    missing = dict.fromkeys(uri for uri in namespaces if uri not in root.nsmap.values())
    if not missing:
        return root
    names = (name for name in (f"ns{number}" for number in count(1)) if name not in root.nsmap)
    declaring = etree.Element(root.tag, dict(root.attrib), nsmap=root.nsmap | dict(zip(names, missing, strict=False)))
    declaring.extend(list(root))
    return declaring


def _refer(component: etree._Element, prefixes: Mapping[str | None, str], namespace: str) -> None:
    """Write references with the prefixes of the schema that a component is put into; without one they lead to its namespace."""
    for each, attribute, uri, name in _references(component, namespace):
        prefix = next(prefix for prefix, known in prefixes.items() if known == uri)
        each.set(attribute, f"{prefix}:{name}" if prefix else name)


def _references(component: etree._Element, namespace: str) -> Iterator[tuple[etree._Element, str, str, str]]:
    """Yield every reference to a component: its element and attribute, and the namespace and the name that it leads to."""
    for each in component.iter(f"{{{_XS}}}*"):
        for attribute in _REFERENCES:
            if value := each.get(attribute):
                prefix, _, name = value.rpartition(":")
                yield each, attribute, each.nsmap.get(prefix or None, namespace), name


def _drop_unused(root: etree._Element) -> None:
    namespace = root.get("targetNamespace", "")
    components = {(_space(str(each.tag)), each.get("name")): each for each in root if each.tag in _NAMED}
    waiting = [each for each in components.values() if each.tag == f"{{{_XS}}}element"]
    used = set()
    while waiting:
        component = waiting.pop()
        if component in used:
            continue
        used.add(component)
        for each, attribute, uri, name in _references(component, namespace):
            found = components.get((_space(str(each.tag)) if attribute == "ref" else _TYPES, name))
            if uri == namespace and found is not None:
                waiting.append(found)
    for component in components.values():
        if component not in used:
            root.remove(component)


def _space(tag: str) -> str | tuple[str, ...]:
    """Return what stands for the sort of a component: names of simple and complex types are of one sort."""
    return _TYPES if tag in _TYPES else tag


def _enumerate(restriction: etree._Element, codes: dict[str, str]) -> None:
    listed = restriction.findall(f"{{{_XS}}}enumeration")
    for each in listed:
        restriction.remove(each)
    if listed:
        codes = {value: codes[value] for each in listed if (value := each.get("value", "")) in codes}
    for code, name in (codes or {_NO_CODE: _NO_CODE}).items():
        enumeration = etree.SubElement(restriction, f"{{{_XS}}}enumeration", value=code)
        annotation = etree.SubElement(enumeration, f"{{{_XS}}}annotation")
        etree.SubElement(annotation, f"{{{_XS}}}documentation").text = name


def _length(restriction: etree._Element) -> int | None:
    """Return the length of a string whose one pattern has no other; None where there is none, or it is said or not plain to see."""
    patterns = restriction.findall(f"{{{_XS}}}pattern")
    prefix, _, base = restriction.get("base", "").rpartition(":")
    is_string = (restriction.nsmap.get(prefix or None), base) == (_XS, "string")
    if not is_string or len(patterns) != 1 or next(restriction.iterchildren(*_LENGTHS), None) is not None:
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
