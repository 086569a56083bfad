"""Validated messages as Parquet: tables that follow from the schemas, written with pyarrow (`exchange[parquet]`).

    export([Path("archive")], Path("tables"), key=read_key(Path("export.key")), jobs=4)

`export` does a whole folder, in several processes, and can be resumed. For messages from elsewhere:

    layout = Layout(Exchange().catalog, key=read_key(Path("export.key")))
    rows = Rows(layout)
    rows.add(exchange.parse(path))
    rows.write(Path("out"), "00000")

A message is a row of the table that has its name, and each entry of a list in it a row of a table that is
named message_list (`samtale_deltagere`, `kravTilJobsoegning_fagomraader_stillinger`). Columns are the schema's
own names, joined by `_` where elements stand in one another: `hoved_beskedId`, `cv_godkendelsesstatus`. Rows of
a list have `hoved_beskedId` and for each list above and itself the entry's number in it, from 1:
`fagomraader_nr`, `fagomraader_stillinger_nr`. A list that is empty and one that is not there look alike: no rows.

Read `exporting` first, then `blocks` (what is exported together), `exporter`, and `tables`, `layout` and `rows` (messages to
Arrow). Only this package knows pyarrow.
"""

from __future__ import annotations

from exchange.export.blocks import Fault
from exchange.export.exporting import export, size
from exchange.export.folder import Counts
from exchange.export.key import read_key
from exchange.export.layout import Layout
from exchange.export.rows import Rows

__all__ = ["Counts", "Fault", "Layout", "Rows", "export", "read_key", "size"]
