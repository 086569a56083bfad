"""Answers to requests that are refused: problem details (RFC 9457), with nothing of what was sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"

DETAILS = {
    "query": "A query parameter is unknown, given twice or not of the form that /openapi.json names.",
    "token": "Send the service's token: Authorization: Bearer …",
    "origin": "Pages of another origin may not post here.",
    "path": "There is nothing at this address.",
    "method": "This address does not answer that method.",
    "slow": "The body did not arrive in time.",
    "large": "The body is larger than this service takes.",
    "coding": "Send the file's raw bytes: no multipart form, no content coding.",
    "host": "This service answers only to its own names.",
    "fault": "A fault of the service. Nothing of the document is in its log.",
    "busy": "Too many documents are under way. Try again.",
    "given-up": "The answer took too long and was given up.",
}
"""What is wrong, by key; the same words for every request."""


class Problem(Exception):
    """The request is refused: a status, and the key of its detail."""

    def __init__(self, status: int, key: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(key)
        self.status, self.key, self.headers = status, key, dict(headers or {})

    def response(self) -> Response:
        """Return the answer."""
        content = {"title": HTTPStatus(self.status).phrase, "status": self.status, "detail": DETAILS[self.key]}
        return Response(json.dumps(content), self.status, self.headers, MEDIA_TYPE)
