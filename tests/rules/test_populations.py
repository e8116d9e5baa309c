"""Work for patients of other practices is paid where an item says so; they never become patients of ours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from lescli.errors import SpecificationError
from lescli.services import Service
from lescli.testing import Surgery, assert_measures, assert_recall, assert_register

Made = Callable[..., Service]
ITEM = """
[[item]]
name = "work"
title = "Work"
kind = "per-activity"
clause = "3"
codelists = ["work"]
unit = "entry"
{population}

[[item.price]]
amount = "10.00"
from = "2025-04-01"
clause = "3"

[[item]]
name = "list"
title = "List"
kind = "capitation"
clause = "3"
unit = "patient"

[[item.price]]
amount = "1000.00"
from = "2025-04-01"
clause = "3"

[[recall]]
name = "again"
title = "Again"
kind = "every"
clause = "4"
codelist = "work"
interval = 1
unit = "months"

[[measure]]
id = "size"
title = "Size"
kind = "register-size"
clause = "5"

[[measure]]
id = "overdue"
title = "Overdue"
kind = "overdue"
of = "again"
clause = "5"
"""
PATIENTS = """
    patient | registered | registered at | left       | registration
    Ann     | 2020-01-01 |               |            |
    Ben     | 2020-01-01 | Y00002        |            |
    Cat     | 2020-01-01 | Y00002        | 2026-05-09 |
    Dan     | 2020-01-01 |               | 2026-05-09 |
    Eve     |            |               |            | none
    Fay     | 2020-01-01 | Y00002        | 2026-05-10 |
    Gus     | 2020-01-01 | Y00002        |            | none
    """
ROWS = "patient | date\n" + "\n".join(
    f"{name} | 2026-05-10" for name in ("Ann", "Ben", "Cat", "Dan", "Eve", "Fay", "Gus")
)


def surgery(made: Made, population: str) -> Surgery:
    text = ITEM.format(population=f'population = "{population}"' if population else "")
    return Surgery(made(text), patients=PATIENTS, activity=ROWS)


@pytest.mark.parametrize(
    ("population", "reasons"),
    [
        ("", ["accepted", *["not-registered"] * 6]),
        ("own", ["accepted", *["not-registered"] * 6]),
        (
            "other",
            ["own-patient", "accepted", *["practice-unknown"] * 3, "accepted", "practice-unknown"],
        ),
        ("any", ["accepted", "accepted", *["practice-unknown"] * 3, "accepted", "practice-unknown"]),
    ],
)
def test_who_is_paid(made: Made, population: str, reasons: list[str]) -> None:
    claim = surgery(made, population).claim("2026-05")
    names = surgery(made, population).names()
    found = {names[row.nhs_number]: row.reason for row in claim.rows if row.item == "work"}
    assert [found[name] for name in ("Ann", "Ben", "Cat", "Dan", "Eve", "Fay", "Gus")] == reasons


@pytest.mark.parametrize("population", ["other", "any"])
def test_they_never_become_ours(made: Made, population: str) -> None:
    practice = surgery(made, population)
    assert_register(practice, "patient | ended\n Ann |\n Dan | 2026-05-10", as_of="2026-05-31")
    assert_recall(practice, "patient\n Ann", as_of="2026-06-20")
    assert_measures(practice, "measure | count\n size | 1\n overdue | 1", period="2026-06", as_of="2026-06-20")
    # Ann and Dan are on the practice list on 1 May. Capitation is for them alone.
    (row,) = [one for one in practice.claim("2026-05").rows if one.item == "list" and one.day == date(2026, 5, 1)]
    assert row.evidence == ("list:2026-05-01:2",)


def test_an_entry_by_hand_makes_nobody_ours(made: Made) -> None:
    practice = surgery(made, "any")
    practice.add_register([{"patient": "Ben", "entered": "2026-05-01"}])
    assert_recall(practice, "patient\n Ann", as_of="2026-06-20")
    assert_measures(practice, "measure | count\n size | 1\n overdue | 1", period="2026-06", as_of="2026-06-20")


def test_after_death_and_done_elsewhere_still_count(made: Made) -> None:
    text = ITEM.format(population='population = "other"')
    practice = Surgery(
        made(text),
        patients="patient | registered at | died\n Ben | Y00002 | 2026-05-09\n Gil | Y00002 |",
        activity="patient | date | done at\n Ben | 2026-05-10 |\n Gil | 2026-05-10 | Y00002",
    )
    claim = practice.claim("2026-05")
    assert {row.reason for row in claim.rows if row.item == "work"} == {"after-death", "done-elsewhere"}


def test_a_population_of_the_practice_list_is_refused(made: Made) -> None:
    text = ITEM.format(population="").replace('unit = "patient"', 'unit = "patient"\npopulation = "any"')
    with pytest.raises(SpecificationError, match="population"):
        made(text)


def test_one_list_may_be_paid_apart_for_ours_and_for_others(made: Made) -> None:
    tier_two = ITEM.format(population="").split('[[item]]\nname = "list"')[0]
    tier_three = tier_two.replace('name = "work"', 'name = "hub"')
    practice = Surgery(
        made(tier_two + tier_three.replace('unit = "entry"', 'unit = "entry"\npopulation = "other"')),
        patients=PATIENTS,
        activity=ROWS,
    )
    names = practice.names()
    found = {(names[row.nhs_number], row.item, row.reason) for row in practice.claim("2026-05").rows}
    # Each entry has one row: that of the item for its patient.
    assert found == {
        ("Ann", "work", "accepted"),
        ("Ben", "hub", "accepted"),
        ("Fay", "hub", "accepted"),
        *((name, "hub", "practice-unknown") for name in ("Cat", "Dan", "Eve", "Gus")),
    }
    with pytest.raises(SpecificationError, match="it would be paid twice"):
        made(tier_two + tier_three.replace('unit = "entry"', 'unit = "entry"\npopulation = "any"'))


def test_claimed_work_is_not_paid_again_when_a_registration_is_corrected(made: Made) -> None:
    tier_two = ITEM.format(population="").split('[[item]]\nname = "list"')[0]
    tier_three = tier_two.replace('name = "work"', 'name = "hub"\npopulation = "other"')
    practice = Surgery(made(tier_two + tier_three), activity="patient | date\n Ann | 2026-05-10")
    practice.submit("2026-05", "2026-06-02")
    practice.add(patients="patient | registered at\n Ann | Y00002")
    (row,) = practice.claim("2026-05", "2026-06-05").rows
    assert (row.item, row.verdict.value) == ("work", "claimed")


EPISODE = 'kind = "per-episode"\nopened_by = ["work"]\ngap_days = 28'
BUNDLE = 'kind = "all-of"\nall_of = ["work", "more"]\nwithin_days = 5'


@pytest.mark.parametrize("kind", [EPISODE, BUNDLE])
@pytest.mark.parametrize(("population", "paid"), [("own", {"Ann"}), ("other", {"Ben"}), ("any", {"Ann", "Ben"})])
def test_every_kind_with_entries_knows_its_population(made: Made, kind: str, population: str, paid: set[str]) -> None:
    text = ITEM.split('[[item]]\nname = "list"')[0].format(population=f'population = "{population}"')
    text = text.replace('kind = "per-activity"', kind).replace('codelists = ["work"]\n', "")
    practice = Surgery(
        made(text, lists="work more"),
        patients="patient | registered | registered at\n Ann | 2020-01-01 |\n Ben | 2020-01-01 | Y00002",
        activity="""
            patient | date       | code
            Ann     | 2026-05-10 | work
            Ann     | 2026-05-11 | more
            Ben     | 2026-05-10 | work
            Ben     | 2026-05-11 | more
            """,
    )
    names = practice.names()
    found = {names[row.nhs_number] for row in practice.claim("2026-05").rows if row.reason == "accepted"}
    assert found == paid
