"""A progress bar on a terminal for what takes long enough to wait for; nothing anywhere else."""

from __future__ import annotations

import sys
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..operations.advancing import Advance

_WIDTH = 30
_PATIENCE_SECONDS = 0.5
_BETWEEN_SECONDS = 0.1


class ProgressBar:
    """Call it with how far an import has come; it draws one bar over all files, and only where a person looks."""

    def __init__(self, *, wanted: bool) -> None:
        self._on = wanted and sys.stderr is not None and sys.stderr.isatty()
        # What is done at once needs no bar.
        self._next = monotonic() + _PATIENCE_SECONDS
        self._drawn = 0

    def __call__(self, advance: Advance) -> None:
        if not self._on or monotonic() < self._next:
            return
        filled = round(_WIDTH * advance.share)
        bar = "#" * filled + "." * (_WIDTH - filled)
        of = f" {advance.files_done:,} of {advance.files:,} files" if advance.files > 1 else ""
        text = f"[{bar}]{of} {advance.rows:>11,} rows"
        sys.stderr.write(f"\r{text.ljust(self._drawn)}")
        sys.stderr.flush()
        self._drawn, self._next = len(text), monotonic() + _BETWEEN_SECONDS

    def clear(self) -> None:
        """Wipe the bar, so that what is printed next begins on a clean line."""
        if self._drawn:
            sys.stderr.write("\r" + " " * self._drawn + "\r")
            sys.stderr.flush()
        self._next, self._drawn = monotonic() + _PATIENCE_SECONDS, 0
