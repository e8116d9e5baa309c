"""`les recall --for`: the recalls as the file that another program takes, and the invitations recorded with it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from ...calendar import Period
from ...errors import LesError, LockedError, UsageError, did_you_mean
from ...model import Declined, Recall, ServiceSpec
from ...outputs import Answer, counted, pounds
from ...outputs.exports.layout import Layout, export_files, layouts
from ...outputs.exports.sms import price_of, sms_parts, whole_pence
from ...rules.details import folded
from ...rules.recall import recall_rules
from ...specification.messages import STAGES
from ...store import Store
from ...store.invitations import exported_on, record_invitation
from ...store.quarantine.waiting import waiting_rows
from ...store.records.latest import clinicians_of
from ..choose_services import chosen_services, register_of
from ..quarantine import waiting_of
from .call_list import CALL_LIST, WORKLIST
from .export import NO_WORDS, SET_TELEPHONE, Asked, Filters, Practical, Recipients, export_rows, recipients
from .recall import recall_answer, recall_rows, status_of
from .same_person import doubled_numbers

STATUSES = ("overdue", "due", "upcoming")
Write = Callable[[dict[Path, bytes]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SendQuestion:
    """Ask for the file of some services' recalls, or of all when none is named."""

    services: tuple[str, ...]
    as_of: date
    within: timedelta
    kind: str
    out: Path
    filters: Filters
    template: Path | None = None
    large_print: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The recalls of the services asked, the patients to write to, and what failed.

    `unsigned` patients are in no clinician's list: no entry says who did their last work.
    """

    found: Recipients
    answer: Answer
    practice: Practical
    headers: tuple[str, ...]
    failed: tuple[str, ...]
    unsigned: int = 0


_SET_WORDS = '`les services set S message.RECALL.first="..." --from DATE --source TEXT`'
_SET_PRICE = "`les services set --every setting.sms_part_price=PENCE --from DATE --source TEXT`"


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
    unpriced: tuple[str, ...]
    silent: tuple[str, ...]

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
        money = (
            f"no price of a part is set for {', '.join(self.unpriced)}: set it with {_SET_PRICE}"
            if self.cost_pence is None
            else pounds(self.cost_pence)
        )
        stages = Counter(one.first.stage for one in found.included)
        texts = Counter((one.first.service, one.first.kind, one.first.stage) for one in found.included)
        lines = [
            f"{counted(len(found.included), 'patient')} in {', '.join(path.name for path in self.files)}"
            + (f"; left out: {out}" if out else "; nobody is left out"),
        ]
        if not self.layout.document:
            lines.append(f"as text messages: {counted(self.parts, 'part')}, {money}")
        if len(texts) > 1:
            each = ", ".join(f"{count} {stage}" for stage, count in sorted(stages.items()))
            lines.append(
                f"{len(texts)} different texts ({each}); name a service, --kind and --stage for a file of each"
            )
        more = sum(len(one.sent) > 1 for one in found.included)
        if more:
            lines.append(f"{counted(more, 'patient')} due for something else too: the message names the most pressing")
        if self.silent:
            of = ", ".join(self.silent)
            lines.append(f"messages of {of} give no telephone number: set it with {SET_TELEPHONE}")
        if dict(found.left_out).get(NO_WORDS):
            lines.append(f"no-words: work for the practice; to write to them all the same, {_SET_WORDS}")
        if self.layout.note:
            lines.append(f"{self.layout.kind}: {self.layout.note}")
        return tuple(lines)


def export_of(layout: Layout, out: Path, found: Recipients, practice: Practical) -> Export:
    """The files of an export and their costs. LesError for a price or a text that cannot be used."""
    rows = export_rows(found, practice)
    files = export_files(layout, rows, out, f"Recall for {layout.title}")
    digest = sha256(b"".join(sha256(content).digest() for content in files.values())).hexdigest()
    each = [sms_parts(str(row["message"])) for row in rows]
    firsts = [one.first for one in found.included]
    unpriced = tuple(sorted({sent.service for sent in firsts if not sent.part_price}))
    # Each service's price is the practice's own term, and they may differ: exact sums, and one rounding at the end.
    prices = {text: price_of(text) for text in {sent.part_price for sent in firsts} if text}
    cost = [parts * prices.get(sent.part_price, Decimal()) for parts, sent in zip(each, firsts, strict=True)]
    return Export(
        layout=layout,
        out=out,
        files=files,
        found=found,
        parts=sum(each),
        cost_pence=None if unpriced else whole_pence(sum(cost, Decimal())),
        sha256=digest,
        unpriced=unpriced,
        silent=tuple(sorted({sent.service for sent in firsts if not sent.telephone})),
    )


def layout_named(kind: str) -> Layout:
    """The layout of a kind of file. UsageError for an unknown one."""
    known = layouts()
    if kind not in known:
        every = (*known, CALL_LIST, WORKLIST)
        hint = did_you_mean(kind, every) or f"there are {', '.join(every)}"
        raise UsageError("--for: there is no file of that kind", hint)
    return known[kind]


def gathered(store: Store, question: SendQuestion) -> Gathered:
    """Ask every service for its recalls. A service that fails does not hide the others; LesError when all fail."""
    for stage in question.filters.stages:
        if stage not in STAGES:
            raise UsageError("--stage: there is no such stage", f"choose one of {', '.join(STAGES)}")
    for status in question.filters.statuses:
        if status not in STATUSES:
            raise UsageError("--status: there is no such status", f"choose one of {', '.join(STATUSES)}")
    chosen = chosen_services(store, question.services, Period(question.as_of, question.as_of))
    failed, notes = list(chosen.broken), list(chosen.warnings)
    doubled = doubled_numbers(store)
    waiting = waiting_rows(store)
    asked: list[Asked] = []
    rows = []
    for service in chosen.services:
        try:
            records, register = register_of(store, service, question.as_of)
            found = service.recall(records, register)
        except LockedError:
            raise
        except LesError as fault:
            failed.append(str(fault))
            continue
        rows += recall_rows(records, service.name, found, question.within, doubled)
        asked.append(
            Asked(
                spec=service.spec,
                records=records,
                register=register,
                recalls=tuple((one, status_of(one, question.as_of, question.within)) for one in found.recalls),
                declined=tuple(
                    (one, _status_of_declined(one, question.as_of, question.within)) for one in found.declined
                ),
                waiting=waiting_of(service.spec, waiting, question.as_of),
                sent_today=exported_on(store, service.name, question.as_of),
            )
        )
    _check_kinds(question.filters.kinds, [one.spec for one in asked])
    if failed and not asked:
        raise LesError(failed[0])
    specs = [one.spec for one in asked]
    unsigned = 0
    if question.filters.clinicians:
        asked, unsigned = _by_clinician(store, asked, question.filters)
    return Gathered(
        found=recipients(asked, question.filters, doubled),
        answer=recall_answer(rows, question.as_of, question.within, notes),
        practice=Practical(
            ods_code=store.practice.ods_code,
            name=store.practice.name,
            as_of=question.as_of,
        ),
        headers=_headers(specs, question.as_of),
        failed=tuple(failed),
        unsigned=unsigned,
    )


def _by_clinician(store: Store, asked: list[Asked], filters: Filters) -> tuple[list[Asked], int]:
    """Only the recalls whose last work was done by one of the clinicians, and how many patients' has no clinician.

    Before any work it is the entry that put the patient on the register. UsageError for a name that no recall has.
    """
    found = {id(one): _activity(one) for service in asked for one, _ in service.recalls}
    named = clinicians_of(store, {number for number in found.values() if number is not None})
    by = {recall: folded(named.get(number or 0, "")) for recall, number in found.items()}
    wanted = {folded(name) for name in filters.clinicians}
    if unknown := sorted(wanted - set(by.values())):
        hint = did_you_mean(unknown[0], {name for name in named.values() if name})
        raise UsageError("--clinician: no recall asked has a clinician of that name", hint or "write it as entries do")
    unsigned = {
        one.nhs_number
        for service in asked
        for one, status in service.recalls
        if not by[id(one)] and filters.take(one.kind, status)
    }
    kept = [
        replace(one, recalls=tuple((each, status) for each, status in one.recalls if by[id(each)] in wanted))
        for one in asked
    ]
    return kept, len(unsigned)


_ACTIVITY = "activity:"


def _activity(recall: Recall) -> int | None:
    """The id of the entry that a recall is counted from: the first of its evidence that is one."""
    return next((int(one.removeprefix(_ACTIVITY)) for one in recall.evidence if one.startswith(_ACTIVITY)), None)


def _status_of_declined(one: Declined, as_of: date, within: timedelta) -> str:
    if one.due_on < as_of:
        return "overdue"
    return "due" if one.due_on <= as_of + within else "upcoming"


def _check_kinds(kinds: tuple[str, ...], specs: list[ServiceSpec]) -> None:
    known = dict.fromkeys(rule.name for spec in specs for rule in recall_rules(spec))
    for kind in kinds:
        if kind not in known:
            hint = did_you_mean(kind, known) or f"there are {', '.join(known)}"
            raise UsageError("--kind: no service asked has a recall of that name", hint)


def _headers(specs: list[ServiceSpec], day: date) -> tuple[str, ...]:
    held = (value for spec in specs if isinstance(value := spec.setting("export_headers", day), tuple))
    return tuple(dict.fromkeys(one for value in held for one in value))


def export(store: Store, question: SendQuestion) -> tuple[Gathered, Export]:
    """The export before it is written."""
    layout = layout_named(question.kind).lettered(question.template, large=question.large_print, today=question.as_of)
    every = gathered(store, question)
    made = export_of(layout.corrected(every.headers), question.out, every.found, every.practice)
    data = {**every.answer.data, "export": made.data}  # type: ignore[dict-item]
    return replace(every, answer=replace(every.answer, data=data)), made


def record(store: Store, made: Export, *, on: date, by: str, write: Write) -> int:
    """Record an invitation for each patient in the file and put the file in place; returns how many are new.

    The file is in place before the invitations are committed. If the command dies in between, nobody is recorded as
    invited who is in no file: running it again writes the same file and records them.
    """
    with store.writing():
        new = sum(
            record_invitation(
                store,
                one.first.service,
                one.patient.nhs_number,
                on=on,
                by=by,
                outcome="",
                until=None,
                export=made.sha256,
            )
            for one in made.found.included
        )
        write(made.files)
    return new


def left_over(files: Mapping[Path, bytes], out: Path) -> tuple[str, ...]:
    """The names of files beside the new ones that an earlier list of the same name left: nobody should upload them."""
    numbered = re.compile(rf"{re.escape(out.stem)}-[1-9][0-9]*{re.escape(out.suffix)}")
    there = sorted(one for one in out.parent.iterdir() if one.name == out.name or numbered.fullmatch(one.name))
    return tuple(one.name for one in there if one not in files)
