"""Signs and verifies for the command line: files in, one document or one verdict out."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import click

from exchange import api, signatures, texts
from exchange.cli.documents import complain, deliver, source_of
from exchange.cli.paths import shown_path
from exchange.digest import canonical_sha256
from exchange.errors import InvalidMessage, KeyUnreadable, Refused
from exchange.personnummer import SHAPE
from exchange.road import turned_away
from exchange.signature_kinds import CHANGED
from exchange.signatures import Trust, Verified
from exchange.sources import read
from exchange.values import MASK, visible


class Wish(NamedTuple):
    """What is to be signed, and with what."""

    file: Path
    key: Path
    certificate: Path | None
    passphrase_fd: int | None
    force: bool


class Trusted(NamedTuple):
    """Whom the user trusts, by the files that say so."""

    ca: Path
    signers: tuple[str, ...]
    crls: tuple[Path, ...]


def sign(wish: Wish, output: Path | None, overwrite: bool, lang: str) -> int:
    """Sign a document."""
    key = read(wish.key)
    certificate = read(wish.certificate) if wish.certificate else None
    password = None if wish.passphrase_fd is None else _passphrase(wish.passphrase_fd)
    try:
        # Read once: from standard input there is no second time.
        data = read(source_of(wish.file))
        try:
            signed = api.sign(data, key, certificate, password=password, force=wish.force)
        except KeyUnreadable:
            if password is not None or not sys.stdin.isatty():
                raise
            asked: str = click.prompt(texts.text("passphrase", lang), hide_input=True, err=True)
            signed = api.sign(data, key, certificate, password=asked.encode(), force=wish.force)
    except InvalidMessage as invalid:
        return complain(wish.file, invalid.report, lang)
    except Refused as refused:
        return complain(wish.file, turned_away(refused.finding)[0], lang)
    deliver(signed, output, overwrite=overwrite)
    return 0


def _passphrase(descriptor: int) -> bytes:
    try:
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.readline(4096).rstrip(b"\r\n")
    except OSError:
        raise click.UsageError(f"file descriptor {descriptor} cannot be read") from None


def verify(
    file: Path, trusted: Trusted, at: datetime | None, explain: bool, output: Path | None, overwrite: bool, lang: str
) -> int:
    """Verify a document and say what came of it; write what was signed, if that is asked for and it is valid."""
    trust = Trust(read(trusted.ca), trusted.signers, tuple(read(crl) for crl in trusted.crls))
    try:
        data = read(source_of(file))
    except Refused as refused:
        return complain(file, turned_away(refused.finding)[0], lang)
    result = api.verify(data, trust, at=at or datetime.now(UTC))
    for line in _lines(file, result, lang):
        click.echo(line)
    if explain and any(finding.code == CHANGED.code for finding in result.findings):
        reason = signatures.explain(data, _rebuilt(data))
        click.echo("  " + texts.text(f"digest-{reason or 'content'}", lang))
    if result.content is None:
        return 1
    if output is not None:
        deliver(result.content, output, overwrite=overwrite)
    return 0


def _rebuilt(data: bytes) -> bytes | None:
    """Give a message's content as the builder writes it."""
    exchange = api.Exchange()
    document, _ = exchange.parse_or_report(data)
    return exchange.build_or_report(document)[0] if document else None


def _lines(file: Path, result: Verified, lang: str) -> list[str]:
    shown = shown_path(file, show_values=False)
    lines = [f"{shown}: {texts.text(f'signature-{result.result}', lang)}"]
    for finding in result.findings:
        message, hint = finding.text(lang)
        severity, line = texts.text(finding.severity, lang), f":{finding.line}" if finding.line else ""
        lines.append(
            f"{shown}{line}: {severity} {finding.code} {texts.text('at', lang)} {finding.path or '/'}: {message}"
        )
        lines.append(f"  {texts.text('hint', lang)}: {hint}")
    facts = {"signer-at": result.at.isoformat()}
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


def digest(file: Path, lang: str) -> int:
    """Print the digest of a document's canonical form."""
    try:
        value = canonical_sha256(read(source_of(file)))
    except Refused as refused:
        return complain(file, turned_away(refused.finding)[0], lang)
    click.echo(f"{value}  {shown_path(file, show_values=False)}")
    return 0
