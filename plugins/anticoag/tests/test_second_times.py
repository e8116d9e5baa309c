"""What happens the second time: who came back, who was claimed and corrected, who declined something else."""

from __future__ import annotations

from datetime import date

import pytest

import lescli_anticoag
from lescli.services import service_of
from lescli.store.ledger import write
from lescli.testing import Surgery, assert_claim, assert_recall, claim_rows, table_rows

SERVICE = service_of(lescli_anticoag, origin="package")
TESTED = "patient | date | code | value\nAnn | 2020-05-05 | inr | 2.4\nBen | 2020-05-05 | inr | 2.4"
LEVEL_3 = "patient | entered | level\nAnn | 2020-04-01 | 3\nBen | 2020-04-01 | 3"


def months(surgery: Surgery, month: str, as_of: str) -> list[tuple[str, str, str]]:
    rows = claim_rows(surgery, surgery.claim(month, as_of))
    return [(row["patient"], row["date"], f"{row['verdict']} {row['reason']}") for row in rows]


def test_who_left_and_came_back_keeps_the_months_she_was_here() -> None:
    surgery = Surgery(
        SERVICE,
        patients="patient | registered | left\nAnn | 2010-01-01 | 2020-05-10\nAnn | 2020-09-01 |",
        register="patient | entered | level\nAnn | 2020-04-01 | 3",
        activity="patient | date | code | value\nAnn | 2020-05-05 | inr | 2.4\nAnn | 2020-09-05 | inr | 2.4",
    )
    found = months(surgery, "2020-09", "2020-10-05")
    # April had no test; from June to August she was not here at all.
    assert [day for _, day, _ in found] == ["2020-04-01", "2020-05-01", "2020-09-01"]
    assert found[1][2] == found[2][2] == "payable accepted"


def test_who_was_registered_nowhere_and_is_so_again_has_not_left() -> None:
    surgery = Surgery(
        SERVICE,
        patients="""
            patient | registration | registered | left
            Ann     | none         | 2015-03-02 | 2020-08-26
            Ann     | none         | 2021-01-09 |
            """,
        register="patient | entered | level\nAnn | 2020-06-01 | 4",
        activity="patient | date | code\nAnn | 2021-03-10 | inr",
        terms="key | value | from\nsetting.accept_registered_nowhere | yes | 2020-04-01",
    )
    assert months(surgery, "2021-03", "2021-04-05")[-1] == ("Ann", "2021-03-01", "payable accepted")


def test_a_leaving_that_lies_ahead_ends_nothing_before_its_day() -> None:
    surgery = Surgery(
        SERVICE,
        patients="patient | registered | left\nAnn | 2010-01-01 | 2020-05-10\nAnn | 2020-09-01 | 2021-01-01",
        register="patient | entered | level\nAnn | 2020-04-01 | 3",
        activity=TESTED.replace("Ben", "Ann"),
    )
    (entry,) = surgery.register("2020-06-30").entries
    assert entry.ended_on == date(2020, 5, 10)


def test_a_month_that_was_claimed_stays_claimed_when_its_support_has_gone() -> None:
    surgery = Surgery(SERVICE, register=LEVEL_3, activity=TESTED)
    surgery.submit("2020-05", "2020-06-10")
    surgery.add(patients="patient | died\nBen | 2020-04-20")
    rows = {(patient, day): said for patient, day, said in months(surgery, "2020-06", "2020-07-10")}
    assert rows["Ben", "2020-05-01"] == "claimed claimed"
    assert ("Ben", "2020-06-01") not in rows


def quarter(surgery: Surgery) -> tuple[int, int, int]:
    (total,) = [row for row in table_rows(surgery.report("2020-21-Q1"), "quarterly-amount") if row["month"] == "total"]
    return tuple(int(total[name]) for name in ("claimed_pence", "payable_pence", "amount_pence"))  # type: ignore[return-value]


def test_the_quarter_is_what_was_claimed_whatever_was_corrected_since() -> None:
    surgery = Surgery(SERVICE, register=LEVEL_3, activity=TESTED)
    claims = [surgery.submit(month, "2020-07-10") for month in ("2020-04", "2020-05", "2020-06")]
    claimed = sum(claim.total_pence for claim in claims)
    assert quarter(surgery) == (claimed, 0, claimed)
    surgery.add_register([{"patient": "Ann", "from": "2020-04-01", "level": "4"}])
    assert quarter(surgery) == (claimed, 0, claimed)
    row = next(row for row in surgery.claim("2020-05", "2020-07-10").rows if row.verdict == "claimed")
    assert row.item in ("level-3", "level-4")
    with surgery.store.writing():
        paid = next(c for c in claims if c.total_pence)
        (number, amount) = surgery.store.rows(
            "SELECT r.row, r.amount_pence FROM claim_row r JOIN claim c ON c.id = r.claim_id"
            " WHERE c.month = ? AND r.verdict = 'payable' ORDER BY r.row LIMIT 1",
            paid.month,
        )[0]
        write.reverse(surgery.store, paid.claim_id, number, reason="level corrected", on=date(2020, 7, 11))
    after = quarter(surgery)
    assert after[0] == claimed - amount
    assert after[2] == after[0] + after[1]


def test_an_initiation_claimed_by_other_means_is_not_paid_again() -> None:
    surgery = Surgery(
        SERVICE,
        terms="key | value | from\nsetting.claims_from | 2020-05 | 2020-04-01",
        register="""
            patient | entered    | ended      | initiated on | indication          | level
            Ann     | 2020-04-10 | 2020-06-30 | 2020-04-10   | atrial fibrillation | 3
            Ann     | 2020-08-01 |            | 2020-08-01   | atrial fibrillation | 3
            """,
    )
    rows = [row for row in claim_rows(surgery, surgery.claim("2020-08")) if row["item"] == "initiation"]
    assert [(row["date"], row["verdict"], row["reason"]) for row in rows] == [
        ("2020-04-10", "claimed", "claimed-elsewhere"),
        ("2020-08-01", "refused", "duplicate"),
    ]


@pytest.mark.parametrize(("as_of", "due"), [("2021-06-20", "no"), ("2021-06-21", "yes")])
def test_a_no_to_one_year_is_not_a_no_to_the_next(as_of: str, due: str) -> None:
    surgery = Surgery(
        SERVICE,
        register="patient | entered | from | level | review on\nAnn | 2020-04-01 | 2020-06-20 | 3 | 2020-06-20",
        invitations="patient | on | outcome\nAnn | 2020-05-01 | declined\nAnn | 2020-07-01 | declined",
        activity="patient | date | code | value\nAnn | 2021-06-01 | inr | 2.5",
    )
    listed = [one.kind for one in surgery.recall(as_of).recalls]
    assert ("annual-review" in listed) == (due == "yes" or as_of >= "2021-06-20")


def test_home_visits_before_the_first_month_claimed_here_count_once() -> None:
    surgery = Surgery(
        SERVICE,
        terms="key | value | from\nsetting.claims_from | 2020-05 | 2020-04-01",
        register=LEVEL_3,
        activity="""
            patient | date       | code       | done at
            Ann     | 2020-04-10 | home-visit |
            Ann     | 2020-04-10 | home-visit |
            Ann     | 2020-04-11 | home-visit | RXR10
            """,
    )
    report = surgery.report("2020-04", "2020-06-05")
    assert {m.id: m.numerator for m in report.measures}["home-visits"] == 1
    assert_claim(
        surgery,
        """
        patient | date       | verdict | reason
        Ann     | 2020-04-01 | claimed | claimed-elsewhere
        Ann     | 2020-04-10 | claimed | claimed-elsewhere
        Ann     | 2020-04-10 | claimed | claimed-elsewhere
        Ann     | 2020-04-11 | claimed | claimed-elsewhere
        Ben     | 2020-04-01 | claimed | claimed-elsewhere
        """,
        month="2020-04",
    )
    assert_recall(Surgery(SERVICE), "patient | due", as_of="2020-06-05")
