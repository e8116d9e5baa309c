"""A service's specification as data: each value with its clause, and dated if it can change."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, TypeVar

from ..calendar import ClaimPeriod, Period, claim_period_of, contract_year
from .item import ClaimItem
from .terms import (
    ClaimForm,
    Clock,
    CodeList,
    Dated,
    EvidenceField,
    MeasureSpec,
    PaymentTerm,
    ReasonSpec,
    Setting,
    SettingValue,
    Span,
    TableSpec,
    Threshold,
    in_force,
    names_in,
)

T = TypeVar("T")
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plausible:
    """The range in which a number can be true, both ends included; None where there is no bound."""

    least: float | None
    most: float | None
    clause: str

    def holds(self, value: float) -> bool:
        """Whether a value is in the range."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailField:
    """One thing a register entry records. `type` is date, text, integer, number, yes-no or choice.

    `past` marks the date of something that has happened, which cannot be after the day asked about. `range` bounds a
    number.
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
        """The field with a name; None when there is none."""
        return next((field for field in self.details if field.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A name for how late something is: up to and including `up_to_days` overdue; None means without limit."""

    name: str
    up_to_days: int | None
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallRule:
    """When a patient is due. `kind` is after, every, on or open-request.

    `interval` counts in `unit` (months, weeks or days) from the last entry of `codelists` or from the register detail
    `start_detail`; `interval_detail` and `interval_setting` name a detail or setting that replaces it. `next_detail`
    is a day in the register that replaces the interval while it is after the last time. From the day in `until_detail`
    on, the patient is not called. `overdue_interval` gives the last day the work may be done, if the specification
    gives a span. `first_interval` (in `first_unit`, else in `unit`) is used until the work was done once since the
    start. With `offset_detail`, the recall begins `offset` (in `offset_unit`) after the day in that detail, and nothing
    done before counts. With `start_is_first`, an entry before the day of `start_detail` contradicts that day and is
    counted from. `only_if` has (detail, value) pairs: `!a` is any value but a, `a|b` either, empty means not recorded.
    `by_value` gives the days allowed for each value of a request.
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
    first_interval: int | None = None
    first_unit: str = ""
    offset_detail: str = ""
    offset: int = 0
    offset_unit: str = "months"
    overdue_interval: int | None = None
    bands: tuple[Band, ...] = ()
    only_if: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentKind:
    """A kind of untoward event. It is notified within hours or working days, or only counted if neither is set."""

    kind: str
    title: str
    clause: str
    hours: int | None = None
    working_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Something a specification asks of the practice that no coded entry shows, such as a protocol in place.

    It is confirmed again `every_months` after it was last confirmed, or as many months as the setting of
    `interval_setting` says. With neither, it is confirmed once. `evidence` says what counts as evidence.
    """

    name: str
    title: str
    clause: str
    evidence: str
    every_months: int | None = None
    interval_setting: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a recall is called in a message to a patient, and the texts by stage that replace the shipped ones."""

    recall: str
    what: str
    clause: str
    texts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPage:
    """What a page of networks counts: the work of some items, or of all when `items` is empty.

    Its rate is for 1,000 of the patients in the column `rate_of` of MEMBERS: `list_size` or `women_15_44`.
    """

    title: str = ""
    items: tuple[str, ...] = ()
    rate_of: str = "list_size"
    clause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """When, how and where a claim is submitted.

    The deadline is a day or working day of the next month, or `after` days, weeks or months from the last day of the
    period that is claimed: (30, "days").
    """

    clause: str
    by: str
    day: int | None
    working_day: int | None
    addresses: tuple[Dated[str], ...]
    note: str = ""
    after: tuple[int, str] | None = None
    form: ClaimForm | None = None
    declaration: str = ""

    def address_on(self, day: date) -> Dated[str] | None:
        """The address in force on a day."""
        return in_force(self.addresses, day)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSpec:
    """One service's specification, with the practice's local terms applied to it.

    `periods` are the days it is in force. `every` is what one claim is for: a month, quarter or year of the contract
    year, which begins in the month `year_starts`. `window_months` is how long after an activity (or after its quarter
    or year, where one is claimed) it can be claimed; None: no claim window. `reasons` are the reasons that the document
    words itself. `evidence` is what a claimed row must show when it is checked after payment, and `payment` is when the
    commissioner pays (None: not stated).

    Window, deadline, intervals, caps, checks, item options and payment can change from a day on. `changes` has each key
    and value that does, and `editions` the terms as each such day leaves them. A rule asks `on(day)` for them, with the
    day that it is about. Prices, codes, settings and addresses carry their own days. `data` is the service.toml itself,
    to which the practice's terms are applied.
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
    clocks: tuple[Clock, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    duties: tuple[Duty, ...] = ()
    every: str = "month"
    year_starts: int = 4
    changes: tuple[Dated[tuple[str, str]], ...] = ()
    messages: tuple[tuple[str, Dated[str]], ...] = ()
    wordings: tuple[Wording, ...] = ()
    networks: NetworkPage = NetworkPage()
    editions: tuple[tuple[date, ServiceSpec], ...] = field(default=(), repr=False)
    data: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    undated: ServiceSpec | None = field(default=None, compare=False, repr=False)
    # Made on first use. Nothing outside sees it, and `replace` leaves it behind.
    _made: dict[int, ServiceSpec] = field(default_factory=dict, init=False, compare=False, repr=False)

    def claim_period(self, day: date) -> ClaimPeriod:
        """The month, quarter or year whose claim is for work of a day."""
        return claim_period_of(day, self.every, self.year_starts)

    def tariffs(self, item: ClaimItem) -> tuple[str, ...]:
        """The tariffs that an item can have a price for: ("",) for an item of one price."""
        if item.price_by == "codelist":
            return item.codelists
        if item.price_by == "detail":
            field = self.register.field(item.price_detail)
            levels = {"choice": field.choices, "yes-no": ("yes", "no")}.get(field.type, ()) if field else ()
            return tuple(dict.fromkeys((*item.tariffs(), *levels)))
        return tuple(dict.fromkeys(("", *item.tariffs()))) if item.price_by == "volume" else item.tariffs() or ("",)

    def contract_year(self, day: date) -> Period:
        """The contract year that a day is in."""
        return contract_year(day, self.year_starts)

    def on(self, day: date) -> ServiceSpec:
        """The specification with the terms that are in force on a day: its window, deadline, caps, checks and so on."""
        whole = self.undated or self
        if not whole.editions:
            return whole
        number = bisect_right([start for start, _ in whole.editions], day)
        if number == 0:
            return whole
        if number not in whole._made:
            whole._made[number] = whole._in_edition(whole.editions[number - 1][1])
        return whole._made[number]

    def spans(self) -> tuple[tuple[date, date, ServiceSpec], ...]:
        """Each span of days with the same terms: its first day, its last day and the specification on them."""
        whole = self.undated or self
        starts = (date.min, *(start for start, _ in whole.editions))
        ends = (*(start - _ONE_DAY for start in starts[1:]), date.max)
        return tuple((start, end, whole.on(start)) for start, end in zip(starts, ends, strict=True))

    def _in_edition(self, edition: ServiceSpec) -> ServiceSpec:
        held = {item.name: item for item in edition.items}
        return replace(
            self,
            items=tuple(replace(held.get(item.name, item), prices=item.prices) for item in self.items),
            recalls=edition.recalls,
            clocks=edition.clocks,
            window_months=edition.window_months,
            window_clause=edition.window_clause,
            submission=replace(edition.submission, addresses=self.submission.addresses),
            payment=edition.payment,
            undated=self,
        )

    def in_force_on(self, day: date) -> bool:
        """Whether the specification is in force on a day."""
        return any(period.covers(day) for period in self.periods)

    def touches(self, first: date, last: date) -> bool:
        """Whether the specification is in force on some day between two, both included."""
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

    def measure(self, measure_id: str) -> MeasureSpec:
        """The measure of an id; KeyError otherwise."""
        for measure in self.measures:
            if measure.id == measure_id:
                return measure
        raise KeyError(measure_id)

    def clock(self, name: str) -> Clock:
        """The clock of a name; KeyError otherwise."""
        return _named(self.clocks, name)

    def threshold(self, name: str) -> Threshold:
        """The threshold of a name; KeyError otherwise."""
        return _named(self.thresholds, name)

    def table(self, name: str) -> TableSpec:
        """The printed table of a name; KeyError otherwise."""
        return _named(self.tables, name)

    def setting(self, name: str, day: date) -> SettingValue | None:
        """The value of a setting in force on a day; None when it is not set. KeyError for an unknown name."""
        found = in_force(_named(self.settings, name).versions, day)
        return found.value if found else None

    def claim_codelists(self) -> tuple[str, ...]:
        """The code lists by which items are claimed, in the order of the items."""
        return tuple(dict.fromkeys(name for item in self.items for name in item.codelists))

    def watched_codelists(self) -> tuple[str, ...]:
        """The code lists of clocks, thresholds and measures, which see nothing while their codes are not set."""
        timed = (name for clock in self.clocks for name in (*clock.from_codelists, *clock.to))
        valued = (name for threshold in self.thresholds for name in (*threshold.codelists, *threshold.done_codelists))
        measured = (name for measure in self.measures for name in measure.codelists)
        return tuple(dict.fromkeys((*timed, *valued, *measured)))

    def asked_codelists(self) -> tuple[str, ...]:
        """The code lists that a check of an item looks for in the record."""
        options = (check.options.get("codelist", "") for item in self.items for check in item.checks)
        return tuple(dict.fromkeys(name for option in options for name in names_in(option)))

    def codelists_relied_on(self) -> tuple[str, ...]:
        """Every code list that a claim uses: those of items, and those that their options and checks name."""
        named = (
            name
            for item in self.items
            for option, value in (item.options or {}).items()
            if option.endswith("codelists")
            for name in names_in(value)
        )
        return tuple(dict.fromkeys((*self.claim_codelists(), *named, *self.asked_codelists())))


def _named(values: Iterable[T], name: str) -> T:
    for value in values:
        if getattr(value, "name", None) == name:
            return value
    raise KeyError(name)
