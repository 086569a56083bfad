"""Parts of sentences that several report formats share."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from exchange.findings.texts import text

Style = Callable[[str, str], str]
"""Colours the word for a verdict or a severity (its key, the word) for a terminal."""


def plain(_key: str, word: str) -> str:
    """Return the word without colour."""
    return word


_SINGULARS = {
    "files": "file",
    "other-files": "other-file",
    "messages": "message-in-delivery",
    "errors": "error",
    "warnings": "warning",
    "infos": "note",
}


def counted(key: str, count: int, lang: str) -> str:
    """Return a number with its noun, e.g. "1 file"; `key` is the text of the plural."""
    return f"{count} {text(_SINGULARS[key] if count == 1 else key, lang)}"


def layer_names(layers: Iterable[str], lang: str) -> str:
    """Return the names of layers, separated by commas."""
    return ", ".join(text(f"layer-{layer}", lang) for layer in layers)


def without_subject(message: str, path: str) -> str:
    """Return a message without the name of its element, where the path beside it ends with that name."""
    subject, colon, rest = message.partition(": ")
    names = (path.rpartition("/")[2],) if path else ("document", "dokument")
    return rest if colon and subject in names else message
