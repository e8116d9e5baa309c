"""When a duty is due again: on both sides of each deciding day, with an interval of each kind and with none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from lescli.model import Dated, Duty, ServiceSpec
from lescli.rules.duties import Confirmed, DutyState, DutyStatus, duty_states
from lescli_denosumab import les_service

WITHIN = timedelta(days=28)
YEARLY = Duty(name="audit", title="Audit", clause="2", evidence="the audit", every_months=12)
ONCE = Duty(name="protocol", title="Protocol", clause="3", evidence="the protocol")
BY_SETTING = Duty(name="training", title="Training", clause="4", evidence="list", interval_setting="duty_months")


def spec(*duties: Duty, months: int | None = None) -> ServiceSpec:
    """A specification with these duties; `months` is the practice's own interval from 1 June 2026."""
    own = replace(les_service(), duties=duties)
    if months is None:
        return own
    term = Dated(start=date(2026, 6, 1), value=months, source="letter", local=True)
    settings = tuple(
        replace(one, versions=(*one.versions, term)) if one.name == "duty_months" else one for one in own.settings
    )
    return replace(own, settings=settings)


def confirmed(duty: str, on: str, by: str = "A. Admin", note: str = "seen") -> Confirmed:
    return Confirmed(duty=duty, on=date.fromisoformat(on), by=by, note=note)


def state(asked: ServiceSpec, as_of: str, *known: Confirmed) -> DutyState:
    (found,) = duty_states(asked, known, date.fromisoformat(as_of), WITHIN)
    return found


@pytest.mark.parametrize(
    ("as_of", "status"),
    [
        ("2026-05-01", DutyStatus.CONFIRMED),
        ("2027-04-02", DutyStatus.CONFIRMED),  # 29 days before
        ("2027-04-03", DutyStatus.DUE),
        ("2027-05-01", DutyStatus.DUE),  # the day it falls due
        ("2027-05-02", DutyStatus.OVERDUE),
    ],
)
def test_a_yearly_duty_is_due_on_its_day_and_overdue_the_day_after(as_of: str, status: DutyStatus) -> None:
    found = state(spec(YEARLY), as_of, confirmed("audit", "2026-05-01"))
    assert (found.status, found.due_on) == (status, date(2027, 5, 1))


def test_a_day_that_the_later_month_lacks_is_its_last_day() -> None:
    quarterly = replace(YEARLY, every_months=3)
    assert state(spec(quarterly), "2026-12-01", confirmed("audit", "2026-11-30")).due_on == date(2027, 2, 28)


def test_once_is_enough_where_no_interval_is_given() -> None:
    found = state(spec(ONCE), "2046-05-01", confirmed("protocol", "2026-05-01"))
    assert (found.status, found.every_months, found.due_on) == (DutyStatus.CONFIRMED, None, None)


def test_a_duty_that_nobody_confirmed_is_never_whatever_its_interval() -> None:
    assert [state(spec(duty), "2026-05-01").status for duty in (YEARLY, ONCE, BY_SETTING)] == [DutyStatus.NEVER] * 3


def test_a_confirmation_of_a_later_day_or_of_another_duty_does_not_count() -> None:
    assert state(spec(YEARLY), "2026-04-30", confirmed("audit", "2026-05-01")).status is DutyStatus.NEVER
    assert state(spec(YEARLY), "2026-05-01", confirmed("audit", "2026-05-01")).status is DutyStatus.CONFIRMED
    assert state(spec(YEARLY), "2026-05-01", confirmed("protocol", "2026-05-01")).status is DutyStatus.NEVER


def test_the_latest_day_counts_and_of_one_day_the_one_recorded_last() -> None:
    known = [confirmed("audit", "2026-05-01", note="a"), confirmed("audit", "2026-05-01", note="b")]
    known.append(confirmed("audit", "2025-05-01", note="recorded late"))
    last = state(spec(YEARLY), "2026-06-01", *known).last
    assert last is not None
    assert last.note == "b"


@pytest.mark.parametrize(
    ("on", "due"),
    [("2026-05-31", date(2027, 5, 31)), ("2026-06-01", date(2026, 7, 1))],
)
def test_an_interval_in_a_setting_is_that_of_the_day_it_counts_from(on: str, due: date) -> None:
    assert state(spec(BY_SETTING, months=1), "2026-06-05", confirmed("training", on)).due_on == due


def test_a_setting_of_nought_months_means_that_once_is_enough() -> None:
    found = state(spec(BY_SETTING, months=0), "2036-06-05", confirmed("training", "2026-06-05"))
    assert (found.status, found.due_on) == (DutyStatus.CONFIRMED, None)


def test_the_most_pressing_comes_first() -> None:
    duties = [replace(YEARLY, name=name) for name in ("confirmed", "due", "never", "later", "sooner")]
    known = [
        confirmed(name, on)
        for name, on in (("confirmed", "2026-06-01"), ("due", "2025-06-20"), ("later", "2025-05-02"))
    ]
    known.append(confirmed("sooner", "2025-05-01"))
    found = duty_states(spec(*duties), known, date(2026, 6, 5), WITHIN)
    assert [one.duty.name for one in found] == ["sooner", "later", "never", "due", "confirmed"]
