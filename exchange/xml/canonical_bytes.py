"""Tells of a document's bytes, without a parser's events, that they are in exclusive canonical form as they stand."""

from __future__ import annotations

import re

_DECLARED = b' xmlns="'
_TAG = re.compile(rb"<[^>]*>")
# Of a tag without prefix and attributes the form is the tag itself; that of a declaration too, where it is needed.
_PLAIN_TAG = re.compile(rb'<(?:/?[A-Za-z_][\w.-]*|[A-Za-z_][\w.-]* xmlns="urn:[\w:.-]+")>', re.ASCII)
_OTHER_REFERENCE = re.compile(rb"&(?!(?:amp|lt|gt|#xD);)")
_SPACE = b" \t\n"
_MOST_TAGS = 20_000
_MOST_IN_A_CHILD = 600
"""So many tags an element of a stream may have: so it is no deeper than the reader of streams allows."""


def first_child(data: bytes) -> int:
    """Return where the first element that declares a namespace seems to begin; -1 for nowhere."""
    return data.rfind(b"<", 0, data.find(_DECLARED) + 1)


def last_child(data: bytes) -> int:
    """Return where the last element that declares a namespace seems to begin; -1 for nowhere."""
    return data.rfind(b"<", 0, data.rfind(_DECLARED) + 1)


class CanonicalChildren:
    """Tells whether bytes are children of a root, each with its namespace, in canonical form as they stand in the document.

    What is asked again and again are tags: those that were found plain are remembered.
    """

    def __init__(self) -> None:
        self._plain: set[bytes] = set()

    def are_in(self, data: bytes, around: str, *, most_tags: int = _MOST_IN_A_CHILD) -> bool:
        """True if the bytes, which begin with a child, are whole children, and white space, in canonical form.

        That is so if a parser finds them well-formed too, they stand in a root without prefix, and `around` is its
        namespace, empty for none. A child has at most `most_tags` tags.
        """
        tags = _TAG.findall(data)
        fresh = set(tags) - self._plain
        if fresh:
            if len(fresh) + len(self._plain) > _MOST_TAGS or not all(map(_PLAIN_TAG.fullmatch, fresh)):
                return False
            self._plain |= fresh
        if (
            data.count(b">") != len(tags)
            or b"\r" in data
            or not data.rstrip(_SPACE).endswith(b">")
            or (b"&" in data and _OTHER_REFERENCE.search(data))
            or b'%s%s"' % (_DECLARED, around.encode()) in data
        ):
            return False
        children = (data + b"<").split(_DECLARED)[1:]
        return all((count := child.count(b"<")) == 2 * child.count(b"</") and count <= most_tags for child in children)
