"""The command that judges: validate."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import IO

import click

from exchange.cli.paths import taken
from exchange.cli.streams import must_be_open
from exchange.deliveries.reading import LARGE
from exchange.files.walking import is_folder, walk
from exchange.files.writing import TEMPORARY, whole_files
from exchange.findings.texts import text
from exchange.model.shown_paths import STDIN, printable, shown_path, visible_name
from exchange.reports import EXCERPTS, QUIET, writer
from exchange.reports.model import Judged, Run, Summary, Writer
from exchange.reports.text import TextWriter
from exchange.runs.interruption import Interrupts
from exchange.runs.journal import Journal
from exchange.runs.judging import judge

_COLOURS = {"error": "red", "warning": "yellow", "info": "blue", "accepted": "green", "rejected": "red"}


@dataclass(frozen=True, slots=True)
class Options:
    """What is to be made of a run: a report on stdout (None: no report there), others in files, an exit code."""

    form: str | None
    outputs: tuple[tuple[str, Path], ...]
    overwrite: bool
    fail_on: str
    jobs: int
    resume: bool


def validate(paths: tuple[Path, ...], run: Run, options: Options) -> int:
    """Check messages in every layer and say all that is found, in as many forms as wanted; give the exit code.

    Raises click.UsageError for a report that would replace one of the files that it is about.
    """
    for _, output in options.outputs:
        if any(_is_same(output, path) for path in paths):
            raise click.UsageError(text("output-checked", run.lang, file=shown_path(output, show_values=False)))
    summary = Summary()
    interrupts = Interrupts()
    forms = {options.form, *(form for form, _ in options.outputs)}
    with ExitStack() as stack, interrupts.taken():
        journal = _journal(paths, run, options, stack)
        files = stack.enter_context(_files(options, journal))
        writers = [_naming(form, writer(form, file, run)) for form, file in files]
        if options.form:
            writers.append(_naming(options.form, _on_stdout(options.form, run)))
        if journal is not None:
            journal.begin()
        with _progress(paths, run) as tell:
            try:
                found = judge(
                    walk(paths, run.lang),
                    run,
                    jobs=options.jobs,
                    with_excerpts=not forms.isdisjoint(EXCERPTS),
                    journal=journal,
                )
                listed = not forms.isdisjoint(QUIET)
                for judged in found:
                    if judged.is_quiet and not listed:
                        # There may be a million of these.
                        summary.add(run, judged)
                        tell(judged, [])
                        continue
                    with interrupts.held():
                        summary.add(run, judged)
                        tell(judged, writers)
            except KeyboardInterrupt:
                summary.interrupted = True
                click.echo("exchange: interrupted", err=True)
        with suppress(KeyboardInterrupt), interrupts.held():
            _for_each(writers, lambda each: each.finish(summary))
        if journal is not None and not summary.interrupted:
            journal.finish()
    return exit_code(summary, run, options.fail_on)


def _is_same(output: Path, path: Path) -> bool:
    try:
        return path != STDIN and output.samefile(path)
    except OSError:  # not there, or not to be looked at
        return False


def _journal(paths: tuple[Path, ...], run: Run, options: Options, stack: ExitStack) -> Journal | None:
    """Begin to write down what is found, or go on where an earlier run stopped; where there is a file to write it beside."""
    if not options.outputs or STDIN in paths:
        if options.resume:
            raise click.UsageError("--resume: expected --output FORMAT=FILE, and files that can be read again")
        return None
    outputs = [[form, str(path)] for form, path in options.outputs]
    asked = {"paths": [str(path) for path in paths], "outputs": outputs, "run": repr(run), "form": options.form}
    journal = Journal(options.outputs[0][1], asked, resume=options.resume)
    stack.enter_context(journal)
    if options.resume and not journal.resumes:
        click.echo("exchange: nothing to resume, so all is checked", err=True)
    return journal


def exit_code(summary: Summary, run: Run, fail_on: str) -> int:
    """Give the exit code: 130 interrupted, 3 if a check could not run, 1 for findings or another verdict than expected."""
    if summary.interrupted:
        return 130
    if summary.files["not-checked"] or summary.files["undetermined"]:
        return 3
    failed = summary.unexpected if run.expect else summary.files["rejected"]
    warned = fail_on == "warning" and summary.severities["warning"] and run.expect != "invalid"
    return 1 if failed or warned else 0


@contextmanager
def _files(options: Options, journal: Journal | None) -> Iterator[list[tuple[str, IO[str]]]]:
    """Open the files for the reports, which appear together when the block ends."""
    overwrite, name = options.overwrite, TEMPORARY
    if journal is not None:
        name = journal.temporary_name
        if journal.resumes:
            overwrite = True
            journal.clear(path.parent for _, path in options.outputs)
    try:
        with whole_files(overwrite=overwrite, temporary_name=name) as files:
            yield [(form, files.open(path)) for form, path in options.outputs]
    except FileExistsError as error:
        raise taken(error) from None


def _on_stdout(form: str, run: Run) -> Writer:
    out = sys.stdout
    must_be_open()
    if isinstance(out, TextIOWrapper):
        out.reconfigure(encoding="utf-8", errors="backslashreplace")
    if form == "text" and _coloured():
        return TextWriter(out, run, _style)
    return writer(form, out, run)


class _Naming:
    """A writer that is given the files' names in another form than they have as data."""

    def __init__(self, inner: Writer, name: Callable[[str], str]) -> None:
        self._inner = inner
        self._name = name
        self.finish = inner.finish

    def add(self, judged: Judged) -> None:
        if not judged.is_quiet:
            self._inner.add(judged._replace(file=self._name(judged.file)))


def _naming(form: str, inner: Writer) -> Writer:
    """Give a writer for a form: JSON and SARIF can write every name as it is."""
    if form in ("json", "sarif"):
        return inner
    return _Naming(inner, printable if form == "github" else visible_name)


def _coloured() -> bool:
    """True on a terminal, unless NO_COLOR (no-color.org) says otherwise."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _style(key: str, word: str) -> str:
    return click.style(word, fg=_COLOURS.get(key), bold=True)


Tell = Callable[[Judged, list[Writer]], None]


@contextmanager
def _progress(paths: tuple[Path, ...], run: Run) -> Iterator[Tell]:
    """Show on a terminal how far the work is, if it takes longer than a moment; give what writes a file's part."""
    if sys.stderr is None or not sys.stderr.isatty() or STDIN in paths or not any(map(_is_long, paths)):
        yield _write
        return
    from tqdm import tqdm

    sizes = [_size(entry.path) for entry in walk(paths, run.lang)]
    with tqdm(
        total=sum(sizes), unit="B", unit_scale=True, delay=1, leave=False, dynamic_ncols=True, file=sys.stderr
    ) as bar:
        done, messages = 0, 0

        def tell(judged: Judged, writers: list[Writer]) -> None:
            nonlocal done, messages
            if judged.place is None:
                done += 1
            else:
                messages += 1
            # What is written to the same terminal goes above the bar.
            above = sys.stdout.isatty() and not judged.is_quiet
            with tqdm.external_write_mode() if above else nullcontext():
                _write(judged, writers)
            of_messages = f", {messages} {text('messages', run.lang)}" if messages else ""
            bar.set_postfix_str(f"{done}/{len(sizes)}{of_messages}", refresh=False)
            bar.update(judged.size)

        yield tell


def _is_long(path: Path) -> bool:
    """True for what may take longer than a moment."""
    return is_folder(path) or _size(path) > LARGE


def _write(judged: Judged, writers: list[Writer]) -> None:
    _for_each(writers, lambda each: each.add(judged))


def _for_each(writers: list[Writer], action: Callable[[Writer], None]) -> None:
    """Let every writer act; one whose reader went away (`| head`) is dropped, so that the files are written all the same."""
    for each in list(writers):
        try:
            action(each)
        except BrokenPipeError:
            if len(writers) == 1:
                raise
            writers.remove(each)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nothing is left to be flushed at exit


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
