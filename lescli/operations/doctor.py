"""`les doctor` and `les verify`: this machine is set up right, and the store is whole."""

from __future__ import annotations

import importlib.util
import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..calendar import Month, Period
from ..errors import LesError, LockedError
from ..files import open_to_others
from ..outputs import Answer, Column, Grid, counted, masked
from ..services import Service, load_catalog
from ..store import Store, open_store
from ..store.audit_trail import newest
from ..store.database import location
from ..store.verify.run import Verified, verify
from .choose_services import catalog_of, chosen_services, doubts, register_of

BACKUP_DAYS = 7
"""The age at which the newest backup is too old."""

_COLUMNS = (Column("check", "Check"), Column("state", "State"), Column("what", "What"), Column("fix", "How to mend it"))


def unanswered(store: Store, as_of: date) -> Iterator[tuple[str, str]]:
    """Faults and contradictions in the register, recall and claim of each service, each with its cure."""
    for service in chosen_services(store, (), Period(as_of, as_of)).services:
        try:
            for line in _asked(store, service, as_of):
                what, _, fix = line.partition("; ")
                yield what, fix
        except LockedError:
            raise
        except LesError as fault:
            yield fault.what, fault.fix or f"mend or remove {service.name}; the other services work"


def _asked(store: Store, service: Service, as_of: date) -> tuple[str, ...]:
    records, register = register_of(store, service, as_of)
    service.recall(records, register)
    service.claim(records, register, Period.of_month(Month.of(as_of)))
    return doubts(service.spec, register)


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check. It needs attention when it has a `fix`."""

    check: str
    what: str
    fix: str = ""

    @property
    def state(self) -> str:
        """`ok` or `attention`."""
        return "attention" if self.fix else "ok"


def doctor_answer(path: Path, as_of: date) -> tuple[Answer, bool]:
    """Every check of this machine and of the store at a path, and whether any needs attention."""
    findings = [*_program(), *_place(path), *_store(path, as_of)]
    bad = sum(bool(one.fix) for one in findings)
    rows = tuple((one.check, one.state, masked(one.what), masked(one.fix)) for one in findings)
    names = [column.name for column in _COLUMNS]
    answer = Answer(
        data={"schema": "les-doctor/1", "checks": [dict(zip(names, row, strict=True)) for row in rows]},
        title=f"Doctor: {counted(bad, 'thing')} to look at" if bad else "Doctor: all is well",
        grids=(Grid(title="", columns=_COLUMNS, rows=rows),),
    )
    return answer, bool(bad)


def _program() -> Iterator[Finding]:
    yield Finding("python", f"Python {platform.python_version()} on {platform.system()}")
    version, new_enough = location.sqlite_version()
    yield Finding("sqlite", f"SQLite {version}", "" if new_enough else "install a newer Python, which brings its own")
    yield terminal(sys.stdout.encoding if sys.stdout is not None and sys.stdout.isatty() else None)
    yield time_zone("Europe/London")
    extra = importlib.util.find_spec("sqlcipher3") is not None
    told = (
        "installed" if extra else "not installed; it is needed for an encrypted store: pip install 'lescli[encrypted]'"
    )
    yield Finding("encryption", f"the extra lescli[encrypted] is {told}")


def terminal(encoding: str | None) -> Finding:
    """Whether the terminal can show UTF-8, which les always writes. None when the output is not a terminal."""
    if encoding is None:
        return Finding("terminal", "no terminal: UTF-8 is written")
    fine = encoding.lower().replace("-", "").replace("_", "") == "utf8"
    return Finding("terminal", encoding, "" if fine else "set it to UTF-8 (`chcp 65001` on Windows), or £ looks wrong")


def time_zone(name: str) -> Finding:
    """Whether the time zone of a place can be read."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return Finding("clock", f"no data of time zones: {name} is unknown", "pip install tzdata")
    return Finding("clock", f"the time zone {name} is known")


def _place(path: Path) -> Iterator[Finding]:
    warnings = location.warnings_of(path)
    yield Finding(
        "place", "; ".join(warnings) or f"{path.absolute()}", "move the store to a local folder" if warnings else ""
    )
    free, needed = location.room(path)
    told = f"{free / 1e9:.1f} GB free"
    yield Finding(
        "disk", told, "" if free >= needed else f"make room: {needed / 1e9:.1f} GB are wanted beside the store"
    )
    folder = path.absolute().parent
    if not folder.is_dir():
        return
    try:
        held = location.locks_hold(folder)
        told = "a second program is kept out while one writes" if held else "two programs can write at once"
        yield Finding("locks", told, "" if held else "move the store to a local disk")
    except LesError as fault:
        yield Finding("locks", fault.what, "choose a folder you can write to with --store")
    left = location.left_behind(path)
    if left:
        names = ", ".join(one.name for one in left)
        yield Finding("leftovers", f"unfinished copies of records: {names}", f"delete them from {folder}")


def _store(path: Path, as_of: date) -> Iterator[Finding]:
    if not path.exists():
        yield Finding("store", f"there is none at {path}", "`les init` makes it, or name another with --store")
        yield _services(None)
        return
    yield from _modes(path)
    try:
        with open_store(path) as store:
            kind = "encrypted" if store.key is not None else "not encrypted: keep it on an encrypted disk"
            yield Finding("store", f"of {store.practice.name} ({store.practice.ods_code}), {kind}")
            yield _services(store)
            answers = [Finding("answers", what, fix) for what, fix in unanswered(store, as_of)]
            yield from answers or [Finding("answers", "register, recall and claim of every service are answered")]
            yield backup_age(newest(store, "backup"), as_of)
    except LesError as fault:
        yield Finding("store", fault.what, fault.fix or "`les verify` tells more")
        yield _services(None)


def _modes(path: Path) -> Iterator[Finding]:
    mode, folder = open_to_others(path), path.absolute().parent
    told = f"others may read or write it ({mode})" if mode else "only its owner reads it"
    yield Finding("permissions", f"the store: {told}", f"chmod 600 {path}" if mode else "")
    mode = open_to_others(folder)
    if mode:
        yield Finding("permissions", f"its folder: others may put files into it ({mode})", f"chmod 700 {folder}")


def _services(store: Store | None) -> Finding:
    catalog = catalog_of(store) if store is not None else load_catalog()
    if catalog.broken:
        broken = "; ".join(f"{one.name}: {one.problem}" for one in catalog.broken)
        return Finding("services", broken, "mend or remove what is broken; the others work")
    return Finding("services", f"{counted(len(catalog.services), 'service')} load")


def backup_age(at: str | None, as_of: date) -> Finding:
    """Whether the newest backup is recent enough. `made` is its moment in the audit trail."""
    make = "`les backup FOLDER --keep 14`, every day"
    if at is None:
        return Finding("backup", "none was made of this store", make)
    days = (as_of - date.fromisoformat(at[:10])).days
    return Finding("backup", f"the newest is of {at[:10]}", make if days > BACKUP_DAYS else "")


_FAULT_COLUMNS = (Column("check", "Check"), Column("fault", "Fault"))

_CHAINS = {"ledger": "ledger", "audit": "audit trail"}


def verify_answer(path: Path, heads: Sequence[str]) -> tuple[Answer, tuple[str, ...], str]:
    """The answer, its faults as lines, and the number of things checked. The store is only read."""
    found = verify(path, heads)
    faults = tuple((fault.check, masked(fault.text)) for fault in found.faults)
    data: dict[str, Any] = {
        "schema": "les-verify/1",
        "whole": not faults,
        "faults": [{"check": check, "fault": text} for check, text in faults],
        "looked_at": [{"table": table, "rows": rows} for table, rows in found.looked_at.items()],
        "heads": [{"chain": chain, "head": head} for chain, head in found.heads.items()],
    }
    answer = Answer(
        data=data,
        title=f"Verify: {counted(len(faults), 'fault')}",
        grids=(Grid(title="", columns=_FAULT_COLUMNS, rows=faults, empty="the store is whole"),),
    )
    return answer, tuple(f"{check}: {text}" for check, text in faults), _looked_at(found)


def _looked_at(found: Verified) -> str:
    counts = ", ".join(f"{table.replace('_', ' ')} {count}" for table, count in found.looked_at.items())
    heads = "".join(f"; head of the {_CHAINS[chain]}: {head}" for chain, head in found.heads.items())
    return f"looked at {counts}{heads}"
