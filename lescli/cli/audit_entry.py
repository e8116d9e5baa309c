"""Writes each command's entry in the audit trail: what it may contain, and when it is written.

An entry has the names of options. It has values only where they cannot be about a patient: services, months, the claim.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import Exit, InterruptedByPerson, LesError, LockedError, ReadOnlyError
from .run import complain

if TYPE_CHECKING:
    import typer

    from ..store.audit_trail import Command
    from .options import Common

_SERVICE = re.compile(r"[a-z][a-z0-9-]{0,60}")
_MONTH = re.compile(r"[0-9]{4}(-[0-9]{2})?-Q[1-4]|[0-9]{4}-[0-9]{2}")
_PATIENCE_SECONDS = 1.0
"""How long a command that showed no patient waits at its end for another program that has the store locked."""
_COPIES = ("backup",)
"""Commands that copy all data but display none. If they could not write an entry, that is always reported."""

_NOT_ABOUT_PATIENTS = ("service", "services", "claim_id", "confirm", "withdraw")
"""Arguments and options that cannot be about a person if the command succeeded with them."""


def moment() -> datetime:
    """The current time. Only this and `calendar.today` read the clock."""
    return datetime.now(UTC)


def stamp() -> str:
    """The current time, as the trail writes it."""
    return moment().strftime("%Y-%m-%dT%H:%M:%SZ")


def system_user() -> str:
    """The user logged in to the operating system. An environment variable could say anything, so none is read."""
    try:
        if sys.platform == "win32":
            return os.getlogin()
        from pwd import getpwuid

        return getpwuid(os.getuid()).pw_name
    except (OSError, KeyError):
        return f"uid {os.getuid()}" if sys.platform != "win32" else "unknown"


def kept(
    common: Common, context: typer.Context, given: Mapping[str, Any], also: Iterable[str], run: Callable[[], int]
) -> int:
    """Run a verb, and write how it ended to the audit trail of its store. `also` names the common options given."""
    from ..store.audit_trail import following

    code: int = Exit.REFUSED
    with following(_command(common.path, context, given, also)) as command:
        try:
            code = run()
        except LesError as fault:
            code = fault.exit_code
            raise
        except KeyboardInterrupt:
            code = Exit.INTERRUPTED
            # The parser would end the program without a message.
            raise InterruptedByPerson from None
        finally:
            _write_at_end(command, code, common)
    return code


def _command(path: Path, context: typer.Context, given: Mapping[str, Any], also: Iterable[str]) -> Command:
    """The verb's entry in the trail, before it runs."""
    from ..outputs import masked
    from ..store.audit_trail import Command

    asked: list[str] = []
    named: list[str] = []
    by = ""
    declared = {one.name: one for one in context.command.params}
    for name, value in given.items():
        option = next((word for word in declared[name].opts if word.startswith("--")), "")
        if value in (None, "", [], False) or value == declared[name].default:
            continue
        if name in _NOT_ABOUT_PATIENTS:
            named += [text for text in _texts(value) if _SERVICE.fullmatch(text)]
        if not option:
            continue
        asked += [option, str(value)] if _MONTH.fullmatch(str(value)) else [option]
        if name == "by" and declared[name].metavar == "NAME":
            by = masked(" ".join(str(value).split()))[:80]
    asked += [f"--{name.removesuffix('_').replace('_', '-')}" for name in also]
    return Command(
        path=path,
        at=stamp,
        user=system_user(),
        verb=str(context.info_name).removeprefix("les "),
        asked=" ".join(asked),
        named=" ".join(named),
        by=by,
    )


def _texts(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def before_showing(patients: int, code: int) -> None:
    """Write the entry of an answer that names patients, before it is shown. LockedError if that is not possible."""
    from ..store import open_store
    from ..store.audit_trail import current, write

    command = current()
    if command is None or not command.opened:
        return
    command.shows(patients)
    try:
        write(command, code, open_store)
    except ReadOnlyError:
        complain("the store cannot be written: patients are shown without an entry in its audit trail")


def _write_at_end(command: Command, code: int, common: Common) -> None:
    """Write the entry of a command that has none, or whose exit code differs from its entry. Never fails itself."""
    from ..store import open_store
    from ..store.audit_trail import write
    from ..store.database.location import warnings_of

    if not command.opened:
        return
    for warning in warnings_of(command.path):
        common.tell(warning)
    try:
        # Already timed out on the lock: do not wait again.
        write(command, code, open_store, wait_seconds=0 if code == Exit.LOCKED else _PATIENCE_SECONDS)
    except LesError as fault:
        # A refused backup made no copy, and its error has been shown already.
        if common.verbose or (command.verb in _COPIES and code in (Exit.DONE, Exit.NEEDS_PERSON)):
            why = "the store is in use" if isinstance(fault, LockedError) else fault.what
            complain(f"no entry in the audit trail: {why}")
