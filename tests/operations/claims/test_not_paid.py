"""What was not paid as claimed counts everything that is recorded for the claim, whichever file it came in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.operations.claims.conftest import Typed, made

HEAD = "claim,item,quantity,amount,date,reference\n"
THREE = (("injection", 2000),) * 3
TWO_ITEMS = (("level-3", 1325), ("level-3", 1325), ("level-3", 1325), ("visit", 600), ("visit", 600))


def told(data: dict[str, Any]) -> list[tuple[str, int | None, int | None, int]]:
    return [(one["item"], one["claimed"], one["paid"], one["difference_pence"]) for one in data["not_paid"]]


def test_the_second_part_does_not_say_again_what_the_first_did_not_pay(typed: Typed) -> None:
    typed.freeze(*THREE)
    code, data, _ = typed.load(HEAD + "s-2026-05,injection,2,40.00,2026-06-30,B1\n")
    assert (code, told(data)) == (3, [("injection", 3, 2, 2000)])
    code, data, _ = typed.load(HEAD + "s-2026-05,injection,1,20.00,2026-07-07,B2\n")
    assert (code, told(data)) == (0, [])


@pytest.mark.parametrize("reference", [("B1", "B2"), ("B1", "B1"), ("", "")])
def test_two_parts_in_one_file_on_two_days(typed: Typed, reference: tuple[str, str]) -> None:
    typed.freeze(*THREE)
    parts = zip(("2,40.00,2026-06-30", "1,20.00,2026-07-07"), reference, strict=True)
    text = "".join(f"s-2026-05,injection,{cells},{ref}\n" for cells, ref in parts)
    for state in ("recorded", "recorded before"):
        code, data, _ = typed.load(HEAD + text)
        assert (code, told(data)) == (0, [])
        assert [one["state"] for one in data["payments"]] == [state, state]
    assert typed.paid() == {"s-2026-05": 6000}
    assert typed.is_whole()


def test_two_equal_parts_without_a_reference_leave_a_store_that_is_whole(typed: Typed) -> None:
    typed.freeze(*THREE[:2])
    text = "claim,amount,date\ns-2026-05,20.00,2026-06-30\ns-2026-05,20.00,2026-07-07\n"
    assert typed.load(text)[0] == 0
    assert typed.load(text)[0] == 0
    assert typed.paid() == {"s-2026-05": 4000}
    assert typed.is_whole()


def test_each_item_of_a_claim_is_followed_through_the_files(typed: Typed) -> None:
    typed.freeze(*TWO_ITEMS)
    _, data, _ = typed.load(HEAD + "s-2026-05,level-3,2,26.50,2026-06-30,B1\ns-2026-05,visit,1,6.00,2026-06-30,B1\n")
    assert told(data) == [("level-3", 3, 2, 1325), ("visit", 2, 1, 600)]
    _, data, _ = typed.load(HEAD + "s-2026-05,visit,1,6.00,2026-07-07,B2\n")
    assert told(data) == [("level-3", 3, 2, 1325)]
    code, data, _ = typed.load(HEAD + "s-2026-05,level-3,1,13.25,2026-07-14,B3\n")
    assert (code, told(data)) == (0, [])


def test_a_payment_typed_without_an_item_counts(typed: Typed) -> None:
    typed.freeze(*THREE)
    assert typed.typed("les claims pay s-2026-05 --amount 40.00 --on 2026-06-30") == 0
    code, data, _ = typed.load(HEAD + "s-2026-05,injection,1,20.00,2026-07-07,B2\n")
    assert (code, told(data)) == (0, [])


def test_a_payment_typed_without_an_item_is_for_the_only_item(typed: Typed) -> None:
    typed.freeze(*THREE, ("injection", 2000))
    typed.typed("les claims pay s-2026-05 --amount 20.00 --on 2026-06-30")
    _, data, _ = typed.load(HEAD + "s-2026-05,injection,1,20.00,2026-07-07,B2\n")
    assert told(data) == [("injection", 4, 2, 4000)]


def test_money_taken_back_for_an_item_was_paid_for_it_before(typed: Typed) -> None:
    typed.freeze(*TWO_ITEMS)
    typed.typed("les claims pay s-2026-05 --amount 51.75 --on 2026-06-30")
    _, data, _ = typed.load(HEAD + "s-2026-05,level-3,1,-13.25,2026-07-07,B2\n")
    assert told(data) == [("level-3", 3, 2, 1325), ("visit", 2, 0, 1200), ("", None, None, -1200)]


def test_money_without_an_item_is_a_line_of_its_own_where_there_are_several(typed: Typed) -> None:
    typed.freeze(*TWO_ITEMS)
    typed.typed("les claims pay s-2026-05 --amount 20.00 --on 2026-06-30")
    _, data, _ = typed.load(HEAD + "s-2026-05,visit,1,6.00,2026-07-07,B2\n")
    assert told(data) == [("level-3", 3, 0, 3975), ("visit", 2, 1, 600), ("", None, None, -2000)]
    assert "recorded without an item" in data["not_paid"][-1]["fix"]
    # Once everything is paid, it does not matter which payment was for what.
    code, data, _ = typed.load(HEAD + "s-2026-05,level-3,2,25.75,2026-07-14,B3\n")
    assert (code, told(data)) == (0, [])


def test_what_was_taken_back_whole_is_not_paid(typed: Typed) -> None:
    typed.freeze(*THREE)
    typed.load(HEAD + "s-2026-05,injection,3,60.00,2026-06-30,B1\n")
    assert typed.typed("les claims pay s-2026-05 --amount -60.00 --on 2026-06-30 --ref B1") == 0
    _, data, _ = typed.load(HEAD + "s-2026-05,injection,1,20.00,2026-07-07,B2\n")
    assert told(data) == [("injection", 3, 1, 4000)]


def test_the_items_of_what_was_taken_back_whole_are_not_paid(typed: Typed) -> None:
    typed.freeze(*TWO_ITEMS)
    typed.load(HEAD + "s-2026-05,level-3,2,26.50,2026-06-30,B1\ns-2026-05,visit,2,12.00,2026-06-30,B2\n")
    assert typed.typed("les claims pay s-2026-05 --amount -26.50 --on 2026-07-01 --ref B1") == 0
    _, data, _ = typed.load(HEAD + "s-2026-05,level-3,1,13.25,2026-07-07,B3\n")
    assert told(data) == [("level-3", 3, 1, 2650)]


@pytest.mark.parametrize("cells", ["-1,-20.00", "1,-20.00", "(1),(20.00)"])
def test_a_quantity_taken_back_may_have_its_sign(typed: Typed, cells: str) -> None:
    typed.freeze(*THREE)
    typed.load(HEAD + "s-2026-05,injection,3,60.00,2026-06-30,B1\n")
    _, data, _ = typed.load(HEAD + f"s-2026-05,injection,{cells},2026-07-03,B2\n")
    assert told(data) == [("injection", 3, 2, 2000)]
    code, _, err = typed.load(HEAD + "s-2026-05,injection,-1,20.00,2026-07-04,B3\n")
    assert (code, "line 2: the quantity is negative and the amount is not" in err) == (1, True)


def test_a_reversed_row_is_no_longer_claimed(typed: Typed) -> None:
    typed.freeze(*THREE)
    typed.reverse("s-2026-05", 2)
    code, data, _ = typed.load(HEAD + "s-2026-05,injection,2,40.00,2026-06-30,B1\n")
    assert (code, told(data)) == (0, [])


def test_the_reversal_names_a_row_or_the_command_that_lists_them(typed: Typed) -> None:
    typed.freeze(("visit", 600), *THREE)
    _, data, _ = typed.load(HEAD + "s-2026-05,injection,2,40.00,2026-06-30,B1\ns-2026-05,visit,0,0.00,2026-06-30,B1\n")
    injection, visit = (one["fix"] for one in data["not_paid"])
    assert "`les claims show s-2026-05` lists the rows by number" in injection
    assert "take it back: `les claims reverse s-2026-05 --row 1 --reason TEXT`" in visit
    _, data, _ = typed.load(HEAD + "s-2026-05,injection,3,-40.00,2026-07-07,B2\n")
    assert "rows 2, 3 and 4" in data["not_paid"][0]["fix"]


def test_another_price_names_the_claim_of_a_month_that_was_submitted_twice(typed: Typed) -> None:
    typed.freeze(*THREE, service="a-20b")
    typed.les("claims", "withdraw", "a-20b-2026-05", "--reason", "x", "--yes")
    assert typed.freeze(*THREE, service="a-20b") == "a-20b-2026-05-2"
    _, data, _ = typed.load(HEAD + "a-20b-2026-05-2,injection,3,57.00,2026-06-30,B1\n")
    assert "`les reconcile a-20b FILE --month 2026-05`" in data["not_paid"][0]["fix"]


def test_a_file_loaded_by_an_earlier_version_says_what_its_payments_were_for(typed: Typed) -> None:
    """Its ledger does not know the items of a payment, and the file says them again."""
    typed.freeze(*TWO_ITEMS)
    # As an earlier version recorded the first line.
    typed.typed("les claims pay s-2026-05 --amount 26.50 --on 2026-06-30 --ref B1")
    _, data, _ = typed.load(HEAD + "s-2026-05,level-3,2,26.50,2026-06-30,B1\ns-2026-05,visit,2,12.00,2026-06-30,B2\n")
    assert told(data) == [("level-3", 3, 2, 1325)]


PARTS = st.lists(
    st.tuples(st.sampled_from(["level-3", "visit", ""]), st.integers(-2, 3), st.integers(1, 3000)), max_size=5
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=PARTS)
def test_what_is_not_paid_adds_up_to_what_is_owed(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    parts: list[tuple[str, int, int]],
) -> None:
    typed = made(tmp_path_factory.mktemp("p"), monkeypatch, capsys)
    typed.freeze(*TWO_ITEMS)
    typed.load("claim,amount,date,reference\ns-2026-05,30.00,2026-06-30,A\n")
    for place, (item, quantity, pence) in enumerate(parts):
        amount = f"{'-' if quantity < 0 else ''}{pence / 100:.2f}"
        count = str(quantity) if item else ""
        typed.load(HEAD + f"s-2026-05,{item},{count},{amount},2026-07-01,P{place}\n")
    _, data, _ = typed.load(HEAD + "s-2026-05,visit,1,6.00,2026-07-07,Z\n")
    owed = data["payments"][0]["owed_pence"]
    assert sum(one["difference_pence"] for one in data["not_paid"]) == owed
