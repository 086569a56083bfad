"""What changes between two dates in codes, versions, rules and law, and which documents would be judged otherwise.

Only the comparison of two dates belongs here; judging is done by `validation` and `deliveries`. Read `dates`, then `judgements`.
"""

from __future__ import annotations

from exchange.changes.dates import DatedChange, between
from exchange.changes.judgements import Rejudged, rejudge

__all__ = ["DatedChange", "Rejudged", "between", "rejudge"]
