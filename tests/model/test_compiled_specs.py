"""specs.json: it says what the schemas say, it is used only for the schemas that it was made of, and spares compiling them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from support.corpus_cases import HOUSE

from exchange import Exchange
from exchange.model import compiled_specs
from exchange.model.catalog import Catalog, Version
from exchange.model.resources import stamdata_folder, xsd_folder
from exchange.model.schema_reader import read_spec
from exchange.validation.doctor import examine

SHIPPED = Catalog(xsd_folder(), stamdata_folder())
EVERYTHING = (*SHIPPED.versions, *SHIPPED.deliveries.versions)


def _compiled(version: Version, catalog: Catalog = SHIPPED) -> Any:
    return read_spec(version.component_model(), version.name, version.version, *catalog.bindings)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(xsd_folder(), tmp_path / "xsd"))


def _samtale(folder: Path) -> Version:
    return Catalog(folder, stamdata_folder()).of("samtale")[0]


@pytest.mark.parametrize("version", EVERYTHING, ids=lambda version: version.name)
def test_every_shipped_schema_is_in_it_as_it_compiles(version: Version) -> None:
    assert version.prepared_spec() == _compiled(version)
    assert version.spec == _compiled(version)


@pytest.mark.parametrize("call", ["validate(source)", "parse(source)", "build(json.load(open(example)))"])
def test_an_accepted_message_needs_no_xmlschema(call: str, tmp_path: Path) -> None:
    source = tmp_path / "samtale.xml"
    tool = Exchange()
    source.write_bytes(tool.build(tool.example("samtale")))
    example = xsd_folder() / "samtale.v1.json"
    code = (
        "import json, pathlib, sys\nfrom exchange import build, parse, validate\n"
        f"source, example = pathlib.Path({str(source)!r}), {str(example)!r}\n"
        f"assert {call}\nprint('xmlschema' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("changed", ["samtale.v1.xsd", "faelles.v1.xsd"])
def test_a_changed_schema_is_compiled_itself(copy: Path, changed: str) -> None:
    schema = copy / changed
    schema.write_text(schema.read_text("utf-8").replace("<xs:documentation>", "<xs:documentation>(changed) "), "utf-8")
    version = _samtale(copy)
    assert version.prepared_spec() is None
    assert version.spec != SHIPPED.of("samtale")[0].spec
    assert version.spec == _compiled(version)


def test_one_of_another_message_may_change(copy: Path) -> None:
    other = copy / "kvittering.v1.xsd"
    other.write_text(other.read_text("utf-8") + "<!-- changed -->", "utf-8")
    assert _samtale(copy).prepared_spec() == _samtale(copy).spec


def _without_digest(content: dict[str, Any]) -> None:
    del content["schemas"]["faelles.v1.xsd"]


def _without_own_digest(content: dict[str, Any]) -> None:
    content["specs"]["samtale.v1.xsd"]["schemas"].remove("samtale.v1.xsd")


def _of_another_program(content: dict[str, Any]) -> None:
    content["program"] = "0.0.1"


def _with_another_part(content: dict[str, Any]) -> None:
    content["specs"]["samtale.v1.xsd"]["spec"]["content"]["fields"][0]["unknown"] = True


@pytest.mark.parametrize("fault", [_without_digest, _without_own_digest, _of_another_program, _with_another_part])
def test_one_that_does_not_prove_what_it_was_made_of_is_not_used(
    copy: Path, fault: Callable[[dict[str, Any]], None]
) -> None:
    file = copy / compiled_specs.FILE_NAME
    content = json.loads(file.read_bytes())
    fault(content)
    file.write_text(json.dumps(content), "utf-8")
    assert _samtale(copy).prepared_spec() is None
    assert _samtale(copy).spec == SHIPPED.of("samtale")[0].spec


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b'{"program": 1}', b"\xff", None])
def test_one_that_is_none_is_not_used(copy: Path, data: bytes | None) -> None:
    file = copy / compiled_specs.FILE_NAME
    file.unlink()
    if data is not None:
        file.write_bytes(data)
    assert _samtale(copy).prepared_spec() is None
    assert _samtale(copy).spec == SHIPPED.of("samtale")[0].spec


def test_the_catalog_binds_types_whenever_it_is_read(copy: Path) -> None:
    file = copy / "catalog.toml"
    file.write_text(file.read_text("utf-8").replace('Formkode = "form"\n', ""), "utf-8")
    version = _samtale(copy)
    assert version.prepared_spec() is not None
    assert version.fields["/samtale/form"].type.code_list is None  # type: ignore[union-attr]
    assert version.spec == _compiled(version, Catalog(copy, stamdata_folder()))


def test_a_catalog_of_ones_own_may_have_one(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(HOUSE / "xsd", tmp_path / "a folder" / "xsd"))
    catalog = Catalog(folder, HOUSE / "stamdata")
    assert all(version.prepared_spec() is None for version in catalog.versions)
    (folder / compiled_specs.FILE_NAME).write_bytes(catalog.dump_specs())
    for version in catalog.versions:
        assert version.prepared_spec() == _compiled(version, catalog)


def test_doctor_says_whether_it_holds_the_schemas(copy: Path) -> None:
    (copy / "samtale.v1.xsd").write_bytes((copy / "samtale.v1.xsd").read_bytes() + b"\n")
    checks = {check.name: check for check in islice(examine(Catalog(copy, stamdata_folder())), 7)}
    assert checks["samtale 1"].ok
    assert checks["samtale 1"].detail.endswith("not in specs.json as it is now, so every start compiles it")
    assert checks["kvittering 1"].detail.endswith("ready to load from specs.json")


def test_doctor_finds_one_that_says_something_else(copy: Path) -> None:
    file = copy / compiled_specs.FILE_NAME
    content = json.loads(file.read_bytes())
    content["specs"]["samtale.v1.xsd"]["spec"]["content"]["fields"][0]["required"] = False
    file.write_text(json.dumps(content), "utf-8")
    checks = {check.name: check for check in islice(examine(Catalog(copy, stamdata_folder())), 7)}
    assert not checks["samtale 1"].ok
    assert checks["samtale 1"].detail.startswith("specs.json: samtale.v1.xsd – another spec than the schema's")
    assert checks["kvittering 1"].ok
