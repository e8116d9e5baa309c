"""A file's rows written into the store: accepted, unchanged or quarantined, none lost."""
