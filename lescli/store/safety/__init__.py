"""Copies of the store, its keys, and the machine it lies on."""
