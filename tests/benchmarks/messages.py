"""The messages that are measured: realistic in length and content, and the same on every run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import cycle, islice
from typing import Any

Document = dict[str, Any]

_WINTER = timezone(timedelta(hours=1))

# What a case worker writes: two or three sentences, 250–330 characters, now and then a character to escape.
_AFTALER = (
    "Du søger mindst to job om ugen og fører dem i jobloggen på Jobnet senest søndag aften. Mindst ét af dem skal være "
    "uden for lager og logistik, og du må gerne søge bredere, fx inden for rengøring & service eller i en kantine. "
    "Vi ser jobloggen igennem sammen ved næste samtale.",
    "Du kontakter tre vikarbureauer i Aarhus og omegn om arbejde på lager, også om aften- og weekendvagter. Skriv i "
    "jobloggen, hvem du har talt med, og hvad de svarede. Har du brug for et brev om din ledighed til bureauerne, "
    "sender a-kassen det samme dag, som du beder om det.",
    "Du opdaterer dit cv på Jobnet, så det viser de sidste tre ansættelser med opgaver og ansvar, og tilføjer dit "
    "truckcertifikat. Vi gennemgik teksten ved samtalen: profilen øverst skal være kortere (højst fem linjer) og sige, "
    "hvad du kan, før den siger, hvad du ønsker.",
    "Du deltager i kurset »Jobsøgning for faglærte« på Jobcenter Aarhus, fire formiddage i december. Transporten er "
    "under 60 minutter hver vej. Kan du ikke møde på grund af sygdom, giver du både jobcenter og a-kasse besked samme "
    "morgen, så at dine dagpenge ikke stoppes.",
    "Du undersøger hos Lærdansk, om du kan begynde på modul 5 efter nytår, og giver os svar. Kan kurset kun tages om "
    "dagen, taler vi først sammen om din rådighed: du skal kunne overtage et fuldtidsjob fra dag til dag, også mens "
    "kurset varer.",
    "A-kassen sender en ansøgning om seks ugers jobrettet uddannelse (gaffeltruck B + lager og terminal) til jobcenteret. "
    "Du afleverer bilagene: dit kørekort, det gamle certifikat og en udtalelse fra din seneste arbejdsgiver. Svaret "
    "kommer normalt inden for 14 dage.",
    "Du skriver en uopfordret ansøgning til mindst to virksomheder i Skejby, hvor du kan cykle til arbejde, og ringer "
    "til dem ugen efter. Brug den skabelon, som vi gennemgik, og ret den til hver virksomhed; en ansøgning, der kunne "
    "være sendt til hvem som helst, bliver sjældent læst.",
    "Du giver a-kassen besked, så snart du ved, hvornår genoptræningen af skulderen slutter. Indtil da søger du job "
    "uden tunge løft (under 15 kg), og det skal stå i ansøgningerne. Vi holder en opfølgende samtale på telefon, når "
    "lægens erklæring er kommet.",
)

_DELTAGERE = (
    ("Jens Ærøskov", "bisidder", "personlig"),
    ("Fatima El-Prøve", "tolk", "video"),
    ("Birthe Testgaard Østergaard", "partrepraesentant", "telefonisk"),
    ("Søren Åse Eksempelsen", "mentor", "video"),
    ("Lis Prøvelund", "stoette-kontaktperson", "personlig"),
)

_BEGRUNDELSE = (
    "Søger bredt inden for lager, produktion og service og har ført joblog hver uge siden sidste samtale. Kan overtage "
    "fuldt arbejde med en dags varsel og råder over bil. Genoptræningen ligger uden for normal arbejdstid og står ikke "
    "i vejen for fuld rådighed. Der er ingen tegn på, at medlemmet selv begrænser sin søgning."
)

_STILLINGER = (
    ("Lagermedarbejder", "http://data.europa.eu/esco/occupation/b7cd8a6f-2f02-4a8e-9f43-4c1f2fbf3b0e", "9333"),
    ("Truckfører", "http://data.europa.eu/esco/occupation/0c2f0a8e-5a53-4f0d-8f2c-1d0a4bb9c1d2", "834430"),
    ("Chauffør, varebil under 3.500 kg", None, "8322"),
    ("Produktionsmedarbejder i fødevareindustrien", None, "8160"),
    (
        "Kantine- og køkkenmedhjælper",
        "http://data.europa.eu/esco/occupation/3d6a7f11-9c5b-4b7e-a5d2-7e8f90a1b2c3",
        None,
    ),
    ("Rengøringsassistent", None, "911220"),
    ("Servicemedarbejder på sygehus & plejehjem", None, None),
)


def samtale(aftaler: int, deltagere: int) -> Document:
    """Give a rådighedssamtale; every other aftale has a frist, as in the shipped example.

    It has 18 elements with the two wrappers, 2 more for each aftale, 1 for each frist, 4 for each deltager.
    """
    held = datetime(2026, 11, 20, 13, 0, tzinfo=_WINTER)
    return {
        "samtale": {
            **_hoved_og_person("01", held + timedelta(minutes=65)),
            "tidspunkt": held,
            "samtaletype": "raadighedssamtale",
            "form": "video",
            "raadighedsvurdering": {"vurdering": "til-raadighed", "begrundelse": _BEGRUNDELSE},
            "aftaler": [
                {"tekst": tekst, "frist": date(2026, 12, 1) + timedelta(days=3 * number)}
                if number % 2 == 0
                else {"tekst": tekst}
                for number, tekst in enumerate(islice(cycle(_AFTALER), aftaler))
            ],
            "deltagere": [{"navn": navn, "rolle": rolle, "form": form} for navn, rolle, form in _DELTAGERE[:deltagere]],
        }
    }


def krav(fagomraader: int = 3, texts: int = 3) -> Document:
    """Return requirements for the job search: many short elements, two long texts, a number of each kind of value."""
    rows = (
        ("Lager, logistik & transport", _STILLINGER[:3]),
        ("Industri og produktion", _STILLINGER[3:4]),
        ("Service, køkken og rengøring", _STILLINGER[4:]),
    )
    return {
        "kravTilJobsoegning": {
            **_hoved_og_person("03", datetime(2026, 11, 20, 13, 30, tzinfo=UTC)),
            "fagomraader": [
                {"navn": navn, "stillinger": [_stilling("betegnelse", row) for row in rows]}
                for navn, rows in islice(cycle(rows), fagomraader)
            ],
            "geografi": {
                "heleLandet": False,
                "regioner": ["1082"],
                "kommuner": ["0751", "0746", "0727", "0740", "0730"],
                "transporttid": 180,
                "beskrivelse": " ".join((_AFTALER[6], _AFTALER[3])[: min(texts, 2)]),
            },
            "omfang": {"antal": 2, "periode": "uge"},
            "upload": {"antal": 4, "periode": "maaned"},
            "oevrigeKrav": " ".join(islice(cycle(_AFTALER), texts)),
            "formaal": "ordinaer-beskaeftigelse",
            "stillingskilder": [
                {"navn": "Jobnet", "url": "https://job.jobnet.dk/find-job?searchString=lager"},
                {"navn": "A-kassens jobbank", "url": "https://www.example.org/jobbank"},
                {"navn": "Lokale vikarbureauer og opslag i dagspressen"},
            ],
        }
    }


def plan(jobmaal: int = 4, texts: int = 6) -> Document:
    """Return a draft plan: few elements, nearly all of it two long texts."""
    return {
        "minPlanUdkast": {
            **_hoved_og_person("02", datetime(2026, 11, 20, 14, 20, tzinfo=_WINTER)),
            "jobmaal": [_stilling("stillingsbetegnelse", row) for row in islice(cycle(_STILLINGER), jobmaal)],
            "plan": {
                "forslag": "\n".join(islice(cycle(_AFTALER), 2, 2 + texts)),
                "begrundelse": "\n".join((_BEGRUNDELSE, *islice(cycle(_AFTALER), max(texts - 2, 0)))),
            },
        }
    }


def _hoved_og_person(number: str, oprettet: datetime) -> dict[str, Any]:
    return {
        "hoved": {
            "beskedId": f"0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e{number}",
            "oprettet": oprettet,
            "miljoe": "test",
            "akassekode": "67",
            "handling": "opret",
        },
        "person": {"personnummer": "0101405000", "navn": "Maja Prøvesen"},
    }


def _stilling(name: str, row: tuple[str, str | None, str | None]) -> dict[str, str]:
    betegnelse, esco, disco = row
    given = {name: betegnelse, "esco": esco, "disco": disco}
    return {key: text for key, text in given.items() if text is not None}


_PLAIN = str.maketrans(
    {"&": "+", "<": "(", ">": ")", '"': ".", "'": ".", "\n": " ", "æ": "e", "ø": "o", "å": "a", "»": ".", "«": "."}
)


def plain(document: Document) -> Document:
    """Return a document whose texts hold only what stands for itself in XML, in ASCII."""
    changed: Document = _with_texts(document, lambda text: text.translate(_PLAIN).encode("ascii", "replace").decode())
    return changed


def marked(document: Document) -> Document:
    """Return a document whose texts hold `<`, `>`, `&`, quotes, æøå and line breaks."""
    changed: Document = _with_texts(
        document, lambda text: text.replace(". ", ".\n<b>\"Også\"</b> & 'nu': ") if len(text) > 80 else text
    )
    return changed


def _with_texts(value: Any, change: Callable[[str], str]) -> Any:
    """Return a copy in which every value that people wrote, which are those with a space, is changed."""
    if isinstance(value, dict):
        return {key: _with_texts(inner, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_texts(inner, change) for inner in value]
    return change(value) if isinstance(value, str) and " " in value else value


# Elements: 27, 53 and 103; 71 and 28.
SAMTALER: dict[str, Callable[[], Document]] = {
    "samtale 1.5 KB": lambda: samtale(aftaler=2, deltagere=1),
    "samtale 4 KB": lambda: samtale(aftaler=9, deltagere=3),
    "samtale 10 KB": lambda: samtale(aftaler=26, deltagere=5),
}
OTHERS: dict[str, Callable[[], Document]] = {"krav 4 KB": krav, "plan 4 KB": plan}

_SIZES: dict[str, Callable[[], Document]] = {
    **SAMTALER,
    "krav 1.5 KB": lambda: krav(fagomraader=1, texts=1),
    "krav 4 KB": krav,
    "krav 10 KB": lambda: krav(fagomraader=24, texts=10),
    "plan 1.5 KB": lambda: plan(jobmaal=2, texts=2),
    "plan 4 KB": plan,
    "plan 10 KB": lambda: plan(jobmaal=24, texts=12),
}
GRID: dict[str, Callable[[], Document]] = {
    f"{label}, {name}": (lambda make=make, spell=spell: spell(make()))  # type: ignore[misc]  # bound in the loop
    for label, make in _SIZES.items()
    for name, spell in (("plain", plain), ("marked", marked))
}
"""Three messages in three sizes, with texts that need no escaping and with texts that do."""
