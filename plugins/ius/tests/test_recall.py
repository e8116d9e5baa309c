"""Recall: the check 6 weeks after fitting (3.2), and replacement by indication (1.1)."""

from __future__ import annotations

import pytest

import lescli_ius
from lescli.services import service_of
from lescli.testing import Surgery, assert_recall

SERVICE = service_of(lescli_ius, origin="package")
CHECK = "key | value | from\n codes.check | 22778000 | 2010-01-01"
ENDOMETRIAL, MENORRHAGIA = "replacement-endometrial-protection", "replacement-menorrhagia"


def fitted(day: str, indication: str = "menorrhagia", *, terms: str = CHECK, more: str = "") -> Surgery:
    """Ann, fitted on a day for an indication; `more` is activity after it."""
    return Surgery(
        SERVICE,
        terms=terms,
        activity=f"patient | date | code\n Ann | {day} | fitting\n {more}",
        register=f"patient | entered | indication\n Ann | {day} | {indication}",
    )


def test_who_is_due_when() -> None:
    surgery = Surgery(
        SERVICE,
        terms=CHECK,
        activity="""
            patient | date       | code
            Ann     | 2020-05-04 | fitting
            Bea     | 2020-05-04 | fitting
            Bea     | 2020-06-20 | check
            Dee     | 2020-05-04 | fitting
            Eve     | 2020-05-04 | fitting
        """,
        register="""
            patient | entered    | fitted on  | indication
            Ann     | 2020-05-04 |            | menorrhagia
            Bea     | 2020-05-04 |            | endometrial-protection
            Cat     | 2020-05-04 | 2020-05-04 | menorrhagia+contraception
            Dee     | 2020-05-04 |            | contraception
        """,
    )
    # Dee's device is not this service's. Eve's indication is not known: not knowing is no reason not to call.
    expected = """
        patient | kind                               | due        | late | clause
        Ann     | check                              | 2020-06-15 | 16   | 3.2
        Eve     | check                              | 2020-06-15 | 16   | 3.2
        Cat     | check                              | 2020-06-15 | 16   | 3.2
        Bea     | replacement-endometrial-protection | 2024-05-04 | 0    | 1.1
        Eve     | replacement-indication-unknown     | 2024-05-04 | 0    | {ours}
        Ann     | replacement-menorrhagia            | 2025-05-04 | 0    | 1.1
        Cat     | replacement-menorrhagia            | 2025-05-04 | 0    | 1.1
        """
    ours = "1.1; calling those without an indication is our decision"
    assert_recall(surgery, expected.format(ours=ours), as_of="2020-07-01")


@pytest.mark.parametrize(("as_of", "late"), [("2020-06-14", 0), ("2020-06-15", 0), ("2020-06-16", 1)])
def test_the_check_is_due_6_weeks_after_the_fitting(as_of: str, late: int) -> None:
    expected = f"kind | due | late\n check | 2020-06-15 | {late}\n {MENORRHAGIA} | 2025-05-04 | 0"
    assert_recall(fitted("2020-05-04"), expected, as_of=as_of)


@pytest.mark.parametrize(("checked", "settled"), [("2020-05-03", False), ("2020-05-04", False), ("2020-05-05", True)])
def test_a_check_after_the_fitting_settles_it(checked: str, settled: bool) -> None:
    replacement = f"{MENORRHAGIA} | 2025-05-04"
    due = [] if settled else ["check | 2020-06-15"]
    coded = fitted("2020-05-04", more=f"Ann | {checked} | check")
    by_hand = fitted("2020-05-04", terms="")
    by_hand.add_register([{"patient": "Ann", "from": checked, "checked on": checked}])
    for surgery in (coded, by_hand):
        assert_recall(surgery, "\n".join(["kind | due", *due, replacement]), as_of="2020-07-01")


@pytest.mark.parametrize(("as_of", "late"), [("2025-05-03", 0), ("2025-05-04", 0), ("2025-05-05", 1)])
@pytest.mark.parametrize("indication", ["menorrhagia", "menorrhagia+contraception"])
def test_menorrhagia_is_replaced_at_5_years(indication: str, as_of: str, late: int) -> None:
    surgery = fitted("2020-05-04", indication, more="Ann | 2020-06-15 | check")
    assert_recall(surgery, f"kind | due | late\n {MENORRHAGIA} | 2025-05-04 | {late}", as_of=as_of)


@pytest.mark.parametrize(("as_of", "late"), [("2024-05-03", 0), ("2024-05-04", 0), ("2024-05-05", 1)])
def test_endometrial_protection_is_replaced_at_4_years(as_of: str, late: int) -> None:
    surgery = fitted("2020-05-04", "endometrial-protection", more="Ann | 2020-06-15 | check")
    assert_recall(surgery, f"kind | due | late\n {ENDOMETRIAL} | 2024-05-04 | {late}", as_of=as_of)


@pytest.mark.parametrize(
    ("day", "indication", "kind", "due"),
    [
        ("2020-02-29", "endometrial-protection", ENDOMETRIAL, "2024-02-29"),
        ("2020-02-29", "menorrhagia", MENORRHAGIA, "2025-02-28"),
        ("2019-02-28", "menorrhagia", MENORRHAGIA, "2024-02-28"),
    ],
)
def test_a_device_fitted_at_the_end_of_february(day: str, indication: str, kind: str, due: str) -> None:
    surgery = fitted(day, indication, more="Ann | 2020-06-15 | check")
    assert_recall(surgery, f"kind | due\n {kind} | {due}", as_of="2020-07-01")


def test_the_years_are_dated_settings() -> None:
    # As current FSRH guidance has it, once the commissioner agrees: from that day on, for every device in place.
    terms = f"{CHECK}\n setting.replacement_months_endometrial_protection | 60 | 2024-01-01"
    surgery = fitted("2020-02-29", "endometrial-protection", terms=terms, more="Ann | 2020-06-15 | check")
    assert_recall(surgery, f"kind | due\n {ENDOMETRIAL} | 2024-02-29", as_of="2023-12-31")
    assert_recall(surgery, f"kind | due\n {ENDOMETRIAL} | 2025-02-28", as_of="2024-01-01")


@pytest.mark.parametrize(("as_of", "listed"), [("2020-08-02", True), ("2020-08-03", False), ("2020-08-04", False)])
def test_nobody_is_called_after_a_removal(as_of: str, listed: bool) -> None:
    coded = fitted("2020-05-04", more="Ann | 2020-08-03 | removal")
    by_hand = fitted("2020-05-04")
    by_hand.add_register([{"patient": "Ann", "from": "2020-08-01", "removed on": "2020-08-03"}])
    due = ["check | 2020-06-15", f"{MENORRHAGIA} | 2025-05-04"] if listed else []
    for surgery in (coded, by_hand):
        assert_recall(surgery, "\n".join(["kind | due", *due]), as_of=as_of)


def test_a_removal_on_the_day_of_a_fitting_is_an_exchange() -> None:
    surgery = fitted("2015-05-04", more="Ann | 2020-05-04 | removal\n Ann | 2020-05-04 | fitting")
    expected = f"kind | due\n check | 2020-06-15\n {MENORRHAGIA} | 2025-05-04"
    assert_recall(surgery, expected, as_of="2020-07-01")


def test_a_removal_before_a_new_fitting_ends_nothing() -> None:
    surgery = fitted("2015-05-04", more="Ann | 2020-01-10 | removal\n Ann | 2020-05-04 | fitting")
    surgery.add_register([{"patient": "Ann", "from": "2020-01-10", "removed on": "2020-01-10"}])
    assert_recall(surgery, "kind | due", as_of="2020-02-01")
    expected = f"kind | due\n check | 2020-06-15\n {MENORRHAGIA} | 2025-05-04"
    assert_recall(surgery, expected, as_of="2020-07-01")


def test_a_check_of_the_first_device_settles_nothing_of_the_second() -> None:
    surgery = fitted("2015-05-04", terms="", more="Ann | 2020-05-04 | fitting")
    surgery.add_register([{"patient": "Ann", "from": "2015-06-15", "checked on": "2015-06-15"}])
    expected = f"kind | due\n check | 2020-06-15\n {MENORRHAGIA} | 2025-05-04"
    assert_recall(surgery, expected, as_of="2020-07-01")


def test_a_planned_removal_does_not_stop_the_recall_before_its_day() -> None:
    surgery = fitted("2015-05-04", more="Ann | 2015-06-15 | check")
    surgery.add_register([{"patient": "Ann", "from": "2020-04-01", "removed on": "2020-05-20"}])
    assert_recall(surgery, f"kind | due\n {MENORRHAGIA} | 2020-05-04", as_of="2020-05-19")
    assert_recall(surgery, "kind | due", as_of="2020-05-20")


def test_who_died_left_was_taken_off_or_declined_is_not_called() -> None:
    surgery = Surgery(
        SERVICE,
        terms=CHECK,
        patients="""
            patient | registered | left       | died
            Bea     | 2010-01-01 | 2020-06-30 |
            Cat     | 2010-01-01 |            | 2020-06-30
        """,
        activity="""
            patient | date       | code
            Ann     | 2020-05-04 | fitting
            Bea     | 2020-05-04 | fitting
            Cat     | 2020-05-04 | fitting
            Dee     | 2020-05-04 | fitting
            Eve     | 2020-05-04 | fitting
        """,
        register="""
            patient | entered    | ended      | end reason               | indication
            Ann     | 2020-05-04 |            |                          | menorrhagia
            Dee     | 2020-05-04 | 2020-06-30 | moved to another service | menorrhagia
        """,
        invitations="patient | on | by | outcome\n Ann | 2020-06-16 | letter |\n Eve | 2020-06-16 | sms | declined",
    )
    assert_recall(
        surgery, f"patient | kind | invitations\n Ann | check | 1\n Ann | {MENORRHAGIA} | 1", as_of="2020-07-01"
    )


def test_on_the_register_by_hand_with_no_day_of_fitting_she_is_due_at_once() -> None:
    surgery = Surgery(SERVICE, register="patient | entered | indication\n Ann | 2020-05-04 | menorrhagia")
    assert_recall(surgery, f"kind | due | late\n {MENORRHAGIA} | 2020-05-04 | 1", as_of="2020-05-05")


def test_the_first_removal_counts_and_no_device_is_checked_once_it_is_out() -> None:
    surgery = fitted("2020-05-04", more="Ann | 2020-06-01 | removal")
    surgery.add_register(
        [{"patient": "Ann", "from": "2020-05-04", "checked on": "2020-07-10", "removed on": "2020-08-01"}]
    )
    assert_recall(surgery, "kind | due", as_of="2020-06-20")
    assert_recall(surgery, "kind | due", as_of="2020-07-05")
