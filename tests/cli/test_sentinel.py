"""One patient's name, number and date of birth go through every command made to fail, and come out nowhere.

Not on the screen, not in the audit trail, not in a temporary file: whatever the person typed, whatever stood in a file,
whatever a plugin or a library said when it broke.
"""

from __future__ import annotations

import inspect
import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib import import_module
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import typer
import xlsxwriter

import lescli_denosumab
from lescli.api import hookimpl
from lescli.cli.options import _COMMON
from lescli.cli.run import run
from lescli.cli.verb_table import VERBS
from lescli.errors import LesError
from lescli.store import Store, audit_trail
from lescli.store.database.connection import connect_found

ANN = "9990000018"
SENTINEL = (
    f"Sentinelle, PHILIPPA {ANN} 999 000 0018 999-000-0018 9,990,000,018 {ANN}.0 9.990000018E+09"
    " 1948-03-02 02/03/1948 02 Mar 1948 19480302"
)
NEVER = (
    *("sentinelle", "philippa", "1948-03-02", "02/03/1948", "02 mar 1948", "19480302"),
    *(ANN, "999 000 0018", "999-000-0018", "9,990,000,018", "9.990000018e"),
)
EXAMPLES = Path(__file__).parents[2] / "lescli" / "cli" / "examples.txt"


def example_of(verb: str) -> list[str]:
    """The first worked example of a verb, as words."""
    lines = EXAMPLES.read_text(encoding="utf-8").splitlines()
    words = [shlex.split(line)[1:] for line in lines if line.startswith("les ")]
    own = verb.split(" ")
    others = [other.split(" ") for other in VERBS if other.startswith(f"{verb} ")]
    return next(w for w in words if w[: len(own)] == own and w[:2] not in others)


def traces(content: bytes) -> list[str]:
    """The patient's words that are in there, in capitals or not, in UTF-8 or UTF-16."""
    low = content.lower()
    return [w for w in NEVER if any(w.encode(code) in low for code in ("utf-8", "utf-16-le", "utf-16-be"))]


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place for temporary files, those of SQLite too."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    for name in ("TMPDIR", "TEMP", "TMP", "SQLITE_TMPDIR"):
        monkeypatch.setenv(name, str(place))
    return place


@pytest.fixture
def removed(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The temporary files that were there for a while, kept when they are taken away: a killed command leaves them."""
    kept: list[bytes] = []

    def keeping(does: Callable[..., Any]) -> Callable[..., Any]:
        def keep(path: Any, *rest: Any, **named: Any) -> Any:
            for place in (Path(path), *Path(path).rglob("*")) if temporary in Path(path).parents else ():
                if place.is_file():
                    kept.append(place.read_bytes())
            return does(path, *rest, **named)

        return keep

    for module, name in ((os, "unlink"), (os, "remove"), (os, "replace"), (os, "rename"), (shutil, "rmtree")):
        monkeypatch.setattr(module, name, keeping(getattr(module, name)))
    return kept


def holds_patients(path: Path) -> bool:
    """A store or its journal, which may name them."""
    with path.open("rb") as file:
        return file.read(15) == b"SQLite format 3" or ".les" in path.name.removeprefix(".les-")


@pytest.fixture
def silent(les_here, temporary, removed, tmp_path, capfd):
    """Run a command that must fail, and check that what it leaves behind holds nothing of the patient."""

    def asked(*arguments: object, store: Path | None = None, codes: tuple[int, ...] = (1, 2, 3, 4)) -> Any:
        before = {path for path in tmp_path.rglob("*") if path.is_file()}
        removed.clear()
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            done = les_here(*arguments, store=store)
        assert done.code in codes, done
        # A list that was asked for may name her.
        said = [done.err, *([done.out] if done.code else []), *(str(each.message) for each in warned)]
        # What C wrote goes past Python's stderr.
        said += capfd.readouterr()
        left = [path for path in (tmp_path if done.code else temporary).rglob("*") if path.is_file()]
        if store is not None and store.is_file():
            said.append(audit_of(store))
        found = ["\n".join(said).encode("utf-8", "surrogatepass"), *removed]
        # A store holds patients, and so does what was asked for.
        asked_for = {tmp_path / str(word) for word in arguments}
        new = [path for path in left if path not in before and asked_for.isdisjoint((path, *path.parents))]
        found += [path.read_bytes() for path in new if not holds_patients(path)]
        found += [path.name.encode() for path in left if path not in before and path.is_relative_to(temporary)]
        assert [(traces(each), each) for each in found if traces(each)] == []
        assert "Traceback" not in "".join(said)
        return done

    return asked


def audit_of(store: Path) -> str:
    """Every cell of the audit trail."""
    try:
        connection, _ = connect_found(store)
        with closing(connection):
            return repr(connection.execute("SELECT * FROM audit").fetchall())
    except (sqlite3.DatabaseError, LesError):
        return ""  # a store that was broken on purpose


def parameters_of(verb: str) -> list[inspect.Parameter]:
    """The options and arguments of a verb that take a value; of one verb also those that every verb knows."""
    module, function, _ = VERBS[verb]
    found = inspect.signature(getattr(import_module(f"lescli.cli.{module}"), function)).parameters.values()
    own = [one for one in found if one.name != "context" and (verb == "claims" or one.name not in _COMMON)]
    return [one for one in own if get_args(one.annotation)[0] is not bool]


def with_her(verb: str) -> Iterator[list[str]]:
    """The verb's example with her in the place of each value in turn, and of all its arguments."""
    example, own = example_of(verb), verb.split(" ")
    options = example[next((at for at, word in enumerate(example) if word.startswith("-")), len(example)) :]
    for parameter in parameters_of(verb):
        kind, given, *_ = get_args(parameter.annotation)
        # Nobody can tell that a file's name is somebody's; a number in it is masked.
        value = f"{ANN}/{ANN}.csv" if Path in (kind, *get_args(kind)) else SENTINEL
        if isinstance(given, typer.models.OptionInfo):
            yield [*example, *(given.param_decls[:1] or [f"--{parameter.name}"]), value]
        else:
            yield [*own, value, *options]
            yield [*own, value, value, *options]


@pytest.mark.parametrize("verb", VERBS)
def test_a_mistyped_value_is_not_repeated(silent, store, tmp_path, verb):
    # What is to be written under a folder of that name cannot be.
    (tmp_path / ANN).write_text("", encoding="utf-8")
    silent(*example_of(verb), f"--nhs={SENTINEL}", codes=(2,))
    silent(*example_of(verb), "--as-of", SENTINEL, codes=(2,))
    for words in with_her(verb):
        silent(*words, store=store, codes=(0, 1, 2, 3, 4))


@pytest.mark.parametrize(
    "words",
    [
        ("--format", SENTINEL),
        ("--out", f"{SENTINEL.replace('/', ' ')}.doc"),
        (ANN, "1948-03-02"),
        ("--owed=Sentinelle",),
    ],
)
def test_a_value_the_parser_would_quote_is_not_repeated(silent, words):
    silent("claims", *words, codes=(2,))


HERE: dict[str, list[str]] = {
    "a service": ["report", "Sentinelle", "--period", "2026-05"],
    "a service to claim for": ["claim", "Sentinelle", ANN, "--month", "2026-05"],
    "a service to recall for": ["recall", "Sentinelle"],
    "a month": ["claim", "--month", SENTINEL],
    "a period": ["report", "denosumab", "--period", SENTINEL],
    "a claim": ["claims", "show", "Sentinelle-1948-03-02"],
    "a claim to pay": ["claims", "pay", "Sentinelle-2026-05", "--amount", "1.00", "--on", "2026-06-01"],
    "a claim to reverse": ["claims", "reverse", "Sentinelle-2026-05", "--row", "1", "--reason", SENTINEL],
    "a row": ["claims", "reverse", "denosumab-2026-05", "--row", ANN, "--reason", "x"],
    "an amount": ["claims", "pay", "denosumab-2026-05", "--amount", SENTINEL, "--on", "2026-06-01"],
    "a number with a slip": ["explain", "denosumab", "--patient", "9990000019 Sentinelle"],
    "a number nobody has": ["register", "denosumab", "--end", "9990000042", "--on", "2026-05-01", "--reason", SENTINEL],
    "a detail": ["register", "denosumab", "--add", ANN, "--set", "first_dose_on=Sentinelle 1948-03-02x"],
    "a detail that is not there": ["register", "denosumab", "--add", ANN, "--set", f"{ANN}=Sentinelle"],
    "a means": ["invite", "denosumab", ANN, "--on", "2026-05-01", "--by", "Sentinelle"],
    "an outcome": ["invite", "denosumab", ANN, "--on", "2026-05-01", "--by", "phone", "--outcome", SENTINEL],
    "a kind of incident": ["incident", "denosumab", "--kind", "Sentinelle", "--on", "2026-05-01", "--patient", ANN],
    "a term": ["services", "set", "denosumab", f"price.injection={SENTINEL}", "--from", "2026-05-01", "--source", "x"],
    "a setting": ["services", "set", "denosumab", "setting.claims_from=Sentinelle 1948-03-02", "--from", "2026-05-01",
                  "--source", "x"],
    "a practice": ["init", "--practice", SENTINEL, "--name", SENTINEL],
    "a time within": ["recall", "--within", SENTINEL],
    "a profile": ["import", "nothing.csv", "--profile", SENTINEL],
    "an ods code": ["services", "sign", "Sentinelle", "--from", "2026-05-01", "--source", SENTINEL],
    "no verb": [f"{ANN}", "Sentinelle"],
    "a seed": ["evidence", "denosumab", "--period", "2026-05", "--out", "pack", "--sample", SENTINEL],
    "a threshold": ["report", "denosumab", "--period", "2026-05", "--suppress", SENTINEL],
}  # fmt: skip


@pytest.mark.parametrize("what", HERE)
def test_a_value_that_is_wrong_is_not_repeated(silent, store, what):
    silent(*HERE[what], store=store)


HEADER = "nhs_number,family_name,given_name,date_of_birth,sex,date,code"
ROW = f"{ANN},Sentinelle,Philippa,1948-03-02,female,2026-05-04,700139004"


def zip_of(members: dict[str, bytes]) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as written:
        for name, content in members.items():
            written.writestr(name, content)
    return made.getvalue()


def workbook_of(rows: list[list[str]]) -> bytes:
    made = BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as written:
        sheet = written.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        # A date that is none: openpyxl warns of it with its number.
        sheet.write_number(5, 4, float(ANN), written.add_format({"num_format": "dd/mm/yyyy"}))
    return made.getvalue()


def damaged(content: bytes) -> bytes:
    middle = content[: len(content) // 3]
    return middle + bytes(20) + content[len(middle) + 20 :]


FILES: dict[str, bytes] = {
    "no header": f"{ROW}\n{ROW}\n".encode(),
    "unclosed quote": f'{HEADER}\n{ANN},"Sentinelle,Philippa,1948-03-02\n'.encode(),
    "header twice": f"{HEADER},sex\n{ROW},male\n".encode(),
    "a number in the header": f"{HEADER},{ANN}\n{ROW},x\n{ROW}\n".encode(),
    "truncated": f"{HEADER}\n{ROW}\n{ANN},Sentin".encode(),
    "half a bundle": f'{{"resourceType": "Bundle", "entry": [{{"id": "{ANN}", "name": "Sentinelle"'.encode(),
    "a bundle of something": f'{{"resourceType": "Bundle", "entry": "Sentinelle {ANN}"}}'.encode(),
    "a deep bundle": b"[" * 100_000,
    "json of another kind": f'{{"Sentinelle": "{ANN}"}}'.encode(),
    "toml of names": f'Sentinelle = "{ANN}"\nSentinelle = 1\n'.encode(),
    "a table twice": b"[Sentinelle]\n[Sentinelle]\n",
    "binary": SENTINEL.encode("utf-16")[:-1] + bytes(range(256)),
    "zip": b"PK\x03\x04" + SENTINEL.encode() * 20,
    "utf-16": f"{HEADER}\n{ROW}\n{ANN},Sentin".encode("utf-16"),
    "a number as a spreadsheet writes it": f"{HEADER}\n{ROW.replace(ANN, '9.990000018E+09')},x\n".encode(),
    "damaged zip": damaged(zip_of({"a.csv": f"{HEADER}\n{ROW}\n".encode() * 99})),
    "damaged workbook": damaged(workbook_of([HEADER.split(","), *[ROW.split(",")] * 99])),
    "workbook cut short": workbook_of([HEADER.split(","), *[ROW.split(",")] * 99])[:-300],
    "zip of what is damaged": zip_of({f"{ANN}.csv": f'{HEADER}\n{ANN},"Sentinelle\n'.encode(), "b.json": b"{"}),
}


ANY_READER = ("unclosed quote", "a number in the header", "a table twice", "binary")
LOADS = ("import", "register denosumab --load", "services set denosumab --load", "restore --yes")


@pytest.mark.parametrize("command", LOADS)
def test_the_content_of_a_broken_file_is_not_repeated(silent, store, tmp_path, command):
    # The other commands read one kind of file each.
    contents = list(FILES.values()) if command == "import" else [FILES[name] for name in ANY_READER]
    for number, content in enumerate(contents):
        path = tmp_path / f"given-{number}.csv"
        path.write_bytes(content)
        silent(*command.split(" "), path, "-v", store=store)


REFUSED = (
    "9990000019,Sentinelle,Philippa,1948-03-02,female,2026-05-04,700139004",
    f"{ANN},Sentinelle,Philippa,02/03/1948x,female,2026-05-04,700139004",
    f"{ANN},Sentinelle,Philippa,1948-03-02,Sentinelle,2026-05-04,700139004",
    f"{ANN},Sentinelle,Philippa,1948-03-02,female,2026-05-04,Sentinelle {ANN}",
)


def test_quarantined_rows_are_reported_without_it(silent, store, tmp_path):
    path = tmp_path / "given.csv"
    path.write_text("\n".join([HEADER, *REFUSED]) + "\n", encoding="utf-8")
    done = silent("import", path, "--json", store=store)
    assert done.json["files"][0]["quarantined"] == len(REFUSED)
    silent("quarantine", "--json", store=store, codes=(0,))


def breaks(*_: object, **__: object) -> Any:
    """What a library or a plugin may say when it breaks: everything it was looking at."""
    raise KeyError(SENTINEL)


def leaves(*_: object, **__: object) -> Any:
    raise SystemExit(SENTINEL)


ASKS_A_PLUGIN = {
    "register": ["register", "denosumab"],
    "recall": ["recall", "denosumab"],
    "claim": ["claim", "denosumab", "--month", "2026-05", "--rows"],
    "submit": ["claim", "denosumab", "--month", "2026-05", "--submit", "--by", "A"],
    "report": ["report", "denosumab", "--period", "2026-05", "--rows"],
    "explain": ["explain", "denosumab", "--patient", ANN],
    "status": ["status"],
    "enter": ["register", "denosumab", "--add", ANN],
}
HOOKS = {"recall": "les_recall", "claim": "les_claim", "submit": "les_claim", "report": "les_report",
         "status": "les_claim"}  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "fault"), [*((asked, breaks) for asked in ASKS_A_PLUGIN), ("recall", leaves), ("submit", leaves)]
)
def test_what_a_plugin_says_when_it_breaks_is_not_repeated(silent, store, monkeypatch, asked, fault):
    import lescli.services.service as catalog

    hook = HOOKS.get(asked, "les_register")
    plugin = SimpleNamespace(**{"les_service": lescli_denosumab.les_service, hook: hookimpl(fault)})
    point = SimpleNamespace(name="denosumab", load=lambda: plugin)
    monkeypatch.setattr(catalog, "entry_points", lambda group: [point])
    done = silent(*ASKS_A_PLUGIN[asked], "--as-of", "2026-06-05", store=store)
    assert hook in done.err
    assert hook in silent(*ASKS_A_PLUGIN[asked], "--as-of", "2026-06-05", "-v", store=store).err
    if asked == "recall":
        # If no list could be made, les must not say that nobody is due.
        assert (done.code, done.out) == (1, "")


def test_what_a_plugin_says_when_it_does_not_load_is_not_repeated(silent, store, monkeypatch):
    import lescli.services.service as catalog

    point = SimpleNamespace(name="denosumab", load=breaks)
    monkeypatch.setattr(catalog, "entry_points", lambda group: [point])
    silent("recall", store=store)
    silent("services", "--json", store=store, codes=(0, 3))


FAULTS = (
    KeyError(SENTINEL),
    sqlite3.OperationalError(SENTINEL),
    KeyboardInterrupt(SENTINEL),
    MemoryError(SENTINEL),
    OSError(5, SENTINEL, SENTINEL),
    UnicodeDecodeError("utf-8", SENTINEL.encode(), 0, 1, SENTINEL),
    RecursionError(SENTINEL),
    sqlite3.DatabaseError(SENTINEL),
    ValueError(SENTINEL),
)
PLACES = {
    "asking the store": ("lescli.store.database.connection.Store.rows",),
    "at the end of a transaction": (
        "lescli.store.audit_trail._with_the_change",
        "lescli.store.database.connection.Store._not_replaced",
    ),
    "opening the store": ("lescli.store.database.migrate.check_ours", "lescli.store.database.connection.make"),
    "reading a file": ("lescli.cli.services.read_service", "lescli.readers.recognise.chosen_profile"),
    "showing": tuple(f"lescli.cli.options.Common.{name}" for name in ("show", "done", "tell", "ready")),
}
WRITES = {
    "init": ["init", "--practice", "A82038", "--name", "Test", "--store", "new.les"],
    "restore": ["restore", "copy.les", "--store", "new.les"],
    "services check": ["services", "check", "service.toml"],
    "services add": ["services", "add", "service.toml"],
    "register": ["register", "denosumab", "--add", ANN, "--set", "first_dose_on=2026-05-04"],
    "claim": ["claim", "denosumab", "--month", "2026-05", "--submit", "--yes", "--by", "A", "--as-of", "2026-06-05"],
    "quarantine": ["quarantine", "--settle", "1", "--why", "x", "--by", "A"],
    "encrypt": ["encrypt", "--key-file", "new.key"],
}
"""What to ask of a verb that also writes, or whose example needs a file that is not there."""


@pytest.fixture(scope="session")
def claimed_once(prepared_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a submitted claim."""
    path = Path(shutil.copy(prepared_store, tmp_path_factory.mktemp("claimed") / "practice.les"))
    assert run([*WRITES["claim"], "--store", str(path), "--quiet"]) == 0
    return path


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_that_breaks_says_where_and_names_no_patient(silent, claimed_once, tmp_path, monkeypatch, verb):
    """A library's words when it breaks inside a verb, with `-v` too. A new verb must be seen to break here."""
    store = Path(shutil.copy(claimed_once, tmp_path / "practice.les"))
    shutil.copy(claimed_once, tmp_path / "copy.les")
    shutil.copy(Path(lescli_denosumab.__file__).with_name("service.toml"), tmp_path)
    (tmp_path / "activity.csv").write_text(f"{HEADER}\n{ROW}\n", encoding="utf-8")
    words = [*WRITES.get(verb, example_of(verb)), "-v"]
    broken = []
    for number, (place, functions) in enumerate(PLACES.items()):
        fault = FAULTS[(number + list(VERBS).index(verb)) % len(FAULTS)]

        def breaks_there(*_: object, fault: BaseException = fault, place: str = place, **__: object) -> Any:
            broken.append(place)
            raise fault

        with monkeypatch.context() as patch:
            for function in functions:
                patch.setattr(function, breaks_there)
            silent(*words, store=store, codes=(0, 1, 2, 3, 4, 130))
    assert broken, "this verb was not seen to break"


@pytest.mark.parametrize("broken", ["overwritten", "emptied", "a page of text", "a table gone"])
def test_a_store_that_cannot_be_read(silent, store, tmp_path, broken):
    (tmp_path / "activity.csv").write_text(f"{HEADER}\n{ROW}\n", encoding="utf-8")
    content = store.read_bytes()
    if broken == "overwritten":
        store.write_bytes(SENTINEL.encode() * 200)
    elif broken == "emptied":
        store.write_bytes(b"")
    elif broken == "a page of text":
        store.write_bytes(content[:4096] + (SENTINEL.encode() * 200)[:8192] + content[12288:])
    else:
        connection, _ = connect_found(store)
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DROP TABLE patient")
        connection.close()
    for verb in ("recall", "import"):
        silent(*example_of(verb), store=store, codes=(0, 1, 2, 3, 4))


CRASHES = """
import gc, sys, threading
import lescli.store.database.connection as connection
from lescli.__main__ import main

class Plugin:
    def __del__(self):
        raise KeyError(SENTINEL)

def rows(*_):
    held = Plugin()
    del held
    thread = threading.Thread(target=lambda: {}[SENTINEL])
    thread.start()
    thread.join()
    open(__file__)  # nobody closes it, which is warned of
    raise ExceptionGroup(SENTINEL, [KeyError(SENTINEL)])

connection.Store.rows = rows
SENTINEL = sys.argv.pop(1)
main()
"""


def test_nothing_of_it_is_in_what_python_itself_says_of_a_crash(store, tmp_path, temporary):
    """With every warning on: from a thread, from an object being freed, and from the interpreter."""
    script = tmp_path / "crashes.py"
    script.write_text(CRASHES, encoding="utf-8")
    options = ["-X", "dev", "-W", "always", "-X", "faulthandler"]
    command = [sys.executable, *options, str(script), SENTINEL, "recall", "--store", str(store), "-v"]
    done = subprocess.run(command, capture_output=True, cwd=tmp_path, stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert traces(done.stdout + done.stderr) == []
    assert b"KeyError" in done.stderr, "what went wrong is said, by its kind"
    assert list(temporary.iterdir()) == []


@pytest.mark.plain_only("encrypts by itself")
def test_nothing_of_her_is_in_any_file_beside_an_encrypted_store(
    les_here, temporary, removed, tmp_path, monkeypatch, prepared_store
):
    """Store, journal, copies and temporary files, after each command and when it is killed before it commits."""
    place = tmp_path / "practice"
    place.mkdir()
    path, key = place / "practice.les", tmp_path / "keys" / "one.key"
    monkeypatch.setenv("LES_KEY_FILE", str(key))
    key.parent.mkdir(mode=0o700)
    held: dict[str, bytes] = {}

    def look(when: str) -> None:
        for folder in (place, temporary):
            held.update({f"{when}: {one.name}": one.read_bytes() for one in folder.rglob("*") if one.is_file()})

    def spills(store: Store) -> None:
        """In the middle of every transaction, when it no longer fits into memory."""
        store.connection.execute("PRAGMA cache_size = 1")
        store.connection.execute("PRAGMA cache_spill = 1")
        store.connection.execute("CREATE TEMP TABLE IF NOT EXISTS aside AS SELECT a.* FROM patient a, activity b")
        store.connection.execute("UPDATE patient SET facts_from = facts_from || ''")
        look(f"transaction {len(held)}")
        audited(store)

    audited = audit_trail._with_the_change
    monkeypatch.setattr(audit_trail, "_with_the_change", spills)
    export = tmp_path / "may.csv"
    export.write_text(f"{HEADER}\n{ROW}\n", encoding="utf-8")
    book = tmp_path / "june.xlsx"
    book.write_bytes(workbook_of([HEADER.split(","), ROW.replace("-05-04", "-05-05").split(",")]))
    packed = tmp_path / "all.zip"
    packed.write_bytes(zip_of({"a.csv": export.read_bytes(), "b.xlsx": book.read_bytes()}))
    copies = place / "copies"
    copies.mkdir()
    for words in (
        ["init", "--practice", "A82038", "--name", "Test", "--encrypted"],
        ["services", "sign", "denosumab", "--from", "2026-04-01"],
        ["import", packed],
        ["import", export, book],
        ["claim", "denosumab", "--month", "2026-05", "--submit", "--by", "A", "--yes", "--as-of", "2026-06-05"],
        ["register", "denosumab", "--add", ANN],
        ["backup", copies / "a.les"],
        ["restore", copies / "a.les", "--yes"],
        ["rekey", "--key-file", key.with_name("two.key")],
        ["verify"],
    ):
        done = les_here(*words, store=path)
        assert done.code in (0, 3), done
        look(" ".join(map(str, words)))
    assert len([name for name in held if "journal" in name]) >= 3
    assert {name for name, content in held.items() if traces(content)} == set()
    assert [traces(content) for content in removed if traces(content)] == []
    # This search finds her in a plain store, and finds nothing once the store is encrypted.
    plain = Path(shutil.copy(prepared_store, place / "other.les"))
    assert traces(plain.read_bytes())
    assert les_here("encrypt", "--key-file", key.with_name("three.key"), store=plain).code == 0
    assert [one.name for one in place.rglob("*") if one.is_file() and traces(one.read_bytes())] == []
