"""Writes Python's types of the messages: a TypedDict for each message and for each part of one."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Iterator
from itertools import chain, count

from exchange.model.catalog import Catalog, Version
from exchange.model.spec import Field, Record, limits

_HEAD = '''"""Types of the messages' dicts, from the schemas. Written by `exchange types`, not by hand.

A document is what `exchange.build` takes and `exchange.parse` returns; of a delivery it is the head alone. Codes are `str`:
which of them may be used depends on the date of the event. A date or a time may be ISO text on the way in.
"""

from datetime import date, datetime
from typing import Literal, NotRequired, TypeAlias, TypedDict
'''
_PYTHON = {"string": "str", "integer": "int", "boolean": "bool", "date": "date | str", "dateTime": "datetime | str"}
_TAKEN = ("Document", "False", "Literal", "None", "NotRequired", "True", "TypeAlias", "TypedDict")
"""Names that the module has already."""

_WIDTH = 96
"""So long a union stands in one line of 120 characters."""


def typed_dicts(catalog: Catalog) -> str:
    """Return a Python module with a TypedDict for each version of each message, for deliveries' heads, and for all their parts.

    A type of a later version has that version's number behind its name where it differs from the earlier one's, so that a
    new version changes no name.
    """
    module = _Module()
    everything = (*catalog.versions, *catalog.deliveries.versions)
    for version in sorted(everything, key=lambda version: version.version):
        module.add_version(version)
    return module.text()


class _Module:
    def __init__(self) -> None:
        self._aliases: dict[str, str] = {}
        self._classes: dict[str, str] = {}
        self._shapes: dict[str, object] = dict.fromkeys(_TAKEN)
        self._documents: dict[str, None] = {}

    def add_version(self, version: Version) -> None:
        """Define the types of a version, parts first."""
        spec, name = version.spec, _capitalised(version.name)
        content = self._record(version, f"{name}Content", spec.content, spec.english)
        since = "" if version.version == 1 else f", from version {version.version} on"
        self._documents[self._class(version, name, f"A document: {spec.name}{since}.", [(spec.name, content, "")])] = (
            None
        )

    def text(self) -> str:
        """Return the source of the module."""
        aliases = "".join(f"{name}: TypeAlias = {text}\n" for name, text in self._aliases.items())
        classes = "".join(f"\n\n{text}" for text in self._classes.values())
        union = " | ".join(self._documents)
        if len(union) > _WIDTH:
            union = "(\n    " + "\n    | ".join(self._documents) + "\n)"
        documents = f'Document: TypeAlias = {union}\n"""A document of any message and version."""\n'
        return f"{_HEAD}\n{aliases}{classes}\n\n{documents}"

    def _name(self, version: Version, name: str, shape: object) -> str:
        """Return the name of a type: the plain one, unless another shape has it."""
        message, number = _capitalised(version.name), "" if version.version == 1 else f"V{version.version}"
        candidates = dict.fromkeys((name, f"{name}{number}", f"{message}{name}{number}"))
        if number and name not in self._shapes:
            del candidates[name]
        # Types that have no name in the schema have the message's.
        numbered = (f"{message}{name}{number}_{place}" for place in count(2))
        return next(each for each in chain(candidates, numbered) if self._shapes.setdefault(each, shape) == shape)

    def _class(self, version: Version, name: str, sentence: str, fields: list[tuple[str, str, str]]) -> str:
        name = self._name(version, name, [field[:2] for field in fields])
        said = sentence.replace("\\", r"\\").replace('"""', r"\"\"\"")
        said = f'"""{said[:-1]}\\""""' if said.endswith('"') else f'"""{said}"""'
        if all(_is_name(key) for key, _, _ in fields):
            lines = "".join(f"    {key}: {type_}{remark and f'  # {remark}'}\n" for key, type_, remark in fields)
            text = f"class {name}(TypedDict):\n    {said}\n\n{lines}"
        else:
            lines = "".join(f'        "{key}": {type_},{remark and f"  # {remark}"}\n' for key, type_, remark in fields)
            text = f'{name} = TypedDict(\n    "{name}",\n    {{\n{lines}    }},\n)\n{said}\n'
        self._classes.setdefault(name, text)
        return name

    def _record(self, version: Version, name: str, record: Record, sentence: str) -> str:
        if record.item:
            return f"list[{self._type(version, record.item)}]"
        fields = []
        for field in record.fields:
            annotation = self._type(version, field)
            fields.append(
                (field.name, annotation if field.required else f"NotRequired[{annotation}]", "; ".join(_remarks(field)))
            )
        return self._class(version, name, sentence, fields)

    def _type(self, version: Version, field: Field) -> str:
        simple = field.type
        if isinstance(simple, Record):
            return self._record(version, _capitalised(simple.name), simple, simple.english)
        if simple.code_list:
            name = f"{_capitalised(simple.code_list)}Code"
            self._aliases.setdefault(name, f"str  # a code of the code list {simple.code_list}")
            return name
        if simple.choices:
            text = f"Literal[{', '.join(json.dumps(choice, ensure_ascii=False) for choice in simple.choices)}]"
            name = self._name(version, _capitalised(simple.name), text)
            self._aliases.setdefault(name, text)
            return name
        return _PYTHON[simple.kind]


def _remarks(field: Field) -> Iterator[str]:
    """Yield what a type checker does not know of a value: its lengths, limits or form."""
    simple = field.type
    if isinstance(simple, Record) or simple.code_list or simple.choices:
        return
    if simple.min_length is not None or simple.max_length is not None:
        yield f"{limits(simple.min_length or 0, simple.max_length)} characters"
    elif simple.minimum is not None or simple.maximum is not None:
        yield limits(simple.minimum, simple.maximum)
    elif simple.kind == "string":
        yield simple.name
    if simple.confidential:
        yield "confidential"


def _is_name(key: str) -> bool:
    """True if a key can be written as the name of an attribute; one with two underscores in front means something else there."""
    return key.isidentifier() and not keyword.iskeyword(key) and not key.startswith("__")


def _capitalised(name: str) -> str:
    """Return the name of a type: an XML name may have dots and hyphens as well."""
    return re.sub(r"\W", "_", name[:1].upper() + name[1:])
