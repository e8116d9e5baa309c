"""Rows come off the quarantine list once a newer file holds them mended, and no row does whose work could be lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lescli.model import Practice
from lescli.readers import COLUMNS, Reading, Row, open_reading
from lescli.store import Store, create_store
from lescli.store.intake.import_file import take_in
from lescli.store.intake.result import ImportedFile, known_file
from lescli.store.quarantine.match import NEW_OF_PATIENTS, NEW_ON_A_DAY, SAME, settle_repeats
from lescli.store.quarantine.rows import KEPT
from lescli.testing import nhs_number

ANN, BEA, CAT = nhs_number(1), nhs_number(2), nhs_number(3)
DENOSUMAB, INR = "700139004", "165581004"
HEADER = [
    *("nhs_number", "family_name", "given_name", "date_of_birth", "sex", "left_on", "date", "code", "value"),
    *("consultation_type", "clinician", "recorded_on", "source_id"),
]
Cells = dict[str, str]


@pytest.fixture
def store() -> Iterator[Store]:
    with create_store(None, Practice(ods_code="A82038", name="Test")) as made:
        yield made


Send = Callable[..., ImportedFile]


@pytest.fixture
def send(store: Store, tmp_path: Path) -> Send:
    """Import rows as a les CSV; the header has every column that is named in `HEADER`, or those given."""

    def send_rows(*rows: Cells, columns: list[str] = HEADER) -> ImportedFile:
        count = len(store.rows("SELECT 1 FROM import_file"))
        path = tmp_path / f"{count}.csv"
        lines = [",".join(columns), *(",".join(row.get(column, "") for column in columns) for row in rows)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        with store.writing():
            return take_in(store, path, sha256(f"{count}".encode()).hexdigest(), open_reading(path, "les"))

    return send_rows


def who(number: str = ANN, **cells: str) -> Cells:
    names = {ANN: ("Sentinel", "Ann", "1950-02-01"), BEA: ("Older", "Bea", "1940-03-02"), CAT: ("Third", "Cat", "")}
    family, given_name, born = names.get(number, ("", "", ""))
    return {"nhs_number": number, "family_name": family, "given_name": given_name, "date_of_birth": born, **cells}


def entry(number: str = ANN, day: str = "2026-05-04", **cells: str) -> Cells:
    return who(number, **{"date": day, "code": DENOSUMAB, "consultation_type": "Home visit", **cells})


def open_lines(store: Store) -> list[tuple[str, int]]:
    """File and line of what is on the list."""
    return [
        (name.removesuffix(".csv"), line)
        for name, line in store.rows(
            "SELECT f.name, q.line FROM quarantine q JOIN import_file f ON f.id = q.import_file_id"
            " WHERE q.settled_by IS NULL AND q.closed = 0 ORDER BY f.id, q.line"
        )
    ]


BAD_SEX = {"sex": "F"}


class TestByItsId:
    def test_an_entry_with_an_id_is_corrected_by_the_same_id(self, store: Store, send: Send) -> None:
        send(entry(day="2026-02-30", source_id="e1"))
        assert send(entry(day="2026-03-02", code=INR, source_id="e1")).settled == {"corrected": 1, "sent-again": 0}
        assert open_lines(store) == []

    def test_also_where_the_entry_was_known_and_is_unchanged(self, store: Store, send: Send) -> None:
        send(entry(source_id="e1"))
        send(entry(source_id="e1", **BAD_SEX))
        assert send(entry(source_id="e1")).unchanged == 1
        assert open_lines(store) == []

    def test_an_entry_that_was_withdrawn_need_not_be_mended(self, store: Store, send: Send) -> None:
        send(entry(source_id="e1"), entry(day="2026-02-30", source_id="e2"))
        send({"nhs_number": ANN, "source_id": "e2"})
        assert open_lines(store) == []

    def test_another_id_is_another_entry(self, store: Store, send: Send) -> None:
        send(entry(source_id="e1", **BAD_SEX))
        send(entry(source_id="e2"))
        assert open_lines(store) == [("0", 2)]

    def test_a_row_without_an_id_is_not_an_entry_with_one(self, store: Store, send: Send) -> None:
        send(entry(**BAD_SEX))
        send(entry(source_id="e1"))
        assert open_lines(store) == [("0", 2)]

    def test_an_id_that_was_at_fault_is_corrected_by_the_entry(self, store: Store, send: Send) -> None:
        send(entry(source_id="e\x01"), entry(BEA, source_id="e\x02"))
        send(entry(source_id="e1"), entry(BEA, day="2026-05-05", source_id="e2"))
        assert open_lines(store) == [("0", 3)]

    def test_a_file_without_ids_is_corrected_by_one_with_ids(self, store: Store, send: Send) -> None:
        send(entry(**BAD_SEX), columns=HEADER[:-1])
        send(entry(source_id="e1"))
        assert open_lines(store) == []

    def test_the_same_id_in_quarantine_again_is_not_taken_in(self, store: Store, send: Send) -> None:
        send(entry(day="2026-02-30", source_id="e1"))
        send(entry(day="2026-02-31", source_id="e1"))
        assert open_lines(store) == [("0", 2), ("1", 2)]

    def test_a_row_that_waits_gives_way_to_the_newer_version_of_its_entry(self, store: Store, send: Send) -> None:
        send({"nhs_number": ANN, "date": "2026-05-04", "code": DENOSUMAB, "source_id": "e1"})
        send(entry(day="2026-05-05", source_id="e1"))
        assert open_lines(store) == []
        assert store.rows("SELECT day FROM activity") == [("2026-05-05",)]

    @pytest.mark.parametrize(
        ("systems", "moments", "left"),
        [
            (("S", "S"), ("2026-06-01", "2026-07-01"), 0),
            (("S", "S"), ("2026-06-01", "2026-06-01"), 0),
            (("S", "S"), (None, "2026-07-01"), 0),
            (("S", "T"), ("2026-06-01", "2026-07-01"), 1),
            (("S", "S"), ("2026-07-01", "2026-06-01"), 1),  # an older extract imported later
        ],
    )
    def test_of_its_own_system_and_no_older_extract(
        self, store: Store, systems: tuple[str, str], moments: tuple[str | None, str | None], left: int
    ) -> None:
        for place, cells in enumerate((entry(day="2026-02-30", source_id="e1"), entry(source_id="e1"))):
            row = Row(2, "", tuple(cells.get(name, "") for name in COLUMNS))
            reading = Reading(
                profile="les", columns=COLUMNS, rows=iter([row]), source_system=systems[place],
                extracted_at=moments[place],
            )  # fmt: skip
            with store.writing():
                take_in(store, Path(f"{place}.csv"), str(place), reading)
        assert len(open_lines(store)) == left


class TestByItsEntry:
    def test_the_same_patient_day_and_code(self, store: Store, send: Send) -> None:
        send(entry(**BAD_SEX), entry(BEA))
        done = send(entry(BEA), entry(sex="female"))
        assert done.settled["corrected"] == 1
        assert open_lines(store) == []
        assert store.rows("SELECT how, import_file_id FROM settlement") == [("corrected", 2)]

    @pytest.mark.parametrize(
        "other",
        [
            {"date": "2026-05-05"},
            {"code": INR},
            {"value": "2.5"},
            {"consultation_type": "Telephone call"},
            {"consultation_type": ""},
            {"clinician": "Dr B"},
            {"nhs_number": BEA},
        ],
        ids=str,
    )
    def test_another_entry_is_not_it(self, store: Store, send: Send, other: Cells) -> None:
        send(entry(**BAD_SEX))
        send(who(), {**entry(), **other})
        assert open_lines(store) == [("0", 2)]

    def test_the_next_months_file_forgets_nothing(self, store: Store, send: Send) -> None:
        send(entry(**BAD_SEX), entry(BEA, day="2026-02-30"), entry(BEA, code="123"))
        send(*(entry(number, day="2026-06-04") for number in (ANN, BEA, BEA)))
        assert len(open_lines(store)) == 3

    def test_entries_that_were_known_before_and_are_found_unchanged(self, store: Store, send: Send) -> None:
        # A patient's cell goes wrong for one month in an export of everything: each row of theirs is refused.
        send(entry(), entry(day="2026-05-11"))
        send(entry(**BAD_SEX), entry(day="2026-05-11", **BAD_SEX), entry(day="2026-05-18", **BAD_SEX))
        assert send(entry(), entry(day="2026-05-11")).unchanged == 2
        assert open_lines(store) == [("1", 4)]
        send(entry(day="2026-05-18"))
        assert open_lines(store) == []

    def test_known_before_and_not_in_the_newer_file_is_no_correction(self, store: Store, send: Send) -> None:
        send(entry())
        send(entry(**BAD_SEX))
        send(entry(day="2026-06-04"))
        assert open_lines(store) == [("1", 2)]

    @pytest.mark.parametrize("known", [False, True])
    def test_of_two_identical_entries_the_good_one_is_not_the_bad_one(
        self, store: Store, send: Send, known: bool
    ) -> None:
        if known:
            send(entry())
        send(entry(), entry(**BAD_SEX))
        send(entry(), entry(BEA))
        assert len(open_lines(store)) == 1
        send(entry(), entry())
        assert open_lines(store) == []
        assert len(store.rows("SELECT 1 FROM activity WHERE patient_id = 1")) == 2

    def test_two_identical_bad_rows_are_two_entries(self, store: Store, send: Send) -> None:
        send(entry(**BAD_SEX), entry(**BAD_SEX))
        send(entry())
        send(entry(), entry(BEA))
        assert open_lines(store) == [("0", 3)]  # twice one is not two
        send(entry(), entry())
        assert open_lines(store) == []

    def test_two_results_on_one_day_whose_value_is_at_fault(self, store: Store, send: Send) -> None:
        send(entry(code=INR, value="3.1"), entry(code=INR, value="2\x015"))
        send(entry(code=INR, value="3.1"), entry(BEA))
        assert open_lines(store) == [("0", 3)]
        send(entry(code=INR, value="3.1"), entry(code=INR, value="2.5"))
        assert open_lines(store) == []

    def test_one_entry_does_not_settle_two_rows_that_it_fits(self, store: Store, send: Send) -> None:
        send(entry(code=INR, value="9\x019"), entry(code=INR, value="2.5", consultation_type="\x01"))
        send(entry(code=INR, value="2.5"))
        assert len(open_lines(store)) == 2
        send(entry(code=INR, value="2.5"), entry(code=INR, value="9.9"))
        assert open_lines(store) == [("0", 3)]  # its entry was in the store already: a person closes the row

    @pytest.mark.parametrize(("mended", "left"), [(("2.5",), 2), (("2.5", "2.6"), 0), (("2.5", "2.6", "2.7"), 2)])
    def test_rows_that_may_be_several_entries_are_settled_together(
        self, store: Store, send: Send, mended: tuple[str, ...], left: int
    ) -> None:
        send(entry(code=INR, value="\x01"), entry(code=INR, value="\x02"))
        send(*(entry(code=INR, value=value) for value in mended))
        assert len(open_lines(store)) == left

    def test_an_identified_row_takes_the_entry_before_one_without_a_value(self, store: Store, send: Send) -> None:
        send(entry(code=INR, value="\x01"), entry(code=INR, value="2.5", **BAD_SEX))
        send(entry(code=INR, value="2.5"))
        assert open_lines(store) == [("0", 2)]

    @pytest.mark.parametrize("other", [{"term": "INR"}, {"recorded_on": "2026-05-06"}, {"clinician": "Dr B"}], ids=str)
    def test_a_mended_value_beside_another_cell_is_another_entry(self, store: Store, send: Send, other: Cells) -> None:
        columns = [*HEADER, "term"]
        send(entry(code=INR, value="\x01"), columns=columns)
        send({**entry(code=INR, value="2.5"), **other}, columns=columns)
        assert open_lines(store) == [("0", 2)]

    def test_a_birth_date_after_the_entry_may_be_what_was_wrong(self, store: Store, send: Send) -> None:
        send(entry(date_of_birth="2026-06-01"), entry(BEA, day="1926-05-04"))
        send(entry(), entry(BEA))
        assert open_lines(store) == [("0", 3)]  # a wrong year in the date is not guessed

    def test_a_row_of_the_same_file_settles_nothing(self, store: Store, send: Send) -> None:
        send(entry(**BAD_SEX), entry())
        assert open_lines(store) == [("0", 2)]

    def test_a_row_whose_cells_stand_under_wrong_headings_says_nothing(self, store: Store, send: Send) -> None:
        send(entry(clinician="Dr A, B", source_id="e1"), entry(BEA))
        send(entry(clinician="Dr A"), entry(clinician='"Dr A, B"', source_id="e1"))
        assert open_lines(store) == [("0", 2)]

    def test_an_entry_that_the_newer_file_withdraws_is_not_held(self, store: Store, send: Send) -> None:
        send(entry(**BAD_SEX))
        send(entry(source_id="e1"), {"nhs_number": ANN, "source_id": "e1"})
        assert open_lines(store) == [("0", 2)]

    def test_rows_that_wait_for_their_patient_are_taken_in_and_not_let_go(self, store: Store, send: Send) -> None:
        waits = {"nhs_number": ANN, "date": "2026-05-04", "code": DENOSUMAB, "consultation_type": "Home visit"}
        send(waits, waits)
        assert send(entry()).released == 2
        assert len(store.rows("SELECT 1 FROM activity")) == 2


class TestWhoseItIs:
    BROKEN = ANN[:-1] + str((int(ANN[-1]) + 1) % 10)

    def test_by_names_and_birth_date_where_the_number_is_at_fault(self, store: Store, send: Send) -> None:
        send({**entry(), "nhs_number": self.BROKEN})
        send(who(BEA), entry())
        assert open_lines(store) == []

    @pytest.mark.parametrize("other", [{"given_name": "Anna"}, {"given_name": ""}, {"date_of_birth": "1950-02-02"}])
    def test_a_twin_is_somebody_else(self, store: Store, send: Send, other: Cells) -> None:
        send({**entry(), "nhs_number": self.BROKEN})
        send(who(BEA), {**entry(), **other})
        assert open_lines(store) == [("0", 2)]

    def test_two_of_one_name_cannot_be_told_apart(self, store: Store, send: Send) -> None:
        send({**entry(), "nhs_number": self.BROKEN})
        send(who(BEA), entry(), {**who(), "nhs_number": CAT})
        assert open_lines(store) == [("0", 2)]

    def test_another_birth_date_than_the_store_holds(self, store: Store, send: Send) -> None:
        send(who())
        send(entry(date_of_birth="1951-02-01"), entry(date_of_birth="1951-02-01", family_name="Stranger"))
        send(entry(), entry())
        assert open_lines(store) == [("1", 3)]  # whoever Stranger is, the number is not theirs

    def test_one_known_by_a_name_and_one_by_a_number_are_two(self, store: Store, send: Send) -> None:
        send({**entry(), "nhs_number": self.BROKEN}, entry(**BAD_SEX), {**entry(), "family_name": "", **BAD_SEX})
        for name in ("first", "second"):
            send(entry(), who(BEA, given_name=name))
            assert len(open_lines(store)) == 2
        send(entry(), entry(), entry())
        assert open_lines(store) == []

    def test_without_a_number_or_names_it_is_nobodys(self, store: Store, send: Send) -> None:
        row = {"date_of_birth": "1950-02-01", "date": "2026-05-04", "code": DENOSUMAB}
        send({**row, "nhs_number": self.BROKEN}, {**row, "nhs_number": BEA})
        send({**row, "nhs_number": ANN}, {**row, "nhs_number": BEA})
        assert open_lines(store) == [("0", 2)]

    def test_the_row_of_another_patient_is_not_it(self, store: Store, send: Send) -> None:
        row = {"date_of_birth": "1950-02-01", "date": "2026-05-04", "code": DENOSUMAB}
        send({**row, "nhs_number": self.BROKEN}, {**row, "nhs_number": BEA})
        send({**row, "nhs_number": BEA})
        assert open_lines(store) == [("0", 2)]


class TestADateOrACodeAtFault:
    """A row without an id needs its term to find its code, and its day of recording to find its date."""

    COLUMNS = (*HEADER, "term")
    RECORDED = "2026-05-06"

    @pytest.mark.parametrize("bad", ["123", "", "7.00E+08"])
    def test_a_mended_code_of_the_same_term(self, store: Store, send: Send, bad: str) -> None:
        send(entry(code=bad, term="Denosumab"), entry(BEA, code=bad, term="INR"), columns=[*self.COLUMNS])
        send(who(), who(BEA), entry(term="Denosumab"), entry(BEA, term="Denosumab"), columns=[*self.COLUMNS])
        assert open_lines(store) == [("0", 3)]

    def test_a_code_without_a_term_stays(self, store: Store, send: Send) -> None:
        send(entry(code="123"))
        send(entry(code=INR))  # the report of another service
        send(entry())
        assert open_lines(store) == [("0", 2)]

    @pytest.mark.parametrize(
        "other",
        [{"value": "1"}, {"clinician": "X"}, {"recorded_on": RECORDED}, {"term": ""}, {"date": "2026-05-05"}],
        ids=str,
    )
    def test_another_entry_is_not_the_one_without_a_code(self, store: Store, send: Send, other: Cells) -> None:
        row = entry(term="Denosumab")
        send({**row, "code": "123"}, columns=[*self.COLUMNS])
        send(who(), {**row, **other}, entry(BEA, term="Denosumab"), columns=[*self.COLUMNS])
        assert open_lines(store) == [("0", 2)]

    def test_of_two_nobody_knows_which(self, store: Store, send: Send) -> None:
        send(entry(code="123", term="Denosumab"), columns=[*self.COLUMNS])
        send(who(), entry(term="Denosumab"), entry(term="Denosumab"), columns=[*self.COLUMNS])
        assert open_lines(store) == [("0", 2)]

    def test_an_entry_that_was_known_is_not_it(self, store: Store, send: Send) -> None:
        good = entry(term="Denosumab", recorded_on=self.RECORDED)
        send(good, columns=[*self.COLUMNS])
        send({**good, "code": "123"}, {**good, "date": "32"}, columns=[*self.COLUMNS])
        send(who(), who(BEA), good, columns=[*self.COLUMNS])
        assert open_lines(store) == [("1", 2), ("1", 3)]

    def test_the_system_of_a_code_may_be_what_was_wrong(self, store: Store, send: Send) -> None:
        columns = [*self.COLUMNS, "code_system"]
        send(entry(code="42QE.", code_system="snomed", term="INR"), columns=columns)
        send(entry(code="42QE.", code_system="read2", term="INR"), columns=columns)
        assert open_lines(store) == []

    def test_a_row_that_the_store_refuses_mends_nothing(self, store: Store, send: Send) -> None:
        send(who())
        row = entry(date_of_birth="1951-02-01", term="Denosumab")
        send({**row, "code": "123"}, columns=[*self.COLUMNS])
        send(row, columns=[*self.COLUMNS])
        assert open_lines(store) == [("1", 2), ("2", 2)]

    def test_a_second_fault_is_not_mended(self, store: Store, send: Send) -> None:
        send(entry(code="123", term="Denosumab", clinician="\x01"), columns=[*self.COLUMNS])
        send(entry(term="Denosumab", clinician="\x01"), columns=[*self.COLUMNS])
        assert open_lines(store) == [("0", 2), ("1", 2)]

    @pytest.mark.parametrize("bad", ["2026-05-32", "05/13/2026", "32"])
    def test_a_mended_date_of_the_same_day_of_recording(self, store: Store, send: Send, bad: str) -> None:
        send(entry(day=bad, recorded_on=self.RECORDED), entry(BEA, day=bad, recorded_on="2026-05-07"))
        send(who(), who(BEA), entry(recorded_on=self.RECORDED), entry(BEA, recorded_on=self.RECORDED))
        assert open_lines(store) == [("0", 3)]

    @pytest.mark.parametrize("bad", ["2026-05-32", "", "yesterday"])
    def test_a_date_without_a_day_of_recording_stays(self, store: Store, send: Send, bad: str) -> None:
        send(entry(day=bad))
        send(entry(day="2026-05-18"))  # next week's
        send(entry(day="2026-06-02"))
        assert open_lines(store) == [("0", 2)]

    @pytest.mark.parametrize("other", [{"value": "1"}, {"clinician": "X"}, {"recorded_on": ""}, {"code": INR}], ids=str)
    def test_another_entry_is_not_the_undated_one(self, store: Store, send: Send, other: Cells) -> None:
        row = entry(recorded_on=self.RECORDED)
        send({**row, "date": "32"})
        send(who(), {**row, **other}, who(BEA))
        assert open_lines(store) == [("0", 2)]

    def test_two_days_recorded_at_once_cannot_be_told_apart(self, store: Store, send: Send) -> None:
        row = entry(recorded_on=self.RECORDED)
        send({**row, "date": "32"})
        send(who(), row, {**row, "date": "2026-05-05"})
        assert open_lines(store) == [("0", 2)]

    def test_neither_a_date_nor_a_code_stays(self, store: Store, send: Send) -> None:
        row = entry(term="Denosumab", recorded_on=self.RECORDED)
        send({**row, "date": "32", "code": "123"}, columns=[*self.COLUMNS])
        send(row, columns=[*self.COLUMNS])
        assert open_lines(store) == [("0", 2)]


class TestOfItsOwnProfile:
    def test_a_file_of_another_profile_corrects_nothing(self, store: Store) -> None:
        cells = entry(**BAD_SEX), entry(day="2026-02-30", source_id="e1"), who(BEA, left_on="2026-02-30")
        good = entry(), entry(day="2026-03-02", source_id="e1"), who(BEA, left_on="2026-03-02")
        for place, (profile, rows) in enumerate((("les", cells), ("emis", good), ("les", good))):
            read = [Row(line, "", tuple(one.get(name, "") for name in COLUMNS)) for line, one in enumerate(rows, 2)]
            with store.writing():
                reading = Reading(profile=profile, columns=COLUMNS, rows=iter(read))
                take_in(store, Path(f"{place}.csv"), str(place), reading)
            assert len(open_lines(store)) == (0 if place == 2 else 3)


class TestRowsThatOnlyDescribeAPatient:
    def test_the_same_facts_with_the_fault_mended(self, store: Store, send: Send) -> None:
        send(who(left_on="2026-02-30"))
        send(entry(BEA), entry(left_on="2026-03-02"))
        assert open_lines(store) == []

    @pytest.mark.parametrize("row", [who(), who(left_on="2026-03-02", family_name="Other"), who(BEA)], ids=str)
    def test_facts_that_say_less_or_something_else(self, store: Store, send: Send, row: Cells) -> None:
        send(who(left_on="2026-02-30"))
        send(entry(BEA), row)
        assert open_lines(store) == [("0", 2)]

    def test_a_patient_whom_the_newer_file_does_not_describe(self, store: Store, send: Send) -> None:
        send(who(left_on="2026-03-02"))
        send(who(left_on="2026-02-30"))
        send(entry(BEA))
        assert open_lines(store) == [("1", 2)]

    def test_a_mended_patient_is_not_a_mended_entry(self, store: Store, send: Send) -> None:
        send(who(left_on="2026-02-30"), entry(left_on="2026-02-30"))
        send(who(BEA), who(left_on="2026-03-02"))
        assert open_lines(store) == [("0", 3)]


class TestSentAgain:
    def test_an_export_of_everything_does_not_double_the_list(self, store: Store, send: Send) -> None:
        rows = entry(code="123"), entry(BEA, day="2026-02-30"), {"nhs_number": CAT, "date": "2026-05-04", "code": INR}
        send(*rows)
        assert send(who(BEA), *rows).settled["sent-again"] == 3
        assert open_lines(store) == [("1", 3), ("1", 4), ("1", 5)]
        send(*rows, who(BEA))
        assert open_lines(store) == [("2", 2), ("2", 3), ("2", 4)]

    def test_each_of_two_that_are_the_same(self, store: Store, send: Send) -> None:
        send(entry(code="123"), entry(code="123"), entry(code="124"))
        send(entry(code="123"))
        assert open_lines(store) == [("0", 3), ("0", 4), ("1", 2)]

    def test_what_is_left_out_of_a_row_does_not_count(self, store: Store, send: Send) -> None:
        for age in ("75", "76"):
            send(entry(code="123", age=age), columns=[*HEADER, "age"])
        assert open_lines(store) == [("1", 2)]

    def test_rows_that_cannot_be_told_apart_are_the_same_only_by_their_text(self, store: Store, send: Send) -> None:
        for surplus in ("x", "y", "y"):
            send(who(BEA), {**entry(), "source_id": f"e1,{surplus}"}, who(BEA))
        assert open_lines(store) == [("0", 3), ("2", 3)]

    def test_the_same_text_below_another_patient_is_another_row(self, store: Store, tmp_path: Path) -> None:
        head = "Patient Details,,Denosumab,\nNHS Number,Date of Birth,Concept ID,Date\n"
        below = ",,700139004,30-Feb-2026\n"
        texts = [
            f"{head}{ANN},01-Feb-1950,,\n{below}{BEA},02-Mar-1940,,\n{below}",
            f"{head}{BEA},02-Mar-1940,,\n{below}",
        ]
        for place, text in enumerate(texts):
            path = tmp_path / f"{place}.csv"
            path.write_text(text, encoding="utf-8")
            with store.writing():
                take_in(store, path, str(place), open_reading(path, "emis"))
        assert open_lines(store) == [("0", 4), ("1", 4)]

    def test_what_is_put_in_quarantine_beside_the_rows(self, store: Store, send: Send) -> None:
        for file in (1, 2):
            send(entry(code="123"), *[who(BEA)] * file)
            for line, raw in ((7, "{a}"), (8, "{b}"), (9, "{b}"))[: 4 - file]:
                store.connection.execute(
                    "INSERT INTO quarantine (import_file_id, line, raw, reasons) VALUES (?, ?, ?, '[\"code: none\"]')",
                    (file, line, raw),
                )
        assert settle_repeats(store, 2) == 2
        assert open_lines(store) == [("0", 9), ("1", 2), ("1", 7), ("1", 8)]

    def test_a_waiting_row_is_taken_in_from_the_newer_file(self, store: Store, send: Send) -> None:
        waits = {"nhs_number": CAT, "date": "2026-05-04", "code": INR}
        send(waits)
        send(waits)
        assert send({"nhs_number": CAT, "date_of_birth": "1950-02-01"}).released == 1
        assert open_lines(store) == []
        assert len(store.rows("SELECT 1 FROM activity")) == 1

    def test_the_first_file_is_still_said_to_have_a_row_that_is_out(self, store: Store, send: Send) -> None:
        def first() -> ImportedFile | None:
            return known_file(store, sha256(b"0").hexdigest())

        send(entry(source_id="e1", day="2026-02-30"))
        send(entry(source_id="e1", day="2026-02-30"))
        known = first()
        assert known is not None
        assert (known.quarantined, [line for line, _ in known.quarantine]) == (1, [2])
        send(entry(source_id="e1"))
        known = first()
        assert known is not None
        assert (known.quarantined, known.unchanged) == (0, 1)
        assert store.rows("SELECT rows, accepted, unchanged, quarantined FROM import_file")[0] == (1, 0, 0, 1)


# Few patients, days, values and terms, so that what is alike comes up; "" is no fault.
Meant = tuple[str, str, str]
RowOf = tuple[Meant, bool, str]
TRUE = st.tuples(
    st.sampled_from([ANN, BEA]), st.sampled_from(["2026-05-04", "2026-05-05"]), st.sampled_from(["", "2.5"])
)
FAULTS = st.sampled_from(["", "", "", "sex", "date", "code", "nhs_number", "value", "date_of_birth", "left_on"])
WRONG = {
    "sex": "F",
    "date": "2026-05-40",
    "code": "123",
    "nhs_number": ANN[:-1] + "x",
    "value": "\x01",
    "date_of_birth": "1950-02-30",
    "left_on": "never",
}
# What is at fault there is what an entry is known by, so that mended it may be another than was meant.
BY_PATIENT_ONLY = {"date", "code", "value"}
FILE = st.lists(st.tuples(TRUE, st.booleans(), FAULTS), max_size=6)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=FILE, first=FILE, later=st.lists(FILE, min_size=1, max_size=2))
def test_no_work_is_forgotten(
    tmp_path: Path,
    before: list[RowOf],
    first: list[RowOf],
    later: list[list[RowOf]],
) -> None:
    """Whatever is sent: the store holds as many entries as the file has good rows and rows let go as corrected."""
    with create_store(None, Practice(ods_code="A82038", name="Test")) as store:
        for place, rows in enumerate((before, first, *later)):
            path = tmp_path / f"{place}.csv"
            lines = [",".join([*HEADER, "term"]), *(_line(*row) for row in rows)]
            path.write_text("\n".join([*lines, ""]), encoding="utf-8")
            with store.writing():
                take_in(store, path, str(place), open_reading(path, "les"))
        held = Counter(
            (row[0], row[1], row[2])
            for row in store.rows(
                "SELECT p.nhs_number, a.day, a.value FROM activity a JOIN patient p ON p.id = a.patient_id"
            )
        )
        # What an import put into quarantine stays counted, whatever became of it since.
        assert not store.rows(
            "SELECT 1 FROM import_file f WHERE quarantined <> ("
            "SELECT count(*) FROM quarantine q WHERE q.import_file_id = f.id AND q.settled_by IS NOT f.id)"
        )
        let_go = {
            row[0]
            for row in store.rows(
                "SELECT q.line FROM quarantine q JOIN settlement s ON s.quarantine_id = q.id"
                " WHERE q.import_file_id = 2 AND s.how = 'corrected'"
            )
        }
    there = [row for line, row in enumerate(first, start=2) if not row[2] or line in let_go]
    assert Counter(true for true, _, fault in there if fault not in BY_PATIENT_ONLY) <= held
    assert Counter(true[0] for true, *_ in there) <= Counter(number for number, _, _ in held.elements())


def _line(true: Meant, says_more: bool, fault: str) -> str:
    number, day, value = true
    row = entry(number, day, value=value)
    if says_more:
        row |= {"term": "Denosumab", "recorded_on": "2026-05-06"}
    if fault:
        row[fault] = WRONG[fault]
    return ",".join(row.get(column, "") for column in [*HEADER, "term"])


def test_what_is_open_and_what_it_may_be_goes_by_index(store: Store, send: Send) -> None:
    """A plan that looks at all rows or entries of all years, or sorts them, would be slow only later."""
    send(entry())

    def plan(sql: str, *values: object) -> str:
        return "; ".join(row[3] for row in store.connection.execute(f"EXPLAIN QUERY PLAN {sql}", values))

    kept = plan(KEPT, 0, 0, 9)
    assert "SEARCH q USING INDEX quarantine_open (import_file_id>? AND import_file_id<?)" in kept
    assert "SCAN" not in kept
    assert "TEMP B-TREE" not in kept
    held = plan(SAME, "2026-05-04", 1, "snomed", DENOSUMAB, "", "")
    assert "SEARCH a USING INDEX activity_by_code (code_set_id=? AND day=? AND patient_id=?)" in held
    assert "SCAN" not in held
    assert "SEARCH a USING INDEX activity_identity (day=? AND patient_id=?)" in plan(NEW_ON_A_DAY, 1, "2026-05-04", 1)
    assert "SEARCH a USING INTEGER PRIMARY KEY (rowid>?)" in plan(NEW_OF_PATIENTS, 1, 9, "[1]")
