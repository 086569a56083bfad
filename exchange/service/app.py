"""Makes the web application: its routes, and what each of them answers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Route

from exchange import __version__
from exchange.jobnet import style_hash
from exchange.model.values import read_day
from exchange.service.interface import Answers, Limits, Unanswerable
from exchange.service.middleware import LOOPBACK, GuardMiddleware
from exchange.service.openapi import describe
from exchange.service.problems import Problem
from exchange.service.request_pool import RequestPool

if TYPE_CHECKING:
    from starlette.requests import Request

_FOLDER = Path(__file__).parent
_FILES = {
    "/": ("page.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
    "/words.js": ("words.js", "text/javascript"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
_LANGUAGES = ("da", "en")


def app(
    answers: Answers,
    *,
    token: str | None = None,
    hosts: Collection[str] | None = LOOPBACK,
    limits: Limits | None = None,
) -> Starlette:
    """Make the application. It keeps nothing, and logs no name and no content.

    With a `token` everything but /health and the files of the developer's page asks for it. `hosts` are the names it answers to;
    None takes any, and is only for a service with a token: ValueError otherwise.
    """
    if hosts is None and token is None:
        raise ValueError("hosts: expected names, for without a token any page could have its own lead here")
    return _Service(answers, token, hosts, limits or Limits()).application()


class _Service:
    def __init__(self, answers: Answers, token: str | None, hosts: Collection[str] | None, limits: Limits) -> None:
        self._answers, self._token, self._hosts, self._limits = answers, token, hosts, limits
        self._pool = RequestPool(limits)
        self._style = style_hash()
        self._files = {path: ((_FOLDER / name).read_bytes(), kind) for path, (name, kind) in _FILES.items()}
        self._description = json.dumps(describe(with_token=token is not None, most=limits.bytes), ensure_ascii=False)

    def application(self) -> Starlette:
        """Return the application with its routes and middleware."""
        routes = [
            Route("/report", self.report, methods=["POST"]),
            Route("/kvittering", self.receipt, methods=["POST"]),
            Route("/page", self.page, methods=["POST"]),
            Route("/health", self.health),
            Route("/openapi.json", self.openapi),
            *(Route(path, self.file) for path in self._files),
        ]
        guard = Middleware(
            GuardMiddleware,
            token=self._token,
            hosts=self._hosts,
            open_paths={"/health", *self._files},
            paths={route.path for route in routes},
            style=self._style,
        )
        handlers = {HTTPException: _http_problem, Problem: _problem}
        application = Starlette(routes=routes, middleware=[guard], exception_handlers=handlers, lifespan=self._lifespan)
        # A redirect to the address without its last slash is absolute. Behind a proxy with TLS its scheme is http, and a
        # client that follows it sends document and token again, unencrypted.
        application.router.redirect_slashes = False
        return application

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        yield
        self._pool.close()

    async def report(self, request: Request) -> Response:
        """Judge a document."""
        query = _query(request, "on")
        on = _day(query.get("on"))
        report = await self._pool.answer(request, lambda data: self._answers.report(data, on))
        return Response(report, media_type="application/json")

    async def receipt(self, request: Request) -> Response:
        """Answer a document with a receipt."""
        lang = _query(request, "lang").get("lang", "da")
        if lang not in _LANGUAGES:
            raise Problem(400, "query")
        try:
            receipt = await self._pool.answer(request, lambda data: self._answers.receipt(data, lang))
        except Unanswerable as none:
            return Response(none.report, 422, media_type="application/json")
        return Response(receipt, media_type="application/xml")

    async def page(self, request: Request) -> Response:
        """Show what the person sees of a message."""
        _query(request)
        try:
            html = await self._pool.answer(request, self._answers.page)
        except Unanswerable as none:
            return Response(none.report, 422, media_type="application/json")
        policy = f"default-src 'none'; style-src '{self._style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
        return Response(html, headers={"Content-Security-Policy": policy}, media_type="text/html")

    async def health(self, request: Request) -> Response:
        """Return that the service is there, its version, and how large a document may be."""
        _query(request)
        state = {"status": "ok", "version": __version__, "max_bytes": self._limits.bytes}
        return Response(json.dumps(state), media_type="application/json")

    async def openapi(self, request: Request) -> Response:
        """Describe the service."""
        _query(request)
        return Response(self._description, media_type="application/json")

    async def file(self, request: Request) -> Response:
        """Return a file of the developer's page."""
        data, kind = self._files[request.url.path]
        return Response(data, media_type=kind)


def _query(request: Request, *names: str) -> dict[str, str]:
    """Return the query's parameters. Raises Problem for one that stands twice or is none of these, and for a coded body."""
    parameters = request.query_params.multi_items()
    if len({name for name, _ in parameters}) < len(parameters) or any(name not in names for name, _ in parameters):
        raise Problem(400, "query")
    if request.method == "POST":
        coding = request.headers.get("content-encoding", "identity").strip().lower()
        kind = request.headers.get("content-type", "").strip().lower()
        if coding != "identity" or kind.startswith("multipart/"):
            raise Problem(415, "coding", {"Connection": "close"})
    return dict(parameters)


def _day(value: str | None) -> date | None:
    try:
        return None if value is None else read_day(value)
    except ValueError:
        raise Problem(400, "query") from None


async def _problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101  # it is registered for nothing else
    return error.response()


async def _http_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # it is registered for nothing else
    key: Any = {404: "path", 405: "method"}.get(error.status_code, "fault")
    return Problem(error.status_code, key, error.headers).response()
