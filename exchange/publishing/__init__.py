"""What others need who have nothing of this program installed: types, JSON Schemas, and the published bundle.

Everything here is written from the catalog: nothing may be in this package that says again what schemas, code lists or
rules say already. Read `bundle` first, which names all parts; `assertions` says the rules between values in XPath.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exchange import imported_when_used

if TYPE_CHECKING:
    from exchange.publishing.bundle import Example, Published, publish
    from exchange.publishing.closed_schemas import closed_schema
    from exchange.publishing.code_lists import genericode
    from exchange.publishing.json_schemas import json_schema
    from exchange.publishing.pages import message_page
    from exchange.publishing.python_types import typed_dicts
    from exchange.publishing.schematron_schemas import schematron, unsaid

__all__ = [
    "Example",
    "Published",
    "closed_schema",
    "genericode",
    "json_schema",
    "message_page",
    "publish",
    "schematron",
    "typed_dicts",
    "unsaid",
]

__getattr__ = imported_when_used(
    __name__,
    {
        "bundle": ("Example", "Published", "publish"),
        "closed_schemas": ("closed_schema",),
        "code_lists": ("genericode",),
        "json_schemas": ("json_schema",),
        "pages": ("message_page",),
        "schematron_schemas": ("schematron", "unsaid"),
        "python_types": ("typed_dicts",),
    },
)
