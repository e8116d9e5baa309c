"""The same commands done in a store of `les`, and its claim read back row by row."""

from __future__ import annotations

import csv
import os
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

from lescli.calendar import Month
from lescli.errors import LesError
from lescli.model import Practice
from lescli.operations import choose_services
from lescli.operations.choose_services import under_local_terms
from lescli.operations.claim import submit
from lescli.operations.claim.preview import fresh
from lescli.operations.imports import import_files
from lescli.operations.patients.doubts import settle_fact
from lescli.operations.patients.register import add_patient
from lescli.operations.patients.register_csv import checked_details, load_rows
from lescli.operations.patients.register_write import HandRow, end_patient, write_rows
from lescli.services import Catalog, Service, service_of
from lescli.specification import LocalTerm, check_terms
from lescli.store import create_store, practice_data
from lescli.store.ledger import write
from lescli.store.ledger.read import standing_rows
from lescli.store.records.records import StoreRecords

from .commands import Add, Command, End, Import, Letter, Load, Settle, Sign, Submit, Term, Unsign


@dataclass(frozen=True)
class Told:
    """A row as `les` tells it."""

    item: str
    nhs: str
    day: date
    entry: str | None
    verdict: str
    reason: str
    pence: int | None


class Les:
    """One store in memory, and one service."""

    def __init__(self, package: ModuleType, ods: str, folder: Path) -> None:
        self.shipped = _shipped(package)
        self.store = create_store(None, Practice(ods_code=ods, name="Test Surgery"))
        self.folder = folder
        self.under_terms: Service | None = None
        # That a plugin cannot write has tests of its own; here SQLite would prepare each statement anew for it.
        unguarded = patch.object(StoreRecords, "only_reading", lambda records: nullcontext())
        # After an import every installed service is asked for results to correct. Here only one is compared.
        alone = Catalog(services=(self.shipped,))
        only_this = patch.object(choose_services, "load_catalog", lambda folders, names, allowed: alone)
        # The time limit has tests of its own too; here it would start a thread for each question.
        unlimited = patch.dict(os.environ, {"LES_PLUGIN_SECONDS": "0"})
        self.patched = (unguarded, only_this, unlimited)
        for one in self.patched:
            one.start()

    def close(self) -> None:
        """The store is gone."""
        for one in self.patched:
            one.stop()
        self.store.close()

    @property
    def service(self) -> Service:
        """The service under the practice's terms, laid over it again after each new term."""
        if self.under_terms is None:
            self.under_terms = under_local_terms(self.store, self.shipped)
        return self.under_terms

    def do(self, command: Command) -> str:
        """Do it; the message where it was refused, else nothing."""
        try:
            self._do(command)
        except LesError as fault:
            return str(fault)
        except sqlite3.IntegrityError as fault:
            return f"broke off: {fault}"
        return ""

    def _do(self, command: Command) -> None:
        name = self.shipped.name
        match command:
            case Import(rows=rows, on=on):
                self._import(rows, on)
            case Add(nhs=nhs, details=details, start=start, on=on):
                row = HandRow(
                    nhs_number=nhs,
                    entered_on=None,
                    ended_on=None,
                    end_reason="",
                    details=checked_details(self.service.spec, details),
                    start=start,
                )
                add_patient(self.store, self.service, row, on)
            case Load(on=on):
                cells = {
                    "nhs_number": command.nhs,
                    "entered_on": command.entered.isoformat() if command.entered else "",
                    "ended_on": command.ended.isoformat() if command.ended else "",
                    "end_reason": "stopped" if command.ended else "",
                    "from": command.start.isoformat() if command.start else "",
                    **command.details,
                }
                rows = load_rows(self.service.spec, self._file("register", [cells]))
                write_rows(self.store, self.service, rows, on)
            case End(nhs=nhs, last=last, on=on):
                end_patient(self.store, self.service, nhs, last, "stopped", on)
            case Sign(start=start):
                with self.store.writing():
                    practice_data.sign(self.store, name, start, "test")
            case Unsign(last=last):
                with self.store.writing():
                    practice_data.unsign(self.store, name, last)
            case Term(key=key, value=value, start=start, adds=adds):
                term = LocalTerm(key=key, value=value, start=start, source="test", adds=adds)
                check_terms(self.service.spec, practice_data.local_terms(self.store, name), [term])
                with self.store.writing():
                    practice_data.add_term(self.store, name, term)
                self.under_terms = None
            case Letter(name=clinician, kind=kind, first=first, last=last):
                with self.store.writing():
                    practice_data.record_accreditation(self.store, clinician, kind, first, last)
            case Settle(nhs=nhs, holds=holds, on=on):
                how = "stated" if holds else "withdrawn"
                with self.store.writing():
                    settle_fact(
                        self.store, nhs, "died", as_=how, died_on=None, day=None, on=on, by="Clerk", why="the record"
                    )
            case Submit(month=month, on=on, sure=sure):
                asked = Month.parse(month)
                submit.submit(self.store, self.service, asked, on, by="Clerk", authorised_by=None, ask_first=not sure)
            case _:
                raise AssertionError(f"nothing is known of {command}")

    def _file(self, name: str, rows: Sequence[dict[str, str]]) -> Path:
        path = self.folder / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return path

    def _import(self, rows: Sequence[dict[str, str]], on: date) -> None:
        path = self._file("activity", rows)
        done = import_files(self.store, [path], None, dry_run=False, progress=_silent, as_of=on)
        if done.refused:
            raise LesError(f"refused: {done.refused}")
        if held_back := done.answer.data["quarantine"]:
            raise LesError(f"quarantined: {held_back}")

    def take_back(self, claim: str, item: str, nhs: str, day: date, on: date) -> str:
        """Reverse one claimed row; the message where that was refused."""
        row = next(
            one
            for one in standing_rows(self.store)
            if (one.claim_id, one.item, one.nhs_number, one.day) == (claim, item, nhs, day)
        )
        try:
            with self.store.writing():
                write.reverse(self.store, row.claim_id, row.row, reason="wrong", on=on)
        except LesError as fault:
            return str(fault)
        return ""

    def withdraw(self, claim: str, on: date) -> str:
        """Take a whole claim back; the message where that was refused."""
        try:
            with self.store.writing():
                write.withdraw(self.store, claim, reason="wrong", on=on)
        except LesError as fault:
            return str(fault)
        return ""

    def claim(self, month: str, on: date) -> tuple[dict[str, Any], list[Told]]:
        """The claim object and its rows."""
        answer, claim = fresh(self.store, self.service, Month.parse(month), on)
        names = self.names()
        rows = [
            Told(
                row.item,
                row.nhs_number,
                row.day,
                names[row.entry_id] if row.entry_id is not None else None,
                row.verdict.value,
                row.reason,
                row.unit_price_pence if row.verdict.value == "payable" else None,
            )
            for row in claim.rows
        ]
        return answer.data, rows

    def names(self) -> dict[int, str]:
        """What the record calls each entry of the store."""
        found = self.store.rows(
            "SELECT a.id, p.nhs_number, a.day, s.codes, coalesce(a.value, ''), coalesce(t.text, ''),"
            " coalesce(c.text, ''), coalesce(d.text, ''), coalesce(a.source_id, '')"
            " FROM activity a JOIN patient p ON p.id = a.patient_id JOIN code_set s ON s.id = a.code_set_id"
            " JOIN entry_kind k ON k.id = a.kind_id LEFT JOIN phrase t ON t.id = k.consultation_type"
            " LEFT JOIN phrase c ON c.id = k.clinician LEFT JOIN phrase d ON d.id = k.done_at ORDER BY a.id"
        )
        names: dict[int, str] = {}
        met: Counter[str] = Counter()
        for number, nhs, day, codes, value, kind, clinician, place, source in found:
            text = "|".join((nhs, day, codes, value, kind, clinician, place))
            met[text] += 1
            names[number] = source or f"{text}|{met[text]}"
        return names


@cache
def _shipped(package: ModuleType) -> Service:
    """The service of a package, before a practice sets anything."""
    return service_of(package, origin="package")


def _silent(progress: object) -> None:
    """No progress is shown."""
