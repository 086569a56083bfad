"""The one way through: bytes are read safely, routed, judged by the schema, decoded, judged by codes and rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple

from exchange import kinds, xmlio
from exchange.catalog import CREATED, NAMESPACE, Catalog, Version, is_accepted
from exchange.codelists import CodeList
from exchange.decode import salvage
from exchange.errors import Refused
from exchange.explain import meant_words
from exchange.findings import Finding, Kind, Ledger, Report
from exchange.rules.base import Rule, Subject
from exchange.schema import DSIG
from exchange.trails import Leaf, path_of
from exchange.values import VALUE_KINDS, danish_date, shown, shown_name

_NUMBERS = re.compile(r"\[[0-9]+\]")


class Journey(NamedTuple):
    """What came of a document: the report, and the dict if the schema accepted it."""

    report: Report
    document: dict[str, Any] | None


class Question(NamedTuple):
    """How a document is to be judged. `on` overrides the event's date for codes and version."""

    on: date | None = None
    show_values: bool = False
    from_dict: bool = False


class Entered(NamedTuple):
    """A document whose version is known, and the schema's verdict on it."""

    version: Version
    root: Any
    accepted: bool


def travel(catalog: Catalog, data: bytes, question: Question, faults: list[Finding] | None = None) -> Journey:
    """Take a document's bytes all the way. `faults` are what the encoder found where the bytes come from a dict."""
    ledger = Ledger()
    entered = enter(catalog, data, question, ledger)
    if entered is None:
        return Journey(ledger.report(None, None), None)
    version, root, accepted = entered
    if accepted and not faults and not _signature_fault(root):
        ledger.layers["schema"] = "passed"
        document = version.decode(root)
        content = document[version.name]
        faulty: list[str] = []
    else:
        document = None
        faulty = _explain(entered, question, ledger, faults or [])
        content = salvage(version.spec, root)[version.name]
    if sum(ledger.counts.values()) == len(ledger.findings):
        # Only where each fault is listed is it known what the others may be judged by.
        examine(version, content, root, question, ledger, faulty)
    return Journey(ledger.report(version.name, version.version), document)


def enter(catalog: Catalog, data: bytes, question: Question, ledger: Ledger) -> Entered | None:
    """Read a document safely, find its version, and ask the schema. None if it was turned away before that."""
    try:
        opened = xmlio.open_document(data)
    except Refused as refused:
        if refused.finding.layer == "well-formed":
            ledger.layers["secure"] = "passed"
        ledger.close(refused.finding.layer, [refused.finding])
        return None
    ledger.layers["secure"] = ledger.layers["well-formed"] = "passed"
    root = opened.root
    namespace, _, name = str(root.tag).rpartition("}")
    version = catalog.by_namespace.get(namespace[1:])
    if version is None or version.name != name:
        ledger.close("route", [_unknown(catalog, namespace[1:], name)])
        return None
    ledger.close("route", _period(version, root, question.on) if version.bounded else ())
    return Entered(version, root, version.judge(root))


def _unknown(catalog: Catalog, namespace: str, name: str) -> Finding:
    known = catalog.of(name)
    if known and re.fullmatch(rf"{NAMESPACE}:{name.lower()}:[0-9]{{1,9}}", namespace):
        return kinds.VERSION_UNKNOWN.found(f"/{name}", {"expected": ", ".join(str(v.version) for v in known)}, line=1)
    return message_unknown(catalog)


def message_unknown(catalog: Catalog) -> Finding:
    """Give the finding for a document that is none of the catalog's messages."""
    return kinds.MESSAGE_UNKNOWN.found(
        words={"expected": ", ".join(f"{v.name} ({v.namespace})" for v in catalog.versions)}
    )


def _period(version: Version, root: Any, on: date | None) -> Iterator[Finding]:
    day = on or created_on(xmlio.value_at(root, version.namespace, CREATED))
    if day is None or is_accepted(version, day):
        return
    kind = kinds.VERSION_EXPIRED
    if version.in_force_from is not None and day < version.in_force_from:
        kind = kinds.VERSION_NOT_YET_VALID
    words = {"version": version.version, "day": day, "since": version.in_force_from, "until": version.in_force_to}
    yield kind.found(f"/{version.name}", words, line=root.sourceline)


def created_on(value: object) -> date | None:
    """Give the local date in Denmark of a moment given as datetime or ISO text; None if it is no moment."""
    try:
        moment = VALUE_KINDS["dateTime"].from_text(value) if isinstance(value, str) else value
        return danish_date(moment) if isinstance(moment, datetime) and moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


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


def _explain(entered: Entered, question: Question, ledger: Ledger, faults: list[Finding]) -> list[str]:
    """Enter what the schema has against the document; give the places at fault."""
    version, root, accepted = entered
    explainer = version.explainer
    ledger.layers["schema"] = "failed"
    for finding in faults:
        ledger.layers[finding.layer] = "failed"
        ledger.add(replace(finding, law=_law(version, finding.path)))
    faulty = [finding.path for finding in faults]
    signature = _signature_fault(root)
    if signature:
        ledger.add(signature)
    if not accepted:
        line = version.judge.line()
        for fault in explainer.faults(root):
            if not ledger.has_room(fault.kind.code):
                ledger.count(fault.kind.code, fault.kind.severity)
                continue
            finding = explainer.finding(fault, show_values=question.show_values)
            # Where the encoder left an element empty, the schema's complaint about it says nothing new.
            if not _touches(finding.path, faulty[: len(faults)], below_only=True):
                ledger.add(replace(finding, line=None) if question.from_dict else finding)
                faulty.append(finding.path)
        if not ledger.errors:
            ledger.add(kinds.SCHEMA_REFUSED.found(line=None if question.from_dict else line))
            faulty.append(_root_path(root))
    return faulty


def _touches(path: str, others: list[str], *, below_only: bool = False) -> bool:
    """True if `path` is one of the others or lies below one; without `below_only` also if it lies above one."""
    return any(
        path == other or path.startswith(f"{other}/") or (not below_only and other.startswith((f"{path}/", f"{path}[")))
        for other in others
    )


def examine(
    version: Version, content: Mapping[str, Any], root: Any, question: Question, ledger: Ledger, faulty: list[str]
) -> None:
    """Judge codes and rules. What lies at a place the schema has found faulty is left alone."""
    event = (
        danish_date(moment) if isinstance(moment := _at(content, version.event), datetime) and moment.tzinfo else None
    )
    on = question.on or event
    findings = [
        finding
        for finding in _codes(version, version.coded(content), on, question)
        if not _touches(finding.path, faulty)
    ]
    ledger.close("codes", _with_lines(findings, version, root, question), complete=on is not None)
    hits, complete = _rules(version, Subject(content, event, version.texts(content)), faulty)
    ledger.close("rules", _with_lines(hits, version, root, question), complete=complete)


def _with_lines(findings: list[Finding], version: Version, root: Any, question: Question) -> list[Finding]:
    if question.from_dict:
        return findings
    return [replace(finding, line=xmlio.line_at(root, version.namespace, finding.path)) for finding in findings]


def _at(content: Mapping[str, Any], path: str) -> Any:
    value: Any = content
    for name in path.split("/"):
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = value[name]
    return value


def _codes(version: Version, leaves: list[Leaf], on: date | None, question: Question) -> Iterator[Finding]:
    for trail, simple, code in leaves:
        code_list = version.code_list(simple.code_list or "")
        if code_list.admits(code, on):
            continue
        path = path_of(trail)
        kind, words = _code_fault(code_list, code, on)
        value = shown(code, confidential=simple.confidential is not None, show_values=question.show_values)
        yield kind.found(path, {"list": code_list.name, "day": on, **words}, law=_law(version, path), value=value)


def _code_fault(code_list: CodeList, code: str, on: date | None) -> tuple[Kind, dict[str, object]]:
    periods = code_list.periods(code)
    if not periods:
        meant = code_list.meant(code)
        if meant is None:
            return kinds.CODE_UNKNOWN, {**meant_words(code_list, code)}
        return kinds.CODE_OTHER_SYSTEM, {
            "system": meant.system,
            "meant": meant.code.kode,
            "meant_name": meant.code.navn,
        }
    ended = [row for row in periods if on and row.gyldig_til and row.gyldig_til <= on]
    if not ended:
        return kinds.CODE_NOT_YET_VALID, {"since": periods[0].gyldig_fra}
    successor = ended[-1].erstattes_af
    return kinds.CODE_EXPIRED, {
        "until": ended[-1].gyldig_til,
        "successor_en": f"Use {successor}. " if successor else "",
        "successor_da": f"Brug {successor}. " if successor else "",
    }


def _law(version: Version, path: str) -> str | None:
    plain = _NUMBERS.sub("", path)
    return next((field.law for place, field in version.spec.walk() if place == plain), None)


def _rules(version: Version, subject: Subject, faulty: list[str]) -> tuple[list[Finding], bool]:
    """Ask the rules; False beside the findings if one could not be asked."""
    findings: list[Finding] = []
    complete = True
    places = [_NUMBERS.sub("", path) for path in faulty]
    for rule in version.rules:
        if places and any(_touches_either_way(f"/{version.name}/{about}", places) for about in rule.about):
            complete = False
            continue
        try:
            findings += _ask(rule, version, subject)
        except Exception:  # noqa: BLE001  # a rule's own fault must neither pass as "accepted" nor quote the document
            findings.append(kinds.CHECK_INCOMPLETE.found(words={"check": rule.kind.code}))
            complete = False
    return [finding for finding in findings if not _touches(finding.path, faulty, below_only=True)], complete


def _touches_either_way(path: str, places: list[str]) -> bool:
    return any(path == place or path.startswith(f"{place}/") or place.startswith(f"{path}/") for place in places)


def _ask(rule: Rule, version: Version, subject: Subject) -> list[Finding]:
    return [rule.kind.found(f"/{version.name}/{place}".rstrip("/"), words) for place, words in rule.check(subject)]
