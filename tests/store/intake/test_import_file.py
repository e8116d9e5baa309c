"""What an import does to the store: new, unchanged, changed, withdrawn and waiting entries, whatever the order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lescli.model import Practice
from lescli.readers import COLUMNS, Reading, Row
from lescli.store import Store, create_store
from lescli.store.intake.import_file import take_in
from lescli.store.intake.result import ImportedFile, known_file
from lescli.store.records.rows import patients

ANN, BEA = "9990000018", "9990000026"
CODE = "700139004"


@pytest.fixture
def store() -> Iterator[Store]:
    with create_store(None, Practice(ods_code="A82038", name="Test")) as made:
        yield made


def reading(
    *rows: dict[str, str], extracted_at: str | None = None, whole: bool = False, source_system: str = ""
) -> Reading:
    cells = (
        Row(line, ",".join(row.values()), tuple(row.get(name, "") for name in COLUMNS))
        for line, row in enumerate(rows, start=2)
    )
    return Reading(
        profile="les",
        columns=COLUMNS,
        rows=cells,
        extracted_at=extracted_at,
        whole_record=whole,
        source_system=source_system,
    )


def take(store: Store, name: str, read: Reading) -> ImportedFile:
    with store.writing():
        return take_in(store, Path(name), name.ljust(64, "0"), read)


def row(patient: str, day: str = "", **cells: str) -> dict[str, str]:
    coded = {"date": day, "code": CODE} if day else {}
    return {"nhs_number": patient, **coded, **cells}


def described(patient: str, day: str = "", **cells: str) -> dict[str, str]:
    return row(patient, day, family_name="Sentinel", date_of_birth="1950-02-01", **cells)


def entries(store: Store) -> list[tuple[str, ...]]:
    return store.rows(
        "SELECT p.nhs_number, a.day, t.text, a.withdrawn FROM activity a JOIN patient p ON p.id = a.patient_id"
        " JOIN entry_kind k ON k.id = a.kind_id JOIN phrase t ON t.id = k.consultation_type ORDER BY 1, 2, 3"
    )


def counts(done: ImportedFile) -> tuple[int, int, int, int]:
    return done.rows, done.accepted, done.unchanged, done.quarantined


def test_a_row_without_source_id_is_known_by_what_it_says_and_how_often_it_stands_in_its_file(store: Store) -> None:
    first = take(store, "a", reading(described(ANN, "2026-05-04"), row(ANN, "2026-05-04"), row(ANN, "2026-05-05")))
    assert counts(first) == (3, 3, 0, 0)
    again = take(store, "b", reading(row(ANN, "2026-05-04"), row(ANN, "2026-05-04"), row(ANN, "2026-05-06")))
    assert counts(again) == (3, 1, 2, 0)
    assert [day for _, day, *_ in entries(store)] == ["2026-05-04", "2026-05-04", "2026-05-05", "2026-05-06"]


def test_a_local_code_with_a_blank_is_one_code(store: Store) -> None:
    """The store keeps the codes of an entry with blanks between them."""
    coded = {"code": "EMIS NQ 1", "code_system": "local"}
    first = take(store, "a", reading({**described(ANN, "2026-05-04"), **coded}))
    again = take(store, "b", reading({**row(ANN, "2026-05-04"), **coded}))
    assert (counts(first), counts(again)) == ((1, 1, 0, 0), (1, 0, 1, 0))
    assert store.rows("SELECT system, code FROM code_set_member") == [("local", "EMIS%20NQ%201")]


def test_the_very_same_file_is_known_by_its_hash(store: Store) -> None:
    assert known_file(store, "a".ljust(64, "0")) is None
    take(store, "a", reading(described(ANN, "2026-05-04"), row("9990000017", "2026-05-04")))
    known = known_file(store, "a".ljust(64, "0"))
    assert known is not None
    assert known.already
    assert counts(known) == (2, 0, 1, 1)


def test_a_row_waits_for_its_patient_and_is_released_by_the_file_that_describes_them(store: Store) -> None:
    first = take(store, "a", reading(row(ANN, "2026-05-04"), row(BEA, "2026-05-05")))
    assert counts(first) == (2, 0, 0, 2)
    second = take(store, "b", reading(described(ANN)))
    assert counts(second) == (1, 1, 0, 0)
    assert second.released == 1
    assert [patient for patient, *_ in entries(store)] == [ANN]
    still = store.rows("SELECT line FROM quarantine WHERE settled_by IS NULL")
    assert still == [(3,)]


def test_a_patient_described_at_the_end_of_the_file_is_known_to_all_of_it(store: Store) -> None:
    done = take(store, "a", reading(row(ANN, "2026-05-04"), row(ANN, "2026-05-05"), described(ANN, "2026-05-06")))
    assert counts(done) == (3, 3, 0, 0)
    assert done.patients == 1


def test_another_date_of_birth_is_not_this_patient(store: Store) -> None:
    take(store, "a", reading(described(ANN, "2026-05-04")))
    other = {**described(ANN, "2026-05-05"), "date_of_birth": "1951-02-01"}
    done = take(store, "b", reading(other))
    assert counts(done) == (1, 0, 0, 1)
    assert "date_of_birth" in done.quarantine[0][1][0]
    assert "195" not in done.quarantine[0][1][0]


def test_an_entry_returns_changed(store: Store) -> None:
    take(store, "a", reading(described(ANN, "2026-05-04", source_id="E1", consultation_type="Telephone call")))
    done = take(store, "b", reading(row(ANN, "2026-05-06", source_id="E1", consultation_type="Home visit")))
    assert counts(done) == (1, 1, 0, 0)
    assert len(done.changed_entries) == 1
    assert entries(store) == [(ANN, "2026-05-06", "Home visit", 0)]


def test_an_entry_is_withdrawn_once_and_can_return(store: Store) -> None:
    take(store, "a", reading(described(ANN, "2026-05-04", source_id="E1")))
    gone = take(store, "b", reading({"nhs_number": ANN, "source_id": "E1"}))
    assert (counts(gone), len(gone.withdrawn_entries)) == ((1, 1, 0, 0), 1)
    twice = take(store, "c", reading({"nhs_number": ANN, "source_id": "E1", "term": "still gone"}))
    assert (counts(twice), len(twice.withdrawn_entries)) == ((1, 0, 1, 0), 0)
    assert [withdrawn for *_, withdrawn in entries(store)] == [1]
    back = take(store, "d", reading(row(ANN, "2026-05-04", source_id="E1")))
    assert (counts(back), len(back.changed_entries)) == ((1, 1, 0, 0), 1)
    assert [withdrawn for *_, withdrawn in entries(store)] == [0]


def test_the_same_source_id_of_two_systems_is_two_entries(store: Store) -> None:
    take(store, "a", reading(described(ANN, "2026-05-04", source_id="E1"), source_system="one"))
    take(store, "b", reading(described(ANN, "2026-05-04", source_id="E1"), source_system="two"))
    assert len(entries(store)) == 2


EARLY = (described(ANN, "2026-05-04", source_id="E1"), row(ANN, "2026-05-05", source_id="E2"))
LATE = (described(ANN, "2026-05-07", source_id="E1"), row(ANN, "2026-05-08", source_id="E3"))


@pytest.mark.parametrize("order", [("early", "late"), ("late", "early"), ("early", "late", "early again")])
def test_whole_records_in_any_order_end_as_the_newest_has_them(store: Store, order: tuple[str, ...]) -> None:
    for name in order:
        rows, when = (EARLY, "2026-05-06T00:00:00") if name.startswith("early") else (LATE, "2026-05-09T00:00:00")
        take(store, name, reading(*rows, extracted_at=when, whole=True, source_system="S"))
    assert entries(store) == [
        (ANN, "2026-05-05", "", 1),  # gone from the newer extract
        (ANN, "2026-05-07", "", 0),  # changed in it
        (ANN, "2026-05-08", "", 0),  # new in it
    ]


def test_a_whole_record_withdraws_nothing_of_other_patients_or_systems(store: Store) -> None:
    take(store, "a", reading(described(ANN, "2026-05-04", source_id="E1"), source_system="other"))
    take(store, "b", reading(described(BEA, "2026-05-04", source_id="E2"), whole=True, source_system="S"))
    take(store, "c", reading(described(ANN, "2026-05-05", source_id="E9"), whole=True, source_system="S"))
    assert [withdrawn for *_, withdrawn in entries(store)] == [0, 0, 0]


SPELLS = {
    "left": {"left_on": "2024-06-30"},
    "came": {"registered_on": "2020-01-01"},
    "came back": {"registered_on": "2026-05-01"},
}


@pytest.mark.parametrize(
    "order", [("came", "left", "came back"), ("left", "came", "came back"), ("came back", "left", "came")]
)
def test_registrations_come_out_the_same_in_any_order(store: Store, order: tuple[str, ...]) -> None:
    for name in order:
        take(store, name, reading(described(ANN, **SPELLS[name])))
    (patient,) = patients(store)
    assert [(r.kind, str(r.start), str(r.end)) for r in patient.registrations] == [
        ("regular", "2020-01-01", "2024-06-30"),
        ("regular", "2026-05-01", "None"),
    ]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_someone_registered_elsewhere_is_not_assumed_to_be_ours(store: Store, order: tuple[int, int]) -> None:
    rows = (described(ANN), described(ANN, registered_practice="B81001"))
    for place in order:
        take(store, str(place), reading(rows[place]))
    (patient,) = patients(store)
    assert [r.practice for r in patient.registrations] == ["B81001"]


def test_what_a_row_leaves_empty_erases_nothing(store: Store) -> None:
    take(store, "a", reading(described(ANN, died_on="2026-05-04", sex="female", given_name="Ann")))
    done = take(store, "b", reading(described(ANN)))
    assert counts(done) == (1, 0, 1, 0)
    assert store.rows("SELECT family_name, given_name, sex, died_on FROM patient") == [
        ("Sentinel", "Ann", "female", "2026-05-04")
    ]


def test_a_failed_import_leaves_nothing_behind(store: Store) -> None:
    def broken() -> Iterator[Row]:
        yield from reading(described(ANN, "2026-05-04")).rows
        raise RuntimeError

    with pytest.raises(RuntimeError):
        take(store, "a", Reading(profile="les", columns=COLUMNS, rows=broken()))
    assert store.rows("SELECT count(*) FROM patient") == [(0,)]
    assert store.rows("SELECT count(*) FROM import_file") == [(0,)]
