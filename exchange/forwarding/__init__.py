"""Passes a delivery on to the persons' jobcentre: a delivery for each kommune, the messages byte for byte (§ 87, stk. 5).

    forwarded = forward(Path("d.xml"), read_route(Path("route.csv")), Path("out"))

A route is any function that gives a personnummer's kommunekode, or None if it does not know. The folder and its files
are this project's own: `out/0101/AKAS067_LEVERANCE_….xml` for each kommune, `out/rest/…` for persons without one,
`manifest.json` with counts and digests, `messages.jsonl` with a line for each message.
"""

from __future__ import annotations

from exchange.forwarding.destinations import Route
from exchange.forwarding.forwarding import Forwarded, Part, forward
from exchange.forwarding.routes import RouteFile, read_route

__all__ = ["Forwarded", "Part", "Route", "RouteFile", "forward", "read_route"]
