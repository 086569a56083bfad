"""Keeps what is on standard input where it is to be read more than once, as a file would be."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from exchange.deliveries import is_delivery
from exchange.files.sources import HEAD, MAX_BYTES, begin, filled, read
from exchange.model.catalog import Catalog
from exchange.receipts.layout import is_receipt


@contextmanager
def kept_input(catalog: Catalog, stream: IO[bytes]) -> Iterator[bytes | Path]:
    """Yield the document on a stream, to be read as often as wanted: its bytes, or a file that has them.

    Only a delivery or a receipt may be larger than a message. It is copied to a temporary file that has no name, so that nothing
    stays if the program is killed; where the system has no such files, to one in a folder of its own (mode 0700). Of anything
    else no more is read. Raises Refused for what is too large, OSError as the system gives it.
    """
    source, head = begin(stream)
    if not (is_delivery(catalog, head) or is_receipt(head)):
        yield read(source)
        return
    assert not isinstance(source, bytes | Path)  # noqa: S101  # it is a stream
    data = filled(source, MAX_BYTES + 1)
    if len(data) <= MAX_BYTES:
        yield data
        return
    import tempfile  # it takes long to import, and most runs need none

    with ExitStack() as stack:
        file: IO[bytes] = stack.enter_context(tempfile.TemporaryFile())
        path = Path(f"/proc/self/fd/{file.fileno()}")
        if not path.exists():
            path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="exchange-")), "stdin.xml")
            file = stack.enter_context(path.open("xb"))
        file.write(data)
        del data
        shutil.copyfileobj(source, file, HEAD)
        file.flush()
        yield path
