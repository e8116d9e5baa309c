"""Between which days each patient's entries of a code set lie, kept while entries are written."""

from __future__ import annotations

from ..database.connection import Store

_MOST = 1 << 18


class Standing:
    """Collects days in memory and widens the store's bounds by them; call `flush` before anybody reads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        # One number for (code set, patient), for this is asked a million times: code set × 2^40 + patient.
        self.bounds: dict[int, tuple[str, str]] = {}

    def note(self, code_set: int, patient: int, day: str) -> None:
        """An entry of the patient stands on that day."""
        key = code_set << 40 | patient
        first, last = self.bounds.get(key, (day, day))
        self.bounds[key] = min(first, day), max(last, day)

    def relieve(self) -> None:
        """Write what was collected when it has become much."""
        if len(self.bounds) > _MOST:
            self.flush()

    def flush(self) -> None:
        """Write what was collected."""
        low = (1 << 40) - 1
        self._store.connection.executemany(
            "INSERT INTO standing VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " first_day = min(first_day, excluded.first_day), last_day = max(last_day, excluded.last_day)",
            ((key >> 40, key & low, *bounds) for key, bounds in sorted(self.bounds.items())),
        )
        self.bounds.clear()
