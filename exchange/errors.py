"""The exceptions of this package; none of them ever carries a value from a document."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from exchange.findings.finding import Finding, Report
from exchange.findings.texts import Words, text


class ExchangeError(Exception):
    """The root of every exception that this package raises on purpose. They can be pickled and copied."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what makes it again: an exception's own way calls the class with `args`, which are often only its text."""
        return _again, (type(self), self.args), self.__dict__


def _again(kind: type[ExchangeError], args: tuple[Any, ...]) -> ExchangeError:
    made = kind.__new__(kind, *args)
    made.args = args
    return made


class InvalidMessage(ExchangeError, ValueError):
    """The document cannot be built or read; `report` says why, with confidential values masked."""

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self.report = report

    def __str__(self) -> str:
        report = self.report
        wanted = [f for f in report.findings if f.severity == "error"] or report.findings
        lines = [f"{report.verdict}: {report.errors} error(s)"]
        for finding in wanted[:10]:
            lines += [f"  {finding.code} at {finding.path or '/'}: {finding.message}", f"    hint: {finding.hint}"]
        if report.errors > 10:
            lines.append(f"  … and {report.errors - 10} more")
        return "\n".join(lines)


class Refusal(NamedTuple):
    """A message that was refused: its file (None for a stream), its number and, where known, line and beskedId there; and why."""

    source: Path | None
    number: int
    line: int | None
    besked_id: str | None
    report: Report


class InvalidDelivery(ExchangeError, ValueError):
    """A delivery cannot be written or read: `report` says what of it itself, `refused` which messages, by number.

    At most 100 messages are kept with their reports, and in `refusals` with where they came from. `count` is exact, and so is
    `undetermined`: how many of them are refused because a check did not run. `source` is the file that `report` is about, where a
    delivery was read.
    """

    def __init__(
        self,
        report: Report,
        refused: Mapping[int, Report],
        count: int,
        refusals: tuple[Refusal, ...] = (),
        source: Path | None = None,
        undetermined: int = 0,
    ) -> None:
        super().__init__(report, refused, count)
        self.report = report
        self.refused = refused
        self.count = count
        self.refusals = refusals
        self.source = source
        self.undetermined = undetermined

    def __str__(self) -> str:
        lines = [f"{self.report.errors} error(s) of the delivery, {self.count} message(s) refused"]
        lines += [f"  {finding.code} at {finding.path or '/'}: {finding.message}" for finding in self.report.findings]
        for number, report in list(self.refused.items())[:10]:
            lines += [f"  message {number}: {finding.code} at {finding.path or '/'}" for finding in report.findings]
        return "\n".join(lines)


class Refused(ExchangeError):
    """Inside the package: a document was turned away before it could be checked further."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


class NotComparable(ExchangeError):
    """A file cannot be compared with another one, since its schema does not accept it; `report` says why."""

    def __init__(self, source: Path, report: Report) -> None:
        super().__init__(source, report)
        self.source = source
        self.report = report

    def __str__(self) -> str:
        return "a file that its schema does not accept cannot be compared"


class UnreadableSource(ExchangeError, OSError):
    """The source is no regular file (a folder, a pipe, a device), or it changed meanwhile; `path` is its own, if it has one."""

    def __init__(self, reason: str, path: Path | None = None) -> None:
        super().__init__(reason)
        self.path = path


class OutputRefused(ExchangeError, FileExistsError):
    """Where something is to be written, something is that is never replaced: a device, a link, a folder, a mount point.

    `path` is its path, `key` names the text that says what it is.
    """

    def __init__(self, key: str, path: Path) -> None:
        super().__init__(errno.EEXIST, text(key, "en"), str(path))
        self.key = key
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what makes it again: OSError would give errno and text."""
        return type(self), (self.key, self.path)


class ConfigurationError(ExchangeError):
    """The schemas, the catalog or the code lists are themselves at fault; the text names file and place."""


class SchemaUnsupported(ConfigurationError):
    """A schema uses an XSD construct that the compiler does not know."""

    def __init__(self, schema: str, construct: str) -> None:
        super().__init__(f"{schema}: {construct} is not supported")
        self.schema = schema
        self.construct = construct


class RunRefused(ExchangeError):
    """A run cannot begin or go on as it was asked for: another one is at work, or an earlier one was asked something else.

    `danish` is the reason in Danish, where it is not in the language that the caller asked for. `remedy` says what helps:
    "overwrite" what is there, or "restart" without resuming the earlier run; None for neither.
    """

    def __init__(self, reason: str | Words, remedy: Literal["overwrite", "restart"] | None = None) -> None:
        words = Words(reason, reason) if isinstance(reason, str) else reason
        super().__init__(words.en)
        self.danish = words.da
        self.remedy = remedy


class WorkerDied(ExchangeError):
    """A worker process died, so its work cannot be completed."""

    def __init__(self) -> None:
        super().__init__("a worker process died")


class JournalFault(ExchangeError):
    """What a run leaves to be resumed from cannot be read or written; the text says why and names the file."""


class InvalidMapping(ExchangeError, ValueError):
    """A mapping cannot be used; `report` says why."""

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self.report = report

    def __str__(self) -> str:
        return str(self.report)


class InvalidScenario(ExchangeError, ValueError):
    """A scenario of a practice receiver has another form; the text says which fault and what is expected."""


class RowsUnreadable(ExchangeError):
    """A table that is to be mapped cannot be read; `source` is its name as shown, `text` says why in either language."""

    def __init__(self, source: str, key: str, **values: object) -> None:
        super().__init__(source, key, values)

    def text(self, lang: str) -> str:
        """Return the reason in `lang`: "da", or English for anything else."""
        source, key, values = self.args
        return f"{source}: {text(key, lang, **values)}"

    def __str__(self) -> str:
        return self.text("en")


class ExportRefused(RunRefused):
    """An export cannot be made as it is asked for; the text says why."""


class ExportFault(ExchangeError):
    """An export cannot go on: a value that is none of its column's, a file that changed, a process that dies; the text says which."""


class ForwardRefused(RunRefused):
    """A delivery cannot be passed on as it is asked for: a route, or what an earlier run left; the text says why."""


class NotShown(ExchangeError, ValueError):
    """Nothing decides what the person sees of a document: it is none of the three, or holds elements of a later version."""


class SigningRefused(ExchangeError):
    """A document cannot be signed, or not with this key and certificate; the text says why."""


class KeyUnreadable(SigningRefused):
    """A private key cannot be read: it is none, or its password is missing or another."""


class PackageMissing(ExchangeError):
    """Something needs a package that is installed only on demand; the text says which, and how."""


class DatabaseFault(ExchangeError):
    """An inbox or outbox cannot be opened, read or written; the text says why. What was written before is kept."""


class DatabaseRefused(DatabaseFault, RunRefused):
    """The URL of an inbox or outbox names none that can be kept: of another kind, in memory only, or read-only; the text says which."""


class DatabaseUnavailable(DatabaseFault):
    """An inbox or outbox cannot be used just now (it is locked, its server or its disk is away or full); it may be tried again."""


class UndeterminedMessage(ExchangeError):
    """A check could not run, so the document has no verdict and gets no receipt; `report` says which."""

    def __init__(self, report: Report) -> None:
        super().__init__("a check did not run, so there is no answer")
        self.report = report
