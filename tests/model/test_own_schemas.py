"""Schemas, lists and folders of one's own: patterns mean what XSD says, folders have any name, files any encoding are told so."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
from datetime import date
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest
from lxml import etree
from support.own_catalogs import shipped_with
from validation.test_fourth_message import HEAD, LAW, TEXT

import exchange
from exchange.api import Exchange
from exchange.cli import run
from exchange.errors import ConfigurationError, SchemaUnsupported
from exchange.model import resources
from exchange.model.catalog import Catalog
from exchange.model.code_lists import COLUMNS, load_code_list
from exchange.model.xsd_patterns import PatternUnsupported, compiled
from exchange.validation.doctor import examine

XS = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
CHARACTERS = "ab^$.-\\ \t\n_:0٣åÅ\u2028\u00a0\u0301x·m[]{}|²;+,"
TEXTS = ["".join(some) for length in range(3) for some in itertools.product(CHARACTERS, repeat=length)]
TEXTS += ["mmm", "xmm", "aab", "aaa", "øøø", "ø", "0-0", "a.b", "å1å", "a_b:c-d.e"]
TRANSLATED = [
    *[
        r"^",
        r"$",
        r"^a$",
        r"a^b",
        r"..",
        r".*",
        r"\w+",
        r"\W",
        r"\s",
        r"\S+",
        r"\d+",
        r"\D",
        r"[^\d]",
        r"[\w.]+",
        r"[\s\S]*",
        r"\n",
        r"\t",
        r"\^",
        r"\$",
        r"\-",
        r"\\",
        r"\.",
        r"[\-a]",
        r"[a\-c]",
        r"[a-]",
        r"[-a]",
    ],
    *[
        r"[+.-]",
        r"[+-\.]",
        r"[^^]",
        r"[$^.]",
        r"[a-z-[aeiou]]",
        r"\p{L}+",
        r"\P{Lu}",
        r"\p{Nd}+",
        r"\p{IsBasicLatin}+",
        r"[\p{Nd}a]",
        r"a|b|",
        r"(a|)b?",
        r"a{0,2}",
    ],
    *[
        r"a{2}",
        r"(m|x)m{1,2}",
        r"xm{2}|xm",
        r"0|[1-9][0-9]{0,2}",
        r"[0-9]{1,2}|[a-z]",
        r"[A-Z]|[0-9]{1,2}",
        r"(ab){2}|a",
        r"[\w-[\d_]]+",
        r"\w{1,2}\s?",
    ],
    *[
        r"[^\D]",
        r"[^\S]",
        r"[\Da]+",
        r"[^\da]+",
        r"[^\sa-c]+",
        r"[^\p{Lu}.]+",
        r"[\d-]+",
        r"[\d_-]+",
        r"[-a]+",
        r"[^-a]+",
        r"[\D-[a]]+",
    ],
]
REFUSED = [
    *[
        r"[\.-c]",
        r"[a\.-c]",
        r"m{2,}|m",
        r"m|m{2}",
        r"a{2}|a",
        r"ø{1,3}|ø?",
        r"(a{2}|a)b",
        r"[a-c]{2}|b",
        r"\w{2}|a",
        r"[]",
        r"a{,2}",
        r"a??",
        r"a**",
        r"(?:a)",
        r"\b",
        r"(a)\1",
        r"\p{Lx}",
    ],
    *[
        r"[\P{Lu}]",
        r"[a\P{L}]",
        r"[^\P{Lu}]",
        r"[a-z-[\P{Lu}]]",
        r"[^\Da]",
        r"[^a\D]",
        r"[^\Sa]",
        r"[^\Wa]",
        r"[^\I_]",
        r"[^\C-]",
        r"[^\da\W]",
        r"[\W\D]",
        r"[\I\C]",
        r"x([^\Da])*",
    ],
    *[r"[^a-]", r"[-\d]", r"[^\d-]", r"[^\d_-]", r"[\d-a]", r"[a-c-\d]", r"[\w-[^\d]]", r"[a-z-[^b]]"],
    *[r"(", r")", r"[a", r"[a-c-x]", r"a{2}?"],
]


def restricted(pattern: str) -> str:
    return f'<xs:restriction base="xs:string"><xs:pattern value={quoteattr(pattern)}/></xs:restriction>'


@pytest.mark.parametrize("pattern", TRANSLATED)
def test_a_pattern_means_the_same_to_us_and_to_libxml2(pattern: str) -> None:
    schema = f'{XS}<xs:element name="a"><xs:simpleType>{restricted(pattern)}</xs:simpleType></xs:element></xs:schema>'
    judge = etree.XMLSchema(etree.fromstring(schema))
    element = etree.Element("a")
    for text in TEXTS:
        element.text = text
        assert (compiled(pattern).fullmatch(text) is not None) == judge.validate(element), repr(text)


@pytest.mark.parametrize("pattern", REFUSED)
def test_a_pattern_that_means_nothing_or_not_the_same_is_refused(pattern: str) -> None:
    with pytest.raises(PatternUnsupported):
        compiled(pattern)


def own(folder: Path, pattern: str) -> Exchange:
    """Give an installation whose one message has a text with a pattern."""
    body = (
        f'<xs:element name="proeve"><xs:complexType><xs:sequence><xs:element name="felt" type="Felt"/>'
        f'<xs:element name="andet" type="Tekst"/><xs:element name="tid" type="Dag"/></xs:sequence></xs:complexType></xs:element>'
        f'<xs:simpleType name="Felt">{restricted(pattern)}</xs:simpleType>{TEXT}'
        '<xs:simpleType name="Dag"><xs:restriction base="xs:date"><xs:pattern value="20[0-9]{2}-[0-9]{2}-[0-9]{2}"/>'
        "</xs:restriction></xs:simpleType>"
    )
    (folder / "proeve.v1.xsd").write_text(f"{HEAD.format(namespace='proeve:1')}{body}</xs:schema>", "utf-8")
    entry = f'{LAW}[[message]]\nname = "proeve"\nversion = 1\nschema = "proeve.v1.xsd"\nevent = "tid"\n'
    (folder / "catalog.toml").write_text(entry, "utf-8")
    return Exchange(xsd=folder, stamdata=folder)


@pytest.mark.parametrize(
    ("pattern", "right", "wrong"),
    [
        (r"\i\c*", "a-1", "-a"),
        (r"\p{Lu}\p{L}*", "Ål", "ål"),
        ("^a$", "^a$", "a"),
        (r"\w+", "a€", "a.b"),
        (r"\s\S", "\tx", "\u2028x"),
        (r"\d{2}", "1٣", "1x"),
    ],
)
def test_a_value_is_explained_as_it_was_judged(tmp_path: Path, pattern: str, right: str, wrong: str) -> None:
    installation = own(tmp_path, pattern)
    assert installation.catalog.of("proeve")[0].spec.content.fields[0].name == "felt"
    document = {"proeve": {"felt": right, "andet": "x", "tid": date(2026, 11, 20)}}
    assert installation.parse(installation.build(document)) == document
    report = installation.validate({"proeve": {"felt": wrong, "andet": "x", "tid": date(2026, 11, 20)}})
    assert [(finding.code, finding.path) for finding in report.findings] == [("value-pattern", "/proeve/felt")]
    # What is right is not blamed where another value is wrong.
    data = installation.build(document).replace(b"<andet>x</andet>", b"<andet>x</andet><mere/>")
    assert {finding.code for finding in installation.validate(data).findings} == {"element-unexpected"}


@pytest.mark.parametrize("pattern", [r"[\.-c]", "m{2,}|m", "[a-c-x]"])
def test_doctor_names_file_type_and_pattern(tmp_path: Path, pattern: str) -> None:
    installation = own(tmp_path, pattern)
    with pytest.raises(SchemaUnsupported) as refused:
        _ = installation.catalog.of("proeve")[0].spec
    for part in ("proeve.v1.xsd", "simple type Felt", pattern):
        assert part in str(refused.value)
    (check,) = [check for check in examine(installation.catalog) if check.name == "proeve 1"]
    assert not check.ok


# Folders

FOLDERS = [
    b"a%2Fb",
    b"100%",
    b"%41",
    b"a#b",
    b"a?b",
    b"a\\b",
    b"a\nb",
    b" a b ",
    "æøå€".encode(),
    b"\t",
    b"*[]",
    b"\xff\xe6",
    b"a;b=c",
]


@pytest.fixture(params=FOLDERS, ids=repr)
def installed(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Copy schemas and lists into a folder of an unusual name."""
    if os.name == "nt" or (sys.platform == "darwin" and request.param == b"\xff\xe6"):
        pytest.skip("no such names there")
    folder = tmp_path / os.fsdecode(request.param)
    shutil.copytree(resources.xsd_folder(), folder / "xsd")
    shutil.copytree(resources.stamdata_folder(), folder / "stamdata")
    return folder


def test_an_installation_works_in_a_folder_of_any_name(installed: Path) -> None:
    installation = Exchange(xsd=installed / "xsd", stamdata=installed / "stamdata")
    assert [check for check in examine(installation.catalog) if not check.ok] == []
    example = installation.example("samtale")
    data = installation.build(example)
    assert installation.parse(data) == exchange.parse(data)
    broken = data.replace(b"<form>", b"<form>x y")
    assert installation.validate(broken) == exchange.validate(broken)


def test_the_command_line_works_in_a_folder_of_any_name(
    installed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(resources, "_root", lambda: installed)
    monkeypatch.setattr("exchange.model.catalog.shipped", lambda: Catalog(installed / "xsd", installed / "stamdata"))
    message = installed / "samtale.xml"
    message.write_bytes(exchange.build(Exchange().example("samtale")))
    for arguments in (["doctor"], ["describe", "samtale"], ["validate", str(message)], ["codes", "form"]):
        assert run(arguments) == 0, capsys.readouterr()


# Encodings

HEADER = ",".join(COLUMNS)
ROW = "a,Møde,2026-01-01,,,,kilde"


def test_a_byte_order_mark_is_no_part_of_a_list_or_of_the_catalog(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text(f"{HEADER}\n{ROW}\n", "utf-8-sig")
    assert [row.navn for row in load_code_list(path)] == ["Møde"]
    xsd = tmp_path / "xsd"
    shutil.copytree(resources.xsd_folder(), xsd)
    for file in (xsd / "catalog.toml", *xsd.glob("*.json")):
        file.write_text(file.read_text("utf-8"), "utf-8-sig")
    catalog = Catalog(xsd, resources.stamdata_folder())
    assert catalog.names() == Exchange().catalog.names()
    assert catalog.of("samtale")[0].example() == Exchange().example("samtale")


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_another_encoding_is_told_with_file_line_and_what_to_do(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "liste.csv"
    path.write_bytes(f"{HEADER}\nb,B,,,,,k\n{ROW}\n".encode(encoding))
    line = {"cp1252": 3, "utf-16": 1}[encoding]
    with pytest.raises(ConfigurationError, match=rf"^liste\.csv:{line}: .*not UTF-8.*saved as UTF-8"):
        load_code_list(path)
    xsd = tmp_path / "xsd"
    shutil.copytree(resources.xsd_folder(), xsd)
    catalog = xsd / "catalog.toml"
    catalog.write_bytes(f"# en\n\n# på\n{catalog.read_text('utf-8')}".encode(encoding, "replace"))
    with pytest.raises(ConfigurationError, match=rf"^catalog\.toml:{line}: .*not UTF-8"):
        Catalog(xsd, resources.stamdata_folder())


@pytest.mark.parametrize(
    "content", ["[[message]", "message = 3", 'message = ["x"]', "", "[[message]]\nname = 3\nversion = 1"]
)
def test_a_catalog_that_is_none_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "catalog.toml").write_text(content, "utf-8")
    with pytest.raises(ConfigurationError, match=r"^catalog\.toml: "):
        Catalog(tmp_path, tmp_path)


@pytest.mark.parametrize(("name", "kind"), [("Dato", "date"), ("Antal", "integer")])
def test_a_list_is_bound_to_types_of_texts_only(tmp_path: Path, name: str, kind: str) -> None:
    own = shipped_with(tmp_path, ("[codes]\n", f'[codes]\n{name} = "form"\n'))
    with pytest.raises(
        ConfigurationError, match=f"^catalog.toml: .codes. {name} – has values of kind {kind} – expected"
    ):
        own.catalog.versions[{"Dato": 0, "Antal": 2}[name]].compile()


def test_a_date_among_the_texts_is_masked_and_not_searched(tmp_path: Path) -> None:
    own = shipped_with(tmp_path, ("text = [", 'text = ["Dato", '))
    document = own.example("samtale")
    document["samtale"]["aftaler"] = [{"tekst": "0101405000", "frist": date(2026, 12, 18)}]
    report = own.validate(document)
    assert [(finding.code, finding.path) for finding in report.findings] == [
        ("text-personnummer", "/samtale/aftaler/aftale[1]/tekst")
    ]


def test_a_list_that_is_no_csv_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text(f'{HEADER}\n{ROW}\nb,"B" x,,,,,k\n', "utf-8")
    with pytest.raises(ConfigurationError, match=r"^liste\.csv:3: "):
        load_code_list(path)
