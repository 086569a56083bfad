"""The one way through: bytes are read safely, routed, judged by the schema, decoded, judged by codes and rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from exchange.errors import Refused
from exchange.findings import kinds
from exchange.findings.finding import LAYERS, Finding, Layer, Ledger, Report
from exchange.model.catalog import NAMESPACE, Catalog, Version, Versions, is_accepted
from exchange.model.lazy import compile_all
from exchange.model.representation import without
from exchange.model.spec import DSIG
from exchange.model.values import shown_name
from exchange.validation.checks import NOTHING_FOUND, Judgement, day_of, event_day, judge_codes, judge_rules, law_of
from exchange.validation.explanation import Explainer
from exchange.validation.rules import leverance, rules_of
from exchange.validation.rules.base import Subject
from exchange.xml import parsing
from exchange.xml.canonical_reader import Reading
from exchange.xml.codec import codec
from exchange.xml.tree_reader import salvage
from exchange.xml.writer import Faults

# Faults that leave the values around them as they are.
_BESIDE_THE_CONTENT = (kinds.ATTRIBUTE_UNEXPECTED.code, kinds.TEXT_UNEXPECTED.code)


JudgedDocument = tuple[Report, dict[str, Any] | None]
"""What came of a document: the report, and the dict if the schema accepted it."""


class Question(NamedTuple):
    """How a document is to be judged. `on` overrides the event's date for codes and version."""

    on: date | None = None
    show_values: bool = False
    from_dict: bool = False


USUAL = Question()
FROM_DICT = Question(from_dict=True)


OpenedDocument = tuple[Version, bytes, Any, bool]
"""A document whose version is known: the version, the bytes in UTF-8, the root, and whether the schema accepts it."""


def compile_version(version: Version) -> None:
    """Compile all that judging an accepted document of this version needs. Raises ConfigurationError or SchemaUnsupported."""
    version.compile()
    compile_all(codec(version))
    rules_of(version)


def compile_catalog(catalog: Catalog) -> None:
    """Compile all versions of a catalog, so that no document has to wait for it. Raises as `compile_version`."""
    for version in (*catalog.versions, *catalog.deliveries.versions):
        compile_version(version)
        version.component_model()


def judge_document(
    catalog: Versions,
    data: bytes,
    question: Question,
    faults: Faults | None = None,
    given: Mapping[str, Any] | None = None,
) -> JudgedDocument:
    """Judge a document in every layer, from its bytes. Where the encoder wrote them, `faults` are what it found in the dict `given`."""
    opened = _enter(catalog, data)
    if isinstance(opened, Finding):
        return refusal(opened)
    document, reading = _read(opened, faults, given)
    judged = None if document is None else _judge_read(opened, document, reading, question)
    return _conclude(opened, document, judged, question, faults)


class Document(NamedTuple):
    """A document that is to be judged, as the arguments of `judge_document`."""

    data: bytes
    question: Question = USUAL
    faults: Faults | None = None
    given: Mapping[str, Any] | None = None

    def __repr__(self) -> str:
        return without(self, "data", "given")


_TOGETHER = 32
_TOGETHER_BYTES = 1 << 18


def judge_documents(catalog: Versions, documents: Iterable[Document]) -> Iterator[JudgedDocument]:
    """Judge many documents.

    Some of them take each step together: the processor then has at hand what the step needs, which saves a sixth of
    the time.
    """
    few: list[Document] = []
    size = 0
    for document in documents:
        few.append(document)
        size += len(document.data)
        if len(few) == _TOGETHER or size > _TOGETHER_BYTES:
            yield from _judge_batch(catalog, few)
            few, size = [], 0
    yield from _judge_batch(catalog, few)


def _judge_batch(catalog: Versions, few: Sequence[Document]) -> Iterator[JudgedDocument]:
    entries = [_enter(catalog, asked.data) for asked in few]
    read: list[tuple[dict[str, Any] | None, Reading | None]] = [
        (None, None) if isinstance(opened, Finding) else _read(opened, asked.faults, asked.given)
        for opened, asked in zip(entries, few, strict=True)
    ]
    judgements = [
        None
        if document is None or isinstance(opened, Finding)
        else _judge_read(opened, document, reading, asked.question)
        for opened, (document, reading), asked in zip(entries, read, few, strict=True)
    ]
    for opened, (document, _), judged, asked in zip(entries, read, judgements, few, strict=True):
        if isinstance(opened, Finding):
            yield refusal(opened)
        else:
            yield _conclude(opened, document, judged, asked.question, asked.faults)


def _enter(catalog: Versions, data: bytes) -> OpenedDocument | Finding:
    try:
        return open_and_check(catalog, data)
    except Refused as refused:
        return refused.finding


def _read(
    opened: OpenedDocument, faults: Faults | None, given: Mapping[str, Any] | None
) -> tuple[dict[str, Any] | None, Reading | None]:
    """Read a document that the schema accepted, the fast way if there is one."""
    version, data, root, accepted = opened
    if not accepted or faults:
        return None, None
    reading = (codec(version).read_dict(given) if given is not None else None) or codec(version).read_canonical(data)
    if reading is not None:
        return reading[0], reading
    return (None if _signature_fault(root) else codec(version).decode(root)), None


def _judge_read(
    opened: OpenedDocument, document: dict[str, Any], reading: Reading | None, question: Question
) -> tuple[Judgement, Judgement]:
    version = opened[0]
    return _judge(version, document[version.name], [], question, reading)


def _conclude(
    opened: OpenedDocument,
    document: dict[str, Any] | None,
    judged: tuple[Judgement, Judgement] | None,
    question: Question,
    faults: Faults | None,
) -> JudgedDocument:
    """Put into a report what was found, and what is wrong where the schema did not accept the document."""
    version, _, root, _ = opened
    if judged == _NOTHING_TO_SAY and not version.bounded:
        return version.faultless, document
    ledger = Ledger()
    ledger.layers["secure"] = ledger.layers["well-formed"] = "passed"
    ledger.close("route", _period(version, root, question.on) if version.bounded else ())
    if document is not None:
        ledger.layers["schema"] = "passed"
    else:
        faulty = _explain(opened, question, ledger, faults)
        # Only where each fault is listed is it known what the others may be judged by.
        if ledger.all_listed:
            judged = _judge(version, salvage(version.spec, root)[version.name], faulty, question)
    if judged:
        _list(ledger, "codes", judged[0], opened, question)
        _list(ledger, "rules", judged[1], opened, question)
    return ledger.report(version.name, version.version), document


def open_and_check(catalog: Versions, data: bytes) -> OpenedDocument:
    """Read a document safely, find its version, and ask the schema. Raises Refused if it is turned away before that."""
    data, root = parsing.open_document(data)
    version = catalog.by_tag.get(root.tag)
    if version is None:
        raise Refused(replace(_unknown(catalog, root.tag), line=root.sourceline))
    return version, data, root, codec(version).judge.accepts(root)


def refusal(finding: Finding) -> JudgedDocument:
    """Report a document that did not get as far as the schema: the layers before the finding's own were passed."""
    ledger = Ledger()
    for layer in LAYERS[: LAYERS.index(finding.layer)]:
        ledger.layers[layer] = "passed"
    ledger.close(finding.layer, [finding])
    return ledger.report(None, None), None


_NOTHING_TO_SAY = (NOTHING_FOUND, NOTHING_FOUND)


def _judge(
    version: Version, content: Mapping[str, Any], faulty: list[str], question: Question, reading: Reading | None = None
) -> tuple[Judgement, Judgement]:
    """Judge the codes and ask the rules."""
    _, texts, always = reading or (None, None, False)
    subject = Subject(content, lambda: event_day(version, content, faulty), version.texts, texts)
    if always and version.dated:
        codes = NOTHING_FOUND
    else:
        codes = judge_codes(version, content, question.on or subject.on, faulty, show_values=question.show_values)
    return codes, judge_rules(version, subject, faulty, codes.findings)


def _unknown(catalog: Versions, tag: str) -> Finding:
    if isinstance(catalog, Catalog) and tag in catalog.deliveries.by_tag:
        return leverance.UNEXPECTED.found()
    namespace, _, name = tag.rpartition("}")
    known = catalog.of(name)
    if known and re.fullmatch(rf"{{{NAMESPACE}:{name.lower()}:[0-9]{{1,9}}", namespace):
        return kinds.VERSION_UNKNOWN.found(f"/{name}", {"expected": ", ".join(str(v.version) for v in known)})
    return message_unknown(catalog)


def message_unknown(catalog: Versions) -> Finding:
    """Give the finding for a document that is none of the catalog's messages."""
    return kinds.MESSAGE_UNKNOWN.found(
        words={"expected": ", ".join(f"{v.name} ({v.namespace})" for v in catalog.versions)}
    )


def _period(version: Version, root: Any, on: date | None) -> Iterator[Finding]:
    day = on or day_of(parsing.value_at(root, version.namespace, version.created))
    if day is None or is_accepted(version, day):
        return
    kind = kinds.VERSION_EXPIRED
    if version.in_force_from is not None and day < version.in_force_from:
        kind = kinds.VERSION_NOT_YET_VALID
    words = {"version": version.version, "day": day, "since": version.in_force_from, "until": version.in_force_to}
    yield kind.found(f"/{version.name}", words, line=root.sourceline)


def _signature_fault(root: Any) -> Finding | None:
    """The schema leaves the signature's place open to its whole namespace; only a Signature may stand there."""
    last = root[-1] if len(root) else None
    if last is None or not last.tag.startswith(f"{{{DSIG}}}") or last.tag == f"{{{DSIG}}}Signature":
        return None
    name = last.tag.rpartition("}")[2]
    words = dict.fromkeys(("expected", "ventet"), "ds:Signature")
    return kinds.ELEMENT_UNEXPECTED.found(f"{_root_path(root)}/{shown_name(name)}", words, line=last.sourceline)


def _root_path(root: Any) -> str:
    return f"/{root.tag.rpartition('}')[2]}"


def _explain(opened: OpenedDocument, question: Question, ledger: Ledger, faults: Faults | None) -> list[str]:
    """Enter what the schema has against the document; give the places whose content is not sound."""
    version, _, root, accepted = opened
    ledger.layers["schema"] = "failed"
    faults = faults or Faults()
    for finding in faults.findings:
        ledger.layers[finding.layer] = "failed"
        ledger.findings.append(replace(finding, law=law_of(version, finding.path)))
    for code, times in faults.counts.items():
        ledger.count(code, "error", times)
    emptied = faults.emptied
    faulty = [*emptied, *(finding.path for finding in faults.findings)]
    signature = _signature_fault(root)
    if signature:
        ledger.add(signature)
    if accepted:
        return faulty
    explainer = Explainer(version.spec, version.component_model(), version.lists, root)
    for fault in explainer.faults():
        if not ledger.has_room(fault.kind.code):
            ledger.count(fault.kind.code, fault.kind.severity)
            continue
        finding = explainer.finding(fault, show_values=question.show_values)
        # Where the encoder left an element empty, the schema's complaint about it says nothing new.
        if not _lies_in(finding.path, emptied):
            ledger.add(replace(finding, line=None) if question.from_dict else finding)
            if finding.code not in _BESIDE_THE_CONTENT:
                faulty.append(finding.path)
    if not ledger.errors:
        line = None if question.from_dict else codec(version).judge.line(root)
        ledger.add(kinds.SCHEMA_REFUSED.found(line=line))
        faulty.append(_root_path(root))
    return faulty


def _lies_in(path: str, places: set[str]) -> bool:
    """True if the path is one of the places or lies below one."""
    while path and places:
        if path in places:
            return True
        path = path.rpartition("/")[0]
    return False


def _list(ledger: Ledger, layer: Layer, judgement: Judgement, opened: OpenedDocument, question: Question) -> None:
    """Enter a judgement; in a file the findings that are listed have lines."""
    version, _, root, _ = opened

    def placed() -> Iterator[Finding]:
        for finding in judgement.findings:
            if question.from_dict or not ledger.has_room(finding.code):
                yield finding
            else:
                yield replace(finding, line=parsing.line_at(root, version.namespace, finding.path))

    ledger.close(layer, placed(), complete=judgement.complete)
