"""Rules on what the register of a practice could give: no more patients than it had, nor more work than they can have.

A claim file has no patients, so each of these says what is impossible with any patients. Only the work of the claimed
period is looked at: the register of earlier months, of which late work may be, is in no file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...calendar import MONTHS_OF, claim_period_of, for_people
from ...model import ClaimItem, ServiceSpec
from ...outputs import counted
from ...rules.claim import FROM_REGISTER
from ...rules.claim_row import PER_LIST
from ...rules.eligibility import OWN
from .days import sound_days
from .sent import ERROR, Rule, Sent, SentClaim, Work
from .terms import item_of, over_cap
from .words import month_name

_ONCE = "once-per-patient"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A claim with its terms, and its work of the claimed period for our own patients, by item."""

    claim: SentClaim
    spec: ServiceSpec
    work: dict[str, list[Work]]
    list_size: int | None

    @property
    def size(self) -> int:
        """How many patients the register had."""
        return self.claim.register_size

    @property
    def register(self) -> str:
        """How many patients the register had, as a sentence."""
        had = f"{counted(self.size, 'patient')} {'was' if self.size == 1 else 'were'}"
        return f"By the claim, {had} on the register in {month_name(self.claim.month)}."


def over_register(claim: SentClaim, sent: Sent) -> dict[str, str]:
    """By item, what is beyond its register. What a rule on the practice's whole list finds is left to that rule."""
    spec, days = sent.spec(claim), sound_days(claim, sent)
    if spec is None or not days:
        return {}
    work: dict[str, list[Work]] = {}
    for one in days:
        item = item_of(spec, one.item)
        is_ours = item is not None and item.population == OWN and item.kind not in PER_LIST
        if is_ours and claim.period.first <= one.day <= claim.period.last:
            work.setdefault(one.item, []).append(one)
    member = sent.member(claim)
    asked = _Asked(claim, spec, work, member.list_size if member else None)
    found: dict[str, str] = {}
    said = over_cap(claim, sent)
    for name in work:
        text = "" if name in said else _item(asked, spec.item(name))
        if text and text not in found.values():
            found[name] = text
    return found


def _item(asked: _Asked, item: ClaimItem) -> str:
    work = asked.work[item.name]
    if item.kind in FROM_REGISTER:
        return _patients(asked, item)
    if item.kind == _ONCE and (done := _sum(work)) > asked.size:
        return f"{item.name} is claimed for {done:,} patients. {asked.register} It is paid once for a patient."
    return _capped(asked, item, work) or _on_one_day(asked, item, work)


def _patients(asked: _Asked, item: ClaimItem) -> str:
    """More patients than the register has. A patient is paid at one level, so the items of a detail count together."""
    # Of a longer period, the patient may have left before the claimed one began.
    if MONTHS_OF[item.every] > MONTHS_OF[asked.claim.period.every]:
        return ""
    names = [one for one in asked.work if one == item.name or _same_detail(item, asked.spec.item(one))]
    months = Counter[str]()
    for name in names:
        for one in asked.work[name]:
            months[f"{one.day:%Y-%m}"] += one.quantity
    for month, count in sorted(months.items()):
        if count > asked.size and not (asked.list_size is not None and _sum_of_one(asked, names, month)):
            are = "is" if len(names) == 1 else "are"
            return (
                f"{' and '.join(names)} of {month_name(month)} {are} claimed for {count:,} patients. {asked.register} "
                "Each patient is paid for once."
            )
    return ""


def _same_detail(item: ClaimItem, other: ClaimItem) -> bool:
    detail = (item.options or {}).get("detail")
    return detail is not None and other.kind == item.kind and (other.options or {}).get("detail") == detail


def _sum_of_one(asked: _Asked, names: Iterable[str], month: str) -> bool:
    """Whether one item alone is beyond the practice's list, which `more-than-list` says."""
    done = (_sum([one for one in asked.work[name] if f"{one.day:%Y-%m}" == month]) for name in names)
    return any(count > (asked.list_size or 0) for count in done)


def _capped(asked: _Asked, item: ClaimItem, work: Sequence[Work]) -> str:
    """More than each patient of the register could have under the cap."""
    caps = [asked.spec.on(one.day).item(item.name).cap for one in work]
    known = [cap for cap in caps if cap is not None]
    if item.cap_of != "patient" or len(known) < len(caps):
        return ""
    most = max(known) * asked.size
    spans: Counter[object] = Counter()
    for one in work:
        spans[claim_period_of(one.day, item.cap_per, asked.spec.year_starts)] += one.quantity
    done = max(spans.values())
    if done <= most:
        return ""
    return (
        f"{item.name} is claimed for {counted(done, 'activity', 'activities')}. {asked.register} The terms pay for "
        f"{max(known):,} for a patient in a {item.cap_per}, so for {most:,} at the most."
    )


def _on_one_day(asked: _Asked, item: ClaimItem, work: Sequence[Work]) -> str:
    most = max(work, key=lambda one: one.quantity)
    if most.quantity <= asked.size:
        return ""
    return (
        f"{item.name} is claimed for {counted(most.quantity, 'activity', 'activities')} on {for_people(most.day)}. "
        f"{asked.register} It is paid once a day for a patient."
    )


def _sum(work: Iterable[Work]) -> int:
    return sum(one.quantity for one in work)


def _more_than_register(claim: SentClaim, sent: Sent) -> Iterable[str]:
    return over_register(claim, sent).values()


REGISTER = (Rule(name="more-than-register", severity=ERROR, find=_more_than_register),)
