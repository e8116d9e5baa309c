"""Flip single bits in a store's file and see that `les verify` finds them.

    python benchmarks/bitflips.py [--short] [--seed N]

In a plain store every flip that changes a claim, a claim row, a reversal, a payment or an entry of the audit trail, or
what of them is found by an index, must be found (a flip in space that holds nothing changes nothing); in an encrypted
one, when the extra is installed, every flip at all. Prints the counts; exits 1 when one was missed, with its place.
"""

from __future__ import annotations

import importlib.util
import os
import random
import sqlite3
import sys
import tempfile
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from practice import keys_of_their_own

from lescli.cli.run import run
from lescli.errors import LesError
from lescli.store.database.connection import connect
from lescli.store.database.encryption import make_key_file
from lescli.store.verify.run import verify
from lescli.testing import nhs_number

FLIPS, SHORT_FLIPS = 200, 20
PATIENTS = 60
PAGE = 4096
WATCHED = ("claim", "claim_row", "reversal", "payment", "audit")
BY_INDEX = (
    "SELECT r.id, v.id FROM claim_row r LEFT JOIN reversal v ON v.claim_row_id = r.id ORDER BY 1, 2",
    "SELECT c.id, d.id FROM claim c LEFT JOIN claim d ON d.service = c.service AND d.month = c.month ORDER BY 1, 2",
    "SELECT c.id, r.id FROM claim c LEFT JOIN claim_row r ON r.claim_id = c.id ORDER BY 1, 2",
    "SELECT id FROM claim_row INDEXED BY claim_row_by_activity ORDER BY activity_id, id",
    "SELECT id FROM claim_row INDEXED BY claimed_once WHERE verdict = 'payable' ORDER BY service, item, day, id",
)
"""How the program comes upon the rows."""
FILE_HEADER = 100
HEADER = "nhs_number,family_name,date_of_birth,registered_on,date,code,consultation_type\n"


@dataclass
class Count:
    """What became of the flips; `missed` are bits, counted from the start of the file."""

    flips: int = 0
    changed: int = 0
    found: int = 0
    missed: list[int] = field(default_factory=list)


def made(folder: Path) -> Path:
    """A store with two submitted claims, a reversal and payments."""
    store, export = folder / "practice.les", folder / "export.csv"
    rows = (
        f"{nhs_number(n)},Patient {n},1950-01-01,2010-01-01,2026-{month:02d}-{n % 28 + 1:02d},700139004,Home visit\n"
        for n in range(1, PATIENTS + 1)
        for month in (4, 5)
    )
    export.write_text(HEADER + "".join(rows), encoding="utf-8")
    for command in (
        ["init", "--practice", "A82038", "--name", "Bit Flips"],
        ["services", "sign", "denosumab", "--from", "2026-04-01"],
        ["import", str(export)],
        ["claim", "denosumab", "--month", "2026-04", "--as-of", "2026-05-05", "--submit", "--by", "A. Admin"],
        ["claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05", "--submit", "--by", "A. Admin"],
        ["claims", "reverse", "denosumab-2026-04", "--row", "1", "--reason", "a test"],
        ["claims", "pay", "denosumab-2026-04", "--amount", "240.00", "--on", "2026-05-30"],
        ["claims", "pay", "denosumab-2026-05", "--amount", "1.00", "--on", "2026-06-30"],
        ["recall", "denosumab", "--as-of", "2026-06-05"],
    ):
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()) as said:
            code = run([*command, "--store", str(store)])
        if code not in (0, 3):
            raise SystemExit(f"les {command[0]} ended with exit code {code}: {said.getvalue()}")
    return store


def watched(path: Path) -> object:
    """Every value of the tables that must not change unseen, by their order and by index; None when not to be read."""
    try:
        with closing(connect(path)) as connection:
            connection.text_factory = bytes
            whole = [f"SELECT * FROM {table} NOT INDEXED" for table in WATCHED]
            return [connection.execute(sql).fetchall() for sql in (*whole, *BY_INDEX)]
    except (sqlite3.Error, ValueError):
        # A name of a column that is no text any more is a ValueError.
        return None


def found_by_verify(path: Path) -> bool:
    """Whether verify says that something is wrong, in whatever way."""
    try:
        return bool(verify(path).faults)
    except LesError:
        return True


def drawn(whole: bytes, flips: int, chance: random.Random, *, store: Path | None) -> list[int]:
    """Bits anywhere in the file; of a plain store half of them in pages that hold what is watched, its indexes among
    them, and a tenth in the file's header."""
    if store is None:
        return chance.sample(range(len(whole) * 8), flips)
    with closing(connect(store)) as connection:
        texts = [
            row[0] for table in WATCHED[:1] + WATCHED[2:] for row in connection.execute(f"SELECT hash FROM {table}")
        ]
        marks = ", ".join("?" * len(WATCHED))
        roots = connection.execute(
            f"SELECT rootpage - 1 FROM sqlite_master WHERE rootpage > 0 AND tbl_name IN ({marks})", WATCHED
        ).fetchall()
        texts += [row[0] for row in connection.execute("SELECT facts FROM claim_row WHERE facts <> '{}'")]
    pages = sorted({row[0] for row in roots} | {at // PAGE for text in texts if (at := whole.find(text.encode())) >= 0})
    within = [chance.choice(pages) * PAGE * 8 + chance.randrange(PAGE * 8) for _ in range(flips // 2)]
    within += [chance.randrange(FILE_HEADER * 8) for _ in range(flips // 10)]
    return within + chance.sample(range(len(whole) * 8), flips - len(within))


def tried(store: Path, flips: int, chance: random.Random, *, every: bool) -> Count:
    """Flip bits one at a time; with `every` each of them must be found, else those that change what is watched."""
    whole, before = store.read_bytes(), None if every else watched(store)
    if found_by_verify(store):
        raise SystemExit("the store is not whole before anything was flipped")
    count, copy = Count(), store.with_name("flipped.les")
    for bit in drawn(whole, flips, chance, store=None if every else store):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        copy.write_bytes(flipped)
        changed, found = every or watched(copy) != before, found_by_verify(copy)
        count.flips += 1
        count.changed += changed
        count.found += found
        if changed and not found:
            count.missed.append(bit)
        for left in ("", "-journal"):
            copy.with_name(copy.name + left).unlink(missing_ok=True)
    return count


def main() -> int:
    """Plain, and encrypted where that is possible."""
    arguments = sys.argv[1:]
    flips = SHORT_FLIPS if "--short" in arguments else FLIPS
    seed = int(arguments[arguments.index("--seed") + 1]) if "--seed" in arguments else 1
    kinds = ["plain", *(["encrypted"] if importlib.util.find_spec("sqlcipher3") else [])]
    missed = 0
    for kind in kinds:
        with tempfile.TemporaryDirectory() as name, keys_of_their_own(Path(name) / "keys"):
            if kind == "encrypted":
                os.environ["LES_KEY_FILE"] = str(Path(name) / "bits.key")
                make_key_file(Path(os.environ["LES_KEY_FILE"]))
            count = tried(made(Path(name)), flips, random.Random(seed), every=kind == "encrypted")
        missed += len(count.missed)
        must = "must be found" if kind == "encrypted" else "change the ledger or the trail"
        print(f"{kind:<10}{count.flips} flips, {count.changed} {must}, {count.found} found, {len(count.missed)} missed")
        for bit in count.missed:
            print(f"  missed: bit {bit % 8} of byte {bit // 8}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
