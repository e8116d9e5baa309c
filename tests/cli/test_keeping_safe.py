"""verify, audit, backup, restore and doctor as a practice types them."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lescli.cli import audit_entry
from lescli.store.database.connection import connect_found

ANN = "9990000018"
CLAIM = ("claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05")
SUBMIT = (*CLAIM, "--submit", "--by", "A. Admin")


@pytest.fixture
def les(les_here, monkeypatch):
    """Each command a second after the one before."""
    moments = (datetime(2026, 6, 5, 8, 30, tzinfo=UTC) + timedelta(seconds=n) for n in range(1000))
    monkeypatch.setattr(audit_entry, "moment", lambda: next(moments))
    return les_here


def damage(store: Path) -> None:
    connection, _ = connect_found(store)
    connection.execute("DROP TRIGGER claim_no_update")
    connection.execute("UPDATE claim SET by = 'B'")
    connection.close()


class TestVerify:
    def test_it_is_silent_when_all_is_well(self, les, store):
        assert les(*SUBMIT, store=store).code == 0
        done = les("verify", store=store)
        assert (done.code, done.out, done.err) == (0, "", "")
        said = les("verify", "-v", store=store)
        assert "looked at claim 1, claim row 3, reversal 0" in said.err
        told = les("verify", "--json", store=store).json
        assert told["whole"] is True
        for each in told["heads"]:
            assert les("verify", "--head", each["head"], store=store).code == 0
        assert f"head of the ledger: {told['heads'][0]['head']}; head of the audit trail: " in said.err

    def test_one_line_for_each_fault(self, les, store):
        assert les(*SUBMIT, store=store).code == 0
        damage(store)
        for quiet in ((), ("--quiet",)):
            done = les("verify", *quiet, store=store)
            assert done.code == 3
            assert done.out.splitlines() == [
                "tables: the trigger claim_no_update is missing",
                "ledger: claim denosumab-2026-05 or one of its rows is not as it was written",
            ]
        told = les("verify", "--json", store=store)
        assert told.code == 3
        assert [fault["check"] for fault in told.json["faults"]] == ["tables", "ledger"]

    def test_a_head_that_was_printed_is_in_the_chain(self, les, store, tmp_path):
        shown = les(*SUBMIT, "--json", store=store).json
        head = shown["chain_head"]
        assert les("verify", "--head", head, "--head", head.upper(), store=store).code == 0
        assert les("claims", "show", "denosumab-2026-05", "--json", store=store).json["chain_head"] == head
        assert les(*CLAIM, "--json", store=store).json["chain_head"] == head
        for suffix in ("html", "md", "json"):
            assert les(*CLAIM, "--out", tmp_path / f"claim.{suffix}", store=store).code == 0
            assert head in (tmp_path / f"claim.{suffix}").read_text("utf-8")
        assert head in les(*CLAIM, store=store).out
        assert les(*CLAIM, "--out", tmp_path / "claim.xlsx", store=store).code == 0
        assert les(*CLAIM, "--format", "csv", store=store).out.splitlines()[1].endswith(f",{head}")
        with zipfile.ZipFile(tmp_path / "claim.xlsx") as book:
            assert head in book.read("xl/sharedStrings.xml").decode("utf-8")
        other = les("verify", "--head", "0" * 64, store=store)
        assert other.code == 3
        assert other.out == f"heads: head {'0' * 64}: in neither chain; what it covers was changed, " \
            "or this is another store\n"  # fmt: skip
        assert les("verify", "--head", "abc", store=store).code == 2

    def test_a_preview_has_no_head(self, les, store):
        assert not {"chain_head", "chain_before"} & les(*CLAIM, "--json", store=store).json.keys()

    def test_each_submitted_claim_shows_what_it_is_chained_to(self, les, store):
        def newest() -> str:
            heads = les("verify", "-v", "--json", store=store).json["heads"]
            return next(one["head"] for one in heads if one["chain"] == "ledger")

        first = les(*SUBMIT, "--json", store=store).json
        assert first["chain_before"] == "0" * 64
        paid = ("claims", "pay", "denosumab-2026-05", "--on", "2026-06-30", "--amount")
        assert les(*paid, "20.00", store=store).code == 0
        assert les(*paid, "-20.00", store=store).code == 0
        gone = les("claims", "withdraw", "denosumab-2026-05", "--reason", "r", "--as-of", "2026-07-01", store=store)
        assert gone.code == 0
        before = newest()
        again = les(*SUBMIT, "--json", store=store).json
        assert again["claim_id"] == "denosumab-2026-05-2"
        assert again["chain_before"] == before not in (first["chain_head"], first["chain_before"])
        assert les("verify", "--head", before, store=store).code == 0
        # Later, in each place that shows the chain head as JSON. Tables and letters have the one hash to note.
        assert les(*CLAIM, "--json", store=store).json["chain_before"] == before
        for claim_id, wanted in (("denosumab-2026-05", "0" * 64), ("denosumab-2026-05-2", before)):
            assert les("claims", "show", claim_id, "--json", store=store).json["chain_before"] == wanted
        listed = les("claims", "--json", store=store).json["claims"]
        assert [one["chain_before"] for one in listed] == ["0" * 64, before]
        assert before not in les("claims", "--format", "csv", store=store).out + les(*CLAIM, store=store).out

    @pytest.mark.plain_only("an encrypted file that is damaged does not open at all")
    def test_a_file_that_is_damaged_is_a_fault_and_one_that_is_missing_is_refused(self, les, store, tmp_path):
        store.write_bytes(store.read_bytes()[:5000])
        done = les("verify", store=store)
        assert done.code == 3
        assert done.out.startswith("integrity: ")
        assert les("verify", store=tmp_path / "none.les").code == 1


class TestAudit:
    def test_it_lists_commands_and_no_patient(self, les, store):
        les("recall", "denosumab", "--as-of", "2026-12-24", store=store)
        les(*CLAIM, store=store)
        found = les("audit", "--from", "2026-06-05", "--to", "2026-06-05", "--json", store=store)
        assert [(entry["verb"], entry["patients"], entry["exit_code"]) for entry in found.json["entries"]] == [
            ("recall", 3, 0),
            ("claim", 0, 0),
        ]
        listed = les("audit", "--from", "2026-06-05", store=store)
        assert "recall" in listed.out
        assert les("audit", "--format", "csv", store=store).out.startswith("at,user,by,verb,asked,patients,")
        assert ANN not in listed.out

    def test_a_day_begins_in_london(self, les, store, monkeypatch):
        for moment in ("2026-06-04T22:59:59", "2026-06-04T23:00:00", "2026-06-05T22:59:59", "2026-06-05T23:00:00"):
            monkeypatch.setattr(
                audit_entry, "moment", lambda now=moment: datetime.fromisoformat(now).replace(tzinfo=UTC)
            )
            les("claims", store=store)
        entries = les("audit", "--from", "05/06/2026", "--to", "2026-06-05", "--json", store=store).json["entries"]
        assert [entry["at"] for entry in entries] == ["2026-06-04T23:00:00Z", "2026-06-05T22:59:59Z"]
        assert les("audit", "--from", "2026-06-06", "--to", "2026-06-05", store=store).code == 2
        last = les("audit", "--from", "9999-12-31", "--to", "9999-12-31", "--json", store=store)
        assert (last.code, last.json["entries"]) == (0, [])


class TestBackupAndRestore:
    def test_a_drill(self, les, store, tmp_path):
        assert les(*SUBMIT, store=store).code == 0
        before = les("claims", "--json", store=store).out
        done = les("backup", "copies", "--keep", "2", store=store)
        assert (done.code, done.out) == (0, "")
        (copy,) = (tmp_path / "copies").iterdir()
        assert copy.name.startswith("practice-A82038-20260605-08")
        assert copy.name in done.err
        les("claims", "pay", "denosumab-2026-05", "--amount", "40.00", "--on", "2026-06-30", store=store)
        refused = les("restore", copy, store=store)
        assert refused.code == 1
        assert "--yes" in refused.err
        assert les("claims", "--json", store=store).out != before
        restored = les("restore", copy, "--yes", store=store)
        assert restored.code == 0
        assert "kept at" in restored.err
        assert les("claims", "--json", store=store).out == before
        assert les("verify", store=store).code == 0
        entries = les("audit", "--to", "2026-06-05", "--json", store=store).json["entries"]
        # A question asked after the backup is in the audit trail of the store that was replaced.
        assert [entry["verb"] for entry in entries] == ["claim", "claims", "restore", "claims", "verify"]

    def test_the_next_backup_reports_what_a_killed_one_left(self, les, store, tmp_path):
        assert "unfinished" not in les("backup", "copies", "--keep", "2", store=store).err
        (tmp_path / "copies" / ".les-abc.part").touch()
        done = les("backup", "copies", store=store)
        assert done.code == 0
        assert "that folder has unfinished copies of records: .les-abc.part;" in done.err

    def test_the_last_backups_of_a_folder_are_kept(self, les, store, tmp_path):
        for _ in range(3):
            assert les("backup", "copies", "--keep", "2", store=store).code == 0
        assert len(list((tmp_path / "copies").iterdir())) == 2
        assert les("backup", "copies", store=store).code == 0
        assert len(list((tmp_path / "copies").iterdir())) == 3

    def test_what_is_typed_wrongly(self, les, store, tmp_path):
        (tmp_path / "copy.les").write_text("a letter", encoding="utf-8")
        assert les("backup", "copy.les", "--keep", "2", store=store).code == 2
        for number in ("-1", "0"):
            assert les("backup", "copies", "--keep", number, store=store).code == 2
        assert not (tmp_path / "copies").exists()
        refused = les("backup", "copy.les", store=store)
        assert (refused.code, (tmp_path / "copy.les").read_text("utf-8")) == (1, "a letter")
        assert les("backup", "copy.les", "--yes", store=store).code == 0
        assert les("restore", "none.les", "--yes", store=store).code == 1

    def test_a_synchronised_folder_is_reported(self, les, store, tmp_path):
        (tmp_path / "OneDrive - NHS").mkdir()
        done = les("backup", "OneDrive - NHS", store=store)
        assert done.code == 0
        assert "copied to other machines by OneDrive" in done.err
        moved = shutil.copy(store, tmp_path / "OneDrive - NHS" / "practice.les")
        assert "OneDrive copies to other machines" in les("claims", store=moved).err


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps lists of permissions instead")
def test_every_file_written_is_readable_by_its_owner_alone(les, store, tmp_path):
    """Even if the person's umask would let everybody read it."""
    before = set(tmp_path.rglob("*"))
    umask = os.umask(0)
    try:
        deep = tmp_path / "above" / "new" / "practice.les"
        assert les("init", "--practice", "A82038", "--name", "Any", store=deep).code == 0
        for suffix in ("csv", "xlsx", "html", "json", "md"):
            assert les("recall", "--as-of", "2026-06-05", "--out", f"recall.{suffix}", store=store).code == 0
        assert les("backup", "all/copies", "--keep", "2", store=store).code == 0
        (copy,) = (tmp_path / "all" / "copies").iterdir()
        assert les("restore", copy, "--yes", store=store).code == 0
        assert les("restore", copy, store=tmp_path / "drill" / "practice.les").code == 0
    finally:
        os.umask(umask)
    written = set(tmp_path.rglob("*")) - before - {tmp_path / "home"}
    assert len([path for path in written if path.is_file()]) >= 9
    assert {path.name: oct(path.stat().st_mode) for path in written if path.stat().st_mode & 0o077} == {}


def test_a_store_is_not_made_on_a_network_share(les, tmp_path, monkeypatch):
    monkeypatch.setattr("lescli.store.database.location.network_share", lambda path: "nfs4")
    done = les("init", "--practice", "A82038", "--name", "Any", store=tmp_path / "new.les")
    assert done.code == 1
    assert "network share (nfs4)" in done.err
    assert not (tmp_path / "new.les").exists()


@pytest.mark.skipif(os.name == "nt", reason="such a name is only one that is not there")
@pytest.mark.parametrize(
    "words",
    [
        ("doctor",),
        ("init", "--practice", "A82038", "--name", "Any"),
        ("backup", "{}"),
        ("restore", "{}"),
        ("encrypt", "--key-file", "{}"),
        ("import", "{}"),
    ],
)
def test_a_path_that_the_system_refuses_is_reported_in_one_line(les, store, words):
    """A folder of another user is one case. A name that is too long fails for every user, and must not be repeated."""
    if "encrypt" in words:
        les("decrypt", "--yes", store=store)
    place = "Sentinelle" + "a" * 300
    own = "{}" in words
    done = les(*(word.replace("{}", place) for word in words), store=store if own else store.with_name(place))
    assert done.code == 1
    (line,) = done.err.splitlines()
    assert line.startswith("les: a file or folder that was named cannot be used: ")
    assert place not in line


class TestDoctor:
    def state(self, done) -> dict[str, tuple[str, str]]:
        return {check["check"]: (check["state"], check["what"]) for check in done.json["checks"]}

    def test_a_machine_that_is_set_up_right(self, les, store):
        assert les("backup", "copies", "--keep", "2", store=store).code == 0
        done = les("doctor", "--as-of", "2026-06-12", "--json", store=store)
        assert {check["check"]: check for check in done.json["checks"] if check["state"] != "ok"} == {}
        assert done.code == 0
        assert les("doctor", "--as-of", "2026-06-13", store=store).code == 3

    def test_what_is_wrong_is_told_with_how_to_mend_it(self, les, store, tmp_path):
        if os.name == "posix":
            store.chmod(0o644)
        left = (".les-abc.part", ".les-abc.part-journal", f"{store.name}.new", f"{store.name}.new-journal")
        for name in left:
            (tmp_path / name).touch()
        done = les("doctor", "--as-of", "2026-06-12", "--json", store=store)
        assert done.code == 3
        assert all(name in self.state(done)["leftovers"][1] for name in left)
        found = self.state(done)
        assert found["backup"] == ("attention", "none was made of this store")
        assert found["leftovers"][0] == "attention"
        if os.name == "posix":
            assert found["permissions"] == ("attention", "the store: others may read or write it (0o644)")
        mended = json.loads(done.out)["checks"]
        assert all(check["fix"] for check in mended if check["state"] == "attention")

    def test_without_a_store_it_says_how_to_make_one(self, les, tmp_path):
        done = les("doctor", "--json", store=tmp_path / "new" / "practice.les")
        assert done.code == 3
        assert self.state(done)["store"][0] == "attention"
        assert not (tmp_path / "new").exists()

    @pytest.mark.plain_only("an encrypted file that is damaged does not open at all")
    def test_a_store_that_does_not_open(self, les, store):
        store.write_bytes(b"nothing")
        done = les("doctor", "--json", store=store)
        assert done.code == 3
        assert "damaged" in self.state(done)["store"][1]
