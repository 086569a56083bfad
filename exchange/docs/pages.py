"""Finds the shipped pages, so that the documentation can be read without a network."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent


def topics(lang: str) -> dict[str, str]:
    """Return the name and the title of every page, in `lang` where it is written in both languages."""
    names = sorted({path.name.split(".")[0] for path in _FOLDER.glob("*.md")})
    return {name: read_topic(name, lang).partition("\n")[0].removeprefix("# ") for name in names}


def read_topic(name: str, lang: str) -> str:
    """Return a page as Markdown, in `lang` ("da", or English for anything else) where it is written in both languages.

    Raises LookupError for a name that is none of `topics`.
    """
    preferred = "da" if lang == "da" else "en"
    other = "en" if preferred == "da" else "da"
    for suffix in (f".{preferred}.md", ".md", f".{other}.md"):
        path = _FOLDER / f"{name}{suffix}"
        # Only a name from the folder's own list: never a path.
        if path in set(_FOLDER.glob("*.md")):
            return path.read_text("utf-8")
    raise LookupError(name)
