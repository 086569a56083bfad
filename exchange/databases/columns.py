"""The types of columns that keys and row numbers have in every table."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, Text

KEY = Text().with_variant(Text(collation="C"), "postgresql")
"""A key: it sorts the same on every server."""

NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""The number of a row, which the database gives it."""
