"""Reads the body of a request within its bounds, and has the answer made in one of a few threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from exchange.service.interface import Limits
from exchange.service.problems import Problem

if TYPE_CHECKING:
    from starlette.requests import Request

_Answer = TypeVar("_Answer")


class RequestPool:
    """A bounded number of requests under way. One that was given up keeps its place until its thread is done with it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._under_way = 0
        self._threads = ThreadPoolExecutor(limits.working, "exchange-service")

    async def answer(self, request: Request, make: Callable[[bytes], _Answer]) -> _Answer:
        """Read a request's body and make the answer. Raises Problem if it is too much, too slow or takes too long."""
        if self._under_way >= self._limits.working + self._limits.waiting:
            raise Problem(503, "busy", {"Retry-After": "1", "Connection": "close"})
        self._under_way += 1
        work = None
        try:
            data = await self._body(request)
            work = self._threads.submit(make, data)
            del data
        finally:
            if work is None:
                self._free()
        loop = asyncio.get_running_loop()

        def done(_work: object) -> None:
            with suppress(RuntimeError):  # the service has ended meanwhile
                loop.call_soon_threadsafe(self._free)

        work.add_done_callback(done)
        try:
            async with asyncio.timeout(self._limits.answering):
                return await asyncio.wrap_future(work)
        except TimeoutError:
            raise Problem(503, "given-up", {"Retry-After": "60"}) from None

    def close(self) -> None:
        """Start no more work."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _free(self) -> None:
        self._under_way -= 1

    async def _body(self, request: Request) -> bytes:
        """Read a body, counting as it comes: what its head says of its length is only a promise."""
        closing = {"Connection": "close"}
        promised = request.headers.get("content-length", "")
        if promised.isdecimal() and int(promised[:20]) > self._limits.bytes:
            raise Problem(413, "large", closing)
        parts, size = [], 0
        try:
            async with asyncio.timeout(self._limits.arriving):
                async for part in request.stream():
                    size += len(part)
                    if size > self._limits.bytes:
                        raise Problem(413, "large", closing)
                    parts.append(part)
        except TimeoutError:
            raise Problem(408, "slow", closing) from None
        return b"".join(parts)
