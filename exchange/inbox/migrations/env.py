"""Runs the revisions of the inbox's tables."""

from __future__ import annotations

from exchange.databases import revisions
from exchange.inbox.tables import METADATA, SCHEMA

revisions.run(SCHEMA, METADATA)
