"""What a specification says, as data: every value dated and with the clause it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from .terms import (
    CodeList,
    Dated,
    EvidenceField,
    PaymentTerm,
    Price,
    ReasonSpec,
    Setting,
    SettingValue,
    Span,
    TableSpec,
    in_force,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plausible:
    """From where to where a number can be true, both inside; None where nothing bounds it."""

    least: float | None
    most: float | None
    clause: str

    def holds(self, value: float) -> bool:
        """Whether a value lies between them."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailField:
    """One thing a register entry records. `type` is date, text, integer, number, yes-no or choice.

    `past` is a date of something that has happened: it lies after no day asked on. `range` bounds a number.
    """

    name: str
    title: str
    type: str
    clause: str
    required: bool
    choices: tuple[str, ...] = ()
    past: bool = False
    range: Plausible | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterSpec:
    """Who is on the register: everyone with a code of `find_by`, and those added by hand."""

    rule: str
    clause: str
    find_by: tuple[str, ...]
    details: tuple[DetailField, ...]

    def field(self, name: str) -> DetailField | None:
        """The field of a name."""
        return next((field for field in self.details if field.name == name), None)


T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """How late is how late: `up_to_days` past due, inside; None for beyond all others."""

    name: str
    up_to_days: int | None
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallRule:
    """When a patient is due. `kind` is after, every, on or open-request.

    `interval` is a number of `unit` (months, weeks or days) from the last entry of `codelists`, or from the register
    detail `start_detail`; `interval_detail` or `interval_setting` name where another number stands. `next_detail`
    names a day in the register that goes before the interval while it lies after the last time. `until_detail` names
    the day after which nobody is called. `overdue_interval` gives the last day it may be done, where a specification
    names a span. `start_is_first`: an entry before the day of `start_detail` contradicts it, and is counted from.
    `only_if` are (detail, value): `!x` is any value but x, `a|b` one of two, an empty one not recorded. `by_value` are
    days by what a request says.
    """

    name: str
    title: str
    kind: str
    clause: str
    codelists: tuple[str, ...] = ()
    start_detail: str = ""
    start_is_first: bool = False
    next_detail: str = ""
    until_detail: str = ""
    done_codelists: tuple[str, ...] = ()
    interval: int = 0
    interval_detail: str = ""
    interval_setting: str = ""
    by_value: tuple[tuple[str, int], ...] = ()
    unit: str = "months"
    overdue_interval: int | None = None
    bands: tuple[Band, ...] = ()
    only_if: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSpec:
    """One named check on the activity of an item, with the clause that asks for it and its options."""

    rule: str
    clause: str
    fix: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimItem:
    """Something the commissioner pays for. `cap` is the most it pays of one patient in a contract year."""

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
    options: Mapping[str, str] | None = None

    def price_on(self, day: date) -> Dated[Price] | None:
        """The price in force on a day, None when none was ever given."""
        return in_force(self.prices, day)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureSpec:
    """One thing to report. `kind` is items, register-size, on-time, overdue, activity or own (the plugin's)."""

    id: str
    title: str
    kind: str
    clause: str
    unit: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentKind:
    """An untoward event, to notify within so many hours or working days, or only to count where neither is set."""

    kind: str
    title: str
    clause: str
    hours: int | None = None
    working_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """When, how and where the claim goes: the day or the working day of the month after, and an address."""

    clause: str
    by: str
    day: int | None
    working_day: int | None
    addresses: tuple[Dated[str], ...]
    note: str = ""

    def address_on(self, day: date) -> Dated[str] | None:
        """The address in force on a day."""
        return in_force(self.addresses, day)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSpec:
    """One service's specification with the practice's local terms laid over it.

    `periods` are when it is in force, `window_months` how long after an activity it can be claimed (None: no window),
    `reasons` the clause and fix of each reason that the document words itself. `evidence` is what a claimed row must
    show when it is checked after payment, `payment` when it is paid for (None: not stated).
    """

    name: str
    title: str
    commissioner: str
    document: str
    sha256: str
    periods: tuple[Span, ...]
    codelists: tuple[CodeList, ...]
    register: RegisterSpec
    recalls: tuple[RecallRule, ...]
    items: tuple[ClaimItem, ...]
    measures: tuple[MeasureSpec, ...]
    incidents: tuple[IncidentKind, ...]
    submission: Submission
    settings: tuple[Setting, ...]
    tables: tuple[TableSpec, ...]
    reasons: Mapping[str, ReasonSpec]
    window_months: int | None
    window_clause: str
    notes: tuple[str, ...] = ()
    evidence: tuple[EvidenceField, ...] = ()
    payment: PaymentTerm | None = None

    def in_force_on(self, day: date) -> bool:
        """A period of the specification covers the day."""
        return any(period.covers(day) for period in self.periods)

    def touches(self, first: date, last: date) -> bool:
        """A period of the specification covers some day between two, both inside."""
        return any(span.start <= last and (span.end is None or first <= span.end) for span in self.periods)

    def codelist(self, name: str) -> CodeList:
        """The code list of a name; KeyError otherwise."""
        return _named(self.codelists, name)

    def item(self, name: str) -> ClaimItem:
        """The claim item of a name; KeyError otherwise."""
        return _named(self.items, name)

    def recall(self, name: str) -> RecallRule:
        """The recall rule of a name; KeyError otherwise."""
        return _named(self.recalls, name)

    def table(self, name: str) -> TableSpec:
        """The printed table of a name; KeyError otherwise."""
        return _named(self.tables, name)

    def setting(self, name: str, day: date) -> SettingValue | None:
        """The value of a setting in force on a day; None when it is not set. KeyError for an unknown name."""
        found = in_force(_named(self.settings, name).versions, day)
        return found.value if found else None

    def claim_codelists(self) -> tuple[str, ...]:
        """The code lists that some item is claimed by, in the order of the items."""
        return tuple(dict.fromkeys(name for item in self.items for name in item.codelists))

    def codelists_relied_on(self) -> tuple[str, ...]:
        """Those, and the ones an item's options name: what a claim rests on in any way."""
        named = (
            name
            for item in self.items
            for option, value in (item.options or {}).items()
            if option.endswith("codelists")
            for name in value.replace(",", " ").split()
        )
        return tuple(dict.fromkeys((*self.claim_codelists(), *named)))


def _named(values: Iterable[T], name: str) -> T:
    for value in values:
        if getattr(value, "name", None) == name:
            return value
    raise KeyError(name)
