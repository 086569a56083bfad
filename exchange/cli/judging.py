"""Shows what `exchange validate` finds: the report on stdout, the progress on a terminal, the exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from gettext import gettext as _
from io import TextIOWrapper
from pathlib import Path
from typing import NamedTuple

import click

from exchange.cli.bar import Progress, above_bar, bytes_done
from exchange.cli.results import taken
from exchange.cli.streams import must_be_open
from exchange.deliveries.start_tags import LARGE
from exchange.files.walking import is_folder, walk
from exchange.findings.texts import text
from exchange.model.shown_paths import STDIN
from exchange.reports import Judged, Run, Summary, Writer, writer
from exchange.reports.text import TextWriter
from exchange.runs import Interrupts, Output, Shown, validate_files

_COLOURS = {"error": "red", "warning": "yellow", "info": "blue", "accepted": "green", "rejected": "red"}


class Options(NamedTuple):
    """The files that a run leaves out; its reports: one on stdout (None: no report there), others in files; its exit code."""

    form: str | None
    exclude: tuple[str, ...]
    outputs: tuple[tuple[str, Path], ...]
    overwrite: bool
    fail_on: str
    jobs: int
    resume: bool


def validate(paths: tuple[Path, ...], run: Run, options: Options) -> int:
    """Validate files and show the reports; return the exit code."""
    if options.resume and (not options.outputs or STDIN in paths):
        raise click.UsageError(_("--resume: expected --output FORMAT=FILE, and files that can be read again"))
    form = options.form
    counted = _Counted(paths, options.exclude, run)
    interrupts = Interrupts()
    is_only = not options.outputs
    try:
        with interrupts.taken(), _bar(paths, counted) as done:
            ran = validate_files(
                paths,
                run,
                exclude=options.exclude,
                outputs=[Output(*output) for output in options.outputs],
                shown=Shown(form, lambda: _Stdout(_on_stdout(form, run), is_only=is_only)) if form else None,
                jobs=options.jobs,
                resume=options.resume,
                overwrite=options.overwrite,
                progress=lambda judged: done(counted.add(judged)),
                interrupts=interrupts,
            )
    except FileExistsError as error:
        raise taken(error) from None
    if options.resume and not ran.resumed:
        click.echo(f"exchange: {text('resume-nothing', run.lang)}", err=True)
    if ran.summary.interrupted:
        click.echo(f"exchange: {_('interrupted')}", err=True)
    return exit_code(ran.summary, run, options.fail_on)


def exit_code(summary: Summary, run: Run, fail_on: str) -> int:
    """Return the exit code: 130 interrupted, 3 if a check could not run, 1 for findings or another verdict than expected."""
    if summary.interrupted:
        return 130
    # A delivery that is rejected may hold messages that could not be judged.
    if summary.files["not-checked"] or summary.files["undetermined"] or summary.messages["undetermined"]:
        return 3
    failed = summary.unexpected if run.expect else summary.files["rejected"]
    warned = fail_on == "warning" and summary.severities["warning"] and run.expect != "invalid"
    return 1 if failed or warned else 0


def _on_stdout(form: str, run: Run) -> Writer:
    out = sys.stdout
    must_be_open()
    if isinstance(out, TextIOWrapper):
        out.reconfigure(encoding="utf-8", errors="backslashreplace")
    if form == "text" and out.isatty() and not os.environ.get("NO_COLOR"):  # no-color.org
        return TextWriter(out, run, _style)
    return writer(form, out, run)


def _style(key: str, word: str) -> str:
    return click.style(word, fg=_COLOURS.get(key), bold=True)


class _Stdout:
    """Writes the report on stdout above the bar, until its reader goes away (`| head`); if it is not the only one, that is no end."""

    def __init__(self, inner: Writer, *, is_only: bool) -> None:
        self._inner = inner
        self._is_only = is_only
        self._is_gone = False

    def add(self, judged: Judged) -> None:
        with above_bar() if sys.stdout.isatty() and not judged.is_quiet else nullcontext():
            self._write(lambda: self._inner.add(judged))

    def finish(self, summary: Summary) -> None:
        self._write(lambda: self._inner.finish(summary))

    def _write(self, action: Callable[[], None]) -> None:
        if self._is_gone:
            return
        try:
            action()
        except BrokenPipeError:
            if self._is_only:
                raise
            self._is_gone = True
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nothing is left to be flushed at exit


class _Counted:
    """Counts files and messages for the bar."""

    def __init__(self, paths: tuple[Path, ...], exclude: tuple[str, ...], run: Run) -> None:
        self._paths, self._exclude, self._run = paths, exclude, run
        self._files = self._done = self._messages = 0

    def size(self) -> int:
        """Return how many bytes there are to judge."""
        sizes = [_size(entry.path) for entry in walk(self._paths, self._run.lang, exclude=self._exclude)]
        self._files = len(sizes)
        return sum(sizes)

    def add(self, judged: Judged) -> int:
        """Count a file or message; return its size."""
        if judged.place is None:
            self._done += 1
        else:
            self._messages += judged.stands_for
        return judged.size

    def note(self) -> str:
        """Say how many files, and messages of deliveries, are done."""
        of_messages = f", {self._messages} {text('messages', self._run.lang)}" if self._messages else ""
        return f"{self._done}/{self._files}{of_messages}"


def _bar(paths: tuple[Path, ...], counted: _Counted) -> AbstractContextManager[Progress]:
    """Show a bar for what may take longer than a moment."""
    if any(is_folder(path) or _size(path) > LARGE for path in paths):
        return bytes_done(paths, counted.size, counted.note)
    return nullcontext(lambda _: None)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
