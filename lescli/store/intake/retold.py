"""What an entry says once a file has told it again: what one version leaves empty, or has no column for, stays."""

from __future__ import annotations

from ...readers.row_check import Entry
from ..database.connection import Store
from ..records.rows import parse_codes
from .dictionary import Interned, Kind

_MAY_LACK = frozenset({"term", "unit", "consultation_type", "clinician", "done_at", "value", "recorded_on"})


class Retold:
    """Puts two versions of an entry together; `told` are the columns that the file has a place for."""

    def __init__(self, store: Store, interned: Interned, told: frozenset[str]) -> None:
        self._store = store
        self._interned = interned
        self._untold = _MAY_LACK - told
        self._merged: dict[tuple[int, Entry], Kind] = {}

    def with_id(
        self, held: tuple[int, str, str | None], value: str, entry: Entry, recorded_on: str | None
    ) -> tuple[str, Kind, str | None]:
        """Told with its id, an entry says what it is now: value, kind and day of entry. `held` are its three before."""
        kind_id, held_value, held_recorded = held
        if not self._untold:
            return value, self._interned.kind[entry], recorded_on
        codes, term, unit, consultation_type, clinician, done_at = entry
        before = self._texts(kind_id)
        kind = self._interned.kind[
            (
                codes,
                self._either("term", term, before[1]),
                self._either("unit", unit, before[2]),
                self._either("consultation_type", consultation_type, before[3]),
                self._either("clinician", clinician, before[4]),
                self._either("done_at", done_at, before[5]),
            )
        ]
        value = self._either("value", value, held_value)
        return value, kind, held_recorded if "recorded_on" in self._untold else recorded_on

    def _either(self, column: str, new: str, before: str) -> str:
        return before if column in self._untold else new

    def merged(self, kind_id: int, new: Entry) -> Kind:
        """Two versions of an entry without a `source_id`: what one leaves empty the other fills.

        Where both say something (a term, a second code), the one held stays: the identity already agrees.
        """
        key = (kind_id, new)
        if key not in self._merged:
            codes, term, unit, *_ = self._texts(kind_id)
            self._merged[key] = self._interned.kind[(parse_codes(codes), term or new[1], unit or new[2], *new[3:])]
        return self._merged[key]

    def _texts(self, kind_id: int) -> tuple[str, str, str, str, str, str]:
        """Codes, term, unit, consultation type, clinician and place of a kind of entry."""
        codes, term, unit, kind, clinician, place = self._store.rows(
            "SELECT s.codes, t.text, u.text, c.text, d.text, p.text FROM entry_kind k"
            " JOIN code_set s ON s.id = k.code_set_id JOIN phrase t ON t.id = k.term JOIN phrase u ON u.id = k.unit"
            " JOIN phrase c ON c.id = k.consultation_type JOIN phrase d ON d.id = k.clinician"
            " JOIN phrase p ON p.id = k.done_at WHERE k.id = ?",
            kind_id,
        )[0]
        return codes, term, unit, kind, clinician, place
