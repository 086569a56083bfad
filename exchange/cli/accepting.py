"""The command that takes a delivery in, and shows what came of it."""

from __future__ import annotations

from pathlib import Path

import click

from exchange.cli.answering import Head, show_answer
from exchange.cli.bar import bytes_done
from exchange.cli.refusals import say
from exchange.cli.streams import must_be_open
from exchange.findings.texts import text
from exchange.model.shown_paths import shown_path
from exchange.runs.accepting import accept as take_in


def accept(file: Path, folder: Path, head: Head, *, jobs: int, resume: bool, overwrite: bool, lang: str) -> int:
    """Take a delivery in; give the exit code."""
    must_be_open()
    with bytes_done([file], lambda: file.stat().st_size) as progress:
        accepted = take_in(
            file,
            folder,
            head.settled(),
            asked=repr(head),
            lang=lang,
            jobs=jobs,
            resume=resume,
            overwrite=overwrite,
            progress=progress,
        )
    if resume and not accepted.resumed:
        say([text("resume-nothing", lang)])
    if accepted.left_out:
        say([text("accept-left-out", lang, count=accepted.left_out)])
    code = show_answer(file, accepted.answer, lang)
    if accepted.answer.has_receipt:
        click.echo(shown_path(folder, show_values=False))
    return code
