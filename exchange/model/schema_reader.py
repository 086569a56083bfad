"""Reads a schema once, through xmlschema's component model, into a MessageSpec."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote

from exchange.errors import ConfigurationError, SchemaUnsupported
from exchange.model.spec import DSIG, Field, MessageSpec, Record, Simple
from exchange.model.values import VALUE_KINDS, Kind
from exchange.model.xsd_patterns import PatternUnsupported, compiled, matches

if TYPE_CHECKING:
    import xmlschema

XSD = "{http://www.w3.org/2001/XMLSchema}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

_KINDS: dict[str, Kind] = {f"{XSD}{kind}": kind for kind in ("string", "integer", "boolean", "date", "dateTime")}
_LAW = re.compile(r"stk\. (\d)(?:, nr\. (\d+(?:(?:-| og )\d+)*))?")


def open_schema(path: Path, *, checked: bool = False) -> xmlschema.XMLSchema10:
    """Open a schema with xmlschema; local files only.

    The import costs more than everything else that a command does, so it waits until it is needed.
    `checked` also holds the schema against the schema for schemas; `exchange doctor` does, and raises
    ConfigurationError. In daily use libxml2, which compiles the same file first, has refused a bad one.
    """
    import xmlschema

    from exchange.model.xsd10 import QuickSchema, location

    try:
        if checked:
            return xmlschema.XMLSchema10(**location(path), allow="local")
        return QuickSchema(**location(path), allow="local", validation="skip")
    except xmlschema.XMLSchemaException as error:
        raise ConfigurationError(f"{path.name}: {type(error).__name__}") from error


def read_spec(
    schema: xmlschema.XMLSchema10,
    name: str,
    version: int,
    codes: Mapping[str, str] | None = None,
    confidential: Mapping[str, Literal["number", "text"]] | None = None,
) -> MessageSpec:
    """Compile the element `name` of a schema.

    `codes` maps simple types to code lists, `confidential` names the types whose values are masked.
    Raises SchemaUnsupported for a construct whose meaning a dict could not carry both ways.
    """
    return _Reader(schema, name, codes or {}, confidential or {}).message(version)


class _Reader:
    def __init__(
        self,
        schema: xmlschema.XMLSchema10,
        name: str,
        codes: Mapping[str, str],
        confidential: Mapping[str, Literal["number", "text"]],
    ) -> None:
        self.schema = schema
        self.name = name
        self.codes = codes
        self.confidential = confidential
        self.paragraph: str | None = None
        self.carries: tuple[str, ...] = ()
        self.exact = True

    def refuse(self, construct: str) -> SchemaUnsupported:
        return SchemaUnsupported(unquote(str(self.schema.url).rpartition("/")[2]), construct)

    def message(self, version: int) -> MessageSpec:
        element = self.schema.elements.get(self.name)
        if element is None:
            raise self.refuse(f"a schema without the root element {self.name}")
        documentation = _documentation(element)
        found = _LAW.search(documentation)
        self.paragraph = found[1] if found else None
        law = f"stk. {self.paragraph}" if self.paragraph else None
        self.check_element(element)
        content = self.type(element.type, law, root=True)
        if not isinstance(content, Record):
            raise self.refuse("a root element without children")
        if content.item:
            raise self.refuse("a root element whose only child repeats")
        namespace = self.schema.target_namespace
        english = _documentation(element, "en")
        return MessageSpec(
            self.name, namespace, version, content, documentation, english, law, self.carries, self.exact
        )

    def law(self, documentation: str, inherited: str | None) -> str | None:
        if "ikke i §" in documentation:
            return None
        for stk, nr in _LAW.findall(documentation):
            if stk == self.paragraph:
                return f"stk. {stk}" + (f", nr. {nr}" if nr else "")
        return inherited

    def check_element(self, element: Any) -> None:
        where = f"element {element.local_name}"
        if element.target_namespace != self.schema.target_namespace or not element.qualified:
            raise self.refuse(f"{where} outside the target namespace")
        for fault in ("nillable", "abstract", "default", "fixed", "substitution_group"):
            if getattr(element, fault):
                raise self.refuse(f"{where}: {fault}")
        if element.name in self.schema.maps.substitution_groups:
            raise self.refuse(f"{where}: the head of a substitution group")
        if element.identities or element.min_occurs > 1 or element.max_occurs not in (1, None):
            self.exact = False

    def type(self, xsd_type: Any, law: str | None, *, root: bool = False) -> Simple | Record:
        if xsd_type.is_simple():
            return self.simple(xsd_type)
        where = f"type {xsd_type.local_name or 'of ' + self.name}"
        if xsd_type.mixed or not xsd_type.is_element_only():
            raise self.refuse(f"{where}: mixed, empty or simple content")
        if len(xsd_type.attributes) or xsd_type.abstract or xsd_type.derivation == "extension":
            raise self.refuse(f"{where}: attributes, abstract or extended types")
        fields, at_least_one = self.group(xsd_type.content, law, root)
        names = [field.name for field in fields]
        if len(names) != len(set(names)) or not names:
            raise self.refuse(f"{where}: an element that stands in two places, or none at all")
        if len(fields) > 1 and any(field.repeated for field in fields):
            raise self.refuse(f"{where}: an element that repeats beside others, not in a wrapper of its own")
        documentation, english = (_documentation(xsd_type, lang) for lang in ("da", "en"))
        return Record(xsd_type.local_name or self.name, tuple(fields), at_least_one, documentation, english)

    def group(self, group: Any, law: str | None, root: bool) -> tuple[list[Field], bool]:
        if group.max_occurs != 1:
            raise self.refuse("a group that repeats")
        if group.model == "choice":
            fields = self.at_least_one_of(group, law)
            if len(fields) == 1:
                # A choice of one thing is that thing.
                return [replace(fields[0], required=group.min_occurs == 1)], False
            return fields, group.min_occurs == 1
        if group.model != "sequence":
            raise self.refuse("xs:all")
        fields = []
        particles = list(group)
        for position, particle in enumerate(particles):
            if hasattr(particle, "process_contents"):
                if not (root and position == len(particles) - 1 and _is_signature_place(particle)):
                    raise self.refuse("xs:any other than the place of a ds:Signature")
            elif root and self.is_carried(particle):
                self.carries = tuple(element.name for element in particle)
            elif hasattr(particle, "model"):
                inner, at_least_one = self.group(particle, law, root=False)
                if len(inner) > 1 and (len(particles) > 1 or particle.min_occurs == 0):
                    raise self.refuse("a group of several elements that may be left out, or beside others")
                if len(particles) == 1 and len(inner) > 1:
                    return inner, at_least_one
                fields += [_optional(field) if particle.min_occurs == 0 else field for field in inner]
            else:
                fields.append(self.field(particle, law))
        return fields, False

    def is_carried(self, particle: Any) -> bool:
        """True for the place of a delivery's messages: any number of other documents' roots."""
        return (
            getattr(particle, "model", None) == "choice"
            and particle.occurs == (0, None)
            and all(
                hasattr(element, "local_name") and element.target_namespace != self.schema.target_namespace
                for element in particle
            )
        )

    def at_least_one_of(self, group: Any, law: str | None) -> list[Field]:
        """Accept the one form of choice that loses nothing in a dict: any part may stand alone, in one order."""
        branches = [
            self.group(branch, law, root=False)[0] if hasattr(branch, "model") else [self.field(branch, law)]
            for branch in group
        ]
        longest = branches[0]
        for position, branch in enumerate(branches):
            expected = (
                [longest[position].name, *(field.name for field in longest[position + 1 :])]
                if position < len(longest)
                else []
            )
            if (
                [field.name for field in branch] != expected
                or not branch[0].required
                or any(f.required for f in branch[1:])
            ):
                raise self.refuse("a choice other than »at least one of these, in this order«")
            if [(field.repeated, field.type) for field in branch] != [
                (field.repeated, field.type) for field in longest[position:]
            ]:
                self.exact = False
        if len(branches) != len(longest):
            raise self.refuse("a choice other than »at least one of these, in this order«")
        return [_optional(field) for field in longest]

    def field(self, element: Any, law: str | None) -> Field:
        self.check_element(element)
        if element.max_occurs == 0:
            raise self.refuse(f"element {element.local_name} that must not occur")
        documentation = _documentation(element)
        law = self.law(documentation, law)
        return Field(
            name=element.local_name,
            required=element.min_occurs > 0,
            repeated=element.max_occurs != 1,
            type=self.type(element.type, law),
            documentation=documentation,
            english=_documentation(element, "en"),
            law=law,
        )

    def simple(self, xsd_type: Any) -> Simple:
        name = xsd_type.local_name
        where = f"simple type {name or 'without a name'}"
        if xsd_type.is_list() or xsd_type.is_union() or not name:
            raise self.refuse(f"{where}: a list, a union or a type without a name")
        kind = next((_KINDS[base.name] for base in _bases(xsd_type) if base.name in _KINDS), None)
        if kind is None:
            raise self.refuse(f"{where}: base type {xsd_type.primitive_type.name}")
        if kind == "string" and xsd_type.white_space not in (None, "preserve"):
            raise self.refuse(f"{where}: white space that is collapsed, for then a text would not come back as it was")
        patterns = tuple(_patterns(xsd_type))
        for pattern in patterns:
            try:
                compiled(pattern)
            except PatternUnsupported as error:
                raise self.refuse(f"{where}: {error}") from None
        for spelling in VALUE_KINDS[kind].excluded:
            if matches(patterns, spelling):
                raise self.refuse(f"{where}: a pattern that lets {spelling} through, or none")
        number = kind == "integer"
        if not _is_held(xsd_type, kind):
            self.exact = False
        return Simple(
            name=name,
            kind=kind,
            patterns=patterns,
            min_length=max(_values(xsd_type, "min_length"), default=None),
            max_length=min(_values(xsd_type, "max_length"), default=None),
            minimum=max(_values(xsd_type, "min_value"), default=None) if number else None,
            maximum=min(_values(xsd_type, "max_value"), default=None) if number else None,
            choices=tuple(str(choice) for choice in xsd_type.enumeration or ()),
            documentation=_documentation(xsd_type),
            english=_documentation(xsd_type, "en"),
            code_list=self.codes.get(name),
            confidential=self.confidential.get(name),
        )


def _optional(field: Field) -> Field:
    return replace(field, required=False)


def _is_signature_place(wildcard: Any) -> bool:
    return (set(wildcard.namespace), wildcard.process_contents, wildcard.occurs) == ({DSIG}, "skip", (0, 1))


def _bases(xsd_type: Any) -> Iterator[Any]:
    while xsd_type is not None:
        yield xsd_type
        xsd_type = xsd_type.base_type


_HELD = {f"{XSD}{facet}" for facet in ("length", "minLength", "maxLength", "pattern", "enumeration", "whiteSpace")}
_HELD_OF_NUMBERS = {f"{XSD}{facet}" for facet in ("minInclusive", "maxInclusive", "pattern", "whiteSpace")}
_HELD_OF_OTHERS = {f"{XSD}{facet}" for facet in ("pattern", "whiteSpace")}


def _is_held(xsd_type: Any, kind: Kind) -> bool:
    """True if a Simple of this kind holds every facet of a type and of those that it restricts."""
    held = {"string": _HELD, "integer": _HELD_OF_NUMBERS}.get(kind, _HELD_OF_OTHERS)
    own = [base for base in _bases(xsd_type) if not (base.name or "").startswith(XSD)]
    return all(facet in held for base in own for facet in base.facets)


def _values(xsd_type: Any, facet: str) -> Iterator[int]:
    """Yield a facet of a type and of those that it restricts: each of them holds, also beside a length of another step."""
    values = (getattr(base, facet, None) for base in _bases(xsd_type))
    return (value for value in values if value is not None)


def _patterns(xsd_type: Any) -> Iterable[str]:
    """Give one pattern a derivation step; alternatives within a step are joined, steps all have to match."""
    seen: list[Any] = []
    for base in _bases(xsd_type):
        facet = base.patterns
        if facet is None or (base.name or "").startswith(XSD) or any(facet is other for other in seen):
            continue
        seen.append(facet)
        yield "|".join(facet.regexps) if len(facet.regexps) == 1 else "|".join(f"({p})" for p in facet.regexps)


def _documentation(component: Any, lang: str = "da") -> str:
    """Return the documentation in a language; what says none is in Danish, as the schemas are."""
    annotation = component.annotation
    if annotation is None:
        return ""
    nodes = (node for node in annotation.documentation if node.get(_LANG, "da") == lang)
    return " ".join((node.text or "").strip() for node in nodes)
