"""Ask many practices the same question: each practice its own store, beside one DuckDB file with all of their data.

    python benchmarks/group.py [--stores 195] [--patients 10000] [--entries 50000] [--runs 5] [--dask] [--many 2000]
    python benchmarks/group.py --short

Makes the stores (practice n has seed 1000 + n, ODS code A81000 + n; one contract, 29 months) and one DuckDB file of
the same entries. Then it asks whole processes, interleaved, for the claim of May 2026 and for the recall counts:
`les group` in one process, with two workers and, with `--dask`, on two Dask workers of this machine; and DuckDB with
hand-written SQL for both. It prints medians, milliseconds a store, the ratios and the largest memory of a process, and
checks that every way of asking gives the same sum. `--many N` also asks N small stores, and a tenth of them, for the
memory that they need. `--short` makes 6 small stores and asks once; it checks the sums and that no worker is left.
Exits with 1 when sums differ.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from practice import here, made

AS_OF, MONTH, FIRST_SEED, MONTHS = "2026-06-05", "2026-05", 1000, 29
CODE = "700139004"
MEMORY: list[float] = []
"""The largest memory of each `les` process in MB, where the system says it."""
_MEASURED = (
    "import sys; from pathlib import Path; from lescli.cli.run import run; code = run(sys.argv[1:]); "
    "told = Path('/proc/self/status'); lines = told.read_text().splitlines() if told.exists() else []; "
    "peak = [line.split()[1] for line in lines if line.startswith('VmHWM')]; "
    "sys.stderr.write(f'\\n{peak[0] if peak else str()}\\n'); sys.exit(code)"
)
_KEEP_EVERY = 30
"""Of the injections drawn, one in so many is kept: a practice has a few dozen patients on the register, not all."""
_CLAIM_SQL = (
    "SELECT count(*) FROM (SELECT DISTINCT practice, nhs_number, date FROM entries WHERE code = '{code}' "
    "AND date BETWEEN '2026-05-01' AND '2026-05-31' AND consultation_type IN (SELECT t FROM accepted))"
)
_RECALL_SQL = (
    # Due within 28 days: six months after the newest injection that counts, and at once where none counts.
    "SELECT count(*) FROM (SELECT max(date::DATE) FILTER (consultation_type IN (SELECT t FROM accepted)) AS last "
    "FROM entries WHERE code = '{code}' AND date <= '{as_of}' GROUP BY practice, nhs_number) "
    "WHERE last IS NULL OR last + INTERVAL 6 MONTH <= DATE '{as_of}' + 28"
)
_DUCK = (
    "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); print(c.execute(sys.argv[2]).fetchone()[0])"
)


def lines_of(number: int, patients: int, entries: int) -> list[str]:
    """The entries of one practice."""
    drawn = made.rows(entries, patients, 2024, MONTHS, FIRST_SEED + number, with_bad=False)
    code = f"A{81000 + number}"
    kept = (line for place, line in enumerate(drawn) if CODE not in line or place % _KEEP_EVERY == 0)
    return [line.replace("A82038", code) for line in kept]


def make(folder: Path, stores: int, patients: int, entries: int) -> Path:
    """The stores, and beside them every entry in one csv for DuckDB."""
    (folder / "practices").mkdir()
    with (folder / "all.csv").open("w", encoding="utf-8", newline="\n") as every:
        every.write(f"practice,{made.COLUMNS}\n")
        for number in range(stores):
            lines = lines_of(number, patients, entries)
            store = folder / "practices" / f"{number:04d}.les"
            here(store, "init", "--practice", f"A{81000 + number}", "--name", f"Practice {number}", "--quiet")
            here(store, "services", "sign", "denosumab", "--from", "2026-05-01", "--quiet")
            csv = made.write(folder / "one.csv", iter(lines))
            here(store, "import", str(csv), "--quiet", "--as-of", AS_OF)
            every.writelines(f"A{81000 + number},{line}\n" for line in lines)
    return folder


def duck(folder: Path) -> Path | None:
    """The DuckDB file, or None where DuckDB is not installed."""
    try:
        import duckdb
    except ImportError:
        return None
    path = folder / "all.duckdb"
    with duckdb.connect(str(path)) as base:
        base.execute(f"CREATE TABLE entries AS SELECT * FROM read_csv('{folder / 'all.csv'}', all_varchar = true)")
        types = ", ".join(f"('{one}')" for one in made.TYPES if _is_accepted(one))
        base.execute(f"CREATE TABLE accepted AS SELECT * FROM (VALUES {types}) AS t(t)")
    return path


def _is_accepted(consultation: str) -> bool:
    """As the specification: face to face or a home visit."""
    folded = consultation.casefold()
    return (
        "face to face" in folded and "not face" not in folded and "non face" not in folded
    ) or "home visit" in folded


def asked(folder: Path, *words: str) -> list[str]:
    """The command line of one question to all stores."""
    stores = ("--stores", str(folder / "practices"), "--as-of", AS_OF, "--json")
    return [sys.executable, "-m", "lescli", "group", *words, *stores]


def seconds(command: list[str]) -> tuple[float, Any]:
    """How long a process takes, and what it printed."""
    begun = time.perf_counter()
    # `les` says its own largest memory: the workers of a cluster are children of this process too.
    measured = [sys.executable, "-c", _MEASURED, *command[3:]] if command[1] == "-m" else command
    done = subprocess.run(measured, stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8")
    taken = time.perf_counter() - begun
    if done.returncode not in (0, 3):
        sys.exit(f"{command[1:6]} ended with {done.returncode}: {done.stderr[-800:]}")
    last = done.stderr.rstrip().rpartition("\n")[2]
    if last.isdigit():
        MEMORY.append(int(last) / 1024)
    return taken, json.loads(done.stdout)


def workers_left() -> int:
    """How many worker processes of `les` are still there."""
    if not Path("/proc").is_dir():
        return 0
    found = 0
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue
        found += b"multiprocessing.spawn" in words and str(os.getpid()).encode() in words
    return found


def main() -> int:
    """Make, ask, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stores", type=int, default=195)
    parser.add_argument("--patients", type=int, default=10_000)
    parser.add_argument("--entries", type=int, default=50_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--dask", action="store_true")
    parser.add_argument("--many", type=int, default=0, metavar="N")
    chosen = parser.parse_args()
    if chosen.short:
        chosen.stores, chosen.patients, chosen.entries, chosen.runs, chosen.many = 6, 300, 1_500, 1, 20
    with TemporaryDirectory() as place:
        folder = make(Path(place), chosen.stores, chosen.patients, chosen.entries)
        base = duck(folder)
        ways: dict[str, list[str]] = {
            "claim, 1 process": asked(folder, "claim", "denosumab", "--month", MONTH),
            "claim, 2 workers": asked(folder, "claim", "denosumab", "--month", MONTH, "--workers", "2"),
            "recall, 1 process": asked(folder, "recall", "denosumab"),
            "recall, 2 workers": asked(folder, "recall", "denosumab", "--workers", "2"),
        }
        cluster = _Cluster() if chosen.dask else None
        if cluster:
            ways["claim, Dask"] = asked(folder, "claim", "denosumab", "--month", MONTH, "--dask", cluster.address)
        if base:
            for name, sql in (("claim", _CLAIM_SQL), ("recall", _RECALL_SQL)):
                ways[f"{name}, DuckDB"] = [sys.executable, "-c", _DUCK, str(base), sql.format(code=CODE, as_of=AS_OF)]
        times: dict[str, list[float]] = {name: [] for name in ways}
        sums: dict[str, set[int]] = {"claim": set(), "recall": set()}
        try:
            for turn in range(chosen.runs + 1):
                for name, command in ways.items():
                    taken, said = seconds(command)
                    if turn or chosen.short:
                        # The first turn reads everything from disk.
                        times[name].append(taken)
                    kind = name.partition(",")[0]
                    sums[kind].add(_total(kind, said))
        finally:
            if cluster:
                cluster.close()
        peak = max(MEMORY, default=0)
        small = _memory_of_many(Path(place), chosen.many) if chosen.many else ""
    print(
        f"{chosen.stores} stores of {chosen.patients} patients and {chosen.entries} entries; medians of {chosen.runs}"
    )
    for name, found in times.items():
        print(f"{name:<20}{median(found):>8.2f} s{median(found) * 1000 / chosen.stores:>9.1f} ms a store")
    for kind in sums:
        one = median(times[f"{kind}, 1 process"])
        said = f"{kind}: two workers to one {median(times[f'{kind}, 2 workers']) / one:.2f}"
        print(f"{said}; one process to DuckDB {one / median(times[f'{kind}, DuckDB']):.1f}" if base else said)
    print(f"largest `les` process {peak:.0f} MB{small}; sums: {sums}; workers left: {workers_left()}")
    faults = [kind for kind, found in sums.items() if len(found) != 1]
    if faults or workers_left():
        print(f"sums differ: {faults}; workers left: {workers_left()}")
        return 1
    return 0


def _memory_of_many(place: Path, many: int) -> str:
    """The memory of a process that asks a tenth of so many small stores, and of one that asks all."""
    folder, peaks = place / "many", []
    (folder / "practices").mkdir(parents=True)
    for number in range(many):
        code = f"B{10000 + number}"
        here(folder / "practices" / f"{code}.les", "init", "--practice", code, "--name", code, "--quiet")
        if number + 1 in (many // 10, many):
            MEMORY.clear()
            seconds(asked(folder, "claim", "denosumab", "--month", MONTH))
            peaks.append(max(MEMORY, default=0))
    return f"; {many // 10} small stores {peaks[0]:.0f} MB, {many} small stores {peaks[-1]:.0f} MB"


def _total(kind: str, said: Any) -> int:
    """The injections of May that are paid, or the recalls that are not upcoming."""
    if isinstance(said, int):
        return said
    if kind == "recall":
        return int(said["totals"]["overdue"] + said["totals"]["due"])
    claims = (claim for one in said["practices"] for claim in one["services"])
    return sum(line["quantity"] for claim in claims for line in claim["lines"])


class _Cluster:
    """A Dask scheduler and two workers on this machine."""

    def __init__(self) -> None:
        from distributed import LocalCluster

        self._cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True)
        self.address = str(self._cluster.scheduler_address)

    def close(self) -> None:
        self._cluster.close()


if __name__ == "__main__":
    sys.exit(main())
