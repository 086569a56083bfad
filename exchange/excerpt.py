"""Shows where findings are: the elements at fault as they stand in a document, confidential values masked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from exchange import xmlio
from exchange.catalog import Catalog, Version
from exchange.errors import Refused
from exchange.files import GUID
from exchange.findings import Finding
from exchange.schema import Simple
from exchange.values import shown, shown_name

_LONGEST = 300
_SHOWN_CHILDREN = 8


def look_up(
    catalog: Catalog, data: bytes, findings: Sequence[Finding], *, show_values: bool
) -> tuple[str | None, tuple[str | None, ...]]:
    """Give a document's beskedId, and for each finding the element that it is about as one line of XML.

    None for what is not there to be seen: a document that cannot be read safely, or is of no known message.
    """
    nothing = (None,) * len(findings)
    try:
        _, root = xmlio.open_document(data)
    except Refused:
        return None, nothing
    version = catalog.by_tag.get(root.tag)
    if version is None:
        return None, nothing
    key = xmlio.value_at(root, version.namespace, "hoved/beskedId")
    return (
        key if key and GUID.fullmatch(key) else None,
        tuple(_excerpt(version, root, finding.path, show_values=show_values) for finding in findings),
    )


def _excerpt(version: Version, root: Any, path: str, *, show_values: bool) -> str | None:
    if not path:
        return None
    element: Any = xmlio.element_at(root, version.namespace, path)
    plain = ""
    for step in [element, *element.iterancestors()]:
        plain = f"/{step.tag.rpartition('}')[2]}{plain}"
    line = _rendered(version, element, plain, show_values=show_values, open_children=True)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _rendered(version: Version, element: Any, plain: str, *, show_values: bool, open_children: bool) -> str:
    name = shown_name(element.tag.rpartition("}")[2], show_values=show_values)
    children = list(element.iterchildren("{*}*"))
    field = version.fields.get(plain)
    if not children:
        text = element.text or ""
        confidential = not (field and isinstance(field.type, Simple)) or field.type.confidential is not None
        value = shown(text, confidential=confidential, show_values=show_values) if text.strip() else ""
        return f"<{name}>{value}</{name}>"
    if not open_children:
        return f"<{name}>…</{name}>"
    inside = [
        _rendered(
            version, child, f"{plain}/{child.tag.rpartition('}')[2]}", show_values=show_values, open_children=False
        )
        for child in children[:_SHOWN_CHILDREN]
    ]
    more = "…" if len(children) > _SHOWN_CHILDREN else ""
    return f"<{name}>{''.join(inside)}{more}</{name}>"
