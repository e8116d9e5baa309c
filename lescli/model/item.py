"""Something the commissioner pays for, as data: what is counted, its prices, its cap and its checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from .terms import Dated, Price, in_force


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSpec:
    """One check on an item's activity, by name, with the clause that asks for it, its options and the item's name."""

    rule: str
    clause: str
    fix: str
    options: Mapping[str, str]
    item: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """A part of work that is asked only of some patients: those whose register details are as in `when`.

    `when_unknown` says what holds when a detail is not recorded: `ask` a person, `yes` it is asked for, or `no`.
    """

    codelist: str
    when: tuple[tuple[str, str], ...]
    when_unknown: str = "ask"


_OURS_OR_NOT = {"own", "other"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimItem:
    """Something the commissioner pays for.

    `cap` is the most it pays in `cap_per` (the contract year, a quarter of it or a month), for one patient or the whole
    practice (`cap_of`). `population` says whose patients it is for: the practice's `own`, those of `other` practices,
    or `any`. `needs` are the other services without which it is not paid.

    An item that is paid for a whole month, quarter or year says which in `every`, and in `count` whether a patient is
    counted with `any-day` on the register or only on the `last-day`. An episode begins with an entry of `opened_by` and
    ends with one of `closed_by`, before the day of one of `closed_before`, or after `gap_days` without one. Work of
    several parts needs an entry of each list of `all_of`, and of the `elements` that are asked of the patient, within
    `within_days` or within `every`. While the setting `all_setting` is no, one of `all_of` is enough.

    `price_by` is empty for one price, or says what decides between several: a register `detail` (`price_detail`), the
    `codelist` of the entry, the `volume` already paid, or the `part` of a sum by the length of the work.
    """

    name: str
    title: str
    kind: str
    clause: str
    codelists: tuple[str, ...]
    unit: str
    prices: tuple[Dated[Price], ...]
    checks: tuple[CheckSpec, ...] = ()
    cap: int | None = None
    cap_clause: str = ""
    cap_per: str = "year"
    cap_of: str = "patient"
    options: Mapping[str, str] | None = None
    population: str = "own"
    needs: tuple[str, ...] = ()
    every: str = "month"
    count: str = "any-day"
    opened_by: tuple[str, ...] = ()
    closed_by: tuple[str, ...] = ()
    closed_before: tuple[str, ...] = ()
    gap_days: int | None = None
    all_of: tuple[str, ...] = ()
    all_setting: str = ""
    elements: tuple[Element, ...] = ()
    within_days: int | None = None
    price_by: str = ""
    price_detail: str = ""

    def shares_entries_with(self, other: ClaimItem) -> bool:
        """Whether another item is for the other patients of the same code lists, so that each entry is one of theirs.

        One of the two is for the practice's own patients, the other for those of other practices.
        """
        alike = self.kind == other.kind and bool(self.codelists) and sorted(self.codelists) == sorted(other.codelists)
        return alike and {self.population, other.population} == _OURS_OR_NOT

    def price_on(self, day: date, tariff: str = "") -> Dated[Price] | None:
        """The price of a tariff in force on a day; None when there is none by then."""
        return in_force([one for one in self.prices if not self.price_by or one.value.tariff == tariff], day)

    def tariffs(self) -> tuple[str, ...]:
        """The tariffs that its prices are for, in the file's order; an item of one price has one without a name."""
        return tuple(dict.fromkeys(one.value.tariff for one in self.prices)) if self.price_by else ("",)
