"""Rules on the chain of a practice's ledger: each claim is chained to a line of its own, which was written before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ...calendar import for_people
from .sent import ERROR, QUERY, Rule, Sent, SentClaim


def _forked(claim: SentClaim, sent: Sent) -> Iterator[str]:
    beside = sent.with_before.get((claim.ods_code, claim.chain_before), [])
    if claim not in beside:
        return  # An earlier version of les made it, or another file has the same claim.
    # With the same head too, they are one claim under two names. A claim in a circle says nothing of its place.
    straight = [one for one in beside if not any(_in_a_circle(one, sent))]
    before = straight[: straight.index(claim)] if claim in straight else []
    for one in [one for one in before if one.chain_head != claim.chain_head][:1]:
        yield (
            f"Your claims {one.claim_id} and {claim.claim_id} are chained to the same line of your ledger. In one "
            "ledger that cannot be. Was it put back from a backup or begun anew, or do you have two? Which claims are "
            "in it now?"
        )


def _in_a_circle(claim: SentClaim, sent: Sent) -> Iterator[str]:
    if claim not in sent.with_before.get((claim.ods_code, claim.chain_before), ()):
        return
    if claim.chain_before == claim.chain_head:
        yield "The claim is chained to itself. Please send the file as `les claim --out` wrote it."
        return
    for one in _chained_to(claim, sent):
        if one.chain_before == claim.chain_head:
            yield (
                f"This claim is chained to your claim {one.claim_id}, and that one to this. Please send both files as "
                "`les claim --out` wrote them."
            )


def _out_of_order(claim: SentClaim, sent: Sent) -> Iterator[str]:
    if any(_in_a_circle(claim, sent)) or claim not in sent.with_before.get((claim.ods_code, claim.chain_before), ()):
        return
    made = claim.data["as_of"]
    for one in _chained_to(claim, sent):
        if made < (before := one.data["as_of"]):
            yield (
                f"The claim is of {for_people(date.fromisoformat(made))}, but it follows your claim {one.claim_id} of "
                f"{for_people(date.fromisoformat(before))} in your ledger. Which day is right?"
            )


def _chained_to(claim: SentClaim, sent: Sent) -> list[SentClaim]:
    """The other claim of the practice whose head this one is chained to; none when several have that head."""
    found = {
        one.claim_id: one
        for one in reversed(sent.with_head.get(claim.chain_before, ()))
        if one.ods_code == claim.ods_code and one.claim_id != claim.claim_id
    }
    return list(found.values()) if len(found) == 1 else []


CHAIN = (
    Rule(name="chain-forked", severity=ERROR, find=_forked),
    Rule(name="chain-order", severity=ERROR, find=_in_a_circle),
    Rule(name="chain-order", severity=QUERY, find=_out_of_order),
)
