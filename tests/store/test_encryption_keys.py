"""Only their owner can read key files that les makes, les refuses others, and commands find keys by themselves."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lescli.errors import Exit, LesError, LockedError
from lescli.model import Practice
from lescli.store import create_store, open_store
from lescli.store.database import encryption
from lescli.store.database.encryption import Key, key_of, keys_to_try, make_key_file, read_key_file
from lescli.store.safety.rekey import key_from_passphrase, key_in_file

pytestmark = pytest.mark.plain_only("makes stores of both kinds itself")

PRACTICE = Practice(ods_code="A82038", name="Test Surgery")
WORDS = "four random words say"

posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions are others there")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty key folder for the test, no LES_KEY_FILE, and nobody at a terminal."""
    monkeypatch.delenv("LES_KEY_FILE", raising=False)
    monkeypatch.setattr(encryption, "key_folder", lambda: tmp_path / "keys")
    monkeypatch.setattr(encryption, "at_a_terminal", lambda: False)
    monkeypatch.setattr(encryption, "_known", {})
    return tmp_path / "keys"


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let a person at the terminal type these texts, one after the other."""
    answers: list[str] = []
    monkeypatch.setattr(encryption, "at_a_terminal", lambda: True)
    monkeypatch.setattr(encryption, "typed", lambda _: answers.pop(0))
    return answers


def opens(path: Path) -> bool:
    with open_store(path) as store:
        return store.practice == PRACTICE


def refused(path: Path) -> str:
    """The one-line error (exit 4) of a store that cannot be opened."""
    with pytest.raises(LockedError) as fault:
        open_store(path)
    assert fault.value.exit_code == Exit.LOCKED
    assert "\n" not in str(fault.value)
    return str(fault.value)


def test_a_new_key_is_64_random_digits_that_only_the_owner_reads(tmp_path: Path) -> None:
    one, two = make_key_file(tmp_path / "one.key"), make_key_file(tmp_path / "two.key")
    assert one != two
    text = (tmp_path / "one.key").read_text()
    assert len(text.strip()) == 64
    assert set(text.strip()) <= set("0123456789abcdef")
    if sys.platform != "win32":
        assert (tmp_path / "one.key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(LesError):
        make_key_file(tmp_path / "one.key")
    assert read_key_file(tmp_path / "one.key") == one


def test_a_key_is_not_in_its_repr(tmp_path: Path) -> None:
    key = make_key_file(tmp_path / "one.key")
    digits = (tmp_path / "one.key").read_text().strip()
    assert digits in key.spec
    assert digits not in repr(key) + str(key) + f"{key}"


@pytest.mark.parametrize("written", ["{}", "{}\n", "{}\r\n", " {} \n", "\ufeff{}\r\n"])
def test_a_key_file_may_have_passed_through_an_editor(tmp_path: Path, written: str) -> None:
    path = tmp_path / "one.key"
    key = make_key_file(path)
    digits = path.read_text().strip()
    path.write_text(written.format(digits.upper()), encoding="utf-8", newline="")
    assert read_key_file(path) == key


@pytest.mark.parametrize(
    "content", [b"", b"ab" * 31, b"ab" * 33, b"xy" * 32, b"a" * 63 + b"\n", "ab".encode("utf-16") * 32]
)
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "one.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(LockedError, match="not a key file") as fault:
        read_key_file(path)
    assert "abab" not in str(fault.value)


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610])
def test_a_key_that_others_can_read_is_refused_with_the_cure(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "one.key"
    make_key_file(path)
    path.chmod(mode)
    with pytest.raises(LockedError, match=f"chmod 600 {path}"):
        read_key_file(path)
    path.chmod(0o400)
    read_key_file(path)


@pytest.mark.parametrize("use", [read_key_file, make_key_file])
def test_a_key_given_as_a_file_name_is_refused_and_not_repeated(tmp_path: Path, use: Callable[[Path], Key]) -> None:
    with pytest.raises(LockedError) as fault:
        use(tmp_path / ("ab" * 32))
    assert "abab" not in str(fault.value)
    assert list(tmp_path.iterdir()) == []


@posix
def test_a_pipe_is_refused_as_a_key_file_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(LockedError, match="no ordinary file"):
        read_key_file(tmp_path / "pipe")


@posix
def test_a_key_in_a_folder_whose_name_is_not_utf_8_is_found_again(tmp_path: Path) -> None:
    place = tmp_path / os.fsdecode(b"caf\xe9") / "les.key"
    make_key_file(place)
    encryption.remember(place)
    assert encryption.known_key_files() == (place,)


@posix
def test_a_key_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_key_file(tmp_path / "one.key")
    monkeypatch.setattr(os, "geteuid", lambda: (tmp_path / "one.key").stat().st_uid + 1)
    with pytest.raises(LockedError, match="belongs to another user"):
        read_key_file(tmp_path / "one.key")


def test_the_named_key_file_is_the_only_one_tried(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_store(tmp_path / "a.les", PRACTICE, make_key_file(folder / "right.key")).close()
    make_key_file(tmp_path / "wrong.key")
    assert opens(tmp_path / "a.les")
    monkeypatch.setenv("LES_KEY_FILE", str(tmp_path / "wrong.key"))
    assert "does not open" in refused(tmp_path / "a.les")
    monkeypatch.setenv("LES_KEY_FILE", str(tmp_path / "none.key"))
    assert "cannot be read" in refused(tmp_path / "a.les")
    monkeypatch.setenv("LES_KEY_FILE", "")
    assert opens(tmp_path / "a.les")


def test_any_key_in_the_key_folder_opens_the_store(tmp_path: Path, folder: Path) -> None:
    stores = []
    for name in ("a", "b", "c"):
        stores.append(tmp_path / f"{name}.les")
        create_store(stores[-1], PRACTICE, make_key_file(folder / f"{name}.key")).close()
    assert all(opens(path) for path in stores)


def test_a_key_file_elsewhere_is_remembered_and_may_be_missing(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    with key_in_file(stick / "one.key", "A82038") as chosen:
        create_store(tmp_path / "a.les", PRACTICE, chosen.key).close()
    assert opens(tmp_path / "a.les")
    stick.rename(tmp_path / "away")
    assert "its key was not found" in refused(tmp_path / "a.les")
    (tmp_path / "away").rename(stick)
    assert opens(tmp_path / "a.les")


@posix
def test_an_unusable_key_is_skipped_and_named_only_when_no_key_opens(tmp_path: Path, folder: Path) -> None:
    right = make_key_file(folder / "right.key")
    make_key_file(folder / "a-wide.key")
    (folder / "a-wide.key").chmod(0o644)
    create_store(tmp_path / "a.les", PRACTICE, right).close()
    assert opens(tmp_path / "a.les")
    (folder / "right.key").unlink()
    assert "chmod 600" in refused(tmp_path / "a.les")


@posix
def test_no_key_is_made_on_a_disk_without_permissions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A USB stick is mounted with one mode for every file."""
    stat, made = os.fstat, tmp_path / "stick" / "les.key"

    def open_to_all(handle: int) -> os.stat_result:
        found = list(stat(handle))
        found[0] |= 0o055
        return os.stat_result(found)

    monkeypatch.setattr(encryption.os, "fstat", open_to_all)
    with pytest.raises(LesError, match="keeps no permissions"):
        make_key_file(made)
    assert not made.exists()


@posix
def test_the_passphrase_prompt_names_the_keys_that_were_skipped(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_store(tmp_path / "practice.les", PRACTICE, make_key_file(folder / "one.key")).close()
    (folder / "one.key").chmod(0o644)
    asked: list[str] = []
    monkeypatch.setattr(encryption, "at_a_terminal", lambda: True)
    monkeypatch.setattr(encryption, "typed", lambda prompt: asked.append(prompt) or WORDS)
    refused(tmp_path / "practice.les")
    (prompt,) = asked
    assert f"chmod 600 {folder / 'one.key'}\nPassphrase of " in prompt


def test_each_new_key_has_its_own_name(tmp_path: Path, folder: Path) -> None:
    made = []
    for _ in range(3):
        with key_in_file(None, "A82038") as chosen:
            made.append(chosen)
    assert [chosen.file.name for chosen in made if chosen.file] == ["A82038.key", "A82038-2.key", "A82038-3.key"]
    assert len({chosen.key.spec for chosen in made}) == 3


@pytest.mark.parametrize("there", [True, False])
def test_a_failed_command_removes_the_key_it_made_and_no_other(tmp_path: Path, there: bool) -> None:
    path = tmp_path / "one.key"
    if there:
        make_key_file(path)
    with pytest.raises(ZeroDivisionError), key_in_file(path, "A82038"):
        assert path.exists()
        raise ZeroDivisionError
    assert path.exists() == there


def test_a_passphrase_may_have_any_characters_and_is_asked_for_again_when_wrong(
    tmp_path: Path, person: list[str]
) -> None:
    words = "it's \"quoted\"; -- and x'00' %s ünïcode ☕"
    create_store(tmp_path / "a.les", PRACTICE, key_of(words)).close()
    person[:] = ["not those words", words]
    assert "does not open" in refused(tmp_path / "a.les")
    assert opens(tmp_path / "a.les")


def test_a_command_asks_for_a_passphrase_once(tmp_path: Path, person: list[str]) -> None:
    path = tmp_path / "a.les"
    person[:] = [WORDS]
    assert next(keys_to_try(path)) == key_of(WORDS)
    assert next(keys_to_try(path)) == key_of(WORDS)
    person[:] = [WORDS * 2, WORDS * 2]
    with key_from_passphrase(path) as chosen:
        pass
    assert next(keys_to_try(path)) == chosen.key == key_of(WORDS * 2)


def test_a_passphrase_is_the_same_from_every_keyboard() -> None:
    assert key_of("café au lait every day") == key_of("cafe\u0301 au lait every day")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["x" * 14], "at least 15"),
        (["x" * 14 + "\t"], "visible characters"),
        (["x" * 15, "x" * 15 + " "], "differ"),
    ],
)
def test_a_poor_or_mistyped_passphrase_is_refused(
    tmp_path: Path, person: list[str], typed: list[str], said: str
) -> None:
    person[:] = typed
    with pytest.raises(LesError, match=said) as fault, key_from_passphrase(tmp_path / "a.les"):
        pass
    assert "xxx" not in str(fault.value)


def test_without_a_terminal_no_passphrase_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(LockedError, match="no terminal"), key_from_passphrase(tmp_path / "a.les"):
        pass
    assert list(keys_to_try(tmp_path / "a.les")) == []


def test_leaving_the_prompt_interrupts_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("getpass.getpass", gone)
    with pytest.raises(KeyboardInterrupt):
        encryption.typed("Passphrase: ")


def test_without_the_extra_no_key_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlcipher3", None)
    with pytest.raises(LockedError, match="pip install"), key_in_file(tmp_path / "one.key", "A82038"):
        pass
    assert not (tmp_path / "one.key").exists()
    assert isinstance(key_of(WORDS), Key)
