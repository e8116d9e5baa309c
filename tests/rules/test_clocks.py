"""A clock is met on its last day, in every unit; it calls, it counts and it checks by one definition."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from lescli.calendar import Period
from lescli.errors import SpecificationError
from lescli.rules.accepted import accepted_activity
from lescli.rules.clocks import runs_on_register
from lescli.rules.unregistered import unregistered
from lescli.services import Service
from lescli.store import practice_data
from lescli.testing import Surgery, assert_claim, assert_measures, assert_recall

Made = Callable[..., Service]


CLOCK = """
[[clock]]
name = "told-to-review"
title = "Review after admission"
clause = "4"
from = {{ {start} }}
to = {{ {to} }}
within = {within}
unit = "{unit}"

[[measure]]
id = "in-time"
title = "In time"
kind = "clock-met"
of = "told-to-review"
clause = "5"
"""
LISTS = "told review frailty"


def clock(
    within: int = 7, unit: str = "days", start: str = 'codelist = "told"', to: str = 'any_of = ["review"]'
) -> str:
    return CLOCK.format(within=within, unit=unit, start=start, to=to)


@pytest.mark.parametrize(
    ("within", "unit", "began", "last"),
    [
        (7, "days", "2026-05-01", "2026-05-08"),
        (2, "weeks", "2026-05-01", "2026-05-15"),
        (1, "months", "2026-01-31", "2026-02-28"),
        # 1 May is a Friday, and 4 May and 25 May are bank holidays.
        (1, "working-days", "2026-05-01", "2026-05-05"),
        (7, "working-days", "2026-05-02", "2026-05-13"),
        # Hours count from the first minute of a day, and an entry may be of the last minute of its own.
        (24, "hours", "2026-05-01", "2026-05-01"),
        (48, "hours", "2026-05-01", "2026-05-02"),
        (71, "hours", "2026-05-01", "2026-05-02"),
        (72, "hours", "2026-05-01", "2026-05-03"),
        # 25 October 2026 has 25 hours: 48 hours from its first minute end at 23:00 on the 26th.
        (48, "hours", "2026-10-25", "2026-10-25"),
        # 29 March 2026 has 23 hours.
        (48, "hours", "2026-03-29", "2026-03-30"),
    ],
)
def test_the_last_day(made: Made, within: int, unit: str, began: str, last: str) -> None:
    surgery = Surgery(made(clock(within, unit), lists=LISTS), activity=f"patient | date | code\n Ann | {began} | told")
    assert_recall(surgery, f"patient | due | late\n Ann | {last} | 0", as_of=last)
    after = date.fromordinal(date.fromisoformat(last).toordinal() + 1)
    assert_recall(surgery, f"patient | due | late\n Ann | {last} | 1", as_of=after)


@pytest.mark.parametrize(
    ("reviewed", "count", "of"),
    [("2026-05-01", 1, 1), ("2026-05-08", 1, 1), ("2026-05-09", 0, 1), ("2026-04-30", 0, 1)],
)
def test_met_late_and_missed_are_counted(made: Made, reviewed: str, count: int, of: int) -> None:
    rows = f"patient | date | code\n Ann | 2026-05-01 | told\n Ann | {reviewed} | review"
    surgery = Surgery(made(clock(), lists=LISTS), activity=rows)
    assert_measures(surgery, f"measure | count | of\n in-time | {count} | {of}", period="2026-05")


def test_a_running_clock_is_not_in_the_denominator_and_is_counted_when_it_ends(made: Made) -> None:
    surgery = Surgery(made(clock(), lists=LISTS), activity="patient | date | code\n Ann | 2026-05-24 | told")
    assert_measures(surgery, "measure | count | of\n in-time | 0 | 0", period="2026-05", as_of="2026-05-31")
    # Its last day is 31 May, so it ended unmet on 1 June, in one month only.
    assert_measures(surgery, "measure | count | of\n in-time | 0 | 0", period="2026-05", as_of="2026-07-31")
    assert_measures(surgery, "measure | count | of\n in-time | 0 | 1", period="2026-06", as_of="2026-07-31")


def test_a_clock_met_late_counts_in_the_month_in_which_it_ended(made: Made) -> None:
    rows = "patient | date | code\n Ann | 2026-05-20 | told\n Ann | 2026-06-05 | review"
    surgery = Surgery(made(clock(), lists=LISTS), activity=rows)
    assert_measures(surgery, "measure | count | of\n in-time | 0 | 1", period="2026-05", as_of="2026-06-30")
    assert_measures(surgery, "measure | count | of\n in-time | 0 | 0", period="2026-06")


def test_a_missed_clock_counts_from_the_day_after_its_last(made: Made) -> None:
    surgery = Surgery(made(clock(), lists=LISTS), activity="patient | date | code\n Ann | 2026-05-01 | told")
    assert_measures(surgery, "measure | count | of\n in-time | 0 | 0", period="2026-05", as_of="2026-05-08")
    assert_measures(surgery, "measure | count | of\n in-time | 0 | 1", period="2026-05", as_of="2026-05-09")


def test_any_of_is_met_by_the_first_of_them(made: Made) -> None:
    rows = "patient | date | code\n Ann | 2026-05-01 | told\n Ann | 2026-05-20 | review\n Ann | 2026-05-03 | frailty"
    surgery = Surgery(made(clock(to='any_of = ["review", "frailty"]'), lists=LISTS), activity=rows)
    assert_measures(surgery, "measure | count | of\n in-time | 1 | 1", period="2026-05")


def test_a_second_event_while_it_runs_is_the_same_run_and_a_later_one_starts_anew(made: Made) -> None:
    surgery = Surgery(
        made(clock(), lists=LISTS),
        activity="""
            patient | date       | code
            Ann     | 2026-05-01 | told
            Ann     | 2026-05-05 | told
            Ann     | 2026-05-20 | told
            Ann     | 2026-05-21 | review
            Ann     | 2026-05-22 | told
            """,
    )
    assert_measures(surgery, "measure | count | of\n in-time | 1 | 3", period="2026-05")
    assert_recall(surgery, "patient | due\n Ann | 2026-05-29", as_of="2026-05-23")


def test_the_most_pressing_of_two_clocks_is_called(made: Made) -> None:
    rows = "patient | date | code\n Ann | 2026-05-01 | told\n Ann | 2026-05-20 | told"
    assert_recall(
        Surgery(made(clock(), lists=LISTS), activity=rows), "due | late\n 2026-05-08 | 13", as_of="2026-05-21"
    )


def test_all_of_names_what_is_still_to_do_and_is_met_by_the_last_of_them(made: Made) -> None:
    service = made(clock(to='all_of = ["review", "frailty"]'), lists=LISTS)
    rows = "patient | date | code\n Ann | 2026-05-01 | told\n Ann | 2026-05-02 | review"
    assert_recall(Surgery(service, activity=rows), "due | note\n 2026-05-08 | still to do: frailty", as_of="2026-05-08")
    both = f"{rows}\n Ann | 2026-05-08 | frailty"
    assert_recall(Surgery(service, activity=both), "due", as_of="2026-05-08")
    assert_measures(Surgery(service, activity=both), "count | of\n 1 | 1", period="2026-05")


@pytest.mark.parametrize(
    ("patients", "register"),
    [
        ("patient | left\n Ann | 2026-05-04", ""),
        ("patient | died\n Ann | 2026-05-04", ""),
        ("", "patient | entered | ended\n Ann | 2026-05-01 | 2026-05-04"),
    ],
)
def test_who_left_died_or_ended_is_out(made: Made, patients: str, register: str) -> None:
    rows = "patient | date | code\n Ann | 2026-05-01 | told"
    surgery = Surgery(made(clock(), lists=LISTS), patients=patients, activity=rows, register=register)
    assert_recall(surgery, "patient", as_of="2026-05-06")
    assert_measures(surgery, "measure | count | of\n in-time | 0 | 0", period="2026-05")


def test_an_end_that_is_still_to_come_stops_nothing_yet(made: Made) -> None:
    rows = "patient | date | code\n Ann | 2026-05-01 | told"
    register = "patient | entered | ended\n Ann | 2026-05-01 | 2026-05-04"
    surgery = Surgery(made(clock(), lists=LISTS), activity=rows, register=register)
    assert_recall(surgery, "patient\n Ann", as_of="2026-05-03")
    assert_recall(surgery, "patient", as_of="2026-05-04")


def test_who_left_before_the_last_day_is_not_late_afterwards(made: Made) -> None:
    rows = "patient | date | code\n Ann | 2026-05-01 | told\n Ann | 2026-05-20 | review"
    surgery = Surgery(made(clock(), lists=LISTS), patients="patient | left\n Ann | 2026-05-04", activity=rows)
    assert_measures(surgery, "measure | count | of\n in-time | 0 | 0", period="2026-05")


def test_who_left_after_the_last_day_was_missed(made: Made) -> None:
    rows = "patient | date | code\n Ann | 2026-05-01 | told"
    surgery = Surgery(made(clock(), lists=LISTS), patients="patient | left\n Ann | 2026-05-08", activity=rows)
    assert_measures(surgery, "measure | count | of\n in-time | 0 | 1", period="2026-05")


def test_who_declined_is_out(made: Made) -> None:
    rows = "patient | date | code\n Ann | 2026-05-01 | told"
    said = "patient | on | by | outcome\n Ann | 2026-05-02 | phone | declined"
    surgery = Surgery(made(clock(), lists=LISTS), activity=rows, invitations=said)
    assert surgery.recall("2026-05-06").recalls == ()
    assert [one.kind for one in surgery.recall("2026-05-06").declined] == ["told-to-review"]


def test_an_event_from_before_the_patient_came_is_not_ours_to_answer(made: Made) -> None:
    rows = "patient | date | code\n Ann | 2025-05-01 | told\n Ben | 2026-05-30 | told"
    joined = "patient | registered\n Ann | 2026-05-01\n Ben | 2026-06-01"
    surgery = Surgery(made(clock(), lists=LISTS), patients=joined, activity=rows)
    assert_recall(surgery, "patient | due\n Ben | 2026-06-06", as_of="2026-06-02")


def test_a_clock_from_a_register_detail(made: Made) -> None:
    service = made(clock(start='detail = "told_on"'), lists="work review", details="told_on:date")
    register = "patient | entered | told_on\n Ann | 2026-04-01 | 2026-05-01\n Ben | 2026-04-01 |"
    surgery = Surgery(service, register=register)
    assert_recall(surgery, "patient | due\n Ann | 2026-05-08", as_of="2026-05-02")
    # A day that is still to come has started nothing.
    assert_recall(surgery, "patient", as_of="2026-04-30")


def test_an_event_of_a_patient_on_no_register_is_told(made: Made) -> None:
    rows = "patient | date | code\n Ann | 2026-05-01 | told\n Ben | 2026-05-01 | told"
    service = made(clock(), lists=LISTS, find_by="")
    surgery = Surgery(service, activity=rows, register="patient | entered\n Ben | 2026-05-01")
    records, register = surgery.records("2026-05-02"), surgery.register("2026-05-02")
    (found,) = unregistered(service.spec, records, register, Period.parse("2026-27"))
    assert (found.title, [surgery.names()[one] for one in found.never_patients]) == ("told", ["Ann"])


def test_an_entry_that_is_withdrawn_is_gone(made: Made) -> None:
    service = made(clock(), lists=LISTS)
    rows = "patient | date | code\n Ann | 2026-05-01 | told\n Ann | 2026-05-02 | review"
    surgery = Surgery(service, activity=rows)
    assert_recall(surgery, "patient", as_of="2026-05-03")
    with surgery.store.writing():
        surgery.store.connection.execute("UPDATE activity SET withdrawn = 1 WHERE day = '2026-05-02'")
    assert_recall(surgery, "patient | due\n Ann | 2026-05-08", as_of="2026-05-03")


WITHIN = """
[[item]]
name = "review"
title = "Review"
kind = "per-activity"
clause = "3"
codelists = ["review"]
unit = "review"

[[item.price]]
amount = "10.00"
from = "2025-04-01"
clause = "3"

[[item.check]]
rule = "within"
clock = "told-to-review"
clause = "4"
"""


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("Ann | 2026-05-01 | told\n Ann | 2026-05-08 | review", "accepted"),
        ("Ann | 2026-05-01 | told\n Ann | 2026-05-09 | review", "too-late"),
        ("Ann | 2026-05-01 | told\n Ann | 2026-05-01 | review", "accepted"),
        ("Ann | 2026-05-09 | told\n Ann | 2026-05-08 | review", "clock-not-started"),
        ("Ann | 2026-05-08 | review", "clock-not-started"),
        # A clock that is over starts anew with the next event.
        ("Ann | 2026-05-01 | told\n Ann | 2026-05-20 | told\n Ann | 2026-05-21 | review", "accepted"),
    ],
)
def test_the_check_within(made: Made, rows: str, reason: str) -> None:
    surgery = Surgery(made(clock() + WITHIN, lists=LISTS), activity=f"patient | date | code\n {rows}")
    verdict = {"accepted": "payable", "too-late": "refused", "clock-not-started": "check"}[reason]
    assert_claim(surgery, f"patient | verdict | reason\n Ann | {verdict} | {reason}", month="2026-05")


def test_the_check_within_of_a_detail(made: Made) -> None:
    service = made(clock(start='detail = "told_on"') + WITHIN, lists="work review", details="told_on:date")
    register = "patient | entered | told_on\n Ann | 2026-04-01 | 2026-05-01\n Ben | 2026-04-01 | 2026-04-30"
    rows = "patient | date | code\n Ann | 2026-05-08 | review\n Ben | 2026-05-08 | review\n Cat | 2026-05-08 | review"
    surgery = Surgery(service, register=register, activity=rows)
    expected = "patient | reason\n Ann | accepted\n Ben | too-late\n Cat | clock-not-started"
    assert_claim(surgery, expected, month="2026-05")


def test_the_check_within_of_a_detail_that_has_changed_since(made: Made) -> None:
    service = made(clock(start='detail = "told_on"') + WITHIN, lists="work review", details="told_on:date")
    surgery = Surgery(
        service,
        activity="patient | date | code\n Ann | 2026-05-08 | review",
        register="patient | entered | told_on\n Ann | 2026-04-01 | 2026-05-01",
    )
    (entry,) = [hand.id for hand in surgery.records("2026-08-02").hand_entries()]
    with surgery.store.writing():
        practice_data.set_details(surgery.store, entry, {"told_on": "2026-08-01"}, date(2026, 8, 1))
    assert_claim(surgery, "patient | reason\n Ann | accepted", month="2026-05", as_of="2026-08-02")


def test_the_states_of_a_run(made: Made) -> None:
    rows = """
        patient | date       | code
        Ann     | 2026-05-01 | told
        Ann     | 2026-05-08 | review
        Ben     | 2026-05-01 | told
        Ben     | 2026-05-09 | review
        Cat     | 2026-05-01 | told
        Dan     | 2026-05-03 | told
        """
    surgery = Surgery(made(clock(), lists=LISTS), activity=rows)
    spec, records, register = surgery.service.spec, surgery.records("2026-05-10"), surgery.register("2026-05-10")
    runs = runs_on_register(
        spec.clocks[0], spec, records, register, lambda name: accepted_activity(spec, records, (name,))
    )
    assert [run.state(records.as_of) for run in runs] == ["met", "late", "missed", "running"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (clock(12, "hours"), "entries have only a day, so fewer than 24 hours cannot be judged"),
        (clock(start='codelist = "tld"'), "there is no code list `tld`"),
        (clock(to='any_of = ["reviw"]'), "there is no code list `reviw`"),
        (clock() + clock().split("[[measure]]")[0], "the name `told-to-review` is used twice"),
        (clock().replace('of = "told-to-review"', 'of = "told"'), "there is no clock `told`"),
        (clock() + WITHIN.replace('clock = "told-to-review"', 'clock = "told"'), "there is no clock `told`"),
        (clock(start='codelist = "told", detail = "x"'), "codelist and detail cannot be used together"),
    ],
)
def test_faults(made: Made, text: str, fault: str) -> None:
    with pytest.raises(SpecificationError) as shown:
        made(text, lists=LISTS)
    assert any(fault in problem for problem in shown.value.problems), shown.value.problems
