"""Masks the confidential values of a message that is shown to people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exchange.model.catalog import Version
from exchange.model.spec import Simple
from exchange.model.values import MASK


def masked(version: Version, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a message of this version with every confidential value masked; an unknown field counts as confidential."""
    return {name: _masked(version, content, f"/{name}") for name, content in document.items()}


def _masked(version: Version, value: Any, path: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _masked(version, below, f"{path}/{key}") for key, below in value.items()}
    if isinstance(value, list):
        # The dict does not have the names of a list's items.
        (item,) = (at for at in version.fields if at.rpartition("/")[0] == path)
        return [_masked(version, below, item) for below in value]
    field = version.fields.get(path)
    is_open = field is not None and isinstance(field.type, Simple) and field.type.confidential is None
    return value if is_open else MASK
