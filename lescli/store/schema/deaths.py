"""A death whose day nobody knows: between which days it lay."""

from __future__ import annotations

DEATHS = """
-- Where `died_on` is not known and the patient is: the first day it can have been, if that is known, and the last.
ALTER TABLE patient ADD COLUMN died_from TEXT;
ALTER TABLE patient ADD COLUMN died_by TEXT;
"""
"""The migration that adds it."""
