"""The command that judges: validate."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import IO

import click

from exchange.cli.interrupts import Interrupts
from exchange.cli.work import STDIN, is_folder, judge, shown_path, walk
from exchange.files import whole_file
from exchange.report import EXCERPTS, writer
from exchange.report.model import Judged, Run, Summary, Writer
from exchange.report.text import TextWriter

_COLOURS = {"error": "red", "warning": "yellow", "info": "blue", "accepted": "green", "rejected": "red"}


@dataclass(frozen=True, slots=True)
class Options:
    """What is to be made of a run: a report on stdout (None: no report there), others in files, an exit code."""

    form: str | None
    outputs: tuple[tuple[str, Path], ...]
    overwrite: bool
    fail_on: str
    jobs: int


def validate(paths: tuple[Path, ...], run: Run, options: Options) -> int:
    """Check messages in every layer and say all that is found, in as many forms as wanted; give the exit code."""
    summary = Summary()
    interrupts = Interrupts()
    forms = {options.form, *(form for form, _ in options.outputs)}
    with ExitStack() as stack, interrupts.taken():
        writers = [writer(form, stack.enter_context(_file(path, options)), run) for form, path in options.outputs]
        if options.form:
            writers.append(_on_stdout(options.form, run))
        with _progress(paths, run) as tell:
            try:
                entries = walk(paths, run.lang)
                for judged in judge(entries, run, jobs=options.jobs, with_excerpts=not forms.isdisjoint(EXCERPTS)):
                    with interrupts.held():
                        summary.add(run, judged)
                        tell(judged, writers)
            except KeyboardInterrupt:
                summary.interrupted = True
                click.echo("exchange: interrupted", err=True)
        with suppress(KeyboardInterrupt), interrupts.held():
            _for_each(writers, lambda each: each.finish(summary))
    return exit_code(summary, run, options.fail_on)


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
def _file(path: Path, options: Options) -> Iterator[IO[str]]:
    try:
        with whole_file(path, overwrite=options.overwrite) as file:
            yield file
    except FileExistsError:
        raise click.UsageError(f"{shown_path(path, show_values=False)} exists; --overwrite replaces it") from None


def _on_stdout(form: str, run: Run) -> Writer:
    out = sys.stdout
    if out is None:
        raise OSError(errno.EBADF, "stdout is closed")
    if isinstance(out, TextIOWrapper):
        out.reconfigure(encoding="utf-8", errors="backslashreplace")
    if form == "text" and _coloured():
        return TextWriter(out, run, _style)
    return writer(form, out, run)


def _coloured() -> bool:
    """True on a terminal, unless NO_COLOR (no-color.org) says otherwise."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _style(key: str, word: str) -> str:
    return click.style(word, fg=_COLOURS.get(key), bold=True)


Tell = Callable[[Judged, list[Writer]], None]


@contextmanager
def _progress(paths: tuple[Path, ...], run: Run) -> Iterator[Tell]:
    """Show on a terminal how far the work is, if it takes longer than a moment; give what writes a file's part."""
    if sys.stderr is None or not sys.stderr.isatty() or STDIN in paths or not any(map(is_folder, paths)):
        yield _write
        return
    from tqdm import tqdm

    sizes = [_size(entry.path) for entry in walk(paths, run.lang)]
    with tqdm(
        total=sum(sizes), unit="B", unit_scale=True, delay=1, leave=False, dynamic_ncols=True, file=sys.stderr
    ) as bar:
        done = 0

        def tell(judged: Judged, writers: list[Writer]) -> None:
            nonlocal done
            done += 1
            # What is written to the same terminal goes above the bar.
            with tqdm.external_write_mode() if sys.stdout.isatty() else nullcontext():
                _write(judged, writers)
            bar.set_postfix_str(f"{done}/{len(sizes)}", refresh=False)
            bar.update(judged.size)

        yield tell


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
