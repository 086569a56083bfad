"""The revisions of the inbox's tables; what has been released is never changed."""
