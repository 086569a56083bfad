"""Prints the structure of the package: its rooms by floor, circles between modules, and lines by room.

A room is a module or package directly in `exchange/`. It stands one floor above the highest room that it imports.
Imports for types alone count too. `python tests/structure.py` prints it; test_layers.py holds it to its limits.
`python tests/structure.py REVISION` prints the lines of each room in that revision of git and now, too.
"""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "exchange"
# The public names, from wherever they stand.
FACE = "__init__"

# The limits, in lines and in floors.
TOTAL, COMMAND_LINE, MODULE, FLOORS = 20_000, 2_400, 350, 9


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


def lines() -> Counter[str]:
    """Return the lines of Python in each room."""
    counts: Counter[str] = Counter()
    for name, path in modules().items():
        counts[name.partition(".")[0]] += _length(path.read_bytes())
    return counts


def lines_in(revision: str) -> Counter[str]:
    """Return the lines of Python in each room in a revision, by the names of then.

    Raises CalledProcessError if git does not know the revision.
    """
    command = ["git", "-C", str(PACKAGE.parent), "archive", revision, PACKAGE.name]
    data = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    counts: Counter[str] = Counter()
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file is not None and member.name.endswith(".py"):
                counts[Path(member.name).parts[1].removesuffix(".py")] += _length(file.read())
    return counts


def _length(source: bytes) -> int:
    return len(source.decode("utf-8").splitlines())


def _limit(what: str, found: int, most: int) -> None:
    print(f"{what}: {found:,} of at most {most:,}{'' if found <= most else ' MISSED'}")


def _compare(revision: str, now: Counter[str]) -> None:
    then = lines_in(revision)
    print(f"{'package':<20}{revision[:10]:>12}{'now':>12}")
    for room in sorted(then | now):
        print(f"{room:<20}{then[room]:>12,}{now[room]:>12,}")
    print(f"{'all':<20}{then.total():>12,}{now.total():>12,}")


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
        _limit("floors", max(by_floor.values()), FLOORS)
    lengths = {name: _length(path.read_bytes()) for name, path in modules().items()}
    longest = max(lengths, key=lambda name: lengths[name])
    _limit(f"lines of the longest module, {longest}", lengths[longest], MODULE)
    _limit("lines of the command line", counts["cli"], COMMAND_LINE)
    _limit(f"lines of all {len(lengths)} modules", counts.total(), TOTAL)
    for revision in sys.argv[1:]:
        _compare(revision, counts)


if __name__ == "__main__":
    main()
