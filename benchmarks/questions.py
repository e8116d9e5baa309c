"""How long a question takes beside the same question in hand-written SQL, on a practice of five years.

    python benchmarks/questions.py [--short] [--runs 5]

12,000 patients, 500,000 entries of seven codes (`--short`: a tenth). Each figure is a whole process; the question, the
same question as SQL in a Python of its own (`sqlite3`, the same store) and `python -c pass` take turns, and medians are
printed. `start` is what a verb needs before it asks anything: `les services show`. The SQL selects and counts what the
question must look at; it gives no reason for a row, keeps no audit trail and checks no plugin.
Exits with 1 when a bound is exceeded: claim and recall at most 2.5 times SQL plus start, status at most 3 claims,
a register file of 2,000 rows at most 12 times one of 200 and no slower than importing those rows.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from practice import here, made

PATIENTS, ENTRIES, MONTHS, FIRST_YEAR, SEED = 12_000, 500_000, 60, 2022, 11
AS_OF, MONTH = "2026-06-05", "2026-05"
CODE = "700139004"

_OPEN = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); q = lambda s: c.execute(s).fetchall(); "
_ENTRIES = (
    "FROM activity a JOIN code_set_member m ON m.code_set_id = a.code_set_id JOIN patient p ON p.id = a.patient_id "
    f"WHERE m.code = '{CODE}' AND NOT a.withdrawn AND a.day <= '{AS_OF}'"
)
_CLAIM = (
    "SELECT p.nhs_number, a.day, f.text, p.died_on, r.start_on, r.end_on "
    + _ENTRIES.replace(
        " WHERE",
        " JOIN entry_kind k ON k.id = a.kind_id JOIN phrase f ON f.id = k.consultation_type "
        "LEFT JOIN registration r ON r.patient_id = p.id WHERE",
    )
    + " AND a.day BETWEEN '2026-02-01' AND '2026-05-31' ORDER BY a.day, p.nhs_number"
)
_RECALL = (
    "SELECT p.nhs_number, p.family_name, p.died_on, max(a.day), date(max(a.day), '+6 months') AS due "
    f"{_ENTRIES} GROUP BY p.id ORDER BY due"
)
_REGISTER = f"SELECT p.nhs_number, p.family_name, p.date_of_birth, min(a.day) {_ENTRIES} GROUP BY p.id"
_REPORT = (
    f"SELECT substr(a.day, 1, 7), count(*), count(DISTINCT p.id) {_ENTRIES} "
    "AND a.day BETWEEN '2026-04-01' AND '2026-06-30' GROUP BY 1"
)
_ALL = (
    "SELECT count(*), count(DISTINCT a.day), min(a.value), max(a.recorded_on) FROM activity a "
    "JOIN patient p ON p.id = a.patient_id JOIN entry_kind k ON k.id = a.kind_id"
)


def _sql(*statements: str) -> list[str]:
    return [sys.executable, "-c", _OPEN + "; ".join(f"print(len(q({one!r})))" for one in statements)]


QUESTIONS: dict[str, tuple[list[str], list[str]]] = {
    "claim": (["claim", "denosumab", "--month", MONTH, "--json"], _sql(_CLAIM)),
    "recall": (["recall", "denosumab", "--json"], _sql(_RECALL)),
    "register": (["register", "denosumab", "--json"], _sql(_REGISTER)),
    "report": (["report", "denosumab", "--period", "2026-27-Q1", "--json"], _sql(_REPORT, _RECALL)),
    "status": (["status", "--json"], _sql(_CLAIM, _RECALL)),
    "verify": (["verify"], _sql("PRAGMA integrity_check", "PRAGMA foreign_key_check", _ALL)),
}
"""By name: what is asked of les, and what the same is in SQL."""


def seconds(command: list[str]) -> float:
    """How long one run takes; a failure ends the benchmark."""
    started = time.perf_counter()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    taken = time.perf_counter() - started
    if done.returncode not in (0, 3):
        sys.exit(f"{command[1:6]} ended with {done.returncode}: {done.stderr.decode()}")
    return taken


def les(store: Path, *words: str) -> list[str]:
    """The command line of a question."""
    return [sys.executable, "-m", "lescli", *words, "--as-of", AS_OF, "--store", str(store)]


def practice(folder: Path, share: int) -> Path:
    """The store: one contract signed, five years of entries imported."""
    store = folder / "practice.les"
    here(store, "init", "--practice", "A82038", "--name", "Benchmark", "--quiet")
    here(store, "services", "sign", "denosumab", "--from", "2026-04-01", "--quiet")
    lines = made.rows(ENTRIES // share, PATIENTS // share, FIRST_YEAR, MONTHS, SEED, with_bad=False)
    here(store, "import", str(made.write(folder / "years.csv", lines)), "--quiet", "--as-of", "2026-12-31")
    return store


def compared(store: Path, runs: int) -> tuple[dict[str, float], dict[str, float], float, float]:
    """Medians of each question, of its SQL, of the start of a verb and of an empty Python, all interleaved."""
    start, nothing = les(store, "services", "show", "denosumab"), [sys.executable, "-c", "pass"]
    ours: dict[str, list[float]] = {name: [] for name in QUESTIONS}
    theirs: dict[str, list[float]] = {name: [] for name in QUESTIONS}
    starts, empty = [], []
    for turn in range(runs + 1):
        for name, (asked, statements) in QUESTIONS.items():
            pair = seconds(les(store, *asked)), seconds([*statements, str(store)])
            # The first run reads everything from disk.
            if turn:
                ours[name].append(pair[0])
                theirs[name].append(pair[1])
        starts.append(seconds(start))
        empty.append(seconds(nothing))
    return (
        {name: median(found) for name, found in ours.items()},
        {name: median(found) for name, found in theirs.items()},
        median(starts[1:]),
        median(empty[1:]),
    )


def loading(store: Path, folder: Path, runs: int, share: int) -> tuple[float, float, float]:
    """Medians of loading 200 and 2,000 register rows, and of importing 2,000 rows, each into a copy of the store."""
    from lescli.testing import nhs_number

    found: dict[str, list[float]] = {"200": [], "2000": [], "import": []}
    for name, count in (("200", 200), ("2000", 2_000 // share)):
        rows = [f"{nhs_number(number)},2026-04-01,2025-10-01" for number in range(1, count + 1)]
        (folder / f"{name}.csv").write_text("\n".join(["nhs_number,entered_on,first_dose_on", *rows, ""]), "utf-8")
    made.write(folder / "import.csv", made.rows(2_000 // share, PATIENTS // share, 2026, 5, SEED + 1, with_bad=False))
    for _ in range(runs):
        for name, samples in found.items():
            copy = folder / "copy.les"
            copy.write_bytes(store.read_bytes())
            file = str(folder / f"{name}.csv")
            words = ("import", file) if name == "import" else ("register", "denosumab", "--load", file)
            samples.append(seconds(les(copy, *words)))
            copy.unlink()
    return median(found["200"]), median(found["2000"]), median(found["import"])


def main() -> int:
    """Ask, compare, print."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--short", action="store_true", help="a practice of a tenth, three runs, no bounds")
    options.add_argument("--runs", type=int, default=5)
    chosen = options.parse_args()
    share, runs = (10, 3) if chosen.short else (1, chosen.runs)
    with TemporaryDirectory() as name:
        folder = Path(name)
        store = practice(folder, share)
        ours, theirs, start, empty = compared(store, runs)
        print(f"medians of {runs} interleaved runs; python -c pass {empty * 1000:.0f} ms, a verb {start * 1000:.0f} ms")
        print(f"{'question':<12}{'les':>9}{'SQL':>9}{'to SQL':>9}{'to SQL+start':>14}{'to python':>11}")
        for question in QUESTIONS:
            a, b = ours[question], theirs[question]
            print(
                f"{question:<12}{a * 1000:>6.0f} ms{b * 1000:>6.0f} ms{a / b:>9.2f}{a / (b + start):>14.2f}"
                f"{a / empty:>11.1f}",
                flush=True,
            )
        few, many, imported = loading(store, folder, runs, share)
        print(f"loading 200 rows {few:.2f} s, {2000 // share} rows {many:.2f} s, importing as many {imported:.2f} s")
    wrong = [
        f"{question} takes more than 2.5 times its SQL and the start of a verb"
        for question in ("claim", "recall")
        if ours[question] > 2.5 * (theirs[question] + start)
    ]
    wrong += ["status takes more than 3 claims"] * (ours["status"] > 3 * ours["claim"])
    wrong += ["2,000 register rows take more than 12 times 200"] * (many > 12 * few)
    wrong += ["a register row takes longer than importing one"] * (many > imported)
    print(*wrong, sep="\n")
    return 1 if wrong and not chosen.short else 0


if __name__ == "__main__":
    sys.exit(main())
