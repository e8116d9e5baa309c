"""Checks of earlier entries, of the entry's value and of details: each on both sides of its limit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from lescli.errors import SpecificationError
from lescli.operations.position import unset_terms
from lescli.services import Service
from lescli.testing import Surgery, assert_claim

Made = Callable[..., Service]
ITEM = """
[[item]]
name = "work"
title = "Work"
kind = "per-activity"
clause = "3"
codelists = ["work"]
unit = "entry"

[[item.price]]
amount = "10.00"
from = "2025-04-01"
clause = "3"

[[item.check]]
rule = "{rule}"
clause = "4"
{options}

[reasons.not-diagnostic]
verdict = "check"
text = "not diagnostic"
clause = "4"
"""


def claimed(
    made: Made, rule: str, options: str, rows: str, expected: str, *, register: str = "", settings: str = ""
) -> None:
    """Asserts the reasons of the rows of work in May 2026, by date."""
    service = made(
        ITEM.format(rule=rule, options=options) + settings,
        lists="work earlier",
        details="began_on:date limit:number ready:yes-no",
    )
    surgery = Surgery(service, activity=f"patient | date | code | value | unit | id\n{rows}", register=register)
    assert_claim(surgery, f"date | reason\n{expected}", month="2026-05")


REGISTER = "patient | entered | from | began_on | limit | ready\n Ann | 2024-01-01 | {} | {} | {} | {}"


@pytest.mark.parametrize(
    ("options", "earlier", "reason"),
    [
        ("", "2026-05-09", "accepted"),
        ("", "2026-05-10", "accepted"),  # of the same day: it may have come first
        ("", "2026-05-11", "no-earlier-entry"),
        ("within = 10\nunit = 'days'", "2026-04-30", "accepted"),
        ("within = 10\nunit = 'days'", "2026-04-29", "no-earlier-entry"),
        ("within = 12\nunit = 'months'", "2025-05-10", "accepted"),
        ("within = 12\nunit = 'months'", "2025-05-09", "no-earlier-entry"),
        ("within = 2\nunit = 'weeks'", "2026-04-25", "no-earlier-entry"),
        ("must = 'not-exist'", "2026-05-09", "earlier-entry"),
        ("must = 'not-exist'", "2026-05-10", "accepted"),  # the result of this very work
        ("must = 'not-exist'\nreason = 'not-diagnostic'", "2026-05-09", "not-diagnostic"),
        ("must = 'not-exist'\nwithin = 12\nunit = 'months'", "2025-05-10", "earlier-entry"),
        ("must = 'not-exist'\nwithin = 12\nunit = 'months'", "2025-05-09", "accepted"),
    ],
)
def test_an_earlier_entry(made: Made, options: str, earlier: str, reason: str) -> None:
    rows = f"Ann | {earlier} | earlier | | | 1\n Ann | 2026-05-10 | work | | | 2\n Ben | 2026-05-01 | earlier | | | 3"
    claimed(made, "after", f'codelist = "earlier"\n{options}', rows, f"2026-05-10 | {reason}")


def test_the_entry_itself_is_no_earlier_entry(made: Made) -> None:
    rows = "Ann | 2026-05-10 | work | | | 1\n Ann | 2026-05-11 | work | | | 2"
    claimed(made, "after", 'codelist = "work"', rows, "2026-05-10 | no-earlier-entry\n 2026-05-11 | accepted")


def test_a_withdrawn_entry_is_none(made: Made) -> None:
    service = made(ITEM.format(rule="after", options='codelist = "earlier"'), lists="work earlier")
    rows = "patient | date | code\n Ann | 2026-05-01 | earlier\n Ann | 2026-05-10 | work"
    surgery = Surgery(service, activity=rows)
    assert_claim(surgery, "reason\n accepted", month="2026-05")
    with surgery.store.writing():
        surgery.store.connection.execute("UPDATE activity SET withdrawn = 1 WHERE day = '2026-05-01'")
    assert_claim(surgery, "reason\n no-earlier-entry", month="2026-05")


UNSET = '[codelists.unset]\ntitle = "Unset"\nstatus = "unset"\nclause = "2"\n'


@pytest.mark.parametrize("must", ["exist", "not-exist"])
def test_without_codes_nobody_can_tell_and_the_status_asks_for_them(made: Made, must: str) -> None:
    options = f'codelist = "unset"\nmust = "{must}"'
    surgery = Surgery(
        made(ITEM.format(rule="after", options=options) + UNSET), activity="patient | date\n Ann | 2026-05-10"
    )
    cure = "set them with `les services set small codes.unset=CODE --from DATE --source TEXT`"
    assert_claim(surgery, f"reason | fix\n codes-unset | {cure}", month="2026-05")
    assert unset_terms(surgery.service.spec, date(2026, 5, 10)) == ("codes.unset",)


@pytest.mark.parametrize(
    ("began", "reason"),
    [("2024-05-10", "accepted"), ("2024-05-11", "too-early"), ("", "detail-missing")],
)
def test_an_offset_from_a_detail(made: Made, began: str, reason: str) -> None:
    register = REGISTER.format("2024-01-01", began, "", "yes")
    options = 'offset_detail = "began_on"\noffset_months = 24'
    claimed(made, "after", options, "Ann | 2026-05-10 | work | | | 1", f"2026-05-10 | {reason}", register=register)


@pytest.mark.parametrize(
    ("value", "unit", "options", "reason"),
    [
        ("4.1", "", "above = 4", "accepted"),
        ("4.0", "", "above = 4", "value"),
        ("3.9", "", "below = 4.0", "accepted"),
        ("4", "", "below = 4.0", "value"),
        ("5", "", "above = 4\nbelow = 6", "accepted"),
        ("6", "", "above = 4\nbelow = 6", "value"),
        (">4", "", "above = 4", "accepted"),
        ("<4", "", "above = 4", "value"),
        (">3", "", "above = 4", "value-unclear"),
        ("<5", "", "above = 4", "value-unclear"),
        ("", "", "above = 4", "value-unclear"),
        ("high", "", "above = 4", "value-unclear"),
        ("1,5", "", "above = 4", "value-unclear"),
        ("5", "ug/L", "above = 4\nunit = 'UG/l'", "accepted"),
        ("5", "", "above = 4\nunit = 'ug/L'", "accepted"),
        ("5", "nmol/L", "above = 4\nunit = 'ug/L'", "value-unclear"),
        ("5", "", "above_detail = 'limit'", "accepted"),
        ("4.5", "", "above_detail = 'limit'", "value"),
        ("5", "", "above_setting = 'most'", "accepted"),
        ("4", "", "above_setting = 'most'", "value"),
        ("4", "", "above = 4\nreason = 'not-diagnostic'", "not-diagnostic"),
    ],
)
def test_the_value(made: Made, value: str, unit: str, options: str, reason: str) -> None:
    register = REGISTER.format("2024-01-01", "", "4.5", "")
    settings = '\n[settings.most]\ntitle = "Most"\nvalue = 4\ndecided = "ours"\nclause = "4"\n'
    rows = f"Ann | 2026-05-10 | work | {value} | {unit} | 1"
    claimed(made, "value", options, rows, f"2026-05-10 | {reason}", register=register, settings=settings)


def test_a_limit_that_nobody_recorded(made: Made) -> None:
    rows = "Ann | 2026-05-10 | work | 5 | | 1"
    expected = "2026-05-10 | limit-missing"
    claimed(made, "value", "above_detail = 'limit'", rows, expected)
    later = REGISTER.format("2026-05-11", "", "4", "")
    claimed(made, "value", "above_detail = 'limit'", rows, expected, register=later)
    unset = '\n[settings.most]\ntitle = "Most"\ntype = "integer"\ndecided = "ours"\nclause = "4"\n'
    claimed(made, "value", "above_setting = 'most'", rows, expected, settings=unset)


@pytest.mark.parametrize(
    ("options", "cure"),
    [
        ("above_detail = 'limit'", "record it with `les register small --add NHS --set limit=NUMBER`"),
        (
            "above_setting = 'most'",
            "set it with `les services set small setting.most=NUMBER --from DATE --source TEXT`",
        ),
    ],
)
def test_the_cure_of_a_limit_that_nobody_recorded(made: Made, options: str, cure: str) -> None:
    unset = '\n[settings.most]\ntitle = "Most"\ntype = "integer"\ndecided = "ours"\nclause = "4"\n'
    service = made(ITEM.format(rule="value", options=options) + unset, details="limit:number")
    surgery = Surgery(service, activity="patient | date | value\n Ann | 2026-05-10 | 5")
    assert_claim(surgery, f"reason | fix\n limit-missing | {cure}", month="2026-05")


@pytest.mark.parametrize(
    ("options", "first", "reason"),
    [
        ("count = 28\nunit = 'days'", "2026-04-12", "accepted"),
        ("count = 28\nunit = 'days'", "2026-04-13", "too-soon"),
        ("count = 4\nunit = 'weeks'", "2026-04-13", "too-soon"),
        ("count = 3\nunit = 'months'", "2026-02-10", "accepted"),
        ("count = 3\nunit = 'months'", "2026-02-11", "too-soon"),
        ("count = 3\nunit = 'months'\nreason = 'not-diagnostic'", "2026-02-11", "not-diagnostic"),
    ],
)
def test_a_minimum_gap(made: Made, options: str, first: str, reason: str) -> None:
    rows = f"Ann | {first} | work | | | 1\n Ann | 2026-05-10 | work | | | 2\n Ben | 2026-05-09 | earlier | | | 3"
    expected = f"2026-05-10 | {reason}\n {first} | accepted"
    claimed(made, "minimum-gap", options, rows, expected)


def test_a_last_time_that_is_withdrawn_is_none(made: Made) -> None:
    service = made(ITEM.format(rule="minimum-gap", options="count = 28\nunit = 'days'"))
    surgery = Surgery(service, activity="patient | date | id\n Ann | 2026-04-20 | 1\n Ann | 2026-05-10 | 2")
    assert_claim(surgery, "reason\n accepted\n too-soon", month="2026-05")
    with surgery.store.writing():
        surgery.store.connection.execute("UPDATE activity SET withdrawn = 1 WHERE day = '2026-04-20'")
    assert_claim(surgery, "reason\n accepted", month="2026-05")


def test_a_gap_since_work_that_was_claimed_and_is_gone(made: Made) -> None:
    service = made(ITEM.format(rule="minimum-gap", options="count = 28\nunit = 'days'"))
    surgery = Surgery(service, activity="patient | date | id\n Ann | 2026-04-20 | 1")
    surgery.submit("2026-04", "2026-05-02")
    with surgery.store.writing():
        surgery.store.connection.execute("UPDATE activity SET withdrawn = 1")
    surgery.add(activity="patient | date | id\n Ann | 2026-05-10 | 2")
    assert_claim(surgery, "date | reason\n 2026-05-10 | too-soon", month="2026-05")


def test_a_telephone_entry_that_the_item_does_not_accept_is_no_last_time(made: Made) -> None:
    seen = """
        [[item.check]]
        rule = "consultation-type"
        setting = "seen"
        clause = "4"

        [settings.seen]
        title = "Seen"
        value = ["face to face"]
        decided = "ours"
        clause = "4"
        """
    service = made(ITEM.format(rule="minimum-gap", options=f"count = 28\nunit = 'days'\n{seen}"))
    rows = "patient | date | consultation type\n Ann | 2026-05-01 | Telephone\n Ann | 2026-05-10 | Face to face"
    assert_claim(
        Surgery(service, activity=rows),
        "date | reason\n 2026-05-01 | consultation-type\n 2026-05-10 | accepted",
        month="2026-05",
    )


@pytest.mark.parametrize(
    ("start", "ready", "reason"),
    [
        ("2026-05-10", "yes", "accepted"),
        ("2026-05-11", "yes", "detail-missing"),
        ("2026-05-10", "no", "not-diagnostic"),
        ("2026-05-10", "", "detail-missing"),
    ],
)
def test_a_detail_is(made: Made, start: str, ready: str, reason: str) -> None:
    options = 'detail = "ready"\nvalue = "yes"\nreason = "not-diagnostic"'
    register = REGISTER.format(start, "2024-01-01", "", ready)
    claimed(made, "detail-is", options, "Ann | 2026-05-10 | work | | | 1", f"2026-05-10 | {reason}", register=register)


def test_a_detail_of_a_patient_on_no_register(made: Made) -> None:
    service = made(
        ITEM.format(rule="detail-is", options='detail = "ready"\nvalue = "yes"\nreason = "not-diagnostic"'),
        details="ready:yes-no",
        find_by="",
    )
    surgery = Surgery(service, activity="patient | date\n Ann | 2026-05-10")
    assert_claim(surgery, "reason\n detail-missing", month="2026-05")


@pytest.mark.parametrize(
    ("rule", "options", "fault"),
    [
        ("after", "", "one of the keys codelist and offset_detail is missing"),
        ("after", "codelist = 'wrk'", "there is no code list `wrk`"),
        ("after", "codelist = 'work'\nmust = 'be'", 'write one of "exist", "not-exist"'),
        ("value", "", "it needs a limit; add one of above"),
        ("value", "above = 4\nabove_detail = 'limit'", "above and above_detail cannot be used together"),
        ("value", "above = '4'", "it is a text; write it without quotes: 4"),
        ("minimum-gap", "", "the key `count` is missing"),
        ("within", "clock = 'none'", "there is no clock `none`"),
        ("detail-is", "detail = 'ready'\nvalue = 'perhaps'\nreason = 'age'", "`ready` is never `perhaps`"),
    ],
)
def test_faults(made: Made, rule: str, options: str, fault: str) -> None:
    with pytest.raises(SpecificationError) as shown:
        made(ITEM.format(rule=rule, options=options), details="limit:number ready:yes-no")
    assert any(fault in problem for problem in shown.value.problems), shown.value.problems


def test_a_gap_is_for_work_that_is_paid_entry_by_entry(made: Made) -> None:
    text = ITEM.format(rule="minimum-gap", options='count = 28\nunit = "days"')
    text = text.replace('kind = "per-activity"', 'kind = "once-per-patient"').replace('codelists = ["work"]\n', "")
    text = text.replace('unit = "entry"', 'unit = "entry"\noptions = { date_detail = "began_on" }')
    with pytest.raises(SpecificationError, match="an item of this kind is not paid for each single entry"):
        made(text, details="began_on:date")
