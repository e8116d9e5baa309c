"""The tables of the store, one file for each group, and the migrations that make them."""
