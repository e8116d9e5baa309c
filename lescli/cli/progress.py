"""A progress bar on a terminal for files long enough to wait for; nothing anywhere else."""

from __future__ import annotations

import sys
from time import monotonic

_WIDTH = 30
_PATIENCE_SECONDS = 0.5


class ProgressBar:
    """Call it with the rows read and the share of the file; it draws on stderr, and only where a person looks."""

    def __init__(self, *, wanted: bool) -> None:
        self._on = wanted and sys.stderr is not None and sys.stderr.isatty()
        self._started = monotonic()
        self._drawn = False

    def __call__(self, rows: int, share: float) -> None:
        # A file that is read at once needs no bar.
        if not self._on or monotonic() - self._started < _PATIENCE_SECONDS:
            return
        filled = round(_WIDTH * min(max(share, 0.0), 1.0))
        bar = "#" * filled + "." * (_WIDTH - filled)
        sys.stderr.write(f"\r[{bar}] {rows:>11,} rows")
        sys.stderr.flush()
        self._drawn = True

    def clear(self) -> None:
        """Wipe the bar, so that what is printed next begins on a clean line."""
        if self._drawn:
            sys.stderr.write("\r" + " " * (_WIDTH + 24) + "\r")
            sys.stderr.flush()
        self._started, self._drawn = monotonic(), False
