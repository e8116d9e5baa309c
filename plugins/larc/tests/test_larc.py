"""The service keeps the contract, prints no price and no code, and counts nothing that was only reported here."""

from __future__ import annotations

from datetime import date

import lescli_larc
from lescli.services import service_of
from lescli.testing import Surgery, problems_of, snomed_concept

SERVICE = service_of(lescli_larc, origin="package")


def test_it_keeps_the_contract_of_every_service() -> None:
    assert problems_of(SERVICE) == []


def test_no_price_and_no_code_is_printed() -> None:
    assert [item.prices for item in SERVICE.spec.items] == [()] * 6
    assert {(one.status, one.versions) for one in SERVICE.spec.codelists} == {("unset", ())}


def test_what_a_record_marks_as_only_reported_was_not_fitted_here() -> None:
    code = snomed_concept(0)
    surgery = Surgery(
        SERVICE,
        patients="patient | registered\n Ann | 2020-01-01",
        terms=f"key | value | from\n codes.implant | {code} | 2025-04-01",
    )
    entry = {"nhs_number": surgery.numbers["Ann"], "code": code}
    surgery.take_in([{**entry, "date": "2026-05-04"}, {**entry, "date": "2026-05-05"}])
    with surgery.store.writing():
        surgery.store.connection.execute("INSERT INTO activity_mark SELECT max(id), 'reported' FROM activity")
    report = surgery.report("2026-05", date(2026, 5, 31))
    (trend,) = [table for table in report.tables if table.id == "trend"]
    assert trend.rows[-1][:4] == ("2026-05", 1, 0, 1)
    assert {one.id: one.value for one in report.measures}["fitted-for-our-women"] == 2
