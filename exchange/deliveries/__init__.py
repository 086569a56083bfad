"""Deliveries: up to a million messages in one file, written and read as streams."""

from __future__ import annotations

from exchange.deliveries.reading import Delivery, Message, read_delivery
from exchange.deliveries.signing import sign_delivery, verify_delivery
from exchange.deliveries.splitting import merge, split
from exchange.deliveries.start_tags import is_delivery
from exchange.deliveries.writing import Written, write_delivery

__all__ = [
    "Delivery",
    "Message",
    "Written",
    "is_delivery",
    "merge",
    "read_delivery",
    "sign_delivery",
    "split",
    "verify_delivery",
    "write_delivery",
]
