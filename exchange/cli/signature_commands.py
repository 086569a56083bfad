"""The commands `sign`, `verify` and `digest`, with their arguments, options and help. The work stands in a module of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from exchange.cli import options


@click.command()
@click.argument("file", type=options.SOURCE)
@click.option("--key", type=options.FILE, required=True, metavar="FILE", help="The private key: PEM, DER or PKCS#12.")
@click.option(
    "--cert", "certificate", type=options.FILE, metavar="FILE", help="The certificate. Default: the PKCS#12's."
)
@click.option(
    "--passphrase-fd",
    type=options.DESCRIPTOR,
    metavar="N",
    help="Read the key's passphrase, a line, from this file descriptor. Default: ask for it on a terminal.",
)
@click.option("--force", is_flag=True, help="Sign a document that is not accepted, too.")
@click.option(
    "-o", "--output", "--out", type=options.FILE, help="Write to this file, whole or not at all. Default: stdout."
)
@options.overwrite
@options.lang
def sign(
    file: Path,
    key: Path,
    certificate: Path | None,
    passphrase_fd: int | None,
    force: bool,
    output: Path | None,
    overwrite: bool,
    lang: str,
) -> int:
    """Sign a message or a delivery (FILE, or - for stdin): put a ds:Signature in, leave every other byte as it is.

    A document that is not accepted is not signed: its findings go to stderr, and the exit code is 1.
    Needs cryptography: pip install 'exchange-par87[sign]'.

    \b
    exchange sign samtale.xml --key key.pem --cert cert.pem -o signed.xml
    exchange sign samtale.xml --key key.p12 --passphrase-fd 3 3< passphrase > signed.xml
    """  # click reads \b as »leave these lines as they are«
    from exchange.cli import signing

    return signing.sign(signing.Wish(file, key, certificate, passphrase_fd, force), output, overwrite, lang)


@click.command()
@click.argument("file", type=options.SOURCE)
@options.trust
@click.option("--explain", is_flag=True, help="If the document is not what was signed, say what may have become of it.")
@click.option(
    "--original",
    type=options.FILE,
    metavar="FILE",
    help="The document as it was signed: say where this one is another. Implies --explain.",
)
@click.option(
    "-o", "--output", type=options.FILE, help="Write what was signed, and nothing else, to this file, if it is valid."
)
@options.overwrite
@options.lang
def verify(
    file: Path,
    explain: bool,
    original: Path | None,
    output: Path | None,
    overwrite: bool,
    lang: str,
    **given: Any,
) -> int:
    """Verify who has signed a document (FILE, or - for stdin), and that it is what was signed.

    The result is valid, not signed, invalid, or sound but not trusted; the exit code is 0 only for valid.
    What the document says is judged by `exchange validate`.

    \b
    exchange verify signed.xml --ca ca.pem --signer cvr=12345678
    exchange verify signed.xml --ca ca.pem --crl ca.crl --signer 3f…a1 -o content.xml
    """  # click reads \b as »leave these lines as they are«
    from exchange.cli import signing, trusted

    wanted = signing.Explain(explain or original is not None, original)
    return signing.verify(file, trusted.Trusted(**given), wanted, output, overwrite, lang)


@click.command()
@click.argument("file", type=options.SOURCE)
@options.lang
def digest(file: Path, lang: str) -> int:
    """Print the SHA-256 of a document's exclusive canonical form (FILE, or - for stdin), which its receipt names it by."""
    from exchange.cli import signing

    return signing.digest(file, lang)


COMMANDS = (sign, verify, digest)
