"""The id of a message made from a row of a source: the same row gives the same id, on every run and every machine."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from exchange.model.json_documents import dump_canonical

OF_ONE_SENDING = ("beskedId", "oprettet", "handling", "vedroererBeskedId")
"""The elements of `hoved` that say how and when the content is sent, not what it is."""


def content_version(document: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hexadecimal, of what a document says: of all but the elements that belong to one sending.

    Two dicts with equal values have the same version, in whatever order their keys stand. A moment in another time zone is
    another content: it is sent as other text. A reader who knows the rest of a message can find a personnummer by trying all of
    them: the version is as confidential as the message.
    """
    (root, content), *_ = document.items()
    hoved = {name: value for name, value in content.get("hoved", {}).items() if name not in OF_ONE_SENDING}
    text = dump_canonical({root: {**content, "hoved": hoved}})
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def message_id(
    namespace: uuid.UUID, key: str, document: Mapping[str, Any], *, previous: str = "", version: str | None = None
) -> str:
    """Return the beskedId of the message of a source's key: a UUID version 5 (RFC 9562, section 5.5) in lower case.

    It depends on the namespace, the key, the content, `handling` (`opret` if it is missing) and the beskedId of the message
    that this one corrects or withdraws. With the latter, content that is changed and later changed back gets an id of its
    own; without it, it would get the first one again. `version` is the content's, if it is known.
    """
    (content, *_) = document.values()
    handling = content.get("hoved", {}).get("handling", "opret")
    # The key comes last: it alone may hold any character.
    name = f"{handling}:{previous.lower()}:{version or content_version(document)}:{key}"
    return str(uuid.uuid5(namespace, name))
