"""Claims: the contract's days, whose patient it was, where it was done, and what counts once (3.3; front page)."""

from __future__ import annotations

import lescli_ius
from lescli.services import service_of
from lescli.testing import Surgery, assert_claim

SERVICE = service_of(lescli_ius, origin="package")
PRICE = "key | value | from\n price.removal | 30.00 | 2020-01-01"


def indicated(*patients: str) -> str:
    return "\n".join(["patient | entered | indication", *(f"{one} | 2015-01-01 | menorrhagia" for one in patients)])


def test_the_first_and_the_last_day_of_the_contract() -> None:
    surgery = Surgery(
        SERVICE,
        terms=PRICE,
        activity="""
            patient | date       | code
            Ann     | 2020-04-01 | removal
            Bea     | 2021-03-31 | removal
            Cat     | 2021-04-01 | removal
        """,
        register=indicated("Ann", "Bea", "Cat"),
    )
    expected = "patient | verdict | reason\n Ann | payable | accepted\n Bea | payable | accepted"
    assert_claim(surgery, expected, month="2021-03")
    # April's claim looks back on the whole contract, and pays nothing of its own days.
    assert_claim(surgery, f"{expected}\n Cat | refused | no-specification", month="2021-04")


def test_a_contract_rolled_over() -> None:
    surgery = Surgery(
        SERVICE,
        terms=f"{PRICE}\n period.end | 2022-03-31 | 2021-04-01",
        activity="patient | date | code\n Cat | 2021-04-01 | removal",
        register=indicated("Cat"),
    )
    assert_claim(surgery, "patient | verdict | reason\n Cat | payable | accepted", month="2021-04")


def test_a_claim_looks_back_to_the_start_of_its_contract_year() -> None:
    # Before the contract began nothing is looked at.
    surgery = Surgery(
        SERVICE,
        terms=PRICE,
        activity="""
            patient | date       | code
            Ann     | 2020-03-31 | removal
            Bea     | 2020-04-01 | removal
            Cat     | 2020-12-31 | removal
            Dee     | 2021-01-01 | removal
        """,
        register=indicated("Ann", "Bea", "Cat", "Dee"),
    )
    assert_claim(
        surgery, "patient | month | verdict\n Bea | 2020-04 | payable\n Cat | 2020-12 | payable", month="2020-12"
    )


def test_whose_patient_it_was_on_the_day() -> None:
    surgery = Surgery(
        SERVICE,
        terms=PRICE,
        patients="""
            patient | registered | left       | died
            Ann     | 2010-01-01 | 2020-05-04 |
            Bea     | 2010-01-01 | 2020-05-03 |
            Cat     | 2010-01-01 |            | 2020-05-04
            Dee     | 2010-01-01 |            | 2020-05-03
            Eve     | 2020-05-04 |            |
            Fay     | 2020-05-05 |            |
        """,
        activity="""
            patient | date       | code    | done at
            Ann     | 2020-05-04 | removal |
            Bea     | 2020-05-04 | removal |
            Cat     | 2020-05-04 | removal |
            Dee     | 2020-05-04 | removal |
            Eve     | 2020-05-04 | removal |
            Fay     | 2020-05-04 | removal |
            Gay     | 2020-05-04 | removal | Z00001
            Hue     | 2020-05-04 | removal | Y99999
        """,
        register=indicated("Ann", "Bea", "Cat", "Dee", "Eve", "Fay", "Gay", "Hue"),
    )
    # An entry that ended before the day holds no indication: Bea's and Dee's is a second finding.
    expected = """
        patient | verdict | reason         | clause
        Ann     | payable | accepted       | 3.2; 4.3 Payment; Schedule 3 Part A
        Bea     | refused | not-registered | 3.3
        Cat     | payable | accepted       | 3.2; 4.3 Payment; Schedule 3 Part A
        Dee     | check   | after-death    | our decision
        Eve     | payable | accepted       | 3.2; 4.3 Payment; Schedule 3 Part A
        Fay     | refused | not-registered | 3.3
        Gay     | refused | done-elsewhere | our decision
        Hue     | payable | accepted       | 3.2; 4.3 Payment; Schedule 3 Part A
        """
    assert_claim(surgery, expected, month="2020-05")


def test_work_done_at_a_place_the_practice_accepts() -> None:
    surgery = Surgery(
        SERVICE,
        terms=f"{PRICE}\n setting.accept_done_at+ | Z00001 | 2020-05-04",
        activity="patient | date | code | done at\n Ann|2020-05-03|removal|Z00001\n Bea|2020-05-04|removal|Z00001",
        register=indicated("Ann", "Bea"),
    )
    expected = "patient | verdict | reason\n Ann | refused | done-elsewhere\n Bea | payable | accepted"
    assert_claim(surgery, expected, month="2020-05")


def test_an_exchange_is_a_removal_and_a_fitting_and_a_copy_is_nothing() -> None:
    surgery = Surgery(
        SERVICE,
        terms=f"{PRICE}\n price.fitting | 80.00 | 2020-01-01",
        accreditations="clinician | kind | from | to\n Dr A | fsrh-loc | 2018-01-01 | 2023-01-01",
        activity="""
            patient | date       | code    | clinician | id
            Ann     | 2020-05-04 | removal | Dr A      | 1
            Ann     | 2020-05-04 | fitting | Dr A      | 2
            Ann     | 2020-05-04 | fitting | Dr A      | 3
        """,
        register="""
            patient | entered    | from       | indication  | device type | batch number | device expiry | consent
            Ann     | 2015-01-01 | 2020-05-04 | menorrhagia | Mirena      | T1           | 2023-01-31    | verbal
        """,
    )
    expected = """
        item    | verdict | reason    | price
        removal | payable | accepted  | 30.00
        fitting | payable | accepted  | 80.00
        fitting | refused | duplicate |
        """
    assert_claim(surgery, expected, month="2020-05")


def test_what_was_submitted_is_claimed_and_earlier_months_were_claimed_elsewhere() -> None:
    surgery = Surgery(
        SERVICE,
        terms=f"{PRICE}\n setting.claims_from | 2020-05 | 2020-04-01",
        activity="""
            patient | date       | code
            Ann     | 2020-04-30 | removal
            Bea     | 2020-05-01 | removal
        """,
        register=indicated("Ann", "Bea", "Cat"),
    )
    assert surgery.submit("2020-05", "2020-06-05").total_pence == 3000
    surgery.add(activity="patient | date | code\n Cat | 2020-05-31 | removal\n Cat | 2020-06-01 | removal")
    expected = """
        patient | date       | verdict | reason
        Ann     | 2020-04-30 | claimed | claimed-elsewhere
        Bea     | 2020-05-01 | claimed | claimed
        Cat     | 2020-05-31 | payable | accepted
        Cat     | 2020-06-01 | payable | accepted
        """
    assert_claim(surgery, expected, month="2020-06", as_of="2020-07-05")


ELSEWHERE = """
    patient | registered | registered at | registration
    Ann     | 2010-01-01 | Z00001        |
    Bea     | 2020-05-05 | Z00001        |
    Cat     |            |               | none
    """
REMOVED = """
    patient | date       | code
    Ann     | 2020-05-04 | removal
    Bea     | 2020-05-04 | removal
    Bea     | 2020-05-05 | removal
    Cat     | 2020-05-04 | removal
    """


def test_patients_of_another_practice_of_the_area_wait_until_it_is_accepted() -> None:
    # 3.3: all patients registered with a Shropshire CCG practice, and nobody who is registered nowhere.
    tables = {"patients": ELSEWHERE, "activity": REMOVED, "register": indicated("Ann", "Bea", "Cat")}
    expected = """
        patient | date       | verdict | reason               | clause
        Ann     | 2020-05-04 | {ann}
        Bea     | 2020-05-04 | refused | not-registered       | 3.3
        Bea     | 2020-05-05 | {ann}
        Cat     | 2020-05-04 | refused | not-registered       | 3.3
        """
    waits = expected.format(ann="check   | registered-elsewhere | 3.3")
    claim = assert_claim(Surgery(SERVICE, terms=PRICE, **tables), waits, month="2020-05")
    assert any("setting.accept_registered_at+=ODS" in row.fix for row in claim.rows)
    accepted = f"{PRICE}\n setting.accept_registered_at += | z00001 | 2020-04-01"
    pays = expected.format(ann="payable | accepted | 3.2; 4.3 Payment; Schedule 3 Part A")
    assert_claim(Surgery(SERVICE, terms=accepted, **tables), pays, month="2020-05")
