"""How long `les import` takes beside `sqlite3` reading the same file into a typed table: medians and their ratio.

    python benchmarks/import.py [--short] [--runs 3]

The yardstick is the sqlite3 shell: `.import` into a STRICT table, then two indexes on the columns that the two
standing indexes of les cover. les does all it always does: hash, encoding, every check of every row, quarantine,
patients, registrations, identity, indexes, one transaction. The runs are interleaved, each a whole process.
Also: next month's rows into a large store beside the same rows into an empty one; the very same file again; the peak
of memory. Exits with 1 when a bound is exceeded (2.0, 1.5, 0.05 times, 300 MB); with --short it prints, and asserts
only that every row is accounted for.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from lescli.testing import nhs_number

Result = TypeVar("Result")

COLUMNS = (
    "nhs_number,family_name,given_name,date_of_birth,sex,registered_practice,registration,registered_on,left_on,died_on,"
    "housebound,date,code,code_system,term,value,unit,consultation_type,clinician,done_at,recorded_on,source_id"
)
# Concepts of real records; which they are does not matter here.
CODES = (
    ("165581004", "International normalised ratio", "ratio"),
    ("700139004", "Denosumab therapy", ""),
    ("22778000", "Venepuncture", ""),
    ("65200003", "Insertion of intrauterine contraceptive device", ""),
    ("46825001", "Electrocardiographic monitoring", ""),
    ("127783003", "Spirometry", "L"),
    ("68254000", "Removal of intrauterine device", ""),
)
TYPES = ("Face to face consultation", "Home visit", "Telephone call", "GP Surgery")
# A row in a thousand is bad, of each of these kinds in turn: (column, what stands there instead).
BAD = (
    (0, "9990000019"),
    (0, "9.43477E+09"),
    (0, ""),
    (3, "31-02-1950"),
    (4, "f"),
    (11, "2026-13-01"),
    (11, ""),
    (12, "12345"),
    (12, ""),
    (13, "icd10"),
    (15, "x" * 1200),
    (19, "the surgery"),
    (20, "yesterday"),
    (None, "too few"),
    (None, "too many"),
)


def rows(count: int, patients: int, first_year: int, months: int, seed: int, *, with_bad: bool) -> Iterator[str]:
    """The lines of an activity CSV below its header: entries of many months, in no order."""
    draw = random.Random(seed)
    people = [
        f"{nhs_number(number)},Family{number % 977},Given{number % 401},{1930 + number % 70}-{1 + number % 12:02d}-"
        f"{1 + number % 28:02d},{'female' if number % 2 else 'male'},A82038,regular,{2000 + number % 15}-04-01,,,"
        for number in range(1, patients + 1)
    ]
    for place in range(count):
        month = draw.randrange(months)
        day = f"{first_year + month // 12}-{1 + month % 12:02d}-{1 + draw.randrange(28):02d}"
        code, term, unit = CODES[draw.randrange(len(CODES))]
        value = f"{draw.random() * 4 + 1:.1f}" if unit else ""
        line = (
            f"{people[draw.randrange(patients)]},{day},{code},snomed,{term},{value},{unit},{TYPES[draw.randrange(4)]},"
            f"Dr Clinician {draw.randrange(25)},A82038,{day},"
        )
        if with_bad and place % 1000 == 999:
            line = spoilt(line, *BAD[place // 1000 % len(BAD)])
        yield line


def spoilt(line: str, column: int | None, text: str) -> str:
    """The line with one fault."""
    cells = line.split(",")
    if column is None:
        return ",".join(cells[:-3]) if text == "too few" else f"{line},and,more"
    cells[column] = text
    return ",".join(cells)


def write(path: Path, lines: Iterator[str]) -> Path:
    """A CSV of these lines."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"{COLUMNS}\n")
        file.writelines(f"{line}\n" for line in lines)
    return path


def les(store: Path, *words: str) -> tuple[int, int, str]:
    """Run les: exit code, peak resident memory in bytes (0 where the system does not say), stdout."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN, *words],
        env={**os.environ, "LES_STORE": str(store)},
        capture_output=True,
        text=True,
    )
    report = done.stderr.rstrip().rsplit("\n", 1)[-1]
    return done.returncode, int(report) if report.isdigit() else 0, done.stdout


_RUN = """
import sys
from lescli.cli.run import run
code = run(sys.argv[1:])
try:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
except ImportError:
    peak = 0
sys.stdout.flush()
sys.stderr.write(f"\\n{peak}\\n")
sys.exit(code)
"""


def new_store(folder: Path, name: str) -> Path:
    """An empty store."""
    store = folder / name
    store.unlink(missing_ok=True)
    assert les(store, "init", "--practice", "A82038", "--name", "Benchmark", "--quiet")[0] == 0
    return store


def yardstick(shell: str, folder: Path, file: Path) -> None:
    """The sqlite3 shell reads the file into a typed table and builds two indexes."""
    database = folder / "yardstick.db"
    database.unlink(missing_ok=True)
    table = ", ".join(f"{column} TEXT" for column in COLUMNS.split(","))
    run = [
        shell,
        str(database),
        f"CREATE TABLE activity ({table}) STRICT",
        f".import --csv --skip 1 {file.as_posix()} activity",
        "CREATE INDEX by_code ON activity(code, date, nhs_number)",
        "CREATE INDEX identity ON activity(date, nhs_number, code, value, consultation_type, clinician, done_at)",
    ]
    # It says on stderr which rows lack cells, and fills them.
    subprocess.run(run, check=True, capture_output=True)


def timed(run: Callable[..., Result], *given: object) -> tuple[float, Result]:
    """Seconds it takes, and what came of it."""
    started = time.perf_counter()
    result = run(*given)
    return time.perf_counter() - started, result


def accounted(said: str, expected: int) -> None:
    """Every row is accepted, unchanged or quarantined, and the bad ones are those that were made."""
    file = json.loads(said)["files"][0]
    assert file["rows"] == expected, file
    assert file["accepted"] + file["unchanged"] + file["quarantined"] == expected, file
    assert file["quarantined"] == expected // 1000, file


def compare(title: str, ours: list[float], theirs: list[float], name: str) -> float:
    """Print the medians and their ratio."""
    mine, other = statistics.median(ours), statistics.median(theirs)
    print(f"{title}: {mine:.2f} s, {name} {other:.2f} s, {mine / other:.2f} times")
    return mine / other


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="30,000 rows, for CI: nothing is asserted of the times")
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    count, month, large = (30_000, 2_000, 30_000) if asked.short else (1_000_000, 50_000, 5_000_000)
    runs = 1 if asked.short else asked.runs
    patients = 1_000 if asked.short else 10_000
    shell = shutil.which("sqlite3")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = write(folder / "activity.csv", rows(count, patients, 2016, 120, 7, with_bad=True))
        ours: list[float] = []
        again: list[float] = []
        theirs: list[float] = []
        peak = 0
        for _ in range(runs):
            if shell:
                theirs.append(timed(yardstick, shell, folder, file)[0])
            store = new_store(folder, "fresh.les")
            seconds, (_, memory, said) = timed(les, store, "import", str(file), "--json")
            ours.append(seconds)
            accounted(said, count)
            peak = max(peak, memory)
            again.append(timed(les, store, "import", str(file), "--quiet")[0])
        worst = []
        if shell:
            worst.append(compare(f"import of {count:,} rows", ours, theirs, "sqlite3") / 2.0)
        worst.append(compare("the very same file again", again, ours, "the import") / 0.05)
        print(f"peak memory: {peak / 1e6:.0f} MB")
        worst.append(peak / 300e6)
        worst.append(append(folder, month, large, patients, runs) / 1.5)
    return 0 if asked.short or max(worst) <= 1 else 1


def append(folder: Path, month: int, large: int, patients: int, runs: int) -> float:
    """Next month's rows into a store of ten years beside the same rows into an empty one; the ratio."""
    store = new_store(folder, "large.les")
    years = write(folder / "years.csv", rows(large, patients, 2016, 120, 11, with_bad=False))
    assert les(store, "import", str(years), "--quiet")[0] == 0
    years.unlink()
    file = write(folder / "month.csv", rows(month, patients, 2026, 1, 13, with_bad=False))
    appended: list[float] = []
    fresh: list[float] = []
    for _ in range(runs):
        empty = new_store(folder, "empty.les")
        fresh.append(timed(les, empty, "import", str(file), "--quiet")[0])
        copy = folder / "copy.les"
        shutil.copyfile(store, copy)
        with copy.open("rb+") as handle:
            os.fsync(handle.fileno())  # Writing the copy is not what is measured.
        appended.append(timed(les, copy, "import", str(file), "--quiet")[0])
    return compare(f"{month:,} rows into a store of {large:,}", appended, fresh, "into an empty one")


if __name__ == "__main__":
    sys.exit(main())
