"""Passes a delivery on to the persons' kommuner (jobcentre): one for each, the messages byte for byte.

    forwarded = forward(Path("d.xml"), read_route(Path("route.csv")), Path("out"))

A route is any function that returns the kommunekode of a personnummer, or None if it is not known; `read_route` makes one of
a file, `RouteCommand` of a program. The folder and its files are this project's own: `out/0101/AKAS067_LEVERANCE_….xml` for each kommune, `out/rest/…` for persons without one,
`manifest.json` with counts and digests, `messages.jsonl` with a line for each message.

Read `forwarding` first, then `destinations` (where a correction goes), `storage` and `copying`. Only what sorts messages by person
belongs here; judging and writing deliveries is in `deliveries`.
"""

from __future__ import annotations

from exchange.forwarding.destinations import Route
from exchange.forwarding.forwarding import Forwarded, forward
from exchange.forwarding.parts import Part
from exchange.forwarding.route_command import RouteCommand, RouteCommandFault
from exchange.forwarding.routes import RouteFile, read_route

__all__ = [
    "Forwarded",
    "Part",
    "Route",
    "RouteCommand",
    "RouteCommandFault",
    "RouteFile",
    "forward",
    "read_route",
]
