"""Texts on the result of verifying a signature, in English and Danish."""

from __future__ import annotations

from exchange.findings.placeholders import Words

SIGNATURE_TEXTS: dict[str, Words] = {
    "signature-unsigned": Words("not signed", "ikke signeret"),
    "signature-valid": Words("valid", "gyldig"),
    "signature-invalid": Words("invalid", "ugyldig"),
    "signature-untrusted": Words("valid, but the signer is not trusted", "gyldig, men afsenderen er ikke godkendt"),
    "signer-subject": Words("signer", "underskriver"),
    "signer-issuer": Words("issued by", "udstedt af"),
    "signer-period": Words("valid", "gyldig"),
    "signer-fingerprint": Words("fingerprint (SHA-256)", "fingeraftryk (SHA-256)"),
    "signer-algorithms": Words("algorithms", "algoritmer"),
    "signer-at": Words("judged at", "kontrolleret pr."),
    "signer-time": Words("signed at, as the signer says", "signeret, som underskriveren angiver"),
    "revocation": Words("revocation", "tilbagekaldelse"),
    "revocation-good": Words("not revoked", "ikke tilbagekaldt"),
    "revocation-revoked": Words("revoked", "tilbagekaldt"),
    "revocation-unknown": Words("unknown", "ukendt"),
    "revocation-not-checked": Words("not checked", "ikke kontrolleret"),
    "digest-re-indented": Words(
        "Only white space between elements was added after the document was signed.",
        "Kun mellemrum mellem elementer er tilføjet efter signeringen.",
    ),
    "digest-rewritten": Words(
        "The content is what was signed, but prefixes, namespaces or layout have changed: the document was rewritten.",
        "Indholdet er det, der blev signeret, men præfikser, navnerum eller opstilling er ændret: dokumentet er skrevet om.",
    ),
    "digest-c14n": Words(
        "The digest was made with inclusive C14N, but the transform says exclusive.",
        "Digest-værdien er beregnet med inklusiv C14N, men transformationen angiver eksklusiv.",
    ),
    "digest-comments": Words(
        "The digest was made with comments, but the transform says without.",
        "Digest-værdien er beregnet med kommentarer, men transformationen angiver uden.",
    ),
    "digest-bytes": Words(
        "The digest was made from the bytes, not from their canonical form.",
        "Digest-værdien er beregnet af de rå byte, ikke af den kanoniske form.",
    ),
    "digest-encoding": Words(
        "UTF-8 was read as ISO-8859-1 and written again: letters such as æ, ø and å are damaged.",
        "UTF-8 er læst som ISO-8859-1 og gemt igen: bogstaver som æ, ø og å er ødelagt.",
    ),
    "digest-algorithm": Words(
        "The digest is of this document, but was made with another algorithm than the signature says.",
        "Digest-værdien er af dette dokument, men beregnet med en anden algoritme, end signaturen angiver.",
    ),
    "digest-value": Words(
        "One element has another value than was signed. With another valid value the document is what was signed:",
        "Ét element har en anden værdi end ved signeringen. Med en anden gyldig værdi er dokumentet det, der blev signeret:",
    ),
    "digest-places": Words(
        "The original is what was signed. This document differs from it at:",
        "Originalen er det, der blev signeret. Dette dokument afviger fra den ved:",
    ),
    "digest-original": Words(
        "The given original is not what was signed either.",
        "Den angivne original er heller ikke det, der blev signeret.",
    ),
    "digest-unexplained": Words(
        "The change cannot be determined, because the document is too large to be read whole. Use --original for a large delivery.",
        "Ændringen kan ikke fastslås, fordi dokumentet er for stort til at blive læst samlet. Brug --original til en stor leverance.",
    ),
    "digest-content": Words(
        "No other form of this document has the digest that was signed: its content was changed, or it was signed in another layout.",
        "Ingen anden form af dokumentet har den digest-værdi, der blev signeret: indholdet er ændret, eller opstillingen var en anden.",
    ),
    "passphrase": Words("Passphrase of the key", "Nøglens adgangskode"),
}
