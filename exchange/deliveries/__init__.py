"""Deliveries: up to a million messages in one file, written and read as streams, whole or not at all.

Read `blocks` and `outcomes` first (what is judged, and how), then `reading`, `pool` and `processes`; then `messages`, `writing`,
`packing`, `unpacking` and `splitting`. Here stands what goes through a delivery message by message; what answers one stands in
`acceptance`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exchange import imported_when_used

if TYPE_CHECKING:
    from exchange.deliveries.documents import digest_document, explain_document, sign_document, verify_document
    from exchange.deliveries.messages import Delivery, Message, read_delivery
    from exchange.deliveries.packing import Inputs, pack
    from exchange.deliveries.signing import sign_delivery, verify_delivery
    from exchange.deliveries.splitting import merge, read_header, split
    from exchange.deliveries.start_tags import is_delivery
    from exchange.deliveries.unpacking import Unpacked, unpack, unpack_lines
    from exchange.deliveries.writing import Written, write_delivery

__all__ = [
    "Delivery",
    "Inputs",
    "Message",
    "Unpacked",
    "Written",
    "digest_document",
    "explain_document",
    "is_delivery",
    "merge",
    "pack",
    "read_delivery",
    "read_header",
    "sign_delivery",
    "sign_document",
    "split",
    "unpack",
    "unpack_lines",
    "verify_delivery",
    "verify_document",
    "write_delivery",
]

__getattr__ = imported_when_used(
    __name__,
    {
        "documents": ("digest_document", "explain_document", "sign_document", "verify_document"),
        "messages": ("Delivery", "Message", "read_delivery"),
        "packing": ("Inputs", "pack"),
        "signing": ("sign_delivery", "verify_delivery"),
        "splitting": ("merge", "read_header", "split"),
        "start_tags": ("is_delivery",),
        "unpacking": ("Unpacked", "unpack", "unpack_lines"),
        "writing": ("Written", "write_delivery"),
    },
)
