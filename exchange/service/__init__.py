"""The service: a web application that answers what is posted to it with a report, a receipt or a page. It keeps nothing.

`serve` runs it at an address; `app` is the ASGI application for another server, with `Answers` that `answers` makes, or
others. Read `interface` first, then `app`, `middleware` (who may ask, what is logged) and `request_pool`. Only this package
knows starlette and uvicorn. What is answered is made in the packages below; here it only gets an address.
"""

from __future__ import annotations

from exchange.errors import PackageMissing

try:
    import starlette  # noqa: F401  # only whether it is there
except ImportError:
    raise PackageMissing(
        "serving needs starlette and uvicorn, which are not installed: pip install 'exchange-par87[serve]'"
    ) from None

from exchange.service.answering import answers
from exchange.service.app import app
from exchange.service.interface import Answers, Limits, Unanswerable
from exchange.service.middleware import LOOPBACK
from exchange.service.serving import is_loopback, is_token, serve

__all__ = ["LOOPBACK", "Answers", "Limits", "Unanswerable", "answers", "app", "is_loopback", "is_token", "serve"]
