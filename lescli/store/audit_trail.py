"""The audit trail: who ran which command when, how many patients it showed, and how it ended; never which patients.

The command line announces a command with `following`. A function that a script calls writes no audit line, unless
the script does the same. A command writes an audit line:

- with its first change of the store, in the same transaction;
- before it shows patients;
- at its end, if it has written none yet or ended with another exit code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .ledger import chain

if TYPE_CHECKING:
    from .database.connection import Store


_SUCCEEDED = (0, 3)

_ENTRIES = """
SELECT first.at, first.user, first.by, first.verb, last.asked, each.patients, each.identifiable, last.exit_code
FROM (
  SELECT command, max(id) AS last, max(patients) AS patients, max(identifiable) AS identifiable
  FROM audit GROUP BY command
) each JOIN audit first ON first.id = each.command JOIN audit last ON last.id = each.last
WHERE first.at >= ? AND first.at < ? ORDER BY first.id
"""


@dataclass(slots=True, kw_only=True)
class Command:
    """A running command: what its audit lines say of it, and what it has written so far.

    `at` reads the clock, as `2026-06-05T08:30:00Z`. `asked` holds names of options, services and months. `named` holds
    names that a person typed: they are written only if the command succeeds, which shows that they name no patient.
    """

    path: Path
    at: Callable[[], str]
    user: str
    verb: str
    asked: str = ""
    named: str = ""
    by: str = ""
    patients: int = 0
    identifiable: bool = False
    opened: bool = False
    _store: Store | None = field(default=None, repr=False)
    _first_row: int | None = None
    _last_row: tuple[int, str] | None = None
    _last_answer: tuple[int, bool, int] | None = None

    def shows(self, patients: int) -> None:
        """Note that the command is about to show so many patients."""
        self.patients, self.identifiable = max(self.patients, patients), True


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One command in the audit trail; `at` is when its first row was written, in UTC."""

    at: str
    user: str
    by: str
    verb: str
    asked: str
    patients: int
    identifiable: bool
    exit_code: int


_current: ContextVar[Command | None] = ContextVar("les_command", default=None)


def current() -> Command | None:
    """The command that `following` announced; None in a script and in a worker process."""
    return _current.get()


@contextmanager
def following(command: Command) -> Iterator[Command]:
    """Inside it, the store at the command's path writes audit lines for the command."""
    before = _current.set(command)
    try:
        yield command
    finally:
        _current.reset(before)


def follow(store: Store) -> None:
    """Called with every store that is opened: the store at the command's path writes audit lines."""
    command = current()
    if command is not None and store.path is not None and store.path == command.path:
        command.opened = True
        command._store = store
        store.before_commit = _with_the_change


def _with_the_change(store: Store) -> None:
    command = current()
    if command is not None and not _is_in_store(store, command):
        _insert(store, command, 0)


def write(
    command: Command,
    exit_code: int,
    open_store: Callable[[Path], AbstractContextManager[Store]],
    *,
    wait_seconds: float | None = None,
) -> None:
    """Write an audit line: the command ends with an exit code, or is about to show patients. It skips a repeated line.

    `open_store` opens the command's store again if it is closed already. LockedError when another program uses the
    store longer than `wait_seconds`, ReadOnlyError when it cannot be written at all.
    """
    if command._last_answer == (command.patients, command.identifiable, exit_code):
        # Safe without looking into the store: if a transaction with the line was rolled back, the exit code differs.
        return
    held = command._store
    store = nullcontext(held) if held is not None and not held.closed else open_store(command.path)
    with store as opened:
        if wait_seconds is not None:
            opened.connection.execute(f"PRAGMA busy_timeout = {int(wait_seconds * 1000)}")
        # Otherwise the hook would write another line before this one.
        opened.before_commit = None
        with opened.writing():
            _insert(opened, command, exit_code)
        opened.before_commit = _with_the_change


def _is_in_store(store: Store, command: Command) -> bool:
    """Whether the command's last audit line is really in the store: its transaction may have been rolled back."""
    return command._last_row is not None and bool(
        store.rows("SELECT 1 FROM audit WHERE id = ? AND hash = ?", *command._last_row)
    )


def _insert(store: Store, command: Command, exit_code: int) -> None:
    found = store.rows("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1")
    number, previous = (found[0][0] + 1, found[0][1]) if found else (1, chain.START)
    first = command._first_row if command._first_row is not None and _is_in_store(store, command) else number
    asked = " ".join(filter(None, (command.named if exit_code in _SUCCEEDED else "", command.asked)))
    values = (
        *(number, first, command.at(), command.user, command.by, command.verb, asked),
        *(command.patients, int(command.identifiable), exit_code),
    )
    digest = chain.digest(previous, "audit", values)
    chain.insert(store, "audit", values, previous=previous, hash=digest)
    command._first_row, command._last_row = first, (number, digest)
    command._last_answer = (command.patients, command.identifiable, exit_code)


def entries(store: Store, start: str, end: str) -> tuple[AuditEntry, ...]:
    """The commands from `start` (included) to `end` (not included), oldest first; both are written like `at`."""
    return tuple(
        AuditEntry(
            at=row[0],
            user=row[1],
            by=row[2],
            verb=row[3],
            asked=row[4],
            patients=row[5],
            identifiable=bool(row[6]),
            exit_code=row[7],
        )
        for row in store.rows(_ENTRIES, start, end)
    )


def newest(store: Store, verb: str) -> str | None:
    """When a verb last succeeded, in UTC; None when the trail has no such line."""
    found = store.rows("SELECT max(at) FROM audit WHERE verb = ? AND exit_code = 0", verb)
    return found[0][0] if found else None
