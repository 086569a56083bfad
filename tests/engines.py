"""Holds other engines against ours on what is published.

`python tests/engines.py [COUNT] [SEED]` judges the corpus, COUNT generated messages, these with random damage, and damaged
JSON documents, and prints for each engine how many it judged and on how many it differs; and how many of the valid
documents do not come back to the same dict from classes that a code generator made. It needs a JDK, Node, Debian's `jaxb`,
`mono-devel` and `mono-mcs`, and `npm ci --prefix tests/node`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from support.bundle_engines import Verdicts, documents, judge_json, judge_rules, judge_schemas
from support.class_makers import Classes


def verdicts(count: int, seed: int, classes: Classes, folder: Path) -> list[Verdicts]:
    """Return what every engine says."""
    cases = documents(count, seed)
    found = [*judge_schemas(cases, folder), *judge_rules(cases), judge_json(count // 4, seed)]
    valid = [case for case in cases if case.report.ok]
    return [*found, *(classes.judge(engine, valid) for engine in Classes.engines)]


def main(arguments: list[str]) -> int:
    """Print the table; return 1 if an engine differs."""
    count, seed = (int(each) for each in (*arguments, *("10000", "87")[len(arguments) :]))
    with tempfile.TemporaryDirectory() as name:
        (made := Path(name, "classes")).mkdir()
        found = verdicts(count, seed, Classes(made), Path(name))
    for each in found:
        sys.stdout.write(f"{each.engine:<30}{len(each.pairs):>10,} judged{each.differing:>8,} differ\n")
    return 1 if any(each.differing for each in found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
