"""Free text compared as people mean it."""

from __future__ import annotations

import re

_NOT_WORD = re.compile(r"[^0-9a-z]+")


def folded(text: str) -> str:
    """Case, space and punctuation folded away, words kept apart: `Face-to-Face  Consultation` -> `face to face …`."""
    return _NOT_WORD.sub(" ", text.casefold()).strip()


def holds_phrase(text: str, phrases: object) -> bool:
    """Whether the text holds one of the phrases of a list setting, as whole words; any other setting holds none."""
    words = f" {folded(text)} "
    return isinstance(phrases, tuple) and any(f" {folded(phrase)} " in words for phrase in phrases)
