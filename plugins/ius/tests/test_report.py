"""The report as a whole: every measure with exact numbers, incidents, and what it says of unset terms and guidance."""

from __future__ import annotations

import lescli_ius
from lescli.services import service_of
from lescli.testing import Surgery, assert_measures, assert_rows, table_rows
from lescli.testing.contract import problems_of

SERVICE = service_of(lescli_ius, origin="package")
CHECK = "key | value | from\n codes.check | 22778000 | 2020-04-01"
EVENTS = """
    kind              | on               | patient
    significant-event | 2020-03-31       |
    significant-event | 2020-04-01T09:30 | Ann
    significant-event | 2020-06-30       |
    significant-event | 2020-07-01       |
"""


def test_every_measure_of_a_quarter() -> None:
    surgery = Surgery(
        SERVICE,
        terms=CHECK,
        accreditations="clinician | kind | from | to\n Dr A | fsrh-loc | 2018-01-01 | 2023-01-01",
        activity="""
            patient | date       | code    | clinician
            Ann     | 2020-05-04 | fitting | Dr A
            Ann     | 2020-06-15 | check   | Dr A
            Bea     | 2020-05-04 | removal | Dr A
        """,
        register="""
            patient | entered    | indication  | device type | batch number | device expiry | consent | requested on
            Ann     | 2020-05-04 | menorrhagia | Mirena      | T1           | 2023-01-31    | verbal  | 2020-04-20
            Bea     | 2015-05-04 | menorrhagia | Mirena      | T1           | 2018-01-31    | verbal  |
        """,
        incidents=EVENTS,
    )
    expected = """
        measure             | count | of | value | unit     | clause
        patients-seen       | 2     |    | 2     | patients | 4.3 Key Performance Indicators
        seen-within-4-weeks | 1     | 1  | 100.0 | percent  | 4.3 Key Performance Indicators
        significant-events  | 2     |    | 2     | events   | 4.3 Key Performance Indicators
        fittings            | 1     |    | 1     | fittings | 4.3 Payment
        checks              | 1     |    | 1     | checks   | 4.3 Payment
        removals            | 1     |    | 1     | removals | 4.3 Payment
        register-size       | 2     |    | 2     | patients | 3.2
        """
    assert_measures(surgery, expected, period="2020-21-Q1")


def test_a_practice_without_a_patient_has_every_measure() -> None:
    expected = """
        measure             | count | of | value
        patients-seen       | 0     |    | 0
        seen-within-4-weeks | 0     | 0  |
        significant-events  | 0     |    | 0
        fittings            | 0     |    | 0
        checks              | 0     |    | 0
        removals            | 0     |    | 0
        register-size       | 0     |    | 0
        """
    assert_measures(Surgery(SERVICE), expected, period="2020-21-Q1")


def test_a_significant_event_is_counted_and_has_no_clock() -> None:
    report = Surgery(SERVICE, incidents=EVENTS).report("2020-21-Q1")
    expected = """
        kind              | on               | due | in_time
        significant-event | 2020-04-01T09:30 |     | no clock
        significant-event | 2020-06-30       |     | no clock
        """
    assert_rows(expected, table_rows(report, "incidents"))


def test_overdue_leaves_out_devices_that_were_removed() -> None:
    surgery = Surgery(
        SERVICE,
        activity="""
            patient | date       | code
            Ann     | 2015-05-04 | fitting
            Bea     | 2015-05-04 | fitting
            Bea     | 2020-05-01 | removal
        """,
        register="patient | entered | indication\n Ann | 2015-05-04 | menorrhagia\n Bea | 2015-05-04 | menorrhagia",
    )
    rows = table_rows(surgery.report("2020-06"), "overdue-replacement-menorrhagia")
    assert_rows("band | patients\n overdue | 1", rows)


def about(surgery: Surgery, word: str, *, period: str = "2020-05") -> list[str]:
    return [note for note in surgery.report(period).notes if word in note]


def test_it_warns_where_guidance_differs_until_the_setting_agrees() -> None:
    (note,) = about(Surgery(SERVICE), "FSRH")
    assert "at 5 years in current FSRH guidance, at 4 years in this document" in note
    assert "setting.replacement_months_endometrial_protection=60" in note
    name = "setting.replacement_months_endometrial_protection"
    settled = Surgery(SERVICE, terms=f"key | value | from\n {name} | 60 | 2020-05-31")
    assert about(settled, "FSRH") == []
    assert about(Surgery(SERVICE, terms=f"key | value | from\n {name} | 60 | 2020-06-01"), "FSRH") == [note]


def test_it_says_that_the_check_has_no_code() -> None:
    (note,) = about(Surgery(SERVICE), "no code of `check`")
    assert "only checked_on in the register settles the recall" in note
    assert about(Surgery(SERVICE, terms=CHECK), "no code of `check`") == []


def test_no_patient_is_named() -> None:
    surgery = Surgery(
        SERVICE,
        activity="patient | date | code\n Ann | 2020-05-04 | fitting\n Ann | 2020-05-05 | removal",
        incidents="kind | on | patient\n significant-event | 2020-05-05 | Ann",
    )
    assert surgery.numbers["Ann"] not in repr(surgery.report("2020-05"))


def test_it_keeps_the_contract_of_every_service() -> None:
    assert problems_of(SERVICE) == []
