"""Answers over HTTP, on this machine only: a practice receiver is never one for others.

POST a message or a delivery to `/`: 200 with its receipt, 202 without one, 503 if the receiver takes nothing now: send again.
GET `/receipts`: 200 with a receipt that came later, 204 if there is none; each is handed out once.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from exchange.files.sources import MAX_BYTES
from exchange.practice.receiver import Receiver

_LOOPBACK = "127.0.0.1"
_SECONDS = 30


@contextmanager
def serving(receiver: Receiver, port: int = 0) -> Iterator[str]:
    """Serve in a thread of its own while the block runs; yield the URL. Port 0 takes a free one. Raises OSError."""
    handed_out: deque[bytes] = deque()

    class Handler(BaseHTTPRequestHandler):
        timeout = _SECONDS

        def do_POST(self) -> None:  # as http.server has it
            length = self.headers.get("Content-Length", "")
            if not length.isascii() or not length.isdigit():
                return self._answer(HTTPStatus.LENGTH_REQUIRED)
            if int(length) > MAX_BYTES:
                return self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            answer = receiver.receive(self.rfile.read(int(length)))
            if answer.unavailable:
                return self._answer(HTTPStatus.SERVICE_UNAVAILABLE)
            handed_out.extend(answer.receipts[1:])
            if not answer.receipts:
                return self._answer(HTTPStatus.ACCEPTED)
            return self._answer(HTTPStatus.OK, answer.receipts[0])

        def do_GET(self) -> None:  # as http.server has it
            if self.path != "/receipts":
                return self._answer(HTTPStatus.NOT_FOUND)
            handed_out.extend(receiver.waiting())
            if not handed_out:
                return self._answer(HTTPStatus.NO_CONTENT)
            return self._answer(HTTPStatus.OK, handed_out.popleft())

        def _answer(self, status: HTTPStatus, body: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Write nothing: a request line may quote a message."""

    with ThreadingHTTPServer((_LOOPBACK, port), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://{_LOOPBACK}:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()
