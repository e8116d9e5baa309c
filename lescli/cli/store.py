"""`les init`, `rename`, `backup`, `restore`, `verify`, `doctor` and `audit`: the store as a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from ..errors import Exit, UsageError
from .encrypt import KeyFile, Passphrase, chosen_key, tell_of_key
from .options import Common, parse_day, verb


@verb
def init(
    common: Common,
    practice: Annotated[str, typer.Option("--practice", help="The practice's ODS code.", metavar="ODS")],
    name: Annotated[str, typer.Option("--name", help="The practice's name.", metavar="TEXT")],
    encrypted: Annotated[bool, typer.Option("--encrypted", help="Encrypt it, with the key in a file.")] = False,
    key_file: KeyFile = None,
    passphrase: Passphrase = False,
) -> int:
    """Make the store. It is encrypted with --encrypted, --key-file or --passphrase, or when LES_KEY_FILE is set."""
    from ..codes import parse_practice
    from ..model import Practice
    from ..store import create_store
    from ..store.database.connection import check_free
    from ..store.database.location import refuse_network_share
    from ..store.safety.rekey import named_by_environment

    try:
        code = parse_practice(practice)
    except ValueError as fault:
        raise UsageError(f"--practice: {fault}", "give the practice's own code") from None
    name = _checked_name("--name", name)
    refuse_network_share(common.path)
    owner = Practice(ods_code=code, name=name)
    file = key_file or (None if passphrase else named_by_environment())
    if encrypted or passphrase or file is not None:
        check_free(common.path)
        with chosen_key(common, code, file, passphrase=passphrase) as chosen:
            create_store(common.path, owner, chosen.key).close()
        common.done(f"made the encrypted store {common.path}")
        tell_of_key(common, chosen)
    else:
        create_store(common.path, owner).close()
        common.done(f"made the store {common.path}")
    common.tell("next: `les services sign SERVICE --from DATE` for each contract, then `les import FILE`")
    common.tell(
        "earlier months were claimed by other means? say so once a service: "
        "`les services set SERVICE setting.claims_from=2026-05 --from 2026-05-01 --source TEXT`"
    )
    return Exit.DONE


def _checked_name(what: str, name: str) -> str:
    if not name.strip() or not name.isprintable():
        raise UsageError(f"{what} is empty or not printable", "give the practice's name as plain text")
    return name.strip()


@verb
def rename(common: Common, name: Annotated[str, typer.Argument(help="The practice's name.", metavar="NAME")]) -> int:
    """Change the practice's name, as new claims and letters print it. Submitted claims keep the name they have."""
    from ..store.practice_data import rename_practice

    name = _checked_name("the name", name)
    with common.open() as store, store.writing():
        changed = rename_practice(store, name)
    common.done("the practice has the new name" if changed else "the practice has that name already, unchanged")
    return Exit.DONE


@verb
def backup(
    common: Common,
    file: Annotated[
        Path, typer.Argument(help="The copy. For a folder, or with --keep, a dated file in it.", metavar="FILE")
    ],
    keep: Annotated[
        int | None, typer.Option("--keep", help="In a folder: keep the last N dated backups.", metavar="N")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Replace an existing file.")] = False,
) -> int:
    """Copy the store, which may be in use. The copy gets its name only after it was checked."""
    from ..files import unfinished
    from ..outputs import counted
    from ..store.database.location import copied_by
    from ..store.safety.backup import back_up, dated_name, make_folder, thin_out
    from .audit_entry import moment

    if keep is not None and (keep < 1 or file.is_file()):
        raise UsageError(
            "--keep goes with a folder, and keeps at least one backup", "name a folder, and a number from 1"
        )
    folder = file.is_dir() or keep is not None
    with common.open() as store:
        if folder:
            make_folder(file)
        target = dated_name(store, file, moment()) if folder else file
        back_up(store, target, over=yes)
        removed = thin_out(store, target, keep) if keep else ()
    left = f", {counted(len(removed), 'older one')} removed" if removed else ""
    common.done(f"backed up to {target}, and checked{left}")
    left_over = unfinished(target.absolute().parent)
    if left_over:
        names = ", ".join(path.name for path in left_over)
        common.tell(f"that folder has unfinished copies of records: {names}; delete them unless a backup is running")
    service = copied_by(target)
    if service:
        common.tell(f"that folder is copied to other machines by {service}, so patients' records leave this one")
    return Exit.DONE


@verb
def restore(
    common: Common,
    file: Annotated[Path, typer.Argument(help="The backup.", metavar="FILE")],
    yes: Annotated[bool, typer.Option("--yes", help="Replace the existing store, which is kept beside it.")] = False,
) -> int:
    """Put a backup in the store's place. The backup is checked first, and the old store is kept beside it."""
    from ..store.safety import restore as restoring
    from .audit_entry import moment

    done = restoring.restore(file, common.path, moment(), over=yes)
    practice = f"{done.practice.name} ({done.practice.ods_code})"
    common.done(f"restored the store of {practice} to {common.path}")
    if done.replaced_practice:
        common.tell(f"the store it replaced belonged to another practice, {done.replaced_practice.ods_code}")
    if done.laid_bare:
        common.tell("it is not encrypted, and the store it replaced was: `les encrypt` encrypts it again")
    if done.other_key:
        common.tell("it has another key than the store it replaced: keep both keys")
    if done.kept:
        common.tell(f"the store it replaced is kept at {done.kept}")
    return Exit.DONE


_HEAD = re.compile(r"[0-9a-f]{64}")


@verb
def verify(
    common: Common,
    head: Annotated[
        list[str] | None,
        typer.Option("--head", help="A chain head printed earlier, to be found in today's chain.", metavar="HASH"),
    ] = None,
) -> int:
    """Check everything and change nothing. Silent when all is well, else one line for each fault and exit code 3."""
    from ..operations.doctor import verify_answer
    from ..outputs.table import write_stdout

    heads = [text.strip().lower() for text in head or ()]
    if not all(map(_HEAD.fullmatch, heads)):
        raise UsageError("--head: not a chain head", "it is 64 figures and letters from a to f, as a claim prints it")
    answer, faults, looked_at = verify_answer(common.path, heads)
    if common.format != "table" or common.out is not None:
        common.show(answer)
    elif faults:
        write_stdout("".join(f"{line}\n" for line in faults))
    if common.verbose:
        common.tell(looked_at)
    return Exit.NEEDS_PERSON if faults else Exit.DONE


@verb
def doctor(common: Common) -> int:
    """Check versions, the store's location, permissions, disk, locks, services and backups. Each gets one line."""
    from ..operations.doctor import doctor_answer

    answer, attention = doctor_answer(common.path, common.as_of)
    common.show(answer)
    return Exit.NEEDS_PERSON if attention else Exit.DONE


@verb
def audit(
    common: Common,
    from_: Annotated[str, typer.Option("--from", help="The first day; default: all days.", metavar="DATE")] = "",
    to: Annotated[str, typer.Option("--to", help="The last day.", metavar="DATE")] = "",
) -> int:
    """List every command that opened the store: when, who, which verb, how many patients were shown, exit code."""
    from ..operations.audit import audit_answer

    start = parse_day("--from", from_) if from_ else None
    end = parse_day("--to", to) if to else None
    if start and end and end < start:
        raise UsageError("--to is before --from", "give a last day on or after the first")
    with common.open() as store:
        common.show(audit_answer(store, start, end))
    return Exit.DONE
