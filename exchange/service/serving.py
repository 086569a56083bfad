"""Serves the application over HTTP at an address, until a signal."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec

from exchange.acceptance import ReceiptHead
from exchange.errors import PackageMissing
from exchange.service.answering import compiled_answers
from exchange.service.app import app
from exchange.service.interface import Limits
from exchange.service.middleware import LOOPBACK

_TOKEN = re.compile(r"[!-~]{16,512}")


def serve(
    host: str,
    port: int,
    *,
    new_head: Callable[[], ReceiptHead],
    listening: Callable[[str], object],
    token: str | None = None,
    limits: Limits | None = None,
) -> None:
    """Serve until a signal. There is no TLS: for others than this machine put a proxy with TLS before it.

    The log is `exchange.service` of the standard library's logging; it holds no name and no content. uvicorn answers SIGINT
    and SIGTERM, and passes them on to the handlers that were there before when all connections are closed.

    Args:
        host: The address to listen at. Any but loopback needs a token.
        port: The port; 0 takes a free one.
        new_head: Makes the head of each receipt: a fresh key, and the current time.
        listening: Called with the URL when connections are accepted and signals are handled; all that answers need is
            compiled before.
        token: What clients have to send, see `is_token`.
        limits: The bounds of the service.

    Raises:
        ValueError: The token is unfit, or is missing for an address that others reach.
        PackageMissing: The extra `serve` is not installed.
        OSError: The address cannot be had.

    """
    if not find_spec("uvicorn"):
        raise PackageMissing(
            "serving needs starlette and uvicorn, which are not installed: pip install 'exchange-par87[serve]'"
        )
    from exchange.service.server import Server, config

    if token is not None and not is_token(token):
        raise ValueError("token: expected 16 to 512 visible ASCII characters")
    if token is None and not is_loopback(host):
        raise ValueError("host: expected a loopback address, or a token")
    # A service with a token may stand behind a proxy, which alone knows its names; the token is what keeps strangers out.
    hosts = {*LOOPBACK, host} if token is None else None
    with _bind(host, port) as bound:
        settings = config(app(compiled_answers(new_head), token=token, hosts=hosts, limits=limits))
        Server(settings, partial(listening, _url(bound))).run(sockets=[bound])


def is_token(text: str) -> bool:
    """Return True for what may be a token: 16 to 512 visible ASCII characters, long enough not to be guessed."""
    return bool(_TOKEN.fullmatch(text))


def is_loopback(host: str) -> bool:
    """Return True for an address that only this machine reaches, by number or as localhost; no other name is looked up."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _bind(host: str, port: int) -> socket.socket:
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    # By its protocol asyncio knows that answers are not to wait for one another (TCP_NODELAY).
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound


def _url(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
