"""Claimed rows that have lost their support: the entry changed or was withdrawn, or the rules would not pay it today.

The rules are asked again with today's terms and records. So a death, a registration, an accreditation or a term that
became known later is found too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from ...calendar import Month, Period
from ...errors import LesError, LockedError
from ...model import Claim, ClaimRow, ServiceSpec, Verdict
from ...outputs import pounds
from ...rules.claim_row import price_of, reason_of
from ...rules.entries import cap_key
from ...rules.other_services import work_of
from ...rules.tariffs import is_price
from ...services import Service
from ...store import Store
from ...store.ledger.read import LedgerRow, claims, discrepancies, standing_rows
from ..choose_services import catalog_of, register_of, under_local_terms
from ..patients.same_person import suspicions
from ..values import LEFT_OUT, TABLE_ONLY

UNSUPPORTED = "nothing in the record or the register supports it any more"
TWICE = ("claimed-twice", "the same work of the same person was also claimed under another NHS number")

_Key = tuple[str, str, date]
_Place = tuple[str, int]
# A closed claim window or an earlier claim does not undo work that was claimed in time, so those are not here.
_LOST = (Verdict.REFUSED, Verdict.CHECK)
_ELSEWHERE = "claimed-elsewhere"
_SAME_DAY = ("duplicate", "superseded")
_NEVER_TYPED = str.maketrans({'"': "'", "`": "'", "$": " ", "\\": "/", "!": "."})

SEE_PATIENTS = "look at it first: `les patients` says that two numbers may be one person's"


def claimed_twice(spec: ServiceSpec, rows: Iterable[LedgerRow]) -> set[tuple[str, int]]:
    """Rows, as claim id and row number, whose work was already claimed under another NHS number of the same person."""
    items = {item.name: item for item in spec.items}
    first: dict[tuple[str, tuple[str, date | None]], str] = {}
    found = set()
    for row in sorted(rows, key=lambda one: (one.claim_id, one.row)):
        if not row.person or row.item not in items:
            continue
        work = (row.person, work_of(items[row.item], row.item, row.day))
        if first.setdefault(work, row.nhs_number) != row.nhs_number:
            found.add((row.claim_id, row.row))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscrepancyRow:
    """A discrepancy with the fields of docs/reference/json.md in their order."""

    service: str
    claim_id: str
    row: int
    change: str
    reason: str
    cause: str
    amount_pence: int
    supported: bool | None = field(default=None, metadata=LEFT_OUT)
    command: str = field(default="", metadata=LEFT_OUT)
    item: str = field(metadata=TABLE_ONLY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The claim that a service gave for a period."""

    service: Service
    period: Period
    claim: Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """One claimed row and what happened to its support.

    `change` is `changed` or `withdrawn`. `cause` is the same word, or the name of the reason or term that now speaks
    against the row. `supported` is True when the rules would still pay it, and None when they were not asked again or
    the row is `to_look_at`.
    """

    row: LedgerRow
    change: str
    cause: str
    reason: str
    supported: bool | None = None
    to_look_at: bool = False

    @property
    def command(self) -> str:
        """The command that reverses the row."""
        why = " ".join(self.reason.translate(_NEVER_TYPED).split())
        return f'les claims reverse {self.row.claim_id} --row {self.row.row} --reason "{why}"'

    @property
    def is_open(self) -> bool:
        """Whether the rules would not pay the row today, or that is not known yet."""
        return self.supported is False or self.to_look_at

    def shown(self) -> DiscrepancyRow:
        """The discrepancy as an answer shows it. It names no patient."""
        return DiscrepancyRow(
            service=self.row.service,
            claim_id=self.row.claim_id,
            row=self.row.row,
            change=self.change,
            reason=self.reason,
            cause=self.cause,
            amount_pence=self.row.amount_pence,
            supported=self.supported,
            command=self.command if self.supported is False else "",
            item=self.row.item,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAgain:
    """Every claimed row whose support changed, and one line for each service whose rows could not be checked."""

    found: tuple[Discrepancy, ...]
    failed: tuple[str, ...]

    @property
    def to_reverse(self) -> tuple[Discrepancy, ...]:
        """Rows that the rules would not pay today."""
        return tuple(one for one in self.found if one.supported is False)

    @property
    def to_look_at(self) -> tuple[Discrepancy, ...]:
        """Rows whose patient may have two NHS numbers. Settle that before reversing them."""
        return tuple(one for one in self.found if one.to_look_at)


def changed_entries(store: Store, activities: set[int] | None = None) -> tuple[Discrepancy, ...]:
    """Claimed rows whose own entry changed or was withdrawn since. The rules are not asked again."""
    return tuple(_changed(row) for row in discrepancies(store, activities))


def look_again(
    store: Store,
    as_of: date,
    claim_id: str | None = None,
    service: str | None = None,
    asked_already: Mapping[str, Asked] | None = None,
) -> LookedAgain:
    """Ask the rules again about every claimed row, or those of one claim or one service.

    If `as_of` is before the submission of a claim, its service is asked as of the submission. The record of an earlier
    day does not hold the work yet, and sound claims would seem unsupported.

    `asked_already` has answers that were given on `as_of`, by service. The rules are not asked for them twice.
    """
    known = asked_already or {}
    every = standing_rows(store)
    standing = [row for row in every if claim_id in (None, row.claim_id) and service in (None, row.service)]
    services = {name: one.service for name, one in known.items()}
    problems: dict[str, str] = {}
    if any(row.service not in known for row in standing):
        catalog = catalog_of(store)
        services = {**{one.name: under_local_terms(store, one) for one in catalog.services}, **services}
        problems = {broken.name: broken.problem for broken in catalog.broken}
    submitted = {claim.claim_id: claim.submitted_on for claim in claims(store)}
    found: list[Discrepancy] = []
    failed: list[str] = []
    for name in sorted({row.service for row in standing}):
        rows = [row for row in standing if row.service == name]
        try:
            if name not in services:
                if name in problems:
                    raise LesError(problems[name])
                raise LesError("its service is not installed", "install its package, or type `les services add PATH`")
            asked = services[name]
            beyond = _beyond_cap(asked.spec, (row for row in every if row.service == name))
            twice = claimed_twice(asked.spec, (row for row in every if row.service == name))
            day = max(as_of, *(submitted[row.claim_id] for row in rows))
            given = known[name] if name in known and day == as_of else None
            found += _of_service(store, asked, rows, beyond, twice, day, given)
        except LockedError:
            raise
        except LesError as fault:
            failed.append(f"{name}: {len(rows)} claimed rows could not be looked at again: {fault}")
            # A change that the ledger recorded is reported even when the rules cannot be asked.
            found += [_changed(row) for row in rows if row.changes]
    return LookedAgain(found=_not_yet(store, found), failed=tuple(failed))


def _not_yet(store: Store, found: Iterable[Discrepancy]) -> tuple[Discrepancy, ...]:
    """Rows whose patient may have two NHS numbers are to be looked at, not reversed yet.

    Once the numbers are merged or told apart, the rules give a final answer.
    """
    found = tuple(found)
    if not any(one.supported is False for one in found):
        return found
    unsure = {number for pair in suspicions(store) for number in (pair.old.nhs_number, pair.new.nhs_number)}
    return tuple(
        replace(one, supported=None, to_look_at=True, reason=f"{one.reason}; {SEE_PATIENTS}")
        if one.supported is False and one.cause != "price" and unsure & {one.row.person, one.row.nhs_number}
        else one
        for one in found
    )


def _of_service(
    store: Store,
    service: Service,
    rows: list[LedgerRow],
    beyond: set[_Place],
    twice: set[_Place],
    as_of: date,
    given: Asked | None,
) -> Iterator[Discrepancy]:
    fresh = _asked_again(store, service, rows, as_of, given)
    for row in rows:
        against = _against(service.spec, row, fresh.get((row.item, row.person, row.day)), beyond)
        if (row.claim_id, row.row) in twice:
            against = TWICE
        if row.changes:
            own = _changed(row)
            told = f"{own.reason}; {against[1] if against else 'the rules would still pay it'}"
            yield Discrepancy(row=row, change=own.change, cause=own.cause, reason=told, supported=against is None)
        elif against:
            yield Discrepancy(row=row, change="changed", cause=against[0], reason=against[1], supported=False)


def _asked_again(
    store: Store, service: Service, rows: list[LedgerRow], as_of: date, given: Asked | None
) -> dict[_Key, ClaimRow]:
    days = [row.day for row in rows]
    if given and min(days) in given.period and max(days) in given.period:
        claim = given.claim
    else:
        period = Period(Month.of(min(days)).first, Month.of(max(days)).last)
        records, register = register_of(store, service, as_of)
        claim = service.claim(records, register, period)
    claimed = [row for row in claim.rows if row.verdict is Verdict.CLAIMED and row.reason == "claimed"]
    # Sort so that the entry that counts, the one that is not a duplicate, is last and overwrites the others of that
    # day.
    claimed.sort(key=lambda row: not any(one.reason in _SAME_DAY for one in row.also))
    return {(row.item, row.nhs_number, row.day): row for row in claimed}


def _against(spec: ServiceSpec, row: LedgerRow, fresh: ClaimRow | None, beyond: set[_Place]) -> tuple[str, str] | None:
    """Why a row would not be paid today: the name of the reason and its words. None when it would be."""
    if fresh is None:
        return "unsupported", UNSUPPORTED
    lost = [one for one in fresh.also if one.verdict in _LOST or one.reason == _ELSEWHERE]
    if lost:
        return lost[0].reason, f"it would not be paid today: {reason_of(spec, lost[0].reason).text}"
    if (row.claim_id, row.row) in beyond:
        return "over-cap", f"it would not be paid today: {reason_of(spec, 'over-cap').text}"
    now = _price(spec, row, fresh.tariff)
    if now is not None and not is_price(spec.item(row.item), row.amount_pence, now):
        return "price", f"claimed at {pounds(row.amount_pence)}, and the terms now pay {pounds(now)}"
    return None


def _price(spec: ServiceSpec, row: LedgerRow, tariff: str) -> int | None:
    """The price of the row today. None when the terms give no price, or pay by list size, which changes."""
    item = next((one for one in spec.items if one.name == row.item), None)
    if item is None or item.kind == "capitation":
        return None
    return price_of(spec, item, row.day, tariff=tariff)


def _beyond_cap(spec: ServiceSpec, rows: Iterable[LedgerRow]) -> set[_Place]:
    """Claimed rows, by claim id and row number, that exceed the cap of their day. The latest ones exceed it."""
    known = {item.name for item in spec.items}
    used: Counter[tuple[str, tuple[str, date]]] = Counter()
    beyond = set()
    for row in sorted(rows, key=lambda one: (one.day, one.claim_id, one.row)):
        if row.item in known:
            held = spec.on(row.day).item(row.item)
            key = (row.item, cap_key(spec, held, row.person, row.day))
            used[key] += 1
            if held.cap is not None and used[key] > held.cap:
                beyond.add((row.claim_id, row.row))
    return beyond


def _changed(row: LedgerRow) -> Discrepancy:
    kind = "withdrawn" if row.changes == ("withdrawn",) else "changed"
    return Discrepancy(row=row, change=kind, cause=kind, reason=change_in_words(row))


def change_in_words(row: LedgerRow) -> str:
    """What happened to the entry that a row rests on, without a patient or a value."""
    if row.changes == ("withdrawn",):
        return "the entry it rests on was withdrawn from the record"
    return f"the entry it rests on has changed ({', '.join(row.changes)})"
