"""Every mutation that test data knows: what it does to a message, and the finding that must come of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from exchange.findings import kinds
from exchange.findings.finding import Kind
from exchange.model.personnummer import UNKNOWN
from exchange.testdata.days import zone
from exchange.testdata.faults import (
    Case,
    InDict,
    InXml,
    drop,
    long,
    misspelled,
    number_of_another_system,
    put,
    rewritten,
    unknown_number,
    written,
)
from exchange.validation.rules import hoved, krav, person, samtale
from exchange.xml.writer import Encoder

SAMTALE, PLAN, KRAV = (frozenset({name}) for name in ("samtale", "minPlanUdkast", "kravTilJobsoegning"))
EVERY = SAMTALE | PLAN | KRAV


@dataclass(frozen=True, slots=True, eq=False)
class Mutation:
    """A fault with the code of its finding; put into the dict if a dict can hold it, else into the XML.

    `also` are the codes of what else must be found then. `alone`: not for a delivery, which would have to say
    something of its own about it. `impersonal`: the person is lost, so that two interviews could be taken for
    one person's.
    """

    name: str
    code: str
    messages: frozenset[str]
    in_dict: InDict | None = None
    in_xml: InXml | None = None
    also: tuple[str, ...] = ()
    alone: bool = False
    impersonal: bool = False

    def apply(self, case: Case, encode: Encoder) -> tuple[str, bytes] | None:
        """Put the fault into a message: give the finding's path below the root, and the XML; None if it has no place."""
        if self.in_dict:
            path = self.in_dict(case)
            return None if path is None else (path, encode(case.content).data)
        if self.in_xml:
            changed = self.in_xml(encode(case.content).data.decode())
            return None if changed is None else (changed[1], changed[0].encode())
        return None


def _dict(messages: frozenset[str], kind: Kind, name: str, change: InDict, **more: Any) -> Mutation:
    return Mutation(name, kind.code, messages, in_dict=change, **more)


def _xml(messages: frozenset[str], kind: Kind, name: str, change: InXml, **more: Any) -> Mutation:
    return Mutation(name, kind.code, messages, in_xml=change, **more)


def _correction_of_nothing(case: Case) -> str:
    case.content["hoved"]["handling"] = "ret"
    case.content["hoved"].pop("vedroererBeskedId", None)
    return "/hoved/vedroererBeskedId"


def _new_but_about_another(case: Case) -> str:
    head = case.content["hoved"]
    head["handling"] = "opret"
    # The twelve digits at the end are its own; with another kind of guid before them they are no message's.
    head.setdefault("vedroererBeskedId", f"{head['beskedId'][:19]}9{head['beskedId'][20:]}")
    return "/hoved/vedroererBeskedId"


def _about_itself(case: Case) -> str:
    head = case.content["hoved"]
    head["handling"] = "ret"
    head["vedroererBeskedId"] = head["beskedId"].upper()
    return "/hoved/vedroererBeskedId"


def _in_production(case: Case) -> str:
    case.content["hoved"]["miljoe"] = "produktion"
    return "/person/personnummer"


def _reported_before_it_was_held(case: Case) -> str:
    case.content["hoved"]["oprettet"] = case.content["tidspunkt"] - timedelta(hours=1)
    return "/tidspunkt"


def _a_cv_interview_without_cv(case: Case) -> str | None:
    if case.content["samtaletype"] == samtale.RAADIGHEDSSAMTALE:
        return None
    case.content["samtaletype"] = samtale.CV_SAMTALE
    return "/cv"


def _after_the_end_of_a_region(case: Case) -> str | None:
    ended = [row for row in case.exchange.codes("region") if row.gyldig_til and row.gyldig_til > case.day.date]
    if not ended or "regioner" not in case.content["geografi"]:
        return None
    row = ended[int(case.draw() * len(ended))]
    if row.gyldig_til is None:
        return None
    case.content["geografi"]["regioner"] = [row.kode]
    case.content["hoved"]["oprettet"] = datetime.combine(row.gyldig_til, time(10), zone(row.gyldig_til))
    return "/geografi/regioner/region[1]"


MUTATIONS: tuple[Mutation, ...] = (
    # What all messages have.
    _dict(EVERY, kinds.ELEMENT_MISSING, "hoved-missing", drop("hoved"), alone=True),
    _dict(EVERY, kinds.ELEMENT_MISSING, "beskedId-missing", drop("hoved/beskedId")),
    _dict(EVERY, kinds.VALUE_PATTERN, "beskedId-in-braces", put("hoved/beskedId", written("{{{}}}".format))),
    _dict(
        EVERY,
        kinds.VALUE_TYPE,
        "oprettet-without-offset",
        put("hoved/oprettet", written(lambda moment: moment.replace(tzinfo=None).isoformat())),
    ),
    _dict(EVERY, kinds.VALUE_CHOICE, "miljoe-unknown", put("hoved/miljoe", "Test"), alone=True),
    _dict(
        EVERY,
        kinds.VALUE_PATTERN,
        "akassekode-three-digits",
        put("hoved/akassekode", written("0{}".format)),
        alone=True,
    ),
    _dict(EVERY, kinds.CODE_UNKNOWN, "akassekode-unknown", put("hoved/akassekode", unknown_number), alone=True),
    _dict(
        EVERY,
        kinds.CODE_OTHER_SYSTEM,
        "akassekode-of-another-system",
        put("hoved/akassekode", number_of_another_system("akasse")),
        alone=True,
    ),
    _dict(EVERY, kinds.VALUE_CHOICE, "handling-unknown", put("hoved/handling", "slet")),
    _dict(EVERY, hoved.vedroerer_missing.kind, "vedroererBeskedId-missing", _correction_of_nothing),
    _dict(EVERY, hoved.vedroerer_unexpected.kind, "vedroererBeskedId-unexpected", _new_but_about_another),
    _dict(EVERY, hoved.vedroerer_itself.kind, "vedroererBeskedId-itself", _about_itself),
    _dict(EVERY, kinds.ELEMENT_MISSING, "person-missing", drop("person"), impersonal=True),
    _dict(
        EVERY,
        kinds.VALUE_PATTERN,
        "personnummer-with-hyphen",
        put("person/personnummer", written(lambda number: f"{number[:6]}-{number[6:]}")),
    ),
    _dict(
        EVERY,
        kinds.VALUE_PATTERN,
        "personnummer-replacement",
        put("person/personnummer", written(lambda number: f"{int(number[0]) + 6}{number[1:]}")),
    ),
    _dict(EVERY, person.unknown.kind, "personnummer-unknown", put("person/personnummer", UNKNOWN), impersonal=True),
    _dict(
        EVERY,
        person.no_such_date.kind,
        "personnummer-without-date",
        put("person/personnummer", "2902415000"),
        impersonal=True,
    ),
    _dict(EVERY, person.born_later.kind, "personnummer-in-production", _in_production, alone=True),
    _dict(EVERY, kinds.VALUE_LENGTH, "person-navn-too-long", put("person/navn", long(141))),
    _dict(EVERY, kinds.VALUE_LENGTH, "person-navn-empty", put("person/navn", "")),
    _xml(
        EVERY,
        kinds.ELEMENT_UNEXPECTED,
        "element-unknown",
        rewritten("</person>", r"\g<0><ukendt>x</ukendt>", "/ukendt"),
    ),
    _xml(EVERY, kinds.ELEMENT_REPEATED, "person-twice", rewritten("<person>.*?</person>", r"\g<0>\g<0>", "/person[2]")),
    _xml(
        EVERY,
        kinds.ELEMENT_MISPLACED,
        "hoved-after-person",
        rewritten("(<hoved>.*?</hoved>)(<person>.*?</person>)", r"\2\1", "/hoved"),
    ),
    _xml(EVERY, kinds.TEXT_UNEXPECTED, "text-between-elements", rewritten("</hoved>", r"\g<0>og", "")),
    _xml(
        EVERY, kinds.ATTRIBUTE_UNEXPECTED, "person-with-attribute", rewritten("<person>", '<person nr="1">', "/person")
    ),
    _xml(
        EVERY,
        kinds.VERSION_UNKNOWN,
        "version-unknown",
        rewritten('(xmlns="urn:[^"]*:)[0-9]+"', r'\g<1>999"', ""),
        alone=True,
    ),
    _xml(
        EVERY,
        kinds.COMMENT_IN_VALUE,
        "comment-in-personnummer",
        rewritten("<personnummer>", r"\g<0><!-- -->", "/person/personnummer"),
        alone=True,
    ),
    _xml(
        EVERY,
        kinds.XSI_REFUSED,
        "person-nil",
        rewritten(
            "<person>", '<person xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true">', "/person"
        ),
        alone=True,
    ),
    # An interview.
    _dict(SAMTALE, kinds.ELEMENT_MISSING, "tidspunkt-missing", drop("tidspunkt")),
    _dict(
        SAMTALE,
        kinds.VALUE_TYPE,
        "tidspunkt-impossible",
        put("tidspunkt", written("2026-02-30T{:%H:%M:%S}+01:00".format)),
    ),
    _dict(SAMTALE, kinds.VALUE_PATTERN, "samtaletype-with-capital", put("samtaletype", written(str.capitalize))),
    _dict(SAMTALE, kinds.CODE_UNKNOWN, "samtaletype-unknown", put("samtaletype", misspelled)),
    _dict(
        SAMTALE,
        kinds.CODE_OTHER_SYSTEM,
        "samtaletype-of-another-system",
        put("samtaletype", number_of_another_system("samtaletype")),
    ),
    _dict(SAMTALE, kinds.CODE_UNKNOWN, "form-unknown", put("form", misspelled)),
    _dict(SAMTALE, kinds.CODE_OTHER_SYSTEM, "form-of-another-system", put("form", number_of_another_system("form"))),
    _dict(SAMTALE, kinds.CODE_UNKNOWN, "vurdering-unknown", put("raadighedsvurdering/vurdering", misspelled)),
    _dict(
        SAMTALE, kinds.VALUE_LENGTH, "vurdering-begrundelse-too-long", put("raadighedsvurdering/begrundelse", long(601))
    ),
    _dict(SAMTALE, kinds.ELEMENT_MISSING, "aftaler-empty", put("aftaler", written(lambda _: []), below="/aftale")),
    _dict(SAMTALE, kinds.VALUE_LENGTH, "aftale-tekst-empty", put("aftaler/aftale/tekst", "")),
    _dict(SAMTALE, kinds.VALUE_LENGTH, "aftale-tekst-too-long", put("aftaler/aftale/tekst", long(4051))),
    _dict(
        SAMTALE,
        kinds.VALUE_TYPE,
        "aftale-frist-spelled-danish",
        put("aftaler/aftale/frist", written("{:%d.%m.%Y}".format)),
    ),
    _dict(SAMTALE, kinds.ELEMENT_MISSING, "deltager-rolle-missing", drop("deltagere/deltager/rolle")),
    _dict(SAMTALE, kinds.CODE_UNKNOWN, "deltager-rolle-unknown", put("deltagere/deltager/rolle", misspelled)),
    _dict(SAMTALE, kinds.VALUE_LENGTH, "deltager-navn-empty", put("deltagere/deltager/navn", "")),
    _dict(SAMTALE, samtale.tidspunkt_later.kind, "tidspunkt-later", _reported_before_it_was_held),
    _dict(
        SAMTALE,
        samtale.cv_missing.kind,
        "cv-missing",
        _a_cv_interview_without_cv,
        also=(samtale.cv_samtale_closed.kind.code,),
    ),
    _dict(
        SAMTALE, samtale.raadighedsvurdering_missing.kind, "raadighedsvurdering-missing", drop("raadighedsvurdering")
    ),
    _xml(
        SAMTALE,
        kinds.ELEMENT_MISPLACED,
        "samtaletype-after-form",
        rewritten("(<samtaletype>.*?</samtaletype>)(<form>.*?</form>)", r"\2\1", "/samtaletype"),
    ),
    # A draft plan.
    _dict(PLAN, kinds.ELEMENT_MISSING, "jobmaal-empty", put("jobmaal", written(lambda _: []), below="/forslag")),
    _dict(
        PLAN, kinds.VALUE_LENGTH, "stillingsbetegnelse-too-long", put("jobmaal/forslag/stillingsbetegnelse", long(201))
    ),
    _dict(PLAN, kinds.VALUE_PATTERN, "disco-with-letter", put("jobmaal/forslag/disco", "12345a")),
    _dict(
        PLAN,
        kinds.VALUE_PATTERN,
        "esco-with-space",
        put("jobmaal/forslag/esco", "http://data.europa.eu/esco/occupation/ukendt job"),
    ),
    _dict(PLAN, kinds.VALUE_LENGTH, "plan-forslag-too-long", put("plan/forslag", long(4051))),
    _dict(PLAN, kinds.ELEMENT_MISSING, "plan-begrundelse-missing", drop("plan/begrundelse")),
    _xml(PLAN, kinds.ELEMENT_REPEATED, "plan-twice", rewritten("<plan>.*?</plan>", r"\g<0>\g<0>", "/plan[2]")),
    # Requirements for the job search.
    _dict(KRAV, kinds.ELEMENT_MISSING, "fagomraader-missing", drop("fagomraader")),
    _dict(
        KRAV,
        kinds.ELEMENT_MISSING,
        "stillinger-empty",
        put("fagomraader/fagomraade/stillinger", written(lambda _: []), below="/stilling"),
    ),
    _dict(KRAV, krav.geografi_empty.kind, "geografi-empty", put("geografi", written(lambda _: {}))),
    _xml(
        KRAV,
        kinds.VALUE_TYPE,
        "heleLandet-in-words",
        rewritten("<heleLandet>true", "<heleLandet>ja", "/geografi/heleLandet"),
    ),
    _dict(KRAV, kinds.CODE_UNKNOWN, "region-unknown", put("geografi/regioner/region", unknown_number)),
    _dict(KRAV, kinds.CODE_EXPIRED, "region-expired", _after_the_end_of_a_region),
    _dict(KRAV, kinds.CODE_UNKNOWN, "kommune-unknown", put("geografi/kommuner/kommune", unknown_number)),
    _dict(
        KRAV,
        kinds.VALUE_PATTERN,
        "kommune-three-digits",
        put("geografi/kommuner/kommune", written(lambda code: code[1:])),
    ),
    _dict(KRAV, kinds.VALUE_RANGE, "transporttid-zero", put("geografi/transporttid", 0)),
    _dict(KRAV, kinds.VALUE_TYPE, "transporttid-in-words", put("geografi/transporttid", "to timer")),
    _dict(KRAV, kinds.VALUE_RANGE, "omfang-antal-too-many", put("omfang/antal", 201)),
    _dict(KRAV, kinds.VALUE_CHOICE, "omfang-periode-unknown", put("omfang/periode", "dag")),
    _dict(KRAV, kinds.VALUE_CHOICE, "formaal-another", put("formaal", "deltidsbeskaeftigelse")),
    _dict(KRAV, kinds.ELEMENT_MISSING, "kilde-navn-missing", drop("stillingskilder/kilde/navn")),
    _dict(KRAV, kinds.VALUE_PATTERN, "kilde-url-without-scheme", put("stillingskilder/kilde/url", "www.example.org")),
)
"""In no order that matters; the names say what is wrong."""
