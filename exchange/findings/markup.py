"""What HTML pages are made with: templates that escape, and the hash by which a page's policy lets its own parts in."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import jinja2


def environment() -> jinja2.Environment:
    """Give an environment whose templates escape whatever is put in, and fail for what is not there.

    Jinja is imported here: only what writes HTML waits for it.
    """
    import jinja2

    return jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def policy_hash(content: str) -> str:
    """Give what a Content-Security-Policy names one style sheet or script by (CSP 3, section 2.3.1, hash-source)."""
    return "sha256-" + b64encode(hashlib.sha256(content.encode()).digest()).decode()
