"""Entries of patients whom no register entry covers: who counts and who does not, on both sides of each day."""

from __future__ import annotations

from dataclasses import replace

import pytest

import lescli_anticoag
import lescli_denosumab
import lescli_phlebotomy
from lescli.calendar import Period
from lescli.rules.unregistered import unregistered
from lescli.services import Service, service_of
from lescli.testing import Surgery

ANTICOAG = service_of(lescli_anticoag, origin="test")
YEAR = Period.parse("2020-21")


def missed(surgery: Surgery, as_of: str = "2020-07-05") -> list[tuple[str, list[str], list[str]]]:
    names, records = surgery.names(), surgery.records(as_of)
    found = unregistered(surgery.service.spec, records, surgery.service.register(records), YEAR)
    return [
        (one.title, [names[who] for who in one.never_patients], [names[who] for who in one.ended_patients])
        for one in found
    ]


def test_only_results_of_patients_on_no_register_are_counted() -> None:
    surgery = Surgery(
        ANTICOAG,
        register="patient | entered | level\nBen | 2020-05-01 | 3\nCat | 2020-06-20 | 3",
        activity="""
            patient | date       | code
            Ann     | 2020-05-04 | inr
            Ann     | 2020-06-04 | inr
            Ben     | 2020-05-04 | inr
            Cat     | 2020-05-04 | inr
            Dan     | 2020-05-04 | monitoring
            Dan     | 2020-05-05 | inr
            """,
    )
    # Cat's first test came before she was put on the register. Dan's own code puts him on it.
    assert missed(surgery) == [("INR result", ["Ann"], [])]
    records = surgery.records("2020-07-05")
    (one,) = unregistered(surgery.service.spec, records, surgery.service.register(records), YEAR)
    assert len(one.never) == 2


@pytest.mark.parametrize(
    ("patient", "counted"),
    [
        ("Ann | 2010-01-01 | 2020-05-04 |", True),  # registered on the day she leaves
        ("Ann | 2010-01-01 | 2020-05-03 |", False),
        ("Ann | 2020-05-04 | |", True),
        ("Ann | 2020-05-05 | |", False),
        ("Ann | 2010-01-01 | | 2020-05-04", True),
        ("Ann | 2010-01-01 | | 2020-05-03", False),
    ],
)
def test_only_patients_registered_on_the_day_are_counted(patient: str, counted: bool) -> None:
    surgery = Surgery(
        ANTICOAG,
        patients=f"patient | registered | left | died\n{patient}",
        activity="patient | date | code\nAnn | 2020-05-04 | inr",
    )
    assert bool(missed(surgery)) is counted


@pytest.mark.parametrize(("ended", "told"), [("2020-05-03", ["Ann"]), ("2020-05-04", []), ("2020-06-30", [])])
def test_entries_after_the_end_of_the_register_entry_are_counted(ended: str, told: list[str]) -> None:
    surgery = Surgery(
        ANTICOAG,
        register=f"patient | entered | ended | end reason | level\nAnn | 2020-04-01 | {ended} | stopped | 3",
        activity="patient | date | code\nAnn | 2020-05-04 | inr",
    )
    assert [(never, after) for _, never, after in missed(surgery)] == ([([], told)] if told else [])


@pytest.mark.parametrize(
    ("terms", "signed", "counted"),
    [
        ("", "", True),
        ("", "2020-05-01 | ", True),
        ("", "2020-06-01 | ", False),
        ("setting.claims_from | 2020-05 | 2020-04-01", "", True),
        ("setting.claims_from | 2020-06 | 2020-04-01", "", False),
    ],
)
def test_only_months_that_can_be_claimed_are_counted(terms: str, signed: str, counted: bool) -> None:
    surgery = Surgery(
        ANTICOAG,
        terms=f"key | value | from\n{terms}" if terms else "",
        signed=f"from | to\n{signed}" if signed else "",
        activity="patient | date | code\nAnn | 2020-05-04 | inr\nBen | 2020-03-31 | inr",
    )
    assert bool(missed(surgery)) is counted


@pytest.mark.parametrize("service", [lescli_denosumab, lescli_phlebotomy])
def test_a_register_filled_by_codes_misses_nobody(service: object) -> None:
    asked: Service = service_of(service, origin="test")
    surgery = Surgery(asked, activity="patient | date\nAnn | 2026-05-05")
    records = surgery.records("2026-06-05")
    assert unregistered(asked.spec, records, surgery.service.register(records), Period.parse("2026-27")) == ()


@pytest.mark.parametrize(("plural", "told"), [("", "INR result entries"), ("INR results", "INR results")])
def test_the_word_for_several_entries_comes_from_service_toml(plural: str, told: str) -> None:
    spec = ANTICOAG.spec
    lists = tuple(replace(one, plural=plural) if one.name == "inr" else one for one in spec.codelists)
    surgery = Surgery(
        ANTICOAG.with_spec(replace(spec, codelists=lists)), activity="patient | date | code\nAnn | 2020-05-04 | inr"
    )
    records = surgery.records("2020-07-05")
    (one,) = unregistered(surgery.service.spec, records, surgery.service.register(records), YEAR)
    assert one.plural == told
