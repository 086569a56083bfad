"""Says where a document is another than the one that was signed: beside the original, or by one value tried after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any
from unicodedata import normalize

from exchange.xml import parsing

MOST = 20
"""The most places that are named."""

Known = Callable[[str], Iterable[str]]
"""Gives the values that an element may have, by its path without numbers; none for one that may have any."""


def no_values(_path: str) -> tuple[str, ...]:
    """Say of every element that it may have any value."""
    return ()


MOST_TRIED = 50_000_000
"""So many bytes of canonical forms are made to find one value: of a message all that are worth a try, of a stranger's few."""

_MOST_BYTES = 200_000
_MOST_PAIRS = 4_000_000


def differences(one: Any, other: Any) -> list[str]:
    """Return the paths of the first elements, at most MOST, of which one document has another value than the other, or none.

    Both are root elements, without their signatures. White space between elements counts as little as comments do.
    """
    found: list[str] = []
    waiting = [(one, other, None)]
    while waiting and len(found) < MOST:
        own, their, parent = waiting.pop()
        pairs: list[Any] = []
        differs = own is None or their is None or own.tag != their.tag or dict(own.attrib) != dict(their.attrib)
        if not differs:
            pairs = list(_paired(list(own.iterchildren("*")), list(their.iterchildren("*"))))
            differs = not pairs and _text(own) != _text(their)
        if differs:
            # Only now: its number is counted among its siblings.
            above = "" if parent is None else parsing.path_of(parent)
            found.append(above + parsing.step_of(own if own is not None else their))
        waiting += reversed([(*pair, own) for pair in pairs])
    return found


def _paired(own: list[Any], their: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Set children beside each other by their names; None stands beside one that the other has not."""
    if len(own) * len(their) > _MOST_PAIRS:
        yield from zip_longest(own, their)
        return
    matcher = SequenceMatcher(None, [each.tag for each in own], [each.tag for each in their], autojunk=False)
    for _, start, end, other_start, other_end in matcher.get_opcodes():
        yield from zip_longest(own[start:end], their[other_start:other_end])


def _text(element: Any) -> str:
    return "".join(element.itertext())


def one_value(root: Any, known: Known, fits: Callable[[bytes], bool]) -> str | None:
    """Return the path of the one element that, with another of the values it may have, makes the document the signed one.

    Tried are also blanks around a text, and the other Unicode form of its letters. None if it is not so, or if the
    document is too large to try. The tree is left as it is.
    """
    leaves = [element for element in root.iter("*") if not len(element)]
    size = len(parsing.canonical_form(root.getroottree()))
    if size > _MOST_BYTES:
        return None
    tried = 0
    for leaf in leaves:
        was = leaf.text or ""
        for value in _others(was, known(parsing.path_of(leaf, numbered=False))):
            tried += size
            if tried > MOST_TRIED:
                return None
            leaf.text = value
            fitted = fits(parsing.canonical_form(root.getroottree()))
            leaf.text = was
            if fitted:
                return parsing.path_of(leaf)
    return None


def _others(text: str, known: Iterable[str]) -> Iterator[str]:
    variants = [text.strip(), f"{text} ", f" {text}", f"{text}\n", normalize("NFC", text), normalize("NFD", text)]
    variants += [text.replace("\n", "\r\n"), text.replace("\r\n", "\n"), *known]
    return (value for value in dict.fromkeys(variants) if value != text)
