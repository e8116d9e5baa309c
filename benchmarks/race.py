"""Several processes at one store at once: each month claimed once, each file taken in once, nobody kept out.

    python benchmarks/race.py [--short]

Four processes submit the same 50 months, each in an order of its own; two import the very same file; four import a
file each. Nothing may be said but "submitted" and "already submitted", no wait for a lock may end without it, and
the store must be whole. Prints what each race came to; exits with 1 on any fault. `--short` races for 5 months.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from practice import content, export, faults, here, new_store

from lescli.calendar import Month
from lescli.store import open_store

MONTHS, SHORT_MONTHS, PROCESSES = 50, 5, 4
FIRST = Month.parse("2026-04")
LAST_DAY = "2031-03-31"

# Everything is loaded before the start, so that they really meet.
_RUNNER = """
import json, sys, time
from pathlib import Path
from practice import here
import lescli.cli.claims, lescli.cli.imports, lescli.operations.many_stores, lescli.operations.imports, lescli.services
store, start, commands = Path(sys.argv[1]), Path(sys.argv[2]), json.load(sys.stdin)
print("ready", flush=True)
while not start.exists():
    time.sleep(0.001)
for words in commands:
    print(json.dumps(here(store, *words)), flush=True)
"""

Done = tuple[int, str, str]


def raced(store: Path, commands: list[list[tuple[str, ...]]]) -> list[list[Done]]:
    """Run each list of commands in a process of its own, all starting at once: exit code, stdout, stderr of each."""
    start = store.with_name("start")
    start.unlink(missing_ok=True)
    racers = [
        subprocess.Popen(
            [sys.executable, "-X", "utf8", "-c", _RUNNER, str(store), str(start)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            cwd=Path(__file__).parent,
        )
        for _ in commands
    ]
    for racer, words in zip(racers, commands, strict=True):
        assert racer.stdin is not None
        racer.stdin.write(json.dumps(words))
        racer.stdin.close()
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    start.touch()
    found: list[list[Done]] = []
    for racer in racers:
        assert racer.stdout is not None
        found.append([(code, out, err) for code, out, err in map(json.loads, racer.stdout)])
        racer.wait()
    return found


def asked_on(month: str) -> str:
    """The day a month is claimed, while nothing of it has expired."""
    return f"{Month.parse(month).plus(1)}-05"


def submissions(folder: Path, count: int) -> list[str]:
    """The same months from every process."""
    store = new_store(folder / "submissions.les")
    terms = ("period.end=" + LAST_DAY, "--from", "2026-04-01", "--source", "rolled over, for this race")
    here(store, "services", "set", "denosumab", *terms, "--quiet")
    here(store, "import", str(export(folder / "years.csv", 3_000, 7, months=60)), "--quiet")
    months = [str(FIRST.plus(number)) for number in range(count)]
    commands = []
    for racer in range(PROCESSES):
        mine = list(months)
        # Half of them in step, half each for itself.
        if racer % 2:
            Random(racer).shuffle(mine)
        commands.append(
            [
                (
                    "claim",
                    "denosumab",
                    "--month",
                    one,
                    "--as-of",
                    asked_on(one),
                    "--submit",
                    "--yes",
                    "--by",
                    f"Racer {racer}",
                )
                for one in mine
            ]
        )
    begun = time.perf_counter()
    done = raced(store, commands)
    seconds = time.perf_counter() - begun
    wrong = faults(store)
    said: Counter[str] = Counter()
    submitted: Counter[str] = Counter()
    for racer, results in enumerate(done):
        if len(results) != count:
            wrong.append(f"process {racer} ended after {len(results)} of {count} months")
        for (_, _, _, one, *_), (code, _, err) in zip(commands[racer], results, strict=False):
            line = next((line for line in err.splitlines() if line.startswith(f"les: denosumab {one}: ")), err.strip())
            word = line.removeprefix(f"les: denosumab {one}: ").partition(";")[0]
            said[word] += 1
            submitted[one] += word == "submitted"
            if (code, word) not in ((0, "submitted"), (0, "already submitted, unchanged")):
                wrong.append(f"{one}: exit {code}, {err.strip()}")
    with open_store(store) as held:
        rows, pence = held.rows("SELECT count(*), sum(amount_pence) FROM claim_row WHERE verdict = 'payable'")[0]
    if not rows:
        wrong.append("nothing was paid for: there was nothing to race for")
    claims = Counter(row[2] for row in content(store)["claim"])
    if claims != Counter(months):
        wrong.append(f"{claims.total()} claims of {len(claims)} months, where there should be {count}")
    wrong += [f"{one}: said to be submitted {times} times" for one, times in submitted.items() if times != 1]
    told = ", ".join(f"{times} {word!r}" for word, times in sorted(said.items()))
    won = f"{claims.total()} claims of {rows} payable rows, £{pence / 100:,.2f}"
    print(f"{PROCESSES} processes, {count} months: {won}; {told}; {seconds:.1f} s", flush=True)
    return wrong


def imports(folder: Path, count: int, *, same: bool) -> list[str]:
    """So many processes that import at once, all the very same file or each its own."""
    title = f"{count} processes importing {'the same file' if same else 'a file each'}"
    store = new_store(folder / f"{count}-{same}.les")
    files = [export(folder / f"{same}-{number}.csv", 1_500, 20 + (0 if same else number)) for number in range(count)]
    done = raced(store, [[("import", str(file), "--json")] for file in files])
    wrong = faults(store)
    taken: list[int] = []
    for results in done:
        for code, out, err in results:
            if code != 3:
                wrong.append(f"exit {code}, {err.strip()}")
                continue
            file = json.loads(out)["files"][0]
            taken.append(file["accepted"])
            if file["accepted"] + file["unchanged"] + file["quarantined"] != file["rows"]:
                wrong.append(f"{file['rows']} rows, not all accounted for")
    held = content(store)
    if len(held["import_file"]) != (1 if same else count):
        wrong.append(f"{len(held['import_file'])} files in the store")
    if sum(taken) != len(held["activity"]):
        wrong.append(f"{sum(taken)} entries said to be taken in, {len(held['activity'])} there")
    alone = new_store(folder / f"{count}-{same}-alone.les")
    for file in files:
        here(alone, "import", str(file), "--quiet")
    if len(content(alone)["activity"]) != len(held["activity"]):
        wrong.append("other entries than one process takes in")
    print(f"{title}: {len(held['import_file'])} in the store, {len(held['activity'])} entries", flush=True)
    return wrong


def main() -> int:
    """Race, count, compare."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--short", action="store_true", help=f"{SHORT_MONTHS} months")
    chosen = options.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        wrong = submissions(folder, SHORT_MONTHS if chosen.short else MONTHS)
        wrong += imports(folder, 2, same=True)
        wrong += imports(folder, 4, same=False)
    print(f"{len(wrong)} faults", *wrong[:20], sep="\n    ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
