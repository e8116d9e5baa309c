"""Which of an item's prices a row is paid at: by a register detail, a code list, the number already paid, or a length.

A claimed row keeps the price at which it was claimed, and what is claimed is counted first. A reversal frees its place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise

from ..model import Activity, ClaimedRow, ClaimItem, DetailValue, Finding, RegisterEntry, ServiceSpec, Verdict
from .claim_row import detail_missing, finding, price_of
from .details import text_of
from .duplicates import Candidate

VOLUME, PART = "volume", "part"
_NEAREST = 1
"""A part of a sum may differ by a penny from its own share, so that the parts add up to the sum."""


def is_counted_by_year(item: ClaimItem) -> bool:
    """Whether the price depends on what was paid before in the contract year."""
    return item.price_by in (VOLUME, PART)


def tariff_of(
    spec: ServiceSpec, item: ClaimItem, activity: Activity, entry: RegisterEntry | None
) -> tuple[str, tuple[Finding, ...]]:
    """The tariff of an entry, and the finding against it when what decides is not recorded."""
    if item.price_by == "detail":
        return level_of(spec, item, entry.detail_on(item.price_detail, activity.day) if entry else None)
    if item.price_by == "codelist":
        return codelist_of(spec, item, activity), ()
    if item.price_by == PART:
        return _length(spec, item, activity)
    return "", ()


def level_of(spec: ServiceSpec, item: ClaimItem, value: DetailValue | None) -> tuple[str, tuple[Finding, ...]]:
    """The tariff of a register detail's value, and the finding when there is none."""
    if value is None:
        return "", (detail_missing(spec, item.price_detail, clause=item.clause),)
    return text_of(value), ()


def codelist_of(spec: ServiceSpec, item: ClaimItem, activity: Activity) -> str:
    """The first of the item's code lists that has a code of the entry."""
    return next(
        name
        for name in item.codelists
        if not set(activity.codes).isdisjoint(spec.codelist(name).codes_on(activity.day))
    )


def _length(spec: ServiceSpec, item: ClaimItem, activity: Activity) -> tuple[str, tuple[Finding, ...]]:
    """The tariff of the shortest length that the entry's minutes do not exceed; none is asked if no price has one."""
    limits = sorted({one.value.up_to_minutes for one in item.prices if one.value.up_to_minutes is not None})
    if not limits:
        return "", ()
    try:
        minutes = float(activity.value)
    except ValueError:
        return "", (finding(spec, "length-missing", clause=item.clause),)
    if not 0 < minutes < float("inf"):
        return "", (finding(spec, "length-missing", clause=item.clause),)
    limit = next((one for one in limits if minutes <= one), None)
    return (f"up-to-{limit}" if limit is not None else ""), ()


def give_tariffs(
    spec: ServiceSpec, item: ClaimItem, chosen: Sequence[Candidate], standing: Iterable[ClaimedRow]
) -> None:
    """Set the tariff of each payable candidate by what was paid before it in its contract year."""
    if not is_counted_by_year(item):
        return
    years: dict[date, tuple[list[ClaimedRow], list[Candidate]]] = defaultdict(lambda: ([], []))
    for row in standing:
        years[spec.contract_year(row.day).start][0].append(row)
    for candidate in sorted(chosen, key=lambda one: one.activity.order):
        years[spec.contract_year(candidate.activity.day).start][1].append(candidate)
    for rows, candidates in years.values():
        if item.price_by == VOLUME:
            _by_volume(spec, item, rows, candidates)
        else:
            _in_parts(spec, item, rows, candidates)


def _by_volume(spec: ServiceSpec, item: ClaimItem, rows: Iterable[ClaimedRow], candidates: list[Candidate]) -> None:
    """The first so many are paid at the first price, the next at the next."""
    steps = sorted({one.value.above for one in item.prices})
    room = {step: after - step for step, after in pairwise(steps)}
    paid: dict[tuple[str, date], int] = {}
    # What was claimed at a price that was corrected since takes the first place that the others leave.
    at_price = [(row, _step_of(spec, item, row, steps)) for row in rows]
    for row, known in sorted(at_price, key=lambda one: (one[1] is None, one[0].day, one[0].nhs_number)):
        step = paid[row.nhs_number, row.day] = _next(room, steps) if known is None else known
        _take(room, step)
    for candidate in candidates:
        reasons = {found.reason for found in candidate.findings}
        key = (candidate.activity.nhs_number, candidate.activity.day)
        if "claimed" in reasons:
            candidate.tariff = _name(paid.get(key, steps[0]))
        elif "claimed-elsewhere" in reasons:
            # It was paid by other means, so it has its place too.
            _take(room, _next(room, steps))
    for candidate in candidates:
        if candidate.verdict is not Verdict.PAYABLE:
            continue
        step = _next(room, steps)
        _take(room, step)
        candidate.tariff = _name(step)


def _step_of(spec: ServiceSpec, item: ClaimItem, row: ClaimedRow, steps: list[int]) -> int | None:
    """The step at whose price a row was claimed; None when no step has that price."""
    at_price = (step for step in steps if price_of(spec, item, row.day, tariff=_name(step)) == row.amount_pence)
    return next(at_price, None)


def _next(room: dict[int, int], steps: list[int]) -> int:
    return next((step for step in steps if room.get(step, 1) > 0), steps[-1])


def _take(room: dict[int, int], step: int) -> None:
    if step in room:
        room[step] -= 1


def _name(step: int) -> str:
    return f"above-{step}" if step else ""


def _in_parts(spec: ServiceSpec, item: ClaimItem, rows: Iterable[ClaimedRow], candidates: list[Candidate]) -> None:
    """Equal parts of a sum add up to it: each part is what the parts so far come to, less what was paid for them."""
    amounts = {(row.nhs_number, row.day): row.amount_pence for row in rows}
    sums: dict[tuple[str, int, int, int], tuple[int, int]] = {}
    in_order = sorted(candidates, key=lambda one: "claimed" not in {found.reason for found in one.findings})
    for candidate in in_order:
        is_claimed = "claimed" in {found.reason for found in candidate.findings}
        price = item.price_on(candidate.activity.day, candidate.tariff)
        if price is None or price.value.pence is None or not (is_claimed or candidate.verdict is Verdict.PAYABLE):
            continue
        part, whole = price.value.share
        key = (candidate.tariff, price.value.pence, part, whole)
        count, so_far = sums.get(key, (0, 0))
        own = price.value.part_pence or 0
        if is_claimed:
            own = amounts.get((candidate.activity.nhs_number, candidate.activity.day), own)
        else:
            exact = ((count + 1) * price.value.pence * part * 2 + whole) // (2 * whole) - so_far
            own = exact if abs(exact - own) <= _NEAREST else own
            candidate.pence = own
        sums[key] = (count + 1, so_far + own)


def is_price(item: ClaimItem, paid: int | None, known: int | None) -> bool:
    """Whether an amount is a price of the terms. A part of a sum may be a penny more or less."""
    if item.price_by == PART and paid is not None and known is not None:
        return abs(paid - known) <= _NEAREST
    return paid == known
