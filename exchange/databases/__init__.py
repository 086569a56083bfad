"""A database of one's own, SQLite's or PostgreSQL's: opened, brought up to date, and used in transactions.

Only this package knows how the two differ and what their errors mean, and its errors quote nothing of what is stored. It knows
no tables: an inbox and an outbox bring theirs as a `Schema`. Read `database` first.
"""

from __future__ import annotations
