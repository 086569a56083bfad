"""Writes messages of an older version as the newest one: with the same key and content, judged before they are written.

Only what goes from one version to another belongs here; how a version's dict becomes the next one's stands in `model/upgrades.py`.
Read `documents`, then `writing` and `whole_deliveries`.
"""

from __future__ import annotations

from exchange.upgrading.documents import Upgraded, upgrade, upgrade_document
from exchange.upgrading.whole_deliveries import UpgradedDelivery, upgrade_delivery
from exchange.upgrading.writing import UpgradedFile, write_upgraded

__all__ = [
    "Upgraded",
    "UpgradedDelivery",
    "UpgradedFile",
    "upgrade",
    "upgrade_delivery",
    "upgrade_document",
    "write_upgraded",
]
