"""`les register`: show and change the register of one service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import Exit, UsageError
from .options import Common, parse_day, parse_patient, verb

if TYPE_CHECKING:
    from ..operations.patients.register_write import Written
    from ..services import Service
    from ..store import Store


@verb
def register(
    common: Common,
    service: Annotated[str, typer.Argument(help="The service.", metavar="S")],
    add: Annotated[
        str, typer.Option("--add", help="Put a patient on the register, or change details.", metavar="NHS")
    ] = "",
    set_: Annotated[list[str] | None, typer.Option("--set", help="A detail.", metavar="K=V")] = None,
    from_: Annotated[str, typer.Option("--from", help="The first day on it, or of the details.")] = "",
    end: Annotated[str, typer.Option("--end", help="Take a patient off the register.", metavar="NHS")] = "",
    on: Annotated[str, typer.Option("--on", help="The last day on it.", metavar="DATE")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why it ends or changes.", metavar="TEXT")] = "",
    load: Annotated[Path | None, typer.Option("--load", help="A register CSV.", metavar="FILE.csv")] = None,
    amend: Annotated[int, typer.Option("--amend", help="Change the entry with this number.", metavar="N")] = 0,
    starts: Annotated[str, typer.Option("--starts", help="With --amend: its first day.", metavar="DATE")] = "",
    reopen: Annotated[bool, typer.Option("--reopen", help="With --amend: remove its end.")] = False,
    unset: Annotated[
        list[str] | None, typer.Option("--unset", help="With --amend: a detail to remove.", metavar="K")
    ] = None,
    remove: Annotated[int, typer.Option("--remove", help="Remove the entry with this number.", metavar="N")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="With --load: say what it would change.")] = False,
) -> int:
    """Show or change the register."""
    from ..operations.choose_services import one_service
    from ..operations.patients import register as question

    if sum(map(bool, (add, end, load, amend, remove))) > 1:
        raise UsageError("--add, --end, --load, --amend and --remove exclude one another", "give one of them")
    if bool(set_) and not (add or amend):
        raise UsageError("--set goes with --add NHS or --amend N", "add one of them, or leave --set out")
    if not amend and (starts or reopen or unset):
        raise UsageError("--starts, --reopen and --unset go with --amend N", "add --amend N, or leave them out")
    if dry_run and not load:
        raise UsageError("--dry-run goes with --load", "add --load FILE, or leave it out")
    if end and not (on and reason.strip()):
        raise UsageError("--end needs --on DATE and --reason TEXT", "give the last day and why the entry ends")
    if remove and not reason.strip():
        raise UsageError("--remove needs --reason TEXT", "say why the entry is wrong")
    with common.open() as store:
        asked = one_service(store, service)
        if not (add or end or load or amend or remove):
            reply = question.register_answer(store, asked, common.as_of)
            code = Exit.NEEDS_PERSON if question.in_doubt(reply) else Exit.DONE
            common.show(reply, code)
            return code
        change = Change(common, store, asked, _pairs(set_ or []), reason.strip())
        start = parse_day("--from", from_) if from_ else None
        if add:
            change.add(add, start)
        elif end:
            change.end(end, parse_day("--on", on))
        elif load:
            change.load(load, dry_run=dry_run)
        elif remove:
            change.remove(remove)
        else:
            first = parse_day("--starts", starts) if starts else None
            last = parse_day("--on", on) if on else None
            change.amend(amend, first, last, start, reopen=reopen, unset=tuple(unset or ()))
    return Exit.DONE


def _pairs(given: list[str]) -> dict[str, str]:
    pairs = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise UsageError("--set is not a name with a value", "write it as name=value")
        pairs[name.strip()] = value
    return pairs


@dataclass(frozen=True, slots=True)
class Change:
    """One typed change to one service's register."""

    common: Common
    store: Store
    service: Service
    pairs: dict[str, str]
    reason: str

    def add(self, typed: str, start: date | None) -> None:
        """`--add`."""
        from ..operations.patients.register import add_patient
        from ..operations.patients.register_csv import checked_details
        from ..rules.register_rows import HandRow

        row = HandRow(
            nhs_number=parse_patient("--add", typed),
            entered_on=None,
            ended_on=None,
            end_reason="",
            details=checked_details(self.service.spec, self.pairs),
            start=start,
        )
        done = add_patient(self.store, self.service, row, self.common.as_of)
        if done.replaced:
            self._tell_replaced(done, "; to keep the earlier values, give the day of the change with --from")
        self._done(done, "the register entry is written")

    def end(self, typed: str, on: date) -> None:
        """`--end`."""
        from ..operations.patients.register_write import end_patient

        patient = parse_patient("--end", typed)
        done = end_patient(self.store, self.service, patient, on, self.reason, self.common.as_of)
        self._done(done, "the register entry is ended")

    def load(self, path: Path, *, dry_run: bool) -> None:
        """`--load`."""
        from ..operations.patients.register_csv import Faults, load_rows
        from ..operations.patients.register_write import write_rows
        from ..outputs import counted

        faults = Faults(path.name)
        rows = load_rows(self.service.spec, path, faults)
        done = write_rows(self.store, self.service, rows, self.common.as_of, faults, dry_run=dry_run)
        if done.changed:
            for note in done.notes:
                self.common.tell(note)
        if done.replaced:
            self._tell_replaced(done, "; the store keeps the old values")
        nothing = "nothing would change" if dry_run else "nothing was changed"
        what = (
            f"{counted(done.changed, 'patient')} would change"
            if dry_run
            else f"changed {counted(done.changed, 'patient')}"
        )
        loaded = f"{counted(len(rows), 'row')} for {counted(done.patients, 'patient')}"
        told = f"{f'dry run: {loaded}' if dry_run else f'loaded {loaded}'}, {what if done.changed else nothing}"
        self.common.done(f"{self.service.name}: {told}")

    def amend(
        self,
        number: int,
        starts: date | None,
        on: date | None,
        start: date | None,
        *,
        reopen: bool,
        unset: tuple[str, ...],
    ) -> None:
        """`--amend`."""
        from ..operations.patients.register_csv import checked_details
        from ..operations.patients.register_write import Amendment, amend_entry

        if reopen and on:
            raise UsageError("--reopen and --on exclude one another", "give one of them")
        if not (starts or on or reopen or unset or self.pairs):
            raise UsageError("--amend needs what to change", "add --starts, --on, --reopen, --set or --unset")
        if (starts or on or reopen or unset) and not self.reason:
            raise UsageError("--amend needs --reason TEXT", "say why the entry changes")
        amendment = Amendment(
            starts=starts,
            on=on,
            reopen=reopen,
            reason=self.reason,
            details=checked_details(self.service.spec, self.pairs),
            unset=unset,
            start=start,
        )
        self._done(
            amend_entry(self.store, self.service, number, amendment, self.common.as_of), f"entry {number} is changed"
        )

    def remove(self, number: int) -> None:
        """`--remove`."""
        from ..operations.patients.register_write import remove

        remove(self.store, self.service, number, self.reason, self.common.as_of)
        self.common.done(f"{self.service.name}: entry {number} is removed; the store keeps it and the reason")

    def _tell_replaced(self, done: Written, more: str) -> None:
        from ..outputs import counted

        self.common.tell(f"{counted(done.replaced, 'value')} replaced{more}")

    def _done(self, done: Written, text: str) -> None:
        for note in done.notes:
            self.common.tell(note)
        self.common.done(
            f"{self.service.name}: {text if done.changed else 'that is recorded already, nothing was changed'}"
        )
