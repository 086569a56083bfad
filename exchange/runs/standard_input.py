"""Keeps what is on standard input where it is to be read more than once, as a file would be."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from exchange.deliveries import is_delivery
from exchange.files.sources import HEAD, MAX_BYTES, begin, read
from exchange.model.catalog import Catalog
from exchange.receipts.layout import is_receipt


@contextmanager
def kept_input(catalog: Catalog, stream: IO[bytes]) -> Iterator[bytes | Path]:
    """Yield the document on a stream, to be read as often as wanted: its bytes, or a file that has them.

    Only a delivery or a receipt may be larger than a message. It is copied to a file in a folder of its own (mode 0700), which is
    gone at the end. Of anything else no more is read. Raises Refused for what is too large, OSError as the system gives it.
    """
    source, head = begin(stream)
    if not (is_delivery(catalog, head) or is_receipt(head)):
        yield read(source)
        return
    assert not isinstance(source, bytes | Path)  # noqa: S101  # it is a stream
    data = b""
    while len(data) <= MAX_BYTES and (block := source.read(MAX_BYTES + 1 - len(data))):
        data += block
    if len(data) <= MAX_BYTES:
        yield data
        return
    import tempfile  # it takes long to import, and most runs need none

    with tempfile.TemporaryDirectory(prefix="exchange-") as folder:
        path = Path(folder, "stdin.xml")
        with path.open("xb") as file:
            file.write(data)
            del data
            shutil.copyfileobj(source, file, HEAD)
        yield path
