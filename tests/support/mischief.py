"""What may be wanted of a message besides its report and goes wrong; apart, so that another process has little to import."""

from __future__ import annotations

import os

from support.delivery_cases import guid

DEADLY = 60
"""The number of the message that `die` dies of."""


def die(_catalog: object, data: bytes, _document: object, _report: object, **_options: object) -> None:
    """End the process at one message."""
    if guid(DEADLY).encode() in data:
        os._exit(9)


def tell(_catalog: object, data: bytes, _document: object, _report: object) -> None:
    """Raise what quotes the message."""
    raise ValueError(data)
