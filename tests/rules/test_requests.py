"""An order in the record is a request like any other; a plan is shown but does not change what is due."""

from __future__ import annotations

from functools import cache

import pytest

from lescli.services import Service, service_of
from lescli.services.service import DataOnlyPlugin
from lescli.specification import parse_specification
from lescli.testing import Surgery, assert_recall, assert_register, snomed_concept
from lescli.testing.surgery import plan

REQUEST, SAMPLE = snomed_concept(0), snomed_concept(1)
BLOODS = f"""
[service]
name = "bloods"
title = "Bloods"
commissioner = "Test ICB"
document = "Test document"

[[period]]
start = "2025-04-01"
clause = "1"

[codelists.request]
title = "Asked for"
status = "suggested"
clause = "2"
snomed = ["{REQUEST}"]

[codelists.sample]
title = "Taken"
status = "suggested"
clause = "2"
snomed = ["{SAMPLE}"]

[register]
rule = "coded"
clause = "3"
find_by = [FIND_BY]

[[recall]]
RECALL
clause = "4"

[[item]]
name = "sample"
title = "A sample"
kind = "per-activity"
clause = "5"
codelists = ["sample"]
unit = "sample"

[submission]
clause = "6"
by = "email"
"""
OPEN_REQUEST = """name = "open"
title = "Asked for, not taken"
kind = "open-request"
codelist = "request"
done_codelist = "sample"
by_value = { routine = 14 }
interval = 2
unit = "days"
"""
EVERY = """name = "every"
title = "Every three months"
kind = "every"
codelist = "sample"
interval = 3
unit = "months"
"""


@cache
def service(recall: str = OPEN_REQUEST, find_by: str = '"request", "sample"') -> Service:
    text = BLOODS.replace("FIND_BY", find_by).replace("RECALL", recall)
    return service_of(DataOnlyPlugin(parse_specification(text.encode(), where="x/service.toml")), origin="test")


def practice(planned: str, *, activity: str = "", recall: str = OPEN_REQUEST) -> Surgery:
    surgery = Surgery(service(recall), activity=activity)
    plan(surgery, planned)
    return surgery


def test_an_order_counts_as_a_coded_request_does() -> None:
    coded = Surgery(service(), activity="patient | date | code | value\n Ann | 2026-05-04 | request | routine")
    ordered = practice("patient | asked | code | priority\n Ann | 2026-05-04 | request | routine")
    for surgery in (coded, ordered):
        expected = "patient | due | late | last\n Ann | 2026-05-18 | 3 |"
        assert_recall(surgery, expected, as_of="2026-05-21")
        assert_register(surgery, "patient | entered | rule\n Ann | 2026-05-04 | coded", as_of="2026-05-21")
    (entry,) = ordered.register("2026-05-21").entries
    assert entry.evidence == ("planned:1",)
    assert ordered.recall("2026-05-21").recalls[0].evidence == ("planned:1",)


@pytest.mark.parametrize("intent", ["original-order", "instance-order"])
def test_every_kind_of_order_is_a_request(intent: str) -> None:
    surgery = practice(f"patient | asked | code | intent\n Ann | 2026-05-04 | request | {intent}")
    assert_recall(surgery, "patient | due\n Ann | 2026-05-06", as_of="2026-05-05")


@pytest.mark.parametrize("intent", ["plan", "proposal", "option", "reflex-order", "filler-order"])
def test_what_nobody_asked_of_the_practice_is_no_request(intent: str) -> None:
    surgery = practice(f"patient | asked | code | intent\n Ann | 2026-05-04 | request | {intent}")
    assert surgery.recall("2026-05-21").recalls == ()
    assert surgery.register("2026-05-21").entries == ()


@pytest.mark.parametrize("status", ["completed", "cancelled", "suspended", "draft", "unknown"])
def test_only_an_active_order_is_open(status: str) -> None:
    surgery = practice(f"patient | asked | code | status\n Ann | 2026-05-04 | request | {status}")
    assert surgery.recall("2026-05-21").recalls == ()
    # An answered order also puts the patient on the register, because it was a request; other statuses do not.
    on = [entry.entered_on.isoformat() for entry in surgery.register("2026-05-21").entries]
    assert on == (["2026-05-04"] if status == "completed" else [])


@pytest.mark.parametrize(("taken", "waits"), [("2026-05-03", True), ("2026-05-04", False), ("2026-05-05", False)])
def test_an_order_is_settled_by_what_is_done_on_its_day_or_later(taken: str, waits: bool) -> None:
    done = f"patient | date | code\n Ann | {taken} | sample"
    surgery = practice("patient | asked | code\n Ann | 2026-05-04 | request", activity=done)
    assert len(surgery.recall("2026-05-21").recalls) == waits


def test_an_order_is_not_known_before_it_was_made() -> None:
    surgery = practice("patient | asked | code\n Ann | 2026-05-04 | request")
    assert surgery.recall("2026-05-03").recalls == ()
    assert surgery.register("2026-05-03").entries == ()
    assert len(surgery.recall("2026-05-04").recalls) == 1


def test_a_planned_day_does_not_change_how_overdue_a_patient_is() -> None:
    """The request is due two days after it was made, whatever day is planned."""
    surgery = practice("patient | asked | code | planned\n Ann | 2026-05-04 | request | 2026-07-01")
    assert_recall(surgery, "patient | due | late | planned\n Ann | 2026-05-06 | 15 | 2026-07-01", as_of="2026-05-21")


def test_an_order_puts_nobody_on_the_register_of_a_service_without_requests() -> None:
    surgery = practice("patient | asked | code\n Ann | 2026-05-04 | sample", recall=EVERY)
    assert surgery.register("2026-05-21").entries == ()
    assert surgery.claim("2026-05").rows == ()


DONE = "patient | date | code\n Ann | 2026-05-04 | sample"


@pytest.mark.parametrize(
    ("planned", "shown"),
    [
        (("2026-08-20",), "2026-08-20"),
        (("2026-09-20", "2026-08-20"), "2026-08-20"),
        (("2026-05-20", "2026-08-20"), "2026-08-20"),  # the next one
        (("2026-05-20", "2026-05-10"), "2026-05-20"),  # both have passed: the last
        (("2026-05-04",), ""),  # done since
        (("2026-05-05",), "2026-05-05"),
        (("",), ""),
    ],
)
def test_a_diary_entry_is_shown_with_the_recall_and_changes_nothing(planned: tuple[str, ...], shown: str) -> None:
    rows = "\n".join(f"Ann | 2026-04-01 | sample | plan | {day}" for day in planned)
    surgery = practice(f"patient | asked | code | intent | planned\n{rows}", activity=DONE, recall=EVERY)
    assert_recall(surgery, f"patient | due | late | planned\n Ann | 2026-08-04 | 0 | {shown}", as_of="2026-06-01")
    (recall,) = surgery.recall("2026-06-01").recalls
    assert [one.startswith("planned:") for one in recall.evidence] == ([False, True] if shown else [False])


def test_a_cancelled_plan_or_one_of_another_code_is_not_shown() -> None:
    rows = """
        Ann | 2026-04-01 | sample  | plan | cancelled | 2026-08-20
        Ann | 2026-04-01 | request | plan | active    | 2026-08-21
    """
    surgery = practice(f"patient | asked | code | intent | status | planned\n{rows}", activity=DONE, recall=EVERY)
    assert_recall(surgery, "patient | due | planned\n Ann | 2026-08-04 |", as_of="2026-06-01")


def test_an_order_after_the_practice_ended_an_entry_opens_a_new_one() -> None:
    surgery = Surgery(
        service(), register="patient | entered | ended | end reason\n Ann | 2025-05-01 | 2026-01-31 | asked"
    )
    plan(surgery, "patient | asked | code\n Ann | 2026-02-03 | request")
    expected = "patient | entered | ended\n Ann | 2025-05-01 | 2026-01-31\n Ann | 2026-02-03 |"
    assert_register(surgery, expected, as_of="2026-03-01")


@pytest.mark.parametrize(("unit", "due"), [("days", "2026-02-02"), ("weeks", "2026-02-14"), ("months", "2026-03-31")])
def test_a_request_without_urgency_has_the_rules_own_interval(unit: str, due: str) -> None:
    recall = OPEN_REQUEST.replace('unit = "days"', f'unit = "{unit}"')
    surgery = Surgery(service(recall), activity="patient | date | code\n Ann | 2026-01-31 | request")
    assert_recall(surgery, f"patient | due\n Ann | {due}", as_of="2026-02-01")
    said = Surgery(service(recall), activity="patient | date | code | value\n Ann | 2026-01-31 | request | routine")
    assert_recall(said, "patient | due\n Ann | 2026-02-14", as_of="2026-02-01")
