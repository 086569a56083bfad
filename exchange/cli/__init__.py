"""The command line: its entry point, and what becomes of anything that goes wrong."""

from __future__ import annotations

import gc
import os
import sys
from gettext import gettext as _
from pathlib import Path

import click

from exchange.cli import language, streams
from exchange.cli.commands import cli
from exchange.cli.patterns import expanded, shell_expands

FINE, FINDINGS, USAGE, FAULT, INTERRUPTED = 0, 1, 2, 3, 130

_GARBAGE = 10_000
"""Python looks for garbage when there are so many objects more. With its own 700 it does so often while modules are imported."""


def main() -> None:
    """Run the command line and exit.

    0 fine, 1 findings, 2 usage, 3 our own fault or a check that could not run, 130 interrupted.
    """
    gc.set_threshold(_GARBAGE)
    streams.occupy_standard_descriptors()
    arguments = sys.argv[1:]
    sys.exit(run(arguments if shell_expands() else expanded(arguments)))


def run(arguments: list[str]) -> int:
    """Run one command; give the exit code. No traceback reaches a user: it would quote the document."""
    lang = language.of_arguments(arguments)
    with language.spoken(lang), streams.closed_replaced(lambda name: _text(f"{name}-closed", lang)):
        return _run(arguments, lang)


def _run(arguments: list[str], lang: str) -> int:
    try:
        code = cli.main(arguments, prog_name="exchange", standalone_mode=False, obj=lang)
        sys.stdout.flush()
    except click.ClickException as error:
        if isinstance(error, click.BadParameter) and error.param is not None:
            error.param = language.translated(error.param)
        error.show()
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo(f"exchange: {_('interrupted')}", err=True)
        return INTERRUPTED
    except SystemExit as done:
        # click's own exits: shell completion (0), and a reader that went away, `| head` (1).
        return FAULT if done.code else FINE
    except BrokenPipeError:
        # The same, met by the last flush; nothing is left to be flushed at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return FAULT
    except OSError as error:
        return _os_error(error, lang)
    except Exception as error:  # noqa: BLE001  # the one place where everything else ends
        from exchange.errors import ExchangeError

        if isinstance(error, ExchangeError):
            click.echo(f"exchange: {error}", err=True)
            return FAULT
        fault = _("a fault of this program, {name} at {place}").format(name=type(error).__name__, place=_place(error))
        click.echo(f"exchange: {fault}", err=True)
        return FAULT
    return code if isinstance(code, int) else FINE


def _text(key: str, lang: str) -> str:
    from exchange.findings.texts import text

    return text(key, lang)


def _os_error(error: OSError, lang: str) -> int:
    from exchange.errors import OutputRefused
    from exchange.model.shown_paths import shown_path

    if isinstance(error, OutputRefused):
        click.UsageError(f"{shown_path(error.path)} {_text(error.key, lang)}").show()
        return USAGE
    click.echo(f"exchange: {_reason(error, lang)}", err=True)
    return FAULT


def _reason(error: OSError, lang: str) -> str:
    """Return the reason of a system error and the file; its name is shown as in a report."""
    from exchange.errors import UnreadableSource
    from exchange.findings.system_texts import fault_text
    from exchange.model.shown_paths import shown_path

    if isinstance(error, UnreadableSource):
        reason, name = str(error), error.path
    else:
        reason, name = error.strerror or type(error).__name__, error.filename
    reason = fault_text(reason, lang)
    if not isinstance(name, str | bytes | os.PathLike):
        return reason
    return f"{reason}: {shown_path(Path(os.fsdecode(name)))}"


def _place(error: BaseException) -> str:
    """Return the place where an exception was raised; its text may quote a document and is left out."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "?" if trace is None else f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}"
