"""Texts on the result of verifying a signature, in English and Danish."""

from __future__ import annotations

from exchange.findings.placeholders import Words

SIGNATURE_TEXTS: dict[str, Words] = {
    "signature-unsigned": Words("not signed", "ikke underskrevet"),
    "signature-valid": Words("valid", "gyldig"),
    "signature-invalid": Words("invalid", "ugyldig"),
    "signature-untrusted": Words("sound, but not trusted", "i orden, men ikke betroet"),
    "signer-subject": Words("signer", "underskriver"),
    "signer-issuer": Words("issued by", "udstedt af"),
    "signer-period": Words("valid", "gyldig"),
    "signer-fingerprint": Words("fingerprint (SHA-256)", "fingeraftryk (SHA-256)"),
    "signer-algorithms": Words("algorithms", "algoritmer"),
    "signer-at": Words("judged at", "bedømt på tidspunktet"),
    "revocation": Words("revocation", "tilbagekaldelse"),
    "revocation-good": Words("not revoked", "ikke tilbagekaldt"),
    "revocation-revoked": Words("revoked", "tilbagekaldt"),
    "revocation-unknown": Words("unknown", "ukendt"),
    "revocation-not-checked": Words("not checked", "ikke kontrolleret"),
    "digest-re-indented": Words(
        "Only white space between elements was put in after it was signed.",
        "Kun mellemrum mellem elementer er sat ind efter underskriften.",
    ),
    "digest-rewritten": Words(
        "The content is what was signed, but prefixes, namespaces or layout are not: the document was written anew.",
        "Indholdet er det underskrevne, men præfikser, navnerum eller opstilling er ikke: dokumentet er skrevet om.",
    ),
    "digest-c14n": Words(
        "The digest is that of inclusive C14N; the transform says exclusive.",
        "Digest er af inklusiv C14N; transformationen siger eksklusiv.",
    ),
    "digest-comments": Words(
        "The digest is that of C14N with comments; the transform says without.",
        "Digest er af C14N med kommentarer; transformationen siger uden.",
    ),
    "digest-bytes": Words(
        "The digest is that of the bytes, not of their canonical form.",
        "Digest er af de rå byte, ikke af deres kanoniske form.",
    ),
    "digest-encoding": Words(
        "UTF-8 was read as ISO-8859-1 and written anew: letters such as æ, ø and å are damaged.",
        "UTF-8 er læst som ISO-8859-1 og skrevet om: bogstaver som æ, ø og å er beskadiget.",
    ),
    "digest-algorithm": Words(
        "The digest is of this document, but made with another algorithm than the signature says.",
        "Digest er af dette dokument, men lavet med en anden algoritme, end underskriften siger.",
    ),
    "digest-value": Words(
        "One element has another value than was signed; with one that it may have, the document is what was signed:",
        "Ét element har en anden værdi end den underskrevne; med en, det kan have, er dokumentet det underskrevne:",
    ),
    "digest-places": Words(
        "The original is what was signed; this document is another at:",
        "Den oprindelige er det, der blev underskrevet; dette dokument er et andet ved:",
    ),
    "digest-original": Words(
        "The original that was given is not what was signed either.",
        "Den oprindelige, der er givet, er heller ikke det, der blev underskrevet.",
    ),
    "digest-unexplained": Words(
        "What became of it cannot be told: the document cannot be read whole. Give the --original of a large delivery.",
        "Hvad der er sket med det, kan ikke siges: dokumentet kan ikke læses helt. Giv den oprindelige (--original) af en stor leverance.",
    ),
    "digest-content": Words(
        "No other form of this document has the digest that was signed: its content is another, or it was signed in another layout.",
        "Ingen anden form af dokumentet har den digest, der blev underskrevet: indholdet er et andet, eller opstillingen var en anden.",
    ),
    "passphrase": Words("Passphrase of the key", "Nøglens adgangskode"),
}
