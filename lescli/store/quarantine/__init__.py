"""Rows that cannot be trusted, stored with their reasons until they are settled."""
