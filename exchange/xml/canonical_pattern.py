"""Writes a MessageSpec as one regular expression: what it matches is well-formed, and valid by the message's schema.

Every `<` in the text that is matched begins a tag, every `>` ends one, and every `&` begins a reference that the writer makes; no
character is one that XML cannot hold. That is looked for apart, in all of a document at once. So a value ends before the next `<`.

Where a facet is not certain to mean the same to XSD 1.0 and to Python's `re`, NotCertain is raised, and documents of that message are
judged by libxml2 alone. Every quantifier is possessive and every group of a facet atomic: what has matched is never tried in
another way, so the time grows with the length of the text only. A pattern may match less than its facet allows for that reason, never more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import takewhile

from exchange.model.spec import Field, MessageSpec, Record, Simple
from exchange.model.xsd_patterns import atoms, matches
from exchange.xml.writer import escape

CHARACTER = "[^<]"
_ONE_CHARACTER = "(?:[^<&]|&[^;]++;)"
_LONGEST = 1 << 31

# Without 29 February, which not every year has, and without the year 0000, which XSD 1.0 does not know.
_DAY = (
    "(?!0000)[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])"
_KINDS = {
    "integer": "(?:0|-?[1-9][0-9]{0,17})",
    "boolean": "(?:true|false)",
    "date": _DAY,
    "dateTime": f"{_DAY}T{_TIME}",
}

_QUANTIFIER = re.compile(r"[?*+]|\{[0-9]+(?:,[0-9]*)?\}")
_PUNCTUATION = r"-\|.?*+(){}[]^"
_MEMBER = rf"(?:\\[{re.escape(_PUNCTUATION)}]|[^\\\[\]^<-])"
_CLASS = re.compile(rf"\[(?:{_MEMBER}(?:-{_MEMBER})?)+\]", re.DOTALL)
_RANGE = re.compile(rf"({_MEMBER})(?:-({_MEMBER}))?", re.DOTALL)


class NotCertain(ValueError):
    """A facet may mean something else to Python's `re` than to XSD; the text says which."""


def document_pattern(spec: MessageSpec, declaration: str) -> str:
    """Return the pattern of a whole document. Its groups are as `_element` says. Raises NotCertain."""
    if not spec.exact:
        raise NotCertain(f"{spec.name}: the schema demands what its spec does not hold")
    start = re.escape(f'{declaration}<{spec.name} xmlns="{spec.namespace}">')
    return f"{start}{_fields(spec.content, capture=True, value=value_pattern)}{re.escape(f'</{spec.name}>')}"


def item_pattern(item: Field) -> str:
    """Return the pattern of an entry of a list that `document_pattern` has matched: with groups, and without the facets."""
    return _element(item, capture=True, value=lambda _simple: f"{CHARACTER}*+")


def _element(field: Field, *, capture: bool, value: Callable[[Simple], str]) -> str:
    """Return the pattern of an element that is there.

    Its groups, with `capture`: a value's text, a list's text, or for a record that may be left out its start tag, and then
    those of its fields.
    """
    start, end = re.escape(f"<{field.name}>"), re.escape(f"</{field.name}>")
    if isinstance(field.type, Simple):
        content = value(field.type)
    elif field.type.item:
        item = field.type.item
        content = f"(?:{_element(item, capture=False, value=value)}){'++' if item.required else '*+'}"
    else:
        start = f"({start})" if capture and not field.required else start
        return f"{start}{_fields(field.type, capture=capture, value=value)}{end}"
    return f"{start}({content}){end}" if capture else f"{start}{content}{end}"


def _fields(record: Record, *, capture: bool, value: Callable[[Simple], str]) -> str:
    elements = [_element(field, capture=capture, value=value) for field in record.fields]
    fields = "".join(
        element if field.required else f"(?:{element})?+"
        for field, element in zip(record.fields, elements, strict=True)
    )
    # The next tag is a start tag: one of the fields, for nothing else could follow.
    return f"(?!</){fields}" if record.at_least_one else fields


def value_pattern(simple: Simple) -> str:
    """Return the pattern of a value, with every facet of its type. Raises NotCertain."""
    facets = [_translated(pattern) for pattern in simple.patterns]
    if simple.kind != "string":
        if simple.minimum is not None or simple.maximum is not None:
            facets.append(_range(simple))
        return "".join(f"(?={facet}<)" for facet in facets) + _KINDS[simple.kind]
    low, high = simple.min_length or 0, "" if simple.max_length is None else simple.max_length
    if max(low, simple.max_length or 0) > _LONGEST:
        raise NotCertain(f"{simple.name}: a length that Python's `re` does not count to")
    characters = f"{CHARACTER}{{{low},{high}}}+"
    if low > 1 or high:
        # Where a reference stands there are fewer characters than are written, so they may have to be counted one by one.
        by_one = f"{_ONE_CHARACTER}{{{low},{high}}}+"
        characters = f"(?>{characters}(?=<)|{by_one})" if low < 2 else by_one
    if simple.choices:
        allowed = [choice for choice in simple.choices if _fits(simple, choice)]
        return f"(?:{'|'.join(re.escape(escape(choice)) for choice in allowed)})" if allowed else "(?!)"
    if not facets:
        return characters
    if simple.min_length is not None or simple.max_length is not None:
        facets.insert(0, characters)
    *others, last = facets
    return "".join(f"(?={facet}<)" for facet in others) + last


def is_never_escaped(simple: Simple) -> bool:
    """True if no value that `value_pattern` matches has a reference in it."""
    if simple.kind != "string":
        return True
    texts = [escape(choice) for choice in simple.choices]
    return (bool(texts) and not any("&" in text for text in texts)) or any(
        "&" not in _translated(pattern) for pattern in simple.patterns
    )


def _fits(simple: Simple, choice: str) -> bool:
    """True if an enumerated value is plain text and fits the other facets: only such a value is valid."""
    if not re.fullmatch(r"[!-;=-~ æøåÆØÅ]*", choice):
        raise NotCertain(f"{simple.name}: a character of an enumerated value")
    short = simple.max_length is None or len(choice) <= simple.max_length
    return short and len(choice) >= (simple.min_length or 0) and matches(simple.patterns, choice)


def _translated(pattern: str) -> str:
    r"""Return a pattern of XSD as Python's `re` writes it. Raises NotCertain for all but the plainest constructs.

    These are characters, escaped punctuation, groups, alternatives, quantifiers, and classes of characters and ranges: no
    escapes of sets (`\d`, `\i`, `\p`), no negated or subtracted class, no `.`, and nothing that matches `<` or a control character.
    """
    written = []
    parts = list(_quantified(pattern))
    _check_counts(parts)
    for piece, quantifier in parts:
        if piece in ("|", ")"):
            written.append(piece)
        elif piece == "(":
            written.append("(?>")
        elif piece.startswith("["):
            written.append(_class(piece, repeated=quantifier in ("*", "+")))
        else:
            written.append(_literal(_character(piece)))
        if quantifier:
            written.append(f"{quantifier}+")
    return f"(?:{''.join(written)})"


def _quantified(pattern: str) -> Iterator[tuple[str, str]]:
    """Split a pattern as `atoms` does, and yield with each piece the quantifier that follows it, empty for none."""
    pieces = list(atoms(pattern))
    position = 0
    while position < len(pieces):
        piece = pieces[position]
        position += 1
        found = None if piece in ("|", "(") else _QUANTIFIER.match("".join(pieces[position : position + 12]))
        quantifier = found[0] if found else ""
        position += len(quantifier)
        yield piece, quantifier


def _check_counts(parts: list[tuple[str, str]]) -> None:
    """Raise NotCertain where libxml2 is known to refuse texts that a pattern with a count allows.

    That is a counted group that may be empty, or in which something else is counted; and beside an alternative a count of
    what a branch may begin with.
    """
    alternatives = ("|", "") in parts
    # Of each open group whether anything has to stand before it, and whether a branch of it may be empty.
    groups: list[tuple[bool, bool]] = []
    before = empty = behind = False
    for position, (piece, quantifier) in enumerate(parts):
        counted = quantifier.startswith("{")
        if counted and piece == ")" and not _is_of_single_characters(parts[:position]):
            raise NotCertain("a counted group that is not of single characters")
        if counted and alternatives and not behind:
            raise NotCertain("a counted beginning beside an alternative")
        left_out = quantifier.startswith(("?", "*", "{0"))
        if piece == "(":
            groups.append((before, empty))
            before, empty = behind, False
        elif piece == "|":
            empty, behind = empty or not behind, before
        elif piece == ")" and groups:
            behind = before or not (empty or not behind or left_out)
            before, empty = groups.pop()
        else:
            behind = behind or not left_out


def _is_of_single_characters(parts: list[tuple[str, str]]) -> bool:
    """True if the group that is open at the end of these parts has only characters and classes, each of them once."""
    inside = list(takewhile(lambda part: part[0] != "(", reversed(parts)))
    return bool(inside) and not any(quantifier or piece in (")", "|") for piece, quantifier in inside)


def _character(piece: str) -> str:
    """Return the character that an atom outside of a class stands for."""
    if len(piece) == 2 and piece[0] == "\\" and piece[1] in _PUNCTUATION:
        return piece[1]
    if len(piece) != 1 or piece in r".\?*+{}()[]|^$<" or not " " <= piece <= "\ud7ff":
        raise NotCertain(f"{piece} in a pattern")
    return piece


def _literal(character: str) -> str:
    """Return the pattern of one character, as it is written in a document."""
    written = escape(character)
    return re.escape(character) if written == character else f"(?:{re.escape(written)})"


def _class(piece: str, *, repeated: bool) -> str:
    """Return the pattern of a character of a class; `repeated`: any number of them may follow each other."""
    if not _CLASS.fullmatch(piece):
        raise NotCertain(f"{piece} in a pattern")
    plain, references = [], []
    for low, high in _RANGE.findall(piece[1:-1]):
        first, last = low[-1], (high or low)[-1]
        if not " " <= first <= last <= "\ud7ff" or first <= "<" <= last:
            raise NotCertain(f"{piece} in a pattern")
        for escaped in ("&", ">"):
            if first <= escaped <= last:
                references.append(_literal(escaped))
                plain.append((first, chr(ord(escaped) - 1)))
                first = chr(ord(escaped) + 1)
        plain.append((first, last))
    members = "".join(_members(first, last) for first, last in plain)
    if not references:
        return f"[{members}]"
    # Most characters are none of those that are escaped, so as many as there are are taken at once.
    branches = [f"[{members}]{'++' if repeated else ''}"] if members else []
    return f"(?:{'|'.join([*branches, *dict.fromkeys(references)])})"


def _members(first: str, last: str) -> str:
    """Return a range of a class; nothing if it ends before it begins."""
    if first >= last:
        return re.escape(first) if first == last else ""
    return f"{re.escape(first)}-{re.escape(last)}"


def _range(simple: Simple) -> str:
    """Return the pattern of the integers in a range."""
    low, high = simple.minimum, simple.maximum
    if low is None or high is None or low < 0:
        raise NotCertain(f"{simple.name}: a range with one end, or below zero")
    return f"(?:{'|'.join(_numbers(low, high))})"


def _numbers(low: int, high: int) -> list[str]:
    """Return patterns that together match the integers from `low` to `high`, without leading zeros."""
    found = []
    for length in range(len(str(low)), len(str(high)) + 1):
        least = 10 ** (length - 1) if length > 1 else 0
        found += _digits(str(max(low, least)), str(min(high, 10**length - 1)))
    return found


def _digits(first: str, last: str) -> list[str]:
    """Return patterns of the strings of digits from `first` to `last`, both of one length."""
    if set(first) <= {"0"} and set(last) <= {"9"}:
        return [f"[0-9]{{{len(first)}}}"] if first else [""]
    if first[0] == last[0]:
        return [f"{first[0]}{rest}" for rest in _digits(first[1:], last[1:])]
    length = len(first) - 1
    found = [f"{first[0]}{rest}" for rest in _digits(first[1:], "9" * length)]
    if int(first[0]) + 1 < int(last[0]):
        found.append(f"[{int(first[0]) + 1}-{int(last[0]) - 1}][0-9]{{{length}}}")
    return found + [f"{last[0]}{rest}" for rest in _digits("0" * length, last[1:])]
