"""The finding kinds of signatures and certificates."""

from __future__ import annotations

from exchange.findings.finding import Kind, Severity, Text

SIGNATURE_KINDS: dict[str, Kind] = {}


def _kind(code: str, en: tuple[str, str], da: tuple[str, str], severity: Severity = "error") -> Kind:
    kind = Kind(code, severity, "signature", None, Text(*en), Text(*da))
    SIGNATURE_KINDS[code] = kind
    return kind


MISSING = _kind(
    "signature-missing",
    ("document: not signed", "Sign it with `exchange sign`, or ask the sender for the signed document."),
    ("dokument: ikke underskrevet", "Underskriv det med `exchange sign`, eller bed afsenderen om det underskrevne."),
)
REPEATED = _kind(
    "signature-repeated",
    (
        "document: {found} ds:Signature elements, expected one",
        "A signed document holds one signature, wherever it stands.",
    ),
    (
        "dokument: {found} ds:Signature-elementer, ventede ét",
        "Et underskrevet dokument har én underskrift, hvor den end står.",
    ),
)
MISPLACED = _kind(
    "signature-misplaced",
    ("{name}: not the last child of the root", "Content may have been put around what was signed; do not use it."),
    ("{name}: ikke rodens sidste barn", "Der kan være lagt indhold om det underskrevne; brug det ikke."),
)
SHAPE = _kind(
    "signature-shape",
    (
        "{name}: not made as accepted, expected {expected}",
        "Sign as `exchange sign` does: nothing is left out or added.",
    ),
    (
        "{name}: ikke lavet som godtaget, ventede {ventet}",
        "Underskriv, som `exchange sign` gør: intet udelades eller tilføjes.",
    ),
)
REFERENCES = _kind(
    "signature-references",
    ("{name}: {found} references, expected one", "One reference covers the whole document; others are not followed."),
    ("{name}: {found} henvisninger, ventede én", "Én henvisning dækker hele dokumentet; andre følges ikke."),
)
ADDRESS = _kind(
    "signature-reference-elsewhere",
    (
        '{name}: refers to something else than the whole document, expected URI=""',
        "Nothing is fetched, and no part is taken for the whole.",
    ),
    (
        '{name}: henviser til andet end hele dokumentet, ventede URI=""',
        "Intet hentes, og ingen del tages for det hele.",
    ),
)
TRANSFORMS = _kind(
    "signature-transforms",
    (
        "{name}: other transforms than enveloped signature and exclusive C14N, in that order",
        "Leave out every other transform; none is run.",
    ),
    (
        "{name}: andre transformationer end enveloped signature og eksklusiv C14N, i den orden",
        "Udelad enhver anden transformation; ingen af dem køres.",
    ),
)
ALGORITHM = _kind(
    "signature-algorithm",
    ("{name}: algorithm not accepted, expected {expected}", "Sign with SHA-256 and an RSA or ECDSA key."),
    ("{name}: algoritmen godtages ikke, ventede {expected}", "Underskriv med SHA-256 og en RSA- eller ECDSA-nøgle."),
)
UNREADABLE = _kind(
    "signature-unreadable",
    (
        "{name}: cannot be read, expected {expected} in base64",
        "The signature was damaged on its way; ask for the document again.",
    ),
    (
        "{name}: kan ikke læses, ventede {ventet} i base64",
        "Underskriften er beskadiget undervejs; bed om dokumentet igen.",
    ),
)
WEAK_KEY = _kind(
    "signature-key-weak",
    (
        "{name}: the certificate's key is too weak, or not of the kind that signs so; expected {expected}",
        "Ask the sender for a certificate with such a key.",
    ),
    (
        "{name}: certifikatets nøgle er for svag eller af en anden slags, end der underskriver sådan; ventede {expected}",
        "Bed afsenderen om et certifikat med en sådan nøgle.",
    ),
)
CHANGED = _kind(
    "signature-content-changed",
    (
        "document: not what was signed, its digest is another",
        "It was changed after it was signed: re-indented, re-written, or its content. Use the original bytes.",
    ),
    (
        "dokument: ikke det, der blev underskrevet, digest er en anden",
        "Det er ændret efter underskriften: rykket ind, skrevet om, eller indholdet. Brug de oprindelige byte.",
    ),
)
WRONG = _kind(
    "signature-wrong",
    (
        "{name}: not made with the certificate's key, or SignedInfo was changed",
        "Do not use the document; ask the sender.",
    ),
    (
        "{name}: ikke lavet med certifikatets nøgle, eller SignedInfo er ændret",
        "Brug ikke dokumentet; spørg afsenderen.",
    ),
)
ISSUER = _kind(
    "certificate-issuer-unknown",
    (
        "certificate: not issued by any authority in the CA file",
        "Name the file with the authority that issued it, if that is to be trusted.",
    ),
    (
        "certifikat: ikke udstedt af nogen i CA-filen",
        "Nævn filen med den, der har udstedt det, hvis den er til at stole på.",
    ),
)
EXPIRED = _kind(
    "certificate-expired",
    (
        "certificate: expired, valid until {until}, judged at {day}",
        "If it was valid when it was signed, judge at that time.",
    ),
    (
        "certifikat: udløbet, gyldigt til {until}, bedømt {day}",
        "Hvis det gjaldt, da der blev underskrevet, så bedøm på det tidspunkt.",
    ),
)
NOT_YET_VALID = _kind(
    "certificate-not-yet-valid",
    (
        "certificate: not yet valid, valid from {since}, judged at {day}",
        "Look at the clock of who signed, and at the time it is judged at.",
    ),
    (
        "certifikat: endnu ikke gyldigt, gyldigt fra {since}, bedømt {day}",
        "Se på underskriverens ur, og på tidspunktet, der bedømmes på.",
    ),
)
UNFIT = _kind(
    "certificate-unfit",
    (
        "certificate: not for signing documents ({reason})",
        "Ask the sender to sign with a certificate that is made for it.",
    ),
    (
        "certifikat: ikke til at underskrive dokumenter med ({reason})",
        "Bed afsenderen underskrive med et certifikat, der er beregnet til det.",
    ),
)
UNLISTED = _kind(
    "certificate-signer-unlisted",
    (
        "certificate: the signer is not one of those allowed",
        "Name the signer, by fingerprint or subject, if documents of this signer are expected.",
    ),
    (
        "certifikat: underskriveren er ikke blandt de tilladte",
        "Nævn underskriveren, med fingeraftryk eller subject, hvis dokumenter herfra ventes.",
    ),
)
REVOKED = _kind(
    "certificate-revoked",
    ("certificate: revoked", "Do not use the document; ask the sender for one signed with another key."),
    ("certifikat: tilbagekaldt", "Brug ikke dokumentet; bed afsenderen om et, der er underskrevet med en anden nøgle."),
)
REVOCATION_UNKNOWN = _kind(
    "certificate-revocation-unknown",
    (
        "certificate: whether it is revoked cannot be told",
        "Give the issuer's own revocation list, one that has not run out at the time it is judged at.",
    ),
    (
        "certifikat: det kan ikke ses, om det er tilbagekaldt",
        "Giv udstederens egen spærreliste, en, der ikke er udløbet på tidspunktet, der bedømmes på.",
    ),
)
REVOCATION_NOT_CHECKED = _kind(
    "certificate-revocation-not-checked",
    ("certificate: revocation was not checked", "Give a revocation list of its issuer to have it checked."),
    ("certifikat: tilbagekaldelse er ikke kontrolleret", "Giv udstederens spærreliste for at få det kontrolleret."),
    "info",
)
