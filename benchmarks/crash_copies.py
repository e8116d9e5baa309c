"""Kill backups, restores and changes of key: the store opens and is whole, old or new, and the old one is kept.

`crash.py --copies N` runs it. After a kill, and after the same command once more, `les verify` must be silent on the
store and on every copy that has its name; the store holds what it held before or what it was to hold, a store that
was replaced has its entry in the audit trail and the old one beside it, and whatever else is left is told by
`les doctor`.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from killing import MOMENTS, Course, killed, undisturbed
from practice import content, entries, faults, here, started

from lescli.errors import LesError
from lescli.files import unfinished
from lescli.store import open_store
from lescli.store.database.encryption import Key, read_key_file
from lescli.store.database.location import left_behind

COPY = "copies/backup.les"
Content = dict[str, list[Any]]


class Copying(NamedTuple):
    """A command, the files it begins with, what its store holds before and after, and how to tell that it is done.

    `written` is the file that it writes, `again` how it ends when it is done already.
    """

    verb: str
    words: tuple[str, ...]
    files: dict[str, Path]
    before: Content
    after: Content
    done: Callable[[Path], bool]
    again: int = 0
    written: str = "practice.les"


def run_copies(store: Path, more: Path, tries: int, folder: Path, draw: random.Random, *, with_keys: bool) -> int:
    """So many kills of each command; how many had faults."""
    found = 0
    jobs = [*_copies(store, more, folder), *(_keys(store, folder) if with_keys else ())]
    if not with_keys:
        print("changes of key cannot be tried here, or the store is encrypted already: left out")
    for job in jobs:
        place = folder / "tried" / "practice.les"
        _laid_out(job, place)
        course = undisturbed(place.parent / job.written, partial(started, place, *job.words))
        assert course.code == 0, course.said
        counts: Counter[str] = Counter()
        redrawn = 0
        for number in range(tries):
            aim = MOMENTS[number % len(MOMENTS)]
            when, again, wrong = _tried(job, place, course, aim, draw)
            counts[when] += 1
            redrawn += again
            found += bool(wrong)
            if wrong:
                print(f"try {number} of {job.verb}, aimed {aim}, killed {when}:", *wrong, sep="\n    ", flush=True)
        told = ", ".join(f"{count} {when}" for when, count in sorted(counts.items()))
        print(f"{job.verb} ({course.seconds:.2f} s), killed: {told} ({redrawn} more drawn again)", flush=True)
    print(f"{tries} each of {', '.join(job.verb for job in jobs)}: {found} with faults", flush=True)
    return found


def _copies(store: Path, more: Path, folder: Path) -> tuple[Copying, ...]:
    """A backup over an older one, and a restore over another store."""
    newer = Path(shutil.copy(store, folder / "newer.les"))
    here(newer, "import", str(more), "--quiet")
    old, new = content(store), content(newer)
    backup = {"practice.les": newer, COPY: store}
    restore = {"practice.les": newer, COPY: store}
    copy = str(folder / "tried" / COPY)

    def holds(path: Path | str, what: Content) -> bool:
        return content(Path(path)) == what

    return (
        Copying("backup", ("backup", copy, "--yes", "--quiet"), backup, new, new, lambda _: holds(copy, new), 0, COPY),
        Copying("restore", ("restore", copy, "--yes", "--quiet"), restore, new, old, lambda place: holds(place, old)),
    )


def _keys(store: Path, folder: Path) -> tuple[Copying, ...]:
    """A plain store that is encrypted, and an encrypted one under another key."""
    keys = folder / "keys"
    first, second = keys / "first.key", folder / "tried" / "new.key"
    under_key = Path(shutil.copy(store, folder / "encrypted.les"))
    assert here(under_key, "encrypt", "--key-file", str(first), "--quiet")[0] == 0
    held = content(store)
    encrypt = ("encrypt", "--key-file", str(second), "--quiet")
    rekey = ("rekey", "--key-file", str(second), "--quiet")
    return (
        Copying("encrypt", encrypt, {"practice.les": store}, held, held, lambda place: _key_of(place) is not None, 1),
        Copying(
            *("rekey", rekey, {"practice.les": under_key}, held, held),
            *(lambda place: _key_of(place) != read_key_file(first), 1),
        ),
    )


def _key_of(place: Path) -> Key | None:
    with open_store(place) as store:
        return store.key


def _laid_out(job: Copying, place: Path) -> None:
    shutil.rmtree(place.parent, ignore_errors=True)
    for name, source in job.files.items():
        (place.parent / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, place.parent / name)


def _tried(job: Copying, place: Path, course: Course, aim: str, draw: random.Random) -> tuple[str, int, list[str]]:
    found = killed(
        *(place.parent / job.written, partial(_laid_out, job, place), partial(started, place, *job.words)),
        *(aim, course, draw),
    )
    if found is None:
        return "never", 0, ["it always ended before the kill"]
    try:
        when, wrong = _looked_at(job, place)
    except LesError as fault:
        when, wrong = "at a moment that is not known", [str(fault)]
    return when, found.redrawn, wrong


def _looked_at(job: Copying, place: Path) -> tuple[str, list[str]]:
    """When the kill came, and what is wrong before the command is run again and after."""
    left = bool(_left(place))
    wrong = [f"after the kill: {line}" for line in _wrong(job, place)]
    done = job.done(place)
    when = "in the middle" if left else "when it was done" if done else "before it"
    code, _, said = here(place, *job.words)
    if code != (job.again if done else 0):
        wrong.append(f"the second run ends with {code}: {said.strip()}")
    wrong += [f"after the second run: {line}" for line in _wrong(job, place)]
    if content(place) != job.after:
        wrong.append("after the second run: the store does not hold what it should")
    return when, wrong


def _wrong(job: Copying, place: Path) -> list[str]:
    """What is wrong with the store, its copies and the folder."""
    if not place.exists():
        return ["there is no store"]
    wrong = faults(place)
    held = content(place)
    if held not in (job.before, job.after):
        wrong.append("the store holds neither what it held nor what it should")
    told = _left(place)
    for path in sorted(place.parent.rglob("*")):
        if path.is_dir() or path == place or path in told:
            continue
        if path.samefile(place):
            wrong.append(f"{path.name} is a second name of the store")
            continue
        if path.name == "new.key":
            continue
        if path.suffix != ".les":
            wrong.append(f"left behind: {path.name}")
            continue
        wrong += [f"{path.name}: {line}" for line in faults(path)]
        if content(path) not in (job.before, job.after, *map(content, job.files.values())):
            wrong.append(f"{path.name} holds something else")
    kept = [path for path in place.parent.glob("practice-replaced-*") if path not in told]
    if job.verb == "restore" and held == job.after and not any(content(path) == job.before for path in kept):
        wrong.append("the old store is not kept")
    # A backup changes nothing in the store: its entry comes at its end.
    if job.verb != "backup" and job.done(place) and not any(entry.exit_code == 0 for entry in entries(place, job.verb)):
        wrong.append("it is done, and the trail does not say so")
    return wrong


def _left(place: Path) -> set[Path]:
    """What `les doctor` tells of beside the store, and `les backup` beside the copy."""
    return {*left_behind(place), *unfinished(place.parent / "copies")}
