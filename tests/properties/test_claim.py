"""Whatever a practice did: every activity gets one verdict, and nothing is ever paid twice."""

from __future__ import annotations

from collections import Counter
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

import lescli_denosumab
from lescli.calendar import Month, add_months
from lescli.model import ClaimRow, Verdict
from lescli.services import service_of
from lescli.store.ledger.read import claims
from lescli.testing import Surgery

SERVICE = service_of(lescli_denosumab, origin="package")
FIRST, LAST = date(2026, 3, 1), date(2026, 9, 30)
MONTHS = tuple(Month(2026, month) for month in range(4, 10))
Row = dict[str, str]


def days(first: date = FIRST, last: date = LAST) -> st.SearchStrategy[str]:
    return st.dates(first, last).map(date.isoformat)


@st.composite
def activity(draw: st.DrawFn) -> Row:
    # Few days and patients, so that the same day of the same patient comes up.
    return {
        "patient": draw(st.sampled_from(["Ann", "Bob", "Eve"])),
        "date": draw(st.one_of(days(), st.sampled_from(["2026-03-31", "2026-04-01", "2026-05-31", "2026-06-01"]))),
        "consultation type": draw(st.sampled_from(["Home visit", "Face to face", "Telephone call", ""])),
        "done at": draw(st.sampled_from(["", "", "", "RXN"])),
        "recorded": draw(st.sampled_from(["", "2026-09-30"])),
    }


@st.composite
def practices(draw: st.DrawFn) -> tuple[list[Row], list[Row]]:
    left = draw(st.one_of(st.just(""), days()))
    died = draw(st.one_of(st.just(""), days()))
    patients = [{"patient": "Ann", "registered": "2020-01-01", "left": left}, {"patient": "Bob", "died": died}]
    return patients, draw(st.lists(activity(), max_size=25))


def surgery_of(patients: list[Row], rows: list[Row]) -> Surgery:
    surgery = Surgery(SERVICE)
    surgery.add_rows(rows, patients)
    return surgery


def paid(rows: tuple[ClaimRow, ...]) -> list[tuple[str, date]]:
    return [(row.nhs_number, row.day) for row in rows if row.verdict is Verdict.PAYABLE]


@settings(max_examples=100, deadline=None)
@given(practices(), st.sampled_from(MONTHS), st.dates(date(2026, 4, 1), date(2026, 12, 31)))
def test_every_activity_of_the_span_has_one_verdict(
    practice: tuple[list[Row], list[Row]], month: Month, as_of: date
) -> None:
    patients, rows = practice
    surgery = surgery_of(patients, rows)
    claim = surgery.claim(str(month), as_of)
    # The claim for May looks at 1 February to 31 May, as far as it is known on the day asked.
    first, last = add_months(month.first, -3), min(month.last, as_of)
    expected = Counter(
        (surgery.numbers[row["patient"]], row["date"])
        for row in rows
        if first <= date.fromisoformat(row["date"]) <= last
    )
    assert Counter((row.nhs_number, row.day.isoformat()) for row in claim.rows) == expected
    verdicts = Counter(row.verdict for row in claim.rows)
    assert verdicts.total() == len(claim.rows) == expected.total()
    assert all(row.unit_price_pence == 2000 for row in claim.rows if row.verdict is Verdict.PAYABLE)
    assert max(Counter(paid(claim.rows)).values(), default=0) <= 1
    assert all(date(2026, 4, 1) <= day <= date(2027, 3, 31) for _, day in paid(claim.rows))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_order_of_the_rows_decides_nothing(data: st.DataObject) -> None:
    patients, rows = data.draw(practices())
    shuffled = data.draw(st.permutations(rows))

    def said(surgery: Surgery, number: int) -> list[tuple[str, ...]]:
        names, entries = surgery.names(), surgery.entries()
        claim = surgery.claim(str(MONTHS[number]), date(2026, 10, 31))
        return sorted(
            (names[row.nhs_number], row.day.isoformat(), *entries[row.evidence[0]], row.verdict, row.reason)
            for row in claim.rows
        )

    number = data.draw(st.integers(0, len(MONTHS) - 1))
    assert said(surgery_of(patients, shuffled), number) == said(surgery_of(patients, rows), number)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_is_submitted_is_never_paid_again(data: st.DataObject) -> None:
    patients, rows = data.draw(practices())
    later = data.draw(st.lists(activity(), max_size=8))
    surgery = surgery_of(patients, rows)
    all_paid: list[tuple[str, date]] = []
    for place, month in enumerate(data.draw(st.permutations(MONTHS))[:4]):
        as_of = max(month.last, date(2026, 10, 5))
        before = surgery.claim(str(month), as_of)
        total = surgery.submit(str(month), as_of).total_pence
        assert total == 2000 * len(paid(before.rows))
        all_paid += paid(before.rows)
        again = surgery.claim(str(month), as_of)
        assert paid(again.rows) == []
        assert len(again.rows) == len(before.rows)
        if place == 1:
            # More arrives after the claim; what is claimed stays claimed.
            surgery.add_rows(later)
    assert max(Counter(all_paid).values(), default=0) <= 1
    assert sum(claim.total_pence for claim in claims(surgery.store)) == 2000 * len(all_paid)
