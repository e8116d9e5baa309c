"""`les register` when it writes: what is asked of the store, and the line that says what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UsageError
from .options import Common, parse_patient

if TYPE_CHECKING:
    from ..operations.patients.register_write import Written
    from ..services import Service
    from ..store import Store


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one service's register, as it was typed."""

    common: Common
    store: Store
    service: Service
    pairs: dict[str, str]
    reason: str

    def add(self, typed: str, start: date | None) -> None:
        """`--add`."""
        from ..operations.patients.register_csv import checked_details
        from ..operations.patients.register_write import add_patient
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
            self._tell_replaced(done, "; to keep what held before, give the day of the change with --from")
        self._done(done, "the register entry is written")

    def end(self, typed: str, on: date) -> None:
        """`--end`."""
        from ..operations.patients.register_write import end_patient

        patient = parse_patient("--end", typed)
        done = end_patient(self.store, self.service, patient, on, self.reason, self.common.as_of)
        self._done(done, "the register entry is ended")

    def load(self, path: Path) -> None:
        """`--load`."""
        from ..operations.patients.register_csv import load_rows
        from ..operations.patients.register_faults import Faults
        from ..operations.patients.register_write import write_rows
        from ..outputs import counted

        faults = Faults(path.name)
        rows = load_rows(self.service.spec, path, faults)
        done = write_rows(self.store, self.service, rows, self.common.as_of, faults)
        if done.changed:
            for note in done.notes:
                self.common.tell(note)
        if done.replaced:
            self._tell_replaced(done, "; the store keeps what stood there")
        changed = "nothing was changed" if not done.changed else f"changed {counted(done.changed, 'patient')}"
        told = f"loaded {counted(len(rows), 'row')} for {counted(done.patients, 'patient')}, {changed}"
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
        from ..operations.patients.register_amend import Amendment, amend_entry
        from ..operations.patients.register_csv import checked_details

        if reopen and on:
            raise UsageError("--reopen and --on exclude one another")
        if not (starts or on or reopen or unset or self.pairs):
            raise UsageError("--amend needs what to change: --starts, --on, --reopen, --set or --unset")
        if (starts or on or reopen or unset) and not self.reason:
            raise UsageError("--amend needs --reason TEXT")
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
        from ..operations.patients.register_amend import remove

        remove(self.store, self.service, number, self.reason, self.common.as_of)
        self.common.done(f"{self.service.name}: entry {number} is taken away; the store keeps it, and why")

    def _tell_replaced(self, done: Written, more: str) -> None:
        from ..outputs import counted

        self.common.tell(f"{counted(done.replaced, 'value')} replaced{more}")

    def _done(self, done: Written, text: str) -> None:
        for note in done.notes:
            self.common.tell(note)
        self.common.done(f"{self.service.name}: {text if done.changed else 'it is so already, nothing was changed'}")
