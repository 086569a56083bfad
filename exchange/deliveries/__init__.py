"""Deliveries: many messages in one file, written and read as streams."""
