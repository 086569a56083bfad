"""Prints the structure of the package: its rooms by floor, circles between modules, and lines by room.

A room is a module or package directly in `exchange/`. It stands one floor above the highest room that it imports.
Imports for types alone count too. `python tests/structure.py` prints it; test_layers.py holds it to its limits.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "exchange"
# The public names, from wherever they stand.
FACE = "__init__"


def modules() -> dict[str, Path]:
    """Give every module by its name below `exchange`: `deliveries.reading`; a package has its own name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path) -> set[str]:
    """Give the names that a module imports, whole: `exchange.errors.Refused`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def imported_modules() -> dict[str, set[str]]:
    """Give for each module the modules of `exchange` that it imports."""
    known = modules()
    graph: dict[str, set[str]] = {}
    for name, path in known.items():
        if name == "__main__":
            # Another name for the command line, of no floor.
            continue
        graph[name] = set()
        for imported in imports(path):
            parts = imported.split(".")
            if parts[0] != "exchange":
                continue
            longest = next(
                (".".join(parts[1:end]) for end in range(len(parts), 1, -1) if ".".join(parts[1:end]) in known), FACE
            )
            if longest not in (name, FACE):
                graph[name].add(longest)
    return graph


def rooms() -> dict[str, set[str]]:
    """Give for each room the rooms that it imports."""
    graph: dict[str, set[str]] = {}
    for name, imported in imported_modules().items():
        room = name.partition(".")[0]
        graph.setdefault(room, set()).update({other.partition(".")[0] for other in imported} - {room})
    return graph


def circle(graph: Mapping[str, Iterable[str]]) -> list[str]:
    """Give names that import each other in a circle; empty if there are none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def floors(graph: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """Give the floor of each room of a graph without circles; the ground is 1."""
    found: dict[str, int] = {}
    for room in TopologicalSorter(graph).static_order():
        found[room] = 1 + max((found[below] for below in graph.get(room, ())), default=0)
    return found


def lines() -> dict[str, int]:
    """Give the lines of Python in each room."""
    counts: dict[str, int] = {}
    for name, path in modules().items():
        room = name.partition(".")[0]
        counts[room] = counts.get(room, 0) + len(path.read_text("utf-8").splitlines())
    return counts


def main() -> None:
    """Print it."""
    graph = {room: below for room, below in rooms().items() if room != FACE}
    counts = lines()
    for what, of in (("rooms", graph), ("modules", imported_modules())):
        print(f"circle between {what}: {' -> '.join(circle(of)) or 'none'}")
    if not circle(graph):
        by_floor = floors(graph)
        for floor in range(max(by_floor.values()), 0, -1):
            on_it = sorted(room for room, of in by_floor.items() if of == floor)
            print(f"floor {floor}: " + ", ".join(f"{room} ({counts[room]:,} lines)" for room in on_it))
    longest = max(modules().items(), key=lambda item: len(item[1].read_text("utf-8").splitlines()))
    print(f"longest module: {longest[0]}, {len(longest[1].read_text('utf-8').splitlines())} lines")
    print(f"modules: {len(modules())}; lines: {sum(counts.values()):,}; of the command line: {counts['cli']:,}")


if __name__ == "__main__":
    main()
