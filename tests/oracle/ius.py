"""Intrauterine systems that are no contraception, Shropshire CCG, 2020-21, reckoned from the specification."""

from __future__ import annotations

from datetime import date

from .reckoning import Found, Item, Row, Service, code_days, codes_of, entry_rows, listed_on
from .record import Entry, Record
from .register import Time, detail, on_day

NEEDED = ("device_type", "batch_number", "device_expiry", "consent")


def own(record: Record, entry: Entry, item: str, as_of: date) -> list[Found]:
    """3.4: why the device is used. 4.3: the fitter's letter of competence, and what is recorded of the device."""
    found: list[Found] = []
    time = on_day(record, entry.nhs, code_days(record, IUS, entry.nhs, as_of), entry.day)
    indication = detail(time, "indication", entry.day)
    if indication == "contraception":
        found.append(("refused", "contraception"))
    if not indication:
        found.append(("check", "indication"))
    if item == "fitting":
        found += letter(record, entry)
        needed = listed_on(record, "setting.fitting_record", entry.day, NEEDED)
        if not all(detail(time, name, entry.day) for name in needed) or of_another_device(record, entry, time, as_of):
            found.append(("check", "record-incomplete"))
    return found


def letter(record: Record, entry: Entry) -> list[Found]:
    """A letter that covers the day; one that does not is no better than none, and worse than not knowing."""
    letters = [one for one in record.letters if one.name == entry.clinician and one.kind == "fsrh-loc"]
    if not letters:
        return [("check", "accreditation-unknown")]
    covered = any(one.first <= entry.day <= one.last for one in letters)
    return [] if covered else [("refused", "accreditation-lapsed")]


def of_another_device(record: Record, entry: Entry, time: Time | None, as_of: date) -> bool:
    """What is recorded was recorded by the day of the fitting before this one, or with it, or names another day.

    A day of fitting that had not come on the day asked on says nothing.
    """
    before = max(
        (
            other.day
            for other in record.entries
            if other.nhs == entry.nhs
            and other.day < entry.day
            and other.code in codes_of(record, IUS, "fitting", other.day)
        ),
        default=None,
    )
    told = [one for one in (time.hand.written if time and time.hand else []) if one.start <= entry.day]
    fitted = [one for one in told if one.name == "fitted_on" and date.fromisoformat(one.value) <= as_of]
    newest = max(fitted, key=lambda one: one.start, default=None)
    named = date.fromisoformat(newest.value) if newest else None
    if named not in (None, entry.day, before):
        return True
    if before is None:
        return False
    until = max(before, newest.start) if newest and named == before else before
    anew = listed_on(record, "setting.recorded_anew", entry.day, (*NEEDED, "indication"))
    days = [max((one.start for one in told if one.name == name), default=None) for name in anew]
    return any(day is not None and day <= until for day in days)


IUS = Service(
    name="ius",
    start=date(2020, 4, 1),
    end=date(2021, 3, 31),
    window=None,
    items=(
        Item("fitting", ("65200003",), None),
        Item("check", (), None),
        Item("removal", ("68254000",), None),
    ),
    own=own,
    opened_by=("fitting",),
    for_the_town=True,
)


def reckon(record: Record, month: str, as_of: date) -> list[Row]:
    """The claim of a month, asked on a day."""
    return entry_rows(record, IUS, month, as_of)
