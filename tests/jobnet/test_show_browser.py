"""The page of what the person sees, in a real browser: for everyone, on a phone, on paper, whatever somebody wrote."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.browsing import opened, started
from support.corpus_cases import shipped

import exchange
from exchange.jobnet.fields import TABLE
from exchange.model.spec import Record, Simple

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

EXAMPLES = sorted((Path(__file__).parents[1] / "show").glob("*.json"))
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]

MARKUP = """</p></main></style><script>alert(1)</script><img src=http://x.test/a onerror=alert(2)><svg onload=alert(3)>
<iframe src=javascript:alert(4)></iframe><style>*{display:none}</style>{{ 7*7 }}{% raw %} &lt;b&gt; ]]> "'><a href=//x.test>"""
HOSTILE = {
    "markup": MARKUP,
    "bidi": "\u202e\u2066\u2067\u202dabc\u202e 123 אבג\u2069\u202c" * 3 + "\u200b\u00ad\ufeff\x85\x9f",
    "long-word": "W" * 4050,
    "wide-letters": "\ufdfd\U0001242b" * 500,
    "stacked-marks": "Z" + "\u0301\u0335\u0489" * 600,
    "empty-lines": "a\n\n \n" * 800 + "b",
    "invisible": "\u3164\u200b\u2800",
    "fullest": ("Du skal søge to job om ugen & føre dem i jobloggen. " * 80)[:4050],
}


def hostile(name: str, text: str) -> dict[str, Any]:
    """Give a message in which every text holds as much of `text` as it can."""

    def filled(item: Record | Simple, value: Any) -> Any:
        if isinstance(item, Simple):
            if item.confidential != "text":
                return value
            if item.name == "Webadresse":
                return "https://" + "a-very-long-name." * 12 + "test/" + "x" * 3000
            return text[: item.max_length]
        if item.item:
            return [filled(item.item.type, entry) for entry in value]
        return {field.name: filled(field.type, value[field.name]) for field in item.fields if field.name in value}

    return {name: filled(shipped().catalog.of(name)[-1].spec.content, shipped().example(name)[name])}


PAGES = {
    **{file.stem: json.loads(file.read_text("utf-8")) for file in EXAMPLES},
    **{f"{name}-{kind}": hostile(name, text) for name in TABLE for kind, text in HOSTILE.items()},
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started() as browser:
        yield browser


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("show")
    written = {}
    for name, document in PAGES.items():
        written[name] = folder / f"{name}.html"
        written[name].write_text(exchange.show(document), "utf-8")
    return written


@pytest.mark.parametrize("name", PAGES)
def test_whatever_was_written_the_page_is_whole_and_for_everyone(
    browser: Browser, files: dict[str, Path], name: str
) -> None:
    with opened(browser, files[name], width=400) as page:
        for width in (320, 1280, 400):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        assert page.locator("h1").count() == page.locator("style").count() == 1
        assert page.locator("script, img, svg, iframe, link, object, form, input").count() == 0
        # What the template says is never pushed out of sight by what somebody wrote.
        assert page.locator("h1").bounding_box()["y"] < 200  # type: ignore[index]  # it is visible
        assert page.locator("main > footer").is_visible()
        check(page)


def check(page: Page, **more: Any) -> None:
    """Hold the rules of WCAG 2.1 AA against a page, and axe's own of good practice; what it cannot decide is no pass.

    `more` are options of axe's.
    """
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

    results = Axe().run(page, options={"runOnly": {"type": "tag", "values": [*WCAG, "best-practice"]}, **more})
    assert results.violations_count == 0, results.generate_report()
    assert results.response["incomplete"] == []
    assert "color-contrast" in {rule["id"] for rule in results.response["passes"]}


@pytest.mark.parametrize("name", ["raadighedssamtale", "plan-withdrawn", "requirements"])
def test_on_a_wide_screen_it_is_for_everyone_too(browser: Browser, files: dict[str, Path], name: str) -> None:
    with opened(browser, files[name]) as page:
        check(page)


def test_the_headings_are_steps_without_a_gap(browser: Browser, files: dict[str, Path]) -> None:
    for name in ("raadighedssamtale", "plan", "requirements"):
        with opened(browser, files[name]) as page:
            levels = [int(tag[1]) for tag in page.eval_on_selector_all("h1,h2,h3", "all => all.map(e => e.tagName)")]
            assert levels[0] == 1
            assert levels.count(1) == 1
            assert all(after - before <= 1 for before, after in pairwise(levels))


def test_a_link_says_where_it_leads_and_takes_nothing_along(browser: Browser, files: dict[str, Path]) -> None:
    with opened(browser, files["requirements"], script=False) as page:
        (link,) = page.locator("a").all()
        assert link.inner_text() == "www.jobnet.dk"
        assert link.get_attribute("href") == "https://www.jobnet.dk/job?q=lager"
        assert link.get_attribute("rel") == "noreferrer noopener"
        assert page.locator("li", has_text="Et sted").inner_text().split() == [
            "Et",
            "sted",
            "http://jobnet.dk@198.51.100.7/",
        ]


def test_letters_enlarged_to_double_size_stay_on_the_page(browser: Browser, files: dict[str, Path]) -> None:
    with opened(browser, files["requirements"], width=640) as page:
        page.evaluate("document.documentElement.style.fontSize = '212.5%'")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.locator("footer").is_visible()


def test_on_paper_everything_stands_black_on_white_and_addresses_are_written_out(
    browser: Browser, files: dict[str, Path]
) -> None:
    with opened(browser, files["requirements"]) as page:
        on_screen = page.locator("main").inner_text()
        page.emulate_media(media="print")
        on_paper = page.locator("main").inner_text()
        left_out = {line for line in on_screen.splitlines() if line not in on_paper.splitlines()}
        assert left_out == {"www.jobnet.dk (åbner i et nyt vindue)"}
        after = page.evaluate("getComputedStyle(document.querySelector('a'), '::after').content")
        assert "https://www.jobnet.dk/job?q=lager" in after or "attr(href)" in after
        assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"
        assert page.pdf().startswith(b"%PDF")


def test_a_service_can_embed_the_page_in_a_frame_that_may_do_nothing(
    browser: Browser, files: dict[str, Path], tmp_path: Path
) -> None:
    inner = html.escape(files["requirements"].read_text("utf-8"))
    outer = tmp_path / "outer.html"
    outer.write_text(
        f'<!doctype html><title>x</title><iframe sandbox width="380" height="600" srcdoc="{inner}">', "utf-8"
    )
    with opened(browser, outer) as page:
        frame = page.frames[1]
        assert frame.locator("h1").inner_text() == "Krav til din jobsøgning"
        # The style sheet is let in by the page's own policy.
        assert frame.locator("section").first.evaluate("e => getComputedStyle(e).borderTopStyle") == "solid"
