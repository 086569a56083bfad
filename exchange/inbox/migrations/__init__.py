"""How a database comes to have the inbox's tables, revision by revision."""
