"""A claim row's verdict, its reason in the service's words, and its price if it is payable."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import cache
from importlib.resources import files

from ..calendar import ClaimPeriod, Period, claim_period_of
from ..model import ClaimItem, ClaimRow, Dated, Finding, Price, ReasonSpec, ServiceSpec, Verdict

PER_LIST = ("capitation", "block")
"""Kinds that are paid for the practice list: their rows have no patient, so no check can look at one."""
PER_PERIOD = ("per-patient-month", "per-patient", *PER_LIST)
"""Kinds of item whose rows stand for a whole month, quarter or year."""
_LIST_PRICED = 1000
"""A capitation price is for this many patients of the list."""


@cache
def standard_reasons() -> dict[str, ReasonSpec]:
    """The reasons that every service shares, by name."""
    data = tomllib.loads(files(__package__).joinpath("reasons.toml").read_text(encoding="utf-8"))
    return {
        name: ReasonSpec(verdict=row["verdict"], text=row["text"], clause=row["clause"], fix=row.get("fix", ""))
        for name, row in data.items()
    }


def reason_of(spec: ServiceSpec, name: str) -> ReasonSpec:
    """A reason in this service's words; KeyError when neither the service nor the standard reasons have the name.

    A command in the fix names the service, so it can be typed as printed.
    """
    standard = standard_reasons().get(name)
    own = spec.reasons.get(name)
    if own is None:
        if standard is None:
            raise KeyError(name)
        return replace(standard, fix=standard.fix.replace("SERVICE", spec.name))
    return ReasonSpec(
        verdict=own.verdict or (standard.verdict if standard else Verdict.REFUSED),
        text=own.text or (standard.text if standard else ""),
        clause=own.clause or (standard.clause if standard else ""),
        fix=own.fix or (standard.fix.replace("SERVICE", spec.name) if standard else ""),
    )


def finding(spec: ServiceSpec, name: str, *, clause: str = "", fix: str = "") -> Finding:
    """A finding with a named reason; a clause or fix given here replaces that of the reason."""
    reason = reason_of(spec, name)
    return Finding(verdict=Verdict(reason.verdict), reason=name, clause=clause or reason.clause, fix=fix or reason.fix)


def detail_missing(spec: ServiceSpec, *details: str, clause: str, fix: str = "") -> Finding:
    """The finding when nobody recorded register details; its cure is the command that records them."""
    said = fix or reason_of(spec, "detail-missing").fix
    values = " ".join(f"--set {name}=VALUE" for name in details)
    cure = f"record it in the register: `les register {spec.name} --add NHS --from DATE {values}`"
    return finding(spec, "detail-missing", clause=clause, fix=said or cure)


def days_paid(spec: ServiceSpec, item: ClaimItem, day: date) -> Period:
    """The days that a row of that day pays for: a month, quarter or year, or for most kinds of item the day itself."""
    if item.kind not in PER_PERIOD:
        return Period(day, day)
    return Period.of_claim(claim_period_of(day, item.every, spec.year_starts))


def row_day(spec: ServiceSpec, period: ClaimPeriod) -> date:
    """The day of a row that pays for a whole period: the first one.

    Where the service is claimed by shorter periods, it is the first day of the last of them. So a quarter is claimed in
    the claim of its last month, and not before it is nearly over.
    """
    return max(period.first, spec.claim_period(period.last).first)


def price_of(
    spec: ServiceSpec, item: ClaimItem, day: date, list_size: int | None = None, tariff: str = ""
) -> int | None:
    """Whole pence for one row of an item at one of its tariffs on a day; None when no price is known.

    The price of a capitation item is per 1,000 patients of the list, and a half penny rounds up. An item paid for a
    month, quarter or year has the price of its first day, or else the first price that begins in it.
    """
    days = days_paid(spec, item, day)
    price = item.price_on(days.start, tariff) or _begins_in(item, days, tariff)
    pence = price.value.part_pence if price else None
    if pence is None or item.kind != "capitation":
        return pence
    return (pence * (list_size or 0) + _LIST_PRICED // 2) // _LIST_PRICED


def _begins_in(item: ClaimItem, days: Period, tariff: str) -> Dated[Price] | None:
    begun = (one.start for one in item.prices if days.start < one.start <= days.end)
    return next((price for start in sorted(begun) if (price := item.price_on(start, tariff))), None)


def priced_row(
    spec: ServiceSpec,
    item: ClaimItem,
    nhs_number: str,
    day: date,
    findings: Iterable[Finding],
    *,
    list_size: int | None = None,
    tariff: str = "",
    pence: int | None = None,
) -> ClaimRow:
    """A row with the verdict that takes precedence among its findings, and with its price if it is payable.

    `pence` is its price where that depends on other rows.
    """
    price = price_of(spec, item, day, list_size, tariff) if pence is None else pence
    found = list(findings)
    if not found and price is None:
        found.append(
            finding(
                spec,
                "no-price",
                clause=item.clause,
                fix=f"`les services set {spec.name} {price_key(item, tariff)}=AMOUNT --from DATE --source TEXT`",
            )
        )
    # The sort is stable: of several findings with one verdict, the first found stays first.
    found.sort(key=lambda one: one.verdict.rank)
    first = found[0] if found else finding(spec, "accepted", clause=item.clause)
    payable = first.verdict is Verdict.PAYABLE
    return ClaimRow(
        key=f"{item.name}/{nhs_number}/{day.isoformat()}",
        nhs_number=nhs_number,
        day=day,
        item=item.name,
        code="",
        verdict=first.verdict,
        reason=first.reason,
        clause=first.clause,
        fix=first.fix,
        unit_price_pence=price if payable else None,
        also=tuple(found[1:]),
        tariff=tariff,
    )


def price_key(item: ClaimItem, tariff: str) -> str:
    """The key of a price, as `les services set` takes it."""
    return f"price.{item.name}.{tariff}" if tariff else f"price.{item.name}"
