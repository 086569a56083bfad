"""What others need who have nothing of this program installed: types, JSON Schemas, and the published bundle.

Everything here is written from the catalog: nothing may be in this package that says again what schemas, code lists or
rules say already. Read `json_schemas` and `typed_dicts`.
"""

from __future__ import annotations

from exchange.publishing.json_schemas import json_schema
from exchange.publishing.typed_dicts import typed_dicts

__all__ = ["json_schema", "typed_dicts"]
