"""An encrypted store in a practice: made, used, given another key, and what les says without its key."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lescli.store import audit_trail, open_store
from lescli.store.database import encryption
from tests.store_content import content_of

pytestmark = pytest.mark.plain_only("makes stores of both kinds itself")

INIT = ("init", "--practice", "A82038", "--name", "Example Surgery")
WORDS = "four random words say"


@pytest.fixture
def les(les_here, tmp_path, monkeypatch):
    """`les` without a key in the environment, a key folder of the test's own, and nobody at a terminal."""
    monkeypatch.delenv("LES_KEY_FILE", raising=False)
    monkeypatch.setattr(encryption, "key_folder", lambda: tmp_path / "keys")
    monkeypatch.setattr(encryption, "at_a_terminal", lambda: False)
    monkeypatch.setattr(encryption, "_known", {})

    def run(*arguments, store):
        encryption._known.clear()  # what another process would not know
        return les_here(*arguments, store=store)

    return run


@pytest.fixture
def person(monkeypatch):
    """Somebody at the terminal, who types these one after the other."""
    answers: list[str] = []
    monkeypatch.setattr(encryption, "at_a_terminal", lambda: True)
    monkeypatch.setattr(encryption, "typed", lambda _: answers.pop(0))
    return answers


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "practice" / "new.les"


@pytest.fixture
def plain(les, store) -> Path:
    """A plain store with patients, whatever kind the suite runs on."""
    les("decrypt", "--yes", store=store)
    assert is_plain(store)
    return store


def is_plain(path: Path) -> bool:
    """Whether any SQLite can read it."""
    return path.read_bytes().startswith(b"SQLite format 3")


def one_line(done, code: int) -> str:
    assert (done.code, done.out) == (code, "")
    (line,) = done.err.splitlines()
    return line


def test_init_makes_the_key_and_every_verb_finds_it(les, path, tmp_path, activity_file):
    made = les(*INIT, "--encrypted", store=path)
    key = tmp_path / "keys" / "A82038.key"
    assert made.code == 0
    assert str(key) in made.err
    assert key.read_text().strip() not in made.err
    if sys.platform != "win32":
        assert key.stat().st_mode & 0o777 == 0o600
        assert key.parent.stat().st_mode & 0o777 == 0o700
    row = "9990000018,Sentinelle,Philippa,1948-03-02,female,2010-01-05,2026-05-04,700139004,Denosumab,Face to face,B,e1"
    assert les("import", activity_file(row), store=path).code == 0
    assert les("services", "sign", "denosumab", "--from", "2026-04-01", store=path).code == 0
    claim = les("claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05", "--json", store=path)
    assert claim.json["considered"] == 1
    assert not is_plain(path)
    assert b"Sentinelle" not in path.read_bytes()


def test_a_second_store_gets_a_key_of_its_own(les, path, tmp_path):
    assert les(*INIT, "--encrypted", store=path).code == 0
    assert les(*INIT, "--encrypted", store=path.with_name("two.les")).code == 0
    assert len(list((tmp_path / "keys").glob("*.key"))) == 2
    assert les("claims", store=path).code == les("claims", store=path.with_name("two.les")).code == 0


def test_init_where_a_store_is_makes_no_key(les, path, tmp_path):
    assert les(*INIT, store=path).code == 0
    again = les(*INIT, "--encrypted", store=path)
    assert "already a file" in one_line(again, 1)
    assert not (tmp_path / "keys").exists()
    assert is_plain(path)


def test_a_key_file_of_ones_own_is_made_remembered_and_told_of_when_it_lies_with_the_store(les, path, tmp_path):
    far = les(*INIT, "--key-file", tmp_path / "stick" / "les.key", store=path)
    assert "own folder" not in far.err
    near = les(*INIT, "--key-file", path.parent / "les.key", store=path.with_name("two.les"))
    assert "own folder" in near.err
    assert (far.code, near.code) == (0, 0)
    assert les("claims", store=path).code == les("claims", store=path.with_name("two.les")).code == 0


def test_an_empty_file_that_a_killed_command_left_in_place_of_a_key_is_no_hindrance(les, path, tmp_path):
    empty = tmp_path / "les.key"
    empty.touch(mode=0o600)
    assert les(*INIT, "--key-file", empty, store=path).code == 0
    assert len(empty.read_bytes()) == 65
    other = les(*INIT, "--key-file", empty, store=path.with_name("two.les"))
    assert (other.code, len(empty.read_bytes())) == (0, 65)


def test_the_named_key_file_is_used_and_encrypts_a_new_store(les, path, tmp_path, monkeypatch):
    monkeypatch.setenv("LES_KEY_FILE", str(tmp_path / "les.key"))
    assert les(*INIT, store=path).code == 0
    assert not is_plain(path)
    assert (tmp_path / "les.key").exists()
    assert les("claims", store=path).code == 0


def test_a_missing_a_wrong_and_an_open_key_end_with_4_and_one_line(les, path, tmp_path, monkeypatch):
    assert les(*INIT, "--encrypted", store=path).code == 0
    key = tmp_path / "keys" / "A82038.key"
    before = path.read_bytes()
    moved = key.rename(tmp_path / "moved.key")
    assert "LES_KEY_FILE" in one_line(les("claims", store=path), 4)
    encryption.make_key_file(tmp_path / "other.key")
    for named, said in (("other.key", "does not open"), ("none.key", "cannot be read"), (path.name, "cannot be read")):
        monkeypatch.setenv("LES_KEY_FILE", str(tmp_path / named))
        assert said in one_line(les("claims", store=path), 4)
    monkeypatch.setenv("LES_KEY_FILE", str(moved))
    if sys.platform != "win32":
        moved.chmod(0o644)
        assert f"chmod 600 {moved}" in one_line(les("claims", store=path), 4)
        moved.chmod(0o600)
    assert path.read_bytes() == before
    assert les("claims", store=path).code == 0


def test_a_damaged_page_ends_any_verb_with_one_line(les, plain):
    assert les("encrypt", store=plain).code == 0
    content = bytearray(plain.read_bytes())
    for page in range(1, len(content) // 4096):
        content[page * 4096 + 100] ^= 1
    plain.write_bytes(content)
    assert "damaged" in one_line(les("register", "denosumab", store=plain), 1)


def test_the_cipher_writes_no_lines_of_its_own(les, plain, tmp_path, monkeypatch):
    """It would write them directly, not through Python, so a separate process is run."""
    assert les("encrypt", store=plain).code == 0
    encryption.make_key_file(tmp_path / "other.key")
    monkeypatch.setenv("LES_KEY_FILE", str(tmp_path / "other.key"))
    command = [sys.executable, "-m", "lescli", "claims", "--store", str(plain)]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 4
    (line,) = done.stderr.splitlines()
    assert "does not open" in line


def test_a_store_under_a_passphrase(les, path, person):
    person[:] = [WORDS, WORDS]
    assert les(*INIT, "--passphrase", store=path).code == 0
    person[:] = [WORDS]
    assert les("claims", store=path).code == 0
    person[:] = ["some other words"]
    wrong = one_line(les("claims", store=path), 4)
    assert "does not open" in wrong
    assert "other words" not in wrong


def test_the_two_ways_to_a_key_exclude_one_another(les, path):
    both = les(*INIT, "--passphrase", "--key-file", "les.key", store=path)
    assert "choose one" in one_line(both, 2)
    assert not path.exists()


def test_a_plain_store_is_encrypted_and_its_reader_is_told_what_stays_plain(les, plain, tmp_path):
    claims = les("claims", "--json", store=plain).out
    register = les("register", "denosumab", "--json", store=plain).out
    assert b"Sentinelle" in plain.read_bytes()
    assert les("backup", "earlier.les", store=plain).code == 0
    (tmp_path / ".les-any.part").write_bytes(b"half of a list")
    (tmp_path / "letter.les").write_text("no store", encoding="utf-8")
    done = les("encrypt", store=plain)
    assert done.code == 0
    assert "earlier backups, copies and exports are not encrypted" in done.err
    assert "files beside the store that are not encrypted: .les-any.part, earlier.les\n" in done.err
    assert not is_plain(plain)
    assert b"Sentinelle" not in plain.read_bytes()
    assert les("claims", "--json", store=plain).out == claims
    assert les("register", "denosumab", "--json", store=plain).out == register
    assert "encrypted already" in one_line(les("encrypt", store=plain), 1)
    assert len(list((tmp_path / "keys").glob("*.key"))) == 1


def test_a_restore_that_takes_the_key_off_or_changes_it_says_so(les, plain, tmp_path):
    assert les("backup", "plain.les", store=plain).code == 0
    assert les("encrypt", store=plain).code == 0
    assert les("backup", "first.les", store=plain).code == 0
    same = les("restore", "first.les", "--yes", store=plain)
    assert (same.code, same.err.count("encrypt"), same.err.count("key")) == (0, 0, 0)
    assert les("rekey", store=plain).code == 0
    other = les("restore", "first.les", "--yes", store=plain)
    assert (other.code, is_plain(plain)) == (0, False)
    assert "another key than" in other.err
    bare = les("restore", "plain.les", "--yes", store=plain)
    assert (bare.code, is_plain(plain)) == (0, True)
    assert "it is not encrypted, and the store it replaced was" in bare.err


def test_rekey_makes_a_new_key_and_keeps_the_old_one_for_old_backups(les, plain, tmp_path, person):
    assert "`les encrypt`" in one_line(les("rekey", store=plain), 1)
    assert les("encrypt", store=plain).code == 0
    old = tmp_path / "keys" / "A82038.key"
    backup = tmp_path / "backup.les"
    backup.write_bytes(plain.read_bytes())
    done = les("rekey", store=plain)
    assert done.code == 0
    assert "keep the old key" in done.err
    assert les("claims", store=plain).code == les("claims", store=backup).code == 0
    old.rename(tmp_path / "away.key")
    person[:] = [WORDS]
    assert les("claims", store=plain).code == 0
    assert les("claims", store=backup).code == 4


def test_rekey_to_the_same_key_is_refused(les, path, tmp_path):
    assert les(*INIT, "--encrypted", store=path).code == 0
    before = content_of(path)
    same = les("rekey", "--key-file", tmp_path / "keys" / "A82038.key", store=path)
    assert "the store has that key already" in one_line(same, 1)
    assert content_of(path) == before
    assert (tmp_path / "keys" / "A82038.key").exists()


def test_rekey_tells_when_the_environment_names_the_old_key(les, path, tmp_path, monkeypatch):
    monkeypatch.setenv("LES_KEY_FILE", str(tmp_path / "les.key"))
    assert les(*INIT, store=path).code == 0
    done = les("rekey", store=path)
    assert done.code == 0
    assert "LES_KEY_FILE names another key file" in done.err
    assert les("claims", store=path).code == 4
    monkeypatch.delenv("LES_KEY_FILE")
    assert les("claims", store=path).code == 0
    with open_store(path) as store:
        assert audit_trail.newest(store, "rekey")


def test_decrypt_must_be_confirmed_with_yes(les, plain):
    assert "not encrypted" in one_line(les("decrypt", "--yes", store=plain), 1)
    assert les("encrypt", store=plain).code == 0
    assert "--yes" in one_line(les("decrypt", store=plain), 1)
    assert not is_plain(plain)
    done = les("decrypt", "--yes", store=plain)
    assert done.code == 0
    assert "keep its key" in done.err
    assert is_plain(plain)


def test_without_the_extra_it_is_said_what_to_install(les, path, plain, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "sqlcipher3", None)
    for arguments, store in (((*INIT, "--encrypted"), path), (("encrypt",), plain)):
        said = one_line(les(*arguments, store=store), 4)
        assert said == "les: this installation cannot encrypt a store; pip install 'lescli[encrypted]'"
    assert not path.exists()
    assert not (tmp_path / "keys").exists()
    assert les("claims", store=plain).code == 0
