"""Makes what is generated: pages of the documentation, the schemas' specs.json, the messages' types, the Danish help's entries.

`python tests/make_pages.py` writes it; `--check` only names what is old.

The examples are cut out of the corpus, those of no XML file out of OTHERS; the Markdown pages are made of
what `exchange rules` shows.
"""

from __future__ import annotations

import contextlib
import difflib
import json
import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from support import (
    corpus_excerpts,
    delivery_cases,
    mapping_cases,
    outbox_cases,
    reference_pages,
    signing_cases,
    translations,
)
from support.bound_rules import bind
from support.corpus_cases import INVALID, VALID, house, shipped
from support.own_catalogs import with_pattern

import exchange
from exchange import docs, inbox, outbox
from exchange.errors import Refused
from exchange.files.sources import MAX_BYTES
from exchange.findings.finding import Finding, Kind, Report, Text
from exchange.findings.texts import text
from exchange.forwarding import forward, read_route
from exchange.jobnet.fields import TABLE
from exchange.model import compiled_specs, json_documents
from exchange.model.law import STK_4
from exchange.publishing import typed_dicts
from exchange.reports import Judged, Run
from exchange.runs import validate_files
from exchange.validation.rules import GROUPS, KINDS, rules_of
from exchange.validation.rules.base import Rule

FOLDER = Path(docs.__file__).parent
EXAMPLES = FOLDER / "examples.json"

Judge = Callable[[str], list[Finding]]


class Document(NamedTuple):
    """A document an example may come from: a file of the corpus, or a message's shipped example."""

    source: str
    exchange: exchange.Exchange
    data: bytes

    @property
    def report(self) -> Report:
        return self.exchange.validate(self.data)


class Other(NamedTuple):
    """An example that is no XML file: what is wrong and what is right, and what brings the finding about for real."""

    language: str
    bad: str
    good: str
    judge: Judge


def judge_keyed_lines(source: str) -> list[Finding]:
    """Record keyed lines, whose documents are written as `…`, in an outbox."""
    text = source.replace('"…"', '"1"').replace("{…}", json.dumps(outbox_cases.plan_document()))
    with tempfile.TemporaryDirectory() as folder, outbox.open(f"{folder}/outbox.db") as box:
        keyed = outbox.read_keyed_lines(text.encode().splitlines(keepends=True))
        recorded = box.record(keyed, namespace=outbox_cases.NAMESPACE, at=outbox_cases.AT)
    return [finding for refusal in recorded.refusals for finding in refusal.report.findings]


def judge_bytes(source: str) -> list[Finding]:
    """Judge the bytes that an expression gives."""
    return list(shipped().validate(eval(source)).findings)  # noqa: S307  # ours


def judge_json(source: str) -> list[Finding]:
    """Judge a text as `exchange build` does, but for the message that it is part of."""
    try:
        json_documents.load(source.encode())
    except Refused as refused:
        return [refused.finding]
    return []


def judge_header(source: str) -> list[Finding]:
    """Judge a samtale with these keys in its hoved."""
    document = shipped().example("samtale")
    document["samtale"]["hoved"] |= json.loads(source)
    return list(shipped().validate(document).findings)


def judge_unexplained(source: str) -> list[Finding]:
    """Judge a samtale with this `form` while nothing can explain why the schema refuses it."""
    data = _example_bytes("samtale").replace(b"<form>video</form>", source.encode(), 1)
    with mock.patch("exchange.validation.explanation.Explainer.faults", return_value=[]):
        return list(shipped().validate(data).findings)


def judge_rule(source: str) -> list[Finding]:
    """Judge a samtale without cv with one more rule, whose function is given."""
    names: dict[str, Any] = {}
    exec(source, names)  # noqa: S102  # ours
    kind = Kind("cv-status", "error", "rules", None, Text("", ""), Text("", ""))
    tool = exchange.Exchange()
    version = tool.catalog.latest("samtale")
    assert version
    bind(version, (*rules_of(version), Rule(kind, ("cv",), names["cv_status"])))
    return list(tool.validate(_example_bytes("samtale")).findings)


def judge_pattern(source: str) -> list[Finding]:
    """Judge a samtale by a schema in which the name of a person has the pattern of the first line, with the name of the second."""
    pattern, name = source.splitlines()
    data = re.sub(b"<navn>[^<]*</navn>", name.encode(), _example_bytes("samtale"), count=1)
    with tempfile.TemporaryDirectory() as folder:
        tool = with_pattern(Path(folder), "Personnavn", pattern.split('"')[1])
        return list(tool.validate(data).findings)


def judge_second(source: str) -> list[Finding]:
    """Judge two samtaler of a delivery, the lines standing in them instead of their elements of the same names."""
    first, second = (_with(delivery_cases.samtale(number), line) for number, line in enumerate(source.splitlines(), 1))
    return _judge_delivery(delivery_cases.delivery(first, second))


def judge_received(source: str) -> list[Finding]:
    """Receive two samtaler, the lines standing in them instead of their elements of the same names; judge the second."""
    at = datetime(2026, 11, 24, 12, tzinfo=UTC)
    with tempfile.TemporaryDirectory() as folder, inbox.open(str(Path(folder, "inbox.db"))) as box:
        for line in source.splitlines():
            message = _with(delivery_cases.samtale(1), line)
            received = box.receive((delivery_cases.DECLARATION + message).encode(), at=at)
    return list(received.report.findings) if received.report else []


def judge_files(source: str) -> list[Finding]:
    """Judge two files, in each a samtale with one of the lines in it; give the findings of the second."""
    judged: list[Judged] = []
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        paths = [Path("first.xml"), Path("second.xml")]
        for path, line in zip(paths, source.splitlines(), strict=True):
            path.write_text(delivery_cases.DECLARATION + _with(delivery_cases.samtale(1), line), encoding="utf-8")
        validate_files(paths, Run("en"), progress=judged.append)
    report = judged[1].report
    return list(report.findings) if report else []


def judge_head_and_message(source: str) -> list[Finding]:
    """Judge a delivery of one samtale, the first line standing in its head, the second in the message."""
    head, inside = source.splitlines()
    root, body = delivery_cases.delivery(_with(delivery_cases.samtale(1), inside)).split("\n", 1)
    return _judge_delivery(f"{_with(root, head)}\n{body}")


def judge_antal(source: str) -> list[Finding]:
    """Judge a delivery of one samtale with this `antal`."""
    return _judge_delivery(_with(delivery_cases.delivery(delivery_cases.samtale(1)), source))


def judge_end(source: str) -> list[Finding]:
    """Judge a delivery that ends so."""
    whole = delivery_cases.delivery(delivery_cases.samtale(1))
    return _judge_delivery(whole[: whole.rindex("</samtale>")] + source)


def judge_carried(source: str) -> list[Finding]:
    """Judge a delivery with this in it."""
    inside = source.replace("…", delivery_cases.delivery(delivery_cases.samtale(2)).split(">", 1)[1].rpartition("<")[0])
    return _judge_delivery(delivery_cases.delivery(delivery_cases.samtale(3), inside))


def judge_route(source: str) -> list[Finding]:
    """Pass a delivery of one samtale on by this route."""
    whole = f"{delivery_cases.DECLARATION}{delivery_cases.delivery(delivery_cases.samtale(1))}".encode()
    with tempfile.TemporaryDirectory() as folder:
        route = Path(folder, "route.csv")
        route.write_text(source, encoding="utf-8")
        return list(forward(whole, read_route(route), Path(folder, "out")).report.findings)


def judge_verified(source: str) -> list[Finding]:
    """Judge what an expression verifies."""
    found: list[Finding] = list(eval(source, dict(vars(signing_cases))).findings)  # noqa: S307  # ours
    return found


def judge_signature(good: str) -> Judge:
    """Give what judges a signed samtale in which a piece stands in the place of the good one."""

    def judge(source: str) -> list[Finding]:
        data = signing_cases.signed()
        assert good.encode() in data
        return list(signing_cases.verified(data.replace(good.encode(), source.encode(), 1)).findings)

    return judge


def _of_signature(bad: str, good: str) -> Other:
    return Other("xml", bad, good, judge_signature(good))


def _of_certificate(bad: str, good: str) -> Other:
    return Other("python", bad, good, judge_verified)


def _judge_delivery(said: str) -> list[Finding]:
    return list(shipped().validate((delivery_cases.DECLARATION + said).encode()).findings)


def _with(document: str, elements: str) -> str:
    """Put elements in the place of those of the same names."""
    for name, element in re.findall(r"(?=<(\w+)>)(<\w+>.*?</\w+>)", elements):
        document = re.sub(f"<{name}>.*?</{name}>", element, document, count=1)
    return document


@cache
def _example_bytes(message: str) -> bytes:
    return shipped().build(shipped().example(message))


_TWO_FORMS = ((1, "video"), (2, "brev"))

OTHERS = {
    "too-large": Other("python", f'b" " * {MAX_BYTES + 1}', f'b" " * {MAX_BYTES}', judge_bytes),
    "not-json": Other("json", '{"samtale": NaN}', '{"samtale": {}}', judge_json),
    "key-repeated": Other(
        "json", '{"samtale": {"form": "video", "form": "brev"}}', '{"samtale": {"form": "video"}}', judge_json
    ),
    "type-wrong": Other("json", '{"akassekode": 67}', '{"akassekode": "67"}', judge_header),
    "schema-refused": Other("xml", "<form>VIDEO</form>", "<form>video</form>", judge_unexplained),
    "leverance-antal": Other("xml", "<antal>2</antal>", "<antal>1</antal>", judge_antal),
    "leverance-besked-id-repeated": Other(
        "xml",
        "\n".join(f"<beskedId>{delivery_cases.guid(number)}</beskedId>" for number in (1, 1)),
        "\n".join(f"<beskedId>{delivery_cases.guid(number)}</beskedId>" for number in (1, 2)),
        judge_second,
    ),
    "besked-id-in-other-file": Other(
        "xml",
        "\n".join(f"<beskedId>{delivery_cases.guid(number)}</beskedId>" for number in (1, 1)),
        "\n".join(f"<beskedId>{delivery_cases.guid(number)}</beskedId>" for number in (1, 2)),
        judge_files,
    ),
    "leverance-samtale-repeated": Other(
        "xml",
        "<tidspunkt>2026-11-20T13:00:00+01:00</tidspunkt><samtaletype>jobsamtale</samtaletype>\n"
        "<tidspunkt>2026-11-20T12:00:00Z</tidspunkt><samtaletype>jobsamtale</samtaletype>",
        "<tidspunkt>2026-11-20T13:00:00+01:00</tidspunkt><samtaletype>jobsamtale</samtaletype>\n"
        "<tidspunkt>2026-11-20T13:00:00Z</tidspunkt><samtaletype>jobsamtale</samtaletype>",
        judge_second,
    ),
    "leverance-samtale-same-instant": Other(
        "xml",
        "<tidspunkt>2026-11-20T13:00:00+01:00</tidspunkt><samtaletype>jobsamtale</samtaletype>\n"
        "<tidspunkt>2026-11-20T13:00:00+01:00</tidspunkt><samtaletype>henvisning</samtaletype>",
        "<tidspunkt>2026-11-20T13:00:00+01:00</tidspunkt><samtaletype>jobsamtale</samtaletype>\n"
        "<tidspunkt>2026-11-20T13:01:00+01:00</tidspunkt><samtaletype>henvisning</samtaletype>",
        judge_second,
    ),
    "leverance-akassekode-differs": Other(
        "xml",
        "<akassekode>67</akassekode>\n<akassekode>15</akassekode>",
        "<akassekode>15</akassekode>\n<akassekode>15</akassekode>",
        judge_head_and_message,
    ),
    "leverance-miljoe-differs": Other(
        "xml",
        "<miljoe>produktion</miljoe>\n<miljoe>test</miljoe>",
        "<miljoe>test</miljoe>\n<miljoe>test</miljoe>",
        judge_head_and_message,
    ),
    "kommune-unknown-for-person": Other(
        "text",
        "personnummer,kommune\n0101405001,0101",
        "personnummer,kommune\n0101405000,0101\n0101405001,0101",
        judge_route,
    ),
    "leverance-broken": Other("xml", "</samtale>", "</samtale>\n</leverance>", judge_end),
    "leverance-unexpected": Other(
        "xml",
        '<leverance xmlns="urn:x-par87:leverance:1">…</leverance>',
        re.sub('(</hoved>|</person>|:1">)', r"\1\n", delivery_cases.samtale(1)),
        judge_carried,
    ),
    "check-incomplete": Other(
        "python",
        'def cv_status(subject):\n    return [("cv", {})] if subject.content["cv"]["status"] == "" else []',
        'def cv_status(subject):\n    return [("cv", {})] if subject.content.get("cv") == {} else []',
        judge_rule,
    ),
    "pattern-undecided": Other(
        "xml",
        f'<xs:pattern value="([ab]*[bc]+)+0"/>\n<navn>{"b" * 40}</navn>',
        f'<xs:pattern value="[abc]*[bc]0"/>\n<navn>{"b" * 40}0</navn>',
        judge_pattern,
    ),
    "besked-id-conflict": Other(
        "xml",
        "\n".join(f"<beskedId>{delivery_cases.guid(1)}</beskedId>…<form>{form}</form>" for form in ("video", "brev")),
        "\n".join(f"<beskedId>{delivery_cases.guid(n)}</beskedId>…<form>{form}</form>" for n, form in _TWO_FORMS),
        judge_received,
    ),
    **{code: Other("text", *lines, mapping_cases.judge_example) for code, lines in mapping_cases.EXAMPLES.items()},
    "outbox-line": Other(
        "json", '{"id": "4711", "document": {…}}', '{"key": "4711", "document": {…}}', judge_keyed_lines
    ),
    "outbox-key-repeated": Other(
        "json",
        "\n".join(f'{{"key": "{key}", "document": {{…}}}}' for key in ("4711", "4711")),
        "\n".join(f'{{"key": "{key}", "document": {{…}}}}' for key in ("4711/1", "4711/2")),
        judge_keyed_lines,
    ),
    "signature-missing": _of_certificate("verified(message())", "verified(signed())"),
    "signature-repeated": _of_signature(
        '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:Signature/>',
        '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">',
    ),
    "signature-misplaced": _of_signature("</ds:Signature><hoved/>", "</ds:Signature>"),
    "signature-shape": _of_signature("</ds:KeyInfo><ds:Object/>", "</ds:KeyInfo>"),
    "signature-references": _of_signature('<ds:Reference URI=""/><ds:Reference URI="">', '<ds:Reference URI="">'),
    "signature-reference-elsewhere": _of_signature('<ds:Reference URI="#del">', '<ds:Reference URI="">'),
    "signature-transforms": _of_signature(
        '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116">',
        '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#">',
    ),
    "signature-algorithm": _of_signature(
        '<ds:DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha1">',
        '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256">',
    ),
    "signature-canonicalization": _of_signature(
        '<ds:CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315">',
        '<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#">',
    ),
    "signature-rsa-pss": _of_signature(
        '<ds:SignatureMethod Algorithm="http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1">',
        '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256">',
    ),
    "signature-of-messages": _of_certificate(
        "verified(carrying(signed()))",
        "verified(exchange.sign(carrying(message()), SENDER.key, SENDER.certificate, force=True))",
    ),
    "signature-properties-changed": _of_certificate(
        'verified(xades().replace(b"T15:00:00Z<", b"T15:00:01Z<"))', "verified(xades())"
    ),
    "signature-certificate-differs": _of_certificate("verified(xades(named=CA))", "verified(xades(named=SENDER))"),
    "signature-unreadable": _of_signature("<ds:SignatureValue>?", "<ds:SignatureValue>"),
    "signature-key-weak": _of_certificate(
        'verified(forged(party(CA, own=key("rsa-1024"))))', 'verified(signed(party(CA, own=key("rsa-2048"))))'
    ),
    "signature-content-changed": _of_signature("<form>telefon</form>", "<form>video</form>"),
    "signature-wrong": _of_signature("<ds:SignatureValue>AAAA", "<ds:SignatureValue>"),
    "certificate-issuer-unknown": _of_certificate("verified(signed(party(None)))", "verified(signed(party(CA)))"),
    "certificate-path-refused": _of_certificate(
        "verified(signed(party(SENDER)), chain=SENDER.pem)", "verified(signed(party(CA)))"
    ),
    "certificate-expired": _of_certificate(
        "verified(signed(), datetime(2028, 1, 1, tzinfo=UTC))", "verified(signed(), datetime(2026, 11, 20, tzinfo=UTC))"
    ),
    "certificate-not-yet-valid": _of_certificate(
        "verified(signed(), datetime(2025, 1, 1, tzinfo=UTC))", "verified(signed(), datetime(2026, 11, 20, tzinfo=UTC))"
    ),
    "certificate-unfit": _of_certificate("verified(signed(party(CA, ca=True)))", "verified(signed(party(CA)))"),
    "certificate-signer-unlisted": _of_certificate(
        'verified(signed(), signers=("organizationIdentifier=NTRDK-11111111",))',
        'verified(signed(), signers=("organizationIdentifier=NTRDK-12345678",))',
    ),
    "certificate-revoked": _of_certificate(
        "verified(signed(), crls=(revocations(SENDER),))", "verified(signed(), crls=(revocations(),))"
    ),
    "certificate-revocation-unknown": _of_certificate(
        "verified(signed(), crls=(revocations(by=SENDER),))", "verified(signed(), crls=(revocations(by=CA),))"
    ),
    "certificate-revocation-not-checked": _of_certificate(
        "verified(signed())", "verified(signed(), crls=(revocations(),))"
    ),
}
"""The examples of the codes that no file of the corpus can bring about."""

_ROOT_ONLY = {"message-unknown", "version-unknown"}
_BY_VERSION = {"version-expired", "version-not-yet-valid"}
_AMONG_OTHERS = {"element-unexpected", "element-repeated", "element-misplaced"}
_BY_DAY = {"code-expired", "code-not-yet-valid"}


@cache
def documents() -> list[Document]:
    """Give all documents that an example may come from."""
    files = [Document(f"tests/corpus/{case}.xml", case.exchange, case.data) for case in (*VALID, *INVALID)]
    made = [
        Document(f"exchange example {name} --xml", shipped(), _example_bytes(name))
        for name in shipped().catalog.names()
    ]
    # Of an older version, which the command does not print.
    older = [
        Document(
            f"xsd/{version.schema_path.stem}.json",
            shipped(),
            shipped().build(version.example(), version=version.version),
        )
        for name in shipped().catalog.names()
        for version in shipped().catalog.of(name)[:-1]
    ]
    return files + made + older


@cache
def examples() -> dict[str, Any]:
    """Give the examples of every code."""
    judged = [(document, document.report) for document in documents()]
    return {code: _of_other(code, OTHERS[code]) if code in OTHERS else _of_corpus(code, judged) for code in KINDS}


def _of_other(code: str, other: Other) -> dict[str, Any]:
    finding = next(finding for finding in other.judge(other.bad) if finding.code == code)
    return {
        "bad": _entry(other.language, other.bad.splitlines(), "tests/make_pages.py", finding),
        "good": _entry(other.language, other.good.splitlines(), "tests/make_pages.py"),
    }


def _of_corpus(code: str, judged: list[tuple[Document, Report]]) -> dict[str, Any]:
    """Take the plainest document with the finding, and the faultless one that looks most like it there."""
    found = [(document, report) for document, report in judged if code in report.counts]
    # Of a file that is cut off an excerpt cannot be made, if there is another.
    whole_files = [(document, report) for document, report in found if report.layers["well-formed"] == "passed"]
    bad, report = min(whole_files or found, key=lambda pair: _plainness(code, *pair))
    finding = next(finding for finding in report.findings if finding.code == code)
    finding = replace(finding, line=finding.line or corpus_excerpts.strange_line(bad.data))
    whole = _whole(bad, finding)
    wrong = _cut(bad, finding, whole)
    assert wrong, code
    ranked = []
    for document, clean in judged:
        if not clean.ok or code in clean.counts or document.exchange is not bad.exchange:
            continue
        right = _cut(document, finding, whole)
        if not right or right == wrong or (report.message and clean.message != report.message):
            continue
        # What is a fault in one version may be none in another.
        if report.version != clean.version and report.message and code not in _BY_VERSION:
            continue
        lacks = code.endswith("-missing") and not corpus_excerpts.has(document.data, finding.path)
        odd = not corpus_excerpts.plain(document.data, right)
        ranked.append(((lacks, bool(clean.findings), odd), document.source, right))
    assert ranked, code
    best = min(rank for rank, *_ in ranked)
    # Comparing two texts takes long: only the best are compared.
    _, source, right = min(
        (-difflib.SequenceMatcher(None, "\n".join(wrong), "\n".join(right), autojunk=False).ratio(), source, right)
        for rank, source, right in ranked
        if rank == best
    )
    language = "text" if _by_bytes(finding) else "xml"
    return {"bad": _entry(language, wrong, bad.source, finding), "good": _entry(language, right, source)}


def _plainness(code: str, document: Document, report: Report) -> tuple[Any, ...]:
    finding = next(finding for finding in report.findings if finding.code == code)
    lines = _cut(document, finding, _whole(document, finding)) or []
    return (
        len(lines) > corpus_excerpts.MOST_LINES,
        document.exchange is house(),
        b"urn:x-par87" not in document.data,  # neither binary nor of another kind
        not corpus_excerpts.plain(document.data, lines),
        len(report.counts),
        not finding.path,
        "/hostile/" in document.source,
        len(report.findings),
        len(document.data),
        document.source,
    )


def _by_bytes(finding: Finding) -> bool:
    return not finding.path and finding.layer in ("secure", "well-formed")


def _whole(document: Document, finding: Finding) -> str | None:
    """Give the path of the element around a fault that is only seen in all that this holds."""
    if not finding.path or _by_bytes(finding) or finding.layer == "route":
        return None
    seen = finding.code not in _AMONG_OTHERS and corpus_excerpts.has(document.data, finding.path)
    return None if seen else finding.path.rpartition("/")[0]


def _cut(document: Document, finding: Finding, whole: str | None) -> list[str] | None:
    """Cut out of a document what shows the finding, or shows that it is not there."""
    if _by_bytes(finding):
        return corpus_excerpts.first_lines(document.data, finding.line)
    if finding.code in _ROOT_ONLY:
        return corpus_excerpts.root_only(document.data)
    root = f"/{finding.path.split('/')[1]}"
    about = next((r.about for rules in GROUPS.values() for r in rules if r.kind.code == finding.code), ())
    wanted = [finding.path, *(f"{root}/{path}" for path in about)]
    version = next((v for v in document.exchange.catalog.versions if v.name == root[1:]), None)
    if version and finding.code in _BY_VERSION:
        wanted = [f"{root}/{version.created}"]
    if version and finding.code in _BY_DAY:
        wanted.append(f"{root}/{version.event}")
    return corpus_excerpts.elements(document.data, wanted, whole, from_root=finding.code in _BY_VERSION)


def _entry(language: str, lines: list[str], source: str, finding: Finding | None = None) -> dict[str, Any]:
    entry: dict[str, Any] = {"source": source, "language": language, "lines": lines}
    if finding:
        # The reason of a well-formedness fault is libxml2's, and another release may find another.
        entry["says"] = {
            lang: [
                re.sub(r"(velformet|well-formed) XML \([^)]+\)", r"\1 XML (…)", words) for words in finding.text(lang)
            ]
            for lang in ("en", "da")
        }
        entry["law"] = finding.law
    return entry


def markdown(lang: str) -> str:
    """Give all pages as one Markdown file, with a table of contents."""
    head = [text(f"table-{name}", lang) for name in ("code", "severity", "layer", "law", "meaning")]
    lines = [f"# {text('page-title', lang)}", "", text("page-intro", lang), ""]
    lines += [reference_pages.row(head), reference_pages.row(["---"] * len(head))]
    for code, kind in KINDS.items():
        cells = [docs.severity(kind, lang), docs.layer(kind, lang), docs.law(kind, lang), docs.meaning(kind, lang)]
        lines.append(reference_pages.row([f"[{code}](#{code})", *cells]))
    for code in KINDS:
        page = docs.page(code, lang)
        # The heading is its own anchor: a code has small letters, digits and hyphens only.
        lines += ["", f"## {code}", "", page.meaning, ""]
        lines += [f"- {heading}: {value}" for heading, value in page.facts]
        for example in page.examples:
            source = f" (`{example.source}`)" if example.source else ""
            lines += ["", f"{example.heading}{source}:", "", f"```{example.language}", *example.lines, "```"]
            if example.says:
                lines += ["", f"{text('page-says', lang)}:", "", *_quoted(example.says)]
    return "\n".join(lines) + "\n"


def jobnet(lang: str) -> str:
    """Give the table of what the person sees, message by message."""
    head = [text("table-element", lang), *(text(f"page-jobnet-{name}", lang) for name in ("shown", "reported", "why"))]
    lines = [
        f"# {text('page-jobnet-title', lang)}",
        "",
        text("page-jobnet-intro", lang, paragraph=shipped().catalog.law.cite(STK_4, None)),
    ]
    for name in TABLE:
        lines += ["", f"## {name}", "", reference_pages.row(head), reference_pages.row(["---"] * len(head))]
        rows = docs.shown(shipped().catalog.of(name)[-1].spec, lang)
        lines += [reference_pages.row([f"`{path.removeprefix(f'/{name}/')}`", *said]) for path, *said in rows]
    return "\n".join(lines) + "\n"


def _quoted(says: tuple[str, ...]) -> list[str]:
    return "\n>\n".join(f"> {line}" for line in says).split("\n")


def files() -> dict[Path, Callable[[], bytes]]:
    """Return what makes each file, by where it stands."""
    texts: dict[Path, Callable[[], str]] = {
        translations.CATALOGUE: lambda: f"{translations.updated()}\n",
        EXAMPLES: lambda: json.dumps(examples(), ensure_ascii=False, indent=1) + "\n",
        FOLDER.parent / "types.py": lambda: typed_dicts(shipped().catalog),
        **{FOLDER / f"findings.{lang}.md": partial(_findings, lang) for lang in ("en", "da")},
        **{FOLDER / f"jobnet.{lang}.md": partial(jobnet, lang) for lang in ("en", "da")},
        **{FOLDER / name: page for name, page in reference_pages.PAGES.items()},
    }
    return {
        translations.CATALOGUE.with_suffix(".mo"): lambda: translations.updated().to_binary(),
        shipped().catalog.xsd / compiled_specs.FILE_NAME: shipped().catalog.dump_specs,
        **{path: partial(_encoded, made) for path, made in texts.items()},
    }


def _findings(lang: str) -> str:
    with mock.patch.object(docs, "_examples", examples):
        return markdown(lang)


def _encoded(made: Callable[[], str]) -> bytes:
    return made().encode()


def main(arguments: list[str]) -> int:
    """Write the files that are old; with --check only name them, and give 1 if there are any."""
    fresh = {path: made() for path, made in files().items()}
    old = {path: data for path, data in fresh.items() if not path.exists() or path.read_bytes() != data}
    for path, data in old.items():
        sys.stdout.write(f"{path.name}\n")
        if "--check" not in arguments:
            path.write_bytes(data)
    return 1 if old and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
