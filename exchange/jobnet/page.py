"""Writes the page: the content, in the template's Danish words, as one HTML file that asks for nothing else."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from exchange.findings import markup
from exchange.jobnet.content import Content

if TYPE_CHECKING:
    import jinja2

_FOLDER = Path(__file__).parent


def written(content: Content) -> str:
    """Return the HTML of a page."""
    return _template().render(page=content, body=content.body)


def style_hash() -> str:
    """Return what a Content-Security-Policy names the page's style sheet by."""
    return markup.policy_hash(_css())


def _css() -> str:
    return (_FOLDER / "page.css").read_text("utf-8")


@cache
def _template() -> jinja2.Template:
    from markupsafe import Markup

    css = Markup(_css())  # noqa: S704  # the package's own
    environment = markup.environment()
    environment.globals.update(css=css, css_hash=style_hash())
    return environment.from_string((_FOLDER / "page.html").read_text("utf-8"))
