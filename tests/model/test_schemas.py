"""The schemas themselves: compiled, documented, narrow, and exactly the names the law's documents need."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from exchange.api import Exchange
from exchange.model.catalog import Version
from exchange.model.personnummer import PATTERN

XS = "{http://www.w3.org/2001/XMLSchema}"
XSD = Path(__file__).parents[2] / "xsd"
SCHEMAS = sorted(XSD.glob("*.xsd"))
VERSIONS = Exchange().catalog.versions


def _components(schema: Path) -> list[Any]:
    root = etree.parse(str(schema)).getroot()
    named = [f"{XS}element", f"{XS}complexType", f"{XS}simpleType", f"{XS}group", f"{XS}any"]
    # An unnamed type is documented by its element, a reference by what it refers to.
    return [c for c in root.iter(*named) if c.get("name") or c.tag == f"{XS}any"]


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.name)
def test_every_element_and_type_says_in_both_languages_what_it_is_and_names_its_paragraph(schema: Path) -> None:
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    assert etree.parse(str(schema)).getroot().get(lang) == "da"
    for component in _components(schema):
        documentation = component.findtext(f"{XS}annotation/{XS}documentation") or ""
        assert "§ 87" in documentation, f"line {component.sourceline}"
        assert len(documentation) > len("stk. 1, nr. 1"), f"line {component.sourceline}"
        english = component.findtext(f"{XS}annotation/{XS}documentation[@{lang}='en']") or ""
        assert _numbers(english) == _numbers(documentation), f"line {component.sourceline}"
        assert english != documentation, f"line {component.sourceline}"


def _numbers(text: str) -> list[str]:
    """Return the numbers of a text: paragraphs, lengths, limits; with or without separators of thousands."""
    return re.findall("[0-9]+", re.sub("(?<=[0-9])[.,](?=[0-9])", "", text))


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.name)
def test_names_are_ascii_lower_camel_case(schema: Path) -> None:
    for element in etree.parse(str(schema)).getroot().iter(f"{XS}element"):
        name = element.get("name") or element.get("ref", "").partition(":")[2]
        assert re.fullmatch("[a-z][a-zA-Z0-9]*", name), name


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.name)
def test_no_pattern_counts_what_is_already_counted_or_takes_digits_of_other_scripts(schema: Path) -> None:
    for pattern in etree.parse(str(schema)).getroot().iter(f"{XS}pattern"):
        value = pattern.get("value") or ""
        assert not re.search(r"[+*}]\)?[+*{]", re.sub(r"\[(\\.|[^\]])*\]", "c", value)), value
        assert not re.search(r"\\[dwsiDWSI]", value), value


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.name)
def test_no_code_is_enumerated(schema: Path) -> None:
    lists = Exchange().catalog.lists
    codes = {code.kode for code_list in lists.values() for code in code_list}
    values = {e.get("value") for e in etree.parse(str(schema)).getroot().iter(f"{XS}enumeration")}
    assert not values & codes


@pytest.mark.parametrize("version", VERSIONS, ids=lambda v: f"{v.name}-{v.version}")
def test_the_signature_has_one_place_the_last(version: Version) -> None:
    root = etree.parse(str(version.schema_path)).getroot()
    (place,) = root.iter(f"{XS}any")
    assert dict(place.attrib) == {
        "namespace": "http://www.w3.org/2000/09/xmldsig#",
        "processContents": "skip",
        "minOccurs": "0",
    }
    assert place.getnext() is None


# The documents as the field describes them; `?` optional, `+` one or more.
SHAPES = {
    "samtale": """hoved beskedId oprettet miljoe akassekode handling vedroererBeskedId? person personnummer navn?
        tidspunkt samtaletype form cv? godkendelsesstatus raadighedsvurdering? vurdering begrundelse?
        aftaler? aftale+ tekst frist? deltagere? deltager+ navn rolle form""",
    "minPlanUdkast": """hoved beskedId oprettet miljoe akassekode handling vedroererBeskedId? person personnummer navn?
        jobmaal forslag+ stillingsbetegnelse esco? disco? plan forslag begrundelse""",
    "kravTilJobsoegning": """hoved beskedId oprettet miljoe akassekode handling vedroererBeskedId? person personnummer
        navn? fagomraader fagomraade+ navn stillinger stilling+ betegnelse esco? disco?
        geografi heleLandet? regioner? region+ kommuner? kommune+ transporttid? beskrivelse?
        omfang? antal periode upload? antal periode oevrigeKrav? formaal stillingskilder kilde+ navn url?""",
    "kvittering": """kvitteringId oprettet leveranceId? akassekode? miljoe? sha256 udfald antal godtagne afviste
        fundliste? fund+ kode alvor tekst sti?
        beskeder? besked+ nummer beskedId? sha256 udfald fundliste? fund+ kode alvor tekst sti?""",
    "kvittering 2": """kvitteringId oprettet retsgrundlag paragraf kilde
        fil leveranceId? akassekode? miljoe? sha256 udfald fundliste? fund+ kode alvor tekst sti?
        antal godtagne afviste fejlede
        beskeder? besked+ nummer beskedId? sha256 udfald fundliste? fund+ kode alvor tekst sti?""",
}


@pytest.mark.parametrize("version", VERSIONS, ids=lambda v: f"{v.name}-{v.version}")
def test_the_content_is_the_documents_no_more_no_less(version: Version) -> None:
    marks = {(True, False): "", (False, False): "?", (True, True): "+"}
    content = [f"{field.name}{marks[field.required, field.repeated]}" for _, field in version.spec.walk()]
    assert content == SHAPES.get(f"{version.name} {version.version}", SHAPES[version.name]).split()


LENGTHS = {
    "Personnavn": (1, 140),
    "Betegnelse": (1, 200),
    "Vurderingstekst": (1, 600),
    "Omraadetekst": (1, 1000),
    "LangTekst": (1, 4050),
    "Antal": (0, 200),
    "Minutter": (1, 600),
    "Beskedantal": (0, 1_000_000),
    "Beskednummer": (1, 1_000_000),
    "Fundkode": (1, 80),
    "Retstekst": (1, 200),
    "Fundtekst": (1, 1000),
    "Fundsti": (1, 1000),
}


def test_lengths_and_ranges() -> None:
    found = {}
    for version in VERSIONS:
        for simple in version.spec.types():
            if simple.max_length is not None:
                found[simple.name] = (simple.min_length, simple.max_length)
            if simple.maximum is not None:
                found[simple.name] = (simple.minimum, simple.maximum)
    codes = {s.name for v in VERSIONS for s in v.spec.types() if s.code_list and s.max_length is not None}
    assert {name: found.pop(name) for name in codes} == dict.fromkeys(codes, (None, 40))
    assert found == LENGTHS


def test_the_personnummer_has_the_published_pattern() -> None:
    (pattern,) = {s.patterns for v in VERSIONS for s in v.spec.types() if s.name == "Personnummer"}
    assert pattern == (PATTERN,)
    assert pattern == (
        "((((0[1-9]|1[0-9]|2[0-9]|3[0-1])(01|03|05|07|08|10|12))|((0[1-9]|1[0-9]|2[0-9]|30)(04|06|09|11))"
        "|((0[1-9]|1[0-9]|2[0-9])(02)))[0-9]{6})|0000000000",
    )


@pytest.mark.parametrize(
    ("path", "law"),
    [
        ("/samtale/tidspunkt", "stk. 1, nr. 2"),
        ("/samtale/hoved/akassekode", "stk. 1, nr. 3"),
        ("/samtale/hoved/beskedId", None),
        ("/samtale/deltagere/deltager/rolle", "stk. 1, nr. 9"),
        ("/minPlanUdkast/person/personnummer", "stk. 2, nr. 1"),
        ("/minPlanUdkast/plan/begrundelse", "stk. 2, nr. 4"),
        ("/kravTilJobsoegning/hoved/akassekode", "stk. 3, nr. 2"),
        ("/kravTilJobsoegning/upload/antal", "stk. 3, nr. 5"),
        ("/kravTilJobsoegning/formaal", "stk. 3, nr. 6"),
    ],
)
def test_a_shared_element_serves_its_own_message_s_paragraph(path: str, law: str | None) -> None:
    laws = {place: field.law for version in VERSIONS for place, field in version.spec.walk()}
    assert laws[path] == law


def test_a_type_that_restricts_another_has_its_lengths_too() -> None:
    simples = {simple.name: simple for version in VERSIONS for simple in version.spec.types()}
    assert simples["Formkode"].max_length == 40
    xml = (
        Exchange()
        .build(Exchange().example("samtale"))
        .replace(b"<form>video</form>", b"<form>" + 50 * b"a" + b"</form>")
    )
    (finding,) = Exchange().validate(xml).findings
    assert (finding.code, finding.path) == ("value-length", "/samtale/form")
    assert finding.message.startswith("form: has 50 characters, expected 1 to 40 (")
