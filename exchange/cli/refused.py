"""Commands that end with a usage error where the library says that a run was asked for something that cannot be."""

from __future__ import annotations

from typing import Any

import click


class Command(click.Command):
    """A command that ends with exit code 2 where RunRefused is raised."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Raises click.UsageError."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            # Imported here: `--help` and `--version` need none of it.
            from exchange.errors import RunRefused

            if isinstance(error, RunRefused):
                texts = {
                    "overwrite": f"{error}; --overwrite replaces it",
                    "restart": f"--resume: {error}; start again without it",
                    None: str(error),
                }
                raise click.UsageError(texts[error.remedy], ctx) from None
            raise


class Group(click.Group):
    """A group of such commands."""

    command_class = Command
