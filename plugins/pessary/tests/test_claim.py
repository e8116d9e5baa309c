"""Ring pessary claims: golden patients, with and without the codes and prices that the slide leaves out."""

from __future__ import annotations

import lescli_pessary
from lescli.model import Verdict
from lescli.services import service_of
from lescli.testing import Surgery, assert_claim, problems_of, snomed_concept, tables

SERVICE = service_of(lescli_pessary, origin="package")
CODES = "key | value | from\n" + "\n".join(
    f"codes.{name} | {snomed_concept(place)} | 2025-04-01"
    for place, name in enumerate(["fitting", "change", "removal", "annual-review", "follow-up"])
)
PRICES = "\n".join(
    f"price.{name} | {pounds} | 2025-04-01"
    for name, pounds in [("fitting", "4.00"), ("change", "3.00"), ("removal", "2.00"), ("annual-review", "1.00")]
)
TERMS = f"{CODES}\n{PRICES}"


def changes(*days: str) -> str:
    return "patient | date | code\n" + "\n".join(f"Ann | {day} | change" for day in days)


def test_it_keeps_the_contract_of_every_service() -> None:
    assert problems_of(SERVICE) == []


def test_each_kind_of_work_is_paid_its_own_price() -> None:
    surgery = Surgery(
        SERVICE,
        terms=TERMS,
        activity="""
            patient | date       | code
            Ann     | 2025-05-01 | fitting
            Ann     | 2025-05-30 | follow-up
            Bob     | 2025-05-02 | change
            Cat     | 2025-05-06 | removal
            Dot     | 2025-05-07 | annual-review
            """,
    )
    expected = """
        patient | date       | item          | verdict | reason   | price | clause
        Ann     | 2025-05-01 | fitting       | payable | accepted | 4.00  | slide Ring Pessary, points 1 and 2
        Bob     | 2025-05-02 | change        | payable | accepted | 3.00  | slide Ring Pessary, points 5 and 7
        Cat     | 2025-05-06 | removal       | payable | accepted | 2.00  | slide Ring Pessary, point 1
        Dot     | 2025-05-07 | annual-review | payable | accepted | 1.00  | slide Ring Pessary, point 8
        """
    assert_claim(surgery, expected, month="2025-05")


def test_without_codes_nothing_is_found_and_the_claim_says_what_to_set() -> None:
    claim = Surgery(SERVICE).claim("2025-05")
    (told,) = claim.incomplete
    assert told.startswith("no code is known for any item, so nothing can be found; set each with `les services set ")
    assert told.endswith(": codes.fitting, codes.change, codes.removal, codes.annual-review")
    assert claim.notes == ()


def test_with_codes_and_no_price_it_is_unpriced() -> None:
    surgery = Surgery(SERVICE, terms=CODES, activity=changes("2025-05-01"))
    expected = "patient | verdict | reason | price\n Ann | unpriced | no-price |"
    claim = assert_claim(surgery, expected, month="2025-05")
    assert "price.change" in claim.rows[0].fix


def test_the_fifth_change_of_a_year_is_over_the_cap() -> None:
    surgery = Surgery(
        SERVICE,
        terms=TERMS,
        activity=changes("2025-04-01", "2025-06-01", "2025-08-01", "2025-10-01", "2026-03-31", "2026-04-01"),
    )
    expected = """
        patient | date       | verdict  | reason   | price
        Ann     | 2025-04-01 | payable  | accepted | 3.00
        Ann     | 2025-06-01 | payable  | accepted | 3.00
        Ann     | 2025-08-01 | payable  | accepted | 3.00
        Ann     | 2025-10-01 | payable  | accepted | 3.00
        Ann     | 2026-03-31 | over_cap | over-cap |
        """
    claim = assert_claim(surgery, expected, month="2026-03")
    assert claim.rows[-1].clause == "slide Ring Pessary, point 7; the year from 1 April is our decision"
    # The day after begins another year, and takes nothing from the one before.
    rows = surgery.claim("2026-04").rows
    assert [str(row.verdict) for row in rows] == ["payable"] * 4 + ["over_cap", "payable"]


def test_what_is_already_claimed_counts_first() -> None:
    surgery = Surgery(SERVICE, terms=TERMS, activity=changes("2025-06-10", "2025-06-11", "2025-06-12", "2025-06-13"))
    assert surgery.submit("2025-06", "2025-07-01").total_pence == 1200
    # Found late, and earlier in the year than all of them: the four that were paid have used the cap.
    surgery.add(activity=changes("2025-05-01"))
    expected = """
        date       | verdict
        2025-05-01 | over_cap
        2025-06-10 | claimed
        2025-06-11 | claimed
        2025-06-12 | claimed
        2025-06-13 | claimed
        """
    assert_claim(surgery, expected, month="2025-07")


def test_a_change_that_is_in_the_ledger_counts_once_whatever_else_claimed_it() -> None:
    surgery = Surgery(SERVICE, terms=TERMS, activity=changes("2026-05-06", "2026-06-16", "2026-12-02", "2027-01-01"))
    surgery.submit("2026-07", "2026-10-06")
    with surgery.store.writing():
        tables.add_term(
            surgery.store, SERVICE.spec, {"key": "setting.claims_from", "value": "2026-12", "from": "2026-04-01"}
        )
    open_rows = [row for row in surgery.claim("2027-03", "2027-05-01").rows if row.reason != "claimed"]
    assert [(row.day.isoformat(), row.verdict) for row in open_rows] == [
        ("2026-12-02", Verdict.PAYABLE),
        ("2027-01-01", Verdict.PAYABLE),
    ]


def test_the_cap_is_of_one_patient_and_of_changes_only() -> None:
    days = ["2025-05-01", "2025-05-02", "2025-05-06", "2025-05-07", "2025-05-08"]
    table = "patient | date | code\n" + "\n".join(f"Ann | {day} | fitting\n Bob{day} | {day} | change" for day in days)
    claim = Surgery(SERVICE, terms=TERMS, activity=table).claim("2025-05")
    assert {row.verdict.value for row in claim.rows} == {"payable"}


def test_a_change_that_cannot_be_paid_does_not_count_towards_the_cap() -> None:
    surgery = Surgery(
        SERVICE,
        terms=TERMS,
        activity="""
            patient | date       | code   | done at
            Ann     | 2025-05-01 | change | ZZZ99
            Ann     | 2025-05-02 | change |
            Ann     | 2025-05-02 | change |
            Ann     | 2025-05-06 | change |
            Ann     | 2025-05-07 | change |
            Ann     | 2025-05-08 | change |
            """,
    )
    expected = """
        date       | verdict | reason
        2025-05-01 | refused | done-elsewhere
        2025-05-02 | payable | accepted
        2025-05-02 | refused | duplicate
        2025-05-06 | payable | accepted
        2025-05-07 | payable | accepted
        2025-05-08 | payable | accepted
        """
    assert_claim(surgery, expected, month="2025-05")


def test_an_annual_review_is_for_who_manages_the_pessary_herself() -> None:
    surgery = Surgery(
        SERVICE,
        terms=TERMS,
        register="""
            patient | entered    | self managing
            Ann     | 2025-04-01 | yes
            Bob     | 2025-04-01 | no
            Cat     | 2025-04-01 |
            """,
        activity="""
            patient | date       | code
            Ann     | 2025-05-01 | annual-review
            Bob     | 2025-05-01 | annual-review
            Cat     | 2025-05-01 | annual-review
            """,
    )
    expected = """
        patient | verdict | reason
        Ann     | payable | accepted
        Bob     | check   | not-self-managing
        Cat     | payable | accepted
        """
    assert_claim(surgery, expected, month="2025-05")


def test_before_the_service_began() -> None:
    surgery = Surgery(SERVICE, terms=TERMS.replace("2025-04-01", "2020-01-01"), activity=changes("2025-03-31"))
    assert_claim(surgery, "verdict | reason\n refused | no-specification", month="2025-03")
