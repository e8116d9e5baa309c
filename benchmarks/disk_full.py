"""The disk fills up at 50 different sizes: one clear line, exit code 1, and everything committed before is still there.

    python benchmarks/disk_full.py [--seed 1] [--short]

A limit on the size of a file (RLIMIT_FSIZE) stands for the full disk: `les` runs under it in another process, once for
each size and command. It must end as without the limit, or with 1 and one line on stderr; then the store must be
whole and hold what it held before, and the `--out` file be there whole or as it was. POSIX only: elsewhere it says so
and exits 0. Exits with 1 on any fault. `--short` tries 4 sizes.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from practice import AS_OF, MONTH, SUBMIT, content, differences, export, faults, here, new_store, started

from lescli.cli.verbs import VERBS

SIZES, SHORT_SIZES = 50, 4


class Job(NamedTuple):
    """A command, the store it begins with, how it ends without a limit, and the size of the files it then writes."""

    name: str
    words: tuple[str, ...]
    out: str
    store: Path
    before: dict[str, list[Any]]
    after: dict[str, list[Any]]
    codes: set[int]
    largest: int
    written: int


def limited(size: int) -> Callable[[], None]:
    """Run in the child before `les`: no file of it grows beyond so many bytes."""

    def limit() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


def copied(store: Path, folder: Path) -> Path:
    """The store in a folder with nothing else in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return Path(shutil.copy(store, folder / "practice.les"))


def measured(name: str, words: tuple[str, ...], out: str, store: Path, folder: Path) -> Job:
    """Run a command without a limit."""
    copy = copied(store, folder)
    code, _, said = here(copy, *words, *placed(copy, out))
    assert code in (0, 3), said
    written = (copy.parent / out).stat().st_size if out else 0
    largest = written or copy.stat().st_size
    return Job(name, words, out, store, content(store), content(copy), {code}, largest, written)


def placed(store: Path, out: str) -> tuple[str, ...]:
    """The words that say where the file goes; a backup is named without an option."""
    if not out:
        return ()
    place = str(store.parent / out)
    return (place,) if out.endswith(".les") else ("--out", place)


def tried(job: Job, size: int, folder: Path) -> tuple[int, list[str]]:
    """One run under a limit: its exit code, and what is wrong afterwards."""
    store = copied(job.store, folder)
    old = b"what stood there before"
    place = folder / job.out if job.out else None
    if place is not None and not job.out.endswith(".les"):
        place.write_bytes(old)
    process = started(store, *job.words, *placed(store, job.out), preexec_fn=limited(size))
    said = process.communicate()[1].splitlines()
    code = process.returncode
    wrong: list[str] = []
    if code not in (job.codes | {1}):
        wrong.append(f"exit {code}")
    if any(not line.startswith("les: ") for line in said) or any("fault of the program" in line for line in said):
        wrong.append(f"stderr: {' / '.join(said)}")
    if code == 1 and len(said) != 1:
        wrong.append(f"{len(said)} lines on stderr: {' / '.join(said)}")
    # An import of a folder keeps the files before the one that found the disk full.
    wanted = job.before if code == 1 else job.after
    wrong += [*differences(store, wanted), *faults(store)]
    if place is not None:
        if code != 1 and (not place.exists() or place.stat().st_size != job.written):
            wrong.append("the file is not whole")
        if code == 1 and place.exists() and (job.out.endswith(".les") or place.read_bytes() != old):
            wrong.append("half a file is left, or another than before")
    allowed = {"practice.les", job.out}
    wrong += [f"left behind: {path.name}" for path in folder.iterdir() if path.name not in allowed]
    return code, wrong


def main() -> int:
    """Fill the disk, look what is left."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--short", action="store_true", help=f"{SHORT_SIZES} sizes")
    chosen = options.parse_args()
    if sys.platform == "win32":
        print("there is no limit on the size of a file here: nothing was tried")
        return 0
    sizes = SHORT_SIZES if chosen.short else SIZES
    draw = random.Random(chosen.seed)
    found = 0
    with TemporaryDirectory() as name:
        folder = Path(name)
        store = new_store(folder / "prepared.les")
        here(store, "import", str(export(folder / "spring.csv", 1_500, 3)), "--quiet")
        more = export(folder / "more.csv", 2_000, 5)
        report = ("report", "denosumab", "--period", "2026-27", "--as-of", AS_OF, "--quiet")
        # Names patients: it may not be shown without its entry in the trail.
        rows = ("claim", "denosumab", "--month", MONTH, "--as-of", AS_OF, "--rows", "--quiet")
        asked = [
            ("import", ("import", str(more), "--quiet"), ""),
            ("submit", (*SUBMIT, "--quiet"), ""),
            ("export of rows", rows, "out.csv"),
            ("export csv", report, "out.csv"),
            ("export xlsx", report, "out.xlsx"),
        ]
        if "backup" in VERBS:
            asked.append(("backup", ("backup", "--quiet"), "backup.les"))
        for job in [measured(*one, store, folder / "measured") for one in asked]:
            codes: Counter[int] = Counter()
            for number in range(sizes):
                # Spread over all that the command writes and a little beyond, so that some of them fit.
                size = int(job.largest * 1.15 * (number + draw.random()) / sizes)
                code, wrong = tried(job, size, folder / "tried")
                codes[code] += 1
                found += bool(wrong)
                if wrong:
                    print(f"{job.name}, at most {size} of {job.largest} bytes:", *wrong[:5], sep="\n    ", flush=True)
            told = ", ".join(f"{times} exit {code}" for code, times in sorted(codes.items()))
            print(f"{job.name} ({job.largest} bytes), {sizes} sizes: {told}", flush=True)
    print(f"{found} with faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
