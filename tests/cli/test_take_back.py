"""What was typed by mistake is taken back: it no longer counts, the store keeps it, and the same can be typed again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from .conftest import ANN, BEN, Les

AS_OF = ("--as-of", "2026-06-05")
WHY = ("--reason", "typed by mistake")


@pytest.fixture
def les(les_here: Les, store: Path) -> Callable[..., Any]:
    """`les` on the prepared store."""
    return lambda *words: les_here(*words, store=store)


def kept(store: Path) -> list[tuple[str, dict[str, Any], str, str]]:
    """What was taken back: table, row, day and reason."""
    with closing(sqlite3.connect(store)) as connection:
        rows = connection.execute("SELECT what, was, on_date, reason FROM taken_back ORDER BY id").fetchall()
    return [(what, json.loads(was), on, reason) for what, was, on, reason in rows]


def total(les: Any) -> int:
    return int(les("claim", "denosumab", "--month", "2026-05", *AS_OF, "--json").json["total_pence"])


def test_a_price_that_was_set_by_mistake_holds_no_more(les: Any, store: Path) -> None:
    before = total(les)
    term = ("services", "set", "denosumab", "price.injection=99.00", "--from", "2026-05-01", "--source", "a letter")
    assert les(*term).code == 0
    assert total(les) > before
    done = les("services", "unset", "Denosumab", "price.injection", "--from", "2026-05-01", *WHY, *AS_OF)
    assert done.err == "les: denosumab: 1 term from 01 May 2026 taken back, and kept in the store with the reason\n"
    assert total(les) == before
    ((what, was, on, reason),) = kept(store)
    assert (what, was["key"], was["value"], on) == ("term", "price.injection", "99.00", "2026-06-05")
    assert reason == "typed by mistake"
    assert les("verify").code == 0
    assert "recorded 1 term\n" in les(*term).err
    assert total(les) > before


def test_a_term_that_another_builds_on_stays(les: Any, store: Path) -> None:
    since = ("--source", "a letter", "--from")
    assert les("services", "set", "denosumab", "codes.injection+=9999999105", *since, "2026-04-01").code == 0
    assert les("services", "set", "denosumab", "codes.injection-=9999999105", *since, "2026-05-01").code == 0
    done = les("services", "unset", "denosumab", "codes.injection", "--from", "2026-04-01", *WHY)
    assert (done.code, kept(store)) == (1, [])
    assert "take that one back first; nothing was changed" in done.err
    for day in ("2026-05-01", "2026-04-01"):
        assert les("services", "unset", "denosumab", "codes.injection+=", "--from", day, *WHY).code == 0
    assert les("services", "show", "denosumab", "--json").json["local_terms"] == []


def test_a_term_that_is_not_there_is_answered_with_the_days_that_are(les: Any) -> None:
    since = ("--from", "2026-05-01", "--source", "a letter")
    assert les("services", "set", "denosumab", "price.injection=99.00", *since).code == 0
    done = les("services", "unset", "denosumab", "price.injection", "--from", "2026-04-01", *WHY)
    assert (done.code, "name what is recorded: from 01 May 2026" in done.err) == (1, True)
    done = les("services", "unset", "denosumab", "window_months", "--from", "2026-04-01", *WHY)
    assert (done.code, "none is recorded" in done.err) == (1, True)


def signed(les: Any) -> list[tuple[str, str | None]]:
    (one,) = [each for each in les("services", "--json").json["services"] if each["name"] == "denosumab"]
    return [(span["start"], span["end"]) for span in one["signed"]]


def test_a_contract_that_was_never_held_is_taken_back(les: Any, store: Path) -> None:
    assert signed(les) == [("2026-04-01", None)]
    done = les("services", "unsign", "denosumab", "--on", "2026-03-30")
    assert (done.code, "or 31 Mar 2026 if it was never held" in done.err) == (1, True)
    assert les("services", "unsign", "denosumab", "--on", "2026-03-31", *AS_OF).code == 0
    assert signed(les) == []
    assert [(what, was["start_on"]) for what, was, *_ in kept(store)] == [("signature", "2026-04-01")]
    # The first day was wrong, so work before the right one is not paid.
    assert les("services", "sign", "denosumab", "--from", "2026-05-05").code == 0
    assert signed(les) == [("2026-05-05", None)]


def test_a_contract_that_was_not_taken_up_again_is_taken_back_alone(les: Any) -> None:
    assert les("services", "unsign", "denosumab", "--on", "2026-04-30").code == 0
    assert les("services", "sign", "denosumab", "--from", "2026-06-01").code == 0
    done = les("services", "unsign", "denosumab", "--on", "2026-05-20")
    assert (done.code, "or 31 May 2026 if it was not taken up again" in done.err) == (1, True)
    assert les("services", "unsign", "denosumab", "--on", "2026-05-31").code == 0
    assert signed(les) == [("2026-04-01", "2026-04-30")]


def invited(les: Any, number: str = ANN) -> int:
    recalls = les("recall", "denosumab", "--within", "300d", *AS_OF, "--json").json["recalls"]
    (one,) = {each["invitations"] for each in recalls if each["nhs_number"] == number}
    return int(one)


def test_a_contact_with_the_wrong_patient_is_taken_back(les: Any, store: Path) -> None:
    contact = ("invite", "denosumab", ANN, "--on", "2026-06-01", "--by", "letter")
    assert les(*contact, "--outcome", "declined", *AS_OF).code == 0
    assert ANN not in les("recall", "denosumab", "--within", "300d", *AS_OF, "--json").out
    done = les(*contact[:4], "2026-06-02", *contact[5:], "--remove", *WHY, *AS_OF)
    assert (done.code, "name what is recorded: 01 Jun 2026 by letter" in done.err) == (1, True)
    assert les(*contact, "--remove", *WHY, "--dry-run", *AS_OF).code == 0
    assert kept(store) == []
    done = les(*contact, "--remove", *WHY, *AS_OF)
    assert done.err == "les: denosumab: 1 contact taken back, and kept in the store with the reason\n"
    assert invited(les) == 0
    assert [(what, was["outcome"]) for what, was, *_ in kept(store)] == [("invitation", "declined")]
    assert les(*contact, *AS_OF).code == 0
    assert invited(les) == 1
    assert les("verify").code == 0


def test_every_contact_of_a_day_is_taken_back_at_once(les: Any, tmp_path: Path) -> None:
    sent = ("recall", "denosumab", "--within", "300d", "--for", "mail-merge", "--out", tmp_path / "out.csv")
    assert les(*sent, "--record", "--by", "letter", *AS_OF).code == 0
    assert les("invite", "denosumab", BEN, "--on", "2026-06-05", "--by", "phone", *AS_OF).code == 0
    assert (invited(les), invited(les, BEN)) == (1, 2)
    whole = ("invite", "denosumab", "--on", "2026-06-05", "--by", "letter", "--remove", *WHY, *AS_OF)
    assert "3 contacts would be taken back" in les(*whole, "--dry-run").err
    assert (invited(les), invited(les, BEN)) == (1, 2)
    assert "3 contacts taken back" in les(*whole).err
    assert (invited(les), invited(les, BEN)) == (0, 1)
    assert les(*whole).code == 1


def test_a_contact_recorded_before_two_numbers_were_merged_is_found_by_either(les: Any, store: Path) -> None:
    contact = ("--on", "2026-06-01", "--by", "letter")
    assert les("invite", "denosumab", BEN, *contact, *AS_OF).code == 0
    assert les("patients", "merge", BEN, ANN, "--reason", "a letter", "--yes", *AS_OF).code == 0
    assert les("invite", "denosumab", ANN, *contact, "--remove", *WHY, *AS_OF).code == 0
    assert len(kept(store)) == 1


def test_an_accreditation_of_the_wrong_clinician_is_taken_back(les: Any, store: Path) -> None:
    one = ("clinician", "Dr A", "--accreditation", "fsrh-loc", "--from", "2022-05-01")
    assert les(*one, "--to", "2026-06-30").code == 0
    done = les("clinician", "Dr A", "--accreditation", "fsrh-loc", "--from", "2022-05-02", "--remove", *WHY)
    assert (done.code, "name what is recorded: from 01 May 2022" in done.err) == (1, True)
    assert "taken back" in les(*one, "--remove", *WHY).err
    assert [(what, was["end_on"]) for what, was, *_ in kept(store)] == [("accreditation", "2026-06-30")]
    assert les(*one, "--remove", *WHY).code == 1
    assert les(*one).code == 2


def test_an_event_that_did_not_happen_is_taken_back_with_its_clock(les: Any, store: Path) -> None:
    event = ("incident", "Denosumab", "--kind", "emergency-admission", "--on", "2026-06-01T10:00", "--patient", ANN)
    clocks = lambda: les("status", *AS_OF, "--json").json["clocks"]  # noqa: E731
    assert les(*event, *AS_OF).code == 0
    assert len(clocks()) == 1
    done = les(*event[:5], "2026-06-01T11:00", *event[6:], "--remove", *WHY)
    assert (done.code, "name what is recorded: of 01 Jun 2026, 10:00" in done.err) == (1, True)
    assert "taken back" in les(*event, "--remove", *WHY, *AS_OF).err
    assert clocks() == []
    # It was notified by mistake: typed again without --notified, the clock runs.
    assert les(*event, "--notified", "2026-06-02", *AS_OF).code == 0
    assert les(*event, "--remove", *WHY, *AS_OF).code == 0
    assert les(*event, *AS_OF).code == 0
    assert len(clocks()) == 1
    assert [what for what, *_ in kept(store)] == ["incident", "incident"]


def test_the_practice_gets_its_right_name_and_claims_keep_theirs(les: Any) -> None:
    claim = ("claim", "denosumab", "--json", *AS_OF, "--month")
    assert les(*claim, "2026-05", "--submit", "--by", "A. Admin").code == 0
    assert les("rename", "Right Surgery").code == 0
    assert les(*claim, "2026-06").json["practice"] == {"ods_code": "A82038", "name": "Right Surgery"}
    assert les(*claim, "2026-05").json["practice"]["name"] == "Example Surgery"
    assert "unchanged" in les("rename", " Right Surgery ").err
    assert les("rename", " ").code == 2
    assert les("verify").code == 0


@pytest.mark.parametrize(
    "words",
    [
        ("invite", "denosumab", ANN, "--on", "2026-06-01", "--by", "letter", "--remove"),
        ("invite", "denosumab", ANN, "--on", "2026-06-01", "--by", "letter", "--reason", "x"),
        ("invite", "denosumab", ANN, "--on", "2026-06-01", "--by", "owl", "--remove", *WHY),
        ("invite", "denosumab", ANN, "--on", "2026-06-01", "--remove", *WHY),
        ("invite", "denosumab", ANN, "--on", "2026-06-01", "--by", "sms", "--outcome", "dna", "--remove", *WHY),
        ("invite", "denosumab", ANN, "--on", "2026-06-01", "--by", "sms", "--remove", "--reason", f"was {ANN}"),
        ("invite", "denosumab", ANN, "--on", "2026-06-01", "--by", "sms", "--dry-run"),
        ("clinician", "A", "--accreditation", "x", "--from", "2026-06-01", "--remove"),
        ("clinician", "A", "--accreditation", "x", "--from", "2026-06-01", "--to", "2026-06-02", "--remove", *WHY),
        ("clinician", "A", "--accreditation", "x", "--from", "2026-06-01", "--to", "2026-06-02", *WHY),
        ("incident", "denosumab", "--kind", "k", "--on", "2026-06-01", "--remove"),
        ("incident", "denosumab", "--kind", "k", "--on", "2026-06-01", "--notified", "2026-06-02", "--remove", *WHY),
        ("incident", "denosumab", "--kind", "k", "--on", "2026-06-01", *WHY),
        ("services", "unset", "denosumab", "price.injection", "--from", "2026-06-01", "--reason", " "),
    ],
)
def test_words_that_do_not_go_together_are_refused(les: Any, store: Path, words: tuple[str, ...]) -> None:
    done = les(*words, *AS_OF)
    assert (done.code, kept(store)) == (2, [])
    assert "; " in done.err, "the error has no cure"
