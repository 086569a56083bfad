"""The sentence of a hint that suggests a code or a name: the one that is spelled much like what was found."""

from __future__ import annotations

from collections.abc import Iterable

from exchange.findings.placeholders import Words

NOTHING = Words("", "")


def did_you_mean(name: str | None) -> Words:
    """Return the sentence that suggests a code or name of the schema."""
    return Words(f"Did you mean {name}? ", f"Mente du {name}? ") if name else NOTHING


def nearest(text: str, names: Iterable[str]) -> str | None:
    """Return the name that a text probably stands for: one that differs in case only, or by a few letters."""
    if len(text) > 80:  # no misspelling, and the time to compare grows with the length
        return None
    folded = {name.casefold(): name for name in names}
    from difflib import get_close_matches  # only a fault needs it

    found = get_close_matches(text.casefold(), folded, n=1, cutoff=0.75)
    return folded[found[0]] if found else None
