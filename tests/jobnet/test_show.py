"""What the person sees: what § 87, stk. 4, names, in Danish words, and nothing else of a message."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from lxml import html
from support.corpus_cases import DELIVERIES, VALID, shipped
from support.strategies import SIGNATURE, Sample, accepted, stable

import exchange
from exchange import cli, docs
from exchange.api import Exchange
from exchange.errors import InvalidMessage, NotShown
from exchange.jobnet import content, fields, page, words
from exchange.jobnet.fields import TABLE
from exchange.model.personnummer import SHAPE
from exchange.model.spec import Record, Simple

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "tests" / "show").glob("*.json"))
CASES = [case for case in VALID if case.message in TABLE]
NUMBER = "0101405000"
BIDI = "\u202e"


def dom(written: str) -> Any:
    return html.document_fromstring(written)


def plain(written: str) -> str:
    """Give a page as lines of text: `#` a heading, `-` an entry of a list, `term: value`; `/` where a line ends in a text."""
    (main,) = dom(written).xpath("//main")
    return "".join(f"{line}\n" for line in _lines(main))


def _lines(element: Any) -> Iterator[str]:
    for child in element:
        if child.tag in ("header", "section", "footer", "dl"):
            yield from _lines(child)
        elif child.tag == "div":
            term, value = child
            parts = value.xpath(".//li") or [value]
            yield f"{said(term)}: {', '.join(said(part) for part in parts)}"
        elif child.tag in ("ul", "ol"):
            yield from (f"- {' | '.join(_parts(entry))}" for entry in child)
        else:
            yield {"h1": "# ", "h2": "## ", "h3": "### ", "p": ""}[child.tag] + said(child)


def _parts(entry: Any) -> Iterator[str]:
    """Give what stands in an entry, paragraph by paragraph, or before and after its line's end."""
    if entry.xpath("p"):
        yield from (said(paragraph) for paragraph in entry)
    else:
        before, *after = " ".join(
            "\0" if isinstance(part, html.HtmlElement) else part for part in entry.xpath(".//text() | br")
        ).split("\0")
        yield from (" ".join(part.split()) for part in (before, *after))


def said(element: Any) -> str:
    text = re.sub(" *\n *", " / ", element.text_content().strip())
    return re.sub("[ \xa0]+", " ", text)


# The examples, each with the whole page as text.


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_the_page_says_this_and_no_more(file: Path) -> None:
    document = json.loads(file.read_text("utf-8"))
    assert plain(exchange.show(document)) == file.with_suffix(".txt").read_text("utf-8")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_read_message_and_its_dict_give_the_same_page(case: Any) -> None:
    read = exchange.parse(case.data)
    assert exchange.show(read) == exchange.show(json.loads(case.document.read_text("utf-8")))


def test_a_signature_changes_nothing() -> None:
    data = exchange.build(shipped().example("samtale"))
    signed = data.replace(b"</samtale>", SIGNATURE.encode() + b"</samtale>")
    assert exchange.show(exchange.parse(signed)) == exchange.show(exchange.parse(data))


# The table decides.


@pytest.mark.parametrize("name", TABLE)
def test_every_element_of_every_version_is_in_the_table_once_and_nothing_else_is(name: str) -> None:
    leaves = set()
    for version in shipped().catalog.of(name):
        leaves |= {path for path, field in version.spec.walk() if isinstance(field.type, Simple)}
        assert [row.path for row in fields.rows(version.spec)] == [path for path, _ in version.spec.walk()]
        assert all(row.reasons for row in fields.rows(version.spec))
    assert set(TABLE[name]) == leaves


def test_the_table_is_of_the_three_reports() -> None:
    assert list(TABLE) == shipped().catalog.reports()


def test_a_reason_by_the_law_names_its_paragraph_and_the_others_are_ours() -> None:
    reasons = {reason for table in TABLE.values() for reason in table.values()}
    assert {reason.law for reason in reasons} == {"stk. 4", None}
    # Whatever is left out, the paragraph is why: what it does not name is not shown.
    assert all(reason.law for reason in reasons if not reason.shown)
    hidden = {path for table in TABLE.values() for path, reason in table.items() if not reason.shown}
    assert {path.rpartition("/")[2] for path in hidden} == {
        *("beskedId", "vedroererBeskedId", "personnummer", "godkendelsesstatus", "vurdering", "begrundelse"),
        *("navn", "rolle", "form", "esco", "disco"),
    }
    assert {path for path in hidden if path.endswith(("navn", "rolle", "form", "begrundelse"))} == {
        *(f"/samtale/deltagere/deltager/{name}" for name in ("navn", "rolle", "form")),
        "/samtale/raadighedsvurdering/begrundelse",
    }


def test_the_documentation_says_what_the_table_does() -> None:
    spec = shipped().catalog.of("samtale")[-1].spec
    rows = {path: said for path, *said in docs.shown(spec, "da")}
    assert rows["/samtale/deltagere/deltager/navn"] == ["nej", "§ 87, stk. 1, nr. 9", "§ 87, stk. 4: Nævnes ikke dér."]
    assert rows["/samtale/person"] == ["delvis", "§ 87, stk. 1, nr. 1", ""]
    assert rows["/samtale/aftaler"][:2] == ["ja", "§ 87, stk. 1, nr. 7 og 8"]
    assert docs.shown(spec, "en")[0] == ("/samtale/hoved", "in part", "§ 87, stk. 1, nr. 3", "")


def altered(document: dict[str, Any], name: str, change: Callable[[str, Simple, Any], Any]) -> dict[str, Any]:
    """Give a document with every value as `change` (path, type, value) gives it."""

    def walk(path: str, item: Record | Simple, value: Any) -> Any:
        if isinstance(item, Simple):
            return change(path, item, value)
        if item.item:
            return [walk(f"{path}/{item.item.name}", item.item.type, entry) for entry in value]
        return {f.name: walk(f"{path}/{f.name}", f.type, value[f.name]) for f in item.fields if f.name in value}

    spec = shipped().catalog.of(name)[-1].spec
    return {name: walk(f"/{name}", spec.content, document[name])}


OTHERS: dict[str, Any] = {
    "beskedId": "5a1d9f40-7b3c-4e2f-8d16-aabbccddeeff",
    "vedroererBeskedId": "6b2e0a51-8c4d-4f30-9e27-ffeeddccbbaa",
    "personnummer": "3112575999",
    "navn": "Karla Kommer-Ikke-Med",
    "rolle": "mentor",
    "form": "moede-paa-arbejde",
    "godkendelsesstatus": "klar-til-kvalitetssikring",
    "vurdering": "ikke-til-raadighed",
    "begrundelse": "Har takket nej til alt.",
    "esco": "http://data.europa.eu/esco/occupation/ffff",
    "disco": "999999",
    "oprettet": datetime(2026, 12, 1, 9, 30, tzinfo=UTC),
    "tidspunkt": datetime(2026, 11, 2, 9, 30, tzinfo=UTC),
    "miljoe": "produktion",
    "akassekode": "73",
    "tekst": "Noget helt andet.",
    "frist": date(2027, 2, 3),
    "stillingsbetegnelse": "Fyrmester",
    "betegnelse": "Fyrmester",
    "forslag": "En anden plan.",
    "heleLandet": True,
    "region": "1081",
    "kommune": "0101",
    "transporttid": 37,
    "beskrivelse": "Et andet sted.",
    "antal": 17,
    "periode": "maaned",
    "oevrigeKrav": "Helt andre krav.",
    "url": "https://jobs.test/",
}
"""Another value for each element."""


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_table_hides_has_no_part_in_the_page(case: Any) -> None:
    document = exchange.parse(case.data)
    hidden = altered(
        document,
        case.message,
        lambda path, _, value: value if TABLE[case.message][path].shown else OTHERS[path.rpartition("/")[2]],
    )
    assert hidden != document
    assert exchange.show(hidden) == exchange.show(document)


def full(name: str) -> dict[str, Any]:
    """Give an example in which every element stands that can be shown."""
    file = {"samtale": "raadighedssamtale", "minPlanUdkast": "plan", "kravTilJobsoegning": "requirements"}[name]
    document = json.loads((ROOT / "tests" / "show" / f"{file}.json").read_text("utf-8"))
    return exchange.parse(exchange.build(document))


SHOWN = [(name, path) for name, table in TABLE.items() for path, reason in table.items() if reason.shown]


# The purpose has one value only; the examples show it.
@pytest.mark.parametrize(("name", "path"), [pair for pair in SHOWN if not pair[1].endswith("/formaal")])
def test_what_the_table_shows_is_in_the_page(name: str, path: str) -> None:
    version, document = shipped().catalog.of(name)[-1], full(name)
    told = content.of(version, document)
    last = path.rpartition("/")[2]
    few = {"handling": ("ret", "annuller"), "samtaletype": ("cv-samtale",), "periode": ("uge", "maaned")}
    changed = [
        altered(document, name, lambda at, _, value, other=other: other if at == path else value)  # type: ignore[misc]  # of the default
        for other in few.get(last, (OTHERS.get(last),))
    ]
    changed = [other for other in changed if other != document]
    assert changed
    # Of the page alone: with some of these values no message would be accepted.
    for other in changed:
        assert content.of(version, other) != told
        assert page.written(content.of(version, other)) != page.written(told)


def test_the_page_knows_every_value_that_the_schemas_name() -> None:
    named = {
        (path.rpartition("/")[2], choice)
        for name in TABLE
        for version in shipped().catalog.of(name)
        for path, field in version.spec.walk()
        if isinstance(field.type, Simple)
        for choice in field.type.choices
    }
    assert named == {
        *(("miljoe", "test"), ("miljoe", "produktion")),
        *(("handling", "opret"), ("handling", "ret"), ("handling", "annuller")),
        *(("periode", "uge"), ("periode", "maaned")),
        ("formaal", "ordinaer-beskaeftigelse"),
    }


def with_own_files(tmp_path: Path, file: str, old: str, new: str) -> Exchange:
    for folder in ("xsd", "stamdata"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    text = (tmp_path / file).read_text("utf-8")
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1), "utf-8")
    return Exchange(xsd=tmp_path / "xsd", stamdata=tmp_path / "stamdata")


def test_of_a_version_with_an_element_that_nobody_decided_on_there_is_no_page(tmp_path: Path) -> None:
    new = '<xs:element name="nyt" type="LangTekst" minOccurs="0"/>'
    place = '<xs:any namespace="http://www.w3.org/2000/09/xmldsig#"'
    own = with_own_files(tmp_path, "xsd/samtale.v1.xsd", place, new + place)
    document = own.example("samtale")
    for given_text in (None, "Hemmeligt"):
        if given_text:
            document["samtale"]["nyt"] = given_text
        assert own.validate(document).ok
        with pytest.raises(NotShown) as caught:
            own.show(document)
        assert str(caught.value) == "samtale version 1: it is not decided whether /samtale/nyt is shown"


def test_a_code_has_the_name_of_the_day_of_the_event(tmp_path: Path) -> None:
    now = "67,Lederne A-kasse,,,,67,"
    renamed = "67,Ledernes gamle kasse,,2026-11-21,,67,x,21,\n67,Lederne A-kasse,2026-11-21,,,67,"
    own = with_own_files(tmp_path, "stamdata/akasse.csv", now, renamed)
    document = own.example("samtale")
    # Held on the last day of the old name, reported later; in Denmark the day ends before it does in UTC.
    document["samtale"]["hoved"]["oprettet"] = "2026-11-25T12:00:00Z"
    document["samtale"]["tidspunkt"] = "2026-11-20T22:59:59Z"
    assert "Fra: Ledernes gamle kasse\n" in plain(own.show(document))
    document["samtale"]["tidspunkt"] = "2026-11-20T23:00:00Z"
    assert "Fra: Lederne A-kasse\n" in plain(own.show(document))


@pytest.mark.parametrize("case", [case for case in VALID if case.message not in TABLE], ids=str)
def test_no_other_document_has_a_page(case: Any) -> None:
    with pytest.raises(NotShown) as caught:
        case.exchange.show(case.exchange.parse(case.data), version=case.version)
    assert (
        str(caught.value) == f"{case.message}: the law names no such document for the person, so there is no page of it"
    )


def test_an_invalid_document_has_no_page() -> None:
    document = shipped().example("samtale")
    document["samtale"]["form"] = "telefon"
    with pytest.raises(InvalidMessage) as caught:
        exchange.show(document)
    assert list(caught.value.report.counts) == ["code-unknown"]
    with pytest.raises(InvalidMessage):
        exchange.show({})
    with pytest.raises(LookupError):
        exchange.show(shipped().example("samtale"), version=7)


def test_the_document_is_left_as_it_is() -> None:
    document = shipped().example("kravTilJobsoegning")
    before = deepcopy(document)
    assert exchange.show(document) == exchange.show(document, version=1)
    assert document == before


def test_only_test_data_bears_the_mark() -> None:
    version = shipped().catalog.of("samtale")[-1]
    told = content.of(version, full("samtale"))
    assert plain(page.written(told)).startswith("Testdata ")
    assert "Testdata" not in page.written(replace(told, test=False))


# The command line.


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C")

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.run(["show", *arguments])
        return (code, *capfd.readouterr())

    return run


def test_the_command_writes_the_page_for_its_owner_only_and_never_over_another(run: Any, tmp_path: Path) -> None:
    document = shipped().example("samtale")
    (tmp_path / "samtale.xml").write_bytes(exchange.build(document))
    assert run("samtale.xml") == (0, exchange.show(document), "")
    written = tmp_path / "page.html"
    assert run("samtale.xml", "-o", "page.html") == (0, "", "")
    assert written.read_text("utf-8") == exchange.show(document)
    assert written.stat().st_mode & 0o777 == 0o600
    written.write_text("kept", "utf-8")
    code, out, err = run("samtale.xml", "-o", "page.html")
    assert (code, out) == (2, "")
    assert "page.html exists; --overwrite replaces it" in err
    assert written.read_text("utf-8") == "kept"
    assert run("samtale.xml", "-o", "page.html", "--overwrite") == (0, "", "")
    assert written.read_text("utf-8") == exchange.show(document)


def test_the_page_is_in_danish_whatever_the_language_of_the_command(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    document = shipped().example("kravTilJobsoegning")
    del document["kravTilJobsoegning"]["omfang"]
    data = exchange.build(document)
    pages_written = set()
    for lang, severity in (("da", "advarsel"), ("en", "warning")):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        code, out, err = run("-", "--lang", lang)
        assert code == 0
        assert f"{severity} krav-omfang-missing" in err
        pages_written.add(out)
    assert len(pages_written) == 1
    assert dom(pages_written.pop()).get("lang") == "da"


def test_a_message_that_is_not_accepted_is_not_shown_and_its_findings_are(run: Any, tmp_path: Path) -> None:
    data = exchange.build(shipped().example("samtale")).replace(b"<rolle>bisidder", b"<rolle>bisider")
    (tmp_path / "bad.xml").write_bytes(data)
    code, out, err = run("bad.xml", "-o", "page.html")
    assert (code, out) == (1, "")
    assert "error code-unknown at /samtale/deltagere/deltager[1]/rolle" in err
    assert NUMBER not in err
    assert "Maja" not in err
    assert not (tmp_path / "page.html").exists()


def test_of_a_receipt_and_of_a_delivery_it_says_why_there_is_no_page(run: Any, tmp_path: Path) -> None:
    (tmp_path / "receipt.xml").write_bytes(exchange.build(shipped().example("kvittering")))
    code, out, err = run("receipt.xml", "--lang", "da")
    assert (code, out) == (2, "")
    assert "kvittering vises ikke for personen; samtale, minPlanUdkast, kravTilJobsoegning vises" in err
    (tmp_path / "delivery.xml").write_bytes(DELIVERIES[0].data)
    code, out, err = run("delivery.xml")
    assert (code, out) == (1, "")
    assert "leverance-unexpected" in err
    assert "`exchange delivery unpack`" in err


# Any accepted document at all.


@given(accepted(shipped()).filter(lambda sample: sample.version.name in TABLE))
@stable(150)
def test_any_page_is_made_of_the_template_and_of_what_is_shown(sample: Sample) -> None:
    written = exchange.show(sample.document)
    tree = dom(written)
    assert {element.tag for element in tree.iter()} <= {
        *("html", "head", "meta", "title", "style", "body", "main", "header", "section", "footer"),
        *("h1", "h2", "h3", "p", "strong", "span", "dl", "div", "dt", "dd", "ul", "ol", "li", "bdi", "br", "a"),
    }
    attributes = {name for element in tree.xpath("//body//*") for name in element.attrib}
    assert attributes <= {"class", "dir", "href", "target", "rel"}
    assert all(link.get("href").startswith(("http://", "https://")) for link in tree.xpath("//a"))
    assert all(set(link.get("rel").split()) == {"noreferrer", "noopener"} for link in tree.xpath("//a"))
    assert sample.document[sample.version.name]["person"]["personnummer"] not in written
    assert not SHAPE.search(tree.xpath("string(//main)"))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]", written)

    shown = {re.sub(r"\s+", " ", text).strip() for text in tree.xpath("//main//text()")}
    hidden_document = altered(
        sample.document,
        sample.version.name,
        lambda path, _, value: value if TABLE[sample.version.name][path].shown else OTHERS[path.rpartition("/")[2]],
    )
    assert exchange.show(hidden_document) == written
    for text in texts(sample):
        assert all(re.sub(r"\s+", " ", part).strip() in shown for part in words.paragraphs(text))


def texts(sample: Sample) -> Iterator[str]:
    """Give what is to be seen of what people wrote, in paragraphs."""
    body = sample.document[sample.version.name]
    if body["hoved"]["handling"] == "annuller":
        return
    if body.get("samtaletype") in ("cv-samtale", "raadighedssamtale"):
        yield from (agreement["tekst"] for agreement in body.get("aftaler", ()))
    if "plan" in body:
        yield from body["plan"].values()
    if "geografi" in body:
        yield from filter(None, (body["geografi"].get("beskrivelse"), body.get("oevrigeKrav")))


# Words.


def test_days_and_moments_in_danish() -> None:
    assert words.day(date(2026, 3, 1)) == "1. marts 2026"
    assert words.day(date(1900, 12, 31)) == "31. december 1900"
    assert [words.day(date(2026, month, 9)).split()[1] for month in range(1, 13)] == [
        *("januar", "februar", "marts", "april", "maj", "juni"),
        *("juli", "august", "september", "oktober", "november", "december"),
    ]
    assert words.moment(datetime.fromisoformat("2026-11-20T14:05:00+01:00")) == "20. november 2026 kl. 14.05"
    assert words.moment(datetime.fromisoformat("2026-07-20T04:05:59-08:00")) == "20. juli 2026 kl. 14.05"


@pytest.mark.parametrize(
    ("number", "period", "jobs", "applications"),
    [
        (0, "uge", "0 job om ugen", "0 ansøgninger om ugen"),
        (1, "uge", "1 job om ugen", "1 ansøgning om ugen"),
        (2, "uge", "2 job om ugen", "2 ansøgninger om ugen"),
        (1, "maaned", "1 job om måneden", "1 ansøgning om måneden"),
        (200, "maaned", "200 job om måneden", "200 ansøgninger om måneden"),
    ],
)
def test_amounts_in_danish(number: int, period: str, jobs: str, applications: str) -> None:
    assert words.jobs(number, period) == jobs
    assert words.applications(number, period) == applications


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (1, "1 minut"),
        (59, "59 minutter"),
        (60, "1 time"),
        (61, "1 time og 1 minut"),
        (150, "2 timer og 30 minutter"),
        (600, "10 timer"),
    ],
)
def test_minutes_in_danish(minutes: int, said: str) -> None:
    assert words.duration(minutes) == said


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Nguyễn Łukasz Ольга محمد e\u0301 👩\u200d🏫 ❤\ufe0f", "Nguyễn Łukasz Ольга محمد e\u0301 👩\u200d🏫 ❤\ufe0f"),
        (f"til{BIDI}venstre\u2066 og\u200b til\xad bage\ufeff\x85\x9f", "tilvenstre og til bage"),
        ("a\u200db\u200d\u200dc", "abc"),
        ("z" + "\u0301" * 90 + "!", "z" + "\u0301" * 4 + "!"),
        ("a\u00a0\u2003\t b", "a b"),
        ("\u3164\u2800\u200b", "(ingen tekst)"),
        (" \n ", "(ingen tekst)"),
        ("første\r\nanden\rtredje\u2028fjerde", "første anden tredje fjerde"),
        ("0101405000, 010140-5000!", "[personnummer udeladt], [personnummer udeladt]!"),
        ("om 010140\u00a05000 og 12345678", "om [personnummer udeladt] og 12345678"),
    ],
)
def test_what_people_wrote_is_fit_to_be_read(text: str, seen: str) -> None:
    assert words.line(text) == seen


def test_a_number_torn_apart_by_what_cannot_be_seen_is_one_number() -> None:
    assert words.line("010\u200b140\u20605000") == "[personnummer udeladt]"


def test_paragraphs_keep_their_lines() -> None:
    assert words.paragraphs("\n\nEt\n to \n\n\n \n\ntre\n") == ("Et\nto", "tre")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.jobnet.dk/", "www.jobnet.dk"),
        ("http://WWW.Jobnet.DK:8080/a?b=c&d#e", "www.jobnet.dk"),
        ("https://xn--lrer-0na.dk/", "xn--lrer-0na.dk"),
        # A user's name that looks like the host.
        ("https://jobnet.dk@evil.test/", None),
        ("https://jobnet.dk:443@evil.test/", None),
        # Addresses by number, in all the ways that browsers read.
        ("http://127.0.0.1/", None),
        ("http://0x7f.1/", None),
        ("http://2130706433/", None),
        ("http://[::1]/", None),
        ("http://localhost/", None),
        # What one reads otherwise than another, or cannot.
        ("https:///evil.test/", None),
        ("https://job%6eet.dk/", None),
        ("https://jobnet.dk;evil.test/", None),
        ("https://jobnet.dk:x/", None),
        ("https://[jobnet.dk/", None),
        ("https://jobnet.dk:/", None),
        ("https://-.dk/", None),
        ("https://a..dk/", None),
        (f"https://{'a.' * 200}dk/", None),
        ("javascript:alert(1)", None),
        ("ftp://jobnet.dk/", None),
    ],
)
def test_an_address_is_a_link_only_where_it_is_certain_where_to(url: str, host: str | None) -> None:
    assert words.address(url) == (url, host)


def test_an_address_with_a_number_in_it_leads_nowhere() -> None:
    assert words.address(f"https://jobnet.dk/?cpr={NUMBER}") == ("https://jobnet.dk/?cpr=[personnummer udeladt]", None)
