"""Reads a delivery of any layout and encoding as a stream and cuts its messages out, one after another."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from xml.parsers import expat

from exchange.deliveries.elements import check_signature, element_end, tag_end
from exchange.deliveries.start_tags import with_declarations, with_namespaces
from exchange.errors import Refused
from exchange.files.encodings import declaring_utf8
from exchange.files.sources import CHUNK, MAX_BYTES, too_large
from exchange.findings import kinds
from exchange.findings.finding import Finding, Ledger, Position
from exchange.model.representation import without
from exchange.model.spec import DSIG
from exchange.model.values import shown_name
from exchange.xml import parsing, stream
from exchange.xml.stream import Name, name_of

_HEAD_BYTES = 1_000_000
_DEPTH = 300
# Every message that uses a namespace of the root is given its declaration; so many bytes these may be.
_NAMESPACE_BYTES = 2_000


class CutMessage(NamedTuple):
    """A message as it stands in a delivery: bytes `start` to `end` of the file, the line and column where it begins there.

    `data` is its XML in UTF-8; None if it is larger than a message may be. Into its start tag so many characters were `inserted`
    that declare the namespaces which it takes from above.
    """

    start: int
    end: int
    line: int
    data: bytes | None
    column: int = 1
    inserted: int = 0

    def __repr__(self) -> str:
        return without(self, "data")


class Origin(NamedTuple):
    """Where in a file a scan begins that is to go on between two messages: the root's start tag; byte, line and column."""

    root: bytes = b""
    start: int = 0
    line: int = 1
    column: int = 1

    def __repr__(self) -> str:
        return without(self, "root")


class Scanner:
    """Cuts a delivery's messages out of a stream of its bytes, with the memory of a message.

    expat follows the markup, because it tells at which byte each tag stands; what a message holds is judged
    later, message by message. `head` is what stands before the first message, as a document of its own; `broken`
    says why the scan ended before the delivery did, `signed` whether a signature of its own was seen. What is at fault
    between messages is entered in `ledger`.
    """

    def __init__(self, chunks: Iterable[bytes], ledger: Ledger, origin: Origin | None = None) -> None:
        self.head: bytes | None = None
        self.broken: Finding | None = None
        self._chunks = chunks
        self._ledger = ledger
        self._origin = origin or Origin()
        self._codec = "utf-8"
        self._fed = 0
        self._buffer = bytearray()
        self._base = 0
        self._depth = 0
        self._open: tuple[int, int, Position] | None = None
        self._too_large = False
        self._ready: list[CutMessage] = []
        self._namespaces: dict[str, str] = {}
        self._declared: dict[str, str] = {}
        self._root, self._root_at = Name("", "", "", ""), 0
        # Where the head's last element begins and its end was reported.
        self._head_child = (0, 0)
        self.signed = False
        self._refused: Finding | None = None
        self._inherited: dict[str, str] = {}
        # Bytes up to `_at` are accounted for: so far in the file, in this line and column.
        self._at = 0
        self._position = self._origin.start - len(self._origin.root)
        self._line = self._origin.line
        self._column = self._origin.column - len(self._origin.root)
        parser = stream.parser("utf-8")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartNamespaceDeclHandler = self._declare
        parser.StartDoctypeDeclHandler = self._doctype
        self._parser = parser
        if self._origin.root:
            self.head = b""

    def messages(self) -> Iterator[CutMessage]:
        """Yield the messages in their order. Raises what reading the chunks raises; all else ends up in `broken`."""
        waiting = bytearray()
        backlog = 0
        for chunk in self._utf8():
            waiting += chunk
            if backlog + len(waiting) > MAX_BYTES:
                self.broken = too_large()
                return
            # expat looks at an unfinished tag again from its start each time; so it gets twice as much each time.
            if len(waiting) >= backlog:
                backlog = self._feed(bytes(waiting))
                waiting.clear()
                yield from self._taken()
                if self.broken is not None:
                    return
        self._feed(bytes(waiting))
        self.broken = self.broken or self._refused
        if self.broken is None:
            self._feed(b"", final=True)
        yield from self._taken()

    def _taken(self) -> Iterator[CutMessage]:
        ready, self._ready = self._ready, []
        return iter(ready)

    def _utf8(self) -> Iterator[bytes]:
        """Yield the chunks in UTF-8, without byte order mark; a declaration of another encoding says UTF-8, in as many characters."""
        if self._origin.root:
            yield self._origin.root
            yield from self._chunks
            return
        chunks = iter(self._chunks)
        first = b""
        for chunk in chunks:
            first += chunk
            if len(first) >= CHUNK:
                break
        try:
            self._codec, mark = parsing.codec_of(first)
        except Refused as refused:
            self._refused = refused.finding
            return
        self._position = mark
        if self._codec == "utf-8":
            yield first[mark:]
            yield from chunks
            return
        decoder = codecs.getincrementaldecoder(self._codec)()
        try:
            yield declaring_utf8(decoder.decode(first[mark:])).encode()
            for chunk in chunks:
                yield decoder.decode(chunk).encode()
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            # What stands before the character that is none is read all the same.
            self._refused = kinds.ENCODING_REFUSED.found()
            yield error.object[: error.start].decode(self._codec).encode()

    def _feed(self, data: bytes, *, final: bool = False) -> int:
        """Feed the parser; return the length of the unfinished tag."""
        whole, nul, _ = data.partition(b"\0")
        self._buffer += whole
        self._fed += len(whole)
        try:
            self._parser.Parse(whole, final)
            if nul:
                self._finish_broken_head()
                raise Refused(kinds.CHARACTER_REFUSED.found())
        except Refused as refused:
            self.broken = refused.finding
        except expat.ExpatError as error:
            self._finish_broken_head()
            self.broken = stream.fault(error, self._count(max(self._parser.ErrorByteIndex, self._at))[1])
        at = max(self._parser.CurrentByteIndex, 0)
        # What stands before the root may be as much as in a message.
        limit = MAX_BYTES if not self._depth else self._root_at + _HEAD_BYTES
        if self._fed - at > MAX_BYTES or (self.head is None and self._fed > limit):
            self.broken = self.broken or too_large()
        if self._open is not None and self._fed - self._open[0] > MAX_BYTES:
            self._too_large = True
        if stream.keeps_too_many_names(self._parser):
            self.broken = self.broken or kinds.ELEMENTS_TOO_MANY.found(words={"limit": parsing.MAX_ELEMENTS})
        if self.head is not None:
            keep = at if self._open is None or self._too_large else self._open[0]
            self._count(min(keep, self._fed))
            del self._buffer[: keep - self._base]
            self._base = max(keep, self._base)
        return self._fed - at

    def _count(self, at: int) -> tuple[int, Position]:
        """Return where byte `at` of what was fed stands in the file: its byte, and its line and column."""
        if at > self._at:
            passed = self._buffer[self._at - self._base : at - self._base]
            line_start = passed.rfind(b"\n") + 1
            if line_start:
                self._line += passed.count(b"\n")
                self._column = 1
            self._column += len(passed[line_start:].decode("utf-8", "replace"))
            self._position += len(passed) if self._codec == "utf-8" else len(passed.decode().encode(self._codec))
            self._at = at
        return self._position, Position(self._line, self._column)

    def _slice(self, start: int, end: int) -> bytes:
        return bytes(self._buffer[start - self._base : end - self._base])

    def _declare(self, prefix: str | None, uri: str | None) -> None:
        """Note a namespace that the root or a child of it declares; expat tells it before the element itself."""
        if self._depth < 2:
            self._declared[f"xmlns:{prefix}" if prefix else "xmlns"] = uri or ""

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 2:
            self._child(name_of(name))
            self._declared = {}
        elif self._depth == 1:
            self._root, self._root_at = name_of(name), self._parser.CurrentByteIndex
            self._namespaces, self._declared = self._declared, {}
            if sum(len(key) + len(uri) for key, uri in self._namespaces.items()) > _NAMESPACE_BYTES:
                raise Refused(kinds.ATTRIBUTES_TOO_MANY.found(words={"limit": parsing.MAX_ATTRIBUTES}))
            if self.head is not None:
                self._count(len(self._origin.root))
                self._parser.CharacterDataHandler = self._text
        elif self._depth > _DEPTH:
            raise Refused(kinds.ELEMENTS_TOO_MANY.found(words={"limit": parsing.MAX_ELEMENTS}))

    def _child(self, name: Name) -> None:
        if self.head is None and name.uri == self._root.uri:
            self._head_child = (self._parser.CurrentByteIndex, 0)
            return
        at = self._parser.CurrentByteIndex
        self._finish_head(at)
        self._parser.CharacterDataHandler = None
        start, position = self._count(at)
        if self.signed:
            words = dict.fromkeys(("expected", "ventet"), f"</{self._root.written}>")
            self._ledger.add(kinds.ELEMENT_UNEXPECTED.found(f"/leverance/{shown_name(name.local)}", words, at=position))
        first = not self.signed
        self.signed = self.signed or name[2:] == (DSIG, "Signature")
        if first:
            self._open = (at, start, position)
            self._inherited = {key: uri for key, uri in self._namespaces.items() if key not in self._declared}

    def _end(self, _name: str) -> None:
        self._depth -= 1
        if self._depth == 1 and self.head is None:
            self._head_child = (self._head_child[0], self._parser.CurrentByteIndex)
        elif self._depth == 1:
            at = self._parser.CurrentByteIndex
            self._parser.CharacterDataHandler = self._text
            if self._open is not None:
                self._close(self._open, at)
        elif self._depth == 0:
            at = self._parser.CurrentByteIndex
            self._parser.CharacterDataHandler = None
            if (
                self.head is None
                and self._buffer.endswith(b"/>", 0, at)
                and element_end(self._buffer, self._root_at, at) == at
            ):
                self.head = self._slice(0, at)  # an empty root
            else:
                self._finish_head(at)

    def _close(self, opened: tuple[int, int, Position], at: int) -> None:
        start, begin, position = opened
        end = self._base + element_end(self._buffer, start - self._base, at - self._base)
        data = None if self._too_large or end - start > MAX_BYTES else self._slice(start, end)
        inserted = 0
        if data is not None:
            alone = with_namespaces(data, self._inherited)
            inserted = (
                len(alone.decode("utf-8", "replace")) - len(data.decode("utf-8", "replace")) if alone != data else 0
            )
            data = alone
        self._open, self._too_large = None, False
        if self.signed:
            check_signature(data, position, inserted)
            return
        self._ready.append(CutMessage(begin, self._count(end)[0], position.line, data, position.column or 1, inserted))

    def _finish_head(self, at: int) -> None:
        if self.head is None:
            self.head = self._slice(0, at) + f"</{self._root.written}>".encode()

    def _finish_broken_head(self) -> None:
        """Let the head end before a start tag that is broken, if that is one of a message."""
        if self.head is not None or self._depth != 1:
            return
        child, at = self._head_child
        end = element_end(self._buffer, child, at) if at else tag_end(self._buffer, self._root_at)
        border = self._buffer.find(b"<", end)
        if border >= 0 and b' xmlns="' in self._buffer[border:]:
            self._finish_head(border)

    def _text(self, text: str) -> None:
        if not text.strip(" \t\r\n"):
            return
        kind = kinds.TEXT_UNEXPECTED
        if self._ledger.has_room(kind.code):
            before = len(text) - len(text.lstrip(" \t"))
            self._ledger.add(kind.found("/leverance", at=self._count(self._parser.CurrentByteIndex + before)[1]))
        else:
            self._ledger.count(kind.code, kind.severity)

    def _doctype(self, *_: object) -> None:
        # expat reports it when it has read its name.
        at = self._buffer.rfind(b"<!DOCTYPE", 0, self._parser.CurrentByteIndex - self._base)
        raise Refused(kinds.DOCTYPE_REFUSED.found(at=self._count(self._base + at)[1]))


def element_of(data: bytes) -> bytes:
    """Return the root element of a well-formed document, from `<` to `>`, in UTF-8: without declaration and what stands around it.

    One that declares no default namespace says so, for in a delivery there is one around it. Exclusive canonical
    form and digest are the same with and without. Raises ExpatError for what expat cannot read.
    """
    data = parsing.to_utf8(data)
    depth, start, end = 0, -1, 0
    shielded = False
    parser = stream.parser("utf-8")

    def declare(prefix: str | None, _uri: str | None) -> None:
        nonlocal shielded
        shielded = shielded or (depth == 0 and prefix is None)

    def begin(*_: object) -> None:
        nonlocal depth, start
        depth += 1
        if start < 0:
            start = parser.CurrentByteIndex

    def finish(*_: object) -> None:
        nonlocal depth, end
        depth -= 1
        if depth == 0:
            end = element_end(data, start, parser.CurrentByteIndex)

    parser.StartNamespaceDeclHandler = declare
    parser.StartElementHandler = begin
    parser.EndElementHandler = finish
    parser.Parse(data, True)
    element = data[start:end]
    return element if shielded else with_declarations(element, b' xmlns=""')
