"""expat with namespaces: the reader of streams, and the second opinion on documents that lxml has read."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from xml.parsers import expat

from exchange.errors import Refused
from exchange.files.recognition import not_well_formed
from exchange.findings.finding import Finding, Position

_MOST_NAMES, _MOST_CHARACTERS = 20_000, 1_000_000


class Name(NamedTuple):
    """A name as it is written, its prefix (empty if it has none), namespace and local part."""

    written: str
    prefix: str
    uri: str
    local: str


def parser(encoding: str | None = None) -> expat.XMLParserType:
    """Make a parser that enforces Namespaces in XML 1.0 and gives names as `name_of` reads them."""
    # expat refuses a namespace with a `}` in it, so no name can be taken for another.
    made = expat.ParserCreate(encoding, namespace_separator="}")
    made.namespace_prefixes = True
    return made


@lru_cache(maxsize=4096)
def name_of(name: str) -> Name:
    """Read a name as the parser gives it: local, uri}local, or uri}local}prefix."""
    uri, local, prefix = (["", name, ""] if "}" not in name else [*name.split("}"), ""])[:3]
    return Name(f"{prefix}:{local}" if prefix else local, prefix, uri, local)


def keeps_too_many_names(parser: expat.XMLParserType) -> bool:
    """True if the names that a parser has met are more, or longer, than a document needs: it keeps each of them for good."""
    names = parser.intern
    return len(names) > _MOST_NAMES or sum(map(len, filter(None, names))) > _MOST_CHARACTERS


def fault(error: expat.ExpatError, at: Position | None = None) -> Finding:
    """Return the finding for what expat refused, where expat says that it is, unless a place is given."""
    return not_well_formed(expat.ErrorString(error.code), at or Position(error.lineno, error.offset + 1))


def check(data: bytes) -> None:
    """Read a document in UTF-8 to its last byte. Raises Refused if it is not well-formed or its namespaces are not."""
    try:
        parser("utf-8").Parse(data, True)
    except expat.ExpatError as error:
        found = fault(error)
    else:
        return
    raise Refused(found)
