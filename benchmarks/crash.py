"""Kill imports and submissions at random moments: nothing lost, nothing twice, the store whole every time.

    python benchmarks/crash.py [--imports 200] [--submissions 200] [--seed 1] [--short]

Each try copies a prepared store, starts `les` in another process and kills it (SIGKILL, on Windows TerminateProcess):
every second one at a moment drawn from its whole run time, the others within the transaction, as the journal beside the
store shows it. Then the store must be whole, hold either everything of a file or a claim or nothing, and after the
same command once more be the one of a run that nobody disturbed. Imports are of one large file and of a folder in turn.
Exits with 1 on any fault.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from practice import SUBMIT, content, differences, export, faults, here, new_store, started

ROWS, FILE_ROWS, FILES = 20_000, 3_000, 5
MOST_FAULTS_SHOWN = 20


class Job(NamedTuple):
    """A command, the store it begins with, what the store holds before and after it, and how it ends undisturbed."""

    name: str
    words: tuple[str, ...]
    store: Path
    before: dict[str, list[Any]]
    after: dict[str, list[Any]]
    codes: set[int]
    seconds: float
    writing_after: float
    writing_for: float


def measured(name: str, words: tuple[str, ...], store: Path, folder: Path) -> Job:
    """Run a command undisturbed, once for what it does and for how long, and a second time, which changes nothing."""
    copy = Path(shutil.copy(store, folder / "undisturbed.les"))
    begun = time.perf_counter()
    process = started(copy, *words)
    first = last = 0.0
    journal = journal_of(copy)
    while process.poll() is None:
        if journal.exists():
            last = time.perf_counter() - begun
            first = first or last
        time.sleep(0.001)
    seconds = time.perf_counter() - begun
    said = process.communicate()[1]
    after = content(copy)
    again = here(copy, *words)[0]
    codes = {process.returncode, again}
    assert codes <= {0, 3}, said
    assert not faults(copy) and not list(differences(copy, after)), "a second run changes something"
    before = content(store)
    assert before != after, "the command does nothing"
    return Job(name, words, store, before, after, codes, seconds, first, last - first)


def journal_of(store: Path) -> Path:
    """It lies beside a store while a transaction is written."""
    return store.with_name(f"{store.name}-journal")


def tried(job: Job, folder: Path, draw: random.Random, within: bool) -> tuple[str, list[str]]:
    """Kill one run: when it was killed, and what is wrong afterwards."""
    store = folder / "tried.les"
    for left in folder.glob("tried.les*"):
        left.unlink()
    shutil.copy(job.store, store)
    process = started(store, *job.words)
    begun = time.perf_counter()
    if within:
        while not journal_of(store).exists() and process.poll() is None:
            time.sleep(0.0005)
        time.sleep(draw.random() * job.writing_for)
    else:
        time.sleep(max(0.0, draw.random() * job.seconds - (time.perf_counter() - begun)))
    ended = process.poll() is not None
    process.kill()
    process.communicate()
    open_transaction = journal_of(store).exists()
    wrong = [f"after the kill: {line}" for line in faults(store)]
    held = content(store)
    wrong += [f"after the kill: {line}" for line in half_done(held, job)]
    if ended:
        when = "had ended"
    elif held == job.after:
        when = "after the commit"
    elif held != job.before:
        when = "between two files"
    else:
        when = "inside the transaction" if open_transaction else "before the transaction"
    code, _, said = here(store, *job.words)
    if code not in job.codes:
        wrong.append(f"the second run ends with {code}: {said.strip()}")
    wrong += [f"after the second run: {line}" for line in [*differences(store, job.after), *faults(store)]]
    return when, wrong


def half_done(held: dict[str, list[Any]], job: Job) -> list[str]:
    """A claim is there with all its rows or not at all; of each file, every row is there or none."""
    if held in (job.before, job.after):
        return []
    files = {row[0] for row in held["import_file"]}
    place = {"activity": -1, "quarantine": 1}
    for table, column in place.items():
        if [row for row in job.after[table] if row[column] in files] != held[table]:
            return [f"{table}: a part of a file is there"]
    return [] if held["claim"] == job.before["claim"] else ["a part of a claim is there"]


def run_all(jobs: Sequence[Job], tries: int, folder: Path, draw: random.Random) -> int:
    """So many tries of the jobs in turn; how many had faults."""
    found = 0
    counts: dict[str, Counter[str]] = {job.name: Counter() for job in jobs}
    for number in range(tries):
        job = jobs[number % len(jobs)]
        when, wrong = tried(job, folder, draw, within=number // len(jobs) % 2 == 1)
        counts[job.name][when] += 1
        found += bool(wrong)
        if wrong and found <= MOST_FAULTS_SHOWN:
            print(f"try {number} of {job.name}, killed {when}:", *wrong, sep="\n    ", flush=True)
    for job in jobs:
        told = ", ".join(f"{count} {when}" for when, count in sorted(counts[job.name].items()))
        print(f"{job.name} ({job.seconds:.2f} s, writing {job.writing_for:.2f} s), killed: {told}", flush=True)
    return found


def main() -> int:
    """Prepare, kill, rerun, compare."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--imports", type=int, default=200)
    options.add_argument("--submissions", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--short", action="store_true", help="4 and 4, of smaller files")
    chosen = options.parse_args()
    imports, submissions = (4, 4) if chosen.short else (chosen.imports, chosen.submissions)
    rows, file_rows = (3_000, 600) if chosen.short else (ROWS, FILE_ROWS)
    draw = random.Random(chosen.seed)
    with TemporaryDirectory() as name:
        folder = Path(name)
        store = new_store(folder / "prepared.les")
        here(store, "import", str(export(folder / "spring.csv", 2_000, 3)), "--quiet")
        large = export(folder / "large.csv", rows, 5)
        many = folder / "many"
        many.mkdir()
        for number in range(FILES):
            export(many / f"{number}.csv", file_rows, 10 + number)
        jobs = [
            measured("import of one file", ("import", str(large), "--quiet"), store, folder),
            measured("import of a folder", ("import", str(many), "--quiet"), store, folder),
        ]
        wrong = run_all(jobs, imports, folder, draw)
        wrong += run_all([measured("submission", SUBMIT, store, folder)], submissions, folder, draw)
    print(f"{imports} imports and {submissions} submissions killed and run again: {wrong} with faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
