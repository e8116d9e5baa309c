"""No payment is counted twice, whichever way it comes a second time, and each refusal says how to go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from lescli.operations.claims.remittance import load_remittance
from lescli.store import open_store
from tests.operations.claims.conftest import Typed

THREE = (("injection", 2000),) * 3
HEAD = "claim,amount,date,reference\n"
ID = "s-2026-05"
TYPED = f"les claims pay {ID} --amount 60.00 --on 2026-06-30"
Commands = Callable[[str], Sequence[str]]


@pytest.fixture(autouse=True)
def claimed(typed: Typed) -> None:
    typed.freeze(*THREE)
    typed.freeze(("injection", 2100), month="2026-06")


@pytest.mark.parametrize("day", ["2026-06-30", "2026-07-02"])
@pytest.mark.parametrize("settles", [0, 1])
def test_a_payment_typed_without_a_reference_and_then_loaded(
    typed: Typed, commands: Commands, day: str, settles: int
) -> None:
    """Also when the bank and the remittance name different days, if more would be paid than is claimed."""
    assert typed.typed(TYPED) == 0
    remittance = HEAD + f"{ID},60.00,{day},B1\ns-2026-06,21.00,2026-06-30,B1\n"
    code, _, err = typed.load(remittance)
    assert (code, typed.paid()) == (1, {ID: 6000, "s-2026-06": 0})
    assert f"line 2: £60.00 of 30 Jun 2026 is already recorded for {ID} without a reference" in err
    # It is the same payment, and the earlier one is taken back; or it is another one.
    assert len(commands(err)) == 2
    assert typed.typed(commands(err)[settles]) == (0, 3)[settles]
    assert typed.load(remittance)[0] == (0, 3)[settles]
    assert typed.paid() == {ID: (6000, 12000)[settles], "s-2026-06": 2100}
    assert typed.load(remittance)[0] == (0, 3)[settles]
    assert typed.paid() == {ID: (6000, 12000)[settles], "s-2026-06": 2100}
    assert typed.is_whole()


@pytest.mark.parametrize("reference", ["B1", ""])
@pytest.mark.parametrize("day", ["2026-06-30", "2026-07-02"])
def test_a_payment_loaded_and_then_typed_without_a_reference(typed: Typed, reference: str, day: str) -> None:
    typed.load(HEAD + f"{ID},60.00,2026-06-30,{reference}\n")
    again = ("claims", "pay", ID, "--amount", "60.00", "--on", day)
    code, _, err = typed.les(*again)
    assert (code, typed.paid()[ID]) == (1, 6000)
    assert "£60.00 of 30 Jun 2026 is already recorded" in err
    assert "--yes" in err
    assert typed.les(*again, "--yes")[0] == 3
    assert typed.paid()[ID] == 12000


def test_a_payment_typed_again_with_its_reference_says_how_the_reference_comes_in(
    typed: Typed, commands: Commands
) -> None:
    typed.typed(TYPED)
    with_reference = ("claims", "pay", ID, "--amount", "60.00", "--on", "2026-06-30", "--ref", "B1")
    code, _, err = typed.les(*with_reference)
    assert (code, "record it again with --yes" in err) == (1, True)
    (back,) = commands(err)
    assert typed.typed(back) == 0
    assert typed.les(*with_reference)[0] == 0
    assert typed.paid()[ID] == 6000


def test_the_bank_and_the_remittance_may_name_different_references(typed: Typed, commands: Commands) -> None:
    """Told apart by reference, two equal payments of a day are two; but not one that pays a claim twice."""
    typed.typed(f"les claims pay {ID} --amount 20.00 --on 2026-06-30 --ref BACS")
    assert typed.load(HEAD + f"{ID},20.00,2026-06-30,B1\n")[0] == 0
    assert typed.paid()[ID] == 4000
    typed.typed("les claims pay s-2026-06 --amount 21.00 --on 2026-06-30 --ref BACS")
    text = HEAD + "s-2026-06,21.00,2026-06-30,B1\n"
    code, _, err = typed.load(text)
    assert (code, "under another reference; with this one, more would be paid than is claimed" in err) == (1, True)
    assert typed.typed(commands(err)[0]) == 0
    assert typed.load(text)[0] == 0
    assert typed.paid() == {ID: 4000, "s-2026-06": 2100}
    assert typed.is_whole()


def as_csv(rows: Sequence[Sequence[str]], name: str) -> str:
    Path(name).write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
    return name


def as_xlsx(rows: Sequence[Sequence[str]], name: str) -> str:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    book.save(name)
    return name


@pytest.mark.parametrize("saved", [as_csv, as_xlsx])
@pytest.mark.parametrize("turned", [1, -1])
@pytest.mark.parametrize("references", [("B1", "B2"), ("", "")])
def test_the_same_remittance_in_another_format_or_order(
    typed: Typed,
    saved: Callable[[Sequence[Sequence[str]], str], str],
    turned: int,
    references: tuple[str, str],
) -> None:
    head = ("claim", "amount", "date", "reference")
    rows = [(ID, "60.00", "30/06/2026", references[0]), ("s-2026-06", "21.00", "30/06/2026", references[1])]
    assert typed.les("claims", "pay", "--load", as_csv([head, *rows], "first.csv"))[0] == 0
    again = saved([head, *rows[::turned]], f"again.{saved.__name__[3:]}")
    code, _, err = typed.les("claims", "pay", "--load", again)
    assert typed.paid() == {ID: 6000, "s-2026-06": 2100}
    if references[0] or (saved is as_csv and turned == 1):
        assert (code, "2 payments recorded before, unchanged" in err) == (0, True)
    else:
        assert (code, "is already recorded" in err) == (1, True)


def test_a_remittance_that_grew_is_settled_line_by_line(typed: Typed, commands: Commands) -> None:
    """Without references, the second statement of a quarter repeats the first one."""
    first = f"claim,amount,date\n{ID},60.00,2026-06-30\n"
    typed.load(first)
    grown = first + "s-2026-06,21.00,2026-07-15\n"
    code, _, err = typed.load(grown)
    assert (code, "line 2: £60.00 of 30 Jun 2026 is already recorded" in err) == (1, True)
    assert typed.typed(commands(err)[0]) == 0
    assert typed.load(grown)[0] == 0
    assert typed.paid() == {ID: 6000, "s-2026-06": 2100}
    assert typed.is_whole()


def test_equal_parts_of_one_file_are_no_repeats_although_more_is_paid_than_claimed(typed: Typed) -> None:
    """The file says itself that they are two; what is too much is told."""
    text = f"claim,amount,date\n{ID},40.00,2026-06-30\n{ID},40.00,2026-07-07\n"
    assert typed.load(text)[0] == 3
    assert typed.load(text)[0] == 3
    assert typed.paid()[ID] == 8000


def test_taken_back_and_loaded_again_by_mistake(typed: Typed) -> None:
    """The same file again records nothing, also after its payment was taken back; the command to pay does."""
    text = HEAD + f"{ID},60.00,2026-06-30,B1\n"
    typed.load(text)
    assert typed.typed(f"les claims pay {ID} --amount -60.00 --on 2026-07-02 --ref B1") == 0
    code, data, _ = typed.load(text)
    assert (code, data["payments"][0]["state"]) == (0, "recorded before, taken back since")
    assert typed.paid()[ID] == 0
    assert typed.typed(f"{TYPED} --ref B1") == 0
    assert typed.paid()[ID] == 6000
    assert typed.is_whole()


def test_paid_and_taken_back_in_one_file(typed: Typed) -> None:
    """In any order of its lines, and also when the two come to nothing under one reference."""
    lines = (f"{ID},-60.00,2026-07-02,B2\n", f"{ID},60.00,2026-06-30,B1\n", "s-2026-06,21.00,2026-06-30,C\n")
    for text in (HEAD + "".join(lines), HEAD + "".join(lines[::-1])):
        assert typed.load(text)[0] == 0
        assert typed.paid() == {ID: 0, "s-2026-06": 2100}
    nothing = HEAD + f"{ID},20.00,2026-06-30,D\n{ID},-20.00,2026-06-30,D\n"
    for state in ("recorded", "recorded before, taken back since"):
        _, data, _ = typed.load(nothing)
        assert [(one["amount_pence"], one["state"]) for one in data["payments"]] == [
            (2000, state),
            (-2000, "recorded" if state == "recorded" else "recorded before"),
        ]
    assert typed.paid()[ID] == 0
    assert typed.is_whole()


def test_a_reference_of_another_sum_has_a_cure_that_can_be_typed(typed: Typed, commands: Commands) -> None:
    typed.load(HEAD + f"{ID},40.00,2026-06-30,B1\n")
    second = HEAD + f"{ID},20.00,2026-07-07,B1\n"
    code, _, err = typed.load(second)
    assert (code, "already recorded for £40.00 of 30 Jun 2026" in err) == (1, True)
    part = next(one for one in commands(err) if "20.00" in one)
    assert typed.typed(f"{part} --yes") == 0
    assert typed.load(second)[0] == 0
    assert typed.paid()[ID] == 6000
    # The same sum on another day is a day corrected, and no second part.
    code, _, err = typed.les("claims", "pay", ID, "--amount", "20.00", "--on", "2026-07-08", "--ref", "B1", "--yes")
    assert (code, "--amount -20.00 --on 2026-07-07" in err) == (1, True)
    assert typed.is_whole()


def test_equal_sums_of_two_days_have_two_references(typed: Typed) -> None:
    code, _, err = typed.load(HEAD + f"{ID},20.00,2026-06-30,B1\n{ID},20.00,2026-07-07,B1\n")
    assert (code, "line 3: two payments of £20.00 on two days have one reference" in err) == (1, True)
    assert typed.load(HEAD + f"{ID},20.00,2026-06-30,B1\n{ID},20.00,2026-07-07,B2\n")[0] == 0
    assert typed.is_whole()


def test_the_same_take_back_under_one_reference_is_one(typed: Typed) -> None:
    back = f"les claims pay {ID} --amount -20.00 --on 2026-06-30 --ref B1"
    for command in (f"les claims pay {ID} --amount 20.00 --on 2026-06-30 --ref B1", back, f"{TYPED} --ref B2", back):
        assert typed.typed(command) == 0
    assert typed.paid()[ID] == 6000
    assert typed.typed(back.replace("06-30", "07-01")) == 1
    assert typed.is_whole()


def test_two_people_load_the_same_file_at_once(typed: Typed) -> None:
    file = Path("both.csv")
    file.write_text(HEAD + f"{ID},60.00,2026-06-30,B1\n", encoding="utf-8")

    def one(_: int) -> int:
        with open_store(typed.path) as store:
            data = load_remittance(store, file, date(2026, 7, 20), dry_run=False).answer.data
            assert isinstance(data, dict)
            return [each["state"] for each in data["payments"]].count("recorded")

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(one, range(4))) == 1
    assert typed.paid()[ID] == 6000
    assert typed.is_whole()


def test_money_for_a_withdrawn_claim_goes_to_the_one_that_stands(typed: Typed) -> None:
    typed.withdraw(ID)
    text = HEAD + f"{ID},60.00,2026-06-30,B1\n"
    code, _, err = typed.load(text)
    assert (code, "submit the month again before you record money" in err) == (1, True)
    assert typed.freeze(*THREE) == f"{ID}-2"
    code, _, err = typed.load(text)
    assert (code, f"record it for {ID}-2" in err) == (1, True)


def test_a_wrong_payment_is_taken_back_whatever_was_wrong_with_it(typed: Typed) -> None:
    """Wrong claim, wrong amount, wrong day and wrong reference: a command undoes each, and the ledger stays whole."""
    for wrong in ("60.00 --on 2026-06-30", "6000.00 --on 2026-06-30", "60.00 --on 2062-06-30 --ref WRONG"):
        assert typed.typed(f"les claims pay {ID} --amount {wrong}") in (0, 3)
        assert typed.typed(f"les claims pay {ID} --amount -{wrong}") == 0
        assert typed.paid()[ID] == 0
    assert typed.typed(f"les claims pay {ID} --amount 60.00 --on 2026-06-30 --ref B1") == 0
    # What was mistyped and taken back leaves its reference free for the right sum.
    for amount in ("6.00", "-6.00", "60.00"):
        assert typed.typed(f"les claims pay s-2026-06 --amount {amount} --on 2026-06-30 --ref X") in (0, 3)
    assert typed.typed("les claims pay s-2026-06 --amount -60.00 --on 2026-06-30 --ref X") == 0
    # A whole file is taken back by the same lines with a minus.
    for reference in ("C", ""):
        typed.load(HEAD + f"s-2026-06,21.00,2026-06-30,{reference}\n")
        assert typed.paid()["s-2026-06"] == 2100
        typed.load(HEAD + f"s-2026-06,-21.00,2026-06-30,{reference}\n")
    assert typed.paid() == {ID: 6000, "s-2026-06": 0}
    assert typed.is_whole()


def test_a_take_back_that_was_recorded_wrongly_is_paid_again(typed: Typed) -> None:
    assert typed.typed(TYPED) == 0
    back = f"les claims pay {ID} --amount -20.00 --on 2026-07-10"
    assert typed.typed(back) == 0
    assert typed.typed(back) == 1
    assert typed.load(HEAD + f"{ID},-20.00,2026-07-10,B9\n")[0] == 1
    assert typed.typed(f"les claims pay {ID} --amount 20.00 --on 2026-07-10") == 0
    assert typed.paid()[ID] == 6000
    assert typed.is_whole()


def test_a_claim_outlives_its_service(typed: Typed) -> None:
    """Its service is no longer installed, and what was not paid of it can be taken back all the same."""
    code, _, err = typed.les("claims", "reverse", ID, "--row", "2", "--reason", "disallowed")
    assert (code, "cannot tell whether the rules would still pay it" in err) == (0, True)
    assert typed.les("claims", "reverse", ID, "--row", "2", "--reason", "disallowed")[0] == 1
