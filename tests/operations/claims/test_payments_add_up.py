"""Whatever is typed and loaded in whichever order: no file pays twice, and the ledger stays whole."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lescli.errors import LesError
from lescli.model import Practice
from lescli.operations.claims.remittance import load_remittance
from lescli.store import Store, create_store
from lescli.store.ledger import write
from lescli.store.ledger.read import claims, payments
from lescli.store.verify.run import verify_open
from tests.operations.claims.conftest import PATIENT, SUBMITTED, claim_rows

ID = "s-2026-05"
AMOUNTS = st.sampled_from([2000, 4000, 6000, -2000, -6000])
DAYS = st.sampled_from([date(2026, 6, 30), date(2026, 7, 7)])
REFERENCES = st.sampled_from(["", "B1", "B2"])
LINES = st.tuples(AMOUNTS, DAYS, REFERENCES, st.booleans())
TYPED = st.tuples(AMOUNTS, DAYS, REFERENCES, st.booleans()).map(lambda one: ("typed", [one]))
LOADED = st.lists(LINES, min_size=1, max_size=3).map(lambda lines: ("loaded", lines))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("remittances")


def new_store() -> Store:
    store = create_store(None, Practice(ods_code="A81001", name="Demo"))
    store.connection.execute(
        "INSERT INTO patient (nhs_number, family_name, given_name, date_of_birth, sex, facts_from)"
        f" VALUES ('{PATIENT}', 'A', 'B', '1950-01-01', 'female', '')"
    )
    rows = claim_rows("2026-05", *(("injection", 2000),) * 3)
    with store.writing():
        body = {"service": "s", "month": "2026-05"}
        write.freeze(store, body, rows, submitted_on=SUBMITTED, by="A", authorised_by=None)
    return store


def text_of(lines: list[tuple[int, date, str, bool]]) -> str:
    head = "claim,item,quantity,amount,date,reference\n"
    cells = (
        f"{ID},{'injection,' + str(pence // 2000) if itemised else ','},{pence / 100:.2f},{on},{reference}\n"
        for pence, on, reference, itemised in lines
    )
    return head + "".join(cells)


def loaded(store: Store, path: Path) -> list[dict[str, object]]:
    data = load_remittance(store, path, date(2026, 7, 20), dry_run=False).answer.data
    assert isinstance(data, dict)
    if data["not_paid"]:
        (claim,) = claims(store)
        assert sum(one["difference_pence"] for one in data["not_paid"]) == claim.owed_pence
    return list(data["payments"])


@settings(max_examples=150, deadline=None)
@given(steps=st.lists(st.one_of(TYPED, LOADED), min_size=1, max_size=6))
def test_nothing_is_paid_twice(folder: Path, steps: list[tuple[str, list[tuple[int, date, str, bool]]]]) -> None:
    with new_store() as store:
        for how, lines in steps:
            (pence, on, reference, again), *_ = lines
            if how == "typed":
                with suppress(LesError), store.writing():
                    write.pay(store, ID, amount_pence=pence, on=on, reference=reference, again=again)
                continue
            path = folder / "r.csv"
            path.write_text(text_of(lines), encoding="utf-8")
            before = payments(store, ID)
            try:
                shown = loaded(store, path)
            except LesError:
                assert payments(store, ID) == before
                continue
            after = payments(store, ID)
            # Every pound of the file is in the ledger, under its own day and reference.
            for _, on, reference, _ in lines:
                together = sum(one[0] for one in lines if one[1:3] == (on, reference))
                those = [one for one in after if one.on == on and (one.reference == reference or not reference)]
                assert not together or together in [one.amount_pence for one in those]
            assert {one["state"] for one in shown} <= {
                *("recorded", "recorded before", "recorded before, taken back since")
            }
            loaded(store, path)
            assert payments(store, ID) == after
        assert verify_open(store).faults == ()
        assert sum(one.amount_pence for one in payments(store, ID)) >= 0
