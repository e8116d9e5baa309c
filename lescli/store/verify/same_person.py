"""Check of two numbers made one patient: each is known by the number that follows from what was decided."""

from __future__ import annotations

from collections.abc import Iterator

from ..database.connection import Store
from ..people.same_person import known_by_decisions


def same_person(store: Store) -> Iterator[str]:
    """What each number is known as, against the decisions; and what a decision says."""
    decided = known_by_decisions(store)
    for number, nhs_number, known_as in store.rows("SELECT id, nhs_number, known_as FROM patient"):
        if decided.get(nhs_number) != known_as:
            yield f"patient {number}: the number it is known by is not the one that was decided"
    wrong = store.rows("SELECT count(*) FROM same_person WHERE how NOT IN ('merged', 'apart') OR patient_id = other_id")
    if wrong[0][0]:
        yield f"same_person: {wrong[0][0]} decisions say nothing"
