"""`python -m tests.oracle denosumab --practices 5000`: random practices by the thousand, every difference printed."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from .commands import Import
from .compared import play, play_commands
from .contests import CONTESTS
from .practices import practice
from .smaller import smaller


def main() -> int:
    """0 where nothing differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.oracle")
    parser.add_argument("services", nargs="*", help="all when none is named")
    parser.add_argument("--practices", type=int, default=5000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--show", type=int, default=5, help="differing practices to print of each service")
    parser.add_argument("--stop", action="store_true", help="stop at the first practice that differs")
    parser.add_argument("--smaller", action="store_true", help="print the smallest practice that still differs")
    asked = parser.parse_args()
    failed = 0
    for name in asked.services or CONTESTS:
        began, rows, verdicts, seeds = time.perf_counter(), 0, Counter[str](), []
        with tempfile.TemporaryDirectory() as folder:
            for seed in range(asked.first, asked.first + asked.practices):
                outcome = play(CONTESTS[name], seed, Path(folder))
                rows += outcome.rows
                verdicts += outcome.verdicts
                if outcome.differences:
                    if seed in CONTESTS[name].known and asked.stop:
                        continue
                    seeds.append(seed)
                    if asked.smaller:
                        _print_smallest(name, seed, Path(folder))
                    if len(seeds) <= asked.show:
                        print(f"{name} seed {seed}:", *outcome.differences, sep="\n  ")
                    if asked.stop:
                        break
        failed += len(seeds)
        last = asked.first + asked.practices - 1
        print(
            f"{name}: seeds {asked.first} to {last}, {rows} rows {dict(verdicts)},"
            f" {len(seeds)} differ {seeds[:20]}, {time.perf_counter() - began:.0f} s"
        )
    return 1 if failed else 0


def _print_smallest(name: str, seed: int, folder: Path) -> None:
    contest = CONTESTS[name]
    found = smaller(contest, practice(contest.kind, seed), folder)
    print(f"{name} seed {seed}, the smallest that differs:")
    for command in found:
        if isinstance(command, Import):
            print("  Import", command.on)
            for row in command.rows:
                print("   ", {cell: value for cell, value in row.items() if value})
        else:
            print(f"  {command}")
    print(*play_commands(contest, found, folder).differences, sep="\n  ")


if __name__ == "__main__":
    sys.exit(main())
