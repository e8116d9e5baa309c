"""Who is sent a recall and who is left out, the words for each, and the file that another program takes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256

from ...calendar import day_in_full
from ...errors import LesError
from ...model import Declined, Invitation, Patient, Recall, Records, Register, ServiceSpec
from ...rules.eligibility import is_served
from ...rules.recall import recall_rules
from ...specification.messages import message_of, stage_of, wording_of
from ...store.quarantine.waiting import WaitingRow
from .doubts import mark_of

DEAD, DEPARTED, DECLINED, BOOKED = "dead", "departed", "declined", "booked"
IN_DOUBT, NO_WORDS, IN_QUARANTINE = "in-doubt", "no-words", "in-quarantine"
REASONS = (DEAD, DEPARTED, DECLINED, BOOKED, IN_DOUBT, NO_WORDS, IN_QUARANTINE)
"""Why a patient is in no file. A patient with several reasons counts once, by the first of these; a row in quarantine
counts as one patient. `no-words`: what they are due for is work for the practice, with no message to patients."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One thing that a patient is due for, with the words of its stage. `what` names it to patients."""

    service: str
    service_title: str
    kind: str
    title: str
    what: str
    due_on: date
    status: str
    days_overdue: int
    invitations: int
    stage: str
    text: str
    last_done_on: date | None
    last_contact: date | None
    telephone: str
    part_price: str


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

    `sent_today` says how often exports of the same day have invited each patient: asked again, they give the same file.
    """

    spec: ServiceSpec
    records: Records
    register: Register
    recalls: Sequence[tuple[Recall, str]]
    declined: Sequence[tuple[Declined, str]]
    waiting: Sequence[WaitingRow]
    sent_today: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which recalls an export takes. No kind and no stage means all of them.

    With `words`, only those that have a message to patients; a list for the practice itself takes the others too.
    """

    kinds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ("overdue", "due")
    stages: tuple[str, ...] = ()
    clinicians: tuple[str, ...] = ()
    words: bool = True

    def take(self, kind: str, status: str) -> bool:
        """Whether a recall of this kind and status is asked for."""
        return status in self.statuses and (not self.kinds or kind in self.kinds)


def recipients(asked: Iterable[Asked], filters: Filters, doubled: frozenset[str]) -> Recipients:
    """The patients to write to over all services asked. A patient who is left out of one service may be in another.

    `doubled` has the NHS numbers that may be one person's together with another number.
    """
    found: dict[str, list[Sent]] = {}
    patients: dict[str, Patient] = {}
    out: dict[str, set[str]] = {}
    waiting: dict[int, str] = {}
    for one in asked:
        as_of = one.records.as_of
        # A row may wait for several services: it is one row all the same.
        waiting |= {id(row): row.number for row in one.waiting}
        for refusal, status in one.declined:
            if filters.take(refusal.kind, status):
                out.setdefault(refusal.nhs_number, set()).add(DECLINED)
        for number, why in _gone(one):
            out.setdefault(number, set()).add(why)
        contacts: dict[str, list[Invitation]] = {}
        for contact in one.records.invitations():
            contacts.setdefault(contact.nhs_number, []).append(contact)
        titles = {rule.name: rule.title for rule in recall_rules(one.spec)}
        for recall, status in one.recalls:
            number = recall.nhs_number
            sent = _sent(one, recall, status, titles.get(recall.kind, recall.kind), contacts.get(number, ()))
            if not filters.take(recall.kind, status) or (filters.stages and sent.stage not in filters.stages):
                continue
            patient = patients.setdefault(number, one.records.patient(number))
            since = [c for c in contacts.get(number, ()) if c.on >= _begun(recall)]
            if mark_of(patient.doubts, may_be_one=number in doubled):
                out.setdefault(number, set()).add(IN_DOUBT)
            elif _is_booked(recall, since, as_of):
                out.setdefault(number, set()).add(BOOKED)
            elif filters.words and not sent.text:
                out.setdefault(number, set()).add(NO_WORDS)
            else:
                found.setdefault(number, []).append(sent)
    counts = Counter(min(why, key=REASONS.index) for number, why in out.items() if number not in found)
    counts[IN_QUARANTINE] = sum(number not in found for number in waiting.values())
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


def _gone(one: Asked) -> Iterator[tuple[str, str]]:
    """The patients whom the service would still call had they not died or left, each with why.

    A death or leaving the practice ends an entry too. An entry that ended while the patient was here ended for another
    reason, and nobody is left out by what happened later.
    """
    as_of = one.records.as_of
    for entry in one.register.entries:
        if entry.entered_on > as_of:
            continue
        patient, ended = one.records.patient(entry.nhs_number), entry.ended_on
        day = as_of if ended is None else min(as_of, ended + timedelta(days=1))
        if not patient.can_be_called_on(day):
            yield entry.nhs_number, DEAD
        elif not is_served(one.spec, one.records, patient, day):
            yield entry.nhs_number, DEAD if not patient.can_be_called_on(as_of) else DEPARTED


def _pressing(one: Sent) -> tuple[object, ...]:
    return (-one.days_overdue, one.due_on, one.service, one.kind)


def _begun(recall: Recall) -> date:
    return max(recall.last_done_on or date.min, recall.counted_from or date.min)


def _is_booked(recall: Recall, since: Sequence[Invitation], as_of: date) -> bool:
    """Whether the patient has an appointment: one in the clinical system, or the last outcome recorded is a booking.

    A reminder, which has no outcome, does not undo a booking. Of two outcomes on one day the booking counts.
    """
    if recall.planned_for and recall.planned_for >= as_of:
        return True
    said = [one for one in since if one.outcome]
    last = max((one.on for one in said), default=None)
    return any(one.outcome == "booked" for one in said if one.on == last)


def _sent(one: Asked, recall: Recall, status: str, title: str, contacts: Sequence[Invitation]) -> Sent:
    as_of = one.records.as_of
    before = max(recall.invitations - one.sent_today.get(recall.nhs_number, 0), 0)
    stage, wording = stage_of(before), wording_of(one.spec, recall.kind)
    return Sent(
        service=one.spec.name,
        service_title=one.spec.title,
        kind=recall.kind,
        title=title,
        what=wording.what if wording else _inside_a_sentence(title),
        due_on=recall.due_on,
        status=status,
        days_overdue=recall.days_overdue(as_of),
        invitations=before,
        stage=stage,
        text=message_of(one.spec, recall.kind, stage, as_of),
        last_done_on=recall.last_done_on,
        last_contact=max((contact.on for contact in contacts), default=None),
        telephone=str(one.spec.setting("practice_telephone", as_of) or ""),
        part_price=str(one.spec.setting("sms_part_price", as_of) or ""),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Practical:
    """What a message says of the practice, and the day on which it is written."""

    ods_code: str
    name: str
    as_of: date


def words_of(sent: Sent, patient: Patient, practice: Practical) -> str:
    """The message to one patient. While its service has no telephone number set, it leaves out ` on {telephone}`.

    LesError when it gives the number in other words.
    """
    text = sent.text if sent.telephone else sent.text.replace(_ON_TELEPHONE, "")
    if "{telephone}" in text and not sent.telephone:
        raise LesError(
            f"{sent.service}: the message of {sent.kind} gives the practice's telephone number, which is not set",
            SET_TELEPHONE,
        )
    return text.format(
        title=sent.what,
        service=sent.service_title,
        is_due=is_due(sent.due_on, practice.as_of),
        due_on=day_in_full(sent.due_on),
        practice=practice.name,
        telephone=sent.telephone,
        given_name=patient.given_name,
    )


_ON_TELEPHONE = " on {telephone}"
SET_TELEPHONE = "`les services set --every setting.practice_telephone=NUMBER --from DATE --source TEXT`"


def is_due(day: date, as_of: date) -> str:
    """`was due on 5 November 2026`, `is due today` or `is due on 5 November 2026`: true on the day of writing."""
    return "is due today" if day == as_of else f"{'was' if day < as_of else 'is'} due on {day_in_full(day)}"


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
                "recall": sent.what,
                "due_on": sent.due_on,
                "stage": sent.stage,
                "message": words_of(sent, patient, practice),
                "practice": practice.name,
                "practice_telephone": sent.telephone,
                "reference": _reference(practice, one),
            }
        )
    return rows


def _reference(practice: Practical, one: Recipient) -> str:
    """The same for the same invitation of the same patient, so that a file sent twice sends nothing twice.

    It has the number of the invitation and not its stage: the fourth has the words of the third, and is another.
    """
    sent = one.first
    what = (sent.service, sent.kind, sent.due_on.isoformat(), str(sent.invitations))
    parts = (practice.ods_code, one.patient.nhs_number, *what)
    return sha256("|".join(parts).encode()).hexdigest()[:32]
