"""Which elements the person sees, each with its reason: the one table, for the page and for its documentation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from exchange.errors import NotShown
from exchange.findings.placeholders import Words
from exchange.model.law import STK_4
from exchange.model.spec import Field, MessageSpec, Record, Simple


class Reason(NamedTuple):
    """Why a value is shown or not. `law` is the place in the paragraph that says so; None where it is this project's choice."""

    shown: bool
    law: str | None
    why: Words


_AGREEMENT = Reason(
    True,
    STK_4,
    Words(
        "Agreements from cv- and rådighedssamtaler are shown. Of an interview of another type nothing is.",
        "Aftaler fra cv- og rådighedssamtaler vises. Af en samtale af anden type vises intet.",
    ),
)
_INTERVIEW = Reason(
    True,
    None,
    Words("Says which interview the agreements are from.", "Fortæller, hvilken samtale aftalerne er fra."),
)
_PLAN = Reason(True, STK_4, Words("Plan drafts are shown.", "Udkast til planer vises."))
_REQUIREMENT = Reason(True, STK_4, Words("The requirements are shown.", "Kravene vises."))
_SENDER = Reason(True, None, Words("Says by its name who reports.", "Fortæller med navn, hvem der indberetter."))
_REPORTED = Reason(
    True, None, Words("Tells an old page from a new one.", "Gør det muligt at skelne en gammel side fra en ny.")
)
_STATE = Reason(
    True,
    None,
    Words(
        "Said in words: what a correction replaces, and what is withdrawn. What is withdrawn is not shown itself.",
        "Siges med ord: at noget er rettet, eller at det er trukket tilbage. Det tilbagetrukne vises ikke selv.",
    ),
)
_TEST = Reason(True, None, Words("A mark on test data.", "Testdata får et mærke."))
_WHOSE = Reason(
    True, None, Words("Says whose page it is, where it is given.", "Fortæller, hvis side det er, hvor det er oplyst.")
)

_NUMBER = Reason(
    False,
    STK_4,
    Words(
        "Not named there, and confidential: no part of it is shown, for others see the screen too.",
        "Nævnes ikke dér og er fortroligt: intet af det vises, for andre ser også skærmen.",
    ),
)
_TECHNICAL = Reason(
    False,
    STK_4,
    Words(
        "Not named there; it is for systems, not for people.",
        "Nævnes ikke dér; det er til systemer, ikke til mennesker.",
    ),
)
_NOT_NAMED = Reason(False, STK_4, Words("Not named there.", "Nævnes ikke dér."))
_SUPPORT = Reason(
    False,
    STK_4,
    Words(
        "A code beside the job title, which is shown; the law does not ask for it.",
        "En kode ved siden af stillingsbetegnelsen, som vises; loven kræver den ikke.",
    ),
)

_FRAME = {
    "hoved/beskedId": _TECHNICAL,
    "hoved/oprettet": _REPORTED,
    "hoved/miljoe": _TEST,
    "hoved/akassekode": _SENDER,
    "hoved/handling": _STATE,
    "hoved/vedroererBeskedId": _TECHNICAL,
    "person/personnummer": _NUMBER,
    "person/navn": _WHOSE,
}


def _table(name: str, own: Mapping[str, Reason]) -> Mapping[str, Reason]:
    return MappingProxyType({f"/{name}/{path}": reason for path, reason in (_FRAME | dict(own)).items()})


TABLE: Mapping[str, Mapping[str, Reason]] = {
    "samtale": _table(
        "samtale",
        {
            "tidspunkt": _INTERVIEW,
            "samtaletype": _INTERVIEW,
            "form": _INTERVIEW,
            "cv/godkendelsesstatus": _NOT_NAMED,
            "raadighedsvurdering/vurdering": _NOT_NAMED,
            "raadighedsvurdering/begrundelse": _NOT_NAMED,
            "aftaler/aftale/tekst": _AGREEMENT,
            "aftaler/aftale/frist": _AGREEMENT,
            "deltagere/deltager/navn": _NOT_NAMED,
            "deltagere/deltager/rolle": _NOT_NAMED,
            "deltagere/deltager/form": _NOT_NAMED,
        },
    ),
    "minPlanUdkast": _table(
        "minPlanUdkast",
        {
            "jobmaal/forslag/stillingsbetegnelse": _PLAN,
            "jobmaal/forslag/esco": _SUPPORT,
            "jobmaal/forslag/disco": _SUPPORT,
            "plan/forslag": _PLAN,
            "plan/begrundelse": _PLAN,
        },
    ),
    "kravTilJobsoegning": _table(
        "kravTilJobsoegning",
        {
            "fagomraader/fagomraade/navn": _REQUIREMENT,
            "fagomraader/fagomraade/stillinger/stilling/betegnelse": _REQUIREMENT,
            "fagomraader/fagomraade/stillinger/stilling/esco": _SUPPORT,
            "fagomraader/fagomraade/stillinger/stilling/disco": _SUPPORT,
            "geografi/heleLandet": _REQUIREMENT,
            "geografi/regioner/region": _REQUIREMENT,
            "geografi/kommuner/kommune": _REQUIREMENT,
            "geografi/transporttid": _REQUIREMENT,
            "geografi/beskrivelse": _REQUIREMENT,
            "omfang/antal": _REQUIREMENT,
            "omfang/periode": _REQUIREMENT,
            "upload/antal": _REQUIREMENT,
            "upload/periode": _REQUIREMENT,
            "oevrigeKrav": _REQUIREMENT,
            "formaal": _REQUIREMENT,
            "stillingskilder/kilde/navn": _REQUIREMENT,
            "stillingskilder/kilde/url": _REQUIREMENT,
        },
    ),
}
"""Message → path of every element that holds a value → why it is shown or not."""


class Row(NamedTuple):
    """An element in the table: its path, its field, and the reasons of it and of all below it that hold a value."""

    path: str
    field: Field
    reasons: tuple[Reason, ...]


def rows(spec: MessageSpec) -> Iterator[Row]:
    """Yield every element of a message with its reasons. Raises NotShown for what the table does not know."""
    known = _known(spec)
    leaves = [path for path, field in spec.walk() if isinstance(field.type, Simple)]
    for path, field in spec.walk():
        yield Row(path, field, tuple(known[leaf] for leaf in leaves if _within(leaf, path)))


def shown_part(spec: MessageSpec, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is below the root's name, without all that is not shown: the page never gets to see it.

    Raises NotShown for a message that has no page, or of which the table does not know every element: one that
    a later version brings is neither shown nor lost before somebody has decided.
    """
    return _part(f"/{spec.name}", spec.content, document[spec.name], _known(spec))


def _known(spec: MessageSpec) -> Mapping[str, Reason]:
    if spec.name not in TABLE:
        raise NotShown(f"{spec.name}: the law names no such document for the person, so there is no page of it")
    known = TABLE[spec.name]
    for path, field in spec.walk():
        if isinstance(field.type, Simple) and path not in known:
            raise NotShown(f"{spec.name} version {spec.version}: it is not decided whether {path} is shown")
    return known


def _part(above: str, record: Record, content: Mapping[str, Any], known: Mapping[str, Reason]) -> dict[str, Any]:
    part = {}
    for field in record.fields:
        path = f"{above}/{field.name}"
        if field.name in content and any(reason.shown for leaf, reason in known.items() if _within(leaf, path)):
            part[field.name] = _value(path, field.type, content[field.name], known)
    return part


def _value(path: str, item: Simple | Record, value: Any, known: Mapping[str, Reason]) -> Any:
    if isinstance(item, Simple):
        return value
    if item.item is None:
        return _part(path, item, value, known)
    return [_value(f"{path}/{item.item.name}", item.item.type, entry, known) for entry in value]


def _within(leaf: str, path: str) -> bool:
    return leaf == path or leaf.startswith(f"{path}/")
