"""Work that was claimed under two NHS numbers of one person, before that was known: the later row is to reverse."""

from __future__ import annotations

from collections.abc import Iterable

from ...model import ServiceSpec
from ...rules.same_person import work_of
from ...store.ledger.read import LedgerRow

TWICE = ("claimed-twice", "the same work of the same person was claimed under another NHS number as well")


def claimed_twice(spec: ServiceSpec, rows: Iterable[LedgerRow]) -> set[tuple[str, int]]:
    """Standing rows, by claim and row, whose work another number of the same person was claimed for before."""
    items = {item.name: item for item in spec.items}
    first: dict[tuple[str, tuple[str, str]], str] = {}
    found = set()
    for row in sorted(rows, key=lambda one: (one.claim_id, one.row)):
        if not row.person or row.item not in items:
            continue
        work = (row.person, work_of(items[row.item], row.item, row.day))
        if first.setdefault(work, row.nhs_number) != row.nhs_number:
            found.add((row.claim_id, row.row))
    return found
