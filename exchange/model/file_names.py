"""The names of message files: `AKAS067_SAMTALE_20261120140500_<beskedId>.xml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from exchange.model.values import danish_time

GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def file_name(document: Mapping[str, Any]) -> str:
    """Return the file name of a parsed message: `AKAS067_SAMTALE_20261120140500_<beskedId>.xml`.

    A message without a hoved is named after its own key, a kvittering after kvitteringId; one that names no
    fund has a name without that part, `KVITTERING_20261120140500_<kvitteringId>.xml`. The time is `oprettet`
    in Danish local time. The name is this project's own, in the spirit of STAR's. Raises ValueError if the key
    or akassekode has not its form: nothing else of a message reaches a path.
    """
    ((name, content),) = document.items()
    head, key = (content["hoved"], "beskedId") if "hoved" in content else (content, f"{name}Id")
    # From version 2 on, a receipt says in its `fil` whose the file was.
    akassekode = head.get("akassekode", content.get("fil", {}).get("akassekode"))
    fund = f"AKAS0{akassekode}_" if akassekode is not None else ""
    if not GUID.fullmatch(head[key]) or not re.fullmatch("(AKAS0[0-9]{2}_)?", fund):
        raise ValueError(f"{key} or akassekode has not its form")
    moment = danish_time(head["oprettet"])
    return f"{fund}{name.upper()}_{moment.year:04d}{moment:%m%d%H%M%S}_{head[key]}.xml"


def delivery_name(header: Mapping[str, Any]) -> str:
    """Return the file name of a delivery: `AKAS067_LEVERANCE_20261120140500_<leveranceId>.xml`.

    `header` is a delivery's, with an aware `oprettet`. Raises ValueError as `file_name` does.
    """
    return file_name({"leverance": header})
