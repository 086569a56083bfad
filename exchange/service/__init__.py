"""The service: a web application that answers what is posted to it with a report, a receipt or a page. It keeps nothing."""

from __future__ import annotations

from exchange.service.app import app
from exchange.service.interface import Answers, Limits, Unanswerable
from exchange.service.middleware import LOOPBACK

__all__ = ["LOOPBACK", "Answers", "Limits", "Unanswerable", "app"]
