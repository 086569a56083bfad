"""The published bundle: complete, the same for the same date, and each part of it what it says it is."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
from jsonschema import Draft202012Validator
from lxml import etree, html
from support.browsing import opened, started
from support.corpus_cases import INVALID, VALID, house, shipped

from exchange import cli
from exchange.publishing import Example, genericode, publish
from exchange.publishing.bundle import contents, zipped
from exchange.testdata import MUTATIONS, one_of_each

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DAY = date(2026, 11, 28)
CATALOG = shipped().catalog
_XS = "{http://www.w3.org/2001/XMLSchema}"


def _examples() -> Iterator[Example]:
    return (Example(name, made.data) for name, made in one_of_each(shipped()))


@cache
def _files(on: date = DAY) -> Mapping[str, bytes]:
    return contents(CATALOG, on, _examples())


def _named(start: str, end: str = "") -> dict[str, bytes]:
    found = {name: data for name, data in _files().items() if name.startswith(start) and name.endswith(end)}
    assert found
    return found


def test_the_same_date_gives_the_same_bytes_in_folder_and_zip(tmp_path: Path) -> None:
    written = publish(CATALOG, DAY, tmp_path / "par87", examples=_examples(), archive=tmp_path / "par87.zip")
    assert written == (len(_files()), sum(map(len, _files().values())))
    found = (path for path in (tmp_path / "par87").rglob("*") if path.is_file())
    assert {path.relative_to(tmp_path / "par87").as_posix(): path.read_bytes() for path in found} == _files()
    data = (tmp_path / "par87.zip").read_bytes()
    assert data == zipped(_files())
    with ZipFile(BytesIO(data)) as archive:
        assert {entry.filename: archive.read(entry) for entry in archive.infolist()} == _files()
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_manifest_has_every_other_file_with_its_digest() -> None:
    manifest = json.loads(_files()["manifest.json"])
    others = {name: sha256(data).hexdigest() for name, data in _files().items() if name != "manifest.json"}
    assert manifest["files"] == others
    assert manifest["on"] == "2026-11-28"
    assert {(each["name"], each["version"]) for each in manifest["messages"]} >= {("samtale", 1), ("leverance", 1)}


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_readme_names_every_folder_and_what_schematron_does_not_say(lang: str) -> None:
    page = _files()[f"README.{lang}.md"].decode()
    assert {name.split("/")[0] for name in _files() if "/" in name} <= {
        line.split("`")[1].rstrip("/") for line in page.splitlines() if line.startswith("| `")
    }
    assert f"`urn:x-par87:samtale:1` | {'altid' if lang == 'da' else 'always'} |" in page
    for code in json.loads(_files()["manifest.json"])["rules_not_in_schematron"]:
        assert f"`{code}`" in page


def test_everything_is_of_its_format() -> None:
    for name, data in _files().items():
        if name.endswith(".json"):
            json.loads(data)
        elif name.endswith((".xsd", ".xjb", ".gc", ".sch")) or name.startswith("examples/valid"):
            etree.fromstring(data)
    for data in _named("json-schema/").values():
        Draft202012Validator.check_schema(json.loads(data))


# The closed schemas.


def _compiled(folder: Path, part: str) -> dict[str, etree.XMLSchema]:
    (folder / part).mkdir()
    for name, data in _named(f"{part}/", ".xsd").items():
        (folder / name).write_bytes(data)
    names = [version.schema_path.name for version in CATALOG.versions]
    return {name: etree.XMLSchema(etree.parse(folder / part / name)) for name in names}


def test_closed_schemas_include_nothing_and_have_no_unused_type() -> None:
    for data in _named("closed/").values():
        root = etree.fromstring(data)
        assert root.find(f"{_XS}include") is None
        used = {each.get(name) for each in root.iter() for name in ("type", "base", "ref")}
        named = {each.get("name") for each in root if each.tag != f"{_XS}element" and each.get("name")}
        assert named <= used


def test_closed_schemas_refuse_more_than_the_schemas_only_for_codes(tmp_path: Path) -> None:
    closed, plain = _compiled(tmp_path, "closed"), _compiled(tmp_path, "schemas")
    accepted = refused = 0
    for case in (*VALID, *INVALID):
        report = case.exchange.validate(case.data)
        if report.message not in CATALOG.names() or report.layers["well-formed"] != "passed":
            continue
        file, document = CATALOG.version_of(report).schema_path.name, etree.fromstring(case.data)
        if plain[file].validate(document):
            fits = closed[file].validate(document)
            # A code that is none, or that is not in force on the day of the bundle.
            assert all(
                fault.type_name == "SCHEMAV_CVC_ENUMERATION_VALID" or "atomic" in fault.message
                for fault in closed[file].error_log
            )
            accepted += fits
            refused += not fits
        else:
            assert not closed[file].validate(document), str(case)
    assert accepted > 40
    assert refused > 5


def test_closed_schemas_have_the_codes_of_the_day_and_lengths() -> None:
    def values(on: date, type_name: str) -> list[str | None]:
        root = etree.fromstring(_files(on)["closed/krav_til_jobsoegning.v1.xsd"])
        (simple,) = root.iterfind(f"{_XS}simpleType[@name='{type_name}']")
        return [each.get("value") for each in simple.iter(f"{_XS}enumeration", f"{_XS}length")]

    regions = shipped().codes("region")
    for on in (date(2026, 12, 31), date(2027, 1, 1)):
        assert values(on, "Regionskode") == [row.kode for row in regions.in_force(on)]
    assert values(date(2026, 12, 31), "Regionskode") != values(date(2027, 1, 1), "Regionskode")
    assert values(DAY, "Guid") == ["36"]
    assert values(DAY, "Personnummer") == ["10"]
    assert values(DAY, "Disco") == []


# The code lists. genericode.xsd says what the standard demands of the parts that are used.
_GENERICODE = etree.XMLSchema(etree.parse(Path(__file__).with_name("genericode.xsd")))


@pytest.mark.parametrize("name", list(CATALOG.lists))
def test_a_code_list_is_genericode_with_all_its_rows(name: str) -> None:
    root = etree.fromstring(_files()[f"code-lists/{name}.gc"])
    _GENERICODE.assertValid(root)
    columns = {each.get("Id"): each for each in root.iter("Column")}
    (key,) = (each.get("Ref") or "" for each in root.iter("ColumnRef"))
    assert columns[key].get("Use") == "required"
    dates = {name for name, column in columns.items() if column.find("Data[@Type='date']") is not None}
    for value in root.iter("Value"):
        if value.get("ColumnRef") in dates:
            date.fromisoformat(value.findtext("SimpleValue", ""))
    rows = [{value.get("ColumnRef"): value.findtext("SimpleValue") for value in row} for row in root.iter("Row")]
    assert len({row[key] for row in rows}) == len(rows)
    for row in rows:
        assert set(row) <= set(columns)
        assert {name for name, column in columns.items() if column.get("Use") == "required"} <= set(row)
    file = (CATALOG.stamdata / f"{name}.csv").read_text("utf-8-sig").splitlines()
    expected = [{column: text for column, text in row.items() if text} for row in csv.DictReader(file)]
    assert [{column: text for column, text in row.items() if column != "raekke"} for row in rows] == expected
    listed = json.loads(_files()[f"code-lists/{name}.json"])["rows"]
    assert [{column: text for column, text in row.items() if text is not None} for row in listed] == expected


@pytest.mark.parametrize("lost", ["Version", "ColumnSet", "Column[@Id='kode']", "Data", "SimpleValue"])
def test_what_lacks_a_part_is_no_genericode(lost: str) -> None:
    root = etree.fromstring(_files()["code-lists/region.gc"])
    part = root.find(f".//{lost}")
    assert part is not None
    next(part.iterancestors()).remove(part)
    assert not _GENERICODE.validate(root)


def test_a_code_with_several_rows_has_another_key() -> None:
    root = etree.fromstring(genericode(house().codes("tilbud")))
    assert [each.get("Ref") for each in root.iter("ColumnRef")] == ["raekke"]


# The examples.


def test_invalid_examples_are_refused_with_what_is_said_of_them() -> None:
    mutations = {mutation.name for mutation in MUTATIONS}
    shown = set()
    for name, data in _named("examples/", ".xml").items():
        report = shipped().validate(data)
        assert report.ok is name.startswith("examples/valid/")
        said = _files().get(name.replace(".xml", ".findings.json"))
        assert (said is None) == (not report.findings)
        if said is not None:
            found = [{"code": each.code, "severity": each.severity, "path": each.path} for each in report.findings]
            assert json.loads(said)["findings"] == found
            shown |= {name.partition("-")[2].removesuffix(".xml")}
    assert mutations <= shown


# The pages.


@pytest.mark.parametrize("lang", ["da", "en"])
def test_a_page_has_every_element_code_and_rule(lang: str) -> None:
    for version in CATALOG.versions:
        page = html.fromstring(_files()[f"html/{version.name}.v{version.version}.{lang}.html"].decode())
        assert page.get("lang") == lang
        first = {row.text_content() for row in page.iterfind(".//tbody//th")}
        assert {path.split("/", 2)[2] for path in version.fields} <= first
        assert {row.kode for code_list in version.lists.values() for row in code_list.in_force(DAY)} <= first


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started() as running:
        yield running


def test_the_pages_are_accessible(browser: Browser, tmp_path: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

    # One template: this message has all its parts, a delivery the fewest.
    for name, data in (_named("html/samtale.") | _named("html/leverance.", ".da.html")).items():
        file = tmp_path / name.removeprefix("html/")
        file.write_bytes(data)
        with opened(browser, file) as page:
            found: Any = Axe().run(page)
            assert found.response["violations"] == [], name


def test_the_command_writes_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "par87"
    arguments = ["publish", "--on", DAY.isoformat(), "--out", str(out), "--zip", "--lang", "en"]
    assert cli.run(arguments) == 0
    assert f"{len(_files())} files" in capfd.readouterr().out
    assert (out / "manifest.json").read_bytes() == _files()["manifest.json"]
    assert (tmp_path / "par87.zip").exists()
    assert cli.run(arguments) == 2
    assert cli.run([each.replace(str(out), ".") for each in arguments]) == 2
