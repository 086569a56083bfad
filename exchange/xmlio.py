"""The only door to the XML parser: bytes from strangers in, a tree that is safe to look at out."""

from __future__ import annotations

import re
import threading
from itertools import islice
from pathlib import Path
from typing import Any

from lxml import etree

from exchange import kinds
from exchange.errors import ConfigurationError, Refused
from exchange.lazy import COMPILING
from exchange.sources import MAX_BYTES, too_large
from exchange.values import shown_name

MAX_ELEMENTS = 20_000
MAX_ATTRIBUTES = 500
_MAX_MARKUP = 5 * MAX_ELEMENTS
_LARGE = 4 * MAX_ELEMENTS

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_DECLARATION = re.compile(
    r"""<\?xml\s+version\s*=\s*(["'])(?P<version>[^"'<>]{0,40})\1"""
    r"""(?:\s+encoding\s*=\s*(["'])(?P<encoding>[^"'<>]{0,40})\3)?"""
    r"""(?:\s+standalone\s*=\s*(["'])(?:yes|no)\5)?\s*\?>""",
    re.ASCII,
)
_USUAL_START = b'<?xml version="1.0" encoding="UTF-8"?>'
_DECLARATION_STARTS = ("<?xml ", "<?xml\t", "<?xml\r", "<?xml\n")
_CODECS = {"utf-8": "utf-8", "us-ascii": "ascii", "iso-8859-1": "latin-1"}
# UTF-32 with and without a mark, UTF-16 without one.
_WIDE_REFUSED = (b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"\0\0\0<", b"<\0", b"\0<")
_UTF16_MARKS = {b"\xff\xfe": "utf-16le", b"\xfe\xff": "utf-16be"}
_UTF8_MARK = b"\xef\xbb\xbf"

_ATTRIBUTE = re.compile(rb"""=\s*["']""")
_BLANK = re.compile(rb"\s*")
_count_elements = etree.XPath("count(//*)")
_count_attributes = etree.XPath("count(//@*)")


def to_utf8(data: bytes) -> bytes:
    """Give a document's bytes as UTF-8 without byte order mark; its lines keep their numbers.

    Raises Refused for an encoding, an XML version or a character that is not accepted (SECURITY: libxml2
    itself would read UTF-7 and Shift_JIS). A declaration of another encoding is cut away.
    """
    if data.startswith(_USUAL_START) and b"\0" not in data:
        return data
    codec, mark = codec_of(data)
    if b"\0" in data and not codec.startswith("utf-16"):
        raise Refused(kinds.CHARACTER_REFUSED.found())
    return data[mark:] if codec == "utf-8" else _transcode(data[mark:], codec)


def codec_of(head: bytes) -> tuple[str, int]:
    """Give Python's name for a document's encoding, and how many bytes its byte order mark takes, from its first bytes.

    Raises Refused for an encoding or an XML version that is not accepted.
    """
    if head.startswith(_WIDE_REFUSED):
        raise Refused(kinds.ENCODING_REFUSED.found())
    for mark, wide in _UTF16_MARKS.items():
        if head.startswith(mark):
            text = head[2:2002].decode(wide, "ignore")
            if text.startswith("\ufeff") or _declared_encoding(text) not in (None, "utf-16", wide):
                raise Refused(kinds.ENCODING_REFUSED.found(line=1))
            return wide, 2
    marked = head.startswith(_UTF8_MARK)
    if marked:
        head = head[3:1003]
        if head.startswith(_UTF8_MARK):
            # libxml2 would skip it too, and what is behind it.
            raise Refused(kinds.ENCODING_REFUSED.found(line=1))
    declared = _declared_encoding(head[:1000].decode("latin-1"))
    codec = _CODECS.get(declared or "utf-8")
    if codec is None or (marked and codec != "utf-8"):
        raise Refused(kinds.ENCODING_REFUSED.found(line=1))
    return codec, 3 if marked else 0


def _declared_encoding(text: str) -> str | None:
    """Give the encoding that an XML declaration names, in lower case; None without a declaration or a name."""
    if not text.startswith(_DECLARATION_STARTS):
        return None
    declaration = _DECLARATION.match(text)
    if declaration is None:
        raise Refused(kinds.NOT_WELL_FORMED.found(words={"reason": "XML declaration"}, line=1))
    if declaration["version"] != "1.0":
        raise Refused(kinds.XML_VERSION_REFUSED.found(line=1))
    encoding = declaration["encoding"]
    return None if encoding is None else encoding.lower()


def _transcode(data: bytes, codec: str) -> bytes:
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        raise Refused(kinds.ENCODING_REFUSED.found()) from None
    if "\0" in text:
        raise Refused(kinds.CHARACTER_REFUSED.found())
    if text.startswith(_DECLARATION_STARTS):
        # Another declaration in its place, so that a second one stays a fault; with as many line breaks.
        end = text.index("?>") + 2
        lines = "\n" * text.count("\n", 0, end)
        text = f'<?xml version="1.0" encoding="UTF-8"{lines}?>{text[end:]}'
    return text.encode("utf-8")


def _refuse_doctype(data: bytes) -> None:
    """Refuse a DOCTYPE before the parser sees it. It can stand only before the root element."""
    at = 0
    while True:
        at = _BLANK.match(data, at).end()  # type: ignore[union-attr]  # matches the empty string too
        if data.startswith(b"<?", at):
            end = data.find(b"?>", at) + 2
        elif data.startswith(b"<!--", at):
            end = data.find(b"-->", at + 4) + 3
        elif data.startswith(b"<!", at):
            raise Refused(kinds.DOCTYPE_REFUSED.found(line=data.count(b"\n", 0, at) + 1))
        else:
            return
        if end <= at:
            return
        at = end


def open_document(data: bytes) -> tuple[bytes, Any]:
    """Parse a document's bytes under the reading profile; give its bytes in UTF-8 and its root element.

    Comments and processing instructions outside values, and xsi:schemaLocation hints, are gone from
    the tree; nothing is fetched. Raises Refused.
    """
    if len(data) > MAX_BYTES:
        raise Refused(too_large())
    data = to_utf8(data)
    plain = _is_plain(data)
    if not plain:
        _refuse_doctype(data)
        _refuse_bulk(data)
    root = _parse(data)
    if len(data) > _LARGE and _count_elements(root) > MAX_ELEMENTS:
        raise Refused(kinds.ELEMENTS_TOO_MANY.found(words={"limit": MAX_ELEMENTS}))
    if not plain:
        root = _settle(data, root)
    return data, root


def _is_plain(data: bytes) -> bool:
    """True if the bytes alone show a usual message: no DOCTYPE, comment, CDATA, processing instruction, or flood of markup.

    And of attributes one at most, the root's: its namespace, for without one it goes no further. Each
    question is first put to a single byte, which costs next to nothing.
    """
    if len(data) > _LARGE or not data.startswith(_USUAL_START):
        return False
    start = len(_USUAL_START)
    root = data.find(b">", start)
    return (
        data.count(b"=", start, root) == 1
        and (data.find(b"=", root) < 0 or _ATTRIBUTE.search(data, root) is None)
        and (b"!" not in data or b"<!" not in data)
        and (data.find(b"?", start) < 0 or data.find(b"<?", start) < 0)
    )


class _Parsers(threading.local):
    """A parser for each thread: it serves one document at a time, and takes long to make."""

    def __init__(self) -> None:
        self.parser = etree.XMLParser(
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
            collect_ids=False,
            encoding="utf-8",
            # Kept, so that one inside a value can be seen and refused.
            remove_comments=False,
            remove_pis=False,
        )


_local = _Parsers()


def _parse(data: bytes) -> etree._Element:
    # The refusal is raised outside the `except`: libxml2's text quotes the document, and a chained
    # exception would carry it along. Only the name of the fault is passed on.
    try:
        root: etree._Element = etree.fromstring(data, _local.parser)
        return root
    except etree.XMLSyntaxError as error:
        entry = error.error_log.last_error
        reason = "ERR_DOCUMENT_EMPTY" if entry is None else entry.type_name
        fault = kinds.NOT_WELL_FORMED.found(words={"reason": reason}, line=error.lineno or None)
    raise Refused(fault)


def _refuse_bulk(data: bytes) -> None:
    """Refuse a flood of markup before a tree is built of it: a node costs a hundred bytes and more."""
    # Each namespace declaration also costs the XPath engine; real messages have one or two.
    if data.count(b"=") > MAX_ATTRIBUTES and data.count(b"xmlns") > MAX_ATTRIBUTES:
        raise Refused(kinds.ATTRIBUTES_TOO_MANY.found(words={"limit": MAX_ATTRIBUTES}))
    if len(data) <= _LARGE:
        return
    if data.count(b"<") > _MAX_MARKUP:
        raise Refused(kinds.ELEMENTS_TOO_MANY.found(words={"limit": MAX_ELEMENTS}))
    # In text `="` is rare; the exact count follows on the tree.
    if sum(1 for _ in islice(_ATTRIBUTE.finditer(data), 20 * MAX_ATTRIBUTES)) == 20 * MAX_ATTRIBUTES:
        raise Refused(kinds.ATTRIBUTES_TOO_MANY.found(words={"limit": MAX_ATTRIBUTES}))


def _settle(data: bytes, root: etree._Element) -> etree._Element:
    """Judge attributes, comments and processing instructions; give a tree without the harmless ones."""
    attributes = _count_attributes(root)
    if attributes > MAX_ATTRIBUTES:
        raise Refused(kinds.ATTRIBUTES_TOO_MANY.found(words={"limit": MAX_ATTRIBUTES}))
    judged: set[etree._Element] = set()
    # Not by XPath: `//comment()` takes libxml2 the square of their number.
    for node in root.iter(etree.Comment, etree.ProcessingInstruction):
        parent = node.getparent()
        if parent is None or parent in judged:
            continue
        judged.add(parent)
        if next(parent.iterchildren(etree.Element), None) is None:
            raise Refused(kinds.COMMENT_IN_VALUE.found(path_of(parent), line=node.sourceline))
    if judged:
        root = _without_comments(data, root)
    for element in root.iter(etree.Element) if attributes else ():
        for attribute in element.attrib:
            if attribute in (f"{_XSI}type", f"{_XSI}nil"):
                raise Refused(kinds.XSI_REFUSED.found(path_of(element), line=element.sourceline))
            if attribute in (f"{_XSI}schemaLocation", f"{_XSI}noNamespaceSchemaLocation"):
                # libxml2 would load what stands there.
                del element.attrib[attribute]
    return root


def _without_comments(data: bytes, root: etree._Element) -> etree._Element:
    """Read the document again without them: to take thousands out from among text takes the square of their number."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        collect_ids=False,
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
    )
    try:
        again: etree._Element = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        # The blanks between them, now in one piece, are longer than the parser takes; among blanks it is fast.
        etree.strip_tags(root, etree.Comment, etree.ProcessingInstruction)
        return root
    return again


def path_of(element: etree._Element, *, numbered: bool = True) -> str:
    """Give an element's path before its message is known: with a number, unless not wanted, where it has siblings of its name."""
    return "".join(step_of(each, numbered=numbered) for each in [*reversed([*element.iterancestors()]), element])


def step_of(element: etree._Element, *, numbered: bool = True) -> str:
    """Give the last step of an element's path."""
    before = sum(1 for _ in element.itersiblings(str(element.tag), preceding=True)) if numbered else 0
    many = before or (numbered and next(element.itersiblings(str(element.tag)), None) is not None)
    return f"/{shown_name(etree.QName(element).localname)}{f'[{before + 1}]' if many else ''}"


def open_whole(data: bytes) -> etree._Element:
    """Read a document as `open_document` does, but give a tree of all that it holds: hints, comments, instructions."""
    # What has been let through is safe to be read again.
    return _parse(open_document(data)[0])


def canonical_form(
    source: bytes | etree._Element | etree._ElementTree[Any], *, exclusive: bool = True, comments: bool = False
) -> bytes:
    """Give the exclusive canonical form (W3C xml-exc-c14n, without comments) of an element, of a document's root, or a tree.

    Of a document's bytes it is that of the document as it was written: also with what `open_document` leaves out
    of its tree. Raises Refused as `open_document` does, and for a relative namespace, which has no such form.
    """
    if isinstance(source, bytes):
        source = open_whole(source)
    try:
        return etree.tostring(source, method="c14n", exclusive=exclusive, with_comments=comments)
    except etree.C14NError:
        fault = kinds.NOT_WELL_FORMED.found(words={"reason": "C14N"})
    raise Refused(fault)


class Judge:
    """libxml2's verdict on a parsed document: `accepts(root)`. One may serve many documents, and many threads at once.

    Raises ConfigurationError for a schema that is none.
    """

    def __init__(self, schema: Path) -> None:
        self._path = schema
        self.accepts = _compiled(schema).validate

    def line(self, root: etree._Element) -> int | None:
        """Give the line of the first fault in a document refused. libxml2's text about it quotes values and stays here."""
        # A schema object keeps one log for all threads that ask it, so this asks one of its own. It comes to that only
        # where xmlschema has nothing against a document that libxml2 refuses.
        schema = _compiled(self._path)
        schema.validate(root)
        log = schema.error_log
        return log[0].line if len(log) else None


def _compiled(path: Path) -> etree.XMLSchema:
    # Our own file, and its includes: by path, so that the includes are found.
    try:
        with COMPILING:
            return etree.XMLSchema(etree.parse(str(path), etree.XMLParser(no_network=True)))
    except (etree.XMLSyntaxError, etree.XMLSchemaParseError, OSError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from error


def element_at(root: etree._Element, namespace: str, path: str) -> etree._Element:
    """Give the element at a path of ours; the nearest one above it if it is not there."""
    element = root
    for step in path.split("/")[2:]:
        name, _, number = step.rstrip("]").partition("[")
        position = int(number or 1) - 1
        found = next(islice(element.iterchildren(f"{{{namespace}}}{name}"), position, None), None)
        if found is None:
            break
        element = found
    return element


def line_at(root: etree._Element, namespace: str, path: str) -> int | None:
    """Give the line of the element at a path of ours; of the nearest one above it if it is not there."""
    return element_at(root, namespace, path).sourceline


def value_at(root: etree._Element, namespace: str, path: str) -> str | None:
    """Give the text of the first element at a path below the root, None if there is none."""
    steps = "/".join(f"{{{namespace}}}{name}" for name in path.split("/"))
    return root.findtext(steps)
