"""Why their work and ours differ where it is no verdict of our own, and what to do or to send."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

NOT_SUBMITTED, NOT_IN_THEIRS, LATE, LEFT = "not-submitted", "not-in-theirs", "late", "left"
OTHER_PRACTICE, DONE_ELSEWHERE, CODE = "other-practice", "done-elsewhere", "code-not-in-list"
CLAIMED_TWICE, NO_SUPPORT = "duplicate", "no-longer-supported"
NO_ENTRY, NO_PATIENT, TWICE = "no-such-entry", "patient-not-known", "counted-twice"
OTHER_MONTH, OTHER_DAY, OTHER_ITEM = "other-month", "other-day", "other-item"
TAKEN_BACK, FOUND_LATER = "taken-back", "found-later"
PRICE, NO_WORK = "other-price", "amount-without-work"

_OF_OURS = {
    NOT_SUBMITTED: "submit the claim: `les claim SERVICE --month MONTH --submit --by NAME`",
    NOT_IN_THEIRS: "send them these rows: `les claims show CLAIM` lists them",
    LATE: "tell them that this work of earlier months is in this claim",
    LEFT: "tell them that the patient was registered and alive on the day of the work: they may count by today's list",
    OTHER_PRACTICE: "ask whether they count it for the patient's own practice, and send them the rows",
    DONE_ELSEWHERE: "ask whether they count it for the place that did the work, and send them the rows",
    CODE: "ask whether the code WHAT is on their list: they have not one row of it",
    CLAIMED_TWICE: "we claimed it twice, under two NHS numbers of one person: take this one back with "
    "`les claims reverse CLAIM --row WHAT --reason TEXT`",
    NO_SUPPORT: "do not send it: our record no longer supports it, and `les claims --to-reverse` says why",
}
_HAVE_IT = {
    OTHER_DAY: "they have it on another day: ask them to correct the day, and do not send it as a new row",
    OTHER_ITEM: "they have it as another item: agree which one is right, and do not send it as a new row",
}
"""What to do about work of ours that they do not have as we have it. Sent as a new row, it would be paid twice."""
_OF_THEIRS = {
    NO_ENTRY: "ask which record they counted; nothing on that day has a code of this service",
    NO_PATIENT: "ask for the patient's practice; no import has described this patient",
    TWICE: "tell them that they count one activity twice",
    OTHER_DAY: "our record has it on another day: ask them to correct the day",
    OTHER_ITEM: "we claimed it as another item: agree which one is right",
    TAKEN_BACK: "we took it back: tell them; `les claims show CLAIM` says why",
    FOUND_LATER: "it reached our record after the claim was submitted and comes in the next: agree where it is paid",
}
_OF_BOTH = {
    PRICE: "ask at which price they pay, and from which day; `les services show SERVICE` shows ours with its source",
    NO_WORK: "ask what the amount is for: they count none of this item",
}
IN_CLAIM = "it is in our claim WHAT: ask them to count it there, so that it is paid once"
CLAIMED_OTHERWISE = "it is claimed already, on another day or as another item: see `les claims --to-reverse`"
NOT_CLAIMED = "work of WHAT that no claim of ours has: `les claim SERVICE --month WHAT --rows` says why"
NOT_RECORDED = "work of WHAT that neither a claim nor the record of ours has: ask which record they counted"
COMES_LATER = "it is work of WHAT, after this claim: ask them to count it there"
NO_SUCH_ITEM = "ask which record they counted; nothing of ours on that day is of this item"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Fills the names of one claim into what to do."""

    service: str
    month: str
    claim: str

    def ours(self, reason: str, what: object = "") -> tuple[str, str]:
        """A reason for work of ours that they do not have, and what to do about it."""
        return reason, self.filled(_OF_OURS[reason], what)

    def have_it(self, reason: str) -> tuple[str, str]:
        """Work of ours that they do not have, because they have it on another day or as another item."""
        return NOT_IN_THEIRS, _HAVE_IT[reason]

    def theirs(self, reason: str, what: object = "", fix: str = "") -> tuple[str, str]:
        """A reason for work of theirs that is not in our claim, and what to do about it."""
        return reason, self.filled(fix or _OF_THEIRS[reason], what)

    def both(self, reason: str) -> tuple[str, str]:
        """A reason for money that differs on work that both have, and what to do about it."""
        return reason, self.filled(_OF_BOTH[reason], "")

    def filled(self, text: str, what: object) -> str:
        """The text with the service, month and claim, and with `what` it is about."""
        for name, value in (("SERVICE", self.service), ("MONTH", self.month), ("CLAIM", self.claim)):
            text = text.replace(name, value or name)
        return text.replace("WHAT", str(what))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One activity that differs: whose file or claim has it (`theirs`, `ours` or `both`), and its row in our claim."""

    nhs_number: str
    date: date
    side: str
    row: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Work that one side has and the other has not, or that both have at another price, for one reason.

    `theirs` and `ours` are the quantities of the item on each side. `rows` is how many activities it is, and
    `difference` theirs less ours of them: 0 where both have them. `pence` is theirs less ours in money, or None where
    their file does not give it. `claimed_pence` is what our claim asks for these activities, where they are known.
    """

    item: str
    theirs: int
    ours: int
    reason: str
    fix: str
    rows: int
    difference: int
    pence: int | None
    claimed_pence: int | None = None
    who: tuple[Row, ...] = ()

    @property
    def data(self) -> dict[str, Any]:
        """The object of docs/reference/json.md, without patients."""
        names = ("item", "theirs", "ours", "reason", "fix", "rows", "difference")
        money = {"difference_pence": self.pence, "claimed_pence": self.claimed_pence}
        return {name: getattr(self, name) for name in names} | money
