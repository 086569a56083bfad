"""Makes functions of a MessageSpec by writing their source: straight code for a tree of known shape is the fastest there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from exchange.model.spec import MessageSpec, Record, Simple

Leaf = tuple[str, Simple, Any]
"""A value with its path in the document and its type."""

_Statement = Callable[[Simple, str, str], str]


class Source:
    """The source of one function. What comes into it from a spec are names of elements, written as literals."""

    def __init__(self, signature: str) -> None:
        self._lines = [f"def {signature}:"]
        self._names: dict[str, object] = {}

    def line(self, depth: int, text: str) -> None:
        """Add a line, `depth` steps inside the function."""
        self._lines.append(f"{' ' * (depth + 1)}{text}")

    def constant(self, value: object) -> str:
        """Return the name under which the function finds a value."""
        name = f"k{len(self._names)}"
        self._names[name] = value
        return name

    def function(self) -> Any:
        """Return the function."""
        names = dict(self._names)
        exec("\n".join(self._lines), names)  # noqa: S102  # written here, of literals only
        return names[self._lines[0].removeprefix("def ").partition("(")[0]]


def compile_walk(spec: MessageSpec, wanted: Callable[[Simple], bool]) -> Callable[[Mapping[str, Any]], list[Leaf]]:
    """Return a function that lists the values of the types wanted, from the dict below the root's name.

    It also takes the dict of a document that could only be read in part: what is not there is passed
    over, an entry None of a list as well.
    """
    source = Source("walk(v0)")
    source.line(0, "found = []")
    _visit(
        source, spec, wanted, lambda simple, value, path: f"found.append(({path}, {source.constant(simple)}, {value}))"
    )
    source.line(0, "return found")
    walk: Callable[[Mapping[str, Any]], list[Leaf]] = source.function()
    return walk


def _visit(source: Source, spec: MessageSpec, wanted: Callable[[Simple], bool], statement: _Statement) -> None:
    """Write the `statement` on every value wanted. `v1` is the dict or list one step below `v0`; `n1` counts in a list."""

    def holds(item: Simple | Record) -> bool:
        if isinstance(item, Simple):
            return wanted(item)
        return any(holds(field.type) for field in item.fields)

    def visit(item: Simple | Record, value: str, path: str, depth: int, below: int) -> None:
        if isinstance(item, Simple):
            source.line(depth, statement(item, value, f"f{path!r}"))
        elif item.item:
            source.line(depth, f"for n{below}, v{below} in enumerate({value}, 1):")
            source.line(depth + 1, f"if v{below} is not None:")
            visit(item.item.type, f"v{below}", f"{path}/{item.item.name}[{{n{below}}}]", depth + 2, below + 1)
        else:
            if value != f"v{below - 1}":
                source.line(depth, f"v{below} = {value}")
                below += 1
            for field in item.fields:
                if holds(field.type):
                    source.line(depth, f"if {field.name!r} in v{below - 1}:")
                    visit(field.type, f"v{below - 1}[{field.name!r}]", f"{path}/{field.name}", depth + 1, below)

    visit(spec.content, "v0", f"/{spec.name}", 0, 1)
