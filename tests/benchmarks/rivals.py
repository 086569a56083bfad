"""The other libraries, each set up as its own documentation has it and checked once to carry the very same content."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import xmlschema
from lxml import etree

import exchange
from exchange.model.catalog import Version

if TYPE_CHECKING:
    from measure import Call
    from messages import Document


@dataclass(frozen=True, slots=True)
class Rival:
    """A library ready to be timed on one message.

    `write` starts from what its own `read` gave: making that out of a dict is left out, in its favour.
    """

    read: Call
    write: Callable[[], bytes]


class NotInstalled(Exception):
    """The library is not there."""


class Differs(Exception):
    """The library does not carry the same content, so its time would say nothing."""


def with_xmlschema(version: Version, data: bytes, folder: Path) -> Rival:  # noqa: ARG001  # all rivals are made alike
    """Reads with all its checks, from ElementTree's tree (bytes and lxml's tree are slower); writes with the same checks."""
    schema = xmlschema.XMLSchema10(str(version.schema_path), allow="local")

    def read() -> Any:
        return schema.to_dict(ElementTree.fromstring(data))  # noqa: S314  # a document of our own

    content = read()

    def write() -> bytes:
        tree: Any = schema.encode(content, path=version.name, namespaces={"": version.namespace})
        text: bytes = ElementTree.tostring(tree, encoding="utf-8")
        return text

    return Rival(read, write)


def with_xsdata(version: Version, data: bytes, folder: Path) -> Rival:
    """Reads into the dataclasses that its generator makes of our schema; no XSD check either way."""
    _need("xsdata.formats.dataclass.generator")  # comes with the extra `cli` only
    package = f"generated_{version.name.lower()}"
    command = [sys.executable, "-m", "xsdata", "generate", str(version.schema_path), "--package", package]
    # The generator looks for ruff, which comes with it, on the PATH.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env={**os.environ, "PATH": path})
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    model = getattr(import_module(package), version.name[0].upper() + version.name[1:])
    parser = import_module("xsdata.formats.dataclass.parsers").XmlParser()
    serializer = import_module("xsdata.formats.dataclass.serializers").XmlSerializer()
    namespaces = {None: version.namespace}

    def write() -> bytes:
        text: str = serializer.render(content, ns_map=namespaces)
        return text.encode()

    content = parser.from_bytes(data, model)
    return Rival(partial(parser.from_bytes, data, model), write)


def with_pydantic_xml(version: Version, data: bytes, folder: Path) -> Rival:  # noqa: ARG001  # as above
    """Reads into a hand-written model after lxml's XSD check of the same tree; writes without a check."""
    _need("pydantic_xml")
    model = import_module("pydantic_samtale").Samtale
    schema = etree.XMLSchema(etree.parse(str(version.schema_path)))

    def read() -> Any:
        root = etree.fromstring(data)
        if not schema.validate(root):
            raise Differs
        return model.from_xml_tree(root)

    return Rival(read, partial(read().to_xml, exclude_none=True))


Maker = Callable[[Version, bytes, Path], Rival]

GENERAL: dict[str, Maker] = {"xmlschema": with_xmlschema, "xsdata": with_xsdata}
FOR_SAMTALE: dict[str, Maker] = {**GENERAL, "pydantic-xml": with_pydantic_xml}


def prepare(makers: dict[str, Maker], version: Version, document: Document, folder: Path) -> dict[str, Rival | None]:
    """Set up each rival for a message; None stands for one that is not installed. Raises Differs if one falls short."""
    data = exchange.build(document)
    ready: dict[str, Rival | None] = {}
    for name, make in makers.items():
        try:
            rival = make(version, data, folder)
        except NotInstalled:
            ready[name] = None
            continue
        # What it has read, it writes; and that has to be a valid message with every value of the first one.
        if exchange.parse(rival.write()) != document:
            raise Differs(name)
        ready[name] = rival
    return ready


def _need(module: str) -> None:
    try:
        import_module(module)
    except ImportError:
        raise NotInstalled(module) from None
