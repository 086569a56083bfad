"""Signs and verifies for the command line: files in, one document or one verdict out."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import click

from exchange import api, signatures
from exchange.cli.documents import complain, deliver, delivering
from exchange.cli.trusted import Trusted
from exchange.deliveries import is_delivery, sign_delivery, verify_delivery
from exchange.deliveries.signing import explain_delivery
from exchange.deliveries.start_tags import root_of
from exchange.errors import InvalidMessage, KeyUnreadable, Refused
from exchange.files.sources import begin, chunks, read
from exchange.findings import texts
from exchange.findings.signature_kinds import CHANGED
from exchange.model.catalog import shipped
from exchange.model.personnummer import SHAPE
from exchange.model.shown_paths import STDIN, shown_path
from exchange.model.spec import Simple
from exchange.model.values import MASK, visible
from exchange.signatures import Explanation, Trust, Verified
from exchange.signatures.differences import Known
from exchange.validation.pipeline import refusal
from exchange.xml.c14n import walk
from exchange.xml.digest import canonical_sha256


class Wish(NamedTuple):
    """What is to be signed, and with what."""

    file: Path
    key: Path
    certificate: Path | None
    passphrase_fd: int | None
    force: bool


class Explain(NamedTuple):
    """Whether it is to be said what became of a document, and the document as it was before."""

    wanted: bool
    original: Path | None


def sign(wish: Wish, output: Path | None, overwrite: bool, lang: str) -> int:
    """Sign a document."""
    key = read(wish.key)
    certificate = read(wish.certificate) if wish.certificate else None
    password = None if wish.passphrase_fd is None else _passphrase(wish.passphrase_fd)
    try:
        source = _source(wish.file)

        def attempt(password: bytes | None) -> None:
            with delivering(output, overwrite=overwrite) as out:
                if _is_delivery(source):
                    sign_delivery(source, out, key, certificate, password=password, force=wish.force)
                else:
                    out.write(api.sign(source, key, certificate, password=password, force=wish.force))

        try:
            attempt(password)
        except KeyUnreadable:
            if password is not None or not sys.stdin.isatty():
                raise
            asked: str = click.prompt(texts.text("passphrase", lang), hide_input=True, err=True)
            attempt(asked.encode())
    except InvalidMessage as invalid:
        return complain(wish.file, invalid.report, lang)
    except Refused as refused:
        return complain(wish.file, refusal(refused.finding)[0], lang)
    return 0


def _source(file: Path) -> bytes | Path:
    """Give what is read of a document more than once: the file, or what is on standard input. Raises Refused."""
    return read(sys.stdin.buffer) if file == STDIN else file


def _is_delivery(source: bytes | Path) -> bool:
    return is_delivery(shipped(), begin(source)[1])


def _passphrase(descriptor: int) -> bytes:
    try:
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.readline(4096).rstrip(b"\r\n")
    except OSError:
        raise click.UsageError(f"file descriptor {descriptor} cannot be read") from None


class _NotValid(Exception):
    """Nothing is to be written."""


def verify(file: Path, trusted: Trusted, explain: Explain, output: Path | None, overwrite: bool, lang: str) -> int:
    """Verify a document and say what came of it; write what was signed, if that is asked for and it is valid."""
    trust, at = trusted.read()
    try:
        source = _source(file)
        delivery = _is_delivery(source)
        if delivery and output is not None:
            result = _verified_into(source, trust, at, output, overwrite=overwrite)
        elif delivery:
            result = verify_delivery(source, trust, at=at)
        else:
            result = api.verify(source, trust, at=at)
    except Refused as refused:
        return complain(file, refusal(refused.finding)[0], lang)
    for line in _lines(file, result, lang):
        click.echo(line)
    if explain.wanted and any(finding.code == CHANGED.code for finding in result.findings):
        for line in _explanation(source, explain.original, lang, delivery=delivery):
            click.echo(f"  {line}")
    if output is not None and result.content is not None:
        deliver(result.content, output, overwrite=overwrite)
    return 0 if result.ok else 1


def _verified_into(source: bytes | Path, trust: Trust, at: datetime, output: Path, *, overwrite: bool) -> Verified:
    result: Verified | None = None
    with suppress(_NotValid), delivering(output, overwrite=overwrite) as out:
        result = verify_delivery(source, trust, at=at, out=out)
        if not result.ok:
            raise _NotValid
    assert result is not None  # noqa: S101  # only then is it raised
    return result


def _explanation(source: bytes | Path, original: Path | None, lang: str, *, delivery: bool) -> Iterator[str]:
    """Say what became of a document: in what the whole is another, or where."""
    why: Explanation | None = None
    with suppress(Refused):
        data = read(source)
        why = signatures.explain(data, _rebuilt(data), read(original) if original else None, _known(data))
    if why is None and delivery and original:
        why = explain_delivery(source, original)
    if why is None:
        yield texts.text("digest-unexplained", lang)
        return
    yield texts.text(f"digest-{why.reason}", lang)
    yield from (f"  {path}" for path in why.paths)


def _known(data: bytes) -> Known:
    """Give the values that the schema and the code lists allow a message's elements."""
    catalog = shipped()
    version = catalog.by_tag.get(root_of(begin(data)[1]) or "")

    def values(path: str) -> Iterable[str]:
        field = version.fields.get(path) if version else None
        if field is None or not isinstance(field.type, Simple) or field.type.confidential:
            return ()
        if field.type.code_list:
            return (code.kode for code in catalog.lists[field.type.code_list])
        if field.type.minimum is not None and field.type.maximum is not None:
            return map(str, range(field.type.minimum, field.type.maximum + 1))
        return ("true", "false") if field.type.kind == "boolean" else field.type.choices

    return values


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
        source = _source(file)
        if _is_delivery(source):
            made = sha256()
            walk(chunks(source), made.update, whole=True)
            value = made.hexdigest()
        else:
            value = canonical_sha256(read(source))
    except Refused as refused:
        return complain(file, refusal(refused.finding)[0], lang)
    click.echo(f"{value}  {shown_path(file, show_values=False)}")
    return 0
