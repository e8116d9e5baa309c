"""The lines of the status stand on the screen by what they are, whatever words are in them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from lescli.model import Practice
from lescli.operations.status_note import UNSET, Cure, Note, notes_of
from lescli.operations.status_screen import Around, status_screen

SET_ALL = "les services set SERVICE KEY=VALUE --from DATE --source TEXT"
SHOW_ALL = "les quarantine --rows"
EMPTY = ("deadlines", "clocks", "duties", "accreditations", "recalls", "at_risk", "doubts")


def blocks(*notes: Note, services: tuple[str, ...] = ("ius", "ecg")) -> dict[str, list[tuple[str, str]]]:
    """The facts of each block to put right, by its command or else its heading."""
    sums = ("at_risk", "ready", "not_over", "held_back", "expired", "over_cap")
    row: dict[str, Any] = {
        **dict.fromkeys((*sums, "unpriced", "claimed_elsewhere", "newly_expired"), 0),
        "months_not_submitted": [],
        "running_month_due_on": None,
    }
    data: dict[str, Any] = {
        "as_of": "2026-06-05",
        "services": [{"service": name, **row} for name in services],
        "quarantine": {"rows": 0},
        **dict.fromkeys(EMPTY, ()),
    }
    around = Around(
        practice=Practice(ods_code="A81001", name="P"),
        pairs=0,
        quarantine={"rows": 0},
        newest=date(2026, 6, 1),
        night=(),
        unanswered=(),
        accounts=(),
        to_reverse=(),
    )
    screen = status_screen(data, notes, around, "les recall")
    return {block.command or block.heading: list(block.facts) for block in screen.blocks}


def test_a_line_is_its_service_its_text_and_how_it_is_put_right() -> None:
    assert Note(service="ius", text="one", cure=Cure.SET, end="; set it").line == "ius: one; set it"
    assert Note(text="one").line == "one"
    (note,) = notes_of("ius", ["ius: two: three"])
    assert (note.service, note.text, note.line) == ("ius", "two: three", "ius: two: three")


def test_each_cure_is_said_once_in_a_block_of_its_own() -> None:
    found = blocks(
        Note(service="ius", text="no price", cure=Cure.SET, end="; set it with `les services set ius a=B`"),
        Note(service="ecg", text="a code", cure=Cure.CONFIRM, end="; confirm it", names=("sample",)),
        Note(service="ecg", text="a code", cure=Cure.CONFIRM, end="; confirm it", names=("removal",)),
        Note(service="ius", text="1 row waits", cure=Cure.SHOW, end="; `les quarantine --rows` shows them"),
        Note(text="look", end=" here"),
    )
    assert found == {
        "To put right": [("practice", "look here")],
        SET_ALL: [("ecg", "suggested, not specified: sample, removal"), ("ius", "no price")],
        SHOW_ALL: [("ius", "1 row waits")],
    }


@pytest.mark.parametrize(
    "text",
    [
        "the code of `a` is suggested, not specified; confirm it with `les services set a`",
        "a; set it with `les services set a`",
        "a; `les quarantine --rows` shows them",
        f"{UNSET}a",
        "ecg: a",
    ],
)
def test_the_words_of_a_line_do_not_say_what_it_is(text: str) -> None:
    assert blocks(Note(service="ius", text=text)) == {"To put right": [("ius", text)]}
    assert blocks(Note(text=text)) == {"To put right": [("practice", text)]}


def test_a_service_without_an_answer_is_named_in_the_text() -> None:
    waits = Note(service="psa", text="1 row waits", cure=Cure.SHOW, end="; `les quarantine --rows` shows them")
    assert blocks(waits) == {SHOW_ALL: [("practice", "psa: 1 row waits")]}
    assert blocks(Note(service="psa", text="look", end=" here")) == {"To put right": [("practice", "psa: look here")]}


@pytest.mark.parametrize(("count", "is_short"), [(12, False), (13, True)])
def test_many_terms_are_counted(count: int, is_short: bool) -> None:
    keys = tuple(f"price.{number}" for number in range(count - 1))
    unset = Note(service="ius", text=f"{UNSET}{', '.join(keys)}", cure=Cure.SET, names=keys)
    other = Note(service="ecg", text=f"{UNSET}x", cure=Cure.SET, names=("x",))
    priceless = Note(service="ecg", text="2 samples without a price", cure=Cure.SET)
    facts = blocks(unset, other, priceless)[SET_ALL]
    assert ("ecg", "2 samples without a price") in facts
    counted = ("terms", f"{UNSET}ius {count - 1}, ecg 1; `les services show SERVICE` lists them")
    assert (counted in facts) is is_short
    assert (("ius", unset.text) in facts) is not is_short
