"""A practice in memory, made from plain-text tables; it uses the real import and the real service."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from weakref import finalize

from ..calendar import Period, parse_claim_period, parse_date
from ..model import Claim, Code, Practice, RecallList, Records, Register, Report, ServiceSpec
from ..readers import Reading, Row
from ..readers.planned import PlannedEntry, Planning
from ..readers.reading import COLUMNS
from ..services import Service
from ..specification import with_local_terms
from ..store import Store, create_store, practice_data
from ..store.intake.import_file import take_in
from ..store.intake.planned_writer import take_planned
from ..store.intake.result import ImportedFile
from ..store.ledger import write
from ..store.ledger.read import LedgerClaim
from ..store.records.records import StoreRecords
from . import tables
from .tables import TextRow, nhs_number, read_table

PRACTICE = Practice(ods_code="Y99999", name="Test Surgery")
FACE_TO_FACE = "Face to face consultation"
BORN = "1950-01-01"
_SYSTEM = "test record"
WORDS = {
    "patient": "family_name",
    "born": "date_of_birth",
    "registered": "registered_on",
    "registered at": "registered_practice",
    "left": "left_on",
    "died": "died_on",
    "recorded": "recorded_on",
    "id": "source_id",
}
"""Short names for columns of the activity CSV. A table can also use the CSV's own, with spaces for underscores."""


def plan(surgery: Surgery, table: str, extracted_at: str = "") -> None:
    """Import the planned work of patients, as in their newest record.

    patient | asked | code (or code list) | planned | intent | status | priority | clinician

    Without `intent` it is an order, and without `status` it is active. The table has everything that is planned for
    its patients: what an earlier table had and this one does not have was withdrawn.
    """
    rows = read_table(table)
    surgery.add_rows([], [{"patient": name} for name in dict.fromkeys(row["patient"] for row in rows)])
    by_patient: dict[str, list[TextRow]] = {}
    for row in rows:
        by_patient.setdefault(row["patient"], []).append(row)
    for patient, own in by_patient.items():
        reading = Reading(
            profile="gpconnect",
            columns=COLUMNS,
            rows=iter(()),
            extracted_at=extracted_at or None,
            source_system=_SYSTEM,
            planning=Planning(
                nhs_number=surgery.numbers[patient],
                born="",
                entries=tuple(_entry(surgery, row, line) for line, row in enumerate(own, start=1)),
                whole=True,
            ),
        )
        files = surgery.store.rows("SELECT count(*) FROM import_file")
        digest = sha256(f"record {files}".encode()).hexdigest()
        with surgery.store.writing():
            take_planned(surgery.store, reading, take_in(surgery.store, Path("record.json"), digest, reading))


def _entry(surgery: Surgery, row: TextRow, line: int) -> PlannedEntry:
    asked = parse_date(row["asked"])
    return PlannedEntry(
        line=line,
        raw="",
        asked_on=asked,
        planned_on=parse_date(row["planned"]) if row.get("planned") else None,
        codes=(surgery.code(row.get("code", ""), asked),),
        term="",
        priority=row.get("priority", ""),
        clinician=row.get("clinician", ""),
        intent=row.get("intent") or "order",
        status=row.get("status") or "active",
        source_id=f"{row['patient']}-{row.get('id') or line}",
    )


class Surgery:
    """One practice and one service. Every argument is a table; a patient is a name, the same in every table.

    patients: patient | born | sex | registered | left | died | registration | registered at | housebound
    activity: patient | date | code (or code list) | consultation type | clinician | done at | recorded | value | id
    register: patient | entered | ended | end reason | from | any detail of the service
    invitations: patient | on | by | outcome | until
    incidents: kind | on | notified | patient
    accreditations: clinician | kind | from | to
    terms: key (with `+` to add to a list) | value | from
    signed: contract | from | to

    Columns may be left out. Without `code`, an activity has the service's first claim code. Without `consultation
    type`, it was face to face. Without `born`, a patient was born in 1950. ValueError for a table that the import
    refuses.
    """

    def __init__(
        self,
        service: Service,
        *,
        patients: str = "",
        activity: str = "",
        register: str = "",
        invitations: str = "",
        incidents: str = "",
        accreditations: str = "",
        terms: str = "",
        signed: str = "",
        practice: Practice = PRACTICE,
    ) -> None:
        self.shipped = service
        self.store = create_store(None, practice)
        # From Python 3.13 on, a connection that is not closed gives a ResourceWarning.
        finalize(self, self.store.close)
        self.numbers: dict[str, str] = {}
        self._files = 0
        self._write(tables.add_term, terms)
        self._write(tables.sign, signed)
        self._write(tables.accredit, accreditations)
        self.add(patients=patients, activity=activity)
        self.add_register(read_table(register))
        self._write_of_patients(tables.invite, invitations)
        self._write_of_patients(tables.report_incident, incidents)

    def _write(self, write: Callable[[Store, ServiceSpec, TextRow], None], table: str) -> None:
        with self.store.writing():
            for row in read_table(table):
                write(self.store, self.shipped.spec, row)

    def _write_of_patients(
        self, write: Callable[[Store, ServiceSpec, Mapping[str, str], TextRow], None], table: str
    ) -> None:
        rows = read_table(table)
        self._describe_missing(rows)
        with self.store.writing():
            for row in rows:
                write(self.store, self.shipped.spec, self.numbers, row)

    def _describe_missing(self, rows: Iterable[TextRow]) -> None:
        named = {row["patient"]: None for row in rows if row.get("patient") and row["patient"] not in self.numbers}
        self.add_rows([], [{"patient": name} for name in named])

    @property
    def service(self) -> Service:
        """The service with the practice's local terms."""
        terms = practice_data.local_terms(self.store, self.shipped.name)
        return self.shipped.with_spec(with_local_terms(self.shipped.spec, terms))

    def names(self) -> dict[str, str]:
        """The patients' names by NHS number."""
        return {number: name for name, number in self.numbers.items()}

    def entries(self) -> dict[str, tuple[str, str, str]]:
        """Consultation type, clinician and id of every entry in the store, by its evidence id."""
        rows = self.store.rows(
            "SELECT a.id, kind.text, clinician.text, a.source_id FROM activity a JOIN entry_kind k ON k.id = a.kind_id"
            " JOIN phrase kind ON kind.id = k.consultation_type JOIN phrase clinician ON clinician.id = k.clinician"
        )
        return {f"activity:{row[0]}": (row[1] or "", row[2] or "", row[3] or "") for row in rows}

    def add(self, *, patients: str = "", activity: str = "") -> None:
        """Import more rows, as another file."""
        self.add_rows(read_table(activity), read_table(patients))

    def add_rows(self, activity: Iterable[TextRow], patients: Iterable[TextRow] = ()) -> None:
        """Import more rows, which were already read from tables."""
        cells: list[dict[str, str]] = []
        for row in patients:
            cells.append(self._described(row))
        for row in activity:
            if row["patient"] not in self.numbers:
                cells.append(self._described({"patient": row["patient"]}))
            cells.append(self._entry(row))
        if not cells:
            return
        done = self.take_in(cells)
        if done.quarantine:
            line, reasons = done.quarantine[0]
            raise ValueError(f"row {line} that was read from the tables is refused: {'; '.join(reasons)}")

    def take_in(self, cells: Iterable[Mapping[str, str]], states: Collection[str] = ()) -> ImportedFile:
        """Import rows with the column names of the activity CSV as a file of their own; return the result.

        A blank cell in a column of `states` puts in doubt what an earlier file stated there.
        """
        self._files += 1
        rows = [Row(line, "", tuple(row.get(name, "") for name in COLUMNS)) for line, row in enumerate(cells, start=2)]
        digest = sha256(f"file {self._files}".encode()).hexdigest()
        with self.store.writing():
            reading = Reading(profile="les", columns=COLUMNS, rows=iter(rows), states=frozenset(states))
            return take_in(self.store, Path(f"table-{self._files}.csv"), digest, reading)

    def add_register(self, rows: Iterable[TextRow]) -> None:
        """Write more rows to the register by hand."""
        listed = list(rows)
        self._describe_missing(listed)
        with self.store.writing():
            for row in listed:
                tables.enter(self.store, self.shipped.spec, self.numbers, row)

    def records(self, as_of: str | date) -> Records:
        """The records that a rule sees on a day."""
        return StoreRecords(self.store, self.service.spec, _day(as_of))

    def register(self, as_of: str | date) -> Register:
        """The register on a day."""
        return self.service.register(self.records(as_of))

    def recall(self, as_of: str | date) -> RecallList:
        """The recall list on a day."""
        records = self.records(as_of)
        return self.service.recall(records, self.service.register(records))

    def claim(self, month: str, as_of: str | date | None = None) -> Claim:
        """The claim for a month, quarter or year (or any period) as of a day; by default the period's last."""
        period = Period.parse(month, self.service.spec.year_starts)
        records = self.records(as_of or period.end)
        return self.service.claim(records, self.service.register(records), period)

    def report(self, period: str, as_of: str | date | None = None) -> Report:
        """The report for a period as of a day; by default the period's last."""
        days = Period.parse(period)
        records = self.records(as_of or days.end)
        register = self.service.register(records)
        return self.service.report(records, register, self.service.claim(records, register, days), days)

    def submit(self, month: str, as_of: str | date) -> LedgerClaim:
        """Write the claim of a month (or a quarter or year) to the ledger, as submitted on a day."""
        claim = self.claim(month, as_of)
        body = {"service": self.shipped.name, "month": str(parse_claim_period(month, self.service.spec.year_starts))}
        with self.store.writing():
            return write.freeze(
                self.store, body, claim.rows, submitted_on=_day(as_of), by="Test Clerk", authorised_by=None
            )

    def _described(self, row: TextRow) -> dict[str, str]:
        patient = row["patient"]
        known = patient in self.numbers
        number = self.numbers.setdefault(patient, nhs_number(len(self.numbers)))
        cells = _cells(row)
        if not known and not cells.get("date_of_birth"):
            cells["date_of_birth"] = BORN
        return {**cells, "nhs_number": number}

    def _entry(self, row: TextRow) -> dict[str, str]:
        day = parse_date(row["date"])
        cells = {"consultation_type": FACE_TO_FACE, **_cells(row)}
        code = self.code(cells.get("code", ""), day)
        return {**cells, "nhs_number": self.numbers[row["patient"]], "code": code.code, "code_system": code.system}

    def code(self, cell: str, day: date) -> Code:
        """The code that a cell of column `code` means on a day: itself, or the first of a code list.

        An empty cell means the first code list of the first item.
        """
        spec = self.service.spec
        name = cell or spec.claim_codelists()[0]
        if name in [codelist.name for codelist in spec.codelists]:
            listed = spec.codelist(name)
            codes = listed.codes_on(day) or sorted(listed.all_codes(), key=str)
            if not codes:
                raise ValueError(f"no code is known for `{name}`; give the practice the term codes.{name}")
            return codes[0]
        system, _, code = name.rpartition(":")
        return Code(system=system or "snomed", code=code)


def _cells(row: TextRow) -> dict[str, str]:
    cells = {WORDS.get(name, name.replace(" ", "_")): cell for name, cell in row.items()}
    if unknown := [name for name in cells if name not in COLUMNS]:
        raise ValueError(f"a table of patients or activity has no column `{unknown[0]}`")
    return cells


def _day(day: str | date) -> date:
    return parse_date(day) if isinstance(day, str) else day
