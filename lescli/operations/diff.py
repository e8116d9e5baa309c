"""`les services diff`: what changed between two specifications, in words, and in pounds on the store's own record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ..calendar import Period, for_people
from ..errors import LesError
from ..model import ClaimedRow, Dated, ServiceSpec, Span, Verdict, in_force
from ..outputs import Answer, counted
from ..rules.unclaimed import claimed_amount
from ..rules.windows import submit_by
from ..services import Service
from ..specification import LocalTerm, with_local_terms
from ..specification.differences import TermChange, changes_between, with_change
from ..specification.parse import service_from
from ..store import Store
from ..store.practice_data import local_terms
from ..store.records.records import StoreRecords
from .diff_view import change_rows, diff_answer

Key = tuple[Any, ...]
Outcome = dict[Key, tuple[Any, ...]]
"""What one specification makes of the record: by what is judged (a row, a recall, a deadline), what it says of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is priced: the store, the days, the day asked on, and whether the new terms are taken to hold throughout."""

    store: Store
    period: Period
    as_of: date
    as_if: bool
    begins: date


class _Unclaimed(StoreRecords):
    """The records as if nothing was claimed yet."""

    def claimed(self) -> tuple[ClaimedRow, ...]:
        return ()


def begins_on(new: ServiceSpec, changes: Iterable[TermChange]) -> date:
    """The first day on which anything can differ: that of the first changed term, but no day before the new periods.

    A term that the file gives no day applies from the first day of the new periods.
    """
    first = min(span.start for span in new.periods)
    return max(first, min((one.start or first for one in changes), default=first))


def words_answer(old: Service, new: Service, names: tuple[str, str]) -> Answer:
    """What changed, in words alone."""
    changes, wording = changes_between(old.spec.data, new.spec.data)
    return diff_answer(names, change_rows(old.spec, changes, {}), None, wording, ())


def priced_answer(old: Service, new: Service, names: tuple[str, str], asked: Asked, *, rows: bool) -> Answer:
    """What changed, and what it makes of the practice's own record of a period."""
    changes, wording = changes_between(old.spec.data, new.spec.data)
    begins = begins_on(new.spec, changes)
    asked = replace(asked, begins=begins)
    was = _outcome(old, asked)
    will = _from_the_day(was, _outcome(new, asked), asked)
    touched: dict[TermChange, frozenset[Key]] = {}
    for change in changes:
        alone = _alone(old, new, change, asked)
        one = _from_the_day(was, alone, asked) if alone is not None else will
        touched[change] = frozenset(_differing(was, one))
    differing = _differing(was, will)
    impact = _impact(asked, was, will, differing, touched, rows=rows)
    told = change_rows(old.spec, changes, {change: len(keys) for change, keys in touched.items()})
    nothing = [change.path for change in changes if not touched[change]]
    notes = []
    claimed = sum(key[0] == "row" and value[0] is Verdict.CLAIMED for key, value in was.items())
    if claimed:
        told_of = counted(claimed, "row")
        notes.append(
            f"{told_of} of the period already claimed, which stays as it was; add --as-if to price all of it anew"
        )
    if asked.period.end < begins and not asked.as_if:
        notes.append(
            f"the new terms begin on {for_people(begins)}, after the period, so nothing differs; "
            "add --as-if to see the period as if they had begun with it"
        )
    elif nothing:
        notes.append(f"these terms change and affect nothing in the period: {', '.join(dict.fromkeys(nothing))}")
    return diff_answer(names, told, impact, wording, notes, rows=rows)


def recorded_year(store: Store, service: Service, as_of: date) -> Period:
    """The contract year of the newest entry that the service claims by, of those up to a day.

    LesError when there is no such entry.
    """
    records = StoreRecords(store, _under_terms(store, service).spec, as_of)
    days = [one.day for name in service.spec.claim_codelists() for one in records.activity(name)]
    newest = max(days, default=None)
    if newest is None:
        raise LesError(f"the store has no entry that {service.name} claims by", "name the days with --period")
    return service.spec.contract_year(newest)


def _under_terms(store: Store, service: Service) -> Service:
    """The service with the practice's local terms, as far as it has them."""
    kept: tuple[LocalTerm, ...] = ()
    for term in local_terms(store, service.name):
        try:
            with_local_terms(service.spec, (*kept, term))
        except LesError:
            continue
        kept = (*kept, term)
    return service.with_spec(with_local_terms(service.spec, kept))


def _alone(old: Service, new: Service, change: TermChange, asked: Asked) -> Outcome | None:
    """What the old specification would say with one of the new terms; None when it cannot stand without the others."""
    try:
        spec = service_from(with_change(old.spec.data, new.spec.data, change), old.spec.sha256)
        return _outcome(new.with_spec(spec), asked)
    except (LesError, KeyError, ValueError, TypeError, AttributeError, StopIteration):
        return None


def _outcome(service: Service, asked: Asked) -> Outcome:
    service = _under_terms(asked.store, service)
    spec = _throughout(service.spec, asked) if asked.as_if else service.spec
    service = service.with_spec(spec)
    found: Outcome = {}
    held = _Unclaimed if asked.as_if else StoreRecords
    month = spec.claim_period(asked.period.start)
    while month.first <= asked.period.end:
        due = submit_by(spec, month)
        found["deadline", month.first] = (due,)
        # Each claim is made on its last day, or on the day asked on if that comes first.
        on = min(due or month.plus(1).last, asked.as_of)
        if month.first <= on:
            _claim(found, service, held(asked.store, spec, on), Period.of_claim(month), asked)
        month = month.plus(1)
    last = min(asked.period.end, asked.as_of)
    records = held(asked.store, spec, last)
    for one in service.recall(records, service.register(records)).recalls:
        found["recall", one.nhs_number, one.kind] = (one.due_on, one.overdue_after)
    return found


def _claim(found: Outcome, service: Service, records: StoreRecords, period: Period, asked: Asked) -> None:
    """Add the rows of one claim. A row that an earlier claim of the period pays stays paid."""
    spec, seen = service.spec, Counter[Key]()
    claimed = records.claimed()
    for row in service.claim(records, service.register(records), period).rows:
        if row.day not in asked.period:
            continue
        place = ("row", row.nhs_number, row.day, row.item, row.entry_id)
        seen[place] += 1
        key = (*place, seen[place])
        if key in found and found[key][0] in (Verdict.PAYABLE, Verdict.CLAIMED):
            continue
        pence = claimed_amount(spec, claimed, row) if row.verdict is Verdict.CLAIMED else row.unit_price_pence
        paid = row.verdict in (Verdict.PAYABLE, Verdict.CLAIMED)
        found[key] = (row.verdict, (pence or 0) if paid else 0, row.reason)


def _throughout(spec: ServiceSpec, asked: Asked) -> ServiceSpec:
    """The specification with its terms of the day on which the new ones begin, for every day."""
    day = asked.begins
    held = spec.on(day)
    return replace(
        held,
        periods=(Span(start=asked.period.start, end=asked.period.end, source=spec.periods[0].source),),
        items=tuple(replace(item, prices=_held(item.prices, day)) for item in held.items),
        codelists=tuple(replace(one, versions=_held(one.versions, day)) for one in held.codelists),
        settings=tuple(replace(one, versions=_held(one.versions, day)) for one in held.settings),
        editions=(),
        changes=(),
        undated=None,
    )


def _held(versions: tuple[Dated[Any], ...], day: date) -> tuple[Dated[Any], ...]:
    found = in_force(versions, day)
    return (replace(found, start=date.min),) if found else ()


def _from_the_day(was: Outcome, will: Outcome, asked: Asked) -> Outcome:
    """The new outcome, with all that is of a day before the new terms begin as it was. What was claimed stays."""
    if asked.as_if:
        return will
    if min(asked.period.end, asked.as_of) < asked.begins:
        return was
    kept = {key: value for key, value in was.items() if _is_before(key, value, asked.begins)}
    return {**{key: value for key, value in will.items() if not _is_before(key, value, asked.begins)}, **kept}


def _is_before(key: Key, value: tuple[Any, ...], begins: date) -> bool:
    if key[0] == "row":
        return bool(key[2] < begins or value[0] is Verdict.CLAIMED)
    return bool(key[0] == "deadline" and key[1] < begins)


def _differing(was: Outcome, will: Outcome) -> list[Key]:
    return [key for key in dict.fromkeys((*was, *will)) if _core(was.get(key)) != _core(will.get(key))]


def _core(value: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    """What counts as a difference: the verdict and the pence of a row, and every other value whole."""
    return value[:2] if value else None


def _impact(
    asked: Asked,
    was: Outcome,
    will: Outcome,
    differing: list[Key],
    touched: Mapping[TermChange, frozenset[Key]],
    *,
    rows: bool,
) -> dict[str, Any]:
    changed = sorted((key for key in differing if key[0] == "row"), key=lambda key: (key[2], key[3], key[1]))
    recalls = sorted((key for key in differing if key[0] == "recall"), key=lambda key: (key[2], key[1]))
    old_pence, new_pence = _sum(was), _sum(will)
    items = sorted({key[3] for key in (*was, *will) if key[0] == "row"})
    return {
        "period": {"start": asked.period.start.isoformat(), "end": asked.period.end.isoformat()},
        "begins_on": asked.begins.isoformat(),
        "as_if": asked.as_if,
        "old_pence": old_pence,
        "new_pence": new_pence,
        "difference_pence": new_pence - old_pence,
        "patients": len({key[1] for key in (*changed, *recalls) if key[1]}),
        "items": [
            {
                "item": item,
                "old_quantity": _count(was, item),
                "new_quantity": _count(will, item),
                "old_pence": _sum(was, item),
                "new_pence": _sum(will, item),
            }
            for item in items
        ],
        "rows_changed": [
            {
                **({"nhs_number": key[1]} if rows else {}),
                "date": key[2].isoformat(),
                "item": key[3],
                "verdict_old": _value(was, key, 0),
                "verdict_new": _value(will, key, 0),
                "old_pence": was.get(key, ("", 0))[1],
                "new_pence": will.get(key, ("", 0))[1],
                "reason": _value(will, key, 2),
                "terms": _by_which(key, touched),
            }
            for key in changed
        ],
        "recalls_changed": [
            {
                **({"nhs_number": key[1]} if rows else {}),
                "kind": key[2],
                "due_old": was[key][0].isoformat() if key in was else None,
                "due_new": will[key][0].isoformat() if key in will else None,
                "terms": _by_which(key, touched),
            }
            for key in recalls
        ],
    }


def _by_which(key: Key, touched: Mapping[TermChange, frozenset[Key]]) -> list[str]:
    return list(dict.fromkeys(change.path for change, keys in touched.items() if key in keys))


def _value(outcome: Outcome, key: Key, place: int) -> str | None:
    return str(outcome[key][place]) if key in outcome else None


def _sum(outcome: Outcome, item: str | None = None) -> int:
    return sum(value[1] for key, value in outcome.items() if key[0] == "row" and item in (None, key[3]))


def _count(outcome: Outcome, item: str) -> int:
    return sum(key[0] == "row" and key[3] == item and value[1] > 0 for key, value in outcome.items())
