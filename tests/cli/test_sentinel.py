"""One patient's name, number and date of birth go through every command made to fail, and come out nowhere.

Not on the screen, not in the audit trail, not in a temporary file: whatever the person typed, whatever stood in a file,
whatever a plugin or a library said when it broke.
"""

from __future__ import annotations

import shlex
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import lescli_denosumab
from lescli.api import hookimpl
from lescli.cli.verbs import VERBS
from lescli.errors import LesError
from lescli.store.connection import Store, connect_found

ANN = "9990000018"
SENTINEL = f"Sentinelle, Philippa {ANN} 999 000 0018 999-000-0018 1948-03-02 02/03/1948 02 Mar 1948"
NEVER = ("sentinelle", "philippa", ANN, "999 000 0018", "999-000-0018", "1948-03-02", "02/03/1948", "02 mar 1948")
EXAMPLES = Path(__file__).parents[2] / "lescli" / "cli" / "examples.txt"


def example_of(verb: str) -> list[str]:
    """The first worked example of a verb, as words."""
    lines = EXAMPLES.read_text(encoding="utf-8").splitlines()
    words = [shlex.split(line)[1:] for line in lines if line.startswith("les ")]
    own = verb.split(" ")
    others = [other.split(" ") for other in VERBS if other.startswith(f"{verb} ")]
    return next(w for w in words if w[: len(own)] == own and w[:2] not in others)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place for temporary files."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


@pytest.fixture
def silent(les_here, temporary, tmp_path):
    """Run a command that must fail, and see that what it leaves behind holds nothing of the patient."""

    def run(*arguments: object, store: Path | None = None, codes: tuple[int, ...] = (1, 2, 3, 4)) -> Any:
        before = {path for path in tmp_path.rglob("*") if path.is_file()}
        done = les_here(*arguments, store=store)
        assert done.code in codes, done
        said = done.out + done.err
        for path in temporary.rglob("*"):
            said += path.name + path.read_bytes().decode("latin-1")
        for path in tmp_path.rglob("*"):
            # What is new lies beside the store or where it was asked to be; a store itself holds patients.
            if path.is_file() and path not in before and ".les" not in path.name:
                said += path.name + path.read_bytes().decode("latin-1")
        if store is not None and store.is_file():
            said += audit_of(store)
        assert [word for word in NEVER if word in said.lower()] == [], said
        assert "Traceback" not in said
        return done

    return run


def audit_of(store: Path) -> str:
    """Every cell of the audit trail."""
    try:
        connection, _ = connect_found(store)
        with closing(connection):
            return repr(connection.execute("SELECT * FROM audit").fetchall())
    except (sqlite3.DatabaseError, LesError):
        return ""  # a store that was broken on purpose


@pytest.mark.parametrize("verb", VERBS)
def test_what_was_typed_wrongly_is_not_repeated(silent, verb):
    for words in ((f"--nhs={SENTINEL}",), ("--as-of", SENTINEL)):
        silent(*example_of(verb), *words, codes=(2,))


MAKES_THE_STORE = ("init", "restore", "demo")


@pytest.mark.parametrize(
    "words",
    [
        ("--format", SENTINEL),
        ("--out", f"{SENTINEL.replace('/', ' ')}.doc"),
        (ANN, "1948-03-02"),
        ("--owed=Sentinelle",),
    ],
)
def test_nor_is_what_the_parser_would_quote(silent, words):
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
}


ANY_READER = ("unclosed quote", "a number in the header", "a table twice", "binary")
LOADS = ("import", "register denosumab --load", "services set denosumab --load", "restore")


@pytest.mark.parametrize("command", LOADS)
def test_what_stands_in_a_broken_file_is_not_repeated(silent, store, tmp_path, command):
    if command not in VERBS and " --" not in command:
        pytest.skip("no such verb yet")
    # The other commands read one kind of file each.
    contents = list(FILES.values()) if command == "import" else [FILES[name] for name in ANY_READER]
    for number, content in enumerate(contents):
        path = tmp_path / f"given-{number}.csv"
        path.write_bytes(content)
        silent(*command.split(" "), path, store=store)


REFUSED = (
    "9990000019,Sentinelle,Philippa,1948-03-02,female,2026-05-04,700139004",
    f"{ANN},Sentinelle,Philippa,02/03/1948x,female,2026-05-04,700139004",
    f"{ANN},Sentinelle,Philippa,1948-03-02,Sentinelle,2026-05-04,700139004",
    f"{ANN},Sentinelle,Philippa,1948-03-02,female,2026-05-04,Sentinelle {ANN}",
)


def test_rows_that_are_put_aside_are_told_without_it(silent, store, tmp_path):
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
    import lescli.services.catalog as catalog

    hook = HOOKS.get(asked, "les_register")
    plugin = SimpleNamespace(**{"les_service": lescli_denosumab.les_service, hook: hookimpl(fault)})
    point = SimpleNamespace(name="denosumab", load=lambda: plugin)
    monkeypatch.setattr(catalog, "entry_points", lambda group: [point])
    done = silent(*ASKS_A_PLUGIN[asked], "--as-of", "2026-06-05", store=store)
    assert hook in done.err


def test_what_a_plugin_says_when_it_does_not_load_is_not_repeated(silent, store, monkeypatch):
    import lescli.services.catalog as catalog

    point = SimpleNamespace(name="denosumab", load=breaks)
    monkeypatch.setattr(catalog, "entry_points", lambda group: [point])
    silent("recall", store=store)
    silent("services", "--json", store=store, codes=(0, 3))


FAULTS = (KeyError(SENTINEL), sqlite3.OperationalError(SENTINEL), MemoryError(SENTINEL))
READS_THE_STORE = [verb for verb in VERBS if verb not in (*MAKES_THE_STORE, "services new", "services check")]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_a_fault_of_the_program_says_where_and_not_about_whom(silent, store, monkeypatch, fault):
    def fails(*_: object) -> Any:
        raise fault

    monkeypatch.setattr(Store, "rows", fails)
    for number, verb in enumerate(READS_THE_STORE):
        if number % len(FAULTS) == FAULTS.index(fault):
            silent(*example_of(verb), store=store)


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
