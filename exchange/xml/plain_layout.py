"""Brings a document in another plain layout into the writer's, so that the reader of that layout can read it.

Others indent, and write a prefix at every name. Such a document holds the same as the one that is returned: only white space
that stands between two tags, and the one prefix that the root declares, are gone. Whatever else may differ from the writer's layout
(attributes, comments, other references, CDATA, empty-element tags) is left as it is, and then the reader does not take it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from exchange.model.spec import MessageSpec
from exchange.xml.canonical_maker import never_empty
from exchange.xml.writer import DECLARATION

_SPACE = b" \t\r\n"
_HEAD = re.compile(
    rb"""(?:<\?xml\ version=(["'])1\.0\1(?:\ encoding=(["'])[Uu][Tt][Ff]-8\2)?\ ?\?>[ \t\r\n]*)?"""
    rb"""<(?:(?![Xx][Mm][Ll])(?P<prefix>[A-Za-z_][A-Za-z0-9_.-]{0,99}):)?(?P<name>[A-Za-z]{1,100})"""
    rb"""\ xmlns(?(prefix):(?P=prefix))=(["'])(?P<namespace>[A-Za-z0-9:._-]{1,200})\5>""",
    re.VERBOSE,
)
_BETWEEN_TAGS = re.compile(rb">[ \t\r\n]++<")


class Root(NamedTuple):
    """A document's root: its name as lxml writes it, its prefix (empty for none), and where its start tag ends."""

    tag: str
    prefix: str
    end: int


def root_of(data: bytes) -> Root | None:
    """Return the root of a document in UTF-8 that begins with a declaration or the root; None if it begins otherwise."""
    found = _HEAD.match(data)
    if found is None:
        return None
    return Root(
        f"{{{found['namespace'].decode()}}}{found['name'].decode()}", (found["prefix"] or b"").decode(), found.end()
    )


def in_writers_layout(data: bytes, root: Root, start_tag: str) -> bytes | None:
    """Return a document with the writer's declaration and start tag, without the root's prefix and the white space between tags.

    None if any tag has not the root's prefix. It is the same document only where `is_told_from_space` is true of its message.
    """
    rest = data[root.end :].strip(_SPACE)
    if root.prefix:
        # Each `<` begins a tag, or there is something that the reader does not take.
        tags = rest.count(b"<")
        # End tags first: what then stands behind `<` can be no `/` of another tag.
        for start in (b"</", b"<"):
            parts = rest.split(start + f"{root.prefix}:".encode())
            tags -= len(parts) - 1
            rest = start.join(parts)
        if tags:
            return None
    return f"{DECLARATION}{start_tag}".encode() + _BETWEEN_TAGS.sub(b"><", rest)


def is_told_from_space(spec: MessageSpec) -> bool:
    """True if no value of a message can be taken for white space between two tags, since none is ever empty."""
    return all(map(never_empty, spec.types()))
