"""The disk fills up at 50 different sizes: one clear line, exit code 1, and everything committed before is still there.

    python benchmarks/disk_full.py [--encrypted] [--seed 1] [--short]

A limit on the size of a file (RLIMIT_FSIZE) stands for the full disk: `les` runs under it in another process, once for
each size and command. It must end as without the limit, or with 1 and one line on stderr; then `les verify` must be
silent on the store, which holds what it held before (of an import of several files: the files before the one that found
the disk full, and that it says), and what the command writes, a file or a folder, be there whole or as it was, with
nothing half done beside it. POSIX only: elsewhere it says so and exits 0. Exits with 1 on any fault. `--short` tries 2
sizes of the main commands; `--encrypted` does it all to an encrypted store.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from practice import (
    AS_OF,
    MONTH,
    SUBMIT,
    content,
    differences,
    export,
    faults,
    here,
    keys_of_their_own,
    new_store,
    started,
    under_a_key,
)

from lescli.errors import LesError

SIZES, SHORT_SIZES = 50, 2
SMALLEST = (0, 50)
"""Tried besides, in full: nothing can be written, and half a key."""
SHORT = ("import", "submit", "rows as csv", "report as xlsx", "evidence pack", "backup", "restore", "encrypt")
KEPT = "practice-replaced-"


class Job(NamedTuple):
    """A command, the store it begins with (None: there is none), what it writes (empty: the store), and how it ends.

    `HERE` in the words is the folder it runs in, in which `files` are laid before; `out` is compared with what stands
    there before and after it. `largest` is the size of the largest file it writes.
    """

    name: str
    words: tuple[str, ...]
    store: Path | None
    files: dict[str, Path | bytes]
    out: str
    before: dict[str, list[Any]]
    after: dict[str, list[Any]]
    written: object
    codes: set[int]
    largest: int


HERE = "{here}"
OLD = b"what stood there before"


def limited(size: int) -> Callable[[], None]:
    """Run in the child before `les`: no file of it grows beyond so many bytes."""

    def limit() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


def laid_out(store: Path | None, files: dict[str, Path | bytes], folder: Path) -> Path:
    """The store in a folder with nothing else in it but these files."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, source in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        if isinstance(source, bytes):
            (folder / name).write_bytes(source)
        else:
            shutil.copy(source, folder / name)
    if store is not None:
        shutil.copy(store, folder / "practice.les")
    return folder / "practice.les"


def measured(
    name: str, words: tuple[str, ...], folder: Path, *, store: Path | None, out: str = "", **files: Path | bytes
) -> Job:
    """Run a command without a limit; the names of `files` are written with _ for the dot."""
    laid = {name.replace("_", "."): source for name, source in files.items()}
    place = laid_out(store, laid, folder)
    code, _, said = here(place, *(word.replace(HERE, str(folder)) for word in words))
    assert code in (0, 3), said
    target = place if not out or out.endswith(".key") else folder / out
    looked_at = [target, *target.rglob("*")]
    if "--rows" in words or words[0] == "evidence":
        # Patients are shown only when their entry stands in the store.
        looked_at.append(place)
    largest = max(path.stat().st_size for path in looked_at if path.is_file())
    before = content(store) if store is not None else {}
    return Job(name, words, store, laid, out, before, content(place), written(folder / out), {code}, largest)


def written(place: Path) -> object:
    """What a file or a folder holds, but for what is another every time: a copy's own entries and keys."""
    if place.suffix == ".les":
        return content(place) if place.exists() else None
    if place.is_dir() and (place / "manifest.json").exists():
        names = {path.name for path in place.iterdir()}
        listed = json.loads((place / "manifest.json").read_bytes())["files"]
        wrong = [one for one in listed if sha256((place / one["file"]).read_bytes()).hexdigest() != one["sha256"]]
        return names, wrong
    if place.is_file():
        return "a key" if place.suffix == ".key" else place.read_bytes()
    return None


def tried(job: Job, size: int, folder: Path) -> tuple[int, list[str]]:
    """One run under a limit: its exit code, and what is wrong afterwards."""
    store = laid_out(job.store, job.files, folder)
    old = written(folder / job.out) if job.out else None
    words = [word.replace(HERE, str(folder)) for word in job.words]
    process = started(store, *words, preexec_fn=limited(size))
    said = process.communicate()[1].splitlines()
    code = process.returncode
    wrong: list[str] = []
    if code not in (job.codes | {1}) and not (code == 3 and job.name == "import of a folder"):
        wrong.append(f"exit {code}")
    if any(not line.startswith("les: ") for line in said) or any("fault of the program" in line for line in said):
        wrong.append(f"stderr: {' / '.join(said)}")
    if code == 1 and len(said) != 1:
        wrong.append(f"{len(said)} lines on stderr: {' / '.join(said)}")
    if any("/.les-" in line or ".new " in line for line in said):
        wrong.append(f"a file that is not there any more is named: {' / '.join(said)}")
    try:
        return code, [*wrong, *store_wrong(job, store, code, said), *out_wrong(job, folder, code, old)]
    except LesError as fault:
        return code, [*wrong, str(fault)]


def store_wrong(job: Job, store: Path, code: int, said: list[str]) -> Iterator[str]:
    """The store is whole, and what it was or what it is to be."""
    if job.store is None and code == 1:
        if store.exists():
            yield "there is a store"
        return
    yield from faults(store)
    if job.name == "import of a folder" and code == 3 and said:
        yield from files_wrong(job, store)
    else:
        yield from differences(store, job.before if code == 1 else job.after)


def files_wrong(job: Job, store: Path) -> Iterator[str]:
    """Of the files in order, some are there whole and the ones behind them not at all."""
    held = content(store)
    there = [row[0] for row in held["import_file"]]
    if there != [row[0] for row in job.after["import_file"]][: len(there)]:
        yield "a file is there, and one before it is not"
    if held["activity"] != [row for row in job.after["activity"] if row[-1] in there]:
        yield "a part of a file is there"


def out_wrong(job: Job, folder: Path, code: int, old: object) -> Iterator[str]:
    """What the command writes is there whole, or as it was; nothing else is."""
    if job.out:
        now = written(folder / job.out)
        if code != 1 and now != job.written:
            yield "the file is not whole"
        if code == 1 and now != old:
            yield "half a file is left, or another than before"
    allowed = {"practice.les", job.out, *job.files, *(Path(name).parts[0] for name in job.files)}
    for path in folder.iterdir():
        if path.name in allowed:
            continue
        if KEPT not in path.name or code == 1:
            yield f"left behind: {path.name}"
        elif faults(path) or content(path) != job.before:
            yield "the old store that is kept is not whole"


def jobs_of(folder: Path, *, with_keys: bool) -> Iterator[partial[Job]]:
    """Every command that writes something large enough to fill a disk."""
    place = folder / "tried"
    store = new_store(folder / "prepared.les")
    here(store, "import", str(export(folder / "spring.csv", 1_500, 3)), "--quiet")
    more = export(folder / "more.csv", 2_000, 5)
    claimed = Path(shutil.copy(store, folder / "claimed.les"))
    here(claimed, *SUBMIT, "--quiet")
    quiet = ("--as-of", AS_OF, "--quiet")
    report = ("report", "denosumab", "--period", "2026-27", *quiet)
    # Names patients: it may not be shown without its entry in the trail.
    rows = ("claim", "denosumab", "--month", MONTH, "--rows", *quiet)
    yield partial(measured, "init", ("init", "--practice", "A82038", "--name", "B", "--quiet"), place, store=None)
    yield partial(measured, "import", ("import", str(more), "--quiet"), place, store=store)
    many = folder / "many"
    many.mkdir()
    for number in range(3):
        export(many / f"{number}.csv", 1_000, 10 + number)
    yield partial(measured, "import of a folder", ("import", str(many), "--quiet"), place, store=store)
    yield partial(measured, "submit", (*SUBMIT, "--quiet"), place, store=store)
    for suffix in ("csv", "xlsx", "html", "json"):
        out = f"out.{suffix}"
        file = {f"out_{suffix}": OLD}
        for name, words in (("rows", rows), ("report", report)):
            words = (*words, "--out", f"{HERE}/{out}")
            yield partial(measured, f"{name} as {suffix}", words, place, store=store, out=out, **file)
    pack = ("evidence", "denosumab", "--period", "2026-27", *quiet, "--out", f"{HERE}/pack")
    yield partial(measured, "evidence pack", pack, place, store=claimed, out="pack")
    backup = ("backup", f"{HERE}/copy.les", "--quiet")
    yield partial(measured, "backup", backup, place, store=store, out="copy.les")
    yield partial(
        measured, "backup over another", (*backup, "--yes"), place, store=claimed, out="copy.les", copy_les=store
    )
    yield partial(measured, "restore", ("restore", str(claimed), "--yes", "--quiet"), place, store=store)
    if with_keys:
        key = ("--key-file", f"{HERE}/a.key", "--quiet")
        yield partial(measured, "encrypt", ("encrypt", *key), place, store=store, out="a.key")
        first = folder / "keys" / "first.key"
        sealed = Path(shutil.copy(store, folder / "sealed.les"))
        here(sealed, "encrypt", "--key-file", str(first), "--quiet")
        yield partial(measured, "rekey", ("rekey", *key), place, store=sealed, out="a.key")
    else:
        print("changes of key cannot be tried here, or the store is encrypted already: left out")


def sizes_of(job: Job, *, short: bool, draw: random.Random) -> list[int]:
    """Spread over all that the command writes and a little beyond, so that some of them fit."""
    if short:
        # Near the end and nearly nothing; which of them comes first is not told beforehand.
        return [int(job.largest * share * (0.5 + draw.random() / 2)) for share in (0.1, 1.0)]
    drawn = SIZES - len(SMALLEST)
    return [*SMALLEST, *(int(job.largest * 1.15 * (number + draw.random()) / drawn) for number in range(drawn))]


def main() -> int:
    """Fill the disk, look what is left."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--short", action="store_true", help=f"{SHORT_SIZES} sizes, and not of every command")
    options.add_argument("--only", default="", help="the commands whose name holds this")
    options.add_argument("--encrypted", action="store_true", help="an encrypted store")
    chosen = options.parse_args()
    if sys.platform == "win32":
        print("there is no limit on the size of a file here: nothing was tried")
        return 0
    draw = random.Random(chosen.seed)
    found = 0
    with TemporaryDirectory() as name, keys_of_their_own(Path(name) / "keys") as with_keys:
        folder = Path(name)
        if chosen.encrypted:
            if not with_keys:
                print("encrypted stores cannot be tried here: nothing was done")
                return 0
            under_a_key(folder / "keys")
        for asked in jobs_of(folder, with_keys=with_keys and not chosen.encrypted):
            if chosen.only not in asked.args[0] or (chosen.short and asked.args[0] not in SHORT):
                continue
            job = asked()
            codes: Counter[int] = Counter()
            sizes = sizes_of(job, short=chosen.short, draw=draw)
            for size in sizes:
                code, wrong = tried(job, size, folder / "tried")
                codes[code] += 1
                found += bool(wrong)
                if wrong:
                    print(f"{job.name}, at most {size} of {job.largest} bytes:", *wrong[:5], sep="\n    ", flush=True)
            told = ", ".join(f"{times} exit {code}" for code, times in sorted(codes.items()))
            print(f"{job.name} ({job.largest} bytes), {len(sizes)} sizes: {told}", flush=True)
    print(f"{found} with faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
