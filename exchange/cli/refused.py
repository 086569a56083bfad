"""Commands that end with a usage error where the library says that a run was asked for something that cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from gettext import gettext as _
from importlib import import_module
from typing import Any

import click

from exchange.cli.language import Translated


class Command(Translated):
    """A command that ends with exit code 2 where RunRefused is raised."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Raises click.UsageError."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            # Imported here: `--help` and `--version` need none of it.
            from exchange.errors import RunRefused

            if isinstance(error, RunRefused):
                reason = error.danish if ctx.obj == "da" else str(error)
                texts = {
                    "overwrite": f"{reason}; {_('--overwrite replaces it')}",
                    "restart": f"--resume: {reason}; {_('start again without it')}",
                    None: reason,
                }
                raise click.UsageError(texts[error.remedy], ctx) from None
            raise


class Group(Translated, click.Group):
    """A group of such commands."""

    command_class = Command


class ImportingGroup(Group):
    """A group that imports a command of another module when it is first asked for.

    `imported` holds the name of each such command with its module in this package and its name there.
    """

    def __init__(self, *args: Any, imported: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._imported = imported

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted({*super().list_commands(ctx), *self._imported})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, None if there is none of this name."""
        if cmd_name not in self._imported:
            return super().get_command(ctx, cmd_name)
        module, name = self._imported[cmd_name]
        command: click.Command = getattr(import_module(f"exchange.cli.{module}"), name)
        return command
