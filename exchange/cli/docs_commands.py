"""The command `docs`: shows the shipped documentation."""

from __future__ import annotations

from gettext import gettext as _

import click

from exchange.cli import completion, options
from exchange.cli.refused import Command


@click.command(cls=Command)
@click.argument("topic", required=False, shell_complete=completion.topics)
@options.lang
def docs(topic: str | None, lang: str) -> None:
    """Show a TOPIC of the documentation, offline; without one, list the topics.

    \b
    exchange docs
    exchange docs tutorial
    exchange docs findings --lang da
    """
    from exchange.docs.pages import read_topic, topics

    if topic is None:
        titles = topics(lang)
        width = max(map(len, titles))
        for name, title in titles.items():
            click.echo(f"{name:<{width}}  {title}")
        return
    try:
        text = read_topic(topic, lang)
    except LookupError:
        names = ", ".join(topics(lang))
        raise click.UsageError(_("no topic {name!r}; there are {names}").format(name=topic, names=names)) from None
    click.echo_via_pager(text)
