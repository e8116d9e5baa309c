"""Table 1 (NICE TA204): what it advises on both sides of every threshold; it never blocks a claim."""

from __future__ import annotations

from datetime import date

import pytest

import lescli_denosumab
from lescli.calendar import add_months
from lescli.services import service_of
from lescli.testing import Surgery, assert_claim, read_table

SERVICE = service_of(lescli_denosumab, origin="package")
DAY = date(2026, 5, 4)
TABLE = """
    age | 0 risk factors  | 1 risk factor   | 2 risk factors
    64  | not in the table | not in the table | not in the table
    65  | never           | -4.5            | -4.0
    69  | never           | -4.5            | -4.0
    70  | -4.5            | -4.0            | -3.5
    74  | -4.5            | -4.0            | -3.5
    75  | -4.0            | -4.0            | -3.0
    90  | -4.0            | -4.0            | -3.0
    """
CELLS = [
    (int(row["age"]), factors, list(row.values())[factors + 1]) for row in read_table(TABLE) for factors in (0, 1, 2)
]


def advice(born: date, t_score: str, risk_factors: int, first_dose: str = "2026-05-04") -> str:
    surgery = Surgery(
        SERVICE,
        patients=f"patient | born\n Ann | {born}",
        register=f"""
            patient | entered    | first dose on | t score   | risk factors
            Ann     | 2026-05-04 | {first_dose}  | {t_score} | {risk_factors}
            """,
    )
    (entry,) = surgery.register(DAY).entries
    (said,) = entry.advice
    assert said.clause == "1, Table 1; NICE TA204"
    return said.text


@pytest.mark.parametrize(("age", "factors", "cell"), CELLS)
def test_each_cell_on_both_sides(age: int, factors: int, cell: str) -> None:
    birthday = add_months(DAY, -12 * age)
    if cell == "not in the table":
        assert "the table begins at age 65" in advice(birthday, "-5.0", factors)
    elif cell == "never":
        assert advice(birthday, "-9.9", factors).endswith("not recommended in the table")
    else:
        at, above = f"{float(cell):.1f}", f"{float(cell) + 0.1:.1f}"
        assert f"T-score {at}: recommended" in advice(birthday, at, factors)
        assert f"T-score {float(cell) - 0.1:.1f}: recommended" in advice(birthday, f"{float(cell) - 0.1:.1f}", factors)
        assert f"T-score {above}: not recommended" in advice(birthday, above, factors)
        assert f"at or below {cell}" in advice(birthday, at, factors)


@pytest.mark.parametrize("age", [65, 70, 75])
def test_the_day_before_a_birthday_is_still_the_age_before(age: int) -> None:
    born = add_months(DAY, -12 * age)
    assert f"age {age}, " in advice(born, "-4.0", 2)
    assert f"age {age - 1}, " in advice(born.replace(day=5), "-4.0", 2)


@pytest.mark.parametrize(("factors", "t_score"), [(1, "4.5"), (2, "4.0"), (1, "+4.5")])
def test_a_t_score_without_its_minus_sign_is_not_taken_for_one_with_it(factors: int, t_score: str) -> None:
    """The document prints 4.5 and 4.0 in its first row; TA204 has -4.5 and -4.0."""
    assert ": not recommended" in advice(add_months(DAY, -12 * 67), t_score, factors)


def test_more_risk_factors_than_the_table_has_count_as_its_most() -> None:
    assert ": recommended (the table says at or below -3.0)" in advice(date(1940, 1, 1), "-3.0", 5)


def test_age_is_that_of_the_first_dose() -> None:
    born = date(1956, 3, 1)
    assert "age 69, " in advice(born, "-4.5", 1, first_dose="2026-02-28")
    assert "age 70, " in advice(born, "-4.5", 1, first_dose="2026-03-01")


@pytest.mark.parametrize("recorded", ["t score | -4.5", "risk factors | 1", "diagnosis | osteoporosis"])
def test_no_advice_while_something_is_not_recorded(recorded: str) -> None:
    name, value = recorded.split(" | ")
    surgery = Surgery(SERVICE, register=f"patient | entered | {name}\n Ann | 2026-05-04 | {value}")
    assert surgery.register(DAY).entries[0].advice == ()


def test_it_never_blocks_a_claim() -> None:
    surgery = Surgery(
        SERVICE,
        register="patient | entered | t score | risk factors\n Ann | 2026-04-01 | 1.0 | 0",
        activity="patient | date\n Ann | 2026-05-04",
    )
    assert_claim(surgery, "patient | verdict\n Ann | payable", month="2026-05")
