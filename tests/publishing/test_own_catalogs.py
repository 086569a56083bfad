"""What is published of schemas and lists of one's own: references, includes, names and texts as other people write them."""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
import xmlschema
from jsonschema import Draft202012Validator
from lxml import etree
from support.own_catalogs import shipped_with, until_2027
from support.schematron_engines import saxon

from exchange import Exchange
from exchange.errors import ConfigurationError
from exchange.model.catalog import Version
from exchange.model.code_lists import COLUMNS
from exchange.publishing import (
    Example,
    closed_schema,
    genericode,
    json_schema,
    message_page,
    publish,
    schematron,
    typed_dicts,
)
from exchange.publishing.bundle import contents

DAY = date(2026, 11, 28)
_XS = "{http://www.w3.org/2001/XMLSchema}"
_HEAD = 'xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified"'
# References with a prefix, elements and types of one name, types without a name, includes that meet again and lead back.
SCHEMA = f"""<xs:schema {_HEAD} xmlns:p="urn:x-par87:min-proeve:1" targetNamespace="urn:x-par87:min-proeve:1">
  <xs:include schemaLocation="a%20a.xsd"/><xs:include schemaLocation="b.xsd"/>
  <xs:element name="min-proeve" type="p:min-proeve"/>
  <xs:complexType name="min-proeve"><xs:sequence>
    <xs:element name="hoved"><xs:complexType><xs:sequence>
      <xs:element name="miljoe" type="p:Miljoe"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="person"><xs:complexType><xs:sequence>
      <xs:element name="personnummer" type="p:Nummer"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="andet"><xs:complexType><xs:sequence>
      <xs:element name="class" type="p:Valg"/><xs:element name="fra-dato" type="p:Dag"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="dag" type="p:Dag"/>
    <xs:element name="kode" type="p:Kode" minOccurs="0"/>
    <xs:element name="fast" type="p:Fast" minOccurs="0"/>
    <xs:element name="document" type="p:Document" minOccurs="0"/>
    <xs:element name="tal" type="p:Tal" minOccurs="0"/>
    <xs:element name="lang" type="p:Lang" minOccurs="0"/>
  </xs:sequence></xs:complexType>
</xs:schema>"""
# The default namespace is the schemas' own, and the prefix is another.
A = """<schema xmlns="http://www.w3.org/2001/XMLSchema" xmlns:q="urn:x-par87:min-proeve:1"
    targetNamespace="urn:x-par87:min-proeve:1" elementFormDefault="qualified">
  <include schemaLocation="c.xsd"/><include schemaLocation="p.v1.xsd"/>
  <simpleType name="Dag"><restriction base="date"><pattern value="20[0-9]{2}-[0-9]{2}-[0-9]{2}"/></restriction></simpleType>
  <simpleType name="Nummer"><restriction base="string"><pattern value="[0-9]{10}"/></restriction></simpleType>
  <complexType name="Document">
    <annotation><documentation xml:lang="en">It says \"\"\"so\"\"\" \\N, and ends "so"</documentation></annotation>
    <sequence><element name="fast" type="q:Fast" minOccurs="0"/></sequence></complexType>
</schema>"""
# No namespace of its own.
B = f"""<xs:schema {_HEAD}><xs:include schemaLocation="c.xsd"/>
  <xs:simpleType name="Miljoe"><xs:restriction base="Ord">
    <xs:enumeration value="produktion"/><xs:enumeration value="test"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Valg"><xs:restriction base="Ord">
    <xs:enumeration value="it's"/><xs:enumeration value="&quot;a&quot;"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Kode"><xs:restriction base="Ord"/></xs:simpleType>
</xs:schema>"""
C = f"""<xs:schema {_HEAD}>
  <xs:simpleType name="Ord"><xs:restriction base="xs:string">
    <xs:minLength value="1"/><xs:maxLength value="20"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Tal"><xs:restriction base="xs:integer">
    <xs:pattern value="0|-?[1-9][0-9]{{0,2}}"/><xs:maxInclusive value="90"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Lang"><xs:restriction base="xs:string"><xs:minLength value="2"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Fast"><xs:restriction base="xs:string">
    <xs:length value="3"/><xs:pattern value="[a-z]{{3}}"/></xs:restriction></xs:simpleType>
</xs:schema>"""
CATALOG = """[[law]]
paragraph = "§ 1"
act = "en prøve"
source = "testen"

[[message]]
name = "min-proeve"
version = 1
schema = "p.v1.xsd"
event = "dag"
rules = ["person", "tekst"]

[codes]
Kode = "mine koder"
"""
LIST = f"{','.join(COLUMNS)},2. navn\no'a,Navn,2027-01-01,,,,testen,to\n"
DOCUMENT: dict[str, Any] = {
    "min-proeve": {
        "hoved": {"miljoe": "test"},
        "person": {"personnummer": "0101405000"},
        "andet": {"class": "it's", "fra-dato": "2026-11-20"},
        "dag": "2026-11-20",
        "fast": "abc",
        "document": {"fast": "abc"},
        "tal": -5,
        "lang": "abcd",
    }
}


@cache
def own() -> Exchange:
    folder = Path(os.fsdecode(mkdtemp().encode() + (b"" if sys.platform in ("darwin", "win32") else b"/\xff")))
    folder.mkdir(exist_ok=True)
    texts = {"p.v1.xsd": SCHEMA, "a a.xsd": A, "b.xsd": B, "c.xsd": C, "catalog.toml": CATALOG, "mine koder.csv": LIST}
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return Exchange(xsd=folder, stamdata=folder)


def version() -> Version:
    return own().catalog.versions[0]


@cache
def built() -> bytes:
    return own().build(DOCUMENT)


def test_a_bundle_is_written_of_any_catalog() -> None:
    files = contents(own().catalog, DAY)
    assert {"schemas/p.v1.xsd", "closed/p.v1.xsd", "json-schema/min-proeve.v1.schema.json"} <= files.keys()
    assert b'name="dk.par87.min_proeve.v1"' in files["java/bindings.xjb"]


def test_a_closed_schema_judges_as_the_schema_does() -> None:
    data = closed_schema(own().catalog, version(), DAY)
    assert b"include" not in data
    libxml2 = etree.XMLSchema(etree.fromstring(data))
    for judges in (
        lambda text: libxml2.validate(etree.fromstring(text)),
        xmlschema.XMLSchema10(data.decode()).is_valid,
    ):
        for text, fits in ((b">abc<", True), (b">abcd<", False), (b">aBc<", False)):
            assert judges(built().replace(b">abc<", text)) == fits


@pytest.mark.parametrize(("day", "codes"), [(date(2026, 12, 31), ["no code in force"]), (date(2027, 1, 1), ["o'a"])])
def test_a_list_without_a_code_in_force_does_not_admit_every_code(day: date, codes: list[str]) -> None:
    root = etree.fromstring(closed_schema(own().catalog, version(), day))
    (simple,) = root.iterfind(f"{_XS}simpleType[@name='Kode']")
    assert [each.get("value") for each in simple.iter(f"{_XS}enumeration")] == codes


def test_a_json_schema_tells_types_without_a_name_apart() -> None:
    judge = Draft202012Validator(json_schema(version()))
    judge.validate(DOCUMENT)
    swapped = DOCUMENT["min-proeve"] | {"person": DOCUMENT["min-proeve"]["hoved"]}
    assert not judge.is_valid({"min-proeve": swapped})


def test_the_types_are_a_module_whatever_names_and_texts_are() -> None:
    module: dict[str, Any] = {}
    exec(compile(typed_dicts(own().catalog), "types", "exec"), module)  # noqa: S102  # our own text
    keys = [
        list(each.__annotations__)
        for name, each in module.items()
        if "__annotations__" in getattr(each, "__dict__", ())
    ]
    for part in (DOCUMENT, DOCUMENT["min-proeve"]["person"], DOCUMENT["min-proeve"]["andet"]):
        assert list(part) in keys
    assert module["Valg"].__args__ == ("it's", '"a"')


def test_a_range_with_an_open_end_has_no_number_there() -> None:
    page = message_page(version(), DAY, "en")
    assert "Tal, ≤ 90<" in page
    assert "Lang, ≥ 2 characters<" in page
    types = typed_dicts(own().catalog)
    assert "# ≤ 90\n" in types
    assert "# ≥ 2 characters\n" in types
    wrong = built().replace(b"-5", b"91").replace(b"abcd", b"a")
    assert {each.path.rpartition("/")[2]: each.message for each in own().validate(wrong).findings} == {
        "tal": "tal: is out of range, expected -∞ to 90 (got '91')",
        "lang": "lang: has 1 characters, expected 2 to ∞ (got 'a')",
    }


def test_a_schematron_judges_by_a_mere_date_and_codes_of_any_characters() -> None:
    judge = saxon(schematron(version()))
    assert judge(built()) == []
    assert judge(built().replace(b">test<", b">produktion<")) == [("error", "personnummer-born-later")]


def test_a_column_of_any_name_is_a_name_of_xml() -> None:
    root = etree.fromstring(genericode(own().catalog.lists["mine koder"]))
    assert "_2__navn" in [each.get("Id") for each in root.iter("Column")]


# The shipped catalog, changed


def test_a_delivery_refers_to_no_schema_that_is_not_there(tmp_path: Path) -> None:
    catalog = shipped_with(tmp_path, until_2027("kravTilJobsoegning")).catalog
    files = contents(catalog, date(2027, 1, 1))
    for name in [name for name in files if name.startswith("closed/")]:
        for each in etree.fromstring(files[name]).iter(f"{_XS}import"):
            assert f"closed/{each.get('schemaLocation')}" in files
    named = {each["name"] for each in json.loads(files["manifest.json"])["messages"]}
    assert "leverance" in named
    assert "kravTilJobsoegning" not in named


def test_an_example_that_cannot_be_built_is_told(tmp_path: Path) -> None:
    installation = shipped_with(tmp_path)
    (installation.catalog.xsd / "samtale.v1.json").write_text("{}", "utf-8")
    with pytest.raises(ConfigurationError, match="samtale 1: its example cannot be built"):
        contents(installation.catalog, DAY)


@pytest.mark.parametrize("names", [("a", "a"), ("samtale.v1",), ("../a",)])
def test_no_example_takes_the_place_of_another_or_leaves_its_folder(tmp_path: Path, names: tuple[str, ...]) -> None:
    installation = Exchange()
    data = installation.build(installation.example("samtale"))
    with pytest.raises(ValueError, match="expected names of their own"):
        publish(installation.catalog, DAY, tmp_path / "out", examples=[Example(name, data) for name in names])
    assert list(tmp_path.iterdir()) == []
