"""Imports go one way, and what only the outermost layer may do is done nowhere else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "exchange"
MODULES = sorted(PACKAGE.rglob("*.py"))

# Each layer may import from those above it, and from its own line.
LAYERS = [
    {"findings"},
    {
        "errors",
        "holes",
        "inbox_kinds",
        "kinds",
        "lazy",
        "markup",
        "output_texts",
        "filesystem",
        "signature_kinds",
        "signature_texts",
        "personnummer",
        "resources",
        "texts",
        "values",
        "xsd10",
        "xsdpattern",
    },
    {"encodings", "sources"},
    {"sourcelines", "xmlstream"},
    {"xmlio", "schema", "codelists", "jsonio", "files"},
    {"generate", "c14n"},
    {"explain", "encode", "decode"},
    {"canonical", "rules"},
    {"given"},
    {"catalog"},
    {"digest", "examine", "excerpt", "jobnet"},
    {"road"},
    {"drafts"},
    {"deliveries", "receipts", "signatures"},
    {"distributed", "forwarding", "record"},
    {"api"},
    {"doctor", "export", "inbox", "pages", "report", "testdata"},
    {"pytest_plugin", "service"},
    {"cli"},
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
ALLOWED = {
    "lxml": {"sourcelines", "xmlio", "decode", "explain", "doctor"},
    "xmlschema": {"schema", "xsd10", "explain", "catalog"},
    "click": {"cli"},
    "pyarrow": {"export"},
    "cryptography": {"signatures"},
    "dask": {"distributed"},
    "distributed": {"distributed"},
    "sqlalchemy": {"inbox"},
    "alembic": {"inbox"},
    "psycopg": {"inbox"},
    "starlette": {"service"},
    "uvicorn": {"cli"},
}


def _layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path) -> None:
    if path == PACKAGE / "__init__.py":
        return  # the public names, from wherever they stand
    own = _layer(path)
    for name in _imports(path):
        parts = name.split(".")
        if parts[0] == "exchange" and len(parts) > 1 and parts[1] in RANK:
            assert RANK[parts[1]] <= RANK[own], f"{own} imports {name}"
        assert own in ALLOWED.get(parts[0], {own}), f"{own} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_module_is_long_and_each_says_what_it_is_for(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 350
    assert ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_the_outermost_layer_prints_or_reads_clock_and_environment(path: Path) -> None:
    if _layer(path) == "cli":
        return
    calls = {
        ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)
    }
    assert not calls & {"print", "sys.stdout.write", "os.getenv", "os.environ.get", "date.today", "time.time"}
    clock = {"datetime.now"} & calls
    # `header` is the one function that makes something up.
    assert not clock or _layer(path) == "api"


def test_the_layers_name_every_module() -> None:
    assert {_layer(path) for path in MODULES} - {"__init__"} == set(RANK)
