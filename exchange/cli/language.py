"""The language of help and usage errors.

Both stand in the code in English, as click's own texts do, and are looked up by gettext as those are: the Danish is in
locale/da/LC_MESSAGES/exchange.po, from which `python tests/make_pages.py` makes the .mo that is read.
"""

from __future__ import annotations

import gettext
import inspect
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import copy
from pathlib import Path
from typing import Self

import click

LANGUAGES = ("da", "en")
_VARIABLES = ("EXCHANGE_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
_DOMAIN, _FOLDER = "exchange", str(Path(__file__).parent / "locale")


def locale() -> str:
    """Return the language of EXCHANGE_LANG or the locale: Danish, or English for anything else."""
    name = next((os.environ[variable] for variable in _VARIABLES if os.environ.get(variable)), "")
    return "da" if name.lower().startswith("da") else "en"


def of_arguments(arguments: list[str]) -> str:
    """Return the language of a command line: of --lang, the environment, the settings of `validate`, the locale.

    It is needed before the command line is parsed: what is wrong with that is said in it.
    """
    lang = _value(arguments, "--lang")
    if lang not in LANGUAGES and not os.environ.get("EXCHANGE_LANG") and arguments[:1] == ["validate"]:
        from exchange.cli.settings_file import load

        config = _value(arguments, "--config")
        # A file that cannot be used is reported by the command itself.
        with suppress(click.UsageError):
            lang = load(Path(config) if config else None).get("lang")
    return lang if lang in LANGUAGES else locale()


def _value(arguments: list[str], option: str) -> str | None:
    """Return what an option is given on a command line, the last time that it stands there."""
    value = None
    for argument, after in zip(arguments, [*arguments[1:], None], strict=False):
        if argument == "--":
            break
        name, equals, given = argument.partition("=")
        if name == option:
            value = given if equals else after
    return value


@contextmanager
def spoken(lang: str) -> Iterator[None]:
    """Have click and the commands speak a language."""
    before = os.environ.get("LANGUAGE"), gettext.textdomain()
    # The environment is where gettext looks for the language.
    os.environ["LANGUAGE"] = lang
    gettext.bindtextdomain(_DOMAIN, _FOLDER)
    gettext.textdomain(_DOMAIN)
    try:
        yield
    finally:
        gettext.textdomain(before[1])
        if before[0] is None:
            del os.environ["LANGUAGE"]
        else:
            os.environ["LANGUAGE"] = before[0]


class Translated(click.Command):
    """A command whose help and usage are shown in the language of the user."""

    def get_help(self, ctx: click.Context) -> str:
        """Return the help."""
        return super(Translated, self._translated()).get_help(ctx)

    def get_usage(self, ctx: click.Context) -> str:
        """Return the line on how the command is used."""
        return super(Translated, self._translated()).get_usage(ctx)

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the line on the command in the list of its group."""
        return super(Translated, self._translated()).get_short_help_str(limit)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the option --help, whose text click keeps in the language of its first use."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = gettext.gettext("Show this message and exit.")
        return option

    def _translated(self) -> Self:
        look_up = _look_up()
        shown = copy(self)
        shown.help = self.help and "\n\n".join(map(look_up, paragraphs(self.help)))
        shown.options_metavar = self.options_metavar and look_up(self.options_metavar)
        if isinstance(shown, click.Group):
            shown.subcommand_metavar = look_up(shown.subcommand_metavar)
        shown.params = [translated(parameter, look_up) for parameter in self.params]
        return shown


def _look_up() -> Callable[[str], str]:
    """Return the function that translates a text. gettext's own searches for the catalogue each time."""
    return gettext.translation(gettext.textdomain(), _FOLDER, fallback=True).gettext


def translated(parameter: click.Parameter, look_up: Callable[[str], str] = gettext.gettext) -> click.Parameter:
    """Return a parameter as it is shown in the language of the user."""
    shown = copy(parameter)
    shown.metavar = parameter.metavar and look_up(parameter.metavar)
    if isinstance(shown, click.Option):
        shown.help = shown.help and look_up(shown.help)
        shown.type = copy(parameter.type)
        shown.type.name = look_up(parameter.type.name)
    elif shown.name:
        # From which click makes the metavar of an argument.
        shown.name = look_up(shown.name)
    return shown


def paragraphs(help_text: str) -> list[str]:
    """Return the paragraphs of a help, each as it is looked up: in one line, unless click leaves its lines as they are."""
    parts = inspect.cleandoc(help_text).split("\n\n")
    return [part if part.startswith("\b") else " ".join(part.split()) for part in parts]
