"""Writes the exclusive canonical form of a document of any size as a stream, and takes its signature out on the way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from xml.parsers import expat

from exchange.errors import Refused
from exchange.files.recognition import not_well_formed
from exchange.files.sources import MAX_BYTES, too_large
from exchange.findings import kinds
from exchange.findings.finding import Finding, Position
from exchange.model.spec import DSIG
from exchange.xml import canonical_bytes, parsing, stream
from exchange.xml.stream import name_of

_DEPTH = 300
_FLUSH = 1_000
_SIGNATURE = f"{DSIG}}}Signature"
_MOST_SIGNATURE = 1_000_000
_MOST_WAITING = 1 << 18
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


@dataclass
class Canonicalized:
    """What was seen of a document: where its ds:Signatures begin, the root's own in canonical form, where the root's end tag begins.

    `signature` is None if none is a child of the root; `last` is true if no element follows it; `of_messages` counts those
    of children of the root that have another namespace than the root, as messages in a delivery do.
    """

    signatures: list[Position] = field(default_factory=list)
    signature: bytes | None = field(default=None, repr=False)
    last: bool = True
    end: int = 0
    of_messages: int = 0


def canonicalize(chunks: Iterable[bytes], write: Callable[[bytes], object], *, whole: bool = False) -> Canonicalized:
    """Write the exclusive canonical form, without comments, of the document that the chunks make up (W3C xml-exc-c14n).

    A ds:Signature that is a child of the root is left out, as the transform enveloped-signature does, unless `whole`. The
    memory is that of a tag. Raises Refused for a DOCTYPE, an encoding that is not accepted, and what is not well-formed.
    """
    return _Canonicalizer(write, whole).through(chunks)


class _Canonicalizer:
    def __init__(self, write: Callable[[bytes], object], whole: bool) -> None:
        self._sink = write
        self._whole = whole
        self._seen = Canonicalized()
        self._parts: list[str] = []
        self._aside: list[str] = []
        self._size = 0
        # What the elements around have declared in the output: a prefix and its namespace.
        self._declared: list[dict[str, str]] = [{}]
        self._namespaces = 0
        self._apart = False
        self._around: dict[str, str] = {}
        # The namespaces of the root, and of its child that is open.
        self._outermost: list[str] = []
        self._children = canonical_bytes.CanonicalChildren()
        # True if children of the root may be copied where they are in canonical form.
        self._copies = False
        # Bytes from the beginning of a child on that the parser was not given yet.
        self._waiting = b""
        self._fed = 0
        self._mark = False
        parser = stream.parser()
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._doctype
        self._parser = parser
        self._listen(True)

    def _listen(self, on: bool) -> None:
        """Have the parser report what it reads, or only check that it is well-formed."""
        parser = self._parser
        parser.StartElementHandler = self._start if on else None
        parser.EndElementHandler = self._end if on else None
        parser.CharacterDataHandler = self._text if on else None
        parser.ProcessingInstructionHandler = self._instruction if on else None
        parser.StartNamespaceDeclHandler = self._enter_namespace if on else None
        parser.EndNamespaceDeclHandler = self._leave_namespace if on else None

    def through(self, chunks: Iterable[bytes]) -> Canonicalized:
        begun = False
        try:
            for chunk in chunks:
                if not begun:
                    self._mark = bool(parsing.codec_of(chunk)[1])
                    begun = bool(chunk)
                self._read(chunk)
            self._parse(self._waiting)
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            fault = stream.fault(error, self._position(error.lineno, error.offset))
        else:
            self._flush()
            return self._seen
        raise Refused(fault)

    def _read(self, chunk: bytes) -> None:
        """Parse a chunk; whole children of the root that are in canonical form are only checked, and copied."""
        data, self._waiting = self._waiting + chunk, b""
        start = canonical_bytes.first_child(data) if self._copies else -1
        if start < 0:
            self._parse(data)
            return
        self._parse(data[:start])
        end = canonical_bytes.last_child(data)
        if not self._is_between_children():
            self._parse(data[start:])
            return
        self._parse_children(data[start:end])
        self._waiting = data[end:]
        if len(self._waiting) > _MOST_WAITING:
            self._parse(self._waiting)
            self._waiting = b""

    @property
    def _here(self) -> Position:
        """Where the parser stands."""
        return self._position(self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber)

    def _position(self, line: int, column: int) -> Position:
        # expat counts a byte order mark as a character, and columns from 0.
        return Position(line, column + 1 - (self._mark and line == 1))

    def _is_between_children(self) -> bool:
        """True if the parser has reported all that it was given, and stands in the root."""
        return self._copies and len(self._declared) == 2 and self._parser.CurrentByteIndex == self._fed

    def _parse_children(self, data: bytes) -> None:
        if not self._children.are_in(data, self._declared[-1].get("", "")):
            self._parse(data)
            return
        self._listen(False)
        self._parse(data)
        self._sink(data)
        self._listen(True)

    def _parse(self, data: bytes) -> None:
        self._parser.Parse(data, False)
        self._fed += len(data)
        if self._fed - max(self._parser.CurrentByteIndex, 0) > MAX_BYTES:
            raise Refused(too_large())
        if stream.keeps_too_many_names(self._parser):
            raise Refused(_too_many_elements())
        self._flush()

    def _flush(self) -> None:
        if self._parts:
            self._sink("".join(self._parts).encode())
            self._parts.clear()

    def _write(self, text: str) -> None:
        if self._apart:
            self._size += len(text)
            if self._size > _MOST_SIGNATURE:
                raise Refused(too_large())
            self._aside.append(text)
        else:
            self._parts.append(text)
            if len(self._parts) > _FLUSH:
                self._flush()

    def _start(self, name: str, attributes: list[str]) -> None:
        depth = len(self._declared) - 1
        if depth < 2:
            self._outermost[depth:] = [name_of(name).uri]
            if depth == 1 and self._seen.signature is not None:
                self._seen.last = False
        if depth > _DEPTH:
            raise Refused(_too_many_elements())
        if name.startswith(_SIGNATURE):
            self._signature(name, depth)
        around = self._declared[-1]
        own = name_of(name)
        if not attributes and around.get(own.prefix, "") == own.uri:
            self._declared.append(around)
            self._write(f"<{own.written}>")
            return
        if depth == 0 and own.prefix:
            self._copies = False
        if len(attributes) > 2 * parsing.MAX_ATTRIBUTES:
            raise Refused(_too_many_attributes())
        given = sorted(
            ((name_of(key), value) for key, value in zip(attributes[::2], attributes[1::2], strict=True)),
            key=lambda pair: (pair[0].uri, pair[0].local),
        )
        used = {own.prefix: own.uri} | {key.prefix: key.uri for key, _ in given if key.prefix}
        used.pop("xml", None)
        fresh = {prefix: uri for prefix, uri in sorted(used.items()) if around.get(prefix, "") != uri}
        self._declared.append(around | fresh)
        declarations = [
            f' xmlns:{prefix}="{_value(uri)}"' if prefix else f' xmlns="{_value(uri)}"' for prefix, uri in fresh.items()
        ]
        values = [f' {key.written}="{_value(value)}"' for key, value in given]
        self._write(f"<{own.written}{''.join(declarations)}{''.join(values)}>")

    def _signature(self, name: str, depth: int) -> None:
        """Note a ds:Signature; begin to write the root's own aside, as a document of its own."""
        if name_of(name)[2:] != (DSIG, "Signature"):
            return
        seen = self._seen
        seen.signatures.append(self._here)
        if depth == 2 and self._outermost[1] not in (self._outermost[0], DSIG):
            seen.of_messages += 1
        if depth == 1 and seen.signature is None and not self._whole:
            seen.signature = b""
            self._apart = True
            self._declared[-1], self._around = {}, self._declared[-1]

    def _end(self, name: str) -> None:
        self._write(f"</{name_of(name).written}>")
        self._declared.pop()
        depth = len(self._declared) - 1
        if self._apart and depth == 1:
            self._apart = False
            self._declared[-1] = self._around
            self._seen.signature = "".join(self._aside).encode()
        elif depth == 0:
            self._seen.end = self._parser.CurrentByteIndex

    def _text(self, text: str) -> None:
        if "&" in text:
            text = text.replace("&", "&amp;")
        if "<" in text or ">" in text:
            text = text.replace("<", "&lt;").replace(">", "&gt;")
        self._write(text.replace("\r", "&#xD;") if "\r" in text else text)

    def _instruction(self, target: str, data: str) -> None:
        if ":" in target:  # Namespaces in XML 1.0, section 7
            raise Refused(not_well_formed("namespace", self._here))
        text = f"<?{target} {data}?>" if data else f"<?{target}?>"
        if len(self._declared) > 1:
            self._write(text)
        else:
            self._write(f"\n{text}" if self._seen.end else f"{text}\n")

    def _enter_namespace(self, prefix: str | None, uri: str | None) -> None:
        if uri and not _ABSOLUTE.match(uri):
            # A relative one has no canonical form: https://www.w3.org/TR/xml-c14n11/#Limitations.
            raise Refused(not_well_formed("C14N", self._here))
        if uri and prefix != "xml" and not parsing.is_namespace(uri):
            raise Refused(not_well_formed("namespace", self._here))
        # What is declared around is looked at again for every tag within.
        self._namespaces += 1
        if self._namespaces > parsing.MAX_ATTRIBUTES:
            raise Refused(_too_many_attributes())

    def _leave_namespace(self, *_: object) -> None:
        self._namespaces -= 1

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self._copies = (encoding or "").lower() == "utf-8"

    def _doctype(self, *_: object) -> None:
        raise Refused(kinds.DOCTYPE_REFUSED.found(at=Position(self._here.line)))


def _too_many_elements() -> Finding:
    return kinds.ELEMENTS_TOO_MANY.found(words={"limit": parsing.MAX_ELEMENTS})


def _too_many_attributes() -> Finding:
    return kinds.ATTRIBUTES_TOO_MANY.found(words={"limit": parsing.MAX_ATTRIBUTES})


def _value(text: str) -> str:
    """Write an attribute's value."""
    for character, written in _ESCAPES:
        if character in text:
            text = text.replace(character, written)
    return text


_ESCAPES = (("&", "&amp;"), ("<", "&lt;"), ('"', "&quot;"), ("\t", "&#x9;"), ("\n", "&#xA;"), ("\r", "&#xD;"))
