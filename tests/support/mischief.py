"""What may be wanted of a message besides its report and goes wrong; apart, so that another process has little to import."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from support.delivery_cases import guid

if TYPE_CHECKING:
    from exchange.deliveries.blocks import JudgedMessage

DEADLY = 60
"""The number of the message that `die` dies of."""


def die(message: JudgedMessage) -> None:
    """End the process at one message."""
    if guid(DEADLY).encode() in message.data:
        os._exit(9)


def tell(message: JudgedMessage) -> None:
    """Raise what quotes the message."""
    raise ValueError(message.data)
