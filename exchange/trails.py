"""Where a value stands in a document, kept cheap until someone wants to read it as a path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from exchange.schema import Field, MessageSpec, Record, Simple

# Nested pairs from the root inwards: (trail of the parent, name or (name, number)).
Step = str | tuple[str, int]
Trail = tuple["Trail | None", Step]

Leaf = tuple[Trail, Simple, Any]
Walk = Callable[[Mapping[str, Any]], list[Leaf]]
_Visit = Callable[[Any, "Trail | None", Step, list[Leaf]], None]


def path_of(trail: Trail) -> str:
    """Spell a trail out as a path."""
    parent, step = trail
    here = step if isinstance(step, str) else f"{step[0]}[{step[1]}]"
    return f"{path_of(parent) if parent else ''}/{here}"


def compile_walk(spec: MessageSpec, wanted: Callable[[Simple], bool]) -> Walk:
    """Give a function that lists the values of the types wanted, from the dict below the root's name.

    It also takes the dict of a document that could only be read in part: what is not there is passed over.
    """
    visit = _record(spec.content, wanted)

    def walk(content: Mapping[str, Any]) -> list[Leaf]:
        leaves: list[Leaf] = []
        if visit is not None:
            visit(content, None, spec.name, leaves)
        return leaves

    return walk


def _visitor(item: Simple | Record, wanted: Callable[[Simple], bool]) -> _Visit | None:
    if isinstance(item, Record):
        return _list(item.item, wanted) if item.item else _record(item, wanted)
    if not wanted(item):
        return None

    def visit(value: Any, trail: Trail | None, step: Step, leaves: list[Leaf]) -> None:
        leaves.append(((trail, step), item, value))

    return visit


def _record(record: Record, wanted: Callable[[Simple], bool]) -> _Visit | None:
    visitors = [(field.name, _visitor(field.type, wanted)) for field in record.fields]
    plan = tuple((name, visit) for name, visit in visitors if visit is not None)
    if not plan:
        return None

    def visit_record(value: Any, trail: Trail | None, step: Step, leaves: list[Leaf]) -> None:
        here = (trail, step)
        for name, visit in plan:
            if name in value:
                visit(value[name], here, name, leaves)

    return visit_record


def _list(item: Field, wanted: Callable[[Simple], bool]) -> _Visit | None:
    name = item.name
    visit = _visitor(item.type, wanted)
    if visit is None:
        return None

    def visit_list(value: Any, trail: Trail | None, step: Step, leaves: list[Leaf]) -> None:
        here = (trail, step)
        for position, entry in enumerate(value, 1):
            if entry is not None:
                visit(entry, here, (name, position), leaves)

    return visit_list
