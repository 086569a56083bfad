"""Runs the service: `exchange serve` as its users do, in a process of its own, or the application without a network."""

from __future__ import annotations

import asyncio
import atexit
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import cache
from typing import IO, Any

import httpx

from support.waiting import PATIENCE

COMMAND = [sys.executable, "-c", "from exchange.cli import main; main()", "serve", "--port", "0", "--lang", "en"]


class Served:
    """A running service: its address, and what it has said on stderr."""

    def __init__(self, process: subprocess.Popen[bytes], said: IO[bytes], address: str) -> None:
        self.process, self._said, self.address = process, said, address

    @property
    def said(self) -> str:
        """All of stderr so far."""
        return os.pread(self._said.fileno(), 1 << 20, 0).decode()

    @property
    def at(self) -> tuple[str, int]:
        """Host and port."""
        url = httpx.URL(self.address)
        return url.host, url.port or 80

    def interrupt(self, number: int = signal.SIGINT) -> int:
        """End it as Ctrl-C does; give the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextmanager
def served(*options: str, stdin: bytes | None = None, before: str = "") -> Iterator[Served]:
    """Start the service; it is ended in any case. `before` is run in its process first."""
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as given:
        given.write(stdin or b"")
        given.seek(0)
        python, flag, code, *rest = COMMAND
        process = subprocess.Popen(
            [python, flag, f"{before}\n{code}", *rest, *options],
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=said,
            env={**os.environ, "NO_PROXY": "*"},
        )
        try:
            yield Served(process, said, _address(process, said))
        finally:
            process.kill()
            process.communicate()


def _address(process: subprocess.Popen[bytes], said: IO[bytes]) -> str:
    while process.poll() is None:
        # The process writes where its own descriptor stands, which is this one's, too.
        text = os.pread(said.fileno(), 10_000, 0).decode()
        found = re.search(r"http://\S+/", text)
        if found:
            return found.group().rstrip("/")
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError(f"it did not start: {os.pread(said.fileno(), 10_000, 0)!r}")


class Client:
    """Asks an application without a network, from any thread; the application lives in an event loop of its own."""

    def __init__(self, application: Any, base: str) -> None:
        self._transport = httpx.ASGITransport(application)
        self._base = base

    def request(
        self, method: str, path: str, *, content: bytes | list[bytes] | None = None, **more: Any
    ) -> httpx.Response:
        """Ask; a list is sent in so many chunks."""
        return asyncio.run_coroutine_threadsafe(self._request(method, path, content, more), _loop()).result(PATIENCE)

    def get(self, path: str, **more: Any) -> httpx.Response:
        """GET."""
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        """POST."""
        return self.request("POST", path, **more)

    async def _request(
        self, method: str, path: str, content: bytes | list[bytes] | None, more: dict[str, Any]
    ) -> httpx.Response:
        async with httpx.AsyncClient(transport=self._transport, base_url=self._base) as own:
            sent = _chunks(content) if isinstance(content, list) else content
            return await own.request(method, path, content=sent, **more)


async def _chunks(parts: list[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
        await asyncio.sleep(0.05)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def end() -> None:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    atexit.register(end)
    return loop
