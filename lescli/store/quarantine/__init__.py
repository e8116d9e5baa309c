"""Rows that cannot be trusted: kept with their reasons until they are settled."""
