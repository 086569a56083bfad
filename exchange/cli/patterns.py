"""Patterns like `*.xml` on the command line, where the shell leaves them to the program."""

from __future__ import annotations

import os
import re


def shell_expands() -> bool:
    """True where the shell makes file names of patterns before the program begins: everywhere but on Windows."""
    return os.name != "nt"


def expanded(arguments: list[str]) -> list[str]:
    """Return the arguments with the names of the files that match, in order, in place of each pattern with * or ?.

    What matches nothing stays, as in a shell, and so does what --exclude is given. Brackets are part of a name: on Windows many
    have them, `report[1].xml`.
    """
    import glob  # only Windows needs it

    result: list[str] = []
    for before, argument in zip(["", *arguments], arguments, strict=False):
        matching: list[str] = []
        if before != "--exclude" and not argument.startswith("-") and re.search("[*?]", argument):
            matching = sorted(glob.glob(argument.replace("[", "[[]")))  # noqa: PTH207  # a Path has another beginning
        result += matching or [argument]
    return result
