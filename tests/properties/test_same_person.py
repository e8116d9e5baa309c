"""Two numbers that were merged are answered like one number that held everything from the beginning."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lescli.operations.patients.same_person import apart_patients, merge_patients
from lescli.services import load_catalog
from lescli.testing.surgery import Surgery

TODAY = date(2026, 6, 30)
PATIENTS = "patient | registered\nAnn | 2010-01-01\nBen | 2010-01-01"
entries = st.lists(st.tuples(st.sampled_from(("Ann", "Ben")), st.integers(0, 80)), min_size=1, max_size=8)
CASES = {
    "denosumab": ("2026-04-01", "injection", ""),
    "anticoag": ("2020-04-01", "monitoring", "patient | entered | level\n{} | {} | 3"),
}


def surgery(service: str, held: list[tuple[str, int]], names: dict[str, str]) -> Surgery:
    """A practice with the entries, and the register of the old number, under the names given."""
    first, code, register = CASES[service]
    begin = date.fromisoformat(first)
    rows = dict.fromkeys(f"{names[name]} | {begin + timedelta(days=count)} | {code}" for name, count in held)
    return Surgery(
        load_catalog().service(service),
        patients=PATIENTS,
        activity="\n".join(["patient | date | code", *rows]),
        register=register.format(names["Ann"], first),
    )


def answers(practice: Surgery, month: str, as_of: date):
    """Register, recall and claim of the number in use, without the numbers of entries."""
    ben = practice.numbers["Ben"]
    register = [(one.entered_on, one.ended_on, one.details) for one in practice.register(as_of).of(ben)]
    recall = [
        (one.kind, one.due_on, one.last_done_on) for one in practice.recall(as_of).recalls if one.nhs_number == ben
    ]
    rows = practice.claim(month, as_of).rows
    assert {row.nhs_number for row in rows} <= {ben}
    return register, recall, [(row.day, row.item, row.verdict, row.reason) for row in rows]


@pytest.mark.parametrize(
    ("service", "month", "as_of"),
    [
        ("denosumab", "2026-06", TODAY),
        ("anticoag", "2020-06", date(2020, 7, 5)),
    ],
)
@settings(max_examples=25, deadline=None)
@given(held=entries)
def test_a_merge_answers_as_one_number_would(service, month, as_of, held):
    two = surgery(service, held, {"Ann": "Ann", "Ben": "Ben"})
    one = surgery(service, held, {"Ann": "Ben", "Ben": "Ben"})
    ann, ben = two.numbers["Ann"], two.numbers["Ben"]
    before = two.claim(month, as_of)
    merge_patients(two.store, ann, ben, on=as_of, reason="x", is_sure=True)
    assert answers(two, month, as_of) == answers(one, month, as_of)
    apart_patients(two.store, ann, ben, on=as_of, reason="x")
    assert two.claim(month, as_of) == before
