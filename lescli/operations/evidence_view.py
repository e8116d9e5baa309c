"""A verification pack as answers to show: the rows for a spreadsheet, a summary to read, and the manifest."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..calendar import Period, for_people
from ..model import EvidenceField, Practice
from ..outputs import Answer, Column, Grid, Kind, counted
from ..outputs.to_file import MANIFEST, SCHEMA, pack_files
from ..rules.evidence import evidence_fields
from ..store import open_store
from .choose_services import days_of, one_service
from .duties import DUTY_COLUMNS, duty_cells, duty_data, late_line
from .evidence import ALGORITHM, Checked, Sample, Verification, verification
from .values import as_cells, as_json

_ROW = (
    Column("claim_id", "Claim"),
    Column("row", "Row", Kind.COUNT),
    Column("submitted_on", "Submitted", Kind.DATE),
    Column("chain_head", "Chain head", Kind.CODE),
    Column("item", "Item"),
    Column("amount_pence", "Amount", Kind.PENCE),
    Column("nhs_number", "NHS number", Kind.CODE),
    Column("name", "Name"),
    Column("date_of_birth", "Born", Kind.DATE),
    Column("date", "Date claimed", Kind.DATE),
    Column("code", "Code claimed", Kind.CODE),
    Column("term", "Term now"),
    Column("consultation_type", "Consultation type now"),
    Column("clinician", "Clinician now"),
    Column("done_at", "Done at now", Kind.CODE),
    Column("recorded_on", "Recorded on", Kind.DATE),
)
_STANDING = (
    Column("missing", "Missing"),
    Column("changed_since", "The entry since it was claimed"),
    Column("supported", "Would be paid today"),
    Column("reversed_on", "Reversed", Kind.DATE),
    Column("reversal_reason", "Why reversed"),
)
_MISSING = (
    Column("claim_id", "Claim"),
    Column("row", "Row", Kind.COUNT),
    Column("date", "Date", Kind.DATE),
    Column("item", "Item"),
    Column("missing", "Missing"),
    Column("clause", "Clause"),
    Column("fix", "Where to record it"),
)
_CHANGED = (
    Column("claim_id", "Claim"),
    Column("row", "Row", Kind.COUNT),
    Column("item", "Item"),
    Column("reason", "What has changed"),
    Column("command", "To reverse it", Kind.CODE),
)
_ASKED = (
    Column("title", "What is asked for"),
    Column("clause", "Clause"),
    Column("required", "Required"),
    Column("rows", "Rows asked", Kind.COUNT),
    Column("missing", "Missing", Kind.COUNT),
)
_CLAIMS = (
    Column("claim_id", "Claim"),
    Column("month", "Month"),
    Column("submitted_on", "Submitted", Kind.DATE),
    Column("by", "By"),
    Column("authorised_by", "Authorised by"),
    Column("total_pence", "Claimed", Kind.PENCE),
    Column("withdrawn_on", "Withdrawn", Kind.DATE),
    Column("rows", "Rows here", Kind.COUNT),
    Column("chain_head", "Chain head", Kind.CODE),
    Column("specification_sha256", "SHA-256 of the specification's data then", Kind.CODE),
)
_WHERE = {
    "entry": "in the clinical system, then import again",
    "detail": "`les register {service} --add NHS --from DATE --set {of}=VALUE`",
    "register": "`les register {service} --add NHS --from DATE`",
    "accreditation": "`les clinician NAME --accreditation {of} --from DATE --to DATE`",
    "latest": "in the clinical system, then import again",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PackClaim:
    """One claim of a pack, with the fields of docs/reference/json.md in their order, as all values here."""

    claim_id: str
    month: str
    submitted_on: date
    by: str
    authorised_by: str | None
    total_pence: int
    withdrawn_on: date | None
    rows: int
    chain_head: str
    specification_sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The specification that was asked."""

    title: str
    commissioner: str
    document: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """How the sample was drawn."""

    size: int
    seed: int
    algorithm: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a pack holds, without its list of files. It names no patient."""

    schema: str = SCHEMA
    identifiable: bool = True
    service: str
    specification: Document
    practice: Practice
    period: Period
    as_of: date
    made_with: str
    claimed_rows: int
    rows: int
    patients: int
    sample: Drawn | None
    missing: int
    changed: int
    unsupported: int
    duties: tuple[Mapping[str, Any], ...]
    claims: tuple[PackClaim, ...]


def _made_with() -> str:
    return f"lescli {version('lescli')}"


def manifest_of(found: Verification) -> dict[str, Any]:
    """The manifest without its list of files. It names no patient."""
    spec = found.spec
    drawn = found.sample
    manifest = Manifest(
        service=spec.name,
        specification=Document(
            title=spec.title, commissioner=spec.commissioner, document=spec.document, sha256=spec.sha256
        ),
        practice=found.records.practice,
        period=found.period,
        as_of=found.records.as_of,
        made_with=_made_with(),
        claimed_rows=found.claimed,
        rows=len(found.rows),
        patients=found.patients,
        sample=Drawn(size=drawn.size, seed=drawn.seed, algorithm=ALGORITHM) if drawn else None,
        missing=found.missing,
        changed=sum(one.since is not None for one in found.rows),
        unsupported=found.unsupported,
        duties=tuple(duty_data(spec.name, state) for state in found.duties),
        claims=tuple(_claims(found.rows)),
    )
    return as_json(manifest)


def rows_answer(found: Verification) -> Answer:
    """Every row with its evidence, and the sheets that the summary is made from."""
    fields = _named(evidence_fields(found.spec), found.rows)
    # A text that is a day is shown as one. Any other text of such a column stays as it is.
    asked = (Column(f"evidence_{one.name}", one.title, Kind.DATE) for one in fields)
    columns = (*_ROW, *asked, *_STANDING)
    rows = Grid(title="Rows", columns=columns, rows=tuple(_row(found, one, fields) for one in found.rows))
    summary = summary_answer(found)
    return Answer(data={}, title=summary.title, grids=(rows, *summary.grids), identifiable=True)


def summary_answer(found: Verification) -> Answer:
    """The start of the summary: what was drawn, what was asked, what is missing and what has changed."""
    return Answer(
        data={},
        title=f"Verification of {found.spec.name}, {for_people(found.period.start)} to {for_people(found.period.end)}",
        grids=(
            Grid(title="What this is", columns=(Column("what", "What"), Column("is", "Is")), rows=_about(found)),
            Grid(title="Missing", columns=_MISSING, rows=tuple(_missing(found)), empty="nothing required is missing"),
            Grid(title="Changed since", columns=_CHANGED, rows=tuple(_changed(found)), empty="nothing has changed"),
            Grid(title="Asked for", columns=_ASKED, rows=tuple(_asked(found))),
            Grid(title="Claims", columns=_CLAIMS, rows=as_cells(_claims(found.rows), _CLAIMS)),
            Grid(
                title="Duties",
                columns=DUTY_COLUMNS,
                rows=tuple(duty_cells(found.spec.name, state) for state in found.duties),
                empty="the specification asks for none",
            ),
        ),
        identifiable=True,
    )


def _named(fields: Iterable[EvidenceField], rows: Iterable[Checked]) -> tuple[EvidenceField, ...]:
    """The evidence that at least one row of the pack needs. All other columns would be empty."""
    asked = {held.field.name for one in rows for held in one.shown}
    return tuple(field for field in fields if field.name in asked)


def _row(found: Verification, one: Checked, fields: tuple[EvidenceField, ...]) -> tuple[object, ...]:
    claim, row, entry = one.row.claim, one.row.row, one.row.entry
    patient = found.records.patient(row.person) if row.person else None
    shown = {held.field.name: held.value for held in one.shown}
    now = (entry.term, entry.consultation_type, entry.clinician, entry.done_at, entry.recorded_on) if entry else ()
    return (
        *(claim.claim_id, row.row, claim.submitted_on, claim.chain_head, row.item),
        *(row.amount_pence, row.nhs_number or None, patient.name if patient else ""),
        *(patient.date_of_birth if patient else None, row.day, row.code),
        *(now or (None,) * 5),
        *(shown.get(field.name, "") for field in fields),
        "; ".join(f"{lacks.field.title} ({lacks.field.clause})" for lacks in one.missing),
        _since(one),
        "" if row.reversed_on else one.since.reason if one.since and one.since.is_open else "yes",
        row.reversed_on,
        row.reversal_reason,
    )


def _since(one: Checked) -> str:
    """What the entry says now, compared with what it said when claimed. "" when they agree."""
    if one.row.withdrawn:
        return "withdrawn from the record"
    return "; ".join(f"{what}: {then or 'nothing'} -> {now or 'nothing'}" for what, then, now in one.row.since)


def _about(found: Verification) -> tuple[tuple[object, ...], ...]:
    sample, spec = found.sample, found.spec
    drawn = f"{sample.size} with seed {sample.seed}: {ALGORITHM}" if sample else "none: every claimed row"
    practice = found.records.practice
    return (
        ("practice", f"{practice.name} ({practice.ods_code})"),
        ("service", spec.title),
        ("specification", f"{spec.document}; SHA-256 of its data today {spec.sha256}"),
        ("months claimed", f"{found.period.months()[0]} to {found.period.months()[-1]}"),
        ("record and register as of", for_people(found.records.as_of)),
        ("rows claimed", str(found.claimed)),
        ("rows here", f"{len(found.rows)}, of {counted(found.patients, 'patient')}"),
        ("sample", drawn),
        ("rows that lack something required", str(found.missing)),
        ("rows that would not be paid today", str(found.unsupported)),
        ("what is asked for", "what the service's data names" if spec.evidence else "what the register requires"),
        ("made with", _made_with()),
    )


def _missing(found: Verification) -> Iterable[tuple[object, ...]]:
    for one in found.rows:
        row = one.row.row
        for lacks in one.missing:
            field = lacks.field
            where = _WHERE[field.kind].format(service=found.spec.name, of=field.of)
            yield (row.claim_id, row.row, row.day, row.item, field.title, field.clause, where)


def _changed(found: Verification) -> Iterable[tuple[object, ...]]:
    for one in found.rows:
        if one.since is not None:
            command = one.since.command if one.since.supported is False else ""
            yield (one.row.row.claim_id, one.row.row.row, one.row.row.item, one.since.reason, command)


def _asked(found: Verification) -> Iterable[tuple[object, ...]]:
    for field in _named(evidence_fields(found.spec), found.rows):
        asked = [held for one in found.rows for held in one.shown if held.field.name == field.name]
        lacking = sum(lacks.field.name == field.name for one in found.rows for lacks in one.missing)
        yield (field.title, field.clause, "yes" if field.required else "no", len(asked), lacking)


def _claims(rows: Iterable[Checked]) -> list[PackClaim]:
    counts = Counter(one.row.claim for one in rows)
    return [
        PackClaim(
            claim_id=claim.claim_id,
            month=claim.month,
            submitted_on=claim.submitted_on,
            by=claim.by,
            authorised_by=claim.authorised_by,
            total_pence=claim.total_pence,
            withdrawn_on=claim.withdrawn_on,
            rows=count,
            chain_head=claim.chain_head,
            specification_sha256=claim.specification_sha256 or None,
        )
        for claim, count in counts.items()
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceQuestion:
    """The claimed rows of one service in the months of a period, with the record as it is on a day.

    `typed` is the period's name as it was typed, such as 2026-27-Q1, to be read in the service's own contract year.
    """

    service: str
    period: Period
    as_of: date
    sample: Sample | None = None
    typed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """The files by name, the lines to print, and whether something is missing or would not be paid today."""

    files: dict[str, bytes]
    answer: Answer
    needs_person: bool


def ask_evidence(path: Path, question: EvidenceQuestion) -> Pack:
    """Make the pack in memory. Nothing is written."""
    with open_store(path) as store:
        service = one_service(store, question.service)
        question = replace(question, period=days_of(service.spec, question.period, question.typed))
        found = verification(store, service, question.period, question.as_of, question.sample)
        files = pack_files(rows_answer(found), summary_answer(found), manifest_of(found))
    rows = [(name, len(content), sha256(content).hexdigest()) for name, content in files.items()]
    answer = Answer(
        data=json.loads(files[MANIFEST]),
        title=f"Verification pack of {service.name}: {counted(len(found.rows), 'row')} of {found.claimed} claimed, "
        f"{found.missing} with something missing, {found.unsupported} that would not be paid today",
        grids=(
            Grid(
                title="Files",
                columns=(Column("file", "File"), Column("bytes", "Bytes", Kind.COUNT), Column("sha256", "SHA-256")),
                rows=tuple(rows),
            ),
        ),
        notes=(*_widened(question, found), *late_line(service.name, found.duties)),
        # The printed lines name no patient. The pack does, and the audit trail counts those patients.
        identifiable=True,
        patients=found.patients,
    )
    return Pack(files=files, answer=answer, needs_person=bool(found.missing or found.unsupported))


def _widened(question: EvidenceQuestion, found: Verification) -> Iterator[str]:
    """A note when the pack covers more days than were asked for."""
    if found.period != question.period:
        yield f"a claim covers a whole {found.spec.every}, so the pack covers {found.period}"
    if found.records.as_of != question.as_of:
        asked, day = for_people(question.as_of), for_people(found.records.as_of)
        yield f"a claim was submitted after {asked}, so the record is read as of {day}, the newest submission"
