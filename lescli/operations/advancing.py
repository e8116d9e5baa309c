"""How far an import of several files has come, told as one: a folder of 200 bundles has one progress bar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..readers.sources import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """`rows` are those of all files so far, `share` is of all their bytes (0 to 1)."""

    files_done: int
    files: int
    rows: int
    share: float


Progress = Callable[[Advance], None]


class Advancing:
    """Turns the progress of one file, `(rows, share)`, into that of all of them."""

    def __init__(self, sources: Sequence[Source], tell: Progress) -> None:
        self._tell = tell
        # An empty file counts for something too: it is opened and refused.
        self._sizes = [max(source.size, 1) for source in sources]
        self._whole = sum(self._sizes)
        self._files_done = self._bytes_done = self._rows_done = self._rows_now = 0

    def __call__(self, rows: int, share: float) -> None:
        """So many rows of the file being read, and that share of it."""
        self._rows_now = rows
        self._say(self._bytes_done + self._sizes[self._files_done] * min(max(share, 0.0), 1.0))

    def finished(self) -> None:
        """The file is done with, whatever became of it."""
        self._rows_done += self._rows_now
        self._rows_now = 0
        self._bytes_done += self._sizes[self._files_done]
        self._files_done += 1
        self._say(self._bytes_done)

    def _say(self, of_bytes: float) -> None:
        self._tell(
            Advance(
                files_done=self._files_done,
                files=len(self._sizes),
                rows=self._rows_done + self._rows_now,
                share=of_bytes / self._whole,
            )
        )
