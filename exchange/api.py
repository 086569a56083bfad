"""The public functions: build, parse, validate, show, codes, header, on the shipped schemas or on a folder of one's own."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar, Unpack

from exchange import deliveries, signatures
from exchange.errors import InvalidMessage, Refused
from exchange.files.sources import Passes, Source, begin, read
from exchange.findings import kinds
from exchange.findings.finding import Report
from exchange.model import resources
from exchange.model.catalog import Catalog, is_accepted, shipped
from exchange.model.code_lists import CodeList
from exchange.model.lazy import once
from exchange.validation import pipeline
from exchange.validation.building import build as build_document
from exchange.validation.pipeline import JudgedDocument, JudgingOptions, compile_catalog, judge_document, refusal
from exchange.xml.reading import document_of

__tracebackhide__ = True
"""pytest leaves this module's frames out: their arguments are documents."""

_Content = TypeVar("_Content")
_TOO_MUCH = {kinds.TOO_LARGE.code, kinds.ELEMENTS_TOO_MANY.code}


class Exchange:
    """Builds, parses and validates the messages of one catalog.

    `xsd` and `stamdata` are folders: the schemas with catalog.toml, and the code lists; by default the shipped ones. An
    instance may serve many threads. A schema is compiled when it is first needed, unless `warm_up` was called before.
    """

    def __init__(self, *, xsd: Path | None = None, stamdata: Path | None = None) -> None:
        self.catalog = Catalog(xsd or resources.xsd_folder(), stamdata or resources.stamdata_folder())

    def build(self, document: Mapping[str, Any], *, version: int | None = None) -> bytes:
        """Build a message from a dict.

        Args:
            document: A dict with one key, the message's name; below it the schema's names. Values are str, int,
                bool, date and aware datetime in whole seconds; ISO text is taken for dates and numbers. It is not changed.
            version: The version to build; by default the newest that is accepted on the day of `oprettet`.

        Returns:
            UTF-8 bytes: the XML declaration, a newline, the exclusive C14N of the root. The same content gives the same bytes.

        Raises:
            InvalidMessage: A receiver would refuse the message; its report has every finding. Warnings do not stop it.

        """
        data, report = self.build_or_report(document, version=version)
        del document  # a traceback may show what a frame holds
        return _accepted(data, report)

    def build_or_report(
        self, document: Mapping[str, Any], *, version: int | None = None, show_values: bool = False
    ) -> tuple[bytes | None, Report]:
        """Build as `build` does, but give the report in any case, with its warnings; no bytes if it is not accepted."""
        options = JudgingOptions(show_values=True, from_dict=True) if show_values else pipeline.FROM_DICT
        data, (report, _) = build_document(self.catalog, document, options, number=version)
        return (data if report.ok else None), report

    def parse(self, source: Source) -> dict[str, Any]:
        """Read a message, after every check.

        Args:
            source: Bytes, a pathlib.Path or a binary file; a str is never taken for a path.

        Returns:
            The dict that builds the message. A dateTime is an aware datetime with the offset that was written.

        Raises:
            InvalidMessage: The message is not accepted.
            OSError: The source cannot be read.
            TypeError: The source is of another type.

        """
        document, report = self.parse_or_report(source)
        del source
        return _accepted(document, report)

    def parse_or_report(self, source: Source, *, show_values: bool = False) -> tuple[dict[str, Any] | None, Report]:
        """Parse as `parse` does, but give the report in any case, with its warnings; no dict if it is not accepted."""
        options = JudgingOptions(show_values=True, whole=True) if show_values else pipeline.WHOLE
        report, reading = self._read(source, options)
        return (document_of(reading) if report.ok else None), report

    def validate(
        self,
        source: Source | Mapping[str, Any],
        *,
        on: date | None = None,
        show_values: bool = False,
        signed_by: signatures.Trust | None = None,
        at: datetime | None = None,
    ) -> Report:
        """Check a message, a delivery or a receipt in every layer. Content never raises an exception.

        Args:
            source: The document as bytes, a Path, a binary file or a dict. As bytes or Path a receipt may be of any size.
            on: The local date in Denmark on which codes are judged; by default the date of the event.
            show_values: Confidential values are not masked in the report.
            signed_by: The document (of a delivery the whole) must have a signature that `verify` finds valid at `at`.
            at: The time, an aware datetime, at which certificates are judged.

        Returns:
            The report. Of a delivery it has the findings of all messages, with paths like `/leverance/samtale[3]/form`;
            `exchange.deliveries` reads them one by one.

        Raises:
            OSError: The source cannot be read.
            TypeError: The source is of another type, or a dict with `signed_by`.
            ValueError: `signed_by` without `at`.

        """
        # To make them anew takes a fiftieth of the time of a message.
        options = JudgingOptions(on, show_values) if on or show_values else pipeline.DEFAULT_OPTIONS
        if signed_by is not None:
            if isinstance(source, Mapping):
                raise TypeError("signed_by: expected a source, for a dict carries no signature")
            return self._validate_signed(source, options, signed_by, at)
        if isinstance(source, bytes) and (judged := pipeline.judge_canonical(self.catalog, source, options)):
            return judged[0]
        if isinstance(source, Mapping):
            return build_document(self.catalog, source, JudgingOptions(on, show_values, from_dict=True))[1][0]
        source, head = begin(source)
        if deliveries.is_delivery(self.catalog, head):
            from exchange.deliveries.reading import whole_report

            return whole_report(self.catalog, source, options)
        report = self._read(source, options)[0]
        if _TOO_MUCH.isdisjoint(report.counts) or not isinstance(source, bytes | Path):
            return report
        from exchange.receipts import chunked, layout

        if not layout.is_receipt(head):
            return report
        with layout.opened(source) as file:
            return chunked.examine(self.catalog, file, options) or report

    def show(self, document: Mapping[str, Any], *, version: int | None = None) -> str:
        """Return the HTML page of what the person sees of a message on Jobnet, in Danish.

        `document` and `version` are as for `build`; what is shown of each element stands in `exchange.jobnet.fields`. The
        page is one file without scripts and requests, and as confidential as the message; it may be shown in an iframe.
        Raises InvalidMessage as `build` does, NotShown for a message that has no such page.
        """
        data, report = self.build_or_report(document, version=version)
        del document
        return self._page(_accepted(data, report), report)

    def _page(self, data: bytes, report: Report) -> str:
        from exchange import jobnet

        return jobnet.show(self.catalog.version_of(report), self.parse(data))

    def sign(
        self,
        source: Source,
        key: signatures.Key,
        certificate: signatures.Certificate | None = None,
        *,
        force: bool = False,
        **options: Unpack[signatures.SignerOptions],
    ) -> bytes:
        """Sign a document: return it with a ds:Signature as the root's last child, all other bytes as they are.

        It has one reference to the whole document: enveloped signature, exclusive C14N, SHA-256, RSA from 2048 bits
        (PKCS#1 v1.5) or ECDSA on P-256 or P-384. `key` is PEM, DER or PKCS#12 (which may hold the certificate too) with
        its `password`, a private key of cryptography, or a callable that signs a SHA-256 digest where the key stays (see
        `Key`). The options are those of `exchange.signatures.SignerOptions`: password=, chain=, signing_time=.

        Raises InvalidMessage for a document that is not accepted, unless `force`; SigningRefused if the document carries
        a signature, or key and certificate are not fit; PackageMissing without the extra `sign`. Of a large delivery
        `exchange.deliveries.sign_document` writes it to a file.
        """
        out = BytesIO()
        deliveries.sign_document(source, out, key, certificate, force=force, catalog=self.catalog, **options)
        return out.getvalue()

    def warm_up(self) -> None:
        """Compile every schema and read every code list of the messages now, rather than with the first document.

        Raises ConfigurationError or SchemaUnsupported for what is wrong with them; OSError if one cannot be read.
        """
        compile_catalog(self.catalog)

    def codes(self, name: str) -> CodeList:
        """Return a code list. Raises LookupError if there is none of that name."""
        return self.catalog.lists[name]

    def example(self, name: str, *, on: date | None = None) -> dict[str, Any]:
        """Return the example of a message, as JSON has it.

        It is of the newest version that is accepted on `on`, a local date in Denmark, and has an example; without a date, of the
        newest that has one. Raises LookupError if there is no such message or example.
        """
        versions = self.catalog.of(name)
        if not versions:
            raise LookupError(f"no message named {name!r}; there are {', '.join(self.catalog.names())}")
        with_example = [version for version in versions if version.has_example]
        accepted = [version for version in with_example if on is None or is_accepted(version, on)]
        return (accepted or with_example or versions)[-1].example()

    def _read(self, source: Source, options: JudgingOptions) -> JudgedDocument:
        try:
            data = read(source)
        except Refused as refused:
            return refusal(refused.finding)
        return judge_document(self.catalog, data, options)

    def _validate_signed(
        self, source: Source, options: JudgingOptions, trust: signatures.Trust, at: datetime | None
    ) -> Report:
        if at is None:
            raise ValueError("signed_by: expected the time `at` that certificates are judged at")
        if isinstance(source, bytes | Path) and deliveries.is_delivery(self.catalog, begin(source)[1]):
            from exchange.deliveries.reading import whole_report

            # Judged in one pass, verified in another, over the same bytes.
            passes = Passes(source)
            report = whole_report(self.catalog, source, options, passes)
            return signatures.required(report, signatures.verify_stream(passes.chunks(), trust, at, None))
        try:
            data = read(source)
        except Refused as refused:
            # Such a receipt can be judged where it lies; it is not accepted, whatever stands there by then.
            report = refusal(refused.finding)[0]
            if isinstance(source, bytes | Path):
                report = self.validate(source, on=options.on, show_values=options.show_values)
            return signatures.required(report, signatures.Verified("invalid", (refused.finding,), at))
        report = self.validate(data, on=options.on, show_values=options.show_values)
        return signatures.required(report, deliveries.verify_document(data, trust, at=at, catalog=self.catalog))


def _accepted(content: _Content | None, report: Report) -> _Content:
    """Return the content of an accepted document. Raises InvalidMessage where there is none."""
    if content is None:
        raise InvalidMessage(report)
    return content


def header(
    *,
    akassekode: str,
    miljoe: str = "test",
    handling: str = "opret",
    vedroererBeskedId: str | None = None,  # noqa: N803  # the element's own name
    oprettet: datetime | None = None,
) -> dict[str, Any]:
    """Make a `hoved` with a fresh beskedId and, unless given, this moment (UTC, whole seconds) as `oprettet`.

    The one place that makes something up and reads the clock. `miljoe` is test unless said otherwise.
    """
    hoved: dict[str, Any] = {
        "beskedId": str(uuid.uuid4()),
        "oprettet": oprettet or datetime.now(UTC).replace(microsecond=0),
        "miljoe": miljoe,
        "akassekode": akassekode,
        "handling": handling,
    }
    if vedroererBeskedId is not None:
        hoved["vedroererBeskedId"] = vedroererBeskedId
    return hoved


@once
def _shipped() -> Exchange:
    exchange = Exchange()
    exchange.catalog = shipped()
    return exchange


def build(document: Mapping[str, Any], *, version: int | None = None) -> bytes:
    """Build a message of the shipped catalog; see `Exchange.build`."""
    data, report = _shipped().build_or_report(document, version=version)
    del document
    return _accepted(data, report)


def parse(source: Source) -> dict[str, Any]:
    """Read a message of the shipped catalog; see `Exchange.parse`."""
    document, report = _shipped().parse_or_report(source)
    del source
    return _accepted(document, report)


def validate(
    source: Source | Mapping[str, Any],
    *,
    on: date | None = None,
    show_values: bool = False,
    signed_by: signatures.Trust | None = None,
    at: datetime | None = None,
) -> Report:
    """Check a message of the shipped catalog; see `Exchange.validate`."""
    return _shipped().validate(source, on=on, show_values=show_values, signed_by=signed_by, at=at)


def show(document: Mapping[str, Any], *, version: int | None = None) -> str:
    """Return the page of what the person sees of a message of the shipped catalog; see `Exchange.show`."""
    data, report = _shipped().build_or_report(document, version=version)
    del document
    return _shipped()._page(_accepted(data, report), report)


def sign(
    source: Source,
    key: signatures.Key,
    certificate: signatures.Certificate | None = None,
    *,
    force: bool = False,
    **options: Unpack[signatures.SignerOptions],
) -> bytes:
    """Sign a document of the shipped catalog; see `Exchange.sign`."""
    return _shipped().sign(source, key, certificate, force=force, **options)


def verify(source: Source, trust: signatures.Trust, *, at: datetime) -> signatures.Verified:
    """Verify a signed document by whom the caller trusts, at a time that the caller gives (an aware datetime).

    Believed is one ds:Signature, the root's last child, made as `sign` makes it, of the document as it stands, by a
    signer on the list, from whose certificate a path leads to an authority of the CA file. Only then the result is valid
    and has the content, which `validate` judges; `exchange.deliveries.verify_document` writes a large one to a file.
    Never raises for content. Raises ConfigurationError if the trust cannot be read, whatever `trust.revocation` raises,
    PackageMissing without the extra `sign`, ValueError for a time without an offset, OSError and TypeError as `parse`.
    """
    out = BytesIO()
    result = deliveries.verify_document(source, trust, at=at, out=out)
    return replace(result, content=out.getvalue()) if result.ok and result.content is None else result


def codes(name: str) -> CodeList:
    """Return a shipped code list; see `Exchange.codes`."""
    return _shipped().codes(name)


for _function in (build, parse, validate, show, sign, codes):
    _function.__doc__ = getattr(Exchange, _function.__name__).__doc__
