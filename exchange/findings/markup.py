"""Templates that escape HTML, and the hashes for a page's Content-Security-Policy."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import jinja2


def environment() -> jinja2.Environment:
    """Return a Jinja environment whose templates escape every value and fail for an undefined one.

    Jinja is imported here, so that other formats do not load it.
    """
    import jinja2

    return jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def policy_hash(content: str) -> str:
    """Return the hash of a style sheet or script for a Content-Security-Policy (CSP 3, section 2.3.1, hash-source)."""
    return "sha256-" + b64encode(hashlib.sha256(content.encode()).digest()).decode()
