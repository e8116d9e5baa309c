"""Rules that hold a claim against the terms of its service: price, days, window, cap and deadline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from ...calendar import MONTHS, Month, claim_period_of, contract_year_name, for_people
from ...errors import did_you_mean
from ...model import ClaimItem, ServiceSpec
from ...outputs import counted, pounds
from ...rules.windows import last_claim_day, submit_by
from .sent import ERROR, QUERY, Rule, Sent, SentClaim
from .words import line_name, month_name

_A_PENNY = 1
"""A part of a sum may differ by a penny from its share, so that the parts add up."""
_BY_LIST = "capitation"


def _service_unknown(claim: SentClaim, sent: Sent) -> Iterator[str]:
    if sent.spec(claim) is None:
        hint = did_you_mean(claim.service, sent.specs)
        asked = f" {hint[:1].upper()}{hint[1:]}" if hint else ""
        yield f"We know no service `{claim.service}`, so nothing of its terms was checked.{asked}"


def _edition(claim: SentClaim, sent: Sent) -> Iterator[str]:
    spec, made_under = sent.spec(claim), claim.data["specification"]["sha256"]
    # If most practices have an edition that is not ours, we are the ones to look: a note says so once.
    usual = sent.usual_editions.get(claim.service, ("", 0))[0]
    if spec and made_under not in (spec.sha256, usual):
        yield (
            "The claim was made under another edition of the terms than ours. Which version of les, and which "
            f"service.toml of {claim.service}, did you use?"
        )


def _contract_year(claim: SentClaim, sent: Sent) -> Iterator[str]:
    if spec := sent.spec(claim):
        right, said = contract_year_name(claim.period.first, spec.year_starts), claim.data["specification"]
        if said["contract_year"] != right:
            yield (
                f"{month_name(claim.month)} is of the contract year {right}, but the claim says "
                f"{said['contract_year']}."
            )


def _period_kind(claim: SentClaim, sent: Sent) -> Iterator[str]:
    spec = sent.spec(claim)
    if spec and spec.every != claim.period.every:
        yield f"{claim.service} is claimed by the {spec.every}, but this claim is for a {claim.period.every}."
    elif spec and claim.period.every != Month.every and claim.year_starts != spec.year_starts:
        yield (
            f"{claim.month} is no {spec.every} of {claim.service}: its contract year begins in "
            f"{MONTHS[spec.year_starts - 1]}. Which {spec.every} do you claim?"
        )


def _item_unknown(claim: SentClaim, sent: Sent) -> Iterator[str]:
    if spec := sent.spec(claim):
        known = [item.name for item in spec.items]
        for name in dict.fromkeys(line["item"] for line in claim.lines):
            if name not in known:
                yield f"The terms pay for no item `{name}`. They pay for {', '.join(known)}."


def _after_its_month(claim: SentClaim, _: Sent) -> Iterator[str]:
    last = f"{claim.period.last:%Y-%m}"
    for line in claim.lines:
        if line["activity_month"] > last:
            yield f"{line_name(line)} is later than what is claimed, {month_name(claim.month)}."


def _no_terms(claim: SentClaim, sent: Sent) -> Iterator[str]:
    if spec := sent.spec(claim):
        for line in claim.lines:
            month = Month.parse(line["activity_month"])
            if not spec.touches(month.first, month.last):
                yield f"{line_name(line)}: the terms of {claim.service} were not in force in that month."


def _price(claim: SentClaim, sent: Sent) -> Iterator[str]:
    for line in claim.lines:
        item, price = item_of(sent.spec(claim), line["item"]), line["unit_price_pence"]
        spec = sent.spec(claim)
        if item is None or spec is None or price is None:
            continue
        allowed = prices_of(spec, item, Month.parse(line["activity_month"]))
        if allowed and not any(abs(price - one) <= (_A_PENNY if item.price_by == "part" else 0) for one in allowed):
            known = " or ".join(pounds(one) for one in sorted(allowed))
            yield f"{line_name(line)} is claimed at {pounds(price)}. The price in the terms is {known}."


def _window(claim: SentClaim, sent: Sent) -> Iterator[str]:
    spec = sent.spec(claim)
    for line in claim.lines if spec else ():
        last = last_claim_day(spec, Month.parse(line["activity_month"]).last) if spec else None
        if last and claim.data["as_of"] > last.isoformat():
            made = for_people(date.fromisoformat(claim.data["as_of"]))
            yield f"{line_name(line)} could be claimed until {for_people(last)} at the latest. The claim is of {made}."


def over_cap(claim: SentClaim, sent: Sent) -> dict[str, str]:
    """By item, what is beyond the cap of a practice, or beyond what every patient of the list could have."""
    found: dict[str, str] = {}
    spec = sent.spec(claim)
    member = sent.member(claim)
    for item in spec.items if spec else ():
        held = item_of(spec.on(claim.period.last), item.name) if spec else None
        whose = 1 if item.cap_of == "practice" else member.list_size if member else None
        if held is None or held.cap is None or whose is None or spec is None:
            continue
        most = held.cap * whose
        first = _cap_starts(spec, item, claim.period.last)
        done = sum(
            line["quantity"]
            for one in sent.of_service[claim.ods_code, claim.service]
            if one.period.last <= claim.period.last
            for line in one.lines
            if line["item"] == item.name and Month.parse(line["activity_month"]).first >= first
        )
        if done > most and any(line["item"] == item.name for line in claim.lines):
            found[item.name] = (
                f"With this claim, {counted(done, 'activity', 'activities')} of {item.name} since {for_people(first)} "
                f"{'is' if done == 1 else 'are'} claimed. The terms pay for {most:,} at the most."
            )
    return found


def _cap(claim: SentClaim, sent: Sent) -> Iterable[str]:
    return over_cap(claim, sent).values()


def _deadline(claim: SentClaim, sent: Sent) -> Iterator[str]:
    spec = sent.spec(claim)
    due = submit_by(spec, claim.period) if spec and spec.every == claim.period.every else None
    if due and claim.data["as_of"] > due.isoformat():
        made = for_people(date.fromisoformat(claim.data["as_of"]))
        yield f"The claim was due by {for_people(due)} and is of {made}. Please tell us why it is late."


def item_of(spec: ServiceSpec | None, name: str) -> ClaimItem | None:
    """The item of a name; None when the terms have none."""
    return next((item for item in spec.items if item.name == name), None) if spec else None


def prices_of(spec: ServiceSpec, item: ClaimItem, month: Month) -> frozenset[int]:
    """Every price in pence that may hold for work of a month; empty when one is not known here."""
    if item.kind == _BY_LIST:
        return frozenset()
    days = claim_period_of(month.first, item.every, spec.year_starts)
    first, last = min(days.first, month.first), max(days.last, month.last)
    found: set[int | None] = set()
    for tariff in spec.tariffs(item):
        starts = {first, *(one.start for one in item.prices if first < one.start <= last)}
        at = [price.value.part_pence for day in starts if (price := item.price_on(day, tariff))]
        found |= set(at) if at else {None}
    return frozenset() if None in found else frozenset(one for one in found if one is not None)


def _cap_starts(spec: ServiceSpec, item: ClaimItem, day: date) -> date:
    if item.cap_per == "month":
        return Month.of(day).first
    return claim_period_of(day, item.cap_per, spec.year_starts).first


TERMS = (
    Rule(name="service-unknown", severity=QUERY, find=_service_unknown),
    Rule(name="edition", severity=QUERY, find=_edition),
    Rule(name="contract-year", severity=ERROR, find=_contract_year),
    Rule(name="claimed-by", severity=ERROR, find=_period_kind),
    Rule(name="item-unknown", severity=ERROR, find=_item_unknown),
    Rule(name="after-its-month", severity=ERROR, find=_after_its_month),
    Rule(name="no-terms", severity=ERROR, find=_no_terms),
    Rule(name="price", severity=ERROR, find=_price),
    Rule(name="window", severity=ERROR, find=_window),
    Rule(name="cap", severity=ERROR, find=_cap),
    Rule(name="deadline", severity=QUERY, find=_deadline),
)
