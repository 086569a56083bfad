"""The developer's page in a real browser: files and folders taken, report and Jobnet view side by side, nothing let out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest
from jobnet.test_show_browser import MARKUP, check
from support.browsing import MILLISECONDS, noted, started
from support.hostile import KRAV, SAMTALE, filled
from support.served import Served, served

import exchange
from exchange.findings.finding import Layer, Severity, State, Verdict

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

SPOILT = "<img src=http://evil.test/a onerror=alert(1)>\u202e.xml"
"""A file's name may be anything."""
BAD = filled("form", "roegsignal")
HOSTILE = filled("oevrigeKrav", MARKUP.replace("&", "&amp;").replace("<", "&lt;").replace("]]>", ""), KRAV)
ALONE = {"iframes": False, "rules": {"frame-tested": {"enabled": False}}}
"""Nothing can look into the frame, axe neither; what stands in it has tests of its own."""
TOKEN = "correct-horse-battery-staple"  # noqa: S105  # of the tests alone


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started() as browser:
        yield browser


@pytest.fixture(scope="module")
def running() -> Iterator[Served]:
    with served() as running:
        yield running


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    contents = {"accepted.xml": SAMTALE, "rejected.xml": BAD, "hostile.xml": HOSTILE, "note.txt": "nothing"}
    folder = tmp_path / "folder"
    (folder / "below").mkdir(parents=True)
    for name, content in contents.items():
        (folder / ("below" if name == "hostile.xml" else "") / name).write_text(content, "utf-8")
    return {path.name: path for path in folder.rglob("*.*")} | {"folder": folder}


@contextmanager
def shown(
    browser: Browser, running: Served, *, width: int = 1280, locale: str = "en", quiet: bool = True
) -> Iterator[Page]:
    """Open the page; at the end it must have asked for nothing elsewhere, opened no dialog and complained of nothing."""
    context = browser.new_context(viewport={"width": width, "height": 800}, locale=locale)
    elsewhere: list[str] = []

    def note_elsewhere(route: Any) -> None:
        elsewhere.append(route.request.url)
        route.abort()

    # What a policy has blocked does not come here: only what would leave does.
    context.route(lambda url: not url.startswith(f"{running.address}/"), note_elsewhere)
    page = context.new_page()
    asked, complaints = noted(page)
    page.set_default_timeout(MILLISECONDS)
    page.goto(running.address)
    try:
        yield page
        assert elsewhere == []
        assert not [url for url in asked if "accepted" in url or "rejected" in url or "hostile" in url]
        if quiet:
            assert complaints == []
    finally:
        context.close()


def choose(page: Page, *paths: Path) -> None:
    folder = len(paths) == 1 and paths[0].is_dir()
    page.set_input_files("#choose-folder" if folder else "#choose-files", paths[0] if folder else list(paths))


def verdict(page: Page, name: str) -> Locator:
    return page.locator("#files li", has_text=name).locator(".verdict")


def settled(page: Page) -> None:
    """Wait until every file is judged and what is chosen is shown."""
    page.locator("#status", has_text="others, of").wait_for()
    page.locator("#frame, #no-view:not(:empty)").first.wait_for()


def view(page: Page) -> Any:
    return page.frame_locator("#frame")


def drop(page: Page, named: dict[str, str]) -> None:
    """Drop files on the page."""
    data = page.evaluate_handle(
        "named => { const data = new DataTransfer();"
        " for (const [name, text] of Object.entries(named)) data.items.add(new File([text], name)); return data; }",
        named,
    )
    page.dispatch_event("#drop", "dragover", {"dataTransfer": data})
    assert page.locator("#drop.over").count() == 1
    page.dispatch_event("#drop", "drop", {"dataTransfer": data})
    assert page.locator("#drop.over").count() == 0


def test_a_file_is_dropped_and_report_and_view_stand_side_by_side(browser: Browser, running: Served) -> None:
    with shown(browser, running) as page:
        drop(page, {"accepted.xml": SAMTALE})
        settled(page)
        assert page.locator("#findings h3").inner_text() == "accepted: errors: 0, warnings: 0"
        assert view(page).locator("h1").is_visible()
        title = view(page).locator("h1").inner_text()
        assert f"<h1>{title}</h1>" in exchange.show(exchange.parse(SAMTALE.encode()))
        # Its style sheet is let in: a section has a border.
        assert view(page).locator("section").first.evaluate("e => getComputedStyle(e).borderTopStyle") == "solid"
        left, right = page.locator("#report").bounding_box(), page.locator("#view").bounding_box()
        assert left is not None
        assert right is not None
        assert left["y"] == right["y"]
        assert left["x"] + left["width"] <= right["x"]


def test_a_folder_is_chosen_with_what_lies_below_it(browser: Browser, running: Served, files: dict[str, Path]) -> None:
    with shown(browser, running) as page:
        choose(page, files["folder"])
        settled(page)
        names = page.locator("#files bdi").all_inner_texts()
        assert names == ["folder/accepted.xml", "folder/below/hostile.xml", "folder/rejected.xml"]
        assert page.locator("#status").inner_text() == "2 accepted, 1 rejected, 0 others, of 3"
        assert verdict(page, "rejected.xml").inner_text() == "rejected"


def test_a_folder_is_dropped_with_what_lies_below_it(browser: Browser, running: Served, files: dict[str, Path]) -> None:
    with shown(browser, running) as page:
        hand = page.context.new_cdp_session(page)
        data = {"items": [], "files": [str(files["folder"])], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            hand.send("Input.dispatchDragEvent", {"type": kind, "x": 100, "y": 200, "data": data})
        settled(page)
        names = page.locator("#files bdi").all_inner_texts()
        assert names == ["folder/accepted.xml", "folder/below/hostile.xml", "folder/rejected.xml"]


def test_a_finding_is_told_with_code_hint_path_and_line(
    browser: Browser, running: Served, files: dict[str, Path]
) -> None:
    (finding,) = exchange.validate(BAD.encode()).findings
    with shown(browser, running) as page:
        choose(page, files["accepted.xml"], files["rejected.xml"])
        page.locator("#files button", has_text="rejected.xml").click()
        settled(page)
        (told,) = page.locator(".finding").all_inner_texts()
        for part in (
            "error",
            finding.code,
            finding.message,
            finding.hint,
            finding.path,
            f"line {finding.line}, column {finding.column}",
        ):
            assert part in told
        assert page.locator("#frame").count() == 0
        assert "accepted" in page.locator("#no-view").inner_text()
        page.locator("button", has_text="Dansk").click()
        (told,) = page.locator(".finding").all_inner_texts()
        assert finding.danish.message in told
        assert page.evaluate("document.documentElement.lang") == "da"


def test_messages_of_a_delivery_are_told_of_one_by_one(browser: Browser, running: Served) -> None:
    from support import delivery_cases

    sent = delivery_cases.delivery(delivery_cases.samtale(1), filled("form", "roegsignal", delivery_cases.samtale(2)))
    with shown(browser, running) as page:
        drop(page, {"delivery.xml": sent})
        page.locator(".finding", has_text="message 2").wait_for()
        assert page.locator("#findings h3").inner_text().startswith("rejected: errors: 1")


def test_what_somebody_wrote_or_named_a_file_does_nothing(browser: Browser, running: Served) -> None:
    with shown(browser, running, locale="da-DK") as page:
        drop(page, {SPOILT: HOSTILE})
        view(page).locator("h1").wait_for()
        assert page.locator("#files bdi").all_inner_texts() == [SPOILT]
        assert "onerror" in view(page).locator("body").inner_text()
        assert view(page).locator("script, img, iframe, svg").count() == 0
        assert page.locator("main img, main script").count() == 0
        assert page.locator("#frame").get_attribute("sandbox") == ""


def test_even_a_page_with_a_script_in_it_could_do_nothing(browser: Browser, running: Served) -> None:
    with shown(browser, running, quiet=False) as page:
        spoilt = (
            "<h1>x</h1><script>parent.postMessage('out', '*')</script><img src='http://evil.test/a' onerror='alert(1)'>"
        )
        page.route("**/page", lambda route: route.fulfill(body=spoilt, content_type="text/html"))
        page.evaluate("window.heard = []; addEventListener('message', event => heard.push(event.data))")
        drop(page, {"accepted.xml": SAMTALE})
        view(page).locator("h1").wait_for()
        page.wait_for_timeout(300)
        assert page.evaluate("heard") == []


def test_only_bytes_are_sent(browser: Browser, running: Served) -> None:
    with shown(browser, running) as page:
        sent: list[tuple[bytes | None, dict[str, str]]] = []
        page.on("request", lambda r: sent.append((r.post_data_buffer, r.headers)) if r.method == "POST" else None)
        drop(page, {"accepted-0101405000.xml": SAMTALE})
        settled(page)
        assert len(sent) == 2
        for data, headers in sent:
            assert data == SAMTALE.encode()
            assert "0101405000" not in str(headers)
        assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert "0101405000" not in running.said


@pytest.mark.parametrize("width", [1280, 400])
def test_it_is_for_everyone_on_a_wide_screen_and_on_a_phone(
    browser: Browser, running: Served, files: dict[str, Path], width: int
) -> None:
    with shown(browser, running, width=width) as page:
        check(page, **ALONE)
        choose(page, files["accepted.xml"], files["rejected.xml"])
        settled(page)
        check(page, **ALONE)
        page.locator("#files button", has_text="rejected.xml").click()
        page.locator(".finding").wait_for()
        check(page, **ALONE)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_keyboard_is_enough(browser: Browser, running: Served, files: dict[str, Path]) -> None:
    with shown(browser, running) as page:
        choose(page, files["accepted.xml"], files["rejected.xml"])
        settled(page)
        page.locator("#choose-folder").focus()
        focused: list[str] = []
        for _ in range(6):
            page.keyboard.press("Tab")
            focused.append(page.evaluate("document.activeElement.textContent"))
            if "rejected.xml" in focused[-1]:
                break
        page.keyboard.press("Enter")
        page.locator(".finding").wait_for()
        assert page.locator("#files button[aria-current=true]").inner_text().startswith("rejected.xml")


def test_a_file_that_is_too_large_is_not_sent(browser: Browser, running: Served) -> None:
    with shown(browser, running) as page:
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
        page.wait_for_load_state("networkidle")
        page.evaluate(
            "() => { const data = new DataTransfer(); data.items.add(new File([new Uint8Array(20000001)], 'large.xml'));"
            " document.dispatchEvent(new DragEvent('drop', {dataTransfer: data, cancelable: true})); }"
        )
        page.get_by_text("The file is larger than the service accepts.").wait_for()
        assert sent == []


def test_a_folder_without_a_file_says_so(browser: Browser, running: Served) -> None:
    with shown(browser, running) as page:
        drop(page, {"note.txt": "x"})
        page.get_by_text("No .xml file was found there.").wait_for()
        assert page.locator("#work").is_hidden()


def test_a_token_is_asked_for_and_kept_in_memory_only(browser: Browser) -> None:
    with (
        served("--token-fd", "0", stdin=TOKEN.encode()) as running,
        # The browser itself notes every 401.
        shown(browser, running, quiet=False) as page,
    ):
        drop(page, {"accepted.xml": SAMTALE})
        page.get_by_label("This service requires a token").fill("another-token-altogether")
        page.keyboard.press("Enter")
        page.get_by_text("The service does not know this token.").wait_for()
        check(page, **ALONE)
        page.get_by_label("This service requires a token").fill(TOKEN)
        page.keyboard.press("Enter")
        settled(page)
        assert view(page).locator("h1").count() == 1
        assert page.locator("#ask").is_hidden()
        assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
        assert TOKEN not in page.content()
        assert TOKEN not in running.said


def test_both_languages_have_the_same_words(browser: Browser, running: Served) -> None:
    with shown(browser, running) as page:
        words = page.evaluate("import('/words.js').then(module => module.WORDS)")
        assert words["da"].keys() == words["en"].keys()
        assert all(words[lang][key].strip() for lang in words for key in words[lang])
        source = page.evaluate("fetch('/page.js').then(answer => answer.text())")
        source += page.evaluate("fetch('/').then(answer => answer.text())")
        # A report's own words come by way of the report.
        told = {*get_args(Layer), *get_args(Verdict), *get_args(Severity), *get_args(State)}
        assert [key for key in words["en"] if f'"{key}"' not in source and key not in told] == []
