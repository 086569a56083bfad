"""Tells in which encoding a document is, of the few that are accepted, and gives its bytes in UTF-8."""

from __future__ import annotations

import re
from contextlib import suppress

from exchange.errors import Refused
from exchange.files.recognition import not_well_formed, with_hint
from exchange.findings import kinds
from exchange.findings.finding import Position

_DECLARATION = re.compile(
    r"""<\?xml\s+version\s*=\s*(["'])(?P<version>[^"'<>]{0,40})\1"""
    r"""(?:\s+encoding\s*=\s*(["'])(?P<encoding>[^"'<>]{0,40})\3)?"""
    r"""(?:\s+standalone\s*=\s*(["'])(?:yes|no)\5)?\s*\?>""",
    re.ASCII,
)
USUAL_START = b'<?xml version="1.0" encoding="UTF-8"?>'
_ENCODING = re.compile(r"""(\bencoding\s*=\s*(["']))[^"']*\2""")
_DECLARATION_STARTS = ("<?xml ", "<?xml\t", "<?xml\r", "<?xml\n")
_START = Position(1, 1)
_CODECS = {"utf-8": "utf-8", "us-ascii": "ascii", "iso-8859-1": "latin-1"}
# UTF-32 with and without a mark, UTF-16 without one.
_WIDE_REFUSED = (b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"\0\0\0<", b"<\0", b"\0<")
_UTF16_MARKS = {b"\xff\xfe": "utf-16le", b"\xfe\xff": "utf-16be"}
_UTF8_MARK = b"\xef\xbb\xbf"
# What may stand before the root: declaration, comments, processing instructions.
_PROLOG = re.compile(r"(?:[ \t\r\n]+|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_START_TAG = re.compile(r"""<[^?!](?:[^"'>]|"[^"]*"|'[^']*')*+>""")


def to_utf8(data: bytes) -> bytes:
    """Return a document's bytes as UTF-8 without byte order mark; every character keeps its line and column.

    Raises Refused for an encoding, an XML version or a character that is not accepted (SECURITY: libxml2
    itself would read UTF-7 and Shift_JIS).
    """
    if data.startswith(USUAL_START) and b"\0" not in data:
        return data
    codec, mark = codec_of(data)
    if b"\0" in data and not codec.startswith("utf-16"):
        raise Refused(with_hint(kinds.CHARACTER_REFUSED.found(), data))
    return data[mark:] if codec == "utf-8" else _transcode(data[mark:], codec)


def codec_of(head: bytes) -> tuple[str, int]:
    """Give Python's name for a document's encoding, and how many bytes its byte order mark takes, from its first bytes.

    Raises Refused for an encoding or an XML version that is not accepted.
    """
    if head.startswith(_WIDE_REFUSED):
        raise Refused(with_hint(kinds.ENCODING_REFUSED.found(), head))
    for mark, wide in _UTF16_MARKS.items():
        if head.startswith(mark):
            text = head[2:2002].decode(wide, "ignore")
            if text.startswith("\ufeff") or _declared_encoding(text) not in (None, "utf-16", wide):
                raise Refused(kinds.ENCODING_REFUSED.found(at=_START))
            return wide, 2
    marked = head.startswith(_UTF8_MARK)
    if marked:
        head = head[3:1003]
        if head.startswith(_UTF8_MARK):
            # libxml2 would skip it too, and what is behind it.
            raise Refused(kinds.ENCODING_REFUSED.found(at=_START))
    declared = _declared_encoding(head[:1000].decode("latin-1"))
    codec = _CODECS.get(declared or "utf-8")
    if codec is None or (marked and codec != "utf-8"):
        raise Refused(kinds.ENCODING_REFUSED.found(at=_START))
    return codec, 3 if marked else 0


def _declared_encoding(text: str) -> str | None:
    """Return the encoding that an XML declaration names, in lower case; None without a declaration or a name."""
    if not text.startswith(_DECLARATION_STARTS):
        return None
    declaration = _DECLARATION.match(text)
    if declaration is None:
        raise Refused(not_well_formed("XML declaration", _START))
    if declaration["version"] != "1.0":
        raise Refused(kinds.XML_VERSION_REFUSED.found(at=_START))
    encoding = declaration["encoding"]
    return None if encoding is None else encoding.lower()


def _transcode(data: bytes, codec: str) -> bytes:
    text: str | None = None
    # Raised outside of `except`: the codec's own exception holds the whole document, and would be this one's context.
    with suppress(UnicodeDecodeError):
        text = data.decode(codec)
    if text is None:
        raise Refused(kinds.ENCODING_REFUSED.found())
    if "\0" in text:
        raise Refused(kinds.CHARACTER_REFUSED.found())
    return declaring_utf8(text).encode("utf-8")


def declaring_utf8(text: str) -> str:
    """Return the beginning of a document with UTF-8 as the encoding that its declaration names, in as many characters."""
    if not text.startswith(_DECLARATION_STARTS):
        return text
    end = text.find("?>")
    return (
        _ENCODING.sub(lambda found: f"{found[1]}UTF-8{found[2]}".ljust(len(found[0])), text[:end], count=1) + text[end:]
    )


def stands_before_root(head: bytes) -> bool:
    """True if a document's first bytes, of which more may follow, end before its root's start tag does."""
    try:
        codec, mark = codec_of(head)
    except Refused:
        return False
    text = head[mark:].decode("latin-1" if codec == "utf-8" else codec, "ignore")
    prolog = _PROLOG.match(text)
    at = prolog.end() if prolog else 0
    if text.startswith("<!", at) and not "<!--".startswith(text[at : at + 4]):
        return False  # a DOCTYPE
    return at == len(text) or (text[at] == "<" and _START_TAG.match(text, at) is None)
