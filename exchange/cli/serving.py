"""The command that serves: binds the address, reads the token, and runs the application until it is interrupted."""

from __future__ import annotations

import errno
import ipaddress
import logging
import os
import re
import socket
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import click

from exchange.cli import options
from exchange.cli.answering import Head
from exchange.errors import PackageMissing
from exchange.findings.texts import text
from exchange.runs.interruption import Interrupts

TOKEN = re.compile(r"[!-~]{16,512}")
"""What may be a token: visible ASCII, long enough not to be guessed."""


def serve(host: str, port: int, token_fd: int | None, token_file: Path | None, lang: str) -> int:
    """Serve until a signal: SIGTERM raises SystemExit with code 0, Ctrl-C KeyboardInterrupt, when all is closed.

    Raises UsageError, PackageMissing, OSError for an address that cannot be had.
    """
    if not all(map(find_spec, ("starlette", "uvicorn"))):
        raise PackageMissing(
            "serving needs starlette and uvicorn, which are not installed: pip install 'exchange-par87[serve]'"
        )
    import uvicorn

    from exchange.cli.http import settings
    from exchange.service import LOOPBACK, Limits, app
    from exchange.service.answering import warmed

    token = _token(token_fd, token_file, lang)
    if token is None and not is_loopback(host):
        raise click.UsageError(text("serve-token-needed", lang))
    limits = Limits(working=options.cores())
    # A service with a token may stand behind a proxy, which alone knows its names; the token is what keeps strangers out.
    hosts = {*LOOPBACK, host} if token is None else None
    _log_to_stderr()
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        raise OSError(errno.ENOENT, text("serve-no-temporary", lang)) from None
    # uvicorn answers signals itself, and repeats them to whoever answered them before when it has closed.
    with Interrupts(terminated=True).taken(), _bound(host, port) as bound:
        config = settings(app(warmed(Head(None, None).settled), token=token, hosts=hosts, limits=limits))
        # Before the address is told: whoever reads it may come at once.
        bound.listen(config.backlog)
        click.echo(text("serve-at", lang, address=_address(bound)), err=True)
        uvicorn.Server(config).run(sockets=[bound])
    return 0


def is_loopback(host: str) -> bool:
    """True for an address that only this machine reaches, by number or as localhost; no other name is looked up."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _bound(host: str, port: int) -> socket.socket:
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


def _address(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _token(descriptor: int | None, file: Path | None, lang: str) -> str | None:
    if descriptor is not None and file is not None:
        raise click.UsageError(text("serve-token-twice", lang))
    if descriptor is not None:
        with os.fdopen(descriptor, encoding="utf-8", errors="replace") as stream:
            line = stream.readline(1024)
    elif file is not None:
        with file.open(encoding="utf-8", errors="replace") as stream:
            line = stream.readline(1024)
    else:
        return None
    token = line.rstrip("\r\n")
    if not TOKEN.fullmatch(token):
        raise click.UsageError(text("serve-token-unfit", lang))
    return token


def _log_to_stderr() -> None:
    log = logging.getLogger("exchange.service")
    log.handlers = [logging.StreamHandler(sys.stderr)]
    log.setLevel(logging.INFO)
    log.propagate = False
    # What the server itself would log may quote a request.
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi", "asyncio"):
        logging.getLogger(name).disabled = True
