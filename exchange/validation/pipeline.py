"""The one way through: bytes are read safely, routed, judged by the schema, decoded, judged by codes and rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from exchange.errors import Refused
from exchange.findings import kinds
from exchange.findings.finding import LAYERS, Finding, Layer, Ledger, Report, State
from exchange.model.catalog import Catalog, Version, Versions, is_accepted
from exchange.model.lazy import compile_all
from exchange.model.spec import DSIG
from exchange.model.values import shown_name
from exchange.validation.checks import (
    NOTHING_FOUND,
    Judgement,
    day_of,
    event_day,
    judge_codes,
    judge_rules,
    keeps_all_rules,
    place_of,
)
from exchange.validation.opening import OpenedDocument, open_and_check
from exchange.validation.rules import rules_of
from exchange.validation.rules.base import Subject
from exchange.xml import parsing, plain_layout
from exchange.xml.codec import codec
from exchange.xml.positions import Positions
from exchange.xml.reading import Reading, reading_of
from exchange.xml.tree_reader import salvage
from exchange.xml.writer import DECLARATION, Faults

# Faults that leave the values around them as they are.
_BESIDE_THE_CONTENT = (kinds.ATTRIBUTE_UNEXPECTED.code, kinds.TEXT_UNEXPECTED.code)


JudgedDocument = tuple[Report, Reading | None]
"""The outcome of judging a document: the report, and what the document holds if the schema accepted it."""


class JudgingOptions(NamedTuple):
    """How a document is to be judged.

    `on` overrides the event's date for codes, rules and version; `whole`: its dict is wanted too.
    """

    on: date | None = None
    show_values: bool = False
    from_dict: bool = False
    whole: bool = False


_START = len(DECLARATION)
_LONGEST_TAG = 500

DEFAULT_OPTIONS = JudgingOptions()
FROM_DICT = JudgingOptions(from_dict=True)
WHOLE = JudgingOptions(whole=True)


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
    catalog: Versions, data: bytes, options: JudgingOptions, faults: Faults | None = None, text: str | None = None
) -> JudgedDocument:
    """Judge a document in every layer, from its bytes. Where the writer wrote them, `faults` and `text` are those of its `Encoded`.

    A document in the writer's layout, or one that is easily brought into it, is judged by its text alone, if it is sound. Of any
    other there is a tree, and libxml2 decides.
    """
    judged = None if faults else judge_canonical(catalog, data, options, text) or _judge_plain(catalog, data, options)
    return judged or judge_tree(catalog, data, options, faults)


def judge_tree(catalog: Versions, data: bytes, options: JudgingOptions, faults: Faults | None = None) -> JudgedDocument:
    """Judge a document in any layout by its tree, as `judge_document` does."""
    try:
        opened = open_and_check(catalog, data)
    except Refused as refused:
        return refusal(refused.finding)
    return _judge_tree(opened, options, faults)


def judge_canonical(
    catalog: Versions, data: bytes, options: JudgingOptions, text: str | None = None
) -> JudgedDocument | None:
    """Judge a document in the writer's layout, if the schema accepts it; return None for any other.

    What is judged so is one whole element behind its declaration, and its bytes are canonical.
    """
    version = catalog.by_start_tag.get(data[_START : data.find(b">", _START, _START + _LONGEST_TAG) + 1])
    reading = None if version is None else codec(version).read_canonical(data, options.whole, text)
    return None if version is None or reading is None else _judge_reading(version, reading, data, options)


def _judge_plain(catalog: Versions, data: bytes, options: JudgingOptions) -> JudgedDocument | None:
    """Judge a document in another plain layout, if the schema accepts it; return None for any other."""
    root = plain_layout.root_of(data)
    version = None if root is None else catalog.by_tag.get(root.tag)
    if root is None or version is None:
        return None
    reading = codec(version).read_plain(data, root, whole=options.whole)
    return None if reading is None else _judge_reading(version, reading, data, options)


def _judge_reading(version: Version, reading: Reading, data: bytes, options: JudgingOptions) -> JudgedDocument:
    """Judge the codes and rules of a document that was read from its text."""
    content = reading.content
    subject = Subject(
        content, lambda: event_day(version, content, []), version.texts, reading.outline, reading.texts, options.on
    )
    if reading.always and not version.bounded and keeps_all_rules(version, subject):
        return version.faultless, reading
    judged = _judge(version, subject, [], options)
    if judged == _NOTHING_TO_SAY and not version.bounded:
        return version.faultless, reading
    # A line may have to be named, so the tree is needed after all.
    positions = None if options.from_dict else Positions(*parsing.open_document(data))
    return _report_accepted(version, reading, judged, positions, options), reading


def _judge_tree(opened: OpenedDocument, options: JudgingOptions, faults: Faults | None) -> JudgedDocument:
    """Judge a document by its tree; where the schema did not accept it, say what is wrong."""
    version, data, root, accepted, _ = opened
    positions = None if options.from_dict else Positions(data, root)
    if accepted and not faults and not _signature_fault(root):
        reading = reading_of(codec(version).decode(root))
        judged = _judge_content(version, reading.content, [], options)
        return _report_accepted(version, reading, judged, positions, options), reading
    content = salvage(version.spec, root)[version.name]
    ledger = _opened_ledger(version, positions, content, options)
    faulty = _explain(opened, options, ledger, faults, positions)
    day = options.on or event_day(version, content, faulty)
    ledger.findings = version.law.cited(ledger.findings, day)
    # Only where each fault is known and listed is it known what the others may be judged by.
    if ledger.all_listed and accepted is not None:
        _list_judged(ledger, _judge_content(version, content, faulty, options), positions)
    return ledger.report(version.name, version.version), None


def _report_accepted(
    version: Version,
    reading: Reading,
    judged: tuple[Judgement, Judgement],
    positions: Positions | None,
    options: JudgingOptions,
) -> Report:
    """Return the report on a document that the schema accepts; without `positions` its findings have no lines."""
    if judged == _NOTHING_TO_SAY and not version.bounded:
        return version.faultless
    ledger = _opened_ledger(version, positions, reading.content, options)
    ledger.layers["schema"] = "passed"
    _list_judged(ledger, judged, positions)
    return ledger.report(version.name, version.version)


def _opened_ledger(
    version: Version, positions: Positions | None, content: Mapping[str, Any], options: JudgingOptions
) -> Ledger:
    """Return a ledger in which the layers up to the route are closed."""
    ledger = Ledger()
    ledger.layers["secure"] = ledger.layers["well-formed"] = "passed"
    ledger.close("route", _period(version, positions, content, options.on) if version.bounded else ())
    return ledger


def refusal(finding: Finding) -> JudgedDocument:
    """Report a document that did not get as far as the schema: the layers before the finding's own were passed."""
    ledger = Ledger()
    for layer in LAYERS[: LAYERS.index(finding.layer)]:
        ledger.layers[layer] = "passed"
    ledger.close(finding.layer, [finding])
    return ledger.report(None, None), None


_NOTHING_TO_SAY = (NOTHING_FOUND, NOTHING_FOUND)


def _judge_content(
    version: Version, content: Mapping[str, Any], faulty: list[str], options: JudgingOptions
) -> tuple[Judgement, Judgement]:
    """Judge the codes and ask the rules of what was read from a tree."""
    subject = Subject(content, lambda: event_day(version, content, faulty), version.texts, judged_on=options.on)
    return _judge(version, subject, faulty, options)


def _judge(
    version: Version, subject: Subject, faulty: list[str], options: JudgingOptions
) -> tuple[Judgement, Judgement]:
    """Judge the codes and ask the rules."""
    codes = judge_codes(version, subject.content, subject.on, faulty, show_values=options.show_values)
    return codes, judge_rules(version, subject, faulty, codes.findings)


def _period(
    version: Version, positions: Positions | None, content: Mapping[str, Any], on: date | None
) -> Iterator[Finding]:
    value: Any = content
    for step in version.created.split("/"):
        value = value.get(step) if isinstance(value, Mapping) else None
    day = on or day_of(value)
    if day is None or is_accepted(version, day):
        return
    kind = kinds.VERSION_EXPIRED
    if version.in_force_from is not None and day < version.in_force_from:
        kind = kinds.VERSION_NOT_YET_VALID
    words = {"version": version.version, "day": day, "since": version.in_force_from, "until": version.in_force_to}
    yield kind.found(f"/{version.name}", words, at=None if positions is None else positions.of_root)


def _signature_fault(root: Any, positions: Positions | None = None) -> Finding | None:
    """The schema leaves the signature's place open to its whole namespace; only a Signature may stand there."""
    last = root[-1] if len(root) else None
    if last is None or not last.tag.startswith(f"{{{DSIG}}}") or last.tag == f"{{{DSIG}}}Signature":
        return None
    name = last.tag.rpartition("}")[2]
    words = dict.fromkeys(("expected", "ventet"), "ds:Signature")
    return kinds.ELEMENT_UNEXPECTED.found(
        f"{_root_path(root)}/{shown_name(name)}", words, at=None if positions is None else positions.of(last)
    )


def _root_path(root: Any) -> str:
    return f"/{root.tag.rpartition('}')[2]}"


def _explain(
    opened: OpenedDocument, options: JudgingOptions, ledger: Ledger, faults: Faults | None, positions: Positions | None
) -> list[str]:
    """Enter what the schema has against the document; give the places whose content is not sound."""
    version, _, root, accepted, given_up_at = opened
    before = ledger.errors
    ledger.layers["schema"] = "failed"
    faults = faults or Faults()
    for finding in faults.findings:
        ledger.layers[finding.layer] = "failed"
        ledger.findings.append(replace(finding, law=place_of(version, finding.path)))
    for code, times in faults.counts.items():
        ledger.count(code, "error", times)
    emptied = faults.emptied
    faulty = [*emptied, *(finding.path for finding in faults.findings)]
    signature = _signature_fault(root, positions)
    if signature:
        ledger.add(signature)
    if accepted:
        return faulty
    from exchange.validation.explanation import Explainer  # only a document that is not accepted needs it

    explainer = Explainer(version, root, positions)
    if accepted is None:
        state: State = "failed" if ledger.errors > before else "skipped"
        ledger.close("schema", [explainer.undecided(given_up_at)], complete=False)
        ledger.layers["schema"] = state
        return faulty
    for fault in explainer.faults():
        if not ledger.has_room(fault.kind.code):
            ledger.count(fault.kind.code, fault.kind.severity)
            continue
        finding = explainer.finding(fault, show_values=options.show_values)
        # Where the encoder left an element empty, the schema's complaint about it says nothing new.
        if not _lies_in(finding.path, emptied):
            ledger.add(finding)
            if finding.code not in _BESIDE_THE_CONTENT:
                faulty.append(finding.path)
    if not ledger.errors:
        at = None if positions is None else codec(version).judge.position(root)
        ledger.add(kinds.SCHEMA_REFUSED.found(at=at))
        faulty.append(_root_path(root))
    return faulty


def _lies_in(path: str, places: set[str]) -> bool:
    """True if the path is one of the places or lies below one."""
    while path and places:
        if path in places:
            return True
        path = path.rpartition("/")[0]
    return False


def _list_judged(ledger: Ledger, judged: tuple[Judgement, Judgement], positions: Positions | None) -> None:
    """Enter the judgements of codes and rules; the findings that are listed get their places from `positions`."""
    _list(ledger, "codes", judged[0], positions)
    _list(ledger, "rules", judged[1], positions)


def _list(ledger: Ledger, layer: Layer, judgement: Judgement, positions: Positions | None) -> None:
    def placed() -> Iterator[Finding]:
        for finding in judgement.findings:
            if positions is None or not ledger.has_room(finding.code):
                yield finding
            else:
                yield finding.placed(positions.at(finding.path))

    ledger.close(layer, placed(), complete=judgement.complete)
