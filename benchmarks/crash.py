"""Kill imports, submissions and copies at random moments: nothing lost, nothing twice, the store whole every time.

    python benchmarks/crash.py [--imports 200] [--submissions 200] [--copies 20] [--encrypted] [--seed 1] [--short]

Each try copies a prepared store, starts `les` in another process and kills it (SIGKILL, on Windows TerminateProcess) at
a moment of `killing.py`, in turn: any time of its run, inside a transaction, around a commit, after one. A run that had
ended before the kill does not count and is drawn again. Then `les verify` must be silent, the store must hold either
everything of a file or a claim or nothing, with the change its entry in the audit trail and without it none, and after
the same command once more it must be the store of a run that nobody disturbed. Imports are of one large file and of a
folder in turn. With `--copies`, so many runs each of backup, restore, encrypt and rekey are killed too
(`crash_copies.py`). `--encrypted` does it all to an encrypted store. Exits with 1 on any fault.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from crash_copies import run_copies
from killing import MOMENTS, Course, Killed, killed, undisturbed
from practice import (
    SUBMIT,
    content,
    differences,
    entries,
    export,
    faults,
    here,
    keys_of_their_own,
    last_entry,
    new_store,
    started,
    under_a_key,
)

from lescli.errors import LesError

SPRING_ROWS, ROWS, FILE_ROWS, FILES = 8_000, 16_000, 3_000, 5
MOST_FAULTS_SHOWN = 20


class Job(NamedTuple):
    """A command, the store it begins with, what the store holds before and after it, and how it ends undisturbed."""

    name: str
    words: tuple[str, ...]
    store: Path
    before: dict[str, list[Any]]
    after: dict[str, list[Any]]
    trail: int
    codes: set[int]
    course: Course


def alone(store: Path, folder: Path) -> Path:
    """A copy of the store in a folder with nothing else in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return Path(shutil.copy(store, folder / "practice.les"))


def measured(name: str, words: tuple[str, ...], store: Path, folder: Path) -> Job:
    """Run a command undisturbed, once for what it does and for how long, and a second time, which changes nothing."""
    copy = alone(store, folder / "tried")
    course = undisturbed(copy, lambda: started(copy, *words))
    after = content(copy)
    codes = {course.code, here(copy, *words)[0]}
    assert codes <= {0, 3}, course.said
    assert not faults(copy) and not list(differences(copy, after)), "a second run changes something"
    before = content(store)
    assert before != after, "the command does nothing"
    return Job(name, words, store, before, after, last_entry(store), codes, course)


def tried(job: Job, folder: Path, draw: random.Random, aim: str) -> tuple[str, int, list[str]]:
    """Kill one run: when it was killed, how often that was drawn again, and what is wrong afterwards."""
    store = folder / "tried" / "practice.les"
    found = killed(
        store,
        lambda: alone(job.store, store.parent),
        lambda: started(store, *job.words),
        aim,
        job.course,
        draw,
    )
    if found is None:
        return "never", 0, ["it always ended before the kill"]
    wrong = [f"after the kill: {line}" for line in faults(store)]
    try:
        when, more = looked_at(job, store, found)
    except LesError as fault:
        when, more = "at a moment that is not known", [str(fault)]
    return when, found.redrawn, [*wrong, *more]


def looked_at(job: Job, store: Path, found: Killed) -> tuple[str, list[str]]:
    """When the kill came, and what is wrong with what the store holds, before the command is run again and after."""
    held = content(store)
    trail = entries(store, job.words[0], job.trail)
    wrong = [f"after the kill: {line}" for line in half_done(held, job)]
    codes = [entry.exit_code for entry in trail]
    if (codes[:1] == [0]) != (held != job.before) or len(codes) > 2 or len({entry.command for entry in trail}) > 1:
        wrong.append(f"after the kill: {'no' if held == job.before else 'a'} change, and the trail ends with {codes}")
    code, _, said = here(store, *job.words)
    if code not in job.codes:
        wrong.append(f"the second run ends with {code}: {said.strip()}")
    wrong += [f"after the second run: {line}" for line in [*differences(store, job.after), *faults(store)]]
    again = entries(store, job.words[0], max((job.trail, *(entry.id for entry in trail))))
    if not again or again[-1].exit_code != code or len({entry.command for entry in again}) > 1:
        wrong.append(f"the second run ends with {code}, and the trail with {[entry.exit_code for entry in again]}")
    return fell(found, held, job), wrong


def fell(found: Killed, held: dict[str, list[Any]], job: Job) -> str:
    """When the kill came, as the disk shows it."""
    if found.rolled_back:
        return "in the middle of a commit"
    if found.journal:
        return "inside a transaction"
    if held == job.before:
        return "before the first transaction"
    return "after the commit" if held == job.after else "between two files"


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
    found = redrawn = 0
    counts: dict[str, Counter[str]] = {job.name: Counter() for job in jobs}
    for number in range(tries):
        job = jobs[number % len(jobs)]
        aim = MOMENTS[number // len(jobs) % len(MOMENTS)]
        when, again, wrong = tried(job, folder, draw, aim)
        counts[job.name][when] += 1
        redrawn += again
        found += bool(wrong)
        if wrong and found <= MOST_FAULTS_SHOWN:
            print(f"try {number} of {job.name}, aimed {aim}, killed {when}:", *wrong, sep="\n    ", flush=True)
    for job in jobs:
        told = ", ".join(f"{count} {when}" for when, count in sorted(counts[job.name].items()))
        course = job.course
        took = f"{course.seconds:.2f} s, {course.times} times writing {course.writes:.3f} s"
        print(f"{job.name} ({took}), killed: {told}", flush=True)
    print(f"    ({redrawn} more had ended before the kill, and were drawn again)", flush=True)
    return found


def prepared(folder: Path, rows: int, file_rows: int) -> tuple[Path, Path, Path]:
    """A store with work to claim, a large file to import and a folder of files."""
    store = new_store(folder / "prepared.les")
    here(store, "import", str(export(folder / "spring.csv", min(SPRING_ROWS, rows), 3)), "--quiet")
    large = export(folder / "large.csv", rows, 5)
    many = folder / "many"
    many.mkdir()
    for number in range(FILES):
        export(many / f"{number}.csv", file_rows, 10 + number)
    return store, large, many


def main() -> int:
    """Prepare, kill, rerun, compare."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--imports", type=int, default=200)
    options.add_argument("--submissions", type=int, default=200)
    options.add_argument("--copies", type=int, default=20, help="of each of backup, restore, encrypt and rekey")
    options.add_argument("--encrypted", action="store_true", help="an encrypted store")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--short", action="store_true", help="4 and 4 and 1 of each copy, of smaller files")
    chosen = options.parse_args()
    imports, submissions, copies = (4, 4, 1) if chosen.short else (chosen.imports, chosen.submissions, chosen.copies)
    rows, file_rows = (2_000, 400) if chosen.short else (ROWS, FILE_ROWS)
    draw = random.Random(chosen.seed)
    with TemporaryDirectory() as name, keys_of_their_own(Path(name) / "keys") as with_keys:
        folder = Path(name)
        if chosen.encrypted:
            if not with_keys:
                print("encrypted stores cannot be tried here: nothing was done")
                return 0
            under_a_key(folder / "keys")
        store, large, many = prepared(folder, rows, file_rows)
        wrong = 0
        if imports:
            jobs = [
                measured("import of one file", ("import", str(large), "--quiet"), store, folder),
                measured("import of a folder", ("import", str(many), "--quiet"), store, folder),
            ]
            wrong += run_all(jobs, imports, folder, draw)
        if submissions:
            wrong += run_all([measured("submission", SUBMIT, store, folder)], submissions, folder, draw)
        if imports or submissions:
            told = f"{imports} imports and {submissions} submissions killed and run again"
            print(f"{told}: {wrong} with faults", flush=True)
        if copies:
            wrong += run_copies(store, large, copies, folder, draw, with_keys=with_keys and not chosen.encrypted)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
