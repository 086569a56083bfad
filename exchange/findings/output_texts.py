"""Texts on files that cannot be written, read or used, in English and Danish."""

from __future__ import annotations

from exchange.findings.placeholders import Words

OUTPUT_TEXTS: dict[str, Words] = {
    "stdin-closed": Words("stdin is closed", "stdin er lukket"),
    "stdout-closed": Words("stdout is closed", "stdout er lukket"),
    "watch-receipts": Words(
        "{folder}: receipts would be mixed with received files; choose a folder for them outside the watched one",
        "{folder}: kvitteringer ville blive blandet med modtagne filer; vælg en mappe til dem uden for den overvågede",
    ),
    "run-writing": Words(
        "another run is writing {file}; let it come to its end, or end it",
        "en anden kørsel skriver {file}; lad den køre færdig, eller afslut den",
    ),
    "run-not-plain": Words(
        "{file} is no plain file of your own, so nothing is written there; move it away",
        "{file} er ikke en almindelig fil, som du ejer, så der skrives intet i den; flyt den",
    ),
    "run-at-work": Words(
        "{file}: another command is at work on it; wait until it ends",
        "{file}: en anden kommando arbejder på den; vent, til den slutter",
    ),
    "run-other-request": Words(
        "the earlier run was asked something else", "den tidligere kørsel havde andre argumenter"
    ),
    "run-changed": Words("{file} is not what it was", "{file} er ændret siden"),
    "run-exists": Words("{file} exists", "{file} findes allerede"),
    "accept-foreign": Words(
        "{file} holds something else than a delivery that was taken in; name another folder",
        "{file} indeholder andet end en modtaget leverance; angiv en anden mappe",
    ),
    "pack-sources": Words(
        "{file}: expected a folder, *.xml, *.json, *.jsonl", "{file}: forventede en mappe, *.xml, *.json, *.jsonl"
    ),
    "build-earlier": Words(
        "{name} version {version} accepts this as it is: build it with --message-version {version}",
        "{name} version {version} accepterer dette, som det er: dan den med --message-version {version}",
    ),
    "upgrade-signature": Words(
        "the signature is left out: it was over the bytes of version {version}",
        "signaturen er udeladt: den gjaldt bytene i version {version}",
    ),
    "upgrade-delivery": Words(
        "messages: {count}, of which upgraded: {upgraded}; signatures left out: {signatures}",
        "beskeder: {count}, heraf opgraderet: {upgraded}; udeladte signaturer: {signatures}",
    ),
    "doctor-prepared": Words("ready to load from {file}", "klar til indlæsning fra {file}"),
    "doctor-not-prepared": Words(
        "not in {file} as it is now, so every start compiles it",
        "står ikke i {file}, som det er nu, så hver start oversætter det",
    ),
    "output-checked": Words(
        "{file} is one of the checked files and is not replaced; choose another file for the report",
        "{file} er en af de kontrollerede filer og erstattes ikke; vælg en anden fil til rapporten",
    ),
    "output-folder": Words(
        "is a folder; expected a regular file or an unused name",
        "er en mappe; forventede en almindelig fil eller et ubrugt navn",
    ),
    "output-link": Words(
        "is a symbolic link, which is never replaced; use the file itself",
        "er et symbolsk link, som aldrig erstattes; angiv selve filen",
    ),
    "output-device": Words(
        "is a device, which is never replaced; expected a regular file or an unused name",
        "er en enhed, som aldrig erstattes; forventede en almindelig fil eller et ubrugt navn",
    ),
    "output-pipe": Words(
        "is a named pipe, which is never replaced; expected a regular file or an unused name",
        "er en navngiven pipe (FIFO), som aldrig erstattes; forventede en almindelig fil eller et ubrugt navn",
    ),
    "output-socket": Words(
        "is a socket, which is never replaced; expected a regular file or an unused name",
        "er en socket, som aldrig erstattes; forventede en almindelig fil eller et ubrugt navn",
    ),
    "output-mount": Words(
        "is a mount point, where a folder cannot be put in place; use a folder below it",
        "er et mount point, hvor en mappe ikke kan sættes på plads; brug en mappe under det",
    ),
    "output-here": Words(
        "is the folder that the program runs in, which cannot be replaced; use a folder below it",
        "er den mappe, programmet kører i, og den kan ikke erstattes; brug en mappe under den",
    ),
}
