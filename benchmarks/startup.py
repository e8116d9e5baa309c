"""How long a person waits for help, against a Python that does nothing.

    python benchmarks/startup.py [--short]

Prints the median of interleaved runs and the ratio; exits 1 when a ratio is above its bound. The two programs of a
pair run one after the other, so a machine that is busy slows both; what is too
slow is measured once more, three times as often.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from lescli.cli.verb_table import VERBS

OVERVIEW_BOUND = 3.0
VERB_BOUND = 8.0
ROUNDS, SHORT_ROUNDS = 15, 7
LES = Path(sys.executable).with_name("les.exe" if sys.platform == "win32" else "les")


def seconds(command: list[str]) -> float:
    """How long one run of a command takes."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def ratio(arguments: list[str], rounds: int) -> tuple[float, float, float]:
    """Median seconds of `les` with these arguments and of `python -c pass`, interleaved, and their ratio."""
    command, yardstick = [str(LES), *arguments], [sys.executable, "-c", "pass"]
    seconds(command)  # the first run reads everything from disk
    pairs = [(seconds(command), seconds(yardstick)) for _ in range(rounds)]
    ours, theirs = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    return ours, theirs, ours / theirs


def measured(arguments: list[str], bound: float, rounds: int) -> bool:
    """Measure, print, and say whether the ratio is within its bound; a second time when it is not."""
    name = f"les {' '.join(arguments)}"
    for attempt, pairs in (("", rounds), (f" (once more, {3 * rounds} pairs)", 3 * rounds)):
        ours, theirs, times = ratio(arguments, pairs)
        within = times <= bound
        state = "" if within else "  TOO SLOW"
        print(f"{name:<28}{ours * 1000:7.1f} ms{theirs * 1000:7.1f} ms{times:7.2f}  at most {bound:g}{state}{attempt}")
        if within:
            return True
    return False


def main() -> int:
    """Measure the overview and the help of every verb."""
    rounds = SHORT_ROUNDS if "--short" in sys.argv[1:] else ROUNDS
    print(f"{'median of ' + str(rounds) + ' pairs':<28}{'les':>10}{'python':>10}{'ratio':>7}", flush=True)
    within = [measured(["--help"], OVERVIEW_BOUND, rounds)]
    within += [measured([*verb.split(" "), "--help"], VERB_BOUND, rounds) for verb in VERBS]
    return 0 if all(within) else 1


if __name__ == "__main__":
    sys.exit(main())
