"""A folder or zip on the command line: exit codes, the JSON, and the lines on stderr."""

from __future__ import annotations

import json
import zipfile

import pytest

from lescli.testing import nhs_number
from lescli.testing.gp_connect import bundle, observation, planned


@pytest.fixture
def les(les_here):
    return les_here


@pytest.fixture
def folder(tmp_path):
    """Three bundles named after their patients, one of them cut short, and a letter."""
    folder = tmp_path / "exports"
    folder.mkdir()
    for n in (11, 12, 13):
        whole = json.dumps(bundle(n, "2026-06-03T09:00:00Z", [observation(n, 1, "2026-05-11", 2.5), planned(n, 2)]))
        (folder / f"{nhs_number(n)}.json").write_text(whole if n != 12 else whole[:500], encoding="utf-8")
    (folder / "letter.txt").write_text("Dear practice", encoding="utf-8")
    return folder


def test_one_damaged_file_among_others_needs_a_person(les, store, folder):
    done = les("import", folder, "--json", "-v", store=store)
    assert done.code == 3
    assert [("refused" in file, file["rows"]) for file in done.json["files"]] == [(False, 2), (True, 0), (False, 2)]
    assert done.json["skipped"] == ["letter.txt"]
    assert "**********.json (2 of 4) is not whole JSON" in done.err, done.err
    assert "resources Observation 1, ProcedureRequest 1" in done.err
    assert not [n for n in (11, 12, 13) if nhs_number(n) in done.out + done.err]
    (folder / f"{nhs_number(12)}.json").unlink()
    again = les("import", folder, "--quiet", store=store)
    assert (again.code, again.err) == (0, "")


def test_where_nothing_can_be_read_nothing_is_done(les, store, folder, tmp_path):
    for path in folder.glob("*.json"):
        path.unlink()
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04")
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as archive:
        archive.write(tmp_path / "bad.zip", "inner.zip")
    for name, words in (("exports", "no export"), ("bad.zip", "is damaged"), ("outer.zip", "is damaged")):
        done = les("import", tmp_path / name, store=store)
        assert (done.code, done.out) == (1, "")
        assert words in done.err
