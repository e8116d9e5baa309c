"""Matches each row of theirs with one activity of ours, and gives every row of either side that is left its reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from ...store.records.records import StoreRecords
from . import reasons
from .our_rows import OurRow, Why
from .our_side import OurSide
from .reasons import Difference, Row
from .their_side import TheirLine, TheirSide

_BOTH, _THEIRS, _OURS = 0, 1, -1
_SIDES = {_BOTH: "both", _THEIRS: "theirs", _OURS: "ours"}


@dataclass(slots=True, kw_only=True)
class _Found:
    """One row of theirs or ours that differs. `pence` is theirs less ours, where their file gives amounts."""

    item: str
    why: Why
    sign: int
    pence: int
    row: Row
    claimed: int | None


class _Pool:
    """Activities of ours, each of which can be taken once."""

    def __init__(self, rows: Iterable[OurRow]) -> None:
        self._rows: defaultdict[str, list[OurRow]] = defaultdict(list)
        for row in rows:
            self._rows[row.person].append(row)

    def take(self, line: TheirLine, fits: Callable[[OurRow], bool]) -> OurRow | None:
        """The best of the patient's activities that fit, taken out: of the same price, then of the nearest day."""
        day = line.day or date.min
        found = min(
            (row for row in self._rows[line.person] if fits(row)),
            key=lambda row: (line.pence is not None and row.pence != line.pence, abs((row.day - day).days), row.day),
            default=None,
        )
        if found is not None:
            self._rows[line.person].remove(found)
        return found

    def left(self) -> list[OurRow]:
        """What nobody took."""
        return [row for rows in self._rows.values() for row in rows]


@dataclass(slots=True, kw_only=True)
class _Matching:
    """Goes through their rows from the surest match to the least sure one.

    `items` is the item of each line. `said` has the item and day of each of their rows by patient, and `codes` the
    items and codes of ours that they have rows of.
    """

    side: OurSide
    lines: Sequence[TheirLine]
    items: list[str]
    claimed: _Pool
    unclaimed: _Pool
    found: list[_Found] = field(default_factory=list)
    said: defaultdict[str, list[tuple[str, date]]] = field(default_factory=lambda: defaultdict(list))
    codes: set[tuple[str, str]] = field(default_factory=set)

    def run(self) -> None:
        """Settle every row of theirs, then every row of ours that is left."""
        left = sorted(range(len(self.lines)), key=lambda place: _order(self.lines[place]))
        for settles in (self._same, self._not_in_claim, self._twice, self._other_item, self._other_day):
            left = [place for place in left if not settles(place)]
        recorded = _recorded(self.side, {self.lines[place].person for place in left})
        for place in left:
            self._theirs(place, _why_not_ours(self.side, self.lines[place], recorded))
        self._ours_left()

    def _same(self, place: int) -> bool:
        """It is in our claim."""
        line = self.lines[place]
        row = self.claimed.take(line, lambda one: line.item in ("", one.item) and self._is_same_time(line, one))
        if row is None:
            return False
        self._named(place, row)
        if line.pence not in (None, row.pence):
            self._add(row.item, self.side.words.both(reasons.PRICE), _BOTH, line=line, row=row)
        return True

    def _not_in_claim(self, place: int) -> bool:
        """We know why it is not in our claim."""
        line = self.lines[place]
        row = self.unclaimed.take(line, lambda one: line.item in ("", one.item) and self._is_same_time(line, one))
        if row is None:
            return False
        self._named(place, row)
        self._theirs(place, row.why)
        return True

    def _twice(self, place: int) -> bool:
        """Another row of theirs says the same, and there is no further activity of ours."""
        line = self.lines[place]
        day = line.day or date.min
        for item, other in self.said[line.person]:
            named = line.item or item
            if item in ("", named) and day in self.side.days(named, other):
                self.items[place] = named or self.items[place]
                self._theirs(place, self.side.words.theirs(reasons.TWICE))
                return True
        self.said[line.person].append((line.item, day))
        return False

    def _other_item(self, place: int) -> bool:
        """We claimed that patient's work of that day as another item."""
        line = self.lines[place]
        row = self.claimed.take(line, lambda one: self._is_same_time(line, one)) if line.item else None
        return row is not None and self._pair(place, row, reasons.OTHER_ITEM)

    def _other_day(self, place: int) -> bool:
        """We claimed that patient's work of another day of these months."""
        line, month = self.lines[place], self.side.month
        if line.day is None or not month.first <= line.day <= month.last:
            return False
        row = self.claimed.take(
            line, lambda one: line.item in ("", one.item) and month.first <= one.day <= month.last and bool(one.person)
        )
        if row is None:
            return False
        self._named(place, row)
        return self._pair(place, row, reasons.OTHER_DAY)

    def _pair(self, place: int, row: OurRow, reason: str) -> bool:
        """One activity that the two sides have differently: a row too many on each."""
        self._theirs(place, self.side.words.theirs(reason))
        self._add(row.item, self.side.words.have_it(reason), _OURS, row=row)
        return True

    def _ours_left(self) -> None:
        words = self.side.words
        for row in sorted(self.claimed.left(), key=lambda one: (one.item, one.person, one.day, one.number or 0)):
            why = self.side.why_missing(row)
            if why is None:
                has_others = any(item == row.item and code for item, code in self.codes)
                is_unknown = row.code and has_others and (row.item, row.code) not in self.codes
                why = words.ours(reasons.CODE, row.code) if is_unknown else words.ours(reasons.NOT_IN_THEIRS)
            self._add(row.item, why, _OURS, row=row)

    def _is_same_time(self, line: TheirLine, row: OurRow) -> bool:
        return line.day is not None and line.day in self.side.days(row.item, row.day)

    def _named(self, place: int, row: OurRow) -> None:
        """Their row is about this activity of ours."""
        self.items[place] = row.item
        self.codes.add((row.item, row.code))
        self.said[row.person].append((row.item, self.lines[place].day or row.day))

    def _theirs(self, place: int, why: Why) -> None:
        self._add(self.items[place], why, _THEIRS, line=self.lines[place])

    def _add(self, item: str, why: Why, sign: int, *, line: TheirLine | None = None, row: OurRow | None = None) -> None:
        about = line or row
        assert about is not None and about.day is not None
        theirs, ours = (line.pence or 0) if line else 0, (row.pence or 0) if row else 0
        self.found.append(
            _Found(
                item=item,
                why=why,
                sign=sign,
                pence=theirs - ours,
                row=Row(nhs_number=about.person, date=about.day, side=_SIDES[sign], row=row.number if row else None),
                claimed=ours if row else None,
            )
        )


def _order(line: TheirLine) -> tuple[object, ...]:
    """The order in which rows are matched, whichever order the file has.

    A row without an item takes what is left: another one may name the item of the first activity.
    """
    return not line.item, line.person, line.day, line.item, line.pence is None, line.pence or 0


def differences_by_rows(ours: OurSide, theirs: TheirSide) -> tuple[list[Difference], list[str]]:
    """Every difference, and the item of each of their lines. Each row of either side is in at most one of them."""
    only = ours.spec.items[0].name if len(ours.spec.items) == 1 else ""
    matching = _Matching(
        side=ours,
        lines=theirs.lines,
        items=[line.item or only for line in theirs.lines],
        claimed=_Pool(ours.claimed),
        unclaimed=_Pool(ours.unclaimed),
    )
    matching.run()
    lacking = theirs.lines_without_amount(matching.items)
    groups: dict[tuple[str, Why, int], list[_Found]] = {}
    for one in matching.found:
        priced = theirs.has_amounts and not lacking[one.item]
        if one.sign or priced:
            groups.setdefault((one.item, one.why, one.sign), []).append(one)
    return [
        Difference(
            item=item,
            theirs=matching.items.count(item),
            ours=ours.quantity(item),
            reason=reason,
            fix=fix,
            rows=len(those),
            difference=sign * len(those),
            pence=sum(one.pence for one in those) if theirs.has_amounts and not lacking[item] else None,
            claimed_pence=None if sign == _THEIRS else sum(one.claimed or 0 for one in those),
            who=tuple(sorted((one.row for one in those), key=lambda row: (row.nhs_number, row.date))),
        )
        for (item, (reason, fix), sign), those in sorted(groups.items(), key=lambda each: each[0])
    ], matching.items


def _recorded(ours: OurSide, people: set[str]) -> set[tuple[str, date]]:
    """The patients and days on which the record has an entry with a code of the service, whichever month it is."""
    records = StoreRecords(ours.store, ours.spec, ours.as_of, only=people)
    return {
        (entry.nhs_number, entry.day) for name in ours.spec.claim_codelists() for entry in records.activity(name)
    } if people else set()  # fmt: skip


def _why_not_ours(ours: OurSide, line: TheirLine, recorded: set[tuple[str, date]]) -> Why:
    """The reason for a row of theirs that no activity of ours is left for."""
    words, day = ours.words, line.day or date.min
    if line.person and not ours.store.rows("SELECT 1 FROM patient WHERE nhs_number = ?", line.person):
        return words.theirs(reasons.NO_PATIENT)
    if ours.month.first <= day <= ours.month.last:
        is_other = (line.person, day) in recorded
        return words.theirs(reasons.NO_ENTRY, fix=reasons.NO_SUCH_ITEM if is_other else "")
    fix = reasons.NOT_CLAIMED if (line.person, day) in recorded else reasons.NOT_RECORDED
    if day > ours.month.last:
        fix = reasons.COMES_LATER
    return words.theirs(reasons.OTHER_MONTH, ours.spec.claim_period(day), fix)
