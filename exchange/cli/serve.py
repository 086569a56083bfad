"""The command `serve`: its options and help, the token and the log."""

from __future__ import annotations

import errno
import sys
from functools import partial
from pathlib import Path

import click

from exchange.cli import options
from exchange.cli.refused import Command


@click.command(cls=Command)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="The address to listen at. Any but loopback needs a token."
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8067, show_default=True, help="The port; 0 takes a free one."
)
@click.option(
    "--token-fd", type=options.DESCRIPTOR, metavar="N", help="Read the token, a line, from this file descriptor."
)
@click.option("--token-file", type=options.FILE, metavar="FILE", help="Read the token, a line, from this file.")
@options.receipt_version
@options.log_format
@options.lang
def serve(
    host: str,
    port: int,
    token_fd: int | None,
    token_file: Path | None,
    receipt_version: int | None,
    log_format: str | None,
    lang: str,
) -> int:
    """Serve developers and their tests: POST a file, and get its report, its receipt or what the person sees of it.

    The address is printed on stderr; there is a page where files and folders can be dropped, and /openapi.json
    describes the rest. Nothing is kept; the log, on stderr, holds no name and no content. Ctrl-C ends it,
    and SIGTERM with exit code 0. There is no TLS: for clients on other machines put a proxy with TLS in front of it. A token has 16 characters at least.
    Needs starlette and uvicorn: pip install 'exchange-par87[serve]'.

    \b
    exchange serve
    curl --data-binary @samtale.xml http://127.0.0.1:8067/report
    exchange serve --host 0.0.0.0 --token-fd 3 3< token
    """  # click reads \b as »leave these lines as they are«
    import tempfile

    # First, for the hint on what to install.
    from exchange import service
    from exchange.cli import logs
    from exchange.cli.receipts import fresh_head
    from exchange.findings.texts import text
    from exchange.runs.interruption import Interrupts

    token = _token(token_fd, token_file, lang)
    if token is None and not service.is_loopback(host):
        raise click.UsageError(text("serve-token-needed", lang))
    if token is not None and not service.is_token(token):
        raise click.UsageError(text("serve-token-unfit", lang))
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        raise OSError(errno.ENOENT, text("serve-no-temporary", lang)) from None
    form = log_format or "text"
    _log_to_stderr(form)
    # SIGTERM raises SystemExit with code 0, Ctrl-C KeyboardInterrupt, when uvicorn has closed all and passes it on.
    with Interrupts(terminated=True).taken():
        service.serve(
            host,
            port,
            new_head=partial(fresh_head, receipt_version=receipt_version),
            listening=lambda address: logs.log(form, "info", [text("serve-at", lang, address=address)]),
            token=token,
            limits=service.Limits(working=options.cores()),
        )
    return 0


def _token(descriptor: int | None, file: Path | None, lang: str) -> str | None:
    """Return the line that holds the token; None if there is to be none."""
    if descriptor is not None and file is not None:
        from exchange.findings.texts import text

        raise click.UsageError(text("serve-token-twice", lang))
    source = file if descriptor is None else descriptor
    if source is None:
        return None
    with open(source, encoding="utf-8", errors="replace") as stream:  # noqa: PTH123  # perhaps a descriptor
        return stream.readline(1024).rstrip("\r\n")


def _log_to_stderr(form: str) -> None:
    import logging

    from exchange.cli.logs import Formatter

    log = logging.getLogger("exchange.service")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter(form))
    log.handlers = [handler]
    log.setLevel(logging.INFO)
    log.propagate = False
    # What the server itself would log may quote a request.
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi", "asyncio"):
        logging.getLogger(name).disabled = True
