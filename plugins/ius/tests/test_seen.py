"""Patients seen per month, and seen within 4 weeks of the request (4.3 Key Performance Indicators)."""

from __future__ import annotations

import pytest

import lescli_ius
from lescli.model import Report
from lescli.services import service_of
from lescli.testing import Surgery, assert_rows, measure_rows, read_table, table_rows

SERVICE = service_of(lescli_ius, origin="package")
LETTER = "clinician | kind | from | to\n Dr A | fsrh-loc | 2010-01-01 | 2030-01-01"
HEADER = "patient | entered | indication | device type | batch number | device expiry | consent"


def one(report: Report, name: str) -> str:
    """`count/of value` of a measure."""
    (row,) = [row for row in measure_rows(report) if row["measure"] == name]
    return f"{row['count']}/{row['of']} {row['value']}".rstrip()


def record(patient: str, indication: str = "menorrhagia") -> str:
    return f"{patient} | 2015-01-01 | {indication} | Mirena | T1 | 2023-01-31 | verbal"


SEEN = Surgery(
    SERVICE,
    terms="key | value | from\n codes.check | 22778000 | 2020-04-01",
    accreditations=LETTER,
    patients="patient | registered | died\n Hue | 2010-01-01 | 2020-05-01",
    activity="""
        patient | date       | code    | clinician
        Ann     | 2020-04-30 | removal | Dr A
        Ann     | 2020-05-04 | fitting | Dr A
        Ann     | 2020-06-15 | check   | Dr A
        Bea     | 2020-05-31 | removal | Dr A
        Bea     | 2020-05-31 | removal | Dr A
        Cat     | 2020-05-04 | fitting | Dr Unknown
        Dee     | 2020-05-04 | fitting | Dr A
        Eve     | 2020-06-30 | check   | Dr A
        Fay     | 2020-07-01 | check   | Dr A
        Gay     | 2020-03-31 | check   | Dr A
        Hue     | 2020-05-04 | check   | Dr A
    """,
    register="\n".join(
        [HEADER, *map(record, ("Ann", "Bea", "Cat", "Eve", "Fay", "Gay", "Hue")), record("Dee", "contraception")]
    ),
)


def test_patients_seen_in_each_month() -> None:
    # Ann counts once a month and once a quarter, Bea's copied entry once. Cat's fitting is to be put right, and she was
    # seen. Dee is another service's patient; Hue had died; Fay and Gay came outside the quarter.
    expected = """
        month   | patients | fitting | check | removal
        2020-04 | 1        | 0       | 0     | 1
        2020-05 | 3        | 2       | 0     | 1
        2020-06 | 2        | 0       | 2     | 0
        """
    report = SEEN.report("2020-21-Q1")
    assert_rows(expected, table_rows(report, "patients-seen-by-month"))
    assert one(report, "patients-seen") == "4/ 4"
    assert "patients-seen: 1 of the activities counted are held back (`check`)" in report.notes


@pytest.mark.parametrize(
    ("month", "seen"), [("2020-03", 0), ("2020-04", 1), ("2020-05", 3), ("2020-06", 2), ("2020-07", 1)]
)
def test_patients_seen_in_a_month(month: str, seen: int) -> None:
    # In March no specification was in force.
    assert one(SEEN.report(month), "patients-seen") == f"{seen}/ {seen}"


def test_what_was_claimed_stays_seen_and_a_month_claimed_elsewhere_counts() -> None:
    surgery = Surgery(
        SERVICE,
        terms="key | value | from\n price.removal | 30.00 | 2020-04-01\n setting.claims_from | 2020-05 | 2020-04-01",
        activity="patient | date | code\n Ann | 2020-04-30 | removal\n Bea | 2020-05-04 | removal",
        register="patient | entered | indication\n Ann | 2015-01-01 | menorrhagia\n Bea | 2015-01-01 | menorrhagia",
    )
    surgery.submit("2020-05", "2020-06-05")
    surgery.add(patients="patient | died\n Bea | 2020-05-01")
    assert one(surgery.report("2020-21-Q1"), "patients-seen") == "2/ 2"


def waited(*days: str, more: str = "") -> Report:
    """Patients fitted on 29 May 2020 whose request was on these days."""
    names = [f"P{place}" for place in range(len(days))]
    surgery = Surgery(
        SERVICE,
        accreditations=LETTER,
        activity="\n".join(["patient | date | clinician", *(f"{name} | 2020-05-29 | Dr A" for name in names), more]),
        register="\n".join([HEADER, *map(record, names)]),
    )
    surgery.add_register(
        [{"patient": name, "from": "2020-06-01", "requested on": day} for name, day in zip(names, days, strict=True)]
    )
    return surgery.report("2020-05", "2020-06-30")


@pytest.mark.parametrize(
    ("requested", "share"),
    [
        ("2020-04-30", "0/1 0.0"),  # 29 days
        ("2020-05-01", "1/1 100.0"),  # 28
        ("2020-05-02", "1/1 100.0"),
        ("2020-05-29", "1/1 100.0"),
        ("2020-05-30", "0/0"),  # after the fitting: some other request's
        ("", "0/0"),
    ],
)
def test_within_4_weeks_is_28_days(requested: str, share: str) -> None:
    assert one(waited(requested), "seen-within-4-weeks") == share


def test_the_share_is_of_those_with_a_request_and_a_note_counts_the_others() -> None:
    report = waited("2020-04-30", "2020-05-01", "2020-05-20", "", "")
    assert one(report, "seen-within-4-weeks") == "2/3 66.67"
    assert "seen-within-4-weeks: requested_on is not recorded for 2 of 5 fittings" in report.notes
    assert not [note for note in waited("2020-05-01").notes if "requested_on" in note]


def test_how_many_weeks_is_a_setting() -> None:
    surgery = Surgery(
        SERVICE,
        terms="key | value | from\n setting.seen_within_days | 42 | 2020-05-29",
        accreditations=LETTER,
        activity="patient | date | clinician\n Ann | 2020-05-28 | Dr A\n Bea | 2020-05-29 | Dr A",
        register="\n".join([HEADER, record("Ann"), record("Bea")]),
    )
    surgery.add_register(
        read_table("patient | from | requested on\n Ann | 2020-04-20 | 2020-04-20\n Bea | 2020-04-20 | 2020-04-17")
    )
    assert one(surgery.report("2020-05"), "seen-within-4-weeks") == "1/2 50.0"


def test_the_request_for_the_first_device_is_not_that_for_the_second() -> None:
    surgery = Surgery(
        SERVICE,
        accreditations=LETTER,
        activity="patient | date | clinician\n Ann | 2020-05-04 | Dr A\n Ann | 2020-05-25 | Dr A",
        register="\n".join([HEADER, record("Ann")]),
    )
    surgery.add_register([{"patient": "Ann", "from": "2020-05-01", "requested on": "2020-05-01"}])
    assert one(surgery.report("2020-05"), "seen-within-4-weeks") == "1/1 100.0"
    surgery.add_register([{"patient": "Ann", "from": "2020-05-25", "requested on": "2020-05-20"}])
    assert one(surgery.report("2020-05"), "seen-within-4-weeks") == "2/2 100.0"
    # The day of the first fitting is not yet after it.
    surgery.add_register([{"patient": "Ann", "from": "2020-05-25", "requested on": "2020-05-04"}])
    assert one(surgery.report("2020-05"), "seen-within-4-weeks") == "1/1 100.0"


def test_a_request_recorded_to_hold_only_later_is_not_known_yet() -> None:
    surgery = Surgery(
        SERVICE,
        accreditations=LETTER,
        activity="patient | date | clinician\n Ann | 2020-05-29 | Dr A",
        register="\n".join([HEADER, record("Ann")]),
    )
    surgery.add_register([{"patient": "Ann", "from": "2020-06-01", "requested on": "2020-05-20"}])
    assert one(surgery.report("2020-05", "2020-05-31"), "seen-within-4-weeks") == "0/0"
    assert one(surgery.report("2020-05", "2020-06-01"), "seen-within-4-weeks") == "1/1 100.0"
