"""Holds other engines against ours on what is published.

`python tests/engines.py [COUNT] [SEED]` judges the corpus, COUNT generated messages, these with random damage, and damaged
JSON documents, and prints for each engine how many it judged and on how many it differs. It needs a JDK, Node, Debian's
`jaxb`, `mono-mcs` and `mono-runtime`, and `npm ci --prefix tests/node`.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from support.bundle_engines import Verdicts, documents, judge_classes, judge_json, judge_rules, judge_schemas


def verdicts(count: int, seed: int) -> list[Verdicts]:
    """Return what every engine says."""
    cases = documents(count, seed)
    with tempfile.TemporaryDirectory() as folder:
        found = [*judge_schemas(cases, Path(folder)), *judge_rules(cases), judge_json(count // 4, seed)]
        spaced = re.compile(rb">\s+[0-9]{4}-|Z\s+<|[0-9]\s+</")
        readable = [case for case in cases if case.report.ok and not spaced.search(case.data)]
        return [*found, judge_classes(readable, Path(folder))]


def main(arguments: list[str]) -> int:
    """Print the table; return 1 if an engine differs."""
    count, seed = (int(each) for each in (*arguments, *("10000", "87")[len(arguments) :]))
    found = verdicts(count, seed)
    for each in found:
        sys.stdout.write(f"{each.engine:<30}{len(each.pairs):>10,} judged{each.differing:>8,} differ\n")
    return 1 if any(each.differing for each in found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
