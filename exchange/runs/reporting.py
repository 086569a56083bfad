"""Validates many files and writes reports on them: all of the reports or none, resumed where an interrupted run stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from exchange.errors import RunRefused
from exchange.files.walking import walk
from exchange.files.writing import TEMPORARY, Overwrite, whole_files
from exchange.findings.texts import text
from exchange.model.shown_paths import STDIN, printable, shown_path, visible_name
from exchange.reports import EXCERPTS, QUIET, Judged, Run, Summary, Writer, is_report, writer
from exchange.runs.interruption import Interrupts
from exchange.runs.judging import judge
from exchange.runs.repeated import Repeated

if TYPE_CHECKING:
    from exchange.runs.journal import Journal


class Output(NamedTuple):
    """A report to write to a file: a format of `exchange.reports.FORMATS`, and the path."""

    format: str
    path: Path


class Shown(NamedTuple):
    """A report that is shown as it is made: its format, and what makes its writer once the run may begin."""

    format: str
    make: Callable[[], Writer]


class Ran(NamedTuple):
    """The result of a run: the totals, and whether it resumed an earlier one."""

    summary: Summary
    resumed: bool


def validate_files(
    paths: Sequence[Path],
    run: Run,
    *,
    exclude: Sequence[str] = (),
    outputs: Sequence[Output] = (),
    shown: Shown | None = None,
    jobs: int = 1,
    resume: bool = False,
    overwrite: bool = False,
    progress: Callable[[Judged], object] = lambda _: None,
    interrupts: Interrupts | None = None,
) -> Ran:
    """Validate files, and those below folders, by the shipped catalog, and write reports on them.

    Below folders, files and folders that match a pattern of `exclude` are left out, e.g. `*.draft.xml` or `old`.

    The files of `outputs` appear together when the run is over, also when Ctrl-C ended it (`summary.interrupted`). Until then a
    journal lies beside the first of them, unless standard input is read; with `resume` an interrupted run with the same arguments
    is resumed. `jobs` processes judge; `progress` is called with the result for each file, and each message of a delivery, in
    order. `interrupts` answers signals.

    Raises RunRefused for an output that is one of `paths`, or if the earlier run was another one; FileExistsError for an output
    that exists and is no earlier report of its format, unless `overwrite`; JournalFault.
    """
    for output in outputs:
        if any(_is_same(output.path, path) for path in paths):
            raise RunRefused(text("output-checked", run.lang, file=shown_path(output.path)))
    interrupts = interrupts or Interrupts()
    summary = Summary()
    formats = {output.format for output in outputs} | ({shown.format} if shown else set())
    with ExitStack() as stack:
        journal = None
        if outputs and STDIN not in paths:
            journal = stack.enter_context(_journal(paths, exclude, run, outputs, shown, resume=resume))
            # What is resumed began when the interrupted run did.
            run = replace(run, started=journal.own and datetime.fromisoformat(journal.own))
        writers = [
            _naming(output.format, writer(output.format, file, run))
            for output, file in stack.enter_context(_files(outputs, journal, overwrite=overwrite))
        ]
        if shown is not None:
            writers.append(_naming(shown.format, shown.make()))
        if journal is not None:
            journal.begin()
        repeated = Repeated(run)
        lists_quiet = not formats.isdisjoint(QUIET)
        try:
            for judged in judge(
                walk(paths, run.lang, exclude=exclude, count_other=summary.count_other_file),
                run,
                jobs=jobs,
                with_excerpts=not formats.isdisjoint(EXCERPTS),
                combine_faultless=not lists_quiet,
                journal=journal,
            ):
                if judged.is_quiet and not lists_quiet:
                    # There may be a million of these.
                    summary.add(run, judged)
                    progress(judged)
                    continue
                judged = repeated.check(judged)
                with interrupts.held():
                    summary.add(run, judged)
                    for each in writers:
                        each.add(judged)
                    progress(judged)
        except KeyboardInterrupt:
            summary.interrupted = True
        with suppress(KeyboardInterrupt), interrupts.held():
            for each in writers:
                each.finish(summary)
        if journal is not None and not summary.interrupted:
            journal.finish()
    return Ran(summary, journal is not None and journal.resumes)


def _is_same(output: Path, path: Path) -> bool:
    try:
        return path != STDIN and output.samefile(path)
    except OSError:  # not there, or not to be looked at
        return False


def _journal(
    paths: Sequence[Path],
    exclude: Sequence[str],
    run: Run,
    outputs: Sequence[Output],
    shown: Shown | None,
    *,
    resume: bool,
) -> Journal:
    from exchange.runs.journal import Journal

    request = {
        "paths": [str(path) for path in paths],
        "exclude": list(exclude),
        "outputs": [[output.format, str(output.path)] for output in outputs],
        "run": repr(replace(run, started=None)),
        "form": shown and shown.format,
    }
    return Journal(outputs[0].path, request, resume=resume, own=run.started and run.started.isoformat())


@contextmanager
def _files(
    outputs: Sequence[Output], journal: Journal | None, *, overwrite: bool
) -> Iterator[list[tuple[Output, IO[str]]]]:
    """Open the files for the reports, which appear together when the block ends."""
    name = TEMPORARY
    formats = {output.path: output.format for output in outputs}
    may_replace: Overwrite = overwrite or (lambda path: _is_earlier_report(formats[path], path))
    if journal is not None:
        name = journal.temporary_name
        if journal.resumes:
            may_replace = True
            journal.clear(output.path.parent for output in outputs)
    with whole_files(overwrite=may_replace, temporary_name=name) as files:
        yield [(output, files.open(output.path)) for output in outputs]


def _is_earlier_report(form: str, path: Path) -> bool:
    with suppress(OSError), path.open("rb") as file:
        return is_report(form, file.read(4096))
    return False


class _Naming:
    """A writer that gets the files' names in another form than they have as data."""

    def __init__(self, inner: Writer, name: Callable[[str], str]) -> None:
        self._inner = inner
        self._name = name
        self.finish = inner.finish

    def add(self, judged: Judged) -> None:
        if not judged.is_quiet:
            self._inner.add(judged._replace(file=self._name(judged.file)))


def _naming(form: str, inner: Writer) -> Writer:
    """Return a writer for a format: JSON and SARIF can write every name as it is."""
    if form in ("json", "sarif"):
        return inner
    return _Naming(inner, printable if form == "github" else visible_name)
