"""The command `serve`, with its options and help. The work stands in a module of its own."""

from __future__ import annotations

from pathlib import Path

import click

from exchange.cli import options


@click.command()
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
@options.lang
def serve(host: str, port: int, token_fd: int | None, token_file: Path | None, lang: str) -> int:
    """Serve developers and their tests: POST a file, and get its report, its receipt or what the person sees of it.

    The address is printed on stderr; there is a page where files and folders can be dropped, and /openapi.json
    describes the rest. Nothing is kept; the log, on stderr, holds no name and no content. Ctrl-C ends it,
    and SIGTERM with exit code 0. There is no TLS: for others than this machine put a proxy with TLS before it. A token has 16 characters at least.
    Needs starlette and uvicorn: pip install 'exchange-par87[serve]'.

    \b
    exchange serve
    curl --data-binary @samtale.xml http://127.0.0.1:8067/report
    exchange serve --host 0.0.0.0 --token-fd 3 3< token
    """  # click reads \b as »leave these lines as they are«
    from exchange.cli import serving

    return serving.serve(host, port, token_fd, token_file, lang)


COMMANDS = (serve,)
