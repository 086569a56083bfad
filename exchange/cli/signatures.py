"""The commands `sign`, `verify` and `digest`: their options and help, and how their results are shown."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from gettext import gettext as _
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from exchange.cli import options
from exchange.cli.refused import Command

if TYPE_CHECKING:
    from exchange.signatures import Explanation, Verified


@click.command(cls=Command)
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
@click.option(
    "--chain",
    type=options.FILE,
    metavar="FILE",
    help="Put the issuing CAs of this file (PEM or DER) beside the certificate: a receiver then needs only the root.",
)
@click.option("--xades", is_flag=True, help="Make it XAdES-B-B: the time and the certificate are signed too.")
@click.option("--force", is_flag=True, help="Sign even a document that is not accepted.")
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
    chain: Path | None,
    xades: bool,
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
    from exchange.cli.results import complain, delivering, kept, source_of
    from exchange.deliveries import sign_document
    from exchange.errors import InvalidMessage, KeyUnreadable
    from exchange.files.sources import read
    from exchange.findings.texts import text

    key_data = read(key)
    certificate_data, chain_data = (read(file) if file else None for file in (certificate, chain))
    signing_time = datetime.now(UTC) if xades else None
    password = None if passphrase_fd is None else _passphrase(passphrase_fd)

    def attempt(source: bytes | Path, password: bytes | None) -> None:
        with delivering(output, overwrite=overwrite) as out:
            sign_document(
                source,
                out,
                key_data,
                certificate_data,
                password=password,
                chain=chain_data,
                signing_time=signing_time,
                force=force,
            )

    try:
        with kept(source_of(file)) as source:
            try:
                attempt(source, password)
            except KeyUnreadable:
                if password is not None or not sys.stdin.isatty():
                    raise
                asked: str = click.prompt(text("passphrase", lang), hide_input=True, err=True)
                attempt(source, asked.encode())
    except InvalidMessage as invalid:
        return complain(file, invalid.report, lang)
    return 0


@click.command(cls=Command)
@click.argument("file", type=options.SOURCE)
@options.trust
@click.option(
    "--explain", is_flag=True, help="If the document is not what was signed, explain what may have changed it."
)
@click.option(
    "--original",
    type=options.FILE,
    metavar="FILE",
    help="The document as it was signed: show where they differ. Implies --explain.",
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
    from exchange.cli.results import complain, deliver, delivering, kept, source_of
    from exchange.cli.trusted import Trusted
    from exchange.deliveries import explain_document, is_delivery, verify_document
    from exchange.errors import InvalidMessage
    from exchange.files.sources import begin
    from exchange.findings.signature_kinds import CHANGED
    from exchange.model.catalog import shipped

    trust, at = Trusted(**given).read()
    with ExitStack() as stack:
        try:
            source = stack.enter_context(kept(source_of(file)))
        except InvalidMessage as invalid:
            return complain(file, invalid.report, lang)
        if output is not None and is_delivery(shipped(), begin(source)[1]):
            with suppress(_NotValid), delivering(output, overwrite=overwrite) as out:
                result = verify_document(source, trust, at=at, out=out)
                if not result.ok:
                    raise _NotValid
        else:
            result = verify_document(source, trust, at=at)
        click.echo("\n".join(_lines(file, result, lang)))
        if (explain or original) and any(finding.code == CHANGED.code for finding in result.findings):
            click.echo("\n".join(_explanation_lines(explain_document(source, original), lang)))
        if output is not None and result.content is not None:
            deliver(result.content, output, overwrite=overwrite)
        return 0 if result.ok else 1


@click.command(cls=Command)
@click.argument("file", type=options.SOURCE)
@options.lang
def digest(file: Path, lang: str) -> int:
    """Print the SHA-256 of a document's exclusive canonical form (FILE, or - for stdin), which its receipt names it by."""
    from exchange.cli.results import complain, kept, source_of
    from exchange.deliveries import digest_document
    from exchange.errors import InvalidMessage
    from exchange.model.shown_paths import shown_path

    try:
        with kept(source_of(file)) as source:
            value = digest_document(source)
    except InvalidMessage as invalid:
        return complain(file, invalid.report, lang)
    click.echo(f"{value}  {shown_path(file)}")
    return 0


def _passphrase(descriptor: int) -> bytes:
    try:
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.readline(4096).rstrip(b"\r\n")
    except OSError:
        raise click.UsageError(_("file descriptor {number} cannot be read").format(number=descriptor)) from None


class _NotValid(Exception):
    """Nothing is to be written."""


def _lines(file: Path, result: Verified, lang: str) -> list[str]:
    from exchange.findings import texts
    from exchange.model.personnummer import SHAPE
    from exchange.model.shown_paths import shown_path
    from exchange.model.values import MASK, visible

    shown = shown_path(file)
    lines = [f"{shown}: {texts.text(f'signature-{result.result}', lang)}"]
    for finding in result.findings:
        message, hint = finding.text(lang)
        severity = texts.text(finding.severity, lang)
        place = ":".join(str(part) for part in (shown, finding.line, finding.column) if part)
        lines.append(f"{place}: {severity} {finding.code} {texts.text('at', lang)} {finding.path or '/'}: {message}")
        lines.append(f"  {texts.text('hint', lang)}: {hint}")
    facts = {"signer-at": result.at.isoformat()}
    if result.signing_time is not None:
        facts["signer-time"] = result.signing_time.isoformat()
    if result.signer is not None:
        period = f"{result.signer.valid_from.isoformat()} – {result.signer.valid_until.isoformat()}"
        facts |= {
            # A certificate's names are a stranger's; its owner may be a person.
            "signer-subject": visible(SHAPE.sub(MASK, result.signer.subject), 500),
            "signer-issuer": visible(SHAPE.sub(MASK, result.signer.issuer), 500),
            "signer-period": period,
            "signer-fingerprint": result.signer.fingerprint,
            "revocation": texts.text(f"revocation-{result.revocation}", lang),
        }
    if result.algorithms is not None:
        facts["signer-algorithms"] = ", ".join(uri.rpartition("#")[2] for uri in result.algorithms)
    return lines + [f"  {texts.text(name, lang)}: {fact}" for name, fact in facts.items()]


def _explanation_lines(explanation: Explanation | None, lang: str) -> Iterator[str]:
    from exchange.findings.texts import text

    if explanation is None:
        yield f"  {text('digest-unexplained', lang)}"
        return
    yield f"  {text(f'digest-{explanation.reason}', lang)}"
    yield from (f"    {path}" for path in explanation.paths)
