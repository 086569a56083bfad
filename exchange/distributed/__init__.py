"""Judges deliveries on a Dask cluster."""

from exchange.distributed.cluster import A_TASK, Validated, on_dask, validate_deliveries

__all__ = ["A_TASK", "Validated", "on_dask", "validate_deliveries"]
