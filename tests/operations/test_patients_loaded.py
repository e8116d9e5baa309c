"""A question loads the patients it is about, in a few statements, and nobody else."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from datetime import date

import pytest

import lescli_anticoag
import lescli_denosumab
from lescli.model import Finding, Patient, Records, ServiceSpec
from lescli.operations.patients.register_write import write_rows
from lescli.rules.eligibility import contract_findings
from lescli.rules.register_rows import HandRow
from lescli.services import service_of
from lescli.store import Store
from lescli.store.people.same_person import merge
from lescli.store.records.records import PatientsAsked, StoreRecords
from lescli.store.records.rows import patients
from lescli.testing import Surgery

DENOSUMAB = service_of(lescli_denosumab, origin="package")
ANTICOAG = service_of(lescli_anticoag, origin="package")
OTHERS = "patient | date of birth\n" + "\n".join(f"Other {number} | 1950-01-01" for number in range(40))
ACTIVITY = """
    patient | date       | consultation type
    Ann     | 2025-11-04 | Face to face consultation
    Ann     | 2026-05-04 | Face to face consultation
    Bob     | 2026-05-05 | Face to face consultation
    """


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """The NHS numbers of the patients that were loaded, one set a time."""
    found: list[set[str]] = []

    def counting(store: Store, wanted: Collection[str] | None = None) -> tuple[Patient, ...]:
        read = patients(store, wanted)
        found.append({patient.nhs_number for patient in read})
        return read

    monkeypatch.setattr(sys.modules[PatientsAsked.__module__], "patients", counting)
    return found


def test_a_claim_loads_those_with_entries_at_once(loaded: list[set[str]]) -> None:
    surgery = Surgery(DENOSUMAB, patients=OTHERS, activity=ACTIVITY)
    assert len(surgery.claim("2026-05").rows) == 2
    assert loaded == [{surgery.numbers["Ann"], surgery.numbers["Bob"]}]


def test_a_recall_loads_those_on_the_register_once(loaded: list[set[str]]) -> None:
    surgery = Surgery(DENOSUMAB, patients=OTHERS, activity=ACTIVITY, register="patient | entered\n Eve | 2026-04-10")
    assert len(surgery.recall("2026-06-01").recalls) == 3
    assert loaded == [{surgery.numbers[name] for name in ("Ann", "Bob", "Eve")}]


def test_a_patient_not_loaded_yet_is_loaded_alone(loaded: list[set[str]]) -> None:
    surgery = Surgery(DENOSUMAB, patients=OTHERS, activity=ACTIVITY)
    seen = surgery.records("2026-06-01")
    number = surgery.numbers["Other 3"]
    assert seen.patient(number) is seen.patient(number)
    assert loaded == [{number}]


def test_an_unknown_patient_raises_key_error(loaded: list[set[str]]) -> None:
    surgery = Surgery(DENOSUMAB, activity=ACTIVITY)
    with pytest.raises(KeyError):
        surgery.records("2026-06-01").patient("9990000999")


def test_the_whole_list_is_counted_and_read_once(loaded: list[set[str]]) -> None:
    surgery = Surgery(DENOSUMAB, patients=OTHERS, activity=ACTIVITY)
    seen = surgery.records("2026-06-01")
    assert [seen.list_size(seen.as_of) for _ in range(3)] == [42, 42, 42]
    assert [len(each) for each in loaded] == [42]


def test_a_patient_is_the_same_loaded_alone_or_with_all(monkeypatch: pytest.MonkeyPatch) -> None:
    surgery = Surgery(
        ANTICOAG,
        patients="""
            patient | date of birth | registered on | left on    | died on    | registration | registered practice
            Ann     | 1950-01-01    | 2020-01-01    | 2026-01-01 |            |              |
            Bob     | 1950-01-01    |               |            | 2026-03-01 |              |
            Cat     | 1950-01-01    | 2020-01-01    |            |            | temporary    | B81001
            Dan     | 1950-01-01    |               |            |            | none         |
            """,
    )
    surgery.add(patients="patient | registered on\n Ann | 2026-02-01\n Cat | 2021-01-01")
    everybody = {one.nhs_number: one for one in patients(surgery.store)}
    assert len(everybody) == 4
    for number, patient in everybody.items():
        assert patients(surgery.store, [number]) == (patient,)
    # More than are looked for one by one: everybody is read.
    monkeypatch.setattr(sys.modules[patients.__module__], "_MOST", 1)
    assert patients(surgery.store, sorted(everybody)[:2]) == tuple(everybody.values())


def test_one_person_of_two_numbers_is_loaded_by_the_number_in_use() -> None:
    surgery = Surgery(
        DENOSUMAB,
        patients="""
            patient | date of birth | died on
            Ann     | 1950-01-01    |
            Old     | 1950-01-01    | 2026-05-01
            Bob     | 1950-01-01    |
            """,
    )
    new, old = surgery.numbers["Ann"], surgery.numbers["Old"]
    with surgery.store.writing():
        merge(surgery.store, old, new, on=date(2026, 6, 1), reason="test")
    (ann,) = patients(surgery.store, [new])
    assert ann in patients(surgery.store)
    assert ann.died_on == date(2026, 5, 1)
    seen = surgery.records("2026-06-01")
    with pytest.raises(KeyError):
        seen.patient(old)
    assert seen.patient(new) == ann


def written(surgery: Surgery, *names: str) -> None:
    rows = [
        HandRow(
            nhs_number=surgery.numbers[name],
            entered_on=date(2026, 4, 1),
            ended_on=None,
            end_reason="",
            details={"first_dose_on": "2025-11-04"},
            start=None,
            line=line,
        )
        for line, name in enumerate(names, start=2)
    ]
    assert write_rows(surgery.store, surgery.service, rows, date(2026, 6, 1)).changed == len(names)


def test_rows_of_a_register_file_are_checked_against_their_own_patients(loaded: list[set[str]]) -> None:
    surgery = Surgery(DENOSUMAB, patients=OTHERS, activity=ACTIVITY, register="patient | entered\n Eve | 2026-04-10")
    written(surgery, "Ann")
    assert set().union(*loaded) == {surgery.numbers["Ann"]}


def test_many_rows_of_a_register_file_take_no_more_queries_than_one(loaded: list[set[str]]) -> None:
    few, many = (Surgery(DENOSUMAB, patients=OTHERS, activity=ACTIVITY) for _ in range(2))
    written(few, "Other 1")
    once = len(loaded)
    written(many, *(f"Other {number}" for number in range(40)))
    assert len(loaded) == 2 * once > 0


def test_the_register_of_some_patients_is_their_part_of_the_whole() -> None:
    surgery = Surgery(
        DENOSUMAB,
        patients=OTHERS,
        activity=f"{ACTIVITY}Old | 2024-02-03 | Home visit",
        register="""
            patient | entered    | ended      | end reason
            Bob     | 2026-04-01 | 2026-04-30 | moved
            Eve     | 2026-04-10 |            |
            """,
    )
    with surgery.store.writing():
        merge(surgery.store, surgery.numbers["Old"], surgery.numbers["Ann"], on=date(2026, 6, 1), reason="test")
    day, spec = date(2026, 6, 1), surgery.service.spec
    whole = surgery.register(day)
    for name, entries in (("Ann", 1), ("Bob", 2), ("Eve", 1), ("Other 5", 0)):
        number = surgery.numbers[name]
        part = surgery.service.register(StoreRecords(surgery.store, spec, day, {number}))
        assert part.entries == whole.of(number)
        assert len(part.entries) == entries
    ann = next(entry for entry in whole.entries if entry.nhs_number == surgery.numbers["Ann"])
    assert ann.entered_on == date(2024, 2, 3)


def test_the_contract_is_checked_once_for_each_day(monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[date] = []

    def counting(spec: ServiceSpec, records: Records, day: date) -> Iterator[Finding]:
        judged.append(day)
        return contract_findings(spec, records, day)

    monkeypatch.setattr("lescli.rules.entries.contract_findings", counting)
    surgery = Surgery(
        DENOSUMAB, activity="patient | date\n" + "\n".join(f"Patient {number} | 2026-05-04" for number in range(9))
    )
    assert len(surgery.claim("2026-05").rows) == 9
    assert judged == [date(2026, 5, 4)]
