"""Texts on files that cannot be written, read or used, in English and Danish."""

from __future__ import annotations

from exchange.findings.placeholders import Words

OUTPUT_TEXTS: dict[str, Words] = {
    "stdin-closed": Words("stdin is closed", "stdin er lukket"),
    "stdout-closed": Words("stdout is closed", "stdout er lukket"),
    "watch-receipts": Words(
        "{folder}: receipts would be mixed with what is received; name a folder for them outside the watched one",
        "{folder}: kvitteringer ville blive blandet med det, der modtages; nævn en mappe til dem uden for den, der holdes øje med",
    ),
    "doctor-prepared": Words("ready to load from {file}", "klar til indlæsning fra {file}"),
    "doctor-not-prepared": Words(
        "not in {file} as it is now, so every start compiles it",
        "står ikke i {file}, som det er nu, så hver start oversætter det",
    ),
    "output-checked": Words(
        "{file} is a file that is checked, and is not replaced; name another for the report",
        "{file} er en fil, der kontrolleres, og den erstattes ikke; nævn en anden til rapporten",
    ),
    "output-folder": Words(
        "is a folder; expected a regular file, or a name that is free",
        "er en mappe; forventede en almindelig fil eller et ledigt navn",
    ),
    "output-link": Words(
        "is a symbolic link, which is never replaced; name the file itself",
        "er et symbolsk link, som aldrig erstattes; nævn selve filen",
    ),
    "output-device": Words(
        "is a device, which is never replaced; expected a regular file, or a name that is free",
        "er en enhed, som aldrig erstattes; forventede en almindelig fil eller et ledigt navn",
    ),
    "output-pipe": Words(
        "is a named pipe, which is never replaced; expected a regular file, or a name that is free",
        "er et navngivet rør (FIFO), som aldrig erstattes; forventede en almindelig fil eller et ledigt navn",
    ),
    "output-socket": Words(
        "is a socket, which is never replaced; expected a regular file, or a name that is free",
        "er en socket, som aldrig erstattes; forventede en almindelig fil eller et ledigt navn",
    ),
    "output-mount": Words(
        "is a mount point, and a whole folder is put in place by a rename; name a folder below it",
        "er et monteringspunkt, og en hel mappe sættes på plads ved omdøbning; nævn en mappe under det",
    ),
}
