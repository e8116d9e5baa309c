"""The rows in quarantine with the file each stood in, as the settling of them looks at them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from typing import NamedTuple

from ..database.connection import Store
from .said import Said, blamed

# By the index on what no import has settled, in its order: nothing is sorted, and of no row is more read than is used.
KEPT = """
SELECT q.id, q.import_file_id, q.line, CASE WHEN q.cells IS NULL OR instr(q.reasons, '"row:') THEN q.raw ELSE '' END,
  q.cells, q.reasons, q.closed, q.occurrence, f.profile, f.columns,
  f.source_system, f.extracted_at,
  EXISTS (SELECT 1 FROM settlement s WHERE s.quarantine_id = q.id AND s.how = 'reopened')
FROM quarantine q CROSS JOIN import_file f ON f.id = q.import_file_id
WHERE q.settled_by IS NULL AND +q.closed = ? AND q.import_file_id BETWEEN ? AND ?
ORDER BY q.import_file_id, q.closed, q.id
"""


class Kept(NamedTuple):
    """A row in quarantine that no import has settled; `closed` when a person has.

    `occurrence` is how many rows like it a file must hold to hold this one too: those of its own file that were taken
    in, those like it that stand before it in quarantine, and itself. `raw` is its text where nothing else is known.
    """

    id: int
    file: int
    line: int
    raw: str
    cells: str | None
    reasons: str
    closed: int
    occurrence: int
    profile: str
    columns: str
    source_system: str
    extracted_at: str | None
    reopened: int

    def said(self) -> Said | None:
        """What of it can be trusted; None where nothing can."""
        if self.cells is None or blamed(self.reasons).trusts_nothing:
            return None
        return Said(dict(zip(_columns(self.columns), json.loads(self.cells), strict=False)), blamed(self.reasons))

    def very_row(self) -> bytes:
        """The same for rows that are the very same, whatever the file around them."""
        # A row whose cells may stand under wrong headings is known by its text.
        whole = self.cells is not None and not blamed(self.reasons).trusts_nothing
        parts = (self.profile, self.columns, self.cells or "") if whole else (self.profile, "", self.raw)
        return blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def kept_before(store: Store, import_file: int) -> Iterator[Kept]:
    """The rows of earlier files: the open ones first, then those a person has closed; each file's in order."""
    return chain(_kept(store, 0, 0, import_file - 1), _kept(store, 1, 0, import_file - 1))


def kept_in(store: Store, import_file: int) -> Iterator[Kept]:
    """The rows of one file."""
    return chain(_kept(store, 0, import_file, import_file), _kept(store, 1, import_file, import_file))


def kept_open(store: Store) -> Iterator[Kept]:
    """Every row that waits for somebody, file by file."""
    return _kept(store, 0, 0, _NEWEST)


_NEWEST = (1 << 63) - 1
"""No file has a higher number."""


def _kept(store: Store, closed: int, first: int, last: int) -> Iterator[Kept]:
    return (Kept(*row) for row in store.connection.execute(KEPT, (closed, first, last)))


@lru_cache(1 << 8)
def _columns(columns: str) -> tuple[str, ...]:
    return tuple(json.loads(columns))
