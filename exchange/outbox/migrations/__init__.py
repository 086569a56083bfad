"""How a database comes to have the outbox's tables, revision by revision."""
