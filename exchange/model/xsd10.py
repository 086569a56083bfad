"""What xmlschema is given: a schema class that starts fast, without the schema for schemas, and addresses for folders of any name."""

from __future__ import annotations

from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit
from urllib.request import FileHandler, OpenerDirector, Request
from urllib.response import addinfourl

import xmlschema

_FOLDER = "/xsd/"


class QuickSchema(xmlschema.XMLSchema10):
    """For schemas that are known to be sound: libxml2 has compiled them, and `exchange doctor` checks them in full.

    A meta-schema of one's own is xmlschema's way to extend it. The built-in types are in its code; most of
    what the real one costs are patterns for the XPath in identity constraints, which no schema here has.
    """

    META_SCHEMA = (
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/2001/XMLSchema"/>'
    )
    BASE_SCHEMAS = xmlschema.XMLSchema10.BASE_SCHEMAS


def location(path: Path) -> dict[str, Any]:
    """Return what makes xmlschema find a schema, and what it includes, in a folder of any name."""
    path = path.absolute()
    if not any("\ud800" <= character <= "\udfff" for character in str(path)):
        return {"source": path.as_uri()}

    # It takes every name for UTF-8. So it gets another one, which only the opener understands.
    class Opener(FileHandler):
        def file_open(self, req: Request) -> addinfourl:
            below = unquote(urlsplit(req.full_url).path).removeprefix(_FOLDER)
            return addinfourl((path.parent / below).open("rb"), Message(), req.full_url)

    opener = OpenerDirector()
    opener.add_handler(Opener())
    return {"source": f"file://{_FOLDER}{quote(path.name)}", "opener": opener}
