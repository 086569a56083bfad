"""Damages the JSON of messages: one or two faults, reproducible from the seed; and says whether the layer `schema` accepts it."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any

from exchange.findings.finding import Layer
from exchange.model.catalog import Version
from exchange.model.spec import Record, Simple
from support.corpus_cases import shipped
from support.mutations import VALUES

_NOT_TEXT: tuple[Any, ...] = (None, True, False, 0, 1, 200, 201, -1, 10**30, 1.5, [], {}, ["x"], {"x": "y"})


_STRUCTURE: tuple[Layer, ...] = ("secure", "well-formed", "route", "schema")


def fits(version: Version, document: dict[str, Any]) -> bool:
    """True if the layer `schema`, and those before it, accept a document in this version."""
    try:
        _, report = shipped().build_or_report(document, version=version.version)
    except LookupError:
        return False  # another message's name, or none
    return all(report.layers[layer] == "passed" for layer in _STRUCTURE)


def damaged(version: Version, chance: Random) -> tuple[dict[str, Any], bool]:
    """Return an example with one or two faults, and whether it has what the documentation excepts."""
    document = deepcopy(version.example())
    places = list(_places(document, version.spec.content, version.name))
    excepted = False
    for _ in range(chance.randint(1, 2)):
        parent, key, simple = chance.choice(places)
        step = chance.random()
        if step < 0.6:
            value = chance.choice(VALUES)
            parent[key] = value
            numeric = simple is not None and simple.kind == "integer"
            spaced = simple is not None and simple.kind != "string" and value != value.strip()
            excepted = excepted or numeric or spaced
        elif step < 0.75:
            parent[key] = chance.choice(_NOT_TEXT)
        elif step < 0.85 and isinstance(parent, dict):
            parent.pop(key, None)
        elif step < 0.9:
            parent[key] = "æ" * chance.choice((1, 39, 40, 140, 141, 200, 201, 600, 601, 1000, 1001, 4050, 4051))
        elif isinstance(parent, dict):
            parent[f"{key}X"] = "x"
    return document, excepted


def _places(content: Any, record: Record, name: str) -> Iterator[tuple[Any, Any, Simple | None]]:
    yield content, name, None
    for field in record.fields:
        below = content[name]
        if field.name not in below:
            continue
        if isinstance(field.type, Simple):
            yield below, field.name, field.type
        elif field.type.item is None:
            yield from _places(below, field.type, field.name)
        else:
            yield below, field.name, None
            item = field.type.item.type
            for position in range(len(below[field.name])):
                if isinstance(item, Simple):
                    yield below[field.name], position, item
                else:
                    yield from _places(below[field.name], item, position)  # type: ignore[arg-type]  # a list's key
