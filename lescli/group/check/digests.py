"""Rules on the keyed digests of claims: the same patient and day in two claims. It names nobody and needs no key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ...outputs import counted
from ...rules.claim_row import PER_LIST
from .sent import ERROR, QUERY, Rule, Sent, SentClaim
from .terms import item_of
from .words import month_name

_SHOWN, _MOST_NAMED = 8, 20


def _shared(claim: SentClaim, sent: Sent, *, own: bool) -> Iterator[tuple[SentClaim, list[str]]]:
    """Other claims with digests of this one, of the same practice or of others, and which."""
    held = claim.digests
    if held is None or sent.of_month[claim.ods_code, claim.service, claim.month][0] is not claim:
        return
    both: defaultdict[SentClaim, list[str]] = defaultdict(list)
    for value in dict.fromkeys(held["values"]):
        for other in sent.with_digest.get((held["key_id"], value), ()):
            if other is not claim and (other.ods_code == claim.ods_code) == own:
                both[other].append(value)
    yield from sorted(both.items(), key=lambda found: (found[0].ods_code, found[0].month))


def _named(values: list[str]) -> str:
    """The beginnings of digests: enough to find the rows by."""
    more = f" and {len(values) - _MOST_NAMED:,} more" if len(values) > _MOST_NAMED else ""
    shown = ", ".join(value[:_SHOWN] for value in values[:_MOST_NAMED])
    return f"digest{'s' if len(values) > 1 else ''} {shown}{more}"


def _same_patient(claim: SentClaim, sent: Sent) -> Iterator[str]:
    for other, values in _shared(claim, sent, own=False):
        count = len(values)
        yield (
            f"{counted(count, 'activity', 'activities')} of {claim.service} in {month_name(claim.month)} "
            f"{'is' if count == 1 else 'are'} also claimed by {other.ods_code}: the same patient, day and item "
            f"({_named(values)}). Which of you did the work? We pay for it once."
        )


def _work_twice(claim: SentClaim, sent: Sent) -> Iterator[str]:
    for other, values in _shared(claim, sent, own=True):
        count = len(values)
        if other.month <= claim.month:
            yield (
                f"{counted(count, 'activity', 'activities')} of this claim {'is' if count == 1 else 'are'} also in "
                f"your claim for {month_name(other.month)}: the same patient, day and item "
                f"({_named(values)}). We pay for it once."
            )


def _digest_count(claim: SentClaim, sent: Sent) -> Iterator[str]:
    held = claim.digests
    items = [item_of(sent.spec(claim), line["item"]) for line in claim.lines]
    if held is None or any(item is None or item.kind in PER_LIST for item in items):
        return
    if len(held["values"]) != claim.quantity:
        yield (
            f"The claim is for {counted(claim.quantity, 'activity', 'activities')}, but has "
            f"{counted(len(held['values']), 'digest')}. Please send the file as `les claim --digests` wrote it."
        )


def _other_key(claim: SentClaim, sent: Sent) -> Iterator[str]:
    held = claim.digests
    if held is None or len(sent.keys) < 2:
        return
    usual, most = sent.keys.most_common(1)[0]
    if held["key_id"] != usual and sent.keys[held["key_id"]] < most:
        yield (
            "The digests were made with another key file than those of most practices, so they could not be compared. "
            "Please make the file again with the key that we agreed."
        )


DIGESTS = (
    Rule(name="same-patient", severity=QUERY, find=_same_patient),
    Rule(name="work-twice", severity=ERROR, find=_work_twice),
    Rule(name="digest-count", severity=ERROR, find=_digest_count),
    Rule(name="other-key", severity=QUERY, find=_other_key),
)
