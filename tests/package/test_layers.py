"""Imports go one way, and what only the outermost layer may do is done nowhere else."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import structure
from structure import PACKAGE

MODULES = sorted(PACKAGE.rglob("*.py"))

# Each room may import from those above it only. What may be in a package stands at the top of its `__init__`.
ROOMS = [
    "findings",
    "errors",
    "types",
    "model",
    "files",
    "databases",
    "xml",
    "validation",
    "signatures",
    "receipts",
    "deliveries",
    "reports",
    "changes",
    "differences",
    "upgrading",
    "jobnet",
    "docs",
    "publishing",
    "distributed",
    "forwarding",
    "acceptance",
    "api",
    "runs",
    "export",
    "inbox",
    "mapping",
    "outbox",
    "practice",
    "testdata",
    "pytest_plugin",
    "service",
    "cli",
]
# Features beside the core. None of them knows another.
FEATURES = {
    "changes",
    "differences",
    "upgrading",
    "publishing",
    "distributed",
    "forwarding",
    "export",
    "inbox",
    "mapping",
    "outbox",
    "testdata",
    "pytest_plugin",
}
ALLOWED = {
    "lxml": {"xml", "validation", "publishing"},
    "xmlschema": {"model", "validation"},
    "click": {"cli"},
    "pyarrow": {"export", "mapping"},
    "openpyxl": {"mapping"},
    "cryptography": {"signatures"},
    "dask": {"distributed"},
    "distributed": {"distributed"},
    "sqlalchemy": {"databases", "inbox", "mapping", "outbox"},
    "alembic": {"databases", "inbox", "outbox"},
    "psycopg": {"databases"},
    "starlette": {"service"},
    "uvicorn": {"service"},
}


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def test_imports_go_one_way() -> None:
    graph = {room: below for room, below in structure.rooms().items() if room != structure.FACE}
    assert set(graph) == set(ROOMS)
    for room, below in graph.items():
        assert all(ROOMS.index(other) < ROOMS.index(room) for other in below), f"{room} imports {sorted(below)}"
        assert room not in FEATURES or not below & FEATURES, f"{room} imports {sorted(below & FEATURES)}"
    assert max(structure.floors(graph).values()) <= structure.FLOORS


def test_the_architecture_page_names_every_room_on_its_floor() -> None:
    graph = {room: below for room, below in structure.rooms().items() if room != structure.FACE}
    floor, shown = "", {}
    rows = re.findall(r"^\| (\d*) *\| `(\w+)` \|", (PACKAGE / "docs" / "architecture.md").read_text("utf-8"), re.M)
    for number, room in rows:
        floor = number or floor
        shown[room] = int(floor)
    assert shown == structure.floors(graph)


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert structure.circle(structure.imported_modules()) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_package_is_used_only_where_it_belongs(path: Path) -> None:
    own = _room(path)
    for name in structure.imports(path):
        package = name.partition(".")[0]
        assert own in ALLOWED.get(package, {own}), f"{own} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_module_is_long_and_each_says_what_it_is_for(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= structure.MODULE
    assert ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_the_outermost_layer_prints_or_reads_clock_and_environment(path: Path) -> None:
    if _room(path) == "cli":
        return
    calls = {
        ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)
    }
    assert not calls & {"print", "sys.stdout.write", "os.getenv", "os.environ.get", "date.today", "time.time"}
    clock = {"datetime.now"} & calls
    # `header` makes something up, and the plugin is the outermost layer of its user's tests.
    assert not clock or _room(path) in ("api", "pytest_plugin")
