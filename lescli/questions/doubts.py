"""What the newest extracts leave open about patients, for `les status`: counts, and never a name."""

from __future__ import annotations

from ..outputs import counted
from ..store import Store


def undated_deaths(store: Store) -> tuple[str, ...]:
    """A line when somebody is known to have died and nobody recorded the day."""
    count = store.rows("SELECT count(*) FROM patient WHERE died_on IS NULL AND died_by IS NOT NULL")[0][0]
    if not count:
        return ()
    who = counted(
        count, "patient is known to have died and the day is", "patients are known to have died and the days are"
    )
    return (f"{who} not recorded: record the day in the clinical system and import a new export",)
