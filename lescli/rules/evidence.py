"""The evidence for a claimed row when it is checked after payment: what is asked for, what exists, what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ..model import Activity, EvidenceField, Records, Register, RegisterEntry, ServiceSpec
from .claim_row import days_paid
from .details import folded, text_of

LATER = "recorded from"
"""Says beside a value that it was recorded for a later day only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """One claimed row. `entry` is its coded entry as it is now, or None when there is none."""

    item: str
    nhs_number: str
    day: date
    entry: Activity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One field of evidence and its value as text; `missing` when it is required and empty."""

    field: EvidenceField
    value: str

    @property
    def missing(self) -> bool:
        """Whether the field is required and has no value."""
        return self.field.required and not self.value


def evidence_fields(spec: ServiceSpec) -> tuple[EvidenceField, ...]:
    """The evidence that service.toml asks for; if it asks for none, the details that its register requires."""
    if spec.evidence:
        return spec.evidence
    return tuple(
        EvidenceField(name=detail.name, title=detail.title, kind="detail", of=detail.name, clause=detail.clause)
        for detail in spec.register.details
        if detail.required
    )


@dataclass(frozen=True, slots=True)
class Evidence:
    """Finds the evidence for claimed rows of one service; reads each code list once."""

    spec: ServiceSpec
    records: Records
    register: Register
    _read: dict[str, Mapping[str, list[Activity]]] = field(default_factory=dict)

    def of(self, row: Claimed) -> tuple[Shown, ...]:
        """Every field asked of the item on that day, in order; none for a row of the practice list."""
        if not row.nhs_number:
            return ()
        last = self._last_day(row)
        entry = self.register.entry(row.nhs_number, last) or self._there_in_month(row, last)
        if entry and entry.ended_on:
            last = min(last, entry.ended_on)
        asked = (one for one in evidence_fields(self.spec) if one.asked_of(row.item, row.day))
        return tuple(Shown(field=one, value=self._value(one, row, entry, last)) for one in asked)

    def _last_day(self, row: Claimed) -> date:
        """The day on which evidence is looked up: the end of a patient's month, quarter or year, or the row's own."""
        item = next((one for one in self.spec.items if one.name == row.item), None)
        return days_paid(self.spec, item, row.day).end if item else row.day

    def _there_in_month(self, row: Claimed, last: date) -> RegisterEntry | None:
        """The newest register entry, of a patient who left between the row's day and the day of the look-up."""
        begun = [one for one in self.register.of(row.nhs_number) if one.entered_on <= last]
        newest = begun[-1] if begun else None
        return newest if newest and (newest.ended_on is None or newest.ended_on >= row.day) else None

    def _value(self, asked: EvidenceField, row: Claimed, entry: RegisterEntry | None, last: date) -> str:
        if asked.kind == "entry":
            return _part(row.entry, asked.of)
        if asked.kind == "register":
            return entry.entered_on.isoformat() if entry else ""
        if asked.kind == "detail":
            return _detail(entry, asked.of, last)
        if asked.kind == "accreditation":
            return self._accreditation(asked.of, row)
        return self._latest(asked.of, row.nhs_number, last)

    def _accreditation(self, kind: str, row: Claimed) -> str:
        """The accreditation of the entry's clinician that covers the day."""
        if row.entry is None:
            return ""
        held = [
            f"{one.start.isoformat()} to {one.end.isoformat()}"
            for one in self.records.accreditations(kind)
            if folded(one.clinician) == folded(row.entry.clinician) and one.start <= row.day <= one.end
        ]
        return held[-1] if held else ""

    def _latest(self, codelist: str, nhs_number: str, last: date) -> str:
        if codelist not in self._read:
            by_patient: dict[str, list[Activity]] = {}
            for activity in self.records.activity(codelist):
                by_patient.setdefault(activity.nhs_number, []).append(activity)
            self._read[codelist] = by_patient
        past = [one for one in self._read[codelist].get(nhs_number, ()) if one.day <= last]
        return f"{past[-1].day.isoformat()} {past[-1].value}".rstrip() if past else ""


def _part(entry: Activity | None, name: str) -> str:
    if entry is None:
        return ""
    if name == "date":
        return entry.day.isoformat()
    if name == "code":
        return " ".join(map(str, entry.codes))
    if name == "recorded_on":
        return entry.recorded_on.isoformat() if entry.recorded_on else ""
    return str(getattr(entry, name))


def _detail(entry: RegisterEntry | None, name: str, day: date) -> str:
    """The detail's value on the day; or, marked as such, a value recorded for a later day only."""
    if entry is None:
        return ""
    value = entry.detail_on(name, day)
    if value is not None:
        return text_of(value)
    later = [(start, held) for start, held_name, held in entry.history if held_name == name]
    return f"{text_of(later[0][1])} ({LATER} {later[0][0].isoformat()})" if later else ""
