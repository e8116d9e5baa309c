"""A store with every kind of row, for tests that look at a whole store."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from lescli.calendar import Month
from lescli.model import Practice
from lescli.operations.imports import import_files
from lescli.operations.many_stores import ClaimQuestion, ask_claim
from lescli.store import audit_trail, create_store, open_store, practice_data
from lescli.store.ledger import write
from lescli.testing import nhs_number

HEADER = "nhs_number,family_name,date_of_birth,registered_on,date,code,consultation_type,source_id\n"


def made(folder: Path) -> Path:
    """Two submitted claims, a reversal, a payment, a quarantined row, entries with and without an id, audit entries."""
    path, export = folder / "practice.les", folder / "export.csv"
    rows = [
        f"{nhs_number(n)},Patient,1950-01-01,2010-01-01,2026-{month:02d}-{n + 3:02d},700139004,Home visit,{source}\n"
        for n in range(1, 5)
        for month, source in ((4, ""), (5, f"e{n}"))
    ]
    export.write_text(HEADER + "".join(rows) + "9990000019,,,,2026-05-01,700139004,,\n", encoding="utf-8")
    command = audit_trail.Command(path=path, at=lambda: "2026-06-05T08:00:00Z", user="ann", verb="import")
    with create_store(path, Practice(ods_code="A82038", name="Test")) as store, audit_trail.following(command):
        audit_trail.follow(store)
        practice_data.sign(store, "denosumab", date(2026, 4, 1), "letter")
        import_files(store, [export], None, dry_run=False, progress=lambda *_: None, as_of=date(2026, 6, 5))
        audit_trail.write(command, 3, open_store)
    for month in (4, 5):
        ask_claim(
            path,
            ClaimQuestion(services=("denosumab",), month=Month(2026, month), as_of=date(2026, month + 1, 5), by="A"),
        )
    with open_store(path) as store, store.writing():
        write.reverse(store, "denosumab-2026-04", 1, reason="r", on=date(2026, 6, 1))
        write.pay(store, "denosumab-2026-04", amount_pence=6000, on=date(2026, 6, 30))
    return path


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def whole(made_once: Path, tmp_path: Path) -> Path:
    """A copy of a sound store, which a test may damage."""
    return Path(shutil.copy(made_once, tmp_path / "practice.les"))
