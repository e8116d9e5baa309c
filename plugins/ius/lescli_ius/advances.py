"""Compares payments in advance, made for projected activity, with the worth of each month's actual activity."""

from __future__ import annotations

import re

from lescli.api import Claim, ClaimRow, Month, Period, Records, ServiceSpec, Table, Verdict, contract_year

SETTING = "advances"
_ENTRY = re.compile(r"([0-9]{4}-[0-9]{2})\s*=\s*£?([0-9]{1,7})\.([0-9]{2})")


def advance_reconciliation(
    spec: ServiceSpec, records: Records, claim: Claim, period: Period
) -> tuple[Table, list[str]]:
    """A table of advance, actual amount, difference and running balance by month, in pounds, with notes about it.

    It begins with the contract year in which the period begins, so that the balance carries over from earlier months.
    The actual amount is work payable, plus claimed work at the amount claimed, in the month it was done. A positive
    difference means that too much was paid.
    """
    given = spec.setting(SETTING, records.as_of)
    entries = given if isinstance(given, tuple) else ()
    advances, wrong = _read(entries)
    notes = (
        [f"{SETTING}: {len(wrong)} not understood ({'; '.join(wrong)}); write each as YYYY-MM=POUNDS.PENCE"]
        if wrong
        else []
    )
    first = contract_year(period.start).start
    months = Period(first, records.as_of).months() if first <= records.as_of else ()
    rows: list[tuple[str | int | float | None, ...]] = []
    balance = 0
    for month in months if entries else ():
        paid = advances.get(month, 0)
        actual = sum(_pence(spec, row) for row in claim.rows if Month.of(row.day) == month and _counts(row))
        actual += sum(row.amount_pence for row in records.claimed() if Month.of(row.day) == month)
        balance += paid - actual
        rows.append((str(month), *map(_pounds, (paid, actual, paid - actual, balance))))
    if not entries:
        notes.append(
            f"{SETTING}: no payment in advance is set, so none is reconciled; if there were any, "
            f"`les services set {spec.name} setting.{SETTING}+=YYYY-MM=POUNDS.PENCE --from DATE --source TEXT`"
        )
    unpriced = sum(row.verdict is Verdict.UNPRICED and Month.of(row.day) in months for row in claim.rows)
    if entries and unpriced:
        notes.append(f"{SETTING}: {unpriced} of the activities have no price and are not in the actual amounts")
    if outside := sorted(str(month) for month in advances if month < Month.of(first)):
        notes.append(f"{SETTING}: of an earlier contract year and not counted here: {', '.join(outside)}")
    columns = ("month", "advance", "actual", "difference", "balance")
    title = "Payments in advance against actual activity, in pounds"
    return Table(id="advance-reconciliation", title=title, columns=columns, rows=tuple(rows)), notes


def _read(entries: tuple[str, ...]) -> tuple[dict[Month, int], list[str]]:
    """Pence by month, added up if a month has several entries; and the entries that cannot be read."""
    advances: dict[Month, int] = {}
    wrong = []
    for entry in entries:
        found = _ENTRY.fullmatch(entry.strip())
        try:
            if found is None:
                raise ValueError(entry)
            month = Month.parse(found[1])
        except ValueError:
            wrong.append(entry)
            continue
        advances[month] = advances.get(month, 0) + int(found[2] + found[3])
    return advances, wrong


def _counts(row: ClaimRow) -> bool:
    """Whether a row counts: payable, or claimed by other means with no other finding. The ledger has the rest."""
    if row.verdict is Verdict.CLAIMED:
        return row.reason != "claimed" and not row.also
    return row.verdict is Verdict.PAYABLE


def _pence(spec: ServiceSpec, row: ClaimRow) -> int:
    price = spec.item(row.item).price_on(row.day)
    return (price.value.pence or 0) if price else 0


def _pounds(pence: int) -> str:
    whole, rest = divmod(abs(pence), 100)
    return f"{'-' if pence < 0 else ''}{whole}.{rest:02d}"
