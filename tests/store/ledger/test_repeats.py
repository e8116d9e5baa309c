"""Which recorded payment a new one may repeat: nothing is counted twice, and no payment is lost to a likeness."""

from __future__ import annotations

from datetime import date

import pytest

from lescli.store.ledger.read import Payment
from lescli.store.ledger.repeats import command_to_pay, file_reference, is_payers, perhaps_the_same, standing

FILE, OTHER_FILE = file_reference("0" * 64), file_reference("1" * 64)


def payment(cell: str) -> Payment:
    """`60 on 30 B1`: pounds, the day of June, the reference."""
    pounds, _, day, *reference = cell.split(" ", 3)
    return Payment(amount_pence=int(pounds) * 100, on=date(2026, 6, int(day)), reference="".join(reference))


@pytest.mark.parametrize(
    ("recorded", "new", "owed", "found"),
    [
        # Of the same day, where no reference of the payer tells the two apart.
        ("60 on 30", "60 on 30", 100, "60 on 30"),
        ("60 on 30", "60 on 30 B1", 100, "60 on 30"),
        ("60 on 30 B1", "60 on 30", 100, "60 on 30 B1"),
        (f"60 on 30 {FILE}", f"60 on 30 {OTHER_FILE}", 100, f"60 on 30 {FILE}"),
        (f"60 on 30 {FILE}", "60 on 30 B1", 100, f"60 on 30 {FILE}"),
        ("60 on 30 B1", "60 on 30 B2", 100, ""),
        ("60 on 30", "59 on 30", 100, ""),
        # More than is owed: of another day, or under another reference of the same day.
        ("60 on 30 B1", "60 on 30 B2", 59, "60 on 30 B1"),
        ("60 on 30 B1", "60 on 29 B2", 59, ""),
        ("60 on 30", "60 on 29 B1", 60, ""),
        ("60 on 30", "60 on 29 B1", 59, "60 on 30"),
        ("60 on 30 B1", "60 on 29", 0, "60 on 30 B1"),
        # Taken back since, and paid again.
        ("60 on 30, -60 on 30", "60 on 30 B1", 100, ""),
        ("60 on 30, -60 on 30, 60 on 30", "60 on 30 B1", 100, "60 on 30"),
        ("60 on 30, -60 on 29", "60 on 28 B1", 0, ""),
        # Taken back twice.
        ("60 on 30, -20 on 30", "-20 on 30 B1", 100, "-20 on 30"),
        ("60 on 30, -20 on 30", "-20 on 29 B1", 0, ""),
        ("", "60 on 30", 0, ""),
    ],
)
def test_the_payment_that_a_new_one_may_repeat(recorded: str, new: str, owed: int, found: str) -> None:
    one = payment(new)
    held = [payment(cell) for cell in recorded.split(", ") if cell]
    expected = payment(found) if found else None
    assert perhaps_the_same(held, one.amount_pence, one.on, one.reference, owed * 100) == expected


def test_what_was_taken_back_does_not_stand() -> None:
    cells = ("60 on 30", "20 on 30", "-60 on 29", "-5 on 28")
    assert standing([payment(cell) for cell in cells]) == [payment("20 on 30"), payment("-5 on 28")]


def test_a_reference_of_ours_is_not_the_payers() -> None:
    assert [is_payers(one) for one in ("B1", "file B1", FILE, "")] == [True, True, False, False]


def test_a_command_can_be_typed_in_any_shell() -> None:
    day = date(2026, 6, 30)
    assert command_to_pay("s-2026-05", -6005, day) == "les claims pay s-2026-05 --amount -60.05 --on 2026-06-30"
    assert command_to_pay("s", 124000, None, "BACS 1") == 'les claims pay s --amount 1240.00 --on DATE --ref "BACS 1"'
    assert command_to_pay("s", 5, day, 'a"; b').endswith("--amount 0.05 --on 2026-06-30 --ref TEXT")
