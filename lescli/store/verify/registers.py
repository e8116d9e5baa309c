"""Check the registers that were typed by hand for entries that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

from ..database.connection import Store

# Merged NHS numbers count as one patient.
_OVERLAPS = """
WITH entry AS MATERIALIZED (
  SELECT e.id, e.service, e.patient_id, e.entered_on, e.ended_on, coalesce(p.known_as, p.nhs_number) AS who
  FROM register_entry e JOIN patient p ON p.id = e.patient_id WHERE NOT e.removed)
SELECT first.service, first.id, second.id, first.patient_id <> second.patient_id AND first.ended_on IS second.ended_on
FROM entry first JOIN entry second
ON second.service = first.service AND second.who = first.who AND second.id <> first.id
WHERE (first.entered_on < second.entered_on OR (first.entered_on = second.entered_on AND first.id < second.id))
AND second.entered_on <= coalesce(first.ended_on, '9999')
ORDER BY first.service, first.id, second.id
"""


def registers(store: Store) -> Iterator[str]:
    """Report entries of one patient that overlap, and entries that end before they begin.

    Entries under two merged NHS numbers may overlap when they say the same.
    """
    for service, first, second, may_agree in store.rows(_OVERLAPS):
        if may_agree and _agree(store, first, second):
            continue
        yield (
            f"register: entries {first} and {second} of {service} are of one patient and overlap; take one away with "
            f"`les register {service} --remove {second} --reason TEXT`, or change it, such as its start: "
            f"`les register {service} --amend {second} --starts DATE --reason TEXT`"
        )
    for service, number in store.rows(
        "SELECT service, id FROM register_entry WHERE NOT removed AND ended_on < entered_on ORDER BY service, id"
    ):
        yield (
            f"register: entry {number} of {service} ends before it begins; change its start: "
            f"`les register {service} --amend {number} --starts DATE --reason TEXT`"
        )


def _agree(store: Store, first: int, second: int) -> bool:
    """Whether two entries never give the same detail different values on the same day."""
    said = [
        store.rows(
            "SELECT start_on, name, value FROM register_detail WHERE register_entry_id = ? ORDER BY start_on", entry
        )
        for entry in (first, second)
    ]
    days = {row[0] for rows in said for row in rows}
    names = {row[1] for row in said[0]} & {row[1] for row in said[1]}
    for day in days:
        for name in names:
            held = [[row[2] for row in rows if row[1] == name and row[0] <= day][-1:] for rows in said]
            if all(held) and held[0] != held[1]:
                return False
    return True
