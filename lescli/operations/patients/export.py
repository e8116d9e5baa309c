"""Who is sent a recall and who is left out, the words for each, and the file that another program takes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from pathlib import Path
from typing import Any

from ...calendar import for_people
from ...errors import LesError
from ...model import Invitation, Patient, Recall, Records, Register, ServiceSpec
from ...outputs import counted, pounds
from ...outputs.exports.layout import Layout, export_files
from ...outputs.exports.sms import cost_pence, sms_parts
from ...rules.eligibility import is_served
from ...rules.recall import recall_rules
from ...specification.messages import message_of, stage_of
from .doubts import mark_of

DEAD, DEPARTED, DECLINED, BOOKED = "dead", "departed", "declined", "booked"
IN_DOUBT, IN_QUARANTINE = "in-doubt", "in-quarantine"
REASONS = (DEAD, DEPARTED, DECLINED, BOOKED, IN_DOUBT, IN_QUARANTINE)
"""Why a patient is in no file, in the order in which they are counted. One in quarantine has no valid NHS number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One thing that a patient is due for, with the words of its stage."""

    service: str
    service_title: str
    kind: str
    title: str
    due_on: date
    status: str
    days_overdue: int
    invitations: int
    stage: str
    text: str
    last_done_on: date | None
    last_contact: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One patient of the list, with everything they are due for, the most pressing first.

    The message is about the first only: a message asks for one action.
    """

    patient: Patient
    sent: tuple[Sent, ...]

    @property
    def first(self) -> Sent:
        """What the message is about."""
        return self.sent[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients:
    """The patients to write to, longest overdue first, and how many are left out for each reason."""

    included: tuple[Recipient, ...]
    left_out: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One service's recalls as they were asked for an export.

    `sent_today` has the patients whom an export of the same day has invited: asked again, it gives the same file.
    """

    spec: ServiceSpec
    records: Records
    register: Register
    recalls: Sequence[tuple[Recall, str]]
    declined: frozenset[str]
    waiting: int
    sent_today: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which recalls an export takes. No kind and no stage means all of them."""

    kinds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ("overdue", "due")
    stages: tuple[str, ...] = ()


def recipients(asked: Iterable[Asked], filters: Filters, doubled: frozenset[str]) -> Recipients:
    """The patients to write to over all services asked. A patient who is left out of one service may be in another.

    `doubled` has the NHS numbers that may be one person's together with another number.
    """
    found: dict[str, list[Sent]] = {}
    patients: dict[str, Patient] = {}
    out: dict[str, str] = {}
    waiting = 0
    for one in asked:
        as_of = one.records.as_of
        waiting += one.waiting
        for number in one.declined:
            out[number] = DECLINED
        for entry in one.register.entries:
            # A death or leaving the practice ends an entry too, so ended ones are looked at as well.
            if entry.entered_on <= as_of:
                patient = one.records.patient(entry.nhs_number)
                if not patient.can_be_called_on(as_of):
                    out[entry.nhs_number] = DEAD
                elif not is_served(one.spec, one.records, patient, as_of):
                    out.setdefault(entry.nhs_number, DEPARTED)
        contacts: dict[str, list[Invitation]] = {}
        for contact in one.records.invitations():
            contacts.setdefault(contact.nhs_number, []).append(contact)
        titles = {rule.name: rule.title for rule in recall_rules(one.spec)}
        for recall, status in one.recalls:
            if status not in filters.statuses or (filters.kinds and recall.kind not in filters.kinds):
                continue
            number = recall.nhs_number
            patient = patients.setdefault(number, one.records.patient(number))
            since = [c for c in contacts.get(number, ()) if c.on >= _begun(recall)]
            if mark_of(patient.doubts, may_be_one=number in doubled):
                out.setdefault(number, IN_DOUBT)
            elif _is_booked(recall, since, as_of):
                out.setdefault(number, BOOKED)
            else:
                sent = _sent(one, recall, status, titles.get(recall.kind, recall.kind), contacts.get(number, ()))
                if not filters.stages or sent.stage in filters.stages:
                    found.setdefault(number, []).append(sent)
    counts = Counter(why for number, why in out.items() if number not in found)
    counts[IN_QUARANTINE] = waiting
    ordered = sorted(
        (
            Recipient(patient=patients[number], sent=tuple(sorted(sent, key=_pressing)))
            for number, sent in found.items()
        ),
        key=lambda one: (*_pressing(one.first), one.patient.nhs_number),
    )
    return Recipients(
        included=tuple(ordered), left_out=tuple((reason, counts[reason]) for reason in REASONS if counts[reason])
    )


def _pressing(one: Sent) -> tuple[object, ...]:
    return (-one.days_overdue, one.due_on, one.service, one.kind)


def _begun(recall: Recall) -> date:
    return max(recall.last_done_on or date.min, recall.counted_from or date.min)


def _is_booked(recall: Recall, since: Sequence[Invitation], as_of: date) -> bool:
    """Whether the patient has an appointment: one in the clinical system, or the last contact ended in a booking."""
    if recall.planned_for and recall.planned_for >= as_of:
        return True
    return bool(since) and max(since, key=lambda one: one.on).outcome == "booked"


def _sent(one: Asked, recall: Recall, status: str, title: str, contacts: Sequence[Invitation]) -> Sent:
    as_of = one.records.as_of
    before = recall.invitations - (recall.nhs_number in one.sent_today)
    stage = stage_of(before)
    return Sent(
        service=one.spec.name,
        service_title=one.spec.title,
        kind=recall.kind,
        title=title,
        due_on=recall.due_on,
        status=status,
        days_overdue=recall.days_overdue(as_of),
        invitations=before,
        stage=stage,
        text=message_of(one.spec, recall.kind, stage, as_of),
        last_done_on=recall.last_done_on,
        last_contact=max((contact.on for contact in contacts), default=None),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Practical:
    """What a message says of the practice: its name, and its telephone number if it is set."""

    ods_code: str
    name: str
    telephone: str


def words_of(sent: Sent, patient: Patient, practice: Practical) -> str:
    """The message to one patient. While no telephone number is set, it leaves out ` on {telephone}`.

    LesError when it gives the number in other words.
    """
    text = sent.text if practice.telephone else sent.text.replace(_ON_TELEPHONE, "")
    if "{telephone}" in text and not practice.telephone:
        raise LesError(
            f"{sent.service}: the message of {sent.kind} gives the practice's telephone number, which is not set",
            _SET_TELEPHONE,
        )
    return text.format(
        title=_inside_a_sentence(sent.title),
        service=sent.service_title,
        due_on=for_people(sent.due_on),
        practice=practice.name,
        telephone=practice.telephone,
        given_name=patient.given_name,
    )


_ON_TELEPHONE = " on {telephone}"
_SET_TELEPHONE = "`les services set --every setting.practice_telephone=NUMBER --from DATE --source TEXT`"
_END_OF_NAME = re.compile(r"[,;(:]")


def _inside_a_sentence(title: str) -> str:
    """A title as it stands within a sentence: `INR test` keeps its capitals, `Annual review` loses the first.

    What follows a comma or a bracket is for the practice: `Check of the device, suggested 6 weeks after fitting`.
    """
    title = _END_OF_NAME.split(title)[0].strip()
    second = title[1:2]
    return title if second.isupper() or not second.isalpha() else title[:1].lower() + title[1:]


def export_rows(found: Recipients, practice: Practical) -> list[dict[str, object]]:
    """One row a patient, with every value that a layout can name."""
    rows: list[dict[str, object]] = []
    for one in found.included:
        patient, sent = one.patient, one.first
        rows.append(
            {
                "nhs_number": patient.nhs_number,
                "family_name": patient.family_name,
                "given_name": patient.given_name,
                "date_of_birth": patient.date_of_birth,
                "telephone": "",
                "service": sent.service,
                "service_title": sent.service_title,
                "recall": sent.title,
                "due_on": sent.due_on,
                "stage": sent.stage,
                "message": words_of(sent, patient, practice),
                "practice": practice.name,
                "practice_telephone": practice.telephone,
                "reference": _reference(practice, one),
            }
        )
    return rows


def _reference(practice: Practical, one: Recipient) -> str:
    """The same for the same message to the same patient, so that a file sent twice sends nothing twice."""
    sent = one.first
    parts = (practice.ods_code, one.patient.nhs_number, sent.service, sent.kind, sent.due_on.isoformat(), sent.stage)
    return sha256("|".join(parts).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """An export before it is written: its files, and what is told of it. `sha256` is the digest of all files."""

    layout: Layout
    out: Path
    files: dict[Path, bytes]
    found: Recipients
    parts: int
    cost_pence: int | None
    sha256: str
    has_telephone: bool

    @property
    def data(self) -> dict[str, Any]:
        """The object `export` of docs/reference/json.md. It names no patient."""
        return {
            "kind": self.layout.kind,
            "file": self.out.name,
            "files": [path.name for path in self.files],
            "patients": len(self.found.included),
            "left_out": [{"reason": reason, "count": count} for reason, count in self.found.left_out],
            "messages": {"parts": self.parts, "cost_pence": self.cost_pence},
            "sha256": self.sha256,
        }

    @property
    def lines(self) -> tuple[str, ...]:
        """What a person should know before the file is sent."""
        found = self.found
        out = ", ".join(f"{count} {reason}" for reason, count in found.left_out)
        money = "no price of a part is set" if self.cost_pence is None else pounds(self.cost_pence)
        stages = Counter(one.first.stage for one in found.included)
        texts = Counter((one.first.service, one.first.kind, one.first.stage) for one in found.included)
        lines = [
            f"{counted(len(found.included), 'patient')} in {', '.join(path.name for path in self.files)}"
            + (f"; left out: {out}" if out else "; nobody is left out"),
            f"as text messages: {counted(self.parts, 'part')}, {money}",
        ]
        if len(texts) > 1:
            each = ", ".join(f"{count} {stage}" for stage, count in sorted(stages.items()))
            lines.append(
                f"{len(texts)} different texts ({each}); name a service, --kind and --stage for a file of each"
            )
        more = sum(len(one.sent) > 1 for one in found.included)
        if more:
            lines.append(f"{counted(more, 'patient')} due for something else too: the message names the most pressing")
        if not self.has_telephone:
            lines.append(f"the messages give no telephone number: set it with {_SET_TELEPHONE}")
        if self.layout.note:
            lines.append(f"{self.layout.kind}: {self.layout.note}")
        return tuple(lines)


def export_of(layout: Layout, out: Path, found: Recipients, practice: Practical, price: str) -> Export:
    """The files of an export and their costs. LesError for a price or a text that cannot be used."""
    rows = export_rows(found, practice)
    parts = sum(sms_parts(str(row["message"])) for row in rows)
    files = export_files(layout, rows, out, f"Recall for {layout.title}")
    digest = sha256(b"".join(sha256(content).digest() for content in files.values())).hexdigest()
    return Export(
        layout=layout,
        out=out,
        files=files,
        found=found,
        parts=parts,
        cost_pence=cost_pence(parts, _price(price)) if price else None,
        sha256=digest,
        has_telephone=bool(practice.telephone),
    )


_MOST_DIGITS = 3


def _price(text: str) -> Decimal:
    try:
        price = Decimal(text.strip().removesuffix("p"))
    except InvalidOperation:
        price = None
    if price is None or not price.is_finite() or price < 0 or len(str(int(price))) > _MOST_DIGITS:
        raise LesError(
            "setting.sms_part_price is no price in pence",
            "write the pence of one part with VAT, in figures",
        )
    return price
