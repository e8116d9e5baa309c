"""The tables, one file a group, and the migrations that make them."""
