"""What repeats from entry to entry is kept once: phrases, sets of codes, and the kinds of entry they make."""

from __future__ import annotations

from typing import NamedTuple

from ...readers.cells import Memo
from ...readers.row_check import Entry
from ..database.connection import Store

_MOST = 1 << 15


class Kind(NamedTuple):
    """The numbers of one kind of entry; `act` is the part of it that identifies an entry."""

    act: int
    kind: int
    code_set: int


class Interned:
    """Numbers for texts, made when a text is new; each distinct one is asked of the store once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.phrase = Memo(self._phrase, _MOST)
        self.kind = Memo(self._kind, _MOST)
        self.code_set = Memo(self._make_code_set, _MOST)

    def _phrase(self, text: str) -> int:
        return self._number("phrase", "text", text)

    def _make_code_set(self, codes: str) -> int:
        number = self._number("code_set", "codes", codes)
        self._store.connection.executemany(
            "INSERT INTO code_set_member VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            [(*part.split(":", 1), number) for part in codes.split(" ")],
        )
        return number

    def _kind(self, entry: Entry) -> Kind:
        codes, term, unit, consultation_type, clinician, done_at = entry
        act = self._number("act", "key", "\x1f".join((str(codes[0]), consultation_type, clinician, done_at)))
        code_set = self.code_set[" ".join(str(code) for code in codes)]
        parts = (code_set, *(self.phrase[text] for text in (term, unit, consultation_type, clinician, done_at)))
        columns = "code_set_id, term, unit, consultation_type, clinician, done_at"
        self._store.connection.execute(
            f"INSERT INTO entry_kind (act_id, {columns}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (act, *parts),
        )
        found = self._store.rows(
            "SELECT id FROM entry_kind WHERE code_set_id = ? AND term = ? AND unit = ? AND consultation_type = ?"
            " AND clinician = ? AND done_at = ?",
            *parts,
        )
        return Kind(act, int(found[0][0]), code_set)

    def _number(self, table: str, column: str, text: str) -> int:
        self._store.connection.execute(f"INSERT INTO {table} ({column}) VALUES (?) ON CONFLICT DO NOTHING", (text,))
        return int(self._store.rows(f"SELECT id FROM {table} WHERE {column} = ?", text)[0][0])
