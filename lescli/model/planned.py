"""What a record asks for or plans: a request or a diary entry, which is no activity until it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .record import Code

_REQUESTS = frozenset({"order", "original-order", "instance-order"})
_OPEN = "active"
_ANSWERED = "completed"
_DIARY = "plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One entry, as the newest extract has it.

    `intent` and `status` are FHIR's words (`plan`, `order`, ...; `active`, `completed`, `cancelled`, ...), `value` is
    the priority where one is stated, `clinician` who asked. `planned_on` is None where no day is planned.
    """

    id: int
    nhs_number: str
    day: date
    planned_on: date | None
    codes: tuple[Code, ...]
    intent: str
    status: str
    term: str = ""
    value: str = ""
    clinician: str = ""
    identity: str = ""

    @property
    def evidence(self) -> str:
        """The id under which a register or recall names this entry as its evidence."""
        return f"planned:{self.id}"

    @property
    def order(self) -> tuple[str, ...]:
        """A sort key that depends on what the entry says, comparable with an activity's."""
        return (self.day.isoformat(), self.nhs_number, "", "", self.value, self.identity)

    @property
    def is_request(self) -> bool:
        """Somebody asked for it, and did not take it back: an order that is open or was answered.

        What a laboratory adds to an order (`filler-order`, `reflex-order`) asks for nothing more of the practice.
        """
        return self.intent in _REQUESTS and self.status in (_OPEN, _ANSWERED)

    @property
    def is_diary_entry(self) -> bool:
        """A diary entry: the practice plans to do it, and nobody asked."""
        return self.intent == _DIARY

    @property
    def is_open(self) -> bool:
        """Neither done nor given up, as far as the record says."""
        return self.status == _OPEN
