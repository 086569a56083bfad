"""Patterns of XSD as Python reads them: the one place where a schema's pattern becomes a regular expression of Python's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

_TOKEN = re.compile(r"\\[pP]\{[^}]*\}|\\.|.", re.DOTALL)
_CLASS = re.compile(r"\[(\^?)((?:\\[pP]\{[^}]*\}|\\.|[^\[\]\\])*)", re.DOTALL)
_COUNT = re.compile(r"\{[0-9]+(?:,[0-9]*)?\}")
_MEMBER = r"(?:[A-Za-z0-9 !#%'()*+,./:;<=>?@_~]|\\[-.?*+(){}\[\]|])"
_PLAIN = re.compile(
    rf"(?!.*~~)(?:(?:[A-Za-z0-9 :/@_,;=~!#%-]|\\[-.?*+(){{}}\[\]|]|\)|\[(?:{_MEMBER}(?:-{_MEMBER})?)+\])"
    r"(?:[?*+]|\{[0-9]+(?:,[0-9]*)?\})?|[(|])*"
)
"""Patterns that mean the same to XSD and to Python as they stand, in ASCII: no translation, which takes long to import."""
_SHORT = frozenset(rf"\{letter}" for letter in "wWsSdDiIcC")
_NEGATED = frozenset(rf"\{letter}" for letter in "WSDIC")
_SAMPLE = [chr(point) for point in (*range(0x20, 0x250), 0x3B1, 0x410, 0x5D0, 0x660, 0x4E00, 0x20AC)]
"""Characters by which two sets are compared: Latin, and one of other scripts each."""


class PatternUnsupported(ValueError):
    """A pattern is none of XSD 1.0, or libxml2 is known to read it in another way than this module; the text says which."""


def is_plain(pattern: str) -> bool:
    """True if a pattern means the same to XSD and to Python as it stands."""
    return _PLAIN.fullmatch(pattern) is not None


def matches(patterns: Iterable[str], text: str) -> bool:
    """True if a text matches all of these patterns of XSD, each as a whole. Raises PatternUnsupported."""
    return all(compiled(pattern).fullmatch(text) for pattern in patterns)


@lru_cache(1024)
def compiled(pattern: str) -> re.Pattern[str]:
    r"""Translate a pattern of XSD, in which `^` and `$` are characters and `\d` and `\w` sets of Unicode's own.

    Only libxml2's verdict on a document counts. In `\i` and `\c` and in characters that Unicode got lately
    the two may differ, as they follow other editions of XML and of Unicode. Raises PatternUnsupported.
    """
    if _PLAIN.fullmatch(pattern):
        try:
            plain = re.compile(pattern)
        except (re.error, OverflowError):
            raise PatternUnsupported(f"the pattern {pattern}") from None
        _refuse_what_is_misread(pattern)
        return plain
    from elementpath.regex import RegexError, translate_pattern

    try:
        # The translator leaves these as they are outside of a class, where they would have Python's meaning.
        separated = "".join(f"[{token}]" if token in _SHORT else token for token in atoms(pattern))
        made = re.compile(translate_pattern(separated, back_references=False, lazy_quantifiers=False, anchors=False))
    except (RegexError, re.error, IndexError, OverflowError):
        raise PatternUnsupported(f"the pattern {pattern}") from None
    _refuse_what_is_misread(pattern)
    return made


def atoms(pattern: str) -> Iterator[str]:
    """Split a pattern of XSD: a class with its brackets is one piece, an escape is one, and each other character."""
    tokens = _TOKEN.findall(pattern)
    position = 0
    while position < len(tokens):
        end, depth = position, 0
        while end < len(tokens):
            depth += (tokens[end] == "[") - (depth > 0 and tokens[end] == "]")
            end += 1
            if depth == 0:
                break
        yield "".join(tokens[position:end])
        position = end


def _refuse_what_is_misread(pattern: str) -> None:
    """Raise PatternUnsupported for the forms of which libxml2, or the translator, is known to read another meaning."""
    firsts: list[list[tuple[str, bool]]] = [
        []
    ]  # of each open group, how its branches begin, and whether that is counted
    begins, pieces = True, list(atoms(pattern))
    for position, atom in enumerate(pieces):
        if atom.startswith("["):
            _refuse_misread_classes(atom, pattern)
        if atom.startswith("[") and re.search(r"\\[^pPwWsSdDiIcC]-[^\]\[]", atom):
            raise PatternUnsupported(f"a range that begins with an escape, in the pattern {pattern}")
        if atom == "(":
            firsts.append([])
            begins = True
        elif atom == "|":
            begins = True
        elif atom == ")":
            _compare(firsts.pop(), pattern)
            begins = False
        elif begins:
            counted = _COUNT.match("".join(pieces[position + 1 : position + 12])) is not None
            firsts[-1].append((atom, counted))
            begins = False
    _compare(firsts.pop(), pattern)


def _refuse_misread_classes(atom: str, pattern: str) -> None:
    for found in _CLASS.finditer(atom):
        negation, inside = found.groups()
        rest = atom[found.end() :]
        members = _TOKEN.findall(inside.removesuffix("-") if rest.startswith("[") else inside)
        negated = _NEGATED.intersection(members)
        # libxml2 takes the P for a p; the translator loses the other members, the hyphen, or the second negation.
        if any(member.startswith(r"\P") for member in members):
            raise PatternUnsupported(f"\\P within a class, in the pattern {pattern}")
        if len(negated) > 1 or (negation and negated and len(members) > 1):
            raise PatternUnsupported(f"a negated escape beside other members of a class, in the pattern {pattern}")
        if rest.startswith("[^"):
            raise PatternUnsupported(f"a negated class that is taken out of another, in the pattern {pattern}")
        hyphens = _hyphens(members)
        if negation and hyphens[-1:] == [len(members) - 1] and len(members) > 1:
            # libxml2 takes it out of the negation.
            raise PatternUnsupported(f"a hyphen at the end of a negated class, in the pattern {pattern}")
        if hyphens and any(map(_is_set, members)) and (negation or hyphens != [len(members) - 1]):
            raise PatternUnsupported(f"a hyphen and the escape of a set in one class, in the pattern {pattern}")


def _is_set(member: str) -> bool:
    return member in _SHORT or member.startswith((r"\p", r"\P"))


def _hyphens(members: list[str]) -> list[int]:
    """Say at which places of a class a hyphen stands for itself."""
    found, at = [], 0
    while at < len(members):
        if members[at] == "-":
            found.append(at)
        elif (
            members[at + 1 : at + 2] == ["-"] and at + 2 < len(members) and not any(map(_is_set, members[at : at + 3]))
        ):
            at += 2
        at += 1
    return found


def _compare(firsts: list[tuple[str, bool]], pattern: str) -> None:
    if len(firsts) < 2 or not any(counted for _, counted in firsts):
        return
    sets = [frozenset(filter(_one(atom).fullmatch, _SAMPLE)) for atom, _ in firsts]
    for number, (atom, counted) in enumerate(firsts):
        for other, (text, _) in enumerate(firsts):
            if counted and other != number and (atom == text or sets[number] & sets[other]):
                raise PatternUnsupported(
                    f"a counted beginning, with which another branch begins as well, in the pattern {pattern}"
                )


def _one(atom: str) -> re.Pattern[str]:
    if _PLAIN.fullmatch(atom):
        return re.compile(atom)
    from elementpath.regex import translate_pattern

    text = f"[{atom}]" if atom in _SHORT else atom
    return re.compile(translate_pattern(text, back_references=False, lazy_quantifiers=False, anchors=False))
