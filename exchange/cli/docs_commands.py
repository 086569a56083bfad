"""The command `docs`: shows the shipped documentation."""

from __future__ import annotations

import click

from exchange.cli import completion, options


@click.command()
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
        raise click.UsageError(f"no topic {topic!r}; there are {', '.join(topics(lang))}") from None
    click.echo_via_pager(text)
