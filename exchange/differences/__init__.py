"""How two messages, or two deliveries, differ: by path, and in a delivery by beskedId.

Only comparing belongs here; reading is done by `validation` and `deliveries`. Read `documents`, then `deliveries`.
"""

from __future__ import annotations

from exchange.differences.deliveries import Difference, compare
from exchange.differences.documents import Change, changes

__all__ = ["Change", "Difference", "changes", "compare"]
