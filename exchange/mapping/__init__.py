"""From rows to messages: a TOML file in the message's own shape says which columns go into which elements.

    mapping = read_mapping(Path("samtale.toml"))
    map_rows(mapping, Path("delivery.xml"), created=datetime(2026, 11, 28, tzinfo=UTC), rejects=Path("rejects.csv"))

Read `definition` and `compiling` first (a mapping, and what it is compiled to), then `reading` and `conversion` (a row
becomes a dict), `sources` and `joining`, `rows` and `running`. Only what comes before a dict stands here; a message is
written and judged as everywhere. This package reads databases, Parquet and Excel, and writes to none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exchange import imported_when_used

if TYPE_CHECKING:
    from exchange.mapping.checking import check_mapping, read_mapping
    from exchange.mapping.definition import Definition, Table
    from exchange.mapping.drafting import draft_mapping
    from exchange.mapping.joining import Joined
    from exchange.mapping.running import Mapped, map_rows

__all__ = ["Definition", "Joined", "Mapped", "Table", "check_mapping", "draft_mapping", "map_rows", "read_mapping"]

__getattr__ = imported_when_used(
    __name__,
    {
        "checking": ("check_mapping", "read_mapping"),
        "definition": ("Definition", "Table"),
        "drafting": ("draft_mapping",),
        "joining": ("Joined",),
        "running": ("Mapped", "map_rows"),
    },
)
