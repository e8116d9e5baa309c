"""The very same row in quarantine month after month stands on the list once: under the newest file that has it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from ..database.connection import Store
from .rows import Kept, kept_before, kept_in


class Repeats:
    """Tells which rows of earlier files are among `own`, the rows in quarantine of one import.

    Of two that are the same in both files, the first is the first and the second the second; so a file that has one of
    them takes one off the list.
    """

    def __init__(self, store: Store, import_file: int, own: Iterable[Kept]) -> None:
        self._store = store
        self._file = import_file
        self._own: dict[bytes, list[int]] = defaultdict(list)
        for kept in own:
            self._own[kept.very_row()].append(kept.id)
        self._times: Counter[tuple[int, bytes]] = Counter()
        self._sent: list[tuple[int, int]] = []
        self._decided: list[tuple[int, int]] = []

    def has(self, kept: Kept) -> bool:
        """Whether a row of an earlier file is one of them; it is let go by `write`."""
        if not self._own:
            return False
        row = kept.very_row()
        at = self._times[kept.file, row]
        if at >= len(self._own.get(row, ())):
            return False
        self._times[kept.file, row] += 1
        pair = (kept.id, self._own[row][at])
        self._sent.append(pair)
        if kept.closed or kept.reopened:
            self._decided.append(pair)
        return True

    def write(self) -> int:
        """Let them go, and say how many; what a person decided about a row goes over to the newer one."""
        run = self._store.connection.executemany
        run(
            "INSERT INTO settlement (quarantine_id, how, import_file_id, on_date, by, why)"
            " SELECT ?, how, ?, on_date, by, why FROM settlement"
            " WHERE quarantine_id = ? AND how IN ('closed', 'reopened') ORDER BY id DESC LIMIT 1",
            ((newer, self._file, older) for older, newer in self._decided),
        )
        run(
            "UPDATE quarantine SET closed = (SELECT o.closed FROM quarantine o WHERE o.id = ?) WHERE id = ?",
            self._decided,
        )
        run(
            "INSERT INTO settlement (quarantine_id, how, import_file_id, sent_as) VALUES (?, 'sent-again', ?, ?)",
            ((older, self._file, newer) for older, newer in self._sent),
        )
        run("UPDATE quarantine SET settled_by = ? WHERE id = ?", ((self._file, older) for older, _ in self._sent))
        return len(self._sent)


def settle_repeats(store: Store, import_file: int) -> int:
    """The same for what an import puts into quarantine beside its rows (they have cells, and were looked at before)."""
    repeats = Repeats(store, import_file, (kept for kept in kept_in(store, import_file) if kept.cells is None))
    for kept in kept_before(store, import_file):
        if kept.cells is None:
            repeats.has(kept)
    return repeats.write()
