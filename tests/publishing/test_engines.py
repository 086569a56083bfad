"""Engines that others use say of what is published what ours say; `python tests/engines.py` has more documents."""

from __future__ import annotations

import os

import engines
import pytest
from support.bundle_engines import NODE
from support.schema_judges import need


def test_other_engines_agree() -> None:
    need("javac", "java", "node", "xjc", "mcs", "mono")
    if not (NODE / "node_modules").is_dir() and not os.environ.get("CI"):
        pytest.skip("missing: npm ci --prefix tests/node")
    found = engines.verdicts(150, seed=87)
    assert {each.engine: each.differing for each in found} == dict.fromkeys(ENGINES, 0)
    # Verdicts of one kind would prove little.
    assert all(len(each.pairs) > 100 for each in found)
    assert all(
        len({str(ours) for _, ours in each.pairs}) > 1 for each in found if each.engine != "libxml2, closed schemas"
    )


ENGINES = (
    "libxml2, closed schemas",
    "libxml2, schemas",
    "JDK, closed schemas",
    "mono, closed schemas",
    "mono, schemas",
    "Saxon, Schematron",
    "node-schematron, Schematron",
    "ajv, JSON Schemas",
    "xjc, read and written",
)
