"""Describes the service as OpenAPI 3.1, with the schema of the report as it is shipped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from exchange import __version__, reports
from exchange.service.problems import DETAILS, MEDIA_TYPE

_SCHEMA = Path(reports.__file__).parent / "report.schema.json"

_BINARY = {"type": "string", "format": "binary"}
_XML = {"application/xml": {"schema": {"type": "string"}}}
_HTML = {"text/html": {"schema": {"type": "string"}}}
_BEARER = {"type": "http", "scheme": "bearer", "description": "The token that the service was started with."}


def describe(*, with_token: bool, most: int) -> dict[str, Any]:
    """Return the description of a service that takes bodies of at most `most` bytes, and asks for a token or does not."""
    text = _SCHEMA.read_text("utf-8").replace("#/$defs/", "#/components/schemas/")
    schema = json.loads(text)
    schemas = schema.pop("$defs")
    del schema["$schema"]
    on = {
        "name": "on",
        "in": "query",
        "description": "Judge codes as of this day, not the event's.",
        "schema": {"type": "string", "format": "date"},
    }
    lang = {
        "name": "lang",
        "in": "query",
        "description": "The language of the texts in the receipt.",
        "schema": {"enum": ["da", "en"], "default": "da"},
    }
    none = {"422": {"description": "There is none for this document; its report says why.", "content": _json("report")}}
    operations = _Operations(with_token, most)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "exchange",
            "version": __version__,
            "description": "Judges the reports that Danish unemployment funds owe by law. Nothing is kept.",
        },
        "paths": {
            "/report": operations.posted(
                "report", "Give the report, in the form of `exchange validate --format json`.", [on], _json("report")
            ),
            "/kvittering": operations.posted(
                "receipt", "Answer a message or a delivery with a receipt.", [lang], _XML, none
            ),
            "/page": operations.posted(
                "page", "Show what the person sees of an accepted message on Jobnet.", [], _HTML, none
            ),
            "/health": operations.read("health", "Say that the service is there.", _json("health"), is_open=True),
            "/openapi.json": operations.read(
                "openapi", "Give this description.", {"application/json": {"schema": {"type": "object"}}}
            ),
        },
        "components": {
            "schemas": {**schemas, "report": schema, "health": _health(), "problem": _problem()},
            **({"securitySchemes": {"token": _BEARER}} if with_token else {}),
        },
        **({"security": [{"token": []}]} if with_token else {}),
    }


class _Operations:
    def __init__(self, with_token: bool, most: int) -> None:
        self._with_token = with_token
        self._most = most

    def posted(
        self,
        name: str,
        summary: str,
        parameters: list[Any],
        content: dict[str, Any],
        more: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Describe an address that a file is posted to."""
        body = {
            "description": f"The file's raw bytes, at most {self._most}; any content type but a multipart form. "
            "None is taken for an empty file.",
            "content": {"application/octet-stream": {"schema": _BINARY}},
        }
        answers = {"200": {"description": "The answer; findings are one, too.", "content": content}, **(more or {})}
        problems = {"403": "origin", "408": "slow", "413": "large", "415": "coding", "503": "busy"}
        return {
            "post": {
                "operationId": name,
                "summary": summary,
                "parameters": parameters,
                "requestBody": body,
                "responses": {**answers, **self._problems(problems)},
            }
        }

    def read(self, name: str, summary: str, content: dict[str, Any], *, is_open: bool = False) -> dict[str, Any]:
        """Describe an address that is only read."""
        problems = self._problems({})
        if is_open:
            problems.pop("401", None)
        operation = {
            "operationId": name,
            "summary": summary,
            "responses": {"200": {"description": "The answer.", "content": content}, **problems},
        }
        return {"get": {**operation, "security": []} if is_open else operation}

    def _problems(self, more: dict[str, str]) -> dict[str, Any]:
        every = {"400": "query", "421": "host", "500": "fault", **more}
        if self._with_token:
            every["401"] = "token"
        content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/problem"}}}
        return {status: {"description": DETAILS[key], "content": content} for status, key in sorted(every.items())}


def _json(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _health() -> dict[str, Any]:
    return {
        "description": "The service is there.",
        "type": "object",
        "properties": {
            "status": {"const": "ok"},
            "version": {"type": "string"},
            "max_bytes": {"type": "integer", "minimum": 1},
        },
        "required": ["status", "version", "max_bytes"],
        "additionalProperties": False,
    }


def _problem() -> dict[str, Any]:
    return {
        "description": "Why there is no other answer (RFC 9457).",
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"enum": list(DETAILS.values())},
        },
        "required": ["title", "status", "detail"],
        "additionalProperties": False,
    }
