"""Denosumab claims: golden patients, what becomes of each injection and why (specification 4 and Appendix 1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

import lescli_denosumab
from lescli.calendar import Month
from lescli.operations.claim.preview import preview
from lescli.services import Service, service_of
from lescli.testing import Surgery, assert_claim, assert_rows, claim_rows, read_table

SERVICE = service_of(lescli_denosumab, origin="package")
ROLLED_OVER = "key | value | from\n period.end | 2028-03-31 | 2027-04-01"


def with_cap(cap: int) -> Service:
    items = tuple(replace(item, cap=cap, cap_clause="test cap") for item in SERVICE.spec.items)
    return SERVICE.with_spec(replace(SERVICE.spec, items=items))


def test_an_injection_is_paid_twenty_pounds_with_its_clause() -> None:
    surgery = Surgery(SERVICE, activity="patient | date\n Ann | 2026-05-04")
    assert_claim(
        surgery,
        """
        patient | date       | item      | code      | verdict | reason   | clause | price | fix
        Ann     | 2026-05-04 | injection | 700139004 | payable | accepted | 4; 5   | 20.00 |
        """,
        month="2026-05",
        as_of="2026-06-05",
    )


def test_what_was_submitted_is_claimed_and_never_paid_again() -> None:
    surgery = Surgery(SERVICE, activity="patient | date\n Ann | 2026-05-04\n Bob | 2026-05-05")
    assert surgery.submit("2026-05", "2026-06-05").total_pence == 4000
    surgery.add(activity="patient | date\n Ann | 2026-06-04\n Eve | 2026-05-20")
    expected = """
        patient | date       | verdict | reason   | price
        Ann     | 2026-05-04 | claimed | claimed  |
        Bob     | 2026-05-05 | claimed | claimed  |
        Eve     | 2026-05-20 | payable | accepted | 20.00
        Ann     | 2026-06-04 | payable | accepted | 20.00
        """
    assert_claim(surgery, expected, month="2026-06", as_of="2026-07-05")


def test_what_is_claimed_stays_claimed_when_its_support_goes() -> None:
    surgery = Surgery(SERVICE, activity="patient | date\n Ann | 2026-05-04")
    surgery.submit("2026-05", "2026-06-05")
    surgery.add(patients="patient | died\n Ann | 2026-05-01")
    expected = """
        patient | date       | verdict | reason  | also
        Ann     | 2026-05-04 | claimed | claimed | after-death
        """
    assert_claim(surgery, expected, month="2026-05", as_of="2026-06-06")


def test_work_from_before_the_first_month_claimed_here_was_claimed_elsewhere() -> None:
    surgery = Surgery(
        SERVICE,
        terms="key | value | from\n setting.claims_from | 2026-05 | 2026-04-01",
        activity="""
            patient | date
            Ann     | 2026-03-31
            Bob     | 2026-04-30
            Eve     | 2026-05-01
            """,
    )
    expected = """
        patient | date       | verdict | reason            | also
        Ann     | 2026-03-31 | claimed | claimed-elsewhere | no-specification
        Bob     | 2026-04-30 | claimed | claimed-elsewhere |
        Eve     | 2026-05-01 | payable | accepted          |
        """
    assert_claim(surgery, expected, month="2026-05", as_of="2026-06-05")


@pytest.mark.parametrize(
    "printed",
    [
        "Face to face",
        "FACE TO FACE",
        "Face-to-face consultation",
        "face  to  face",
        "Face to Face Consultation (GP)",
        "Home visit",
        "Home Visit",
        "HOME VISIT NOTE",
        "Enterprise Consultation",
        "enterprise consultation",
    ],
)
def test_consultation_types_that_count(printed: str) -> None:
    surgery = Surgery(SERVICE, activity=f"patient | date | consultation type\n Ann | 2026-05-04 | {printed}")
    assert_claim(surgery, "patient | verdict | reason\n Ann | payable | accepted", month="2026-05")


@pytest.mark.parametrize(
    "printed",
    [
        "Telephone call",
        "",
        "GP Surgery",
        "Not a face to facetious remark",
        "Interface to face",
        "Homevisit",
        "Non face to face consultation",
        "Non-face-to-face",
    ],
)
def test_consultation_types_that_do_not(printed: str) -> None:
    surgery = Surgery(SERVICE, activity=f"patient | date | consultation type\n Ann | 2026-05-04 | {printed}")
    expected = """
        patient | verdict | reason            | price | clause
        Ann     | check   | consultation-type |       | Appendix 1, Consultation types
        """
    claim = assert_claim(surgery, expected, month="2026-05")
    assert "add a new consultation on the same date" in claim.rows[0].fix
    assert "leave the original as it is" in claim.rows[0].fix


def test_a_type_the_practice_adds_counts_from_its_date_on() -> None:
    surgery = Surgery(
        SERVICE,
        terms="key | value | from\n setting.accepted_consultation_types += | GP Surgery | 2026-05-10",
        activity="""
            patient | date       | consultation type
            Ann     | 2026-05-09 | GP Surgery
            Bob     | 2026-05-10 | GP surgery consultation
            Eve     | 2026-05-11 | GP Surgery
            Joy     | 2026-05-11 | Home visit
            """,
    )
    expected = """
        patient | verdict | reason
        Ann     | check   | consultation-type
        Bob     | payable | accepted
        Eve     | payable | accepted
        Joy     | payable | accepted
        """
    assert_claim(surgery, expected, month="2026-05")


def test_a_new_entry_with_an_accepted_type_supersedes_the_original() -> None:
    surgery = Surgery(SERVICE, activity="patient | date | consultation type\n Ann | 2026-05-04 | Telephone call")
    expected = "patient | consultation type | verdict | reason\n Ann | Telephone call | check | consultation-type"
    assert_claim(surgery, expected, month="2026-05")
    surgery.add(activity="patient | date | consultation type\n Ann | 2026-05-04 | Face to face")
    expected = """
        patient | consultation type | verdict | reason     | clause                           | price
        Ann     | Telephone call    | refused | superseded | Appendix 1, Consultation types   |
        Ann     | Face to face      | payable | accepted   | 4; 5                             | 20.00
        """
    assert_claim(surgery, expected, month="2026-05")


def test_of_two_replacements_one_is_paid_and_the_original_stays_superseded() -> None:
    surgery = Surgery(
        SERVICE,
        activity="""
            patient | date       | consultation type | recorded
            Ann     | 2026-05-04 | Telephone call    | 2026-05-04
            Ann     | 2026-05-04 | Home visit        | 2026-05-20
            Ann     | 2026-05-04 | Face to face      | 2026-05-21
            """,
    )
    expected = """
        patient | consultation type | verdict | reason
        Ann     | Telephone call    | refused | superseded
        Ann     | Home visit        | payable | accepted
        Ann     | Face to face      | refused | duplicate
        """
    assert_claim(surgery, expected, month="2026-05")


def test_the_original_stays_superseded_once_its_replacement_is_claimed() -> None:
    surgery = Surgery(
        SERVICE,
        activity="""
            patient | date       | consultation type
            Ann     | 2026-05-04 | Telephone call
            Ann     | 2026-05-04 | Face to face
            """,
    )
    surgery.submit("2026-05", "2026-06-05")
    expected = """
        patient | consultation type | verdict | reason
        Ann     | Telephone call    | refused | superseded
        Ann     | Face to face      | claimed | claimed
        """
    assert_claim(surgery, expected, month="2026-05", as_of="2026-06-06")


def test_a_replacement_on_another_day_replaces_nothing() -> None:
    surgery = Surgery(
        SERVICE,
        activity="""
            patient | date       | consultation type
            Ann     | 2026-05-04 | Telephone call
            Ann     | 2026-05-05 | Face to face
            """,
    )
    expected = """
        patient | date       | verdict | reason
        Ann     | 2026-05-04 | check   | consultation-type
        Ann     | 2026-05-05 | payable | accepted
        """
    assert_claim(surgery, expected, month="2026-05")


def test_the_same_patient_and_day_counts_once() -> None:
    surgery = Surgery(
        SERVICE,
        activity="""
            patient | date
            Ann     | 2026-05-04
            Ann     | 2026-05-04
            Bob     | 2026-05-05
            Bob     | 2026-05-05
            Bob     | 2026-05-05
            Eve     | 2026-05-06
            Eve     | 2026-05-07
            """,
    )
    expected = """
        patient | date       | verdict | reason
        Ann     | 2026-05-04 | payable | accepted
        Ann     | 2026-05-04 | refused | duplicate
        Bob     | 2026-05-05 | payable | accepted
        Bob     | 2026-05-05 | refused | duplicate
        Bob     | 2026-05-05 | refused | duplicate
        Eve     | 2026-05-06 | payable | accepted
        Eve     | 2026-05-07 | payable | accepted
        """
    assert_claim(surgery, expected, month="2026-05")


def test_a_copy_that_arrives_after_the_claim_is_a_duplicate() -> None:
    surgery = Surgery(SERVICE, activity="patient | date | clinician\n Ann | 2026-05-04 | Nurse Hale")
    surgery.submit("2026-05", "2026-06-05")
    surgery.add(activity="patient | date | clinician\n Ann | 2026-05-04 | Nurse Able")
    expected = """
        patient | clinician  | verdict | reason
        Ann     | Nurse Hale | claimed | claimed
        Ann     | Nurse Able | refused | duplicate
        """
    assert_claim(surgery, expected, month="2026-05", as_of="2026-06-06")


def test_a_reversed_row_can_be_claimed_again() -> None:
    from lescli.store.ledger import write

    surgery = Surgery(SERVICE, activity="patient | date\n Ann | 2026-05-04")
    surgery.submit("2026-05", "2026-06-05")
    with surgery.store.writing():
        write.reverse(surgery.store, "denosumab-2026-05", 1, reason="test", on=Month(2026, 6).first)
    expected = "patient | date | verdict | price\n Ann | 2026-05-04 | payable | 20.00"
    assert_claim(surgery, expected, month="2026-06", as_of="2026-07-05")


def test_the_first_dose_is_given_in_secondary_care_and_not_paid() -> None:
    surgery = Surgery(
        SERVICE,
        activity="""
            patient | date
            Ann     | 2026-05-03
            Bob     | 2026-05-04
            Eve     | 2026-05-05
            Joy     | 2026-05-04
            """,
        register="""
            patient | entered    | first dose on
            Ann     | 2026-04-01 | 2026-05-04
            Bob     | 2026-04-01 | 2026-05-04
            Eve     | 2026-04-01 | 2026-05-04
            """,
    )
    expected = """
        patient | date       | verdict | reason     | clause
        Ann     | 2026-05-03 | payable | accepted   | 4; 5
        Bob     | 2026-05-04 | refused | first-dose | 2.1.1
        Eve     | 2026-05-05 | payable | accepted   | 4; 5
        Joy     | 2026-05-04 | payable | accepted   | 4; 5
        """
    assert_claim(surgery, expected, month="2026-05")


def test_a_first_dose_counts_as_such_when_the_register_was_entered_later() -> None:
    surgery = Surgery(
        SERVICE,
        activity="patient | date\n Ann | 2026-05-04",
        register="patient | entered | first dose on\n Ann | 2026-05-20 | 2026-05-04",
    )
    assert_claim(surgery, "patient | verdict | reason\n Ann | refused | first-dose", month="2026-05")


def test_alive_on_the_day_of_death_and_not_after() -> None:
    surgery = Surgery(
        SERVICE,
        patients="patient | died\n Ann | 2026-05-10\n Bob | 2026-05-10\n Eve | 2026-05-10",
        activity="patient | date\n Ann | 2026-05-09\n Bob | 2026-05-10\n Eve | 2026-05-11",
    )
    expected = """
        patient | date       | verdict | reason      | clause
        Ann     | 2026-05-09 | payable | accepted    | 4; 5
        Bob     | 2026-05-10 | payable | accepted    | 4; 5
        Eve     | 2026-05-11 | check   | after-death | Appendix 1, Data extracts
        """
    assert_claim(surgery, expected, month="2026-05")


def test_registered_on_the_day_of_joining_and_of_leaving() -> None:
    surgery = Surgery(
        SERVICE,
        patients="""
            patient | registered | left
            Ann     | 2026-05-10 |
            Bob     | 2026-05-10 |
            Eve     | 2020-01-01 | 2026-05-20
            Joy     | 2020-01-01 | 2026-05-20
            """,
        activity="""
            patient | date
            Ann     | 2026-05-09
            Bob     | 2026-05-10
            Eve     | 2026-05-20
            Joy     | 2026-05-21
            """,
    )
    expected = """
        patient | date       | verdict | reason         | clause
        Ann     | 2026-05-09 | refused | not-registered | 2.3
        Bob     | 2026-05-10 | payable | accepted       | 4; 5
        Eve     | 2026-05-20 | payable | accepted       | 4; 5
        Joy     | 2026-05-21 | refused | not-registered | 2.3
        """
    assert_claim(surgery, expected, month="2026-05")


def test_leaving_or_dying_later_never_removes_a_claim() -> None:
    surgery = Surgery(
        SERVICE,
        patients="""
            patient | registered | left       | died
            Ann     | 2020-01-01 | 2026-05-20 |
            Bob     | 2020-01-01 |            | 2026-05-20
            """,
        activity="patient | date\n Ann | 2026-05-04\n Bob | 2026-05-04",
    )
    expected = "patient | verdict | reason\n Ann | payable | accepted\n Bob | payable | accepted"
    assert_claim(surgery, expected, month="2026-05", as_of="2026-06-05")


def test_whose_patient_it_was() -> None:
    surgery = Surgery(
        SERVICE,
        patients="""
            patient | registration | registered at | registered | left
            Ann     | temporary    |               | 2026-05-01 | 2026-05-31
            Bob     | none         |               |            |
            Eve     | regular      | A82038        | 2020-01-01 |
            Joy     |              |               |            |
            Max     | regular      |               | 2010-01-01 | 2015-01-01
            Max     | regular      |               | 2026-05-01 |
            """,
        activity="""
            patient | date
            Ann     | 2026-05-04
            Bob     | 2026-05-04
            Eve     | 2026-05-04
            Joy     | 2026-05-04
            Max     | 2026-05-04
            """,
    )
    expected = """
        patient | verdict | reason
        Ann     | payable | accepted
        Bob     | refused | not-registered
        Eve     | refused | not-registered
        Joy     | payable | accepted
        Max     | payable | accepted
        """
    assert_claim(surgery, expected, month="2026-05")


def test_someone_who_had_left_long_before_they_died_was_not_registered() -> None:
    surgery = Surgery(
        SERVICE,
        patients="patient | registered | left | died\n Ann | 2020-01-01 | 2026-01-31 | 2026-05-01",
        activity="patient | date\n Ann | 2026-05-04",
    )
    expected = "patient | verdict | reason\n Ann | refused | not-registered"
    assert_claim(surgery, expected, month="2026-05")


def test_work_done_elsewhere_is_not_ours_unless_the_place_is_accepted() -> None:
    activity = """
        patient | date       | done at
        Ann     | 2026-05-04 |
        Bob     | 2026-05-04 | Y99999
        Eve     | 2026-05-04 | A82038
        Joy     | 2026-05-14 | A82038
        Max     | 2026-05-14 | RXN
        """
    expected = """
        patient | verdict | reason
        Ann     | payable | accepted
        Bob     | payable | accepted
        Eve     | refused | done-elsewhere
        Joy     | refused | done-elsewhere
        Max     | refused | done-elsewhere
        """
    assert_claim(Surgery(SERVICE, activity=activity), expected, month="2026-05")
    terms = "key | value | from\n setting.accept_done_at += | A82038 | 2026-05-10"
    expected = """
        patient | verdict | reason
        Ann     | payable | accepted
        Bob     | payable | accepted
        Eve     | refused | done-elsewhere
        Joy     | payable | accepted
        Max     | refused | done-elsewhere
        """
    assert_claim(Surgery(SERVICE, activity=activity, terms=terms), expected, month="2026-05")


def test_no_specification_before_the_first_and_after_the_last_day() -> None:
    surgery = Surgery(SERVICE, activity="patient | date\n Ann | 2026-03-31\n Bob | 2026-04-01")
    expected = """
        patient | date       | verdict | reason           | price
        Ann     | 2026-03-31 | refused | no-specification |
        Bob     | 2026-04-01 | payable | accepted         | 20.00
        """
    assert_claim(surgery, expected, month="2026-04")
    surgery = Surgery(SERVICE, activity="patient | date\n Ann | 2027-03-31\n Bob | 2027-04-01")
    expected = """
        patient | date       | verdict | reason           | price
        Ann     | 2027-03-31 | payable | accepted         | 20.00
        Bob     | 2027-04-01 | refused | no-specification |
        """
    assert_claim(surgery, expected, month="2027-04")


def test_a_contract_that_is_rolled_over_goes_on() -> None:
    surgery = Surgery(
        SERVICE, terms=ROLLED_OVER, activity="patient | date\n Ann | 2027-03-31\n Bob | 2027-04-01\n Eve | 2027-04-30"
    )
    expected = """
        patient | verdict | reason   | price
        Ann     | payable | accepted | 20.00
        Bob     | payable | accepted | 20.00
        Eve     | payable | accepted | 20.00
        """
    assert_claim(surgery, expected, month="2027-04")
    surgery = Surgery(SERVICE, terms=ROLLED_OVER, activity="patient | date\n Ann | 2028-03-31\n Bob | 2028-04-01")
    expected = "patient | verdict | reason\n Ann | payable | accepted\n Bob | refused | no-specification"
    assert_claim(surgery, expected, month="2028-04")


@pytest.mark.parametrize(
    ("done", "month", "last_day", "day_after"),
    [
        ("2026-04-10", "2026-06", "2026-07-10", "2026-07-11"),
        ("2026-11-30", "2027-02", "2027-02-28", "2027-03-01"),
        ("2026-11-29", "2027-02", "2027-02-28", "2027-03-01"),
        ("2026-11-28", "2027-02", "2027-02-28", "2027-03-01"),
        ("2026-08-31", "2026-10", "2026-11-30", "2026-12-01"),
        ("2026-12-31", "2027-03", "2027-03-31", "2027-04-01"),
        ("2027-11-29", "2028-02", "2028-02-29", "2028-03-01"),
        ("2027-11-30", "2028-02", "2028-02-29", "2028-03-01"),
    ],
)
def test_the_last_day_of_the_claim_window(done: str, month: str, last_day: str, day_after: str) -> None:
    surgery = Surgery(SERVICE, terms=ROLLED_OVER, activity=f"patient | date\n Ann | {done}")
    payable = "patient | verdict | reason | price\n Ann | payable | accepted | 20.00"
    assert_claim(surgery, payable, month=month, as_of=last_day)
    expired = "patient | verdict | reason | price | clause\n Ann | expired | expired | | 4"
    assert_claim(surgery, expired, month=month, as_of=day_after)


def test_what_a_claim_looks_at() -> None:
    surgery = Surgery(
        SERVICE,
        activity="""
            patient | date
            Ann     | 2026-04-30
            Bob     | 2026-05-01
            Eve     | 2026-08-01
            Joy     | 2026-08-31
            Max     | 2026-09-01
            """,
    )
    expected = """
        patient | date
        Bob     | 2026-05-01
        Eve     | 2026-08-01
        Joy     | 2026-08-31
        """
    claim = assert_claim(surgery, expected, month="2026-08", as_of="2026-09-05")
    assert len(claim.rows) == 3


def test_nothing_dated_after_the_day_asked_about_is_looked_at() -> None:
    surgery = Surgery(SERVICE, activity="patient | date\n Ann | 2026-05-10\n Bob | 2026-05-11")
    assert_claim(surgery, "patient | verdict\n Ann | payable", month="2026-05", as_of="2026-05-10")


def test_late_work_is_paid_in_its_own_month_at_the_price_of_its_day() -> None:
    surgery = Surgery(
        SERVICE,
        terms="key | value | from\n price.injection | 21.50 | 2026-06-15",
        activity="""
            patient | date
            Ann     | 2026-05-04
            Bob     | 2026-06-14
            Eve     | 2026-06-15
            Joy     | 2026-07-01
            """,
    )
    expected = """
        patient | date       | month   | verdict | price
        Ann     | 2026-05-04 | 2026-05 | payable | 20.00
        Bob     | 2026-06-14 | 2026-06 | payable | 20.00
        Eve     | 2026-06-15 | 2026-06 | payable | 21.50
        Joy     | 2026-07-01 | 2026-07 | payable | 21.50
        """
    assert_claim(surgery, expected, month="2026-07", as_of="2026-08-04")


def test_each_month_and_price_is_a_line_of_its_own() -> None:
    surgery = Surgery(
        SERVICE,
        terms="key | value | from\n price.injection | 21.50 | 2026-06-15",
        activity="""
            patient | date
            Ann     | 2026-05-04
            Bob     | 2026-06-14
            Eve     | 2026-06-15
            Joy     | 2026-07-01
            Max     | 2026-07-31
            """,
    )
    claim = preview(surgery.store, surgery.service, Month(2026, 7), date(2026, 8, 4)).data
    expected = """
        item      | activity_month | quantity | unit_price_pence | amount_pence | late
        injection | 2026-05        | 1        | 2000             | 2000         | True
        injection | 2026-06        | 1        | 2000             | 2000         | True
        injection | 2026-06        | 1        | 2150             | 2150         | True
        injection | 2026-07        | 2        | 2150             | 4300         | False
        """
    assert_rows(expected, [{name: str(cell) for name, cell in line.items()} for line in claim["lines"]])
    assert claim["total_pence"] == 10450
    assert claim["considered"] == sum(claim["verdicts"].values()) == 5
    assert claim["submit_by"] == "2026-08-10"


def test_without_a_price_it_is_unpriced_and_names_the_setting() -> None:
    items = tuple(replace(item, prices=()) for item in SERVICE.spec.items)
    unpriced = SERVICE.with_spec(replace(SERVICE.spec, items=items))
    surgery = Surgery(
        unpriced,
        activity="patient | date | consultation type\n Ann | 2026-05-04 | Home visit\n Bob | 2026-05-04 | Telephone",
    )
    expected = """
        patient | verdict  | reason            | price
        Ann     | unpriced | no-price          |
        Bob     | check    | consultation-type |
        """
    claim = assert_claim(surgery, expected, month="2026-05")
    assert "les services set denosumab price.injection=AMOUNT" in claim.rows[0].fix
    priced = Surgery(
        unpriced,
        terms="key | value | from\n price.injection | 20.00 | 2026-05-04",
        activity="patient | date\n Ann | 2026-05-03\n Bob | 2026-05-04",
    )
    expected = "patient | verdict | price\n Ann | unpriced |\n Bob | payable | 20.00"
    assert_claim(priced, expected, month="2026-05")


def test_a_cap_pays_the_earliest_of_a_patients_contract_year() -> None:
    surgery = Surgery(
        with_cap(2),
        terms=ROLLED_OVER,
        activity="""
            patient | date
            Ann     | 2027-03-03
            Ann     | 2027-03-02
            Ann     | 2027-03-31
            Ann     | 2027-04-01
            Bob     | 2027-03-31
            Ann     | 2027-04-02
            Ann     | 2027-04-03
            """,
    )
    expected = """
        patient | date       | verdict  | reason   | clause   | price
        Ann     | 2027-03-02 | payable  | accepted | 4; 5     | 20.00
        Ann     | 2027-03-03 | payable  | accepted | 4; 5     | 20.00
        Ann     | 2027-03-31 | over_cap | over-cap | test cap |
        Ann     | 2027-04-01 | payable  | accepted | 4; 5     | 20.00
        Ann     | 2027-04-02 | payable  | accepted | 4; 5     | 20.00
        Ann     | 2027-04-03 | over_cap | over-cap | test cap |
        Bob     | 2027-03-31 | payable  | accepted | 4; 5     | 20.00
        """
    assert_claim(surgery, expected, month="2027-04", as_of="2027-05-05")


def test_what_is_already_claimed_counts_first_against_a_cap() -> None:
    surgery = Surgery(with_cap(2), activity="patient | date\n Ann | 2026-06-10\n Ann | 2026-06-20")
    surgery.submit("2026-06", "2026-07-05")
    surgery.add(activity="patient | date\n Ann | 2026-05-01\n Ann | 2026-07-01")
    expected = """
        patient | date       | verdict
        Ann     | 2026-05-01 | over_cap
        Ann     | 2026-06-10 | claimed
        Ann     | 2026-06-20 | claimed
        Ann     | 2026-07-01 | over_cap
        """
    assert_claim(surgery, expected, month="2026-07", as_of="2026-07-31")


def test_what_was_claimed_by_other_means_counts_against_a_cap_too() -> None:
    surgery = Surgery(
        with_cap(2),
        terms="key | value | from\n setting.claims_from | 2026-07 | 2026-04-01",
        activity="patient | date\n Ann | 2026-05-10\n Ann | 2026-06-20\n Ann | 2026-07-01",
    )
    expected = """
        patient | date       | verdict  | reason
        Ann     | 2026-05-10 | claimed  | claimed-elsewhere
        Ann     | 2026-06-20 | claimed  | claimed-elsewhere
        Ann     | 2026-07-01 | over_cap | over-cap
        """
    assert_claim(surgery, expected, month="2026-07")


def test_what_is_not_paid_uses_up_no_cap() -> None:
    surgery = Surgery(
        with_cap(1),
        activity="""
            patient | date       | consultation type
            Ann     | 2026-05-01 | Telephone call
            Ann     | 2026-05-02 | Home visit
            Ann     | 2026-05-02 | Home visit
            Ann     | 2026-05-03 | Home visit
            """,
    )
    expected = """
        patient | date       | verdict  | reason
        Ann     | 2026-05-01 | check    | consultation-type
        Ann     | 2026-05-02 | payable  | accepted
        Ann     | 2026-05-02 | refused  | duplicate
        Ann     | 2026-05-03 | over_cap | over-cap
        """
    assert_claim(surgery, expected, month="2026-05")


def test_unsigned_work_is_not_paid() -> None:
    activity = "patient | date\n Ann | 2026-05-09\n Bob | 2026-05-10\n Eve | 2026-05-20\n Joy | 2026-05-21"
    signed = Surgery(SERVICE, signed="from | to\n 2026-05-10 |", activity=activity)
    expected = """
        patient | verdict | reason
        Ann     | refused | not-signed
        Bob     | payable | accepted
        Eve     | payable | accepted
        Joy     | payable | accepted
        """
    assert_claim(signed, expected, month="2026-05")
    given_up = Surgery(SERVICE, signed="from | to\n 2026-05-10 | 2026-05-20", activity=activity)
    expected = """
        patient | verdict | reason
        Ann     | refused | not-signed
        Bob     | payable | accepted
        Eve     | payable | accepted
        Joy     | refused | not-signed
        """
    assert_claim(given_up, expected, month="2026-05")


def test_order_of_verdicts_when_several_apply() -> None:
    surgery = Surgery(
        SERVICE,
        patients="patient | died\n Eve | 2026-05-01",
        activity="""
            patient | date       | consultation type | done at
            Ann     | 2026-05-04 | Telephone call    | A82038
            Bob     | 2026-05-04 | Telephone call    |
            Eve     | 2026-05-04 | Telephone call    |
            Joy     | 2026-05-04 | Home visit        | A82038
            """,
    )
    in_time = """
        patient | verdict | reason            | also
        Ann     | refused | done-elsewhere    | consultation-type
        Bob     | check   | consultation-type |
        Eve     | check   | after-death       | consultation-type
        Joy     | refused | done-elsewhere    |
        """
    assert_claim(surgery, in_time, month="2026-05", as_of="2026-08-04")
    late = """
        patient | verdict | reason         | also
        Ann     | refused | done-elsewhere | expired, consultation-type
        Bob     | expired | expired        | consultation-type
        Eve     | expired | expired        | after-death, consultation-type
        Joy     | refused | done-elsewhere | expired
        """
    assert_claim(surgery, late, month="2026-05", as_of="2026-08-05")


def test_every_row_has_a_clause_and_the_entry_it_rests_on() -> None:
    surgery = Surgery(
        SERVICE,
        activity="""
            patient | date       | consultation type
            Ann     | 2026-03-31 | Home visit
            Bob     | 2026-05-04 | Telephone call
            Eve     | 2026-05-05 | Home visit
            Eve     | 2026-05-05 | Home visit
            """,
    )
    claim = surgery.claim("2026-05", "2026-06-05")
    assert all(row.clause and row.reason for row in claim.rows)
    evidence = [name for row in claim.rows for name in row.evidence]
    assert sorted(evidence) == sorted(surgery.entries())
    assert len(claim.rows) == 4


def test_entries_with_another_code_are_not_looked_at() -> None:
    surgery = Surgery(SERVICE, activity="patient | date | code\n Ann | 2026-05-04 | 22778000\n Ann | 2026-05-04 |")
    assert_claim(surgery, "patient | code\n Ann | 700139004", month="2026-05")


def test_a_claim_asked_twice_is_the_same() -> None:
    surgery = Surgery(SERVICE, activity="patient | date\n Ann | 2026-05-04\n Ann | 2026-05-04\n Bob | 2026-05-04")
    first, second = surgery.claim("2026-05", "2026-06-05"), surgery.claim("2026-05", "2026-06-05")
    assert first == second
    assert_rows("patient | verdict\n Ann | payable\n Ann | refused\n Bob | payable", claim_rows(surgery, first))


def test_tables_of_these_tests_are_read_as_written() -> None:
    assert read_table("a | b\n--|--\n 1 May 2026 |") == [{"a": "2026-05-01", "b": ""}]
