"""Catalogs that differ from the shipped one in a line or two."""

from __future__ import annotations

import shutil
from pathlib import Path

from exchange.api import Exchange
from exchange.model import resources

FIRST_MESSAGE = '\n[[message]]\nname = "samtale"\n'
SUCCESSOR = """
[[law]]
paragraph = "§ 12"
act = "en bekendtgørelse om prøver"
source = "testen"
cited_from = 2027-01-01
"""
WITH_SUCCESSOR = (FIRST_MESSAGE, SUCCESSOR + FIRST_MESSAGE)
"""The change that adds a paragraph which is cited from 2027-01-01 on."""


def until_2027(name: str) -> tuple[str, str]:
    """Return the change by which every version of a message is accepted until 2027-01-01."""
    entry = f'name = "{name}"\n'
    return entry, f"{entry}in_force_to = 2027-01-01\n"


COSTLY = "[A-ZÆØÅ].*|([ab]*[bc]+)+0"
"""A pattern on which libxml2 gives up where a value is a long row of b."""


def with_pattern(folder: Path, type_name: str, pattern: str = COSTLY) -> Exchange:
    """Copy the schemas to a folder, where a type of texts has one more pattern."""
    xsd = Path(shutil.copytree(resources.xsd_folder(), folder / "xsd"))
    path = xsd / "faelles.v1.xsd"
    before, begin, rest = path.read_text("utf-8").partition(f'<xs:simpleType name="{type_name}">')
    restriction = '<xs:restriction base="xs:string">'
    assert restriction in rest
    path.write_text(
        before + begin + rest.replace(restriction, f'{restriction}<xs:pattern value="{pattern}"/>', 1), "utf-8"
    )
    return Exchange(xsd=xsd, stamdata=resources.stamdata_folder())


def shipped_with(folder: Path, *changes: tuple[str, str]) -> Exchange:
    """Copy schemas and lists to a folder, with texts of catalog.toml replaced by others."""
    xsd = Path(shutil.copytree(resources.xsd_folder(), folder / "xsd"))
    path = xsd / "catalog.toml"
    catalog = path.read_text("utf-8")
    for before, after in changes:
        assert before in catalog
        catalog = catalog.replace(before, after)
    path.write_text(catalog, "utf-8")
    return Exchange(xsd=xsd, stamdata=resources.stamdata_folder())
