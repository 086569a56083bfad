"""Opens pages in Debian's chromium, without a network, and holds against them whatever they ask for or complain about."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.waiting import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page

CHROMIUM = Path("/usr/bin/chromium")
MILLISECONDS = 1000 * PATIENCE
"""How long the browser is waited for."""
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def started() -> Iterator[Browser]:
    """Start chromium; without one the test is skipped, but not in CI."""
    if not CHROMIUM.exists() and not os.environ.get("CI"):
        pytest.skip("no chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=QUIET, timeout=MILLISECONDS)
        yield browser
        browser.close()


def noted(page: Page) -> tuple[list[str], list[str]]:
    """Note from now on what a page asks for, and what it complains of: its console, its errors, its dialogs."""
    asked: list[str] = []
    complaints: list[str] = []

    def note_dialog(dialog: Dialog) -> None:
        complaints.append(dialog.message)
        dialog.dismiss()

    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", note_dialog)
    return asked, complaints


@contextmanager
def opened(browser: Browser, file: Path, *, width: int = 1280, script: bool = True) -> Iterator[Page]:
    """Open a page; at the end it must have asked for nothing but itself, opened no dialog and complained of nothing."""
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=script, offline=True)
    address = file.as_uri()
    context.route("**/*", lambda route: route.continue_() if route.request.url == address else route.abort())
    page = context.new_page()
    page.set_default_timeout(MILLISECONDS)
    asked, complaints = noted(page)
    page.goto(address)
    try:
        yield page
        assert set(asked) == {address}
        assert complaints == []
    finally:
        context.close()
