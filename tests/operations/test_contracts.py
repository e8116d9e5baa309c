"""Contracts signed and ended: a mistyped day is corrected with the same two commands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from lescli.calendar import Period
from lescli.errors import LesError
from lescli.operations.choose_services import chosen_services, contract_named
from lescli.operations.duties import held_on
from lescli.store import Store, practice_data

APRIL, MAY, JUNE, YEAR_END = date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1), date(2027, 3, 31)


@pytest.fixture
def held(store: Store) -> Callable[..., list[tuple[date, date | None]]]:
    """Type `+DAY` to sign and `-DAY` to end, in order; returns the contract's periods afterwards."""

    def type_all(*typed: tuple[str, date]) -> list[tuple[date, date | None]]:
        with store.writing():
            for sign, day in typed:
                practice_data.sign(store, "s", day, "letter") if sign == "+" else practice_data.unsign(store, "s", day)
        return practice_data.signed_services(store).get("s", [])

    return type_all


def test_a_contract_ended_by_mistake_is_restored(held):
    assert held(("+", APRIL), ("-", MAY), ("+", APRIL)) == [(APRIL, None)]


@pytest.mark.parametrize(("again", "spans"), [
    (date(2026, 5, 1), [(APRIL, None)]),  # the last day itself
    (date(2026, 5, 2), [(APRIL, None)]),  # the day after: it never stopped
    (date(2026, 5, 3), [(APRIL, MAY), (date(2026, 5, 3), None)]),  # a day between is a gap
])  # fmt: skip
def test_signing_again_continues_the_contract_or_starts_a_new_one(held, again, spans):
    assert held(("+", APRIL), ("-", MAY), ("+", again)) == spans


def test_a_last_day_is_corrected(held):
    assert held(("+", APRIL), ("-", MAY), ("-", YEAR_END)) == [(APRIL, YEAR_END)]


def test_an_earlier_first_day_replaces_a_later_one(held):
    assert held(("+", JUNE), ("+", MAY)) == [(MAY, None)]
    assert held(("-", date(2026, 5, 20)), ("+", JUNE)) == [(MAY, date(2026, 5, 20)), (JUNE, None)]


def test_signing_from_an_earlier_day_moves_the_start(held):
    march = date(2026, 3, 1)
    assert held(("+", APRIL), ("-", MAY), ("+", march)) == [(march, None)]
    assert held(("-", MAY), ("+", JUNE), ("+", APRIL)) == [(march, None)]


def test_a_day_within_an_earlier_contract_cannot_end_the_later_one(held):
    with pytest.raises(LesError, match="taken up again on 01 Jun 2026"):
        held(("+", APRIL), ("-", MAY), ("+", JUNE), ("-", date(2026, 4, 30)))


def test_a_last_day_before_the_contract_is_refused_with_its_first_day(held):
    with pytest.raises(LesError, match="for s began on 01 Apr 2026, after that day; give that day or a later one"):
        held(("+", APRIL), ("-", date(2026, 3, 31)))


def test_a_command_that_changes_nothing_says_so(store):
    with store.writing():
        assert practice_data.sign(store, "s", APRIL, "letter")
        assert not practice_data.sign(store, "s", MAY, "letter")
        assert practice_data.unsign(store, "s", YEAR_END)
        assert not practice_data.unsign(store, "s", YEAR_END)


def test_ending_a_contract_that_was_never_held_is_refused(store):
    with pytest.raises(LesError, match="never held"):
        practice_data.unsign(store, "s", MAY)


TIER = "minor-surgery-tier-1"
MAY_26 = Period(date(2026, 5, 1), date(2026, 5, 31))


def test_a_contract_that_an_item_needs_can_be_recorded_and_is_no_service(store: Store) -> None:
    assert contract_named(store, TIER) == TIER
    assert contract_named(store, "minor-surgery") == "minor-surgery"
    with pytest.raises(LesError, match="there is no service of that name"):
        contract_named(store, "minor-surgery-tier-9")
    with store.writing():
        practice_data.sign(store, TIER, APRIL, "letter")
    chosen = chosen_services(store, (), MAY_26)
    assert len(chosen.services) > 1
    assert "no contract is recorded yet" in chosen.warnings[0]
    held, _ = held_on(store, chosen, MAY)
    assert len(held) == len(chosen.services)
    with store.writing():
        practice_data.sign(store, "minor-surgery", APRIL, "letter")
    chosen = chosen_services(store, (), MAY_26)
    assert [one.name for one in chosen.services] == ["minor-surgery"]
    assert chosen.broken == ()
