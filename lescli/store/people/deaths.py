"""What files say of one patient's death (a day, a month, or only that they died), and what follows of it together."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from ...readers import PatientFacts


class Death(NamedTuple):
    """A death as the store keeps it, ISO days: `on` its day, else that it lay from `first` (if known) to `last`."""

    on: str | None = None
    first: str | None = None
    last: str | None = None

    @property
    def is_known(self) -> bool:
        """Whether the patient is known to have died."""
        return self.on is not None or self.last is not None

    def may_be_on(self, day: str) -> bool:
        """Whether the death can have been on that day."""
        return self.on is None and (self.first or "") <= day <= (self.last or "9999")


def said_of(facts: PatientFacts, known_on: date) -> Death | None:
    """What a row says; None where it says nothing. Who is dead without a day died on `known_on` at the latest."""
    if facts.died_on:
        return Death(on=facts.died_on.isoformat())
    if facts.died_in:
        first, last = facts.died_in
        # A month that was still ahead is told as it stands: nothing is known of its days.
        return Death(first=first.isoformat(), last=(min(last, known_on) if first <= known_on else last).isoformat())
    return Death(last=known_on.isoformat()) if facts.deceased else None


def together(held: Death, said: Death, *, older: bool) -> Death:
    """What is known after one more file; a day that agrees with a vaguer word stands, else the newer word does."""
    if not held.is_known or held == said:
        return said
    newer, other = (held, said) if older else (said, held)
    if newer.on:
        return newer
    if other.on:
        # Who is only said to be dead may have died on any day that was known before.
        return other if newer.first is None or newer.may_be_on(other.on) else newer
    both = Death(first=newer.first or other.first, last=min(newer.last or "", other.last or ""))
    return both if (both.first or "") <= (both.last or "") else newer
