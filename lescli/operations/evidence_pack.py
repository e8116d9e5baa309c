"""The whole question of `les evidence`: a store's path and a frozen question in, the files of a pack out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from ..calendar import Period, for_people
from ..outputs import Answer, Column, Grid, Kind, counted
from ..outputs.pack import MANIFEST, pack_files
from ..store import open_store
from .choose_services import one_service
from .evidence import Sample, Verification, verification
from .evidence_view import manifest_of, rows_answer, summary_answer


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceQuestion:
    """The claimed rows of one service in the months of a period, as the record stands on a day."""

    service: str
    period: Period
    as_of: date
    sample: Sample | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """The files by name, what to say of them, and whether something is missing or would not be paid today."""

    files: dict[str, bytes]
    answer: Answer
    needs_person: bool


def ask_evidence(path: Path, question: EvidenceQuestion) -> Pack:
    """Make the pack; nothing is written."""
    with open_store(path) as store:
        service = one_service(store, question.service)
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
        notes=tuple(_widened(question, found)),
        # What is printed names nobody; the pack does, and the audit trail counts whom.
        identifiable=True,
        patients=found.patients,
    )
    return Pack(files=files, answer=answer, needs_person=bool(found.missing or found.unsupported))


def _widened(question: EvidenceQuestion, found: Verification) -> Iterator[str]:
    """Where the pack is not of exactly the days that were asked."""
    if found.period != question.period:
        yield f"a claim is of a whole month: the pack is of {found.period}"
    if found.records.as_of != question.as_of:
        asked, day = for_people(question.as_of), for_people(found.records.as_of)
        yield f"something was submitted after {asked}: the record is looked at as of {day}, the newest submission"
