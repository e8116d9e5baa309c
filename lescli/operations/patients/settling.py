"""`les patients settle`: what a person found of a fact in doubt, and the line that says what was done."""

from __future__ import annotations

from datetime import date

from ...calendar import for_people
from ...errors import UsageError
from ...outputs import counted
from ...store import Store
from ...store.people.doubts import ASIDE, ENTRY, STATED, UNDATED, WITHDRAWN
from ...store.people.settle import settle, settle_entries
from ...store.people.statements import FACTS

_FACTS = (*FACTS, UNDATED, ENTRY, ASIDE)
"""Every word that a list of doubts shows is one that can be typed."""


def settle_fact(
    store: Store,
    nhs_number: str,
    fact: str,
    *,
    as_: str,
    died_on: date | None,
    day: date | None,
    on: date,
    by: str,
    why: str,
) -> str:
    """Write what a person found in the record; one line about it, without the patient. Call it in a transaction.

    Raises UsageError for a fact or an answer that there is not, and LesError when nothing is in doubt.
    """
    if fact not in _FACTS:
        raise UsageError("--fact: there is no such fact", f"it is one of {', '.join(_FACTS)}")
    if as_ not in (STATED, WITHDRAWN):
        raise UsageError("--as: that is no answer", f"it is {STATED} (it is true) or {WITHDRAWN} (it never was)")
    if died_on and (fact not in ("died", UNDATED) or as_ != STATED):
        raise UsageError("--died-on goes with --as stated and --fact died or day-of-death")
    if fact in (ENTRY, ASIDE) and day is None:
        raise UsageError(f"--fact {fact} needs --day DATE", "the day of the entry, as `les patients doubts` lists it")
    if fact not in (ENTRY, ASIDE) and day is not None:
        raise UsageError("--day goes with --fact entry or entry-aside", "leave --day out")
    if day is not None:
        done = settle_entries(store, nhs_number, day, fact, how=as_, on=on, by=by, why=why)
        it = ("it stands", "they stand") if as_ == STATED else ("it is withdrawn", "they are withdrawn")
        told = f"{counted(done.count, 'entry', 'entries')} of {for_people(day)}, {it[done.count > 1]}"
    else:
        done = settle(store, nhs_number, fact, how=as_, died_on=died_on, on=on, by=by, why=why)
        told = "it holds as it was stated" if as_ == STATED else "it is taken as never stated"
        if died_on:
            told = f"the day of the death is {for_people(died_on)}, as you gave it"
        elif done.day_was:
            told += "; the day that was given of it is taken back"
    again = "; this replaces an earlier answer" if done.replaced else ""
    return f"{fact}: settled, {told}{again}"
