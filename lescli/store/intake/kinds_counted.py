"""What was written in bulk, counted by code system and consultation type, as what was taken row by row is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from ..database.connection import Store
from ..records.rows import parse_codes


def add_kinds(store: Store, kinds: Mapping[int, int], counts: Mapping[str, Counter[str]]) -> None:
    """Add to the counts how many entries of each kind were written."""
    rows = store.rows(
        "SELECT k.id, s.codes, t.text FROM entry_kind k JOIN code_set s ON s.id = k.code_set_id"
        " JOIN phrase t ON t.id = k.consultation_type"
    )
    for number, codes, consultation_type in rows if kinds else ():
        count = kinds.get(number, 0)
        if count:
            counts["consultation_types"][consultation_type] += count
            for system in {code.system for code in parse_codes(codes)}:
                counts["code_systems"][system] += count
