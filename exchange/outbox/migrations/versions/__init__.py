"""The revisions of the outbox's tables; what has been released is never changed."""
