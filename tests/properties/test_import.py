"""Whatever a practice exports, in whatever order and however many files: the store holds the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import lescli_denosumab
from lescli.services import service_of
from lescli.store.verify.run import CONTENT_CHECKS
from lescli.testing import Surgery, nhs_number

SERVICE = service_of(lescli_denosumab, origin="package")
DENOSUMAB, OTHER = "700139004", "22778000"
Cells = dict[str, str]
REGISTRATION = ("registered_practice", "registration", "registered_on", "left_on")


@dataclass(frozen=True)
class Export:
    """Rows of one export; rows that are the very same entry stand in the same group and so in the same file."""

    groups: tuple[tuple[Cells, ...], ...]

    @property
    def rows(self) -> list[Cells]:
        return [row for group in self.groups for row in group]


def days(first: str, last: str) -> st.SearchStrategy[str]:
    return st.dates(date.fromisoformat(first), date.fromisoformat(last)).map(date.isoformat)


@st.composite
def spells(draw: st.DrawFn) -> list[Cells]:
    """Nothing said, one spell that rows may tell in parts, or two that each row tells whole."""
    kind = draw(st.sampled_from(["silent", "one", "elsewhere", "two"]))
    if kind == "silent":
        return []
    one = {
        "registration": draw(st.sampled_from(["", "regular", "temporary", "none"])),
        "registered_on": draw(days("2015-01-01", "2026-01-01")),
        "left_on": draw(st.one_of(st.just(""), days("2026-02-01", "2026-08-01"))),
    }
    if kind == "elsewhere":
        return [{**one, "registered_practice": "A82038"}]
    if kind == "one":
        return [one]
    earlier = {"registered_on": "2001-02-03", "left_on": "2004-05-06", "registration": "regular"}
    return [{**one, "registration": "regular"}, earlier]


@st.composite
def patient(draw: st.DrawFn, number: int) -> tuple[Cells, list[Cells]]:
    facts = {
        "nhs_number": nhs_number(number),
        "date_of_birth": draw(days("1930-01-01", "2000-01-01")),
        "family_name": draw(st.sampled_from(["", "Smith", "O'Neill", "Łukasz", "=1+1"])),
        "given_name": draw(st.sampled_from(["", "Ann"])),
        "sex": draw(st.sampled_from(["", "female", "male"])),
        "died_on": draw(st.one_of(st.just(""), days("2026-02-01", "2026-12-01"))),
        "housebound": draw(st.sampled_from(["", "yes", "no"])),
    }
    return facts, draw(spells())


def part_of(draw: st.DrawFn, facts: Cells, told: list[Cells], *, whole: bool = False) -> Cells:
    """Some of what is known of a patient; a spell of two, or one elsewhere, is told whole or not at all."""
    kept = {name: cell for name, cell in facts.items() if name == "nhs_number" or whole or draw(st.booleans())}
    if not told:
        return kept
    spell = draw(st.sampled_from(told))
    if len(told) > 1 or "registered_practice" in spell:
        return {**kept, **spell} if whole or draw(st.booleans()) else kept
    return {**kept, **{name: cell for name, cell in spell.items() if whole or draw(st.booleans())}}


@st.composite
def exports(draw: st.DrawFn) -> Export:
    groups: list[tuple[Cells, ...]] = []
    for number in range(draw(st.integers(1, 4))):
        facts, told = draw(patient(number))
        described = [part_of(draw, facts, told, whole=True)]
        described += [{**described[0], **spell} for spell in told]
        groups += [(row,) for row in described]
        groups += [(part_of(draw, facts, told),) for _ in range(draw(st.integers(0, 2)))]
        seen: set[tuple[str, ...]] = set()
        for place in range(draw(st.integers(0, 5))):
            entry = {
                "date": draw(days("2026-03-28", "2026-07-02")),
                "code": draw(st.sampled_from([DENOSUMAB, OTHER])),
                "consultation_type": draw(st.sampled_from(["", "Home visit", "Telephone call"])),
                "clinician": draw(st.sampled_from(["", "Dr Able"])),
                "done_at": draw(st.sampled_from(["", "RXN"])),
                "value": draw(st.sampled_from(["", "2.5"])),
            }
            key = tuple(entry.values())
            if key in seen:
                continue
            seen.add(key)
            source = draw(st.sampled_from(["", f"{number}-{place}"]))
            recorded = draw(st.lists(days("2026-07-03", "2026-07-05"), min_size=1, max_size=1 if source else 3))
            groups.append(
                tuple(
                    {**part_of(draw, facts, told), **entry, "recorded_on": written, "source_id": source}
                    for written in recorded
                )
            )
    if draw(st.booleans()):
        groups.append(({"nhs_number": "9990000011", "date": "2026-05-04", "code": DENOSUMAB},))
    return Export(groups=tuple(groups))


def content(surgery: Surgery) -> dict[str, list[Any]]:
    """What the store says, without the numbers it gave its rows."""
    return {
        "patients": surgery.store.rows(
            "SELECT nhs_number, family_name, given_name, date_of_birth, sex, died_on, housebound FROM patient"
            " ORDER BY nhs_number"
        ),
        "registrations": surgery.store.rows(
            "SELECT p.nhs_number, r.practice, r.kind, r.start_on, r.end_on FROM registration r"
            " JOIN patient p ON p.id = r.patient_id ORDER BY 1, 2, 4"
        ),
        "activity": surgery.store.rows(
            "SELECT p.nhs_number, a.day, s.codes, coalesce(a.value, ''), coalesce(t.text, ''), coalesce(c.text, ''),"
            " coalesce(d.text, ''), coalesce(a.recorded_on, ''), coalesce(a.source_id, ''), a.withdrawn"
            " FROM activity a JOIN patient p ON p.id = a.patient_id JOIN code_set s ON s.id = a.code_set_id"
            " JOIN entry_kind k ON k.id = a.kind_id"
            " LEFT JOIN phrase t ON t.id = k.consultation_type LEFT JOIN phrase c ON c.id = k.clinician"
            " LEFT JOIN phrase d ON d.id = k.done_at ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10"
        ),
        "waiting": surgery.store.rows(
            "SELECT reasons, count(*) FROM quarantine WHERE settled_by IS NULL GROUP BY reasons ORDER BY reasons"
        ),
    }


def imported(*files: list[Cells]) -> Surgery:
    surgery = Surgery(SERVICE)
    for rows in files:
        done = surgery.take_in(rows)
        assert done.rows == len(rows) == done.accepted + done.unchanged + done.quarantined
    with surgery.store.trying():
        assert [fault for check in CONTENT_CHECKS.values() for fault in check(surgery.store)] == []
    return surgery


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_any_order_of_rows_gives_the_same_store(data: st.DataObject) -> None:
    export = data.draw(exports())
    shuffled = data.draw(st.permutations(export.rows))
    assert content(imported(shuffled)) == content(imported(export.rows))


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_any_split_into_files_gives_the_same_store(data: st.DataObject) -> None:
    export = data.draw(exports())
    files: list[list[Cells]] = [[], [], []]
    for group in data.draw(st.permutations(export.groups)):
        files[data.draw(st.integers(0, 2))] += group
    assert content(imported(*files)) == content(imported(export.rows))


@settings(max_examples=40, deadline=None)
@given(exports())
def test_patients_described_last_change_nothing(export: Export) -> None:
    describing = [row for row in export.rows if "date" not in row]
    entries = [row for row in export.rows if "date" in row]
    expected = content(imported(export.rows))
    assert content(imported(entries + describing)) == expected
    assert content(imported(entries, describing)) == expected


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_importing_twice_is_importing_once(data: st.DataObject) -> None:
    export = data.draw(exports())
    surgery = imported(export.rows)
    before = content(surgery)
    del before["waiting"]
    again = surgery.take_in(data.draw(st.permutations(export.rows)))
    after = content(surgery)
    del after["waiting"]
    assert after == before
    assert again.accepted == 0
    assert not again.changed_entries
    assert again.unchanged == again.rows - again.quarantined


def test_an_unknown_sex_erases_none_that_is_known() -> None:
    row = {"nhs_number": nhs_number(0), "date_of_birth": "1950-01-01"}
    female, unknown = {**row, "sex": "female"}, {**row, "sex": "unknown"}
    assert content(imported([female, unknown])) == content(imported([unknown, female]))


def test_a_leaving_date_alone_does_not_lengthen_a_spell_that_had_ended() -> None:
    row = {"nhs_number": nhs_number(0), "date_of_birth": "1950-01-01"}
    first = {**row, "registered_on": "2001-01-01", "left_on": "2004-01-01"}
    second, left_again = {**row, "registered_on": "2020-01-01"}, {**row, "left_on": "2026-05-01"}
    assert content(imported([first, left_again, second])) == content(imported([first, second, left_again]))
