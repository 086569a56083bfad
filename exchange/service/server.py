"""The settings of the server uvicorn: bounds on clients that are slow, many or send too much."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 10.0
"""Seconds in which the head of a request has to arrive; uvicorn has no bound of its own for it."""


class BoundedProtocol(H11Protocol):
    """HTTP/1.1 that closes a connection whose request does not begin in time."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Start the timer."""
        super().connection_made(transport)
        self._timer: asyncio.TimerHandle | None = self.loop.call_later(HEAD_SECONDS, self._close)

    def data_received(self, data: bytes) -> None:
        """Keep the timer running while a head is incomplete, and no longer."""
        if self._is_idle() and self._timer is None:
            self._timer = self.loop.call_later(HEAD_SECONDS, self._close)
        super().data_received(data)
        if not self._is_idle():
            self._stop_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer."""
        self._stop_timer()
        super().connection_lost(exc)

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _close(self) -> None:
        self._timer = None
        if self._is_idle():
            self.transport.close()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Server(uvicorn.Server):
    """A server that says when it is ready.

    From then on a signal ends it in good order; before, its handlers and the event loop are still being made.
    """

    def __init__(self, settings: Config, ready: Callable[[], object]) -> None:
        """Take the settings, and what is called when the server is ready."""
        super().__init__(settings)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept connections, and say so."""
        await super().startup(sockets)
        if not self.should_exit:
            self._ready()


def config(application: Callable[..., Any]) -> Config:
    """Return the settings of a server of this application."""
    return Config(
        application,
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=128,
        limit_concurrency=64,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=16_384,
    )
