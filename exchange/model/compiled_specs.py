"""Reads and writes specs.json: the shipped schemas' specs, compiled before, so that no command has to compile a schema.

It lies beside the schemas. A spec in it is used only where this version of the program wrote it, and where the SHA-256 of
its schema, and of every schema that this includes or imports, is what stands in it; else the schema itself is read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, NamedTuple

from exchange import __version__
from exchange.model.spec import Field, MessageSpec, Record, Simple

FILE_NAME = "specs.json"


class Bindings(NamedTuple):
    """What the catalog says of simple types, by their names: the code lists of some, and whose values are masked."""

    codes: Mapping[str, str]
    confidential: Mapping[str, Literal["number", "text"]]


def load_spec(path: Path, bindings: Bindings) -> MessageSpec | None:
    """Return the spec of a schema from the specs.json beside it; None if there is none that was made of these schemas."""
    try:
        content = _parse((path.parent / FILE_NAME).read_bytes())
        entry = content["specs"][path.name]
        written = {name: content["schemas"][name] for name in entry["schemas"]}
        if content["program"] != __version__ or _digests(path.parent, {path.name, *written}) != written:
            return None
        return _load_message(entry["spec"], bindings)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        # Missing, not readable or not of this form: then it says nothing about these schemas.
        return None


def dump_specs(folder: Path, messages: Iterable[tuple[str, str, int]]) -> bytes:
    """Compile schemas of a folder and return the content of its specs.json.

    Each of `messages` is a schema's file name, its root element and the message's version. Raises ConfigurationError or
    SchemaUnsupported for a schema that cannot be compiled.
    """
    from exchange.model.schema_reader import open_schema, read_spec

    specs: dict[str, Any] = {}
    for file_name, name, version in messages:
        schema = open_schema(folder / file_name)
        urls = [each.url or "" for each in schema.maps.iter_schemas()]
        used = sorted({url.rpartition("/")[2] for url in urls if url.startswith(schema.base_url or folder.as_uri())})
        specs[file_name] = {"schemas": used, "spec": _dump(read_spec(schema, name, version))}
    used = sorted({name for entry in specs.values() for name in entry["schemas"]})
    content = {"program": __version__, "schemas": _digests(folder, used), "specs": specs}
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


@lru_cache(1)
def _parse(data: bytes) -> Any:
    return json.loads(data)


def _digests(folder: Path, names: Iterable[str]) -> dict[str, str]:
    return {name: sha256((folder / name).read_bytes()).hexdigest() for name in names}


def _dump(part: Any) -> Any:
    """Return a part of a spec as JSON has it. What has its default value is left out."""
    if isinstance(part, tuple):
        return [_dump(each) for each in part]
    if not isinstance(part, Field | MessageSpec | Record | Simple):
        return part
    values = ((field, getattr(part, field.name)) for field in fields(part))
    return {field.name: _dump(value) for field, value in values if value != field.default}


def _load_message(content: Mapping[str, Any], bindings: Bindings) -> MessageSpec:
    return MessageSpec(**_plain(content) | {"content": _load_record(content["content"], bindings)})


def _load_record(content: dict[str, Any], bindings: Bindings) -> Record:
    loaded = (Field(**each | {"type": _load_type(each["type"], bindings)}) for each in content["fields"])
    return Record(**content | {"fields": tuple(loaded)})


def _load_type(content: dict[str, Any], bindings: Bindings) -> Record | Simple:
    if "fields" in content:
        return _load_record(content, bindings)
    name = content["name"]
    return Simple(**_plain(content), code_list=bindings.codes.get(name), confidential=bindings.confidential.get(name))


def _plain(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return values of which the lists are tuples again."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in content.items()}
