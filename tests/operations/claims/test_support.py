"""Each way in which claimed work can lose its support is found and named, with the command that reverses it."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from datetime import date
from hashlib import sha256

import pytest

import lescli_denosumab
import lescli_ius
from lescli.calendar import parse_date
from lescli.model import Verdict
from lescli.operations.claims.support import LookedAgain, changed_entries, look_again
from lescli.services import service_of
from lescli.services.service import DataOnlyPlugin
from lescli.specification import LocalTerm, parse_specification
from lescli.store import practice_data
from lescli.store.people.same_person import tell_apart
from lescli.testing import Surgery

ACTIVITY = """
    patient | date       | id | value
    Ann     | 2026-05-04 | e1 | 1
    Ben     | 2026-05-05 | e2 | 1
"""
AS_OF = date(2026, 8, 1)


def _of_another(surgery: Surgery) -> None:
    surgery.add(activity="patient | date | id | value\nCat | 2026-05-04 | e1 | 1")
    # Until a person says that they are two people, the row is only to be looked at.
    (one,) = look_again(surgery.store, AS_OF).found
    assert (one.supported, one.to_look_at) == (None, True)
    with surgery.store.writing():
        tell_apart(surgery.store, surgery.numbers["Ann"], surgery.numbers["Cat"], reason="two", on=AS_OF)


@pytest.fixture
def practice() -> Surgery:
    surgery = Surgery(service_of(lescli_denosumab, origin="package"), activity=ACTIVITY)
    surgery.submit("2026-05", "2026-06-05")
    return surgery


def found(surgery: Surgery, as_of: date = AS_OF) -> list[tuple[int, str, str, bool | None]]:
    return [(one.row.row, one.change, one.cause, one.supported) for one in look_again(surgery.store, as_of).found]


def term(surgery: Surgery, key: str, value: str, start: str = "2026-04-01", service: str = "denosumab") -> None:
    changed = LocalTerm(key=key, value=value, adds=False, start=parse_date(start), source="letter")
    with surgery.store.writing():
        practice_data.add_term(surgery.store, service, changed)


def test_without_lost_support_nothing_is_found(practice: Surgery) -> None:
    # Long after, too: a closed claim window does not undo work that was claimed in time.
    assert look_again(practice.store, AS_OF) == LookedAgain(found=(), failed=())
    assert look_again(practice.store, date(2027, 3, 31)).found == ()


def test_work_asked_about_before_its_claim_is_still_supported(practice: Surgery) -> None:
    # On 4 May the record does not hold Ben's work of the 5th yet.
    for day in (date(2026, 5, 4), date(2026, 6, 4), date(2020, 1, 1)):
        assert found(practice, day) == []
    practice.add(patients="patient | died\nBen | 2026-05-04")
    assert found(practice, date(2026, 5, 4)) == [(2, "changed", "after-death", False)]


CHANGES: dict[str, tuple[Callable[[Surgery], None], str, str]] = {
    "withdrawn": (
        lambda s: s.take_in([{"nhs_number": s.numbers["Ann"], "source_id": "e1"}]) and None,
        "withdrawn",
        "withdrawn",
    ),
    "another day": (
        lambda s: s.add(activity="patient | date | id | value\nAnn | 2026-05-06 | e1 | 1"),
        "changed",
        "changed",
    ),
    "another patient": (
        lambda s: _of_another(s),
        "changed",
        "changed",
    ),
    "consultation type": (
        lambda s: s.add(activity="patient | date | id | value | consultation type\nAnn | 2026-05-04 | e1 | 1 | Phone"),
        "changed",
        "changed",
    ),
    "died before": (lambda s: s.add(patients="patient | died\nAnn | 2026-05-03"), "changed", "after-death"),
    "left before": (
        lambda s: s.add(patients="patient | registered | left\nAnn | 2020-01-01 | 2026-05-03"),
        "changed",
        "not-registered",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_only_the_row_that_lost_its_support_is_found(practice: Surgery, name: str) -> None:
    change, kind, cause = CHANGES[name]
    change(practice)
    assert found(practice) == [(1, kind, cause, False)]


@pytest.mark.parametrize("moved", ["e1", "e3"])
def test_two_claimed_days_moved_to_one_day_need_one_reversal(practice: Surgery, moved: str) -> None:
    practice.add(activity="patient | date | id | value\nAnn | 2026-06-04 | e3 | 1")
    practice.submit("2026-06", "2026-07-06")
    onto = "2026-06-04" if moved == "e1" else "2026-05-04"
    practice.add(activity=f"patient | date | id | value\nAnn | {onto} | {moved} | 1")
    # Each of the two entries was claimed and stays so; only the one that moved has lost its support.
    rows = [row for row in practice.claim("2026-06", AS_OF).rows if row.nhs_number == practice.numbers["Ann"]]
    assert [(row.verdict, row.reason) for row in rows] == [(Verdict.CLAIMED, "claimed")] * 2
    lost = [(one.row.day, one.supported) for one in look_again(practice.store, AS_OF).found]
    assert lost == [(date(2026, 5, 4) if moved == "e1" else date(2026, 6, 4), False)]


@pytest.mark.parametrize(
    ("patients", "lost"),
    [
        ("patient | died\nAnn | 2026-05-04", False),  # alive on that day
        ("patient | died\nAnn | 2026-05-20", False),
        ("patient | registered | left\nAnn | 2020-01-01 | 2026-05-04", False),  # registered on that day
    ],
)
def test_work_on_the_day_of_a_death_or_departure_is_still_supported(
    practice: Surgery, patients: str, lost: bool
) -> None:
    practice.add(patients=patients)
    assert bool(found(practice)) is lost


def test_a_change_that_leaves_the_row_payable_is_reported_without_a_reversal(practice: Surgery) -> None:
    practice.add(activity="patient | date | id | value\nAnn | 2026-05-04 | e1 | 2")
    assert found(practice) == [(1, "changed", "changed", True)]
    again = look_again(practice.store, AS_OF)
    assert again.to_reverse == ()
    assert "would still pay" in again.found[0].reason


def test_a_row_that_lost_its_entry_is_supported_by_another_of_the_same_day(practice: Surgery) -> None:
    practice.add(activity="patient | date | id | value\nAnn | 2026-05-04 | e9 | 1")
    practice.take_in([{"nhs_number": practice.numbers["Ann"], "source_id": "e1"}])
    assert found(practice) == [(1, "withdrawn", "withdrawn", True)]


@pytest.mark.parametrize(
    ("key", "value", "start", "cause"),
    [
        ("price.injection", "18.00", "2026-05-01", "price"),
        ("price.injection", "18.00", "2026-05-05", "price"),
        ("period.end", "2026-04-30", "2026-04-01", "no-specification"),
        ("codes.injection", "9999999105", "2026-04-01", "unsupported"),
        ("setting.claims_from", "2026-06", "2026-04-01", "claimed-elsewhere"),
        ("setting.accepted_consultation_types", "hologram", "2026-04-01", "consultation-type"),
    ],
)
def test_a_changed_term_is_named(practice: Surgery, key: str, value: str, start: str, cause: str) -> None:
    term(practice, key, value, start)
    rows = [2] if start == "2026-05-05" else [1, 2]
    assert found(practice) == [(row, "changed", cause, False) for row in rows]


def test_a_changed_price_shows_both_amounts(practice: Surgery) -> None:
    term(practice, "price.injection", "18.00", "2026-05-05")
    (one,) = look_again(practice.store, AS_OF).to_reverse
    assert one.reason == "claimed at £20.00, and the terms now pay £18.00"


def test_work_after_a_contract_ended_is_found(practice: Surgery) -> None:
    with practice.store.writing():
        practice_data.sign(practice.store, "denosumab", date(2026, 5, 5), "letter")
    assert found(practice) == [(1, "changed", "not-signed", False)]


def test_a_reversed_row_is_not_found_again(practice: Surgery) -> None:
    from lescli.store.ledger import write

    practice.add(patients="patient | died\nAnn | 2026-05-03")
    with practice.store.writing():
        write.reverse(practice.store, "denosumab-2026-05", 1, reason="died", on=date(2026, 7, 1))
    assert found(practice) == []


def test_the_command_takes_that_row_back_and_can_be_typed(practice: Surgery) -> None:
    practice.add(patients="patient | died\nAnn | 2026-05-03")
    (one,) = look_again(practice.store, AS_OF).to_reverse
    words = shlex.split(one.command)
    assert words[:5] == ["les", "claims", "reverse", "denosumab-2026-05", "--row"]
    assert words[5:7] == ["1", "--reason"]
    assert words[7] == "it would not be paid today: dated after the patient's death"
    assert len(words) == 8
    shown = one.shown()
    assert shown.command == one.command
    assert practice.numbers["Ann"] not in repr(shown)


def test_work_under_a_lapsed_accreditation_is_found() -> None:
    surgery = Surgery(
        service_of(lescli_ius, origin="package"),
        terms="key | value | from\nprice.fitting | 80.00 | 2020-04-01",
        accreditations="clinician | kind | from | to\nDr A | fsrh-loc | 2018-01-01 | 2025-12-31",
        activity="patient | date | clinician | code\nAnn | 2020-05-04 | Dr A | fitting",
        register="""
            patient | entered    | from       | indication  | device_type | batch_number | device_expiry | consent
            Ann     | 2020-05-04 | 2020-05-04 | menorrhagia | Mirena      | B1           | 2025-01-01    | verbal
        """,
    )
    assert surgery.submit("2020-05", "2020-06-05").total_pence == 8000
    assert found(surgery) == []
    with surgery.store.writing():
        practice_data.record_accreditation(surgery.store, "Dr A", "fsrh-loc", date(2018, 1, 1), date(2020, 5, 3))
    assert found(surgery) == [(1, "changed", "accreditation-lapsed", False)]


FOLDER = """
[service]
name = "bloods"
title = "Bloods"
commissioner = "Test ICB"
document = "Test document"
[[period]]
start = "2025-04-01"
clause = "1"
[codelists.sample]
title = "Sample"
status = "specified"
clause = "2"
snomed = ["9999999105"]
[register]
rule = "coded"
clause = "3"
find_by = ["sample"]
[[item]]
name = "sample"
title = "Sample"
kind = "per-activity"
codelists = ["sample"]
unit = "sample"
clause = "4"
cap = { per_contract_year = 2, clause = "4.1" }
[[item.price]]
amount = "3.00"
from = "2025-04-01"
clause = "4"
[submission]
clause = "5"
by = "email"
"""


def add_folder(surgery: Surgery, toml: str) -> None:
    with surgery.store.writing():
        practice_data.add_folder_service(surgery.store, "bloods", toml, sha256(toml.encode()).hexdigest())


@pytest.fixture
def bloods() -> Surgery:
    service = service_of(DataOnlyPlugin(parse_specification(FOLDER.encode(), where="bloods")), origin="folder")
    activity = "patient | date\nAnn | 2026-03-04\nAnn | 2026-03-05\nAnn | 2026-04-06\nBen | 2026-03-05"
    surgery = Surgery(service, activity=activity)
    add_folder(surgery, FOLDER)
    surgery.submit("2026-03", "2026-04-05")
    surgery.submit("2026-04", "2026-05-05")
    return surgery


def test_the_latest_row_beyond_a_lowered_cap_is_found(bloods: Surgery) -> None:
    assert found(bloods) == []
    add_folder(bloods, FOLDER.replace("per_contract_year = 2", "per_contract_year = 1"))
    # The one in April lies in another contract year.
    assert [(one.row.claim_id, one.row.day, one.cause) for one in look_again(bloods.store, AS_OF).found] == [
        ("bloods-2026-03", date(2026, 3, 5), "over-cap")
    ]
    (same,) = look_again(bloods.store, AS_OF, "bloods-2026-03").found
    assert same.cause == "over-cap"
    assert look_again(bloods.store, AS_OF, "bloods-2026-04").found == ()


@pytest.mark.parametrize(("start", "over"), [("2026-04-01", []), ("2026-03-05", [date(2026, 3, 5)])])
def test_a_cap_that_is_lowered_from_a_day_leaves_what_was_claimed_before(
    bloods: Surgery, start: str, over: list[date]
) -> None:
    terms = f'\n[[terms]]\nfrom = "{start}"\nclause = "6"\n[terms.set]\n"cap.sample" = 1\n'
    add_folder(bloods, FOLDER + terms)
    assert [one.row.day for one in look_again(bloods.store, AS_OF).found] == over


@pytest.mark.parametrize("toml", ["this is no service", ""])
def test_a_service_that_fails_is_named_and_changed_entries_are_still_found(bloods: Surgery, toml: str) -> None:
    bloods.add(activity="patient | date | value\nAnn | 2026-03-04 | 5")
    with bloods.store.writing():
        if toml:
            bloods.store.connection.execute("UPDATE folder_service SET toml = ?", (toml,))
        else:
            bloods.store.connection.execute("DELETE FROM folder_service")
        bloods.store.connection.execute("UPDATE activity SET withdrawn = 1 WHERE day = '2026-03-05'")
    again = look_again(bloods.store, AS_OF)
    assert len(again.failed) == 1
    assert "bloods: 4 claimed rows could not be looked at again" in again.failed[0]
    assert {(one.change, one.supported) for one in again.found} == {("withdrawn", None)}
    assert len(again.found) == len(changed_entries(bloods.store)) == 2
