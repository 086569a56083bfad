"""Types of the messages' dicts, from the schemas. Written by `exchange types`, not by hand.

A document is what `exchange.build` takes and `exchange.parse` returns; of a delivery it is the head alone. Codes are `str`:
which of them may be used depends on the date of the event. A date or a time may be ISO text on the way in.
"""

from datetime import date, datetime
from typing import Literal, NotRequired, TypeAlias, TypedDict

Miljoe: TypeAlias = Literal["produktion", "test"]
AkasseCode: TypeAlias = str  # a code of the code list akasse
Handling: TypeAlias = Literal["opret", "ret", "annuller"]
SamtaletypeCode: TypeAlias = str  # a code of the code list samtaletype
FormCode: TypeAlias = str  # a code of the code list form
GodkendelsesstatusCode: TypeAlias = str  # a code of the code list godkendelsesstatus
RaadighedsvurderingCode: TypeAlias = str  # a code of the code list raadighedsvurdering
DeltagerrolleCode: TypeAlias = str  # a code of the code list deltagerrolle
RegionCode: TypeAlias = str  # a code of the code list region
KommuneCode: TypeAlias = str  # a code of the code list kommune
Periode: TypeAlias = Literal["uge", "maaned"]
Formaal: TypeAlias = Literal["ordinaer-beskaeftigelse"]
Udfald: TypeAlias = Literal["godtaget", "afvist"]
Alvor: TypeAlias = Literal["fejl", "advarsel", "oplysning"]
UdfaldV2: TypeAlias = Literal["godtaget", "afvist", "fejlet"]


class Hoved(TypedDict):
    """The message's header: who sends what, and whether the message is new, corrects or withdraws. The fund's code is required by § 87, stk. 1, nr. 3, stk. 2, nr. 2, and stk. 3, nr. 2; the rest is the project's own choice."""

    beskedId: str  # Guid
    oprettet: datetime | str
    miljoe: Miljoe
    akassekode: AkasseCode
    handling: Handling
    vedroererBeskedId: NotRequired[str]  # Guid


class Person(TypedDict):
    """Identification of the person: § 87, stk. 1, nr. 1; stk. 2, nr. 1; stk. 3, nr. 1."""

    personnummer: str  # Personnummer; confidential
    navn: NotRequired[str]  # 1-140 characters; confidential


class Cv(TypedDict):
    """Approval status of the CV: § 87, stk. 1, nr. 6."""

    godkendelsesstatus: GodkendelsesstatusCode


class Raadighed(TypedDict):
    """The assessment of the availability for work: § 87, stk. 1, nr. 8."""

    vurdering: RaadighedsvurderingCode
    begrundelse: NotRequired[str]  # 1-600 characters; confidential


class Aftale(TypedDict):
    """An agreement with its text and, if there is one, its deadline: § 87, stk. 1, nr. 7 og 8."""

    tekst: str  # 1-4050 characters; confidential
    frist: NotRequired[date | str]


class Deltager(TypedDict):
    """A participant with name, role and form of participation: § 87, stk. 1, nr. 9."""

    navn: str  # 1-140 characters; confidential
    rolle: DeltagerrolleCode
    form: FormCode


class SamtaleContent(TypedDict):
    """An interview that was held: § 87, stk. 1."""

    hoved: Hoved
    person: Person
    tidspunkt: datetime | str
    samtaletype: SamtaletypeCode
    form: FormCode
    cv: NotRequired[Cv]
    raadighedsvurdering: NotRequired[Raadighed]
    aftaler: NotRequired[list[Aftale]]
    deltagere: NotRequired[list[Deltager]]


class Samtale(TypedDict):
    """A document: samtale."""

    samtale: SamtaleContent


class Jobmaalsforslag(TypedDict):
    """A proposed job goal, a job: § 87, stk. 2, nr. 3."""

    stillingsbetegnelse: str  # 1-200 characters; confidential
    esco: NotRequired[str]  # Esco
    disco: NotRequired[str]  # Disco


class Plan(TypedDict):
    """The proposed plan and the reasons for it: § 87, stk. 2, nr. 4."""

    forslag: str  # 1-4050 characters; confidential
    begrundelse: str  # 1-4050 characters; confidential


class MinPlanUdkastContent(TypedDict):
    """A draft of »Min Plan«: § 87, stk. 2. Shown to the person on Jobnet (stk. 4); the kommune must receive and process it (stk. 6)."""

    hoved: Hoved
    person: Person
    jobmaal: list[Jobmaalsforslag]
    plan: Plan


class MinPlanUdkast(TypedDict):
    """A document: minPlanUdkast."""

    minPlanUdkast: MinPlanUdkastContent


class Stilling(TypedDict):
    """A job that the person must search for: § 87, stk. 3, nr. 3."""

    betegnelse: str  # 1-200 characters; confidential
    esco: NotRequired[str]  # Esco
    disco: NotRequired[str]  # Disco


class Fagomraade(TypedDict):
    """A field of work with its job titles: § 87, stk. 3, nr. 3."""

    navn: str  # 1-200 characters; confidential
    stillinger: list[Stilling]


class Geografi(TypedDict):
    """The geographic area: § 87, stk. 3, nr. 4. At least one of the parts must be there, in this order; the parts are the project's own choice."""

    heleLandet: NotRequired[bool]
    regioner: NotRequired[list[RegionCode]]
    kommuner: NotRequired[list[KommuneCode]]
    transporttid: NotRequired[int]  # 1-600
    beskrivelse: NotRequired[str]  # 1-1000 characters; confidential


class Maengde(TypedDict):
    """A number in a period: § 87, stk. 3, nr. 5."""

    antal: int  # 0-200
    periode: Periode


class Kilde(TypedDict):
    """A place to find vacancies: § 87, stk. 3, nr. 7."""

    navn: str  # 1-200 characters; confidential
    url: NotRequired[str]  # Webadresse; confidential


class KravTilJobsoegningContent(TypedDict):
    """Requirements for the person's job search: § 87, stk. 3. Shown to the person on Jobnet (stk. 4)."""

    hoved: Hoved
    person: Person
    fagomraader: list[Fagomraade]
    geografi: Geografi
    omfang: NotRequired[Maengde]
    upload: NotRequired[Maengde]
    oevrigeKrav: NotRequired[str]  # 1-4050 characters; confidential
    formaal: Formaal
    stillingskilder: list[Kilde]


class KravTilJobsoegning(TypedDict):
    """A document: kravTilJobsoegning."""

    kravTilJobsoegning: KravTilJobsoegningContent


class Fund(TypedDict):
    """What the receiver's check found in one place. The project's own choice, not in § 87."""

    kode: str  # 1-80 characters
    alvor: Alvor
    tekst: str  # 1-1000 characters
    sti: NotRequired[str]  # 1-1000 characters


class Besked(TypedDict):
    """The outcome for one message. The project's own choice, not in § 87."""

    nummer: int  # 1-1000000
    beskedId: NotRequired[str]  # Guid
    sha256: str  # Sha256
    udfald: Udfald
    fundliste: NotRequired[list[Fund]]


class KvitteringContent(TypedDict):
    """Receipt for one file: a delivery or a single message. The project's own choice, not in § 87. It holds nothing confidential: no personnumre, no free text."""

    kvitteringId: str  # Guid
    oprettet: datetime | str
    leveranceId: NotRequired[str]  # Guid
    akassekode: NotRequired[AkasseCode]
    miljoe: NotRequired[Miljoe]
    sha256: str  # Sha256
    udfald: Udfald
    antal: int  # 0-1000000
    godtagne: int  # 0-1000000
    afviste: int  # 0-1000000
    fundliste: NotRequired[list[Fund]]
    beskeder: NotRequired[list[Besked]]


class Kvittering(TypedDict):
    """A document: kvittering."""

    kvittering: KvitteringContent


class LeveranceContent(TypedDict):
    """A delivery: 1-1,000,000 messages of one fund, each as it stands alone. The project's own choice, not in § 87."""

    leveranceId: str  # Guid
    oprettet: datetime | str
    akassekode: AkasseCode
    miljoe: Miljoe
    antal: int  # 1-1000000


class Leverance(TypedDict):
    """A document: leverance."""

    leverance: LeveranceContent


class RetsgrundlagV2(TypedDict):
    """A paragraph and its source. The project's own choice, not in § 87."""

    paragraf: str  # 1-200 characters
    kilde: str  # 1-200 characters


class FilV2(TypedDict):
    """What the file is, and the outcome for it itself. The project's own choice, not in § 87."""

    leveranceId: NotRequired[str]  # Guid
    akassekode: NotRequired[AkasseCode]
    miljoe: NotRequired[Miljoe]
    sha256: str  # Sha256
    udfald: UdfaldV2
    fundliste: NotRequired[list[Fund]]


class BeskedV2(TypedDict):
    """The outcome for one message. The project's own choice, not in § 87."""

    nummer: int  # 1-1000000
    beskedId: NotRequired[str]  # Guid
    sha256: str  # Sha256
    udfald: UdfaldV2
    fundliste: NotRequired[list[Fund]]


class KvitteringContentV2(TypedDict):
    """Receipt for one file: a delivery or a single message. The project's own choice, not in § 87. It holds nothing confidential: no personnumre, no free text."""

    kvitteringId: str  # Guid
    oprettet: datetime | str
    retsgrundlag: RetsgrundlagV2
    fil: FilV2
    antal: int  # 0-1000000
    godtagne: int  # 0-1000000
    afviste: int  # 0-1000000
    fejlede: int  # 0-1000000
    beskeder: NotRequired[list[BeskedV2]]


class KvitteringV2(TypedDict):
    """A document: kvittering, from version 2 on."""

    kvittering: KvitteringContentV2


Document: TypeAlias = Samtale | MinPlanUdkast | KravTilJobsoegning | Kvittering | Leverance | KvitteringV2
"""A document of any message and version."""
