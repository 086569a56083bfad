"""Engines that others use say of what is published what ours say; `python tests/engines.py` has more documents."""

from __future__ import annotations

import os
from pathlib import Path

import engines
import pytest
from support.bundle_engines import NODE
from support.class_makers import VERSIONS, Classes, zeep_combinations
from support.corpus_cases import shipped
from support.schema_judges import need

from exchange.model.catalog import Version

KRAV = shipped().catalog.of("kravTilJobsoegning")
UNTYPED = {"xjc": "JAXBElement<?>", "xsd.exe": "object[]", "xsdata": "regioner: list[Regioner]"}
"""What is made of a part of a message for which a code generator finds no type of its own."""
TYPED = {
    "xjc": "protected Integer transporttid;",
    "xsd.exe": "public int transporttid {",
    # It takes a number with a pattern for a text.
    "xsdata": "regioner: None | Regioner = field(",
}
"""What is made of parts of geografi."""


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Classes:
    need("javac", "java", "xjc", "mcs", "mono", "xsd")
    return Classes(tmp_path_factory.mktemp("classes"))


def test_other_engines_agree(classes: Classes, tmp_path: Path) -> None:
    need("node")
    if not (NODE / "node_modules").is_dir() and not os.environ.get("CI"):
        pytest.skip("missing: npm ci --prefix tests/node")
    found = engines.verdicts(150, 87, classes, tmp_path)
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
    *(f"{engine}, read and written" for engine in Classes.engines),
)


@pytest.mark.parametrize("engine", Classes.engines)
@pytest.mark.parametrize("version", VERSIONS, ids=repr)
def test_classes_have_a_type_for_each_part(classes: Classes, engine: str, version: Version) -> None:
    # A choice of sequences in geografi has made this of the first version of krav, and is why there is a second.
    text = classes.text(engine, version)
    assert (UNTYPED[engine] in text) is (version == KRAV[0])
    assert (TYPED[engine] in text) is (version == KRAV[-1])


@pytest.mark.parametrize("version", KRAV, ids=repr)
def test_zeep_reads_geografi_as_it_is_written(version: Version) -> None:
    assert sum(zeep_combinations(version)) == (1 if version == KRAV[0] else 31)
