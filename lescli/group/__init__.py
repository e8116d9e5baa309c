"""Asks the same question of many practices' stores, and puts their answers together."""
