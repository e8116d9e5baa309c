"""Many files in one call: a folder or zip, one transaction for each file, one answer for all."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from lescli.errors import LesError, LockedError
from lescli.operations import imports as module
from lescli.operations.imports import Advance, ImportAnswer
from lescli.store import Store
from lescli.store.records.rows import patients
from lescli.testing import nhs_number
from lescli.testing.gp_connect import bundle, observation

Import = Callable[..., ImportAnswer]
NewStore = Callable[[], Store]

EARLY, LATE = "2026-05-20T09:00:00+01:00", "2026-06-03T09:00:00+01:00"
PATIENTS = range(1, 101)
SOME = range(1, 21)


def early(patient: int) -> dict[str, Any]:
    return bundle(patient, EARLY, [observation(patient, n, f"2026-05-{10 + n}", 2.5) for n in (1, 2, 3)])


def late(patient: int) -> dict[str, Any]:
    """A fortnight later: entry 1 as it was, the value of 2 corrected, 3 gone, 4 new."""
    entries = [observation(patient, n, f"2026-05-{10 + n}", 2.5 if n == 1 else 3.1) for n in (1, 2, 4)]
    return bundle(patient, LATE, entries)


def written(folder: Path, bundles: dict[str, dict[str, Any]]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in bundles.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder


def entries_of(store: Store) -> list[Any]:
    """Every entry in the store, without the numbers the store gave them."""
    return store.rows(
        "SELECT p.nhs_number, a.day, s.codes, a.value, a.source_id, a.extracted_at, a.withdrawn, t.text"
        " FROM activity a JOIN patient p ON p.id = a.patient_id JOIN code_set s ON s.id = a.code_set_id"
        " JOIN entry_kind k ON k.id = a.kind_id JOIN phrase t ON t.id = k.consultation_type ORDER BY 1, 2, 5"
    )


def record_of(store: Store) -> list[Any]:
    """Every patient and entry."""
    return [*patients(store), *entries_of(store)]


def both(folder: Path, order: str, patients: Sequence[int] = PATIENTS) -> Path:
    """Two extracts of each patient, named so that they are read in the order wanted."""
    first, second = (early, late) if order == "early first" else (late, early)
    return written(
        folder,
        {f"{n:03d}-{place}.json": make(n) for n in patients for place, make in enumerate((first, second))},
    )


def totals(files: list[dict[str, Any]]) -> dict[str, int]:
    return {name: sum(file.get(name, 0) for file in files) for name in ("rows", "accepted", "changed", "withdrawn")}


def test_a_folder_of_200_bundles_imports_in_one_call(tmp_path: Path, store: Store, imported: Import) -> None:
    folder = both(tmp_path / "bundles", "early first")
    (folder / "050-0.json").write_text('{"resourceType": "Bundle", "type": "coll', encoding="utf-8")
    seen: list[Advance] = []
    done = imported(folder, progress=seen.append)
    files = done.answer.data["files"]

    assert [file["file"] for file in files] == sorted(path.name for path in folder.iterdir())
    assert len(files) == 200
    # For each patient one entry changed, one is gone and one is new. The damaged file changed nothing.
    assert [file["file"] for file in files if "refused" in file] == ["050-0.json"]
    assert len(done.refused) == 1 and done.refused[0].startswith("050-0.json is not whole JSON")
    assert totals(files) == {"rows": 199 * 3, "accepted": 99 * 3 + 3 + 99 * 2, "changed": 99, "withdrawn": 99}
    assert "99 files: 99 entries changed and 99 withdrawn since the last import" in done.answer.notes
    assert done.needs_person and done.taken == 199
    # One progress over all files, which only grows.
    assert [(a.files_done, a.rows, a.share) for a in seen] == sorted((a.files_done, a.rows, a.share) for a in seen)
    assert (seen[-1].files_done, seen[-1].files, seen[-1].rows, seen[-1].share) == (200, 200, 199 * 3, 1.0)

    before = record_of(store)
    again = imported(folder)
    assert totals(again.answer.data["files"]) == {"rows": 199 * 3, "accepted": 0, "changed": 0, "withdrawn": 0}
    assert record_of(store) == before


def test_two_extracts_of_a_patient_give_the_same_store_in_any_order(
    tmp_path: Path, store: Store, new_store: NewStore, imported: Import
) -> None:
    imported(both(tmp_path / "a", "early first", SOME))
    other = new_store()
    late_first = imported(both(tmp_path / "b", "late first", SOME), into=other)
    assert record_of(other) == record_of(store)
    # Entries that only the older extract has are withdrawn. Entries in both are as the newer extract has them.
    assert totals(late_first.answer.data["files"])["withdrawn"] == len(SOME)
    entries = [(row[1], row[3], row[6]) for row in entries_of(store) if row[0] == nhs_number(1)]
    assert entries == [
        ("2026-05-11", "2.5", 0),
        ("2026-05-12", "3.1", 0),
        ("2026-05-13", "2.5", 1),
        ("2026-05-14", "3.1", 0),
    ]


def few(folder: Path) -> Path:
    return written(folder, {f"{n}.json": early(n) for n in range(1, 6)})


def test_a_zip_gives_the_same_store_as_the_folder_it_was_made_of(
    tmp_path: Path, store: Store, new_store: NewStore, imported: Import
) -> None:
    folder = few(tmp_path / "folder")
    packed = tmp_path / "bundles.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in folder.iterdir():
            archive.write(path, f"some/{path.name}")
    done = imported(packed)
    assert [file["file"] for file in done.answer.data["files"]] == [f"some/{n}.json" for n in range(1, 6)]
    other = new_store()
    imported(folder, into=other)
    assert record_of(other) == record_of(store)
    # The same bytes are recognised wherever they are found.
    known = imported(folder).answer
    assert known.notes[0] == "5 files: these very files were imported before; nothing was changed"
    assert totals(known.data["files"])["accepted"] == 0


def test_an_import_killed_between_two_files_continues_where_it_stopped(
    tmp_path: Path, store: Store, new_store: NewStore, imported: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = few(tmp_path / "folder")
    taken: list[str] = []

    def until_third(*given: Any, **named: Any) -> Any:
        if len(taken) == 2:
            raise MemoryError
        taken.append(named["name"])
        return real(*given, **named)

    real = module.take_in
    with monkeypatch.context() as patch:
        patch.setattr(module, "take_in", until_third)
        with pytest.raises(MemoryError):
            imported(folder)
    assert store.rows("SELECT count(*) FROM patient") == [(2,)]
    imported(folder)
    other = new_store()
    imported(folder, into=other)
    for table in ("import_file", "patient", "activity", "registration", "extract"):
        assert store.rows(f"SELECT * FROM {table}") == other.rows(f"SELECT * FROM {table}")


def test_an_interrupted_import_says_what_was_imported(
    tmp_path: Path, store: Store, imported: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    def until_second(advance: Advance) -> None:
        if advance.files_done == 1 and advance.rows > 3:
            raise KeyboardInterrupt

    done = imported(few(tmp_path / "folder"), progress=until_second)
    assert done.taken == 1
    assert done.refused == ("2.json: interrupted; it and the files after it were not imported",)
    assert store.rows("SELECT count(*) FROM import_file") == [(1,)]


@pytest.mark.parametrize("fault", [LesError("the disk is full", "nothing was changed"), LockedError("it is in use")])
@pytest.mark.parametrize("failing", [1, 3])
def test_a_store_that_becomes_unwritable_ends_the_import_with_what_was_imported(
    tmp_path: Path, store: Store, imported: Import, monkeypatch: pytest.MonkeyPatch, fault: LesError, failing: int
) -> None:
    def until(*given: Any, **named: Any) -> Any:
        if given[1].name == f"{failing}.json":
            raise fault
        return real(*given, **named)

    real = module.take_in
    monkeypatch.setattr(module, "take_in", until)
    folder = few(tmp_path / "folder")
    for dry_run in (True, False) if failing > 1 else (False,):
        if dry_run or failing == 1:
            with pytest.raises(type(fault)):
                imported(folder, dry_run=dry_run)
            assert store.rows("SELECT count(*) FROM import_file") == [(0,)]
            continue
        done = imported(folder)
        assert (done.taken, done.needs_person) == (2, True)
        assert done.refused == (f"3.json: {fault.what}; it and the files after it were not imported",)
        assert store.rows("SELECT count(*) FROM import_file") == [(2,)]


def test_a_dry_run_reports_what_the_import_will_and_writes_nothing(
    tmp_path: Path, store: Store, imported: Import
) -> None:
    folder = written(tmp_path / "two", {"1.json": early(1), "2.json": late(1), "3.json": {}, "4.json": late(1)})
    tried = imported(folder, dry_run=True)
    assert record_of(store) == []
    done = imported(folder)
    assert tried.answer.data["files"] == done.answer.data["files"]
    assert totals(done.answer.data["files"][:2])["changed"] == 1
    assert tried.refused == done.refused


def test_a_file_that_is_not_an_export_is_named_and_skipped(tmp_path: Path, imported: Import) -> None:
    folder = few(tmp_path / "folder")
    (folder / "read me.txt").write_text("these are the bundles of May", encoding="utf-8")
    (folder / "letter.pdf").write_bytes(b"%PDF-1.7")
    (folder / ".DS_Store").write_bytes(b"\0\1")
    # It has no suffix of an export, but it is one.
    (folder / "more.data").write_text(json.dumps(early(7)), encoding="utf-8")
    done = imported(folder)
    assert done.answer.data["skipped"] == ["letter.pdf", "read me.txt"]
    assert "left out, not an export: letter.pdf, read me.txt" in done.answer.notes
    assert (len(done.answer.data["files"]), done.refused, done.needs_person) == (6, (), False)


def test_a_folder_without_any_export_is_refused(tmp_path: Path, imported: Import) -> None:
    (tmp_path / "read me.txt").write_text("nothing here", encoding="utf-8")
    done = imported(tmp_path)
    assert (done.taken, len(done.refused)) == (0, 1)
    assert "no export" in done.refused[0]


def test_no_message_repeats_a_number_in_a_file_name(tmp_path: Path, imported: Import) -> None:
    names = [f"{nhs_number(n)}.json" for n in (1, 2)]
    folder = written(tmp_path / f"for {nhs_number(3)}", {names[0]: {}, names[1]: early(2)})
    done = imported(folder)
    assert done.refused[0].startswith("**********.json (1 of 2) is JSON and not a FHIR bundle")
    assert [file["file"] for file in done.answer.data["files"]] == [
        "**********.json (1 of 2)",
        "**********.json (2 of 2)",
    ]
    said = json.dumps(done.answer.data) + "".join((*done.refused, *done.answer.notes, *done.detail))
    assert not [n for n in (1, 2, 3) if nhs_number(n) in said]


def test_messages_name_the_file_in_the_zip_and_not_where_it_was_unpacked(tmp_path: Path, imported: Import) -> None:
    packed = tmp_path / "a.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../etc/may.json", "{")
        archive.writestr("C:\\june.csv", "no,known,header\n1,2,3\n")
    done = imported(packed)
    assert [line.split(" ")[0].rstrip(":") for line in done.refused] == ["C:/june.csv", "etc/may.json"]
    assert not list(tmp_path.parent.glob("etc"))


def test_the_newest_extract_decides_the_registration_in_any_order(
    tmp_path: Path, store: Store, new_store: NewStore, imported: Import
) -> None:
    def leaves(moment: Callable[[int], dict[str, Any]], end: str) -> dict[str, Any]:
        found = moment(1)
        found["entry"][0]["resource"]["extension"][0]["extension"][0]["valuePeriod"]["end"] = end
        return found

    one, two = leaves(early, "2026-05-01"), leaves(late, "2026-06-01")
    imported(written(tmp_path / "a", {"1.json": one, "2.json": two}))
    other = new_store()
    imported(written(tmp_path / "b", {"1.json": two, "2.json": one}), into=other)
    assert patients(other) == patients(store)


def test_the_same_patient_under_two_names_is_not_doubled(tmp_path: Path, store: Store, imported: Import) -> None:
    content = bundle(1, "2026-06-03T09:00:00Z", [observation(1, 1, "2026-05-11", 2.5)])
    imported(written(tmp_path / "a", {"1.json": content, "2.json": content}))
    assert store.rows("SELECT count(*) FROM activity") == [(1,)]


def test_a_record_without_entries_withdraws_all_earlier_ones(tmp_path: Path, store: Store, imported: Import) -> None:
    imported(written(tmp_path / "a", {"1.json": early(1)}))
    (file,) = imported(written(tmp_path / "b", {"1.json": bundle(1, LATE, [])})).answer.data["files"]
    assert file["withdrawn"] == 3
    assert [row[6] for row in entries_of(store)] == [1, 1, 1]


def test_a_file_that_another_process_imported_meanwhile_is_not_imported_again(imported, store, tmp_path, monkeypatch):
    folder = written(tmp_path / "one", {"a.json": early(1)})
    assert imported(folder).answer.data["files"][0]["accepted"] == 3
    looked = iter([None])
    known_file = module.known_file
    # The file was unknown when this process looked, and known when it got the lock.
    monkeypatch.setattr(module, "known_file", lambda *asked: next(looked, known_file(*asked)))
    again = imported(folder).answer.data["files"][0]
    assert (again["accepted"], again["unchanged"]) == (0, 3)
    assert len(entries_of(store)) == 3
