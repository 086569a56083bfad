"""Makes the outline of a text: what is left of it without its letters and spaces.

To search it is fast, and mostly shows that the text needs no search.
"""

from __future__ import annotations

import re

# Characters that cannot be seen, beyond Latin-1: zero width, marks of direction. In UTF-8.
_INVISIBLE = re.compile(rb"\xe2(?:\x80[\x8b-\x8f\xaa-\xae]|\x81[\xa0-\xa9])|\xef\xbb\xbf")
_CONTROLS = bytes(range(0x7F, 0xA0))
# What UTF-8's second bytes of æ, ø, å and é are if they are read as Latin-1.
_SECOND_BYTES = "¦¸¥©".encode("latin-1")
# Those that a document cannot hold, and the carriage return, for which a reference stands.
_NOT_IN_XML = bytes(byte for byte in range(0x20) if byte not in b"\t\n")
_LEFT_OUT = bytes(code for code in range(256) if chr(code).isalpha() or chr(code) in " /")

DIGIT, NOT_IN_XML, INVISIBLE_SIGN, SECOND_BYTE = b"0", 0, 0x7F, _SECOND_BYTES[0]
"""What stands in an outline for a digit, a control character that XML cannot hold, an invisible character, a sign of mojibake.

Most are numbers: Python looks for a number in bytes three times as fast as for a byte.
"""

_SIGNS = bytes.maketrans(
    b"123456789" + _CONTROLS + _SECOND_BYTES + _NOT_IN_XML,
    DIGIT * 9
    + bytes([INVISIBLE_SIGN]) * len(_CONTROLS)
    + bytes([SECOND_BYTE]) * len(_SECOND_BYTES)
    + bytes([NOT_IN_XML]) * len(_NOT_IN_XML),
)


def outline_of(text: str) -> bytes:
    """Return a text without its letters, spaces and slashes, with the signs above."""
    try:
        data = text.encode("latin-1")
    except UnicodeEncodeError:
        data = text.encode("latin-1", "replace")
        if _INVISIBLE.search(text.encode(errors="replace")):
            data += bytes([INVISIBLE_SIGN])
    return data.translate(_SIGNS, _LEFT_OUT)
