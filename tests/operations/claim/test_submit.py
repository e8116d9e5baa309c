"""A claim is worked out while others may write. The frozen claim must be the same as if nobody had."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import lescli_denosumab
from lescli.calendar import Month
from lescli.errors import LockedError
from lescli.model import Practice
from lescli.operations.claim import submit as submitting
from lescli.operations.claim.preview import ClaimAnswer, preview
from lescli.operations.claim.submit import submit
from lescli.operations.imports import ImportAnswer
from lescli.services import service_of
from lescli.store import Store, create_store, open_store
from lescli.store.database.connection import connect_found
from lescli.store.ledger.read import claims
from lescli.store.verify.run import verify
from lescli.testing import nhs_number

SERVICE, MONTH, AS_OF = service_of(lescli_denosumab, origin="package"), Month.parse("2026-05"), date(2026, 6, 5)
HEADER = "nhs_number,family_name,date_of_birth,registered_on,date,code,consultation_type\n"


@pytest.fixture
def shared(tmp_path: Path, imported: Callable[..., ImportAnswer]) -> Iterator[Store]:
    """A store in a file with one claimable activity."""
    with create_store(tmp_path / "practice.les", Practice(ods_code="A82038", name="Test")) as store:
        imported(export(tmp_path, 1), into=store)
        yield store


def export(folder: Path, patient: int) -> Path:
    path = folder / f"{patient}.csv"
    row = f"{nhs_number(patient)},P{patient},1950-01-01,2010-01-01,2026-05-04,700139004,Home visit\n"
    path.write_text(HEADER + row, encoding="utf-8")
    return path


def submitted(store: Store) -> ClaimAnswer:
    return submit(store, SERVICE, MONTH, AS_OF, by="A. Admin", authorised_by=None)


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[int], object]], list[int]]:
    """Run a function after each time a claim is worked out. The returned list grows with each try."""

    def also(done: Callable[[int], object]) -> list[int]:
        tries: list[int] = []
        worked_out = submitting.fresh

        def then(*arguments: Any) -> Any:
            found = worked_out(*arguments)
            tries.append(len(tries) + 1)
            done(tries[-1])
            return found

        monkeypatch.setattr(submitting, "fresh", then)
        return tries

    return also


def place(store: Store) -> Path:
    assert store.path is not None
    return store.path


def test_an_entry_written_while_the_claim_is_worked_out_is_in_the_claim(shared, tmp_path, meanwhile, imported) -> None:
    def another(number: int) -> None:
        if number == 1:
            with open_store(place(shared)) as other:
                imported(export(tmp_path, 2), into=other)

    tries = meanwhile(another)
    done = submitted(shared)
    assert (tries, done.submitted_now, done.data["verdicts"]["payable"]) == ([1, 2], True, 2)
    assert verify(place(shared)).faults == ()


def test_a_claim_overtaken_repeatedly_locks_the_store_for_its_last_try(
    shared, tmp_path, meanwhile, imported, monkeypatch
) -> None:
    monkeypatch.setattr("lescli.store.database.connection.LOCK_WAIT_SECONDS", 0.01)
    kept_out: list[int] = []

    def another(number: int) -> None:
        with open_store(place(shared)) as other:
            try:
                imported(export(tmp_path, 1 + number), into=other)
            except LockedError:
                kept_out.append(number)

    tries = meanwhile(another)
    assert submitted(shared).data["verdicts"]["payable"] == 3
    assert (tries, kept_out) == ([1, 2, 3], [3])


def test_a_claim_submitted_meanwhile_by_another_program_is_returned(shared, meanwhile) -> None:
    others: list[ClaimAnswer] = []

    def another(number: int) -> None:
        if number == 1:
            with open_store(place(shared)) as other:
                others.append(submitted(other))

    meanwhile(another)
    mine = submitted(shared)
    assert [one.submitted_now for one in others] == [True]
    assert (mine.submitted_now, mine.chain_head) == (False, others[0].chain_head)
    assert len(claims(shared)) == 1


def test_a_submitted_claim_is_shown_while_another_program_writes(shared) -> None:
    first = submitted(shared)
    with closing(connect_found(place(shared))[0]) as other:
        other.execute("BEGIN IMMEDIATE")
        assert submitted(shared).data == first.data


def test_working_out_a_claim_does_not_lock_the_store(shared, meanwhile) -> None:
    """Working it out does not wait for a program that only reads, either."""
    others = []

    def another(number: int) -> None:
        with open_store(place(shared)) as other:
            others.append(preview(other, SERVICE, MONTH, AS_OF).data["total_pence"])

    tries = meanwhile(another)
    assert submitted(shared).data["total_pence"] == others[0]
    assert tries == [1]


def test_the_last_try_submits_a_claim_only_once(shared, tmp_path, meanwhile, imported, monkeypatch) -> None:
    """Another program submits the claim just before this one locks the store."""
    asked, version = [], Store.version

    def another(store: Store) -> int:
        asked.append(store)
        # Twice for each try: before it is worked out, and inside the transaction.
        if len(asked) == 5:
            with open_store(place(shared)) as other:
                others.append(submitted(other))
        return version(store)

    def more(number: int) -> None:
        if number < 3:
            with open_store(place(shared)) as other:
                imported(export(tmp_path, 1 + number), into=other)

    others: list[ClaimAnswer] = []
    monkeypatch.setattr(Store, "version", another)
    tries = meanwhile(more)
    mine = submitted(shared)
    assert (tries, mine.submitted_now, mine.chain_head) == ([1, 2, 3], False, others[0].chain_head)
