"""Messages of one id in several files of a run: found as the files are judged."""

from __future__ import annotations

from exchange.findings.id_kinds import IN_OTHER_FILE
from exchange.model.catalog import shipped
from exchange.model.shown_paths import visible_name
from exchange.reports.control import apply
from exchange.reports.model import Judged, Run


class Repeated:
    """Knows the beskedId of every message that is a file of its own, and the file where it stood first: some 200 bytes a file.

    The messages of a delivery are compared with each other when it is judged.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._messages = frozenset(shipped().reports())
        self._files: dict[bytes, str] = {}

    def check(self, judged: Judged) -> Judged:
        """Return the result for a file, with a finding more if an earlier file's message has the same beskedId."""
        report = judged.report
        if report is None or judged.key is None or judged.place or report.message not in self._messages:
            return judged
        first = self._files.setdefault(bytes.fromhex(judged.key.replace("-", "")), judged.file)
        if first == judged.file:
            return judged
        found = IN_OTHER_FILE.found(f"/{report.message}/hoved/beskedId", {"file": visible_name(first)})
        report, overridden = apply(report.extended([found]), self._run.overrides, self._run.max_findings)
        return judged._replace(report=report, overridden={**(judged.overridden or {}), **overridden})
