"""Kill `les month` at random moments and run it again: one claim a service, no file half written, nothing lost.

    python benchmarks/month_kills.py [--kills 100] [--seed 1] [--short]

Each try copies a prepared store and an inbox of three exports and a file that is none, starts `les month --submit` in
another process and kills it at a moment drawn evenly over an undisturbed run. A run that had ended before the kill does
not count and is drawn again. After the kill, every file of the month's folder must be whole, and each export must lie
in the inbox or in `done`. After the same command once more, the store, the folder and the inbox must be those of a run
that nobody disturbed, but for what a killed run may leave under a temporary name. Exits with 1 on any fault.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from practice import content, differences, export, faults, here, new_store, started

ROWS, EXPORTS = 1_500, 3
AS_OF = ("--as-of", "2026-06-05")
DIED = 1 if sys.platform == "win32" else -9
MOST_DRAWS = 40
NO_EXPORT = "notes.txt"


def prepared(folder: Path) -> Path:
    """A folder with a store of two contracts and a full inbox."""
    store = new_store(folder / "p.les")
    here(store, "services", "sign", "phlebotomy", "--from", "2026-04-01", "--quiet")
    inbox = folder / "inbox"
    inbox.mkdir()
    for number in range(EXPORTS):
        export(inbox / f"{number}.csv", ROWS, seed=40 + number)
    (inbox / NO_EXPORT).write_text("hello\n", encoding="utf-8")
    return store


def begun(folder: Path) -> subprocess.Popen[str]:
    """`les month` in another process."""
    words = ("--out", str(folder / "months"), "--inbox", str(folder / "inbox"), "--submit", "--by", "A. Admin")
    return started(folder / "p.les", "month", "2026-05", *words, *AS_OF, "--json")


def whole(folder: Path) -> Iterator[str]:
    """What is wrong with the files that a kill left under their own names."""
    for path in sorted((folder / "months").glob("*/*")) if (folder / "months").is_dir() else ():
        if path.parent.name.startswith(".les-"):
            continue
        data = path.read_bytes()
        if not data:
            yield f"{path.name} is empty"
        if path.suffix == ".xlsx" and zipfile.ZipFile(BytesIO(data)).testzip() is not None:
            yield f"{path.name} is damaged"
        if path.suffix == ".html" and not data.endswith(b"</html>\n"):
            yield f"{path.name} is cut"
    inbox = folder / "inbox"
    for name in (*(f"{number}.csv" for number in range(EXPORTS)), NO_EXPORT):
        there = [one for one in (inbox / name, inbox / "done" / name, inbox / "refused" / name) if one.is_file()]
        if len(there) != 1:
            yield f"{name} lies in {len(there)} places"


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file of the months and the inbox, but for what a killed run left under a temporary name."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for top in ("months", "inbox")
        for path in sorted((folder / top).rglob("*"))
        if path.is_file() and not any(part.startswith(".les-") for part in path.relative_to(folder).parts)
    }


def tried(base: Path, folder: Path, moment: float, wanted: dict[str, list[Any]], files: dict[str, bytes]) -> list[str]:
    """Kill one run and run it again; the faults found, or `ended` when the run ended before the kill."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base, folder)
    process = begun(folder)
    time.sleep(moment)
    process.kill()
    process.communicate()
    if process.returncode != DIED:
        return ["ended"]
    found = list(whole(folder))
    again = begun(folder)
    again.communicate()
    if again.returncode not in (0, 3):
        found.append(f"the next run ends with {again.returncode}")
    found += whole(folder)
    found += faults(folder / "p.les")
    found += differences(folder / "p.les", wanted)
    left = files_of(folder)
    found += [f"{name} differs" for name in sorted(files.keys() | left.keys()) if left.get(name) != files.get(name)]
    return found


def main() -> int:
    """Print the kills and the faults."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--short", action="store_true", help="8 kills")
    options = parser.parse_args()
    kills = 8 if options.short else options.kills
    drawn = random.Random(options.seed)
    with TemporaryDirectory() as place:
        base = Path(place) / "base"
        base.mkdir()
        prepared(base)
        times = []
        calm = Path(place) / "calm"
        for _ in range(3):
            shutil.rmtree(calm, ignore_errors=True)
            shutil.copytree(base, calm)
            start = time.perf_counter()
            process = begun(calm)
            process.communicate()
            times.append(time.perf_counter() - start)
            if process.returncode != 3:
                print(f"an undisturbed run ends with {process.returncode}")
                return 1
        wanted, files = content(calm / "p.les"), files_of(calm)
        every: list[str] = []
        ended = 0
        for number in range(kills):
            for _ in range(MOST_DRAWS):
                found = tried(base, Path(place) / "try", drawn.uniform(0, median(times)), wanted, files)
                if found != ["ended"]:
                    break
                ended += 1
            every += [f"kill {number}: {fault}" for fault in found]
    for line in every[:20]:
        print(line)
    undisturbed = f"{median(times):.2f} s undisturbed; {ended} had ended before"
    print(f"{kills} kills of `les month` ({undisturbed}): {len(every)} faults")
    return 1 if every else 0


if __name__ == "__main__":
    sys.exit(main())
