"""Patients to review because they did not attend (point 6 of the slide): they missed an invitation or are overdue."""

from __future__ import annotations

from collections import Counter
from datetime import date

from lescli.api import Measure, Recall, RecallList, Records, ServiceSpec, Table

NAME = "non-attenders"


def non_attenders(spec: ServiceSpec, records: Records, recalls: RecallList) -> tuple[Measure, Table]:
    """The number of these patients on the day asked about, and a table that names them, longest overdue first.

    A missed appointment counts until the patient is seen. Patients who declined are not on the recall list, so they are
    not here.
    """
    missed = _missed(spec, records)
    by_patient: dict[str, list[Recall]] = {}
    for recall in recalls.recalls:
        by_patient.setdefault(recall.nhs_number, []).append(recall)
    listed: list[tuple[str, str, str, int, int, int]] = []
    for nhs_number, own in by_patient.items():
        late = [recall for recall in own if recall.days_overdue(records.as_of) > 0]
        if not late and missed[nhs_number]:
            late = own[:1]  # The recall that falls due first.
        listed += [
            (
                nhs_number,
                recall.kind,
                recall.due_on.isoformat(),
                recall.days_overdue(records.as_of),
                recall.invitations,
                missed[nhs_number],
            )
            for recall in late
        ]
    listed.sort(key=lambda row: (-row[3], row[0], row[1]))
    table = Table(
        id=NAME,
        title="Patients who did not attend or are overdue",
        columns=("nhs_number", "kind", "due_on", "days_overdue", "invitations", "did_not_attend"),
        rows=tuple(listed),
        names_patients=True,
    )
    return spec.measure(NAME).result(len({row[0] for row in listed})), table


def _missed(spec: ServiceSpec, records: Records) -> Counter[str]:
    """How many appointments each patient has missed since she was last seen."""
    outcome = spec.measure(NAME).of
    seen: dict[str, date] = {}
    for codelist in spec.codelists:
        for nhs_number, activity in records.latest(codelist.name).items():
            seen[nhs_number] = max(seen.get(nhs_number, date.min), activity.day)
    return Counter(
        contact.nhs_number
        for contact in records.invitations()
        if contact.outcome == outcome and contact.on > seen.get(contact.nhs_number, date.min)
    )
