"""The finding kinds of signatures and certificates."""

from __future__ import annotations

from exchange.findings.finding import Kind, Severity, Text

SIGNATURE_KINDS: dict[str, Kind] = {}


def _kind(code: str, en: tuple[str, str], da: tuple[str, str], severity: Severity = "error") -> Kind:
    kind = Kind(code, severity, "signature", None, Text(*en), Text(*da))
    SIGNATURE_KINDS[code] = kind
    return kind


def whose(number: int) -> dict[str, str]:
    """Return the words for a certificate by its number on the path from the signer's, which is 0."""
    if number:
        return {"whose": "issuer's certificate", "hvis": "udsteders certifikat"}
    return {"whose": "certificate", "hvis": "certifikat"}


MISSING = _kind(
    "signature-missing",
    ("document: is not signed", "Sign it with `exchange sign`, or ask the sender for the signed document."),
    ("dokument: er ikke signeret", "Signér det med `exchange sign`, eller bed afsenderen om det signerede dokument."),
)
REPEATED = _kind(
    "signature-repeated",
    (
        "document: has {found} ds:Signature elements, expected one",
        "A signed document may have only one signature.",
    ),
    (
        "dokument: har {found} ds:Signature-elementer, forventede ét",
        "Et signeret dokument må kun have én signatur.",
    ),
)
MISPLACED = _kind(
    "signature-misplaced",
    (
        "{name}: is not the last child of the root",
        "Content may have been added around the signed part. Do not use the document.",
    ),
    (
        "{name}: er ikke rodens sidste underelement",
        "Der kan være tilføjet indhold omkring det signerede. Brug ikke dokumentet.",
    ),
)
SHAPE = _kind(
    "signature-shape",
    (
        "{name}: has a form that is not accepted, it contains {present}, expected {expected}",
        "Sign as `exchange sign` does, without leaving anything out or adding anything.",
    ),
    (
        "{name}: har en form, der ikke accepteres, det indeholder {fundet}, forventede {ventet}",
        "Signér som `exchange sign` gør, uden at udelade eller tilføje noget.",
    ),
)
REFERENCES = _kind(
    "signature-references",
    (
        "{name}: has {found} references, expected one, and with XAdES one more to SignedProperties",
        "Use one reference that covers the whole document; others are not followed.",
    ),
    (
        "{name}: har {found} referencer, forventede én, og med XAdES én mere til SignedProperties",
        "Brug én reference, der dækker hele dokumentet; andre følges ikke.",
    ),
)
ADDRESS = _kind(
    "signature-reference-elsewhere",
    (
        '{name}: refers to something other than the whole document, expected URI="", or the Id of SignedProperties',
        "Nothing is fetched, and a signature of a part is not accepted.",
    ),
    (
        '{name}: henviser til andet end hele dokumentet, forventede URI="" eller Id for SignedProperties',
        "Intet hentes, og en signatur på kun en del accepteres ikke.",
    ),
)
TRANSFORMS = _kind(
    "signature-transforms",
    (
        "{name}: the transforms are {present}, expected {expected}, in that order. {reason}",
        "Sign with exactly these transforms; no other is run.",
    ),
    (
        "{name}: transformationerne er {fundet}, forventede {expected} i den rækkefølge. {grund}",
        "Signér med netop disse transformationer; ingen andre køres.",
    ),
)
ALGORITHM = _kind(
    "signature-algorithm",
    ("{name}: the algorithm is {present}, expected {expected}", "Sign with SHA-256 and an RSA or ECDSA key."),
    ("{name}: algoritmen er {fundet}, forventede {expected}", "Signér med SHA-256 og en RSA- eller ECDSA-nøgle."),
)
CANONICALIZATION = _kind(
    "signature-canonicalization",
    (
        "{name}: the canonical form is {present}, expected {expected}",
        "Set exclusive C14N for SignedInfo too: it is an option of its own beside the transforms.",
    ),
    (
        "{name}: den kanoniske form er {fundet}, forventede {expected}",
        "Angiv eksklusiv C14N også for SignedInfo: det er et valg for sig ved siden af transformationerne.",
    ),
)
RSA_PSS = _kind(
    "signature-rsa-pss",
    (
        "{name}: the algorithm is {present} (RSA-PSS), expected {expected}",
        "Sign with the same key and PKCS#1 v1.5. Only the certificate itself may be signed with RSA-PSS.",
    ),
    (
        "{name}: algoritmen er {fundet} (RSA-PSS), forventede {expected}",
        "Signér med den samme nøgle og PKCS#1 v1.5. Kun selve certifikatet må være signeret med RSA-PSS.",
    ),
)
OF_MESSAGES = _kind(
    "signature-of-messages",
    (
        "delivery: {found} of its messages are signed, expected one signature of the whole and none of a message",
        "Write the messages to files with `exchange unpack`, and verify each; or sign the whole and no message.",
    ),
    (
        "leverance: {found} af dens beskeder er signeret, forventede én signatur af det hele og ingen af en besked",
        "Skriv beskederne til filer med `exchange unpack`, og kontrollér hver; eller signér det hele og ingen besked.",
    ),
)
PROPERTIES_CHANGED = _kind(
    "signature-properties-changed",
    (
        "{name}: is not what was signed, the digests differ",
        "The time of signing or the certificate's digest was changed. Ask the sender for the document again.",
    ),
    (
        "{name}: er ikke det, der blev signeret, digest-værdierne er forskellige",
        "Signeringstidspunktet eller certifikatets digest er blevet ændret. Bed afsenderen om dokumentet igen.",
    ),
)
CERTIFICATE_DIFFERS = _kind(
    "signature-certificate-differs",
    (
        "{name}: is not the digest of the certificate in the signature",
        "The certificate was replaced by another one of the same key. Ask the sender for the document again.",
    ),
    (
        "{name}: er ikke digest-værdien af certifikatet i signaturen",
        "Certifikatet er udskiftet med et andet for den samme nøgle. Bed afsenderen om dokumentet igen.",
    ),
)
UNREADABLE = _kind(
    "signature-unreadable",
    (
        "{name}: cannot be read, expected {expected} in base64",
        "The signature was damaged in transfer. Ask for the document again.",
    ),
    (
        "{name}: kan ikke læses, forventede {ventet} i base64",
        "Signaturen er blevet beskadiget undervejs. Bed om dokumentet igen.",
    ),
)
WEAK_KEY = _kind(
    "signature-key-weak",
    (
        "{name}: the certificate's key is too weak or of the wrong kind, expected {expected}",
        "Ask the sender for a certificate with such a key.",
    ),
    (
        "{name}: certifikatets nøgle er for svag eller af en forkert type, forventede {expected}",
        "Bed afsenderen om et certifikat med en sådan nøgle.",
    ),
)
CHANGED = _kind(
    "signature-content-changed",
    (
        "document: is not what was signed, the digests differ",
        "It was re-indented, rewritten or changed after it was signed. Use the original file.",
    ),
    (
        "dokument: er ikke det, der blev signeret, digest-værdierne er forskellige",
        "Det er blevet indrykket, omskrevet eller ændret efter signeringen. Brug den oprindelige fil.",
    ),
)
WRONG = _kind(
    "signature-wrong",
    (
        "{name}: was not made with the certificate's key, or SignedInfo was changed",
        "Do not use the document. Ask the sender.",
    ),
    (
        "{name}: er ikke lavet med certifikatets nøgle, eller SignedInfo er blevet ændret",
        "Brug ikke dokumentet. Spørg afsenderen.",
    ),
)
ISSUER = _kind(
    "certificate-issuer-unknown",
    (
        "certificate: no path leads from it to an authority in the CA file",
        "Use a CA file with the authority, if you trust it. If an issuing CA between them is missing, add it with --chain, "
        "or ask the sender to sign with --chain.",
    ),
    (
        "certifikat: der er ingen vej fra det til en udsteder i CA-filen",
        "Brug en CA-fil med udstederen, hvis du har tillid til den. Hvis en mellemliggende udsteder mangler, så tilføj den "
        "med --chain, eller bed afsenderen om at signere med --chain.",
    ),
)
PATH = _kind(
    "certificate-path-refused",
    (
        "certificate: an authority on the path to the CA file is not accepted as its issuer ({reason})",
        "Ask the sender which authority issued the certificate, and whether it may issue such certificates.",
    ),
    (
        "certifikat: en udsteder på vejen til CA-filen accepteres ikke som udsteder af det ({reason})",
        "Spørg afsenderen, hvilken udsteder certifikatet har, og om den må udstede sådanne certifikater.",
    ),
)
EXPIRED = _kind(
    "certificate-expired",
    (
        "{whose}: has expired, it was valid until {until} and is judged at {day}",
        "If it was valid when the document was signed, judge it at that time.",
    ),
    (
        "{hvis}: er udløbet, det var gyldigt til {until} og er kontrolleret pr. {day}",
        "Hvis det var gyldigt, da dokumentet blev signeret, så kontrollér det pr. det tidspunkt.",
    ),
)
NOT_YET_VALID = _kind(
    "certificate-not-yet-valid",
    (
        "{whose}: is not yet valid, it is valid from {since} and is judged at {day}",
        "Check the signer's clock and the time at which it is judged.",
    ),
    (
        "{hvis}: er endnu ikke gyldigt, det gælder fra {since} og er kontrolleret pr. {day}",
        "Kontrollér underskriverens ur og det tidspunkt, certifikatet er kontrolleret pr.",
    ),
)
UNFIT = _kind(
    "certificate-unfit",
    (
        "certificate: is not meant for signing documents ({reason})",
        "Ask the sender to sign with a certificate that is meant for it.",
    ),
    (
        "certifikat: er ikke beregnet til at signere dokumenter ({reason})",
        "Bed afsenderen om at signere med et certifikat, der er beregnet til det.",
    ),
)
UNLISTED = _kind(
    "certificate-signer-unlisted",
    (
        "certificate: the signer is not one of the allowed signers",
        "Add the signer, by fingerprint or subject, if you expect documents from this signer.",
    ),
    (
        "certifikat: underskriveren er ikke en af de tilladte",
        "Tilføj underskriveren med fingeraftryk eller subject, hvis du venter dokumenter fra den.",
    ),
)
REVOKED = _kind(
    "certificate-revoked",
    ("{whose}: has been revoked", "Do not use the document. Ask the sender for one signed with another key."),
    ("{hvis}: er tilbagekaldt", "Brug ikke dokumentet. Bed afsenderen om et, der er signeret med en anden nøgle."),
)
REVOCATION_UNKNOWN = _kind(
    "certificate-revocation-unknown",
    (
        "{whose}: it cannot be determined whether it is revoked: {reason}",
        "Use the issuer's own complete revocation list, and one that has not expired at the time of judging.",
    ),
    (
        "{hvis}: det kan ikke afgøres, om det er tilbagekaldt: {grund}",
        "Brug udstederens egen fuldstændige spærreliste, og en, der ikke er udløbet på kontroltidspunktet.",
    ),
)
REVOCATION_NOT_CHECKED = _kind(
    "certificate-revocation-not-checked",
    ("{whose}: revocation was not checked", "Add the issuer's revocation list to have it checked."),
    (
        "{hvis}: det er ikke kontrolleret, om det er tilbagekaldt",
        "Angiv udstederens spærreliste for at få det kontrolleret.",
    ),
    "info",
)
