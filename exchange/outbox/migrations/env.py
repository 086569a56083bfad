"""Runs the revisions of the outbox's tables."""

from __future__ import annotations

from exchange.databases import revisions
from exchange.outbox.tables import METADATA, SCHEMA

revisions.run(SCHEMA, METADATA)
