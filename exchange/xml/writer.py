"""Compiles a MessageSpec into a writer: dict in, canonical bytes out, with a finding for all that is no such dict."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from exchange.findings import kinds
from exchange.findings.finding import LISTED_PER_CODE, Finding, Kind
from exchange.findings.suggestions import NOTHING, did_you_mean, nearest
from exchange.findings.value_texts import DIAGNOSES
from exchange.model.generated import Source
from exchange.model.representation import without
from exchange.model.spec import Field, MessageSpec, Record, Simple
from exchange.model.values import VALUE_KINDS, fits_xml, shown_name

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

REFERENCES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#xD;"))
"""What Canonical XML 1.0 (section 2.3) escapes in text nodes. `&` comes first: the references have it too."""

LESS_THAN, GREATER_THAN = "\x01", "\x02"
"""Stand for these characters of values where tags stand beside the values. No document can hold them."""

_REFERENCES = tuple(
    ({"<": LESS_THAN, ">": GREATER_THAN}.get(character, character).encode(), reference.encode())
    for character, reference in REFERENCES
)

# Where a value stands, kept cheap until a path is wanted: nested pairs from the root inwards, (trail of the parent,
# name or (name, number)).
Step = str | tuple[str, int]
Trail = tuple["Trail | None", Step]


@dataclasses.dataclass
class Faults:
    """What was wrong with a dict: so many findings of a code as a report lists, and how many there were.

    Where a value could not be written its element is empty; `emptied` are the paths of these.
    """

    findings: list[Finding] = dataclasses.field(default_factory=list)
    counts: dict[str, int] = dataclasses.field(default_factory=dict)
    emptied: set[str] = dataclasses.field(default_factory=set)

    def __bool__(self) -> bool:
        """True if there were any."""
        return bool(self.counts)

    def has_room(self, kind: Kind) -> bool:
        """True while another fault of this kind would be listed."""
        return self.counts.get(kind.code, 0) < LISTED_PER_CODE

    def add(self, kind: Kind, path: str, words: Mapping[str, object], *, emptied: bool) -> None:
        """Count a fault, and put it into words while there is room for its code."""
        if self.has_room(kind):
            self.findings.append(kind.found(path, words))
        self.counts[kind.code] = self.counts.get(kind.code, 0) + 1
        if emptied:
            self.emptied.add(path)


class Encoded(NamedTuple):
    """A document's bytes, and what was wrong with the dict.

    `text` is the text of the bytes; None where it was not made.
    """

    data: bytes
    faults: Faults
    text: str | None = None

    def __repr__(self) -> str:
        return without(self, "data", "text")


_NO_FAULTS = Faults()
"""Of every dict that was written by straight code; nothing is ever added to it."""

Writer = Callable[[object, Faults, Trail | None, Step], str]
Encoder = Callable[[object], Encoded]


def compile_encoder(spec: MessageSpec) -> Encoder:
    """Give a function from the dict below the root's name to bytes.

    The bytes are the XML declaration, a newline and the exclusive C14N of the root (W3C xml-exc-c14n),
    so signing changes nothing. Facets and occurrence are left to the schema's verdict on these bytes, and
    control characters that XML cannot hold to the parser, which looks at every byte anyway.

    Straight code writes what is a dict of the spec's shape. It stops at the first thing that is not, and
    then the tolerant encoder says what that is.
    """
    write = _straight_writer(spec)
    tolerant = compile_tolerant_encoder(spec)

    def encode(content: object) -> Encoded:
        try:
            text = _joined(write(content))
            data = text.encode()
            if "&" in text or "\r" in text or LESS_THAN in text or GREATER_THAN in text:
                data = _with_references(data)
                text = data.decode()
            return Encoded(data, _NO_FAULTS, text)
        except Exception:  # noqa: BLE001  # also what a value's own code raises, a time zone's for one
            return tolerant(content)

    return encode


def _joined(parts: list[str]) -> str:
    """Join tags and values, which take turns, with LESS_THAN and GREATER_THAN for `<` and `>` in every value.

    Raises TypeError for a value that is no str, ValueError for one that holds what stands for these characters.
    """
    text = "".join(parts)
    if LESS_THAN in text or GREATER_THAN in text:
        raise ValueError
    # All values at once: to look into each takes several times as long.
    values = "\0".join(parts[1::2])
    if "<" in values or ">" in values:
        # With a NUL in a value there would be more of them than places, which Python refuses.
        parts[1::2] = values.replace("<", LESS_THAN).replace(">", GREATER_THAN).split("\0")
        text = "".join(parts)
    return text


def _with_references(data: bytes) -> bytes:
    """Return the bytes of a text from `_joined`, escaped as `escape` does."""
    for character, reference in _REFERENCES:
        data = data.replace(character, reference)
    return data


def compile_tolerant_encoder(spec: MessageSpec, *, careful: bool = False) -> Encoder:
    """Give an encoder that goes through the whole dict, whatever is in it, and has a finding for each fault.

    A `careful` one also looks for characters that XML cannot hold, to say where they stand.
    """
    start, end = _start(spec), f"</{spec.name}>"
    write = _record(spec.content, careful)

    def encode(content: object) -> Encoded:
        faults = Faults()
        text = f"{start}{write(content, faults, None, spec.name)}{end}"
        return Encoded(_to_bytes(text), faults)

    return encode


def _start(spec: MessageSpec) -> str:
    return f'{DECLARATION}<{spec.name} xmlns="{spec.namespace}">'


def _to_bytes(text: str) -> bytes:
    # A lone surrogate becomes a character that XML cannot hold either.
    return text.encode(errors="xmlcharrefreplace")


def path_of(trail: Trail) -> str:
    """Spell a trail out as a path."""
    parent, step = trail
    here = step if isinstance(step, str) else f"{step[0]}[{step[1]}]"
    return f"{path_of(parent) if parent else ''}/{here}"


def escape(text: str) -> str:
    """Escape a text as it stands in the document. Raises TypeError for what is no str."""
    if type(text) is not str:
        raise TypeError
    for character, reference in REFERENCES:
        text = text.replace(character, reference)
    return text


def _straight_writer(spec: MessageSpec) -> Callable[[object], list[str]]:
    """Write a function from dict to its tags and values as they are: tags, a value, tags, a value.

    It raises KeyError or TypeError for what is no dict of this shape. That a value is a str is not looked at.
    """
    source = Source("write(v0)")
    to_text = {simple.kind: source.constant(VALUE_KINDS[simple.kind].to_text) for simple in spec.types()}
    tags = [_start(spec)]
    parts: list[str] = []

    def flush(depth: int) -> None:
        """Write out what has gathered, before the code branches."""
        if tags:
            add_value("''")
        flush_values(depth)

    def flush_values(depth: int) -> None:
        """Write out the values that have gathered, before a variable is set anew; the tags behind them stand with the next."""
        if parts:
            source.line(depth, f"parts += ({', '.join(parts)})")
            parts.clear()

    def add_value(value: str) -> None:
        parts.extend((repr("".join(tags)), value))
        tags.clear()

    def element(field: Field, value: str, depth: int, level: int) -> None:
        tags.append(f"<{field.name}>")
        if isinstance(field.type, Simple):
            add_value(value if field.type.kind == "string" else f"{to_text[field.type.kind]}({value})")
        elif field.type.item:
            flush(depth)
            source.line(depth, f"v{level} = {value}")
            source.line(depth, f"if type(v{level}) is not list: raise TypeError")
            source.line(depth, f"for v{level + 1} in v{level}:")
            element(field.type.item, f"v{level + 1}", depth + 1, level + 2)
            flush(depth + 1)
        else:
            flush_values(depth)
            source.line(depth, f"v{level} = {value}")
            record(field.type, depth, level)
        tags.append(f"</{field.name}>")

    def record(item: Record, depth: int, level: int) -> None:
        source.line(depth, f"if type(v{level}) is not dict: raise TypeError")
        source.line(depth, f"n{level} = {sum(field.required for field in item.fields)}")
        for field in item.fields:
            value = f"v{level}[{field.name!r}]"
            if field.required:
                element(field, value, depth, level + 1)
            else:
                flush(depth)
                source.line(depth, f"if {field.name!r} in v{level}:")
                source.line(depth + 1, f"n{level} += 1")
                element(field, value, depth + 1, level + 1)
                flush(depth + 1)
        source.line(depth, f"if len(v{level}) != n{level}: raise KeyError")

    source.line(0, "parts = []")
    record(spec.content, 0, 0)
    tags.append(f"</{spec.name}>")
    flush(0)
    source.line(0, "return parts")
    write: Callable[[object], list[str]] = source.function()
    return write


def _writer(item: Simple | Record, careful: bool) -> Writer:
    if isinstance(item, Simple):
        return _leaf(item, careful)
    return _list(item.item, careful) if item.item else _record(item, careful)


def _leaf(simple: Simple, careful: bool) -> Writer:
    kind = VALUE_KINDS[simple.kind]
    to_text = kind.to_text

    def write(value: object, faults: Faults, trail: Trail | None, step: Step) -> str:
        try:
            text = to_text(value)
        except Exception:  # noqa: BLE001  # as above; its text may quote the value
            _type_wrong(faults, (trail, step), value, kind.python, is_number=simple.confidential == "number")
            return ""
        if careful and not fits_xml(text):
            faults.add(kinds.CHARACTER_REFUSED, path_of((trail, step)), {}, emptied=True)
            return ""
        return escape(text)

    return write


def _record(record: Record, careful: bool) -> Writer:
    plan = tuple(
        (field.name, f"<{field.name}>", f"</{field.name}>", _writer(field.type, careful)) for field in record.fields
    )

    def write(value: object, faults: Faults, trail: Trail | None, step: Step) -> str:
        here = (trail, step)
        if type(value) is not dict and not isinstance(value, Mapping):
            _type_wrong(faults, here, value, "dict")
            return ""
        text = ""
        written = 0
        for name, start, end, child in plan:
            if name in value:
                text += f"{start}{child(value[name], faults, here, name)}{end}"
                written += 1
        if written != len(value):
            _unknown_keys(faults, value, record, here)
        return text

    return write


def _list(item: Field, careful: bool) -> Writer:
    name = item.name
    start, end = f"<{name}>", f"</{name}>"
    child = _writer(item.type, careful)

    def write(value: object, faults: Faults, trail: Trail | None, step: Step) -> str:
        here = (trail, step)
        if not isinstance(value, list | tuple):
            _type_wrong(faults, here, value, "list")
            return ""
        return "".join(
            [f"{start}{child(entry, faults, here, (name, position))}{end}" for position, entry in enumerate(value, 1)]
        )

    return write


def _unknown_keys(faults: Faults, value: Mapping[Any, object], record: Record, trail: Trail) -> None:
    names = [field.name for field in record.fields]
    words = dict.fromkeys(("expected", "ventet"), " | ".join(names))
    path = path_of(trail)
    for key in value:
        if key not in names:
            shown = shown_name(key) if isinstance(key, str) else f"({type(key).__name__})"
            meant = NOTHING
            if isinstance(key, str) and faults.has_room(kinds.ELEMENT_UNEXPECTED):
                meant = did_you_mean(nearest(key, names))
            said = {**words, "meant_en": meant.en, "meant_da": meant.da}
            faults.add(kinds.ELEMENT_UNEXPECTED, f"{path}/{shown}", said, emptied=False)


def _type_wrong(faults: Faults, trail: Trail, value: object, expected: str, *, is_number: bool = False) -> None:
    """Add the fault; `is_number` where a personnummer is expected."""
    meant = NOTHING
    if expected == "str" and type(value) in (int, float):
        meant = DIAGNOSES["number-unquoted" if is_number else "unquoted"]
    words = {"got": type(value).__name__, "expected": expected, "meant_en": meant.en, "meant_da": meant.da}
    faults.add(kinds.TYPE_WRONG, path_of(trail), words, emptied=True)
