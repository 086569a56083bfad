"""Writes a message's JSON Schema (2020-12): what the schema layer demands of the JSON that `exchange build` takes."""

from __future__ import annotations

from typing import Any

from exchange.model.catalog import Version
from exchange.model.spec import Field, MessageSpec, Record, Simple, described
from exchange.model.xsd_patterns import atoms, is_plain

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_Schema = dict[str, Any]

_NO_NEWLINE = r"$(?!\n)"
"""The end of a text. In Python `$` also stands before a newline at the end."""

# XML 1.0 cannot hold these (section 2.2), nor JSON half a surrogate pair.
_XML_TEXT = rf"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]*{_NO_NEWLINE}"
# The days that there are: `format` alone is no more than a remark to most validators.
_DAY = (
    r"^(?:[0-9]{4}-(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|[0-9]{4}-(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|[0-9]{4}-02-(?:0[1-9]|1[0-9]|2[0-8])"
    r"|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)"
)
_FORMATS = {"date": ("date", f"{_DAY}{_NO_NEWLINE}"), "dateTime": ("date-time", f"{_DAY}T")}


def json_schema(version: Version) -> _Schema:
    """Return the JSON Schema of a version: of the dict with the message's name as its one key, as JSON has it.

    Types stand in `$defs` under their names in the XSD. A `description` is in Danish, then in English. Of a delivery it is
    the head, as in the dict. It says what the layer `schema` demands; codes and the rules between values are not in it.
    """
    spec = version.spec
    definitions = _Definitions()
    content = definitions.record(spec.content)
    return {
        "$schema": DIALECT,
        "$id": spec.namespace,
        "title": f"{spec.name}, version {spec.version}",
        "description": _description(spec),
        "type": "object",
        "properties": {spec.name: content},
        "required": [spec.name],
        "additionalProperties": False,
        "$defs": dict(sorted(definitions.schemas.items())),
    }


class _Definitions:
    """The types of a message by their names; types without a name have that of the message, and a number behind it."""

    def __init__(self) -> None:
        self.schemas: _Schema = {}

    def record(self, record: Record) -> _Schema:
        schema: _Schema = {"description": _description(record)} if record.documentation else {}
        schema |= {
            "type": "object",
            "properties": {field.name: self._field(field) for field in record.fields},
            "required": [field.name for field in record.fields if field.required],
            "additionalProperties": False,
        }
        return schema | {"minProperties": 1} if record.at_least_one else schema

    def _field(self, field: Field) -> _Schema:
        schema: _Schema = {"description": _description(field)} if field.documentation else {}
        if isinstance(field.type, Record) and field.type.item:
            return schema | self._list(field.type.item)
        return schema | self._reference(field.type)

    def _list(self, item: Field) -> _Schema:
        return {"type": "array", "items": self._field(item)} | ({"minItems": 1} if item.required else {})

    def _reference(self, of: Simple | Record) -> _Schema:
        """Return a reference to a type, and enter it."""
        schema = _simple(of) if isinstance(of, Simple) else self.record(of)
        candidates = (of.name, *(f"{of.name}{number}" for number in range(2, len(self.schemas) + 3)))
        name = next(each for each in candidates if self.schemas.setdefault(each, schema) == schema)
        return {"$ref": f"#/$defs/{name}"}


def _simple(simple: Simple) -> _Schema:
    schema: _Schema = {"description": _description(simple)} if simple.documentation else {}
    if simple.code_list:
        schema["$comment"] = f"code list {simple.code_list}"
    if simple.kind == "boolean":
        return schema | {"type": "boolean"}
    if simple.kind == "integer":
        limits = {"minimum": simple.minimum, "maximum": simple.maximum}
        return schema | {"type": "integer"} | {name: limit for name, limit in limits.items() if limit is not None}
    schema["type"] = "string"
    patterns = [f"^(?:{_ecmascript(pattern)}){_NO_NEWLINE}" for pattern in simple.patterns if is_plain(pattern)]
    if simple.kind != "string":
        schema["format"], day = _FORMATS[simple.kind]
        patterns.append(day)
    elif simple.choices:
        schema["enum"] = list(simple.choices)
    elif not patterns:
        patterns.append(_XML_TEXT)
    lengths = {"minLength": simple.min_length, "maxLength": simple.max_length}
    schema |= {name: length for name, length in lengths.items() if length is not None}
    if len(patterns) == 1:
        return schema | {"pattern": patterns[0]}
    return schema | ({"allOf": [{"pattern": pattern} for pattern in patterns]} if patterns else {})


def _ecmascript(pattern: str) -> str:
    """Return a plain pattern as ECMAScript has it, which escapes no hyphen outside of a class, but a bracket."""
    return "".join({r"\-": "-", "]": r"\]"}.get(atom, atom) for atom in atoms(pattern))


def _description(part: Simple | Field | Record | MessageSpec) -> str:
    return "\n\n".join(dict.fromkeys(described(part, lang) for lang in ("da", "en")))
