"""The only door to the XML parser: bytes from strangers in, a tree that is safe to look at out."""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from lxml import etree

from exchange.errors import ConfigurationError, Refused
from exchange.files.encodings import USUAL_START
from exchange.files.encodings import codec_of as codec_of
from exchange.files.encodings import to_utf8 as to_utf8
from exchange.files.recognition import not_well_formed, with_hint
from exchange.files.sources import MAX_BYTES, too_large
from exchange.findings import kinds
from exchange.findings.finding import Position
from exchange.model.lazy import COMPILING
from exchange.model.values import shown_name
from exchange.xml import stream
from exchange.xml.positions import Positions, position_of

MAX_ELEMENTS = 20_000
MAX_ATTRIBUTES = 500
_MAX_MARKUP = 5 * MAX_ELEMENTS
_LARGE = 4 * MAX_ELEMENTS
_MOST_LINES = 65_534
"""libxml2 keeps a node's line in 16 bits."""

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_ATTRIBUTE = re.compile(rb"""=\s*["']""")
_BLANK = re.compile(rb"\s*")
_SPACE = b" \t\r\n"
_count_elements = etree.XPath("count(//*)")
_count_attributes = etree.XPath("count(//@*)")


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
            raise Refused(with_hint(kinds.DOCTYPE_REFUSED.found(at=position_of(data, at)), data))
        else:
            return
        if end <= at:
            return
        at = end


def open_document(data: bytes, *, every_name: bool = False) -> tuple[bytes, Any]:
    """Parse a document's bytes under the reading profile; give its bytes in UTF-8 and its root element.

    Comments and processing instructions outside values, and xsi:schemaLocation hints, are gone from
    the tree; nothing is fetched. Raises Refused.

    If it is not plain, or with `every_name`, expat must read it too. What is plain both read alike, but for the names
    of elements: expat takes fewer characters there than libxml2 (XML 1.0, fourth and fifth edition). Those that a schema
    knows are ASCII.
    """
    if len(data) > MAX_BYTES:
        raise Refused(too_large())
    data = to_utf8(data)
    plain = _is_plain(data)
    if not plain:
        _refuse_doctype(data)
        _refuse_bulk(data)
    root = _parse(data, _local.parser)
    if len(data) > _LARGE and _count_elements(root) > MAX_ELEMENTS:
        raise Refused(kinds.ELEMENTS_TOO_MANY.found(words={"limit": MAX_ELEMENTS}))
    if every_name or not plain:
        stream.check(data)
    if not plain:
        root = _settle(data, root)
    return data, root


def _is_plain(data: bytes) -> bool:
    """True if the bytes alone show a usual message: no DOCTYPE, comment, CDATA, processing instruction, or flood of markup.

    And of attributes one at most, the root's: its namespace, for without one it goes no further. Behind the last end
    tag, which is the root's by its name, stands only white space. Each question is first put to a single byte, which
    costs next to nothing.
    """
    if len(data) > _LARGE or not data.startswith(USUAL_START):
        return False
    start = len(USUAL_START)
    root = data.find(b">", start)
    tag = data[start:root].lstrip()
    return (
        tag.count(b"=") == 1
        and tag.isascii()
        and data.rstrip(_SPACE).endswith(b"</" + tag[1 : tag.find(b" ")] + b">")
        and (data.find(b"=", root) < 0 or _ATTRIBUTE.search(data, root) is None)
        and (b"!" not in data or b"<!" not in data)
        and (data.find(b"?", start) < 0 or data.find(b"<?", start) < 0)
    )


def _make_parser(*, comments: bool = True) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        collect_ids=False,
        encoding="utf-8",
        # Kept at first, so that one inside a value can be seen and refused.
        remove_comments=not comments,
        remove_pis=not comments,
    )


class _Parsers(threading.local):
    """A parser for each thread: it serves one document at a time, and takes long to make."""

    def __init__(self) -> None:
        self.parser = _make_parser()


_local = _Parsers()


def _parse(data: bytes, parser: etree.XMLParser) -> etree._Element:
    """Parse a document in UTF-8: the one place where lxml does. Raises Refused."""
    # The refusal is raised outside the `except`: libxml2's text quotes the document, and a chained
    # exception would carry it along. Only the name of the fault is passed on.
    try:
        root: etree._Element = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        entry = error.error_log.last_error
        reason = "ERR_DOCUMENT_EMPTY" if entry is None else entry.type_name
        line, column = error.position
        fault = not_well_formed(reason, Position(line, column or None) if line else None, data)
    else:
        log = parser.error_log
        # lxml goes by the last entry: behind a namespace error any warning makes it accept the document, and
        # libxml2, once there was an error, does not look at what stands behind the root.
        if not len(log) or not len(errors := log.filter_from_errors()):
            return root
        at = Position(errors[0].line, errors[0].column or None) if errors[0].line else None
        fault = not_well_formed(errors[0].type_name, at, data)
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
    positions = Positions(data, root)
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
            raise Refused(kinds.COMMENT_IN_VALUE.found(path_of(parent), at=positions.of(node)))
    if judged:
        root = _without_comments(data, root)
        positions = Positions(data, root)
    for element in root.iter(etree.Element) if attributes else ():
        for attribute in element.attrib:
            if attribute in (f"{_XSI}type", f"{_XSI}nil"):
                raise Refused(kinds.XSI_REFUSED.found(path_of(element), at=positions.of(element)))
            if attribute in (f"{_XSI}schemaLocation", f"{_XSI}noNamespaceSchemaLocation"):
                # libxml2 would load what stands there.
                del element.attrib[attribute]
    return root


def _without_comments(data: bytes, root: etree._Element) -> etree._Element:
    """Read the document again without them: to take thousands out from among text takes the square of their number."""
    try:
        return _parse(data, _make_parser(comments=False))
    except Refused:
        # The blanks between them, now in one piece, are longer than the parser takes; among blanks it is fast.
        etree.strip_tags(root, etree.Comment, etree.ProcessingInstruction)
        return root


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
    data, _ = open_document(data, every_name=True)
    return _parse(data, _local.parser)


@lru_cache(maxsize=256)
def is_namespace(uri: str) -> bool:
    """True if libxml2 takes this for the name of a namespace: beyond what expat asks, it must be a URI."""
    try:
        # There is only a warning of a relative one, behind which lxml accepts the element.
        from xml.sax.saxutils import quoteattr  # imports urllib

        etree.fromstring(f"<a xmlns:p={quoteattr(uri)}/>".encode(), _make_parser())
    except etree.XMLSyntaxError:
        return False
    return True


def open_own(data: bytes) -> etree._Element:
    """Parse a file of the installation, or of a catalog of one's own. Raises Refused for what is not well-formed."""
    return _parse(to_utf8(data), _local.parser)


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
        fault = not_well_formed("C14N")
    raise Refused(fault)


class Undecided(Exception):  # no fault of the program: it is caught, and becomes a finding
    """Neither accepted nor refused: libxml2 gave up, since a pattern takes too many steps. `element` has the value, if it is known."""

    def __init__(self, element: etree._Element | None) -> None:
        super().__init__()
        self.element = element


class Judge:
    """libxml2's verdict on a parsed document. One may serve many documents, and many threads at once.

    Raises ConfigurationError for a schema that is none.
    """

    def __init__(self, schema: Path) -> None:
        self._path = schema
        self._validate = _compiled(schema).validate

    def accepts(self, root: etree._Element) -> bool:
        """True if the schema accepts a document. Raises Undecided where libxml2 gives up."""
        # Raised outside the `except`, as in `_parse`: libxml2's text quotes the document.
        try:
            return self._validate(root)
        except etree.XMLSchemaValidateError:
            element = _given_up_at(root)
        raise Undecided(element)

    def position(self, root: etree._Element) -> Position | None:
        """Return the line of the first fault in a refused document, None beyond those that libxml2 counts.

        libxml2's text about it quotes values and stays here.
        """
        # A schema object keeps one log for all threads that ask it, so this asks one of its own. It comes to that only
        # where xmlschema has nothing against a document that libxml2 refuses.
        schema = _compiled(self._path)
        schema.validate(root)
        log = schema.error_log
        return Position(log[0].line) if len(log) and log[0].line <= _MOST_LINES else None


def _given_up_at(root: etree._Element) -> etree._Element | None:
    """Return the element at which libxml2 has just given up in this thread, None if that cannot be told."""
    # The log of a schema is one for all threads. Without one of its own, an error of lxml's has a copy of its thread's.
    log = etree.LxmlError("").error_log
    entry = log[-1] if len(log) else None
    if entry is None or entry.type_name != "SCHEMAV_INTERNAL" or not entry.path:
        return None
    spaces = {prefix: uri for each in root.iter(etree.Element) for prefix, uri in each.nsmap.items() if prefix}
    try:
        found = root.getroottree().xpath(entry.path, namespaces=spaces)
    except etree.XPathError:
        return None
    return found[0] if isinstance(found, list) and len(found) == 1 else None


def _compiled(path: Path) -> etree.XMLSchema:
    # Our own file, and its includes: by its URI, so that the includes are found whatever its folder is called.
    try:
        with COMPILING:
            return etree.XMLSchema(etree.parse(path.absolute().as_uri(), etree.XMLParser(no_network=True)))
    except (etree.XMLSyntaxError, etree.XMLSchemaParseError, OSError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from error
