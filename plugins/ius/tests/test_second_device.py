"""A no to one thing, and a record of one device, say nothing about the next."""

from __future__ import annotations

import lescli_ius
from lescli.services import service_of
from lescli.testing import Surgery, claim_rows

SERVICE = service_of(lescli_ius, origin="package")
TERMS = "key | value | from\nprice.fitting | 80.00 | 2020-04-01"
LETTER = "clinician | kind | from | to\nDr F | fsrh-loc | 2018-01-01 | 2022-12-31"


def test_the_check_declined_does_not_hide_the_replacement_years_later() -> None:
    surgery = Surgery(
        SERVICE,
        activity="patient | date | code\nAnn | 2020-04-06 | fitting",
        register="patient | entered | indication\nAnn | 2020-04-06 | menorrhagia",
        invitations="patient | on | outcome\nAnn | 2020-05-18 | declined",
    )
    assert [one.kind for one in surgery.recall("2020-06-01").recalls] == []
    assert [one.kind for one in surgery.recall("2025-05-01").recalls] == ["replacement-menorrhagia"]


def test_a_second_device_needs_its_own_details_and_the_reason_it_is_used() -> None:
    record = "| Mirena | {batch} | 2025-01-31 | written"
    surgery = Surgery(
        SERVICE,
        terms=TERMS,
        accreditations=LETTER,
        activity="""
            patient | date       | code    | clinician
            Ann     | 2020-04-06 | fitting | Dr F
            Ann     | 2020-09-01 | fitting | Dr F
            Bea     | 2020-04-06 | fitting | Dr F
            Bea     | 2020-09-01 | fitting | Dr F
            Cyd     | 2020-04-06 | fitting | Dr F
            Cyd     | 2020-09-01 | fitting | Dr F
            """,
        register=f"""
            patient | entered | from | indication | fitted on | device type | batch number | device expiry | consent
            Ann     | 2020-04-06 | 2020-04-06 | menorrhagia | 2020-04-06 {record.format(batch="A1")}
            Ann     | 2020-04-06 | 2020-09-01 | menorrhagia |            {record.format(batch="A2")}
            Bea     | 2020-04-06 | 2020-04-06 | menorrhagia | 2020-04-06 {record.format(batch="B1")}
            Cyd     | 2020-04-06 | 2020-04-06 | menorrhagia | 2020-04-06 {record.format(batch="C1")}
            Cyd     | 2020-04-06 | 2020-09-01 |             |            {record.format(batch="C2")}
            """,
    )
    rows = claim_rows(surgery, surgery.claim("2020-09"))
    assert [(row["patient"], row["date"], row["reason"]) for row in rows if row["item"] == "fitting"] == [
        ("Ann", "2020-04-06", "accepted"),
        ("Bea", "2020-04-06", "accepted"),
        ("Cyd", "2020-04-06", "accepted"),
        ("Ann", "2020-09-01", "accepted"),
        ("Bea", "2020-09-01", "record-incomplete"),
        ("Cyd", "2020-09-01", "record-incomplete"),
    ]
