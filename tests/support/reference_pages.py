"""The generated pages of the reference: commands, public names, messages with their code lists."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from functools import cached_property
from types import ModuleType

import click

import exchange
from exchange.cli.commands import cli
from exchange.model.code_lists import CodeList
from exchange.model.spec import Field, Simple, described
from support.commands import commands_of

_WIDTH = 100
_LISTED = 40


def row(cells: list[str]) -> str:
    """Return a line of a Markdown table."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _commands() -> str:
    # click makes a command's option for help once, by the names in the first context that it has.
    settings = {**cli.context_settings, "terminal_width": _WIDTH, "max_content_width": _WIDTH}
    program = click.Context(cli, info_name="exchange", **settings)
    lines = ["# Commands", "", "`exchange COMMAND --help` prints the same.", ""]
    for context in _contexts(program):
        lines += [f"## {context.command_path}", "", "```", context.command.get_help(context).rstrip(), "```", ""]
    return "\n".join(lines)


def _contexts(context: click.Context) -> Iterator[click.Context]:
    yield context
    if isinstance(context.command, click.Group):
        for name, command in commands_of(context.command).items():
            yield from _contexts(
                click.Context(command, context, info_name=name, terminal_width=_WIDTH, max_content_width=_WIDTH)
            )


def _public_names() -> str:
    lines = [
        "# Python",
        "",
        "Every public name. What is in no `__all__` is not public and may change.",
        "",
        "Times are aware `datetime`s unless a text says otherwise. Sources are bytes, a `pathlib.Path` or a binary file; a `str`",
        "is never taken for a path.",
        "",
    ]
    for module in _modules():
        lines += [f"## {module.__name__}", "", inspect.getdoc(module) or "", ""]
        for name in module.__all__:
            lines += [f"### {module.__name__}.{name}", ""]
            lines += _described(name, getattr(module, name))
    return "\n".join(lines)


def _modules() -> Iterator[ModuleType]:
    yield exchange
    for info in pkgutil.iter_modules(exchange.__path__, "exchange."):
        if info.ispkg and info.name not in ("exchange.cli",):
            module = importlib.import_module(info.name)
            if getattr(module, "__all__", ()):
                yield module


def _described(name: str, value: object) -> list[str]:
    lines = []
    if callable(value):
        signature = _signature(value)
        if signature:
            lines += ["```", f"{name}{signature}", "```", ""]
    text = inspect.getdoc(value) if callable(value) else None
    if text and not (inspect.isclass(value) and text.startswith(f"{name}(")):
        lines += [text, ""]
    if inspect.isclass(value):
        for method, function in vars(value).items():
            is_property = isinstance(function, property | cached_property)
            if not method.startswith("_") and (inspect.isfunction(function) or is_property):
                text = (inspect.getdoc(function) or "").split("\n\n")[0].replace("\n", " ")
                signature = "" if is_property else _signature(function)
                lines += [f"- `{method}{signature}`: {text}".rstrip(": ")]
        lines += [""]
    return lines


class _Verbatim:
    """An annotation or a default that a signature shows as the text it is."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _signature(value: object) -> str:
    try:
        signature = inspect.signature(value)  # type: ignore[arg-type]  # asked of callables only
    except ValueError:
        return ""
    parameters = [
        parameter.replace(annotation=_bare(parameter.annotation), default=_short(parameter.default))
        for parameter in signature.parameters.values()
        if parameter.name != "self"
    ]
    return str(signature.replace(parameters=parameters, return_annotation=_bare(signature.return_annotation)))


def _bare(annotation: object) -> object:
    return _Verbatim(annotation) if isinstance(annotation, str) else annotation


def _short(default: object) -> object:
    """Return a default, or an ellipsis for one that would be shown otherwise in each run."""
    return _Verbatim("…") if isinstance(default, frozenset | tuple) or inspect.isfunction(default) else default


def _messages() -> str:
    tool = exchange.Exchange()
    versions = [*tool.catalog.versions, *tool.catalog.deliveries.versions]
    lines = [
        "# Messages and code lists",
        "",
        "`exchange describe MESSAGE` and `exchange codes LIST` print the same.",
        "",
    ]
    named: dict[str, CodeList] = {}
    types: dict[str, Simple] = {}
    for version in versions:
        lines += [
            f"## {version.name}, version {version.version}",
            "",
            f"`{version.namespace}`, `{version.schema_path.name}`",
        ]
        lines += ["", described(version.spec, "en"), ""]
        lines += [row(["element", "times", "type", "what", "paragraph"]), row(["---"] * 5)]
        for path, field in version.spec.walk():
            what = described(field, "en")
            lines.append(row([f"`{path}`", _times(field), _type(field), what, version.law.cite(field.law, None) or ""]))
            if not isinstance(field.type, Simple):
                continue
            types[field.type.name] = field.type
            if field.type.code_list:
                named[field.type.code_list] = version.lists[field.type.code_list]
        lines.append("")
    lines += ["## Types", "", row(["type", "kind", "values", "what"]), row(["---"] * 4)]
    for name, simple in sorted(types.items()):
        lines.append(row([name, simple.kind, _values(simple), described(simple, "en")]))
    lines.append("")
    for name, codes in sorted(named.items()):
        lines += [f"## Code list {name}", ""]
        if len(codes) > _LISTED:
            lines += [
                f"{len(codes)} rows, from {codes.rows[0].kode} to {codes.rows[-1].kode}: `exchange codes {name}`.",
                "",
            ]
            continue
        lines += [row(["code", "name", "from", "until, not included", "source"]), row(["---"] * 5)]
        for code in codes:
            days = [day.isoformat() if day else "" for day in (code.gyldig_fra, code.gyldig_til)]
            lines.append(row([f"`{code.kode}`", code.navn, *days, code.kilde]))
        lines.append("")
    return "\n".join(lines)


def _times(field: Field) -> str:
    return f"{1 if field.required else 0}..{'n' if field.repeated else 1}"


def _type(field: Field) -> str:
    if isinstance(field.type, Simple):
        return field.type.name
    return "at least one of" if field.type.at_least_one else ""


def _values(simple: Simple) -> str:
    facets = []
    if simple.code_list:
        facets.append(f"code list {simple.code_list}")
    if simple.choices:
        facets.append(" or ".join(f"`{choice}`" for choice in simple.choices))
    if simple.max_length is not None:
        facets.append(f"{simple.min_length or 0}–{simple.max_length} characters")
    if simple.minimum is not None or simple.maximum is not None:
        facets.append(f"{simple.minimum}–{simple.maximum}")
    facets += [f"pattern `{pattern}`" for pattern in simple.patterns]
    if simple.confidential:
        facets.append("confidential")
    return ", ".join(facets)


PAGES = {"commands.md": _commands, "api.md": _public_names, "messages.md": _messages}
"""What returns the text of each page, by its file's name."""
