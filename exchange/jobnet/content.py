"""What a page tells, as plain data in words: from the part of a document that is shown, with names for codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from exchange.jobnet import fields, words
from exchange.jobnet.words import Address
from exchange.model.catalog import Version
from exchange.model.law import STK_4
from exchange.model.spec import Simple
from exchange.validation.checks import event_day

Text = tuple[str, ...]
"""What people wrote, in paragraphs."""

_PURPOSES = {"ordinaer-beskaeftigelse": "at du hurtigst muligt kommer i ordinær beskæftigelse"}
_WITH_AGREEMENTS = ("cv-samtale", "raadighedssamtale")


# None of these has a representation: they hold what the page shows a person.


@dataclass(frozen=True, slots=True, repr=False)
class Agreement:
    """What was agreed, and by when it is to be done."""

    text: Text
    deadline: str | None


@dataclass(frozen=True, slots=True, repr=False)
class Interview:
    """An interview and the agreements made there."""

    type: str
    form: str
    held: str
    agreements: tuple[Agreement, ...]


@dataclass(frozen=True, slots=True, repr=False)
class OtherInterview:
    """An interview of which nothing is shown."""


@dataclass(frozen=True, slots=True, repr=False)
class Plan:
    """A draft plan: the job goals, what is proposed, and why."""

    goals: tuple[str, ...]
    proposal: Text
    reasons: Text


@dataclass(frozen=True, slots=True, repr=False)
class FieldOfWork:
    """A field of work and the job titles in it."""

    name: str
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Vacancies:
    """A place to find vacancies."""

    name: str
    address: Address | None


@dataclass(frozen=True, slots=True, repr=False)
class Requirements:
    """The requirements for the job search. None, or nothing, is what the fund has not said."""

    fields: tuple[FieldOfWork, ...]
    whole_country: bool | None
    regions: tuple[str, ...]
    municipalities: tuple[str, ...]
    travel: str | None
    area: Text
    extent: str | None
    upload: str | None
    others: Text
    purpose: str
    vacancies: tuple[Vacancies, ...]


Body = Interview | OtherInterview | Plan | Requirements


@dataclass(frozen=True, slots=True, repr=False)
class Content:
    """All that a page tells. Of what is `withdrawn` it tells only that."""

    kind: str
    fund: str
    reported: str
    person: str | None
    test: bool
    corrected: bool
    withdrawn: bool
    law: str
    act: str
    body: Body


def of(version: Version, document: Mapping[str, Any]) -> Content:
    """Return the content of the page for an accepted document, with the values that `parse` gives. Raises NotShown as `fields.shown_part` does."""
    part = fields.shown_part(version.spec, document)
    named = _Names(version, document[version.name])
    hoved, name = part["hoved"], part["person"].get("navn")
    paragraph = version.law.on(named.day)
    return Content(
        kind=version.name,
        fund=named("hoved/akassekode", hoved["akassekode"]),
        reported=words.moment(hoved["oprettet"]),
        person=None if name is None else words.line(name),
        test=hoved["miljoe"] == "test",
        corrected=hoved["handling"] == "ret",
        withdrawn=hoved["handling"] == "annuller",
        law=paragraph.place(STK_4).replace(" ", "\u00a0").replace(",\u00a0", ", "),
        act=paragraph.act,
        body=_BODIES[version.name](part, named),
    )


class _Names:
    """Finds the name that a code had on the day of the event; in an accepted document every code has one."""

    def __init__(self, version: Version, content: Mapping[str, Any]) -> None:
        self._version = version
        self.day = event_day(version, content, [])

    def __call__(self, path: str, code: str) -> str:
        simple = cast("Simple", self._version.fields[f"/{self._version.name}/{path}"].type)
        periods = self._version.lists[simple.code_list or ""].periods(code)
        return next(row.navn for row in periods if self.day is None or row.in_force(self.day))


def _interview(part: Mapping[str, Any], named: _Names) -> Interview | OtherInterview:
    if part["samtaletype"] not in _WITH_AGREEMENTS:
        return OtherInterview()
    return Interview(
        type=named("samtaletype", part["samtaletype"]),
        form=named("form", part["form"]),
        held=words.moment(part["tidspunkt"]),
        agreements=tuple(
            Agreement(words.paragraphs(each["tekst"]), words.day(each["frist"]) if "frist" in each else None)
            for each in part.get("aftaler", ())
        ),
    )


def _plan(part: Mapping[str, Any], _named: _Names) -> Plan:
    return Plan(
        goals=tuple(words.line(goal["stillingsbetegnelse"]) for goal in part["jobmaal"]),
        proposal=words.paragraphs(part["plan"]["forslag"]),
        reasons=words.paragraphs(part["plan"]["begrundelse"]),
    )


def _requirements(part: Mapping[str, Any], named: _Names) -> Requirements:
    area = part["geografi"]
    extent, upload = part.get("omfang"), part.get("upload")
    return Requirements(
        fields=tuple(
            FieldOfWork(words.line(each["navn"]), tuple(words.line(job["betegnelse"]) for job in each["stillinger"]))
            for each in part["fagomraader"]
        ),
        whole_country=area.get("heleLandet"),
        regions=tuple(named("geografi/regioner/region", code) for code in area.get("regioner", ())),
        municipalities=tuple(named("geografi/kommuner/kommune", code) for code in area.get("kommuner", ())),
        travel=words.duration(area["transporttid"]) if "transporttid" in area else None,
        area=_text(area.get("beskrivelse")),
        extent=words.jobs(extent["antal"], extent["periode"]) if extent else None,
        upload=words.applications(upload["antal"], upload["periode"]) if upload else None,
        others=_text(part.get("oevrigeKrav")),
        purpose=_PURPOSES[part["formaal"]],
        vacancies=tuple(
            Vacancies(words.line(each["navn"]), words.address(each["url"]) if "url" in each else None)
            for each in part["stillingskilder"]
        ),
    )


def _text(given: str | None) -> Text:
    return () if given is None else words.paragraphs(given)


_BODIES = {"samtale": _interview, "minPlanUdkast": _plan, "kravTilJobsoegning": _requirements}
