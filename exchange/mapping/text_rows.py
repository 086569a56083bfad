"""Makes one function of a mapping that reads rows of texts, as those of CSV are, in half the time of its nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exchange.findings.finding import Finding
from exchange.mapping.reading import Always, Cell, Items, Node, RecordReader, Row
from exchange.model.generated import Source


def compile_reader(root: RecordReader) -> Callable[[Row, list[Finding]], dict[str, Any]]:
    """Return a function that reads a row as `root` does, where no cell is at fault and all are texts.

    It raises Unfit for a cell that cannot be converted, TypeError for one that is no text, or adds a fault of a joined table
    whose path may lack a number: `root` reads such a row.
    """
    source = Source("read(row, faults)")
    source.line(0, "texts = list(map(str.strip, row.values))")
    _record(source, root, 0, 0)
    source.line(0, "return v0")
    read: Callable[[Row, list[Finding]], dict[str, Any]] = source.function()
    return read


def _record(source: Source, record: RecordReader, depth: int, level: int) -> None:
    """Write what makes `v{level}` the dict of a record."""
    source.line(
        depth, f"v{level} = {{**{source.constant(record.constants)}}}" if record.constants else f"v{level} = {{}}"
    )
    for name, node in (*record.cells, *record.others):
        _add(source, node, f"v{level}[{name!r}] = {{}}", depth, level + 1)


def _add(source: Source, node: Node, add: str, depth: int, level: int) -> None:
    """Write what adds the value of a node to the element above, unless it is left out."""
    if isinstance(node, Always):
        source.line(depth, add.format(source.constant(node.value)))
        return
    value = f"v{level}"
    there = f"{value} is not None"
    if isinstance(node, Cell):
        source.line(depth, f"{value} = texts[{node.place}]")
        there = value if node.null == {""} else f"{value} not in {source.constant(node.null)}"
        value = value if node.keeps_text else f"{source.constant(node.convert)}({value})"
    elif isinstance(node, RecordReader):
        _record(source, node, depth, level)
        there = "True" if node.always else f"len({value}) > {len(node.constants)}"
    elif isinstance(node, Items):
        source.line(depth, f"{value} = []")
        for each in node.nodes:
            _add(source, each, f"{value}.append({{}})", depth, level + 1)
        there = value
    else:
        source.line(depth, f"{value} = {source.constant(node.read)}(row, faults)")
    source.line(depth, f"if {there}: {add.format(value)}")
