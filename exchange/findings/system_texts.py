"""The system's reasons why a file cannot be read or written, in Danish; the system itself says them in English."""

from __future__ import annotations

import errno
import os

_BY_NUMBER = {
    errno.ENOENT: "filen eller mappen findes ikke",
    errno.EEXIST: "findes allerede",
    errno.EACCES: "ingen adgang",
    errno.EPERM: "ikke tilladt",
    errno.EISDIR: "er en mappe",
    errno.ENOTDIR: "er ikke en mappe",
    errno.EIO: "læse- eller skrivefejl",
    errno.ENOSPC: "der er ikke mere plads på disken",
    errno.EFBIG: "filen er for stor",
    errno.EDQUOT: "diskkvoten er opbrugt",
    errno.EROFS: "filsystemet er skrivebeskyttet",
    errno.EMFILE: "for mange åbne filer",
    errno.ENAMETOOLONG: "filnavnet er for langt",
    errno.ELOOP: "for mange symbolske links",
    errno.ENOMEM: "ikke nok hukommelse",
    errno.ETIMEDOUT: "tiden er udløbet",
}
_DANISH = {os.strerror(number): danish for number, danish in _BY_NUMBER.items()} | {
    "not a regular file": "er ikke en almindelig fil",
    "file exists": "findes allerede",
}


def fault_text(fault: str | None, lang: str) -> str:
    """Return the reason of a fault in `lang`; one that is not known as it is."""
    reason = fault or ""
    return _DANISH.get(reason, reason) if lang == "da" else reason
