"""Validators of other platforms judge documents by schemas: the JDK's and mono's, each in one process for all documents."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from lxml import etree

_SOURCES = Path(__file__).parents[1] / "judge"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_XSI_ATTRIBUTES = {"type", "nil", "schemaLocation", "noNamespaceSchemaLocation"}

Command = tuple[str, ...]


def need(*programs: str) -> None:
    """Skip the test if a program is missing; in CI, where an engine that is not asked must not pass for one that agrees, fail."""
    missing = [each for each in programs if shutil.which(each) is None]
    if missing and os.environ.get("CI"):
        pytest.fail(f"missing: {', '.join(missing)}")
    if missing:
        pytest.skip(f"missing: {', '.join(missing)}")


def jdk(folder: Path) -> Command:
    """Compile the JDK's judge in a folder; return the command that starts it."""
    source = _SOURCES / "Judge.java"
    subprocess.run(["javac", "-Xlint:all", "-Werror", "-d", folder, source], check=True)
    return ("java", "-cp", str(folder), "Judge")


def mono(folder: Path, mode: str = "strict") -> Command:
    """Compile the judge of .NET's validator in a folder; return the command that starts it, `strict` or with `defaults`."""
    if not (program := folder / "Judge.exe").exists():
        subprocess.run(["mcs", "-r:System.Xml.dll", f"-out:{program}", _SOURCES / "Judge.cs"], check=True)
    return ("mono", str(program), mode)


def ask(command: Command, schemas: Sequence[Path], documents: Iterable[tuple[int, bytes]]) -> list[str]:
    """Return a judge's verdicts (valid, invalid or unreadable) on documents, each with the number of its schema."""
    frames = b"".join(struct.pack(">ii", number, len(data)) + data for number, data in documents)
    done = subprocess.run([*command, *map(str, schemas)], input=frames, stdout=subprocess.PIPE, check=True)
    return done.stdout.decode("ascii").split()


def without_last_newlines(root: etree._Element) -> bool:
    """Take the newline from the end of each value, which a pattern of .NET does not see; return if there was one.

    A text that is nothing else keeps it: it would be too short.
    """
    found = False
    for element in root.iter(etree.Element):
        text = element.text or ""
        if not len(element) and text.endswith("\n") and text != "\n":
            element.text = text[:-1]
            found = True
    return found


def has_unknown_xsi_attribute(root: etree._Element) -> bool:
    """Tell if an attribute of XML Schema's instance namespace is none of its four; .NET refuses it even in a signature."""
    names = (etree.QName(name) for element in root.iter(etree.Element) for name in element.attrib)
    return any(name.namespace == _XSI and name.localname not in _XSI_ATTRIBUTES for name in names)


def has_unknown_xml_space(root: etree._Element) -> bool:
    """Tell if xml:space has another value than the two that XML knows; .NET cannot read such a document."""
    name = "{http://www.w3.org/XML/1998/namespace}space"
    return any(element.get(name, "default") not in ("default", "preserve") for element in root.iter(etree.Element))
