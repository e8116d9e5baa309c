"""What a person says of a fact in doubt is written here; the last word about a fact counts, so each can be mended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ...calendar import for_people
from ...errors import LesError
from ..database.connection import Store
from .doubts import ASIDE, ENTRY, STATED, UNDATED, WITHDRAWN, Doubt, deaths_without_day, doubts, entries_in_doubt

NOT_IN_DOUBT = "`les patients doubts` lists those that are, and with --settled those that were"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What was written: of how many entries, and whether an earlier answer was replaced; `how` it stood is in `was`."""

    count: int
    was: tuple[str, ...] = ()
    day_was: str = ""

    @property
    def replaced(self) -> bool:
        """Whether somebody had settled it before."""
        return bool(self.was)


def settle(
    store: Store, nhs_number: str, fact: str, *, how: str, died_on: date | None, on: date, by: str, why: str
) -> Settled:
    """Write what a person said of a fact in doubt. LesError when it is not in doubt, or a day of death cannot be."""
    wanted, fact = fact, "died" if fact == UNDATED else fact
    found = [one for one in doubts(store) if one.nhs_number == nhs_number and one.fact == fact]
    undated = _undated(store, nhs_number) if fact == "died" else None
    if undated is not None:
        _check_undated(undated, how=how, died_on=died_on, on=on, is_doubted=bool(found))
        found = found or [undated.doubt]
    elif died_on and (found or fact == "died"):
        raise LesError(
            "--died-on is for a death without a day, and none is held of that patient",
            "a day that the clinical system holds is corrected there",
        )
    if not found or (wanted == UNDATED and undated is None):
        raise LesError("that fact of that patient is not in doubt", NOT_IN_DOUBT)
    for one in found:
        _write(store, one.patient, fact, one.held, how, died_on, on, by, why)
    was = tuple(one.how for one in found if one.how)
    return Settled(count=len(found), was=was, day_was=found[-1].died_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Undated:
    """A death that no file gives a day of: the doubt it is, and the days it can have been on, as ISO text."""

    doubt: Doubt
    born: str
    first: str
    last: str


def _undated(store: Store, nhs_number: str) -> _Undated | None:
    """The death of a patient that no file gives a day of, settled or not."""
    for one in deaths_without_day(store):
        if one.nhs_number == nhs_number:
            sql = "SELECT date_of_birth, coalesce(died_from, ''), died_by FROM patient WHERE id = ?"
            born, first, last = store.rows(sql, one.patient)[0]
            return _Undated(doubt=one, born=born, first=first, last=last)
    return None


def _check_undated(undated: _Undated, *, how: str, died_on: date | None, on: date, is_doubted: bool) -> None:
    """Refuse a day that the death cannot have been on, and an answer that would change nothing."""
    if died_on is not None:
        _check_day(undated, died_on, on)
    elif not is_doubted and how == WITHDRAWN:
        raise LesError(
            "the newest extract still states that death, so it cannot be withdrawn here",
            "take it out of the clinical system and import again",
        )
    elif not is_doubted and not undated.doubt.died_on:
        raise LesError(
            "the day of that death is what is missing",
            "say it: `les patients settle NHS --fact day-of-death --as stated --died-on DATE --reason TEXT`",
        )


def _check_day(undated: _Undated, died_on: date, on: date) -> None:
    day = died_on.isoformat()
    if died_on > on:
        raise LesError(f"--died-on is after {for_people(on)}, the day asked on", "give the day of the death")
    if day < undated.born:
        # The day of birth is never printed.
        raise LesError("--died-on is before that patient was born", "give the day of the death")
    if (undated.first and day < undated.first) or day > undated.last:
        raise LesError(
            f"--died-on is not a day the record allows: the death was {span(undated.doubt.held)}",
            "give a day in that time; if the record is wrong, correct it in the clinical system and import again",
        )


def span(held: str) -> str:
    """What is held of a death, `2026-08-01..2026-08-31`, `..2026-06-05` or a day, in plain English."""
    first, _, last = held.rpartition("..")
    told = for_people(date.fromisoformat(last))
    if first and first != last:
        return f"between {for_people(date.fromisoformat(first))} and {told}"
    if ".." in held and not first:
        return f"by {told}"
    return f"on {told}" if first else told


def settle_entries(
    store: Store, nhs_number: str, day: date, fact: str, *, how: str, on: date, by: str, why: str
) -> Settled:
    """The same for the entries of a patient on a day. One that is withdrawn is as if the export said so.

    Where the day holds both kinds each word means its own; `entry` takes those put aside where there is no other.
    """
    known = [
        one for one in entries_in_doubt(store) if one.nhs_number == nhs_number and one.held.startswith(day.isoformat())
    ]
    found = [one for one in known if one.fact == fact] or [one for one in known if fact == ENTRY and one.fact == ASIDE]
    if not found:
        raise LesError("no such entry of that patient on that day is in doubt", NOT_IN_DOUBT)
    for one in found:
        _write(store, one.patient, ENTRY, str(one.entry), how, None, on, by, why)
        store.connection.execute("UPDATE activity SET withdrawn = ? WHERE id = ?", (int(how != STATED), one.entry))
    return Settled(count=len(found), was=tuple(one.how for one in found if one.how))


def _write(
    store: Store, patient: int, fact: str, held: str, how: str, died_on: date | None, on: date, by: str, why: str
) -> None:
    store.connection.execute(
        "INSERT INTO fact_settled (patient_id, fact, held, how, died_on, on_date, by, why)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (patient, fact, held, how, died_on.isoformat() if died_on else None, on.isoformat(), by, why),
    )
