"""Engines that others use say of what is published what ours say; `python tests/engines.py` has more documents."""

from __future__ import annotations

import os
import shutil

import engines
import pytest
from support.bundle_engines import NODE


def test_other_engines_agree() -> None:
    missing = [each for each in ("javac", "java", "node", "xjc") if shutil.which(each) is None]
    if not (NODE / "node_modules").is_dir():
        missing.append("npm ci --prefix tests/node")
    if missing and not os.environ.get("CI"):
        pytest.skip(f"missing: {', '.join(missing)}")
    assert missing == []
    found = engines.verdicts(150, seed=87)
    assert {each.engine: each.differing for each in found} == dict.fromkeys(ENGINES, 0)
    # Verdicts of one kind would prove little.
    assert all(len(each.pairs) > 100 for each in found)
    assert all(len({str(ours) for _, ours in each.pairs}) > 1 for each in found if "libxml2" not in each.engine)


ENGINES = (
    "JDK, closed schemas",
    "libxml2, closed schemas",
    "Saxon, Schematron",
    "node-schematron, Schematron",
    "ajv, JSON Schemas",
    "xjc, read and written",
)
