"""Rules about how much is claimed: more than the list could give, and far from what other practices claim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

from ...outputs import counted
from .register import over_register
from .sent import ERROR, QUERY, Rule, Sent, SentClaim
from .terms import item_of
from .words import month_name

_PER_PATIENT = "per-patient"
_FEWEST = 5
"""A median of fewer practices says little. A network alone is often too small, so all that claimed are compared."""
_FAR = 3.5
"""The usual limit of this z, by Iglewicz and Hoaglin (1993)."""
_SCALE = 0.6745
"""Makes the median absolute deviation as large as a standard deviation, in a bell curve."""


def _more_than_list(claim: SentClaim, sent: Sent) -> Iterator[str]:
    yield from _beyond(claim, sent, per_patient=True)


def _many_for_list(claim: SentClaim, sent: Sent) -> Iterator[str]:
    yield from _beyond(claim, sent, per_patient=False)


def _beyond(claim: SentClaim, sent: Sent, *, per_patient: bool) -> Iterator[str]:
    member = sent.member(claim)
    if member is None or member.list_size is None:
        return
    # That more is claimed than the register could give is wrong for sure, so nobody is asked whether it is right.
    said = () if per_patient else over_register(claim, sent)
    sums: Counter[tuple[str, str]] = Counter()
    for line in claim.lines:
        sums[line["item"], line["activity_month"]] += line["quantity"]
    for (name, month), quantity in sums.items():
        item = item_of(sent.spec(claim), name)
        own = item is not None and item.kind.startswith(_PER_PATIENT) and item.population == "own"
        if quantity > member.list_size and own == per_patient and name not in said:
            what = "patients" if own else "activities"
            yield (
                f"{name} of {month_name(month)} is claimed for {quantity:,} {what}. The practice has "
                f"{counted(member.list_size, 'registered patient')}. "
                f"{'It is paid once for a patient.' if own else 'Is the number right?'}"
            )


def robust_z(value: float, values: Sequence[float]) -> float | None:
    """How far a value is from the median of values; None when half of them are the same, as then nothing is far."""
    middle = median(values)
    spread = median(abs(one - middle) for one in values)
    return _SCALE * (value - middle) / spread if spread else None


def _outlier(claim: SentClaim, sent: Sent) -> Iterator[str]:
    rates, member = sent.rates[claim.service, claim.month], sent.member(claim)
    if claim not in rates or member is None:
        return  # Its list size is not known, or it repeats another claim.
    own = rates[claim][1]
    values = [found for _, found in rates.values()]
    z = robust_z(own, values) if len(values) >= _FEWEST else None
    if z is not None and abs(z) > _FAR:
        near = [found for code, found in rates.values() if code == member.network_code]
        yield (
            f"The claim has {own:,.1f} activities for each 1,000 patients of your list. The median of the "
            f"{len(values)} practices that claimed it is {median(values):,.1f}, and in your network "
            f"{median(near):,.1f} ({len(near)} of them). The robust z is {z:.1f}. This may be right. "
            "Can you tell us why?"
        )


AMOUNTS = (
    Rule(name="more-than-list", severity=ERROR, find=_more_than_list),
    Rule(name="many-for-list", severity=QUERY, find=_many_for_list),
    Rule(name="outlier", severity=QUERY, find=_outlier),
)
