"""The HTML report: what it says, what it escapes, and how it behaves in a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from io import StringIO
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from lxml import html
from support.browsing import opened, started
from support.corpus_cases import CORPUS, INVALID, VALID, shipped

import exchange
from exchange.findings.finding import LAYERS, Report
from exchange.findings.kinds import MESSAGE_UNKNOWN
from exchange.findings.texts import text
from exchange.model.reference import Reference
from exchange.reports.html import EXCERPT_LIMIT, HtmlWriter, place
from exchange.reports.model import Judged, Override, Place, Run, Summary
from exchange.validation.rules import KINDS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BIDI = "\u202e"
MARKUP = '<img src="http://x.test/a.png" onerror=alert(1)>'
LONG = "W" * 300
SAMTALE = (CORPUS / "samtale/v1/valid/canonical-minimal.xml").read_text("utf-8")


def written(
    judged: list[Judged], run: Run, *, interrupted: bool = False, listed: int = 1000, files: int = 20_000
) -> str:
    out, summary = StringIO(), Summary(interrupted=interrupted)
    writer = HtmlWriter(out, run, listed=listed, files=files)
    for one in judged:
        writer.add(one)
        summary.add(run, one)
    writer.finish(summary)
    return out.getvalue()


@cache
def of_corpus() -> list[Judged]:
    return [
        Judged(f"inbox/{case}.xml", case.exchange.validate(case.data), key="6f9d5b1e-0d5c-4f0a-9b57-0a1b2c3d4e5f")
        for case in VALID + INVALID
    ]


def hostile() -> list[Judged]:
    """Make what somebody may try: markup, marks of direction and words without end, wherever a report takes them up."""
    data = SAMTALE.replace("<personnummer>", f"<personnummer>{'&lt;script>alert(1)&lt;/script>'}{BIDI}")
    data = re.sub("<samtaletype>.*?</samtaletype>", f"<samtaletype>{LONG}</samtaletype>", data)
    report = shipped().validate(data.encode(), show_values=True)
    assert len(report.findings) >= 2
    excerpt = f"<navn>{MARKUP}{BIDI}</navn>\r\n\t<rolle>{LONG}</rolle>"
    excerpts = (excerpt,) * len(report.findings)
    return [
        Judged(MARKUP + ".xml", report, key=f"<b>{BIDI}", excerpts=excerpts),
        Judged(f"{LONG}{LONG}.xml", report, excerpts=("x" * (EXCERPT_LIMIT + 9),) * len(report.findings)),
        Judged(f"{MARKUP}{BIDI}-broken.xml", None, fault=f"{MARKUP}{BIDI}{LONG}"),
    ]


def parsed(page: str) -> Any:
    return html.document_fromstring(page)


def count(page: Any, name: str) -> str:
    """Give the number beside an English label among the counts."""
    (entry,) = page.xpath(f'//dl[@class="counts"]/div[dt/span[@class="en"]="{name}"]/dd')
    return str(entry.text)


def test_counts_and_verdict() -> None:
    judged = of_corpus()
    page = parsed(written(judged, Run("en")))
    reports = [one.report for one in judged if one.report]
    rejected = sum(report.verdict == "rejected" for report in reports)
    assert f"Rejected files: {rejected} of {len(reports)}." in page.xpath("string(//header)")
    assert count(page, "Files") == str(len(reports))
    assert count(page, "accepted") == str(sum(report.ok for report in reports))
    assert count(page, "rejected") == str(rejected)
    assert count(page, "not checked") == "0"
    assert count(page, "errors") == str(sum(report.errors for report in reports))
    assert count(page, "warnings") == str(sum(report.warnings for report in reports))
    for layer, row in zip(LAYERS, page.xpath('//section[@aria-labelledby="layers"]//tbody/tr'), strict=True):
        states = [report.layers[layer] for report in reports]
        expected = [str(states.count(state)) for state in ("passed", "failed", "skipped")]
        assert [cell.text for cell in row.xpath("td")] == expected


def test_every_finding_stands_under_its_code() -> None:
    judged = of_corpus()
    page = parsed(written(judged, Run("da")))
    reports = [one.report for one in judged if one.report]
    sections = {section.get("data-code"): section for section in page.xpath('//section[@class="rule"]')}
    assert set(sections) == {code for report in reports for code in report.counts}
    for code, section in sections.items():
        findings = [finding for report in reports for finding in report.findings if finding.code == code]
        assert len(section.xpath('.//li[@class="finding"]')) == len(findings)
        assert section.xpath("string(dl/div[1]/dd)") == str(sum(report.counts.get(code, 0) for report in reports))
        assert section.xpath("string(dl/div[2]/dd)") == str(sum(code in report.counts for report in reports))
        # Of a code whose severity differs by date, the page says the worst.
        severities = {finding.severity for finding in findings}
        assert section.get("data-severity") == ("error" if "error" in severities else severities.pop())
        law = KINDS[code].law or ("elementets egen" if findings[0].law else "ingen")
        assert law in section.xpath("string(dl)")
        for finding, item in zip(findings, section.xpath('.//li[@class="finding"]'), strict=True):
            said = item.text_content()
            assert finding.line is None or f":{finding.line}:{finding.column}" in said
            assert (finding.path or "/") in said
            assert "6f9d5b1e-0d5c-4f0a-9b57-0a1b2c3d4e5f" in said
            for lang in ("da", "en"):
                spoken = [span.text_content() for span in item.xpath(f'.//span[@class="{lang}" and @lang="{lang}"]')]
                assert finding.text(lang).message in spoken
                assert finding.text(lang).hint.replace("`", "") in spoken
    order = [section.get("data-severity") for section in page.xpath('//section[@class="rule"]')]
    assert order == sorted(order, key=("error", "warning", "info").index)


def test_each_kind_has_a_title_in_words_and_its_code_in_small() -> None:
    """For readers who do not know the codes: no template, no pattern and nothing between backticks."""
    fields = {code: re.findall(r"{(\w+)}", f"{kind.en}{kind.da}") for code, kind in KINDS.items()}
    findings = tuple(kind.found("/a/b", dict.fromkeys(fields[code], date(2026, 1, 1))) for code, kind in KINDS.items())
    layers = shipped().validate(SAMTALE.encode()).layers
    many = Report(findings, layers, counts=MappingProxyType(dict.fromkeys(KINDS, 1)), errors=len(KINDS))
    for lang in ("da", "en"):
        page = parsed(written([Judged("a.xml", many)], Run(lang)))
        titles = {
            section.get("data-code"): section.xpath(f'string(h3/span[@class="{lang}"])')
            for section in page.xpath('//section[@class="rule"]')
        }
        assert titles == {code: text(f"title-{code}", lang) for code in KINDS}
        assert len(set(titles.values())) == len(KINDS)
        assert all(section.xpath("h3/code")[0].text in KINDS for section in page.xpath('//section[@class="rule"]'))
        assert all(
            option.text in titles.values() for option in page.xpath('//select[@id="filter-code"]/option[@value!=""]')
        )
        assert not re.search(r"[`{]", "".join(page.xpath("//main//text()")))
        assert "exchange codes" in page.xpath('string(//li[@class="finding"]//code[starts-with(., "exchange codes")])')


def test_no_finding_shows_a_pattern() -> None:
    """Every simple type of the shipped schemas has a sentence, in both languages, on what its values look like."""
    page = parsed(written([each for each in of_corpus() if "/proeve/" not in each.file], Run("da")))
    said = "".join(page.xpath('//p[@class="message"]//text()'))
    assert "mønstret" not in said
    assert "the pattern" not in said
    assert not re.search(r"\[[a-z0-9]+-|\\[dsw]|\){", said)


def all_files(page: Any) -> dict[str, list[list[str]]]:
    """Return the rows of the list of all files by folder, in English."""
    return {
        folder.xpath("string(summary/span[1])"): [
            ["".join(cell.xpath('.//text()[not(ancestor::*[@class="da"])]')).strip() for cell in row]
            for row in folder.xpath(".//tbody/tr")
        ]
        for folder in page.xpath('//section[@id="files"]/details')
    }


def test_every_file_is_listed_by_folder() -> None:
    good = shipped().validate(SAMTALE.encode())
    bad = shipped().validate(SAMTALE.replace("<form>", "<form>x").encode())
    of_delivery = shipped().validate((CORPUS / "leverance/v1/valid/one.xml").read_bytes())
    judged = [
        Judged("in/a.xml", good),
        Judged("in/b.xml", bad),
        Judged("in/sub/d.xml", bad, place=Place(2, 4, 10, 20)),
        Judged("in/sub/d.xml", of_delivery, messages={"accepted": 1, "rejected": 1}),
        Judged("in/sub/e.xml", None, fault="no permission"),
        Judged("top.xml", good),
    ]
    page = parsed(written(judged, Run("en")))
    assert all_files(page) == {
        "in/": [
            ["a.xml samtale, version 1", "accepted", "0", "0"],
            ["b.xml samtale, version 1", "rejected", "1", "0"],
        ],
        "in/sub/": [
            ["d.xml leverance, version 1; messages: 2", "rejected", "1", "0"],
            ["e.xml", "not checked", "0", "0"],
        ],
        "i mappen, hvor kontrollen kørte": [["top.xml samtale, version 1", "accepted", "0", "0"]],
    }
    assert page.xpath('count(//section[@id="files"]/details[@open])') == 3
    assert page.xpath('string(//section[@id="files"]/h2/span[@class="count"])') == "5"


def test_the_list_of_all_files_has_a_limit() -> None:
    good = shipped().validate(SAMTALE.encode())
    judged = [Judged(f"{number // 30}/{number}.xml", good) for number in range(100)]
    page = parsed(written(judged, Run("en"), files=70))
    assert {folder: len(rows) for folder, rows in all_files(page).items()} == {"0/": 30, "1/": 30, "2/": 10}
    assert "… and 30 more that are not listed" in page.xpath('string(//section[@id="files"])')
    assert page.xpath('count(//section[@id="files"]/details[@open])') == 0


def test_it_says_when_and_with_what() -> None:
    run = Run("da", started=datetime(2026, 6, 1, 10, 5, tzinfo=UTC), reference=Reference({"a.xsd": "0" * 64}, {}))
    page = parsed(written([], run))
    assert "01.06.2026 kl. 12.05, dansk tid" in page.xpath("string(//header)")
    about = page.xpath('string(//section[@id="about"])')
    assert f"exchange {exchange.__version__}" in about
    assert "2026-06-01 12:05, Danish time" in about
    assert f"a.xsd{'0' * 16}…" in about
    assert "Tidspunkt" not in parsed(written([], Run("da"))).text_content()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/samtale/deltagere/deltager[2]/rolle", "deltager 2 › rolle"),
        ("/samtale/deltagere/deltager[3]", "deltager 3"),
        ("/samtale/person/navn", "person › navn"),
        ("/samtale/form[2]", "form 2"),
        ("/samtale", "samtale"),
        ("/", ""),
        ("", ""),
        ("/samtale/person/**********", "person › **********"),
    ],
)
def test_places(path: str, expected: str) -> None:
    assert place(path) == expected


def test_nothing_of_the_content_becomes_markup() -> None:
    text = written(hostile(), Run("en", show_values=True))
    page = parsed(text)
    assert page.xpath("//img | //dd//b | //*[@onerror] | //*[@style]") == []
    assert len(page.xpath("//script")) == len(page.xpath("//style")) == 1
    assert MARKUP not in text
    assert BIDI not in text
    said = page.text_content()
    assert said.count(MARKUP) > 2
    assert "\\u202e" in said
    assert "<script>alert(1)" in said
    assert f"\n\t<rolle>{LONG}" in page.xpath("string(//pre)")
    assert "\\u000d" not in said
    assert max(len(pre.text) for pre in page.xpath("//pre")) == EXCERPT_LIMIT + 1


def test_nothing_from_elsewhere() -> None:
    page = parsed(written(of_corpus() + hostile(), Run("en")))
    assert page.xpath("//link | //iframe | //object | //embed | //form | //base") == []
    assert page.xpath("//@src | //@srcset | //@action | //@background") == []
    assert all(target.startswith("#") for target in page.xpath("//@href"))
    (policy,) = page.xpath('//meta[@http-equiv="Content-Security-Policy"]/@content')
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "url(" not in page.xpath("string(//style)")
    assert "@import" not in page.xpath("string(//style)")


@pytest.mark.parametrize("lang", ["da", "en"])
def test_both_languages(lang: str) -> None:
    page = parsed(written(of_corpus(), Run(lang), interrupted=True))
    assert page.get("lang") == lang
    assert page.xpath("//input[@checked]/@value") == [lang]
    assert page.xpath("//title")[0].text == page.xpath(f"//title/@data-{lang}")[0]
    da, en = page.xpath('//span[@class="da"]'), page.xpath('//span[@class="en"]')
    assert len(da) == len(en) > 100
    assert {span.get("lang") for span in da} == {"da"}
    assert {span.get("lang") for span in en} == {"en"}
    assert all(span.getnext().get("class") == "en" for span in da)
    assert all(span.text_content() for span in da + en)


def test_tool_faults_stand_apart() -> None:
    judged = [
        Judged("good.xml", shipped().validate(SAMTALE.encode())),
        Judged("locked.xml", None, fault="no permission"),
    ]
    page = parsed(written(judged, Run("en")))
    (apart,) = page.xpath('//section[@id="tool-faults"]')
    assert "locked.xml: no permission" in apart.text_content()
    assert "locked.xml" not in page.xpath('string(//section[@id="data-faults"])')
    assert page.xpath("string(//header/@class)") == "undetermined"
    assert count(page, "not checked") == "1"
    assert "good.xml" not in page.xpath('string(//section[@id="data-faults"])')


def test_no_fault_no_section() -> None:
    page = parsed(written([Judged("good.xml", shipped().validate(SAMTALE.encode()))], Run("en")))
    assert page.xpath('//section[@id="tool-faults" or @id="undetermined" or @class="rule"]') == []
    assert page.xpath("string(//header/@class)") == "accepted"
    assert "There are no findings." in page.text_content()


def test_what_was_not_checked_in_full() -> None:
    good = shipped().validate(SAMTALE.encode())
    partly = replace(good, layers={**good.layers, "rules": "skipped"})
    page = parsed(written([Judged("half.xml", partly)], Run("en")))
    assert page.xpath("string(//header/@class)") == "undetermined"
    assert "half.xml: " in page.xpath('string(//section[@id="undetermined"])')
    assert "not checked: rules" in page.xpath('string(//section[@id="undetermined"])')


@pytest.mark.parametrize("interrupted", [True, False])
def test_no_files(interrupted: bool) -> None:
    page = parsed(written([], Run("en"), interrupted=interrupted))
    assert page.xpath("string(//header/@class)") == "undetermined"
    assert "No file was checked." in page.xpath("string(//header)")
    assert ("interrupted" in page.xpath("string(//header)")) is interrupted


def test_what_the_run_was_told() -> None:
    run = Run(
        "en",
        overrides=(Override("krav-omfang-missing", "warning", "off"), Override("value-type", "error", "info")),
        on=date(2026, 11, 20),
        show_values=True,
        expect="invalid",
    )
    good = Judged("a.xml", shipped().validate(SAMTALE.encode()), overridden={"krav-omfang-missing": 7})
    said = re.sub(r"\s+", " ", parsed(written([good], run)).text_content())
    assert "severity changed: krav-omfang-missing from warning to off, findings: 7" in said
    assert "severity changed: value-type from error to info, findings: 0" in said
    assert "Codes are checked as of 2026-11-20." in said
    assert "This report shows confidential values." in said
    assert "Expected: every file rejected. Files with another result: 1." in said


def test_what_is_not_listed_is_counted() -> None:
    finding = MESSAGE_UNKNOWN.found(words={"expected": "samtale"})
    layers = dict.fromkeys(LAYERS, "failed")
    report = Report((finding, finding), layers, counts={finding.code: 12}, errors=12)  # type: ignore[arg-type]
    judged = [Judged(f"{number}.xml", report) for number in range(9)]
    judged += [Judged(f"fault-{number}.xml", None, fault="gone") for number in range(8)]
    page = parsed(written(judged, Run("en", max_findings=2), listed=5))
    assert len(page.xpath('//li[@class="finding"]')) == 5
    assert f"… and {9 * 12 - 5} more that are not listed" in page.xpath(f'string(//section[@id="rule-{finding.code}"])')
    assert "… and 3 more that are not listed" in page.xpath('string(//section[@id="tool-faults"])')
    assert page.xpath(f'string(//section[@id="rule-{finding.code}"]/dl/div[2]/dd)') == "9"


def test_memory_does_not_grow_with_valid_files_beyond_those_that_are_listed() -> None:
    tracemalloc = pytest.importorskip("tracemalloc")
    good = shipped().validate(SAMTALE.encode())
    writer = HtmlWriter(StringIO(), Run("en"), files=200)
    tracemalloc.start()
    try:
        for number in range(200):
            writer.add(Judged(f"{number}.xml", good))
        before = tracemalloc.get_traced_memory()[0]
        for number in range(20_000):
            writer.add(Judged(f"{number}.xml", good, key=str(number)))
        assert tracemalloc.get_traced_memory()[0] - before < 20_000
    finally:
        tracemalloc.stop()


# From here on in a browser.


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started() as browser:
        yield browser


@pytest.fixture(scope="module")
def report_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    judged = of_corpus() + hostile()
    off = Override("krav-omfang-missing", "warning", "off")
    run = Run("da", overrides=(off,), on=date(2026, 11, 20), max_findings=4, expect="valid")
    file = tmp_path_factory.mktemp("html") / "report.html"
    file.write_text(written(judged, run, interrupted=True, listed=4), "utf-8")
    return file


@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("lang", ["da", "en"])
def test_accessible(browser: Browser, report_file: Path, width: int, lang: str) -> None:
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

    with opened(browser, report_file, width=width) as page:
        page.check(f"#lang-{lang}")
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("width", [320, 400, 1280])
@pytest.mark.parametrize("lang", ["da", "en"])
def test_nothing_sticks_out(browser: Browser, report_file: Path, width: int, lang: str, script: bool) -> None:
    with opened(browser, report_file, width=width, script=script) as page:
        page.check(f"#lang-{lang}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("script", [True, False])
def test_the_language_is_switched(browser: Browser, report_file: Path, script: bool) -> None:
    with opened(browser, report_file, script=script) as page:
        for lang, other, title in (
            ("da", "en", "Kontrol af"),
            ("en", "da", "Validation of"),
            ("da", "en", "Kontrol af"),
        ):
            page.check(f"#lang-{lang}")
            assert page.locator(f"span.{lang}:visible").count() > 100
            assert page.locator(f"span.{other}:visible").count() == 0
            assert title in page.locator("h1").inner_text()
            if script:
                assert page.locator("html").get_attribute("lang") == lang
                assert title in page.title()
                assert page.locator("#filter-severity option").first.text_content() == (
                    "alle" if lang == "da" else "all"
                )


def test_the_filter(browser: Browser, report_file: Path) -> None:
    shown, findings = ".finding:visible", ".finding"
    with opened(browser, report_file) as page:
        total = page.locator(findings).count()
        assert page.locator(shown).count() == total
        page.fill("#filter-file", "SAMTALE/v1/invalid/cv")
        files = page.locator(f"{shown} .file").all_inner_texts()
        assert files
        assert all("samtale/v1/invalid/cv" in file for file in files)
        assert page.locator("#filter-shown").inner_text() == str(len(files))
        assert page.locator("#filter-total").inner_text() == str(total)
        assert page.locator(".index li:visible").count() == page.locator(".rule:visible").count() < 20
        page.fill("#filter-file", "")
        page.select_option("#filter-severity", "warning")
        assert 0 < page.locator(shown).count() < total
        assert page.locator(".rule:visible:not([data-severity=warning])").count() == 0
        page.select_option("#filter-severity", "")
        page.select_option("#filter-code", "value-length")
        assert page.locator(".rule:visible").count() == 1
        page.fill("#filter-file", "no such file")
        assert page.locator(shown).count() == 0
        page.fill("#filter-file", "")
        page.select_option("#filter-code", "")
        assert page.locator(shown).count() == total


def test_readable_without_script(browser: Browser, report_file: Path) -> None:
    with opened(browser, report_file, script=False) as page:
        assert page.locator("#filter").is_hidden()
        assert "Afviste filer:" in page.locator("header").inner_text()
        assert page.locator(".finding:visible").count() == page.locator(".finding").count() > 50


def test_printed(browser: Browser, report_file: Path) -> None:
    with opened(browser, report_file) as page:
        page.emulate_media(media="print")
        assert page.locator("#filter").is_hidden()
        assert page.locator("label[for=lang-da]").is_hidden()
        assert page.locator(".finding:visible").count() == page.locator(".finding").count()
        # What is hidden by a filter is missing on paper too, so the paper says so.
        page.emulate_media(media="screen")
        page.select_option("#filter-severity", "warning")
        page.emulate_media(media="print")
        assert page.locator("#filter [role=status]").is_visible()
        assert page.pdf().startswith(b"%PDF")


def test_ten_thousand_files(browser: Browser, tmp_path: Path) -> None:
    good = shipped().validate(SAMTALE.encode())
    judged = [Judged(f"in/{number // 500}/{number}.xml", good) for number in range(10_000)]
    file = tmp_path / "many.html"
    file.write_text(written(judged, Run("da")), "utf-8")
    with opened(browser, file) as page:
        assert page.locator("#files details").count() == 20
        assert page.locator("#files tbody tr:visible").count() == 0
        page.locator("#files summary").nth(19).click()
        rows = page.locator("#files tbody tr:visible")
        assert rows.count() == 500
        assert "9999.xml" in rows.last.inner_text()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
