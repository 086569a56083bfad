"""Shows where findings are: the elements at fault as they stand in a document, confidential values masked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from exchange.errors import Refused
from exchange.findings.finding import Finding
from exchange.model.catalog import Catalog, Version
from exchange.model.file_names import GUID
from exchange.model.spec import Simple
from exchange.model.values import shown, shown_name
from exchange.xml import parsing
from exchange.xml.positions import element_at

_LONGEST = 300
_SHOWN_CHILDREN = 8


_KEY = re.compile(rb"<(?:[A-Za-z_][A-Za-z0-9_.-]*:)?(?:beskedId|kvitteringId)>\s*(%s)\s*<" % GUID.pattern.encode())


_NO_ELEMENT = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>", re.DOTALL)


def key_of(data: bytes) -> str | None:
    """Return the beskedId (or kvitteringId) of a document, found without parsing; None if there is none."""
    found = _KEY.search(_NO_ELEMENT.sub(b"", data) if b"<!" in data else data)
    return found[1].decode() if found else None


def excerpts(
    catalog: Catalog, data: bytes, findings: Sequence[Finding], *, show_values: bool
) -> tuple[str | None, ...]:
    """Return for each finding the element that it is about as one line of XML.

    None where there is nothing to show: the document cannot be parsed safely, or is no known message.
    """
    nothing = (None,) * len(findings)
    try:
        _, root = parsing.open_document(data)
    except Refused:
        return nothing
    version = catalog.by_tag.get(root.tag)
    if version is None:
        return nothing
    return tuple(_excerpt(version, root, finding.path, show_values=show_values) for finding in findings)


def _excerpt(version: Version, root: Any, path: str, *, show_values: bool) -> str | None:
    if not path:
        return None
    element: Any = element_at(root, version.namespace, path)
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
