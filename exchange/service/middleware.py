"""Middleware before every route: who may ask, the headers of every answer, what is logged, what a fault is answered with."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Collection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect

from exchange.service.problems import Problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG = logging.getLogger("exchange.service")

_PORTS = {"http": 80, "https": 443}

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'{style}; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)

SAFE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class GuardMiddleware:
    """Wraps the application `app`. `hosts` are the names it answers to (None: any, with a token only), `open_paths` need no token.

    `paths` are the addresses that exist: no other one is written to the log.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        token: str | None,
        hosts: Collection[str] | None,
        open_paths: Collection[str],
        paths: Collection[str],
        style: str,
    ) -> None:
        self._inner = app
        self._token = None if token is None else token.encode()
        self._hosts = hosts
        self._open = frozenset(open_paths)
        self._paths = frozenset(paths)
        self._policy = POLICY.format(style=f" '{style}'")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        clock = asyncio.get_running_loop().time
        start, status = clock(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", self._policy)
                headers.update(SAFE)
            await send(message)

        try:
            self._check(scope)
            await self._inner(scope, receive, answer)
        except Problem as problem:
            await problem.response()(scope, receive, answer)
        except ClientDisconnect:
            status = 499
        except Exception as error:  # noqa: BLE001  # the one place where everything else ends; its text may quote a document
            LOG.error("fault: %s", type(error).__name__)
            if not status:
                await Problem(500, "fault").response()(scope, receive, answer)
        path = scope["path"] if scope["path"] in self._paths else "-"
        method = scope["method"] if scope["method"] in ("GET", "HEAD", "POST") else "-"
        milliseconds = round((clock() - start) * 1000)
        facts = {"method": method, "path": path, "status": status, "milliseconds": milliseconds}
        LOG.info("%s %s %d %d ms", *facts.values(), extra={"facts": facts})

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) > 1 or (self._hosts is not None and _name("".join(hosts).lower()) not in self._hosts):
            # A page from elsewhere whose name has been made to lead here (DNS rebinding).
            raise Problem(421, "host", {"Connection": "close"})
        if scope["method"] not in ("GET", "HEAD") and not self._is_own_page(scope, headers):
            raise Problem(403, "origin", {"Connection": "close"})
        if self._token is not None and scope["path"] not in self._open and not self._has_token(headers):
            raise Problem(401, "token", {"WWW-Authenticate": "Bearer", "Connection": "close"})

    def _is_own_page(self, scope: Scope, headers: Headers) -> bool:
        """True unless a browser says that a page of another origin sends this. Each such header has to agree.

        A proxy is expected only before a service with a token, and only there its headers count. Pages of other
        origins cannot set them: a browser first asks whether it may, and the answer is no.
        """
        sites = headers.getlist("sec-fetch-site")
        if not {"same-origin", "none"}.issuperset(sites):
            return False
        scheme, host = scope.get("scheme", "http"), headers.get("host", "")
        schemes = [scheme]
        if self._token is not None:
            schemes = [_forwarded(headers, "x-forwarded-proto") or scheme]
            host = _forwarded(headers, "x-forwarded-host") or host
            if "same-origin" in sites:
                # The browser has compared the schemes; the proxy may not have said which is its own.
                schemes = ["http", "https"]
        own = {_origin(f"{scheme}://{host}") for scheme in schemes} - {None}
        return all(_origin(origin) in own for origin in headers.getlist("origin"))

    def _has_token(self, headers: Headers) -> bool:
        kind, _, token = headers.get("authorization", "").partition(" ")
        known = self._token is not None and hmac.compare_digest(token.strip().encode(), self._token)
        return known and kind.lower() == "bearer"


def _forwarded(headers: Headers, name: str) -> str:
    """Return what the first of several proxies says, the one that the browser asked; "" if there is none."""
    return headers.get(name, "").partition(",")[0].strip()


def _origin(text: str) -> tuple[str, str, int | None] | None:
    """Return scheme, host and port of an origin, also the scheme's default port; None for what is no origin."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    if parts.hostname is None or "@" in parts.netloc or text.lower() != f"{parts.scheme}://{parts.netloc}".lower():
        return None
    return parts.scheme, parts.hostname, _PORTS.get(parts.scheme) if port is None else port


def _name(host: str) -> str | None:
    """Return the name in a Host header, without the port."""
    try:
        parts = urlsplit(f"//{host}")
        return parts.hostname if parts.netloc == host and "@" not in host and (parts.port or 0) >= 0 else None
    except ValueError:
        return None
