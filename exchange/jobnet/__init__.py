"""What the person sees on Jobnet: chosen by `fields`, named by `content`, written by `page`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exchange.jobnet import content, page
from exchange.model.catalog import Version

__all__ = ["show", "style_hash"]


def show(version: Version, document: Mapping[str, Any]) -> str:
    """Return the HTML page of an accepted document, a dict with the values that `parse` gives.

    Raises NotShown for a document that is none of the three, or of a version with elements that `fields` does not know.
    """
    return page.written(content.of(version, document))


def style_hash() -> str:
    """Return what a policy lets the page's style sheet in by: an iframe's page is under the outer page's policy, too."""
    return page.style_hash()
