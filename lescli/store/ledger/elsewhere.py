"""What stands claimed under other services than one, read once a question."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from ...model import ClaimedElsewhere
from ..database.connection import Store
from ..people.same_person import WHO

_STANDING = f"""
SELECT r.id, r.service, r.item, r.code, coalesce({WHO}, ''), r.day, r.activity_id,
  CASE WHEN r.patient_id IS NULL THEN c.body END
FROM claim_row r JOIN claim c ON c.id = r.claim_id LEFT JOIN patient p ON p.id = r.patient_id
WHERE r.verdict = 'payable' AND r.id NOT IN (SELECT claim_row_id FROM reversal) ORDER BY r.id
"""


def claimed_elsewhere(store: Store, service: str) -> tuple[ClaimedElsewhere, ...]:
    """Rows of claims of other services that still stand, but for work that this service claimed before them."""
    if not store.rows("SELECT 1 FROM claim WHERE service <> ? LIMIT 1", service):
        return ()
    own: set[tuple[Any, ...]] = set()
    found = []
    for _, holder, item, code, number, day, entry, body in store.rows(_STANDING):
        works = {(item, code, number, day)} | ({(entry,)} if entry is not None else set())
        if holder == service:
            own |= works
        elif own.isdisjoint(works):
            found.append(
                ClaimedElsewhere(
                    service=holder,
                    item=item,
                    code=code,
                    nhs_number=number,
                    day=date.fromisoformat(day),
                    entry_id=entry,
                    title=_title(body),
                )
            )
    return tuple(found)


def _title(body: str | None) -> str:
    return str(json.loads(body).get("specification", {}).get("title", "")) if body else ""
