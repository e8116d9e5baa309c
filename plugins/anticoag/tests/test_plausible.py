"""An INR of 25 among 2.4 and 2.6 is not used until it is corrected or confirmed, and is named."""

from __future__ import annotations

import pytest

import lescli_anticoag
from lescli.services import service_of
from lescli.testing import Surgery, table_rows

SERVICE = service_of(lescli_anticoag, origin="package")
REGISTER = "patient | entered | level | indication | target inr{more}\n Ann | 2020-04-01 | 3 | AF | {target}{values}"


def ann(*results: str, target: str = "2.5", confirmed: tuple[str, ...] = (), terms: str = "") -> Surgery:
    rows = "\n".join(f"Ann | {result}" for result in results)
    surgery = Surgery(
        SERVICE,
        terms=terms,
        register=REGISTER.format(more="", target=target, values=""),
        activity=f"patient | date | code | value | id\n{rows}",
    )
    surgery.add_register([{"patient": "Ann", "from": day, "inr confirmed on": day} for day in confirmed])
    return surgery


SEVEN = ("2020-08-01 | inr | 2.4 | 1", "2020-08-29 | inr | {} | 2", "2020-09-26 | inr | 2.6 | 3")


def three(middle: str) -> tuple[str, ...]:
    return tuple(one.format(middle) for one in SEVEN)


def control(surgery: Surgery) -> tuple[str, str, str, str]:
    (row,) = table_rows(surgery.report("2020-09"), "inr-control")
    return row["inr_count"], row["above_8"], row["ttr_percent"], row["poor_control"]


@pytest.mark.parametrize(
    ("value", "count", "above_8"),
    [
        ("15", "3", "1"),
        ("15.1", "2", "0"),
        ("25", "2", "0"),
        ("24 ratio", "2", "0"),
        (">25", "2", "0"),
        (">8", "3", "1"),
    ],
)
def test_the_value_of_an_inr_that_is_too_high_is_not_used(value: str, count: str, above_8: str) -> None:
    found = control(ann(*three(value)))
    assert (found[0], found[1]) == (count, above_8)
    assert found[3] == ("yes" if above_8 == "1" else "no")


@pytest.mark.parametrize(("value", "count"), [("0.5", "3"), ("0.49", "2"), ("0.2", "2")])
def test_the_value_of_an_inr_that_is_too_low_is_not_used(value: str, count: str) -> None:
    assert control(ann(*three(value)))[0] == count


def test_time_in_range_skips_an_implausible_inr() -> None:
    # Two tests 56 days apart are a line, as if the one between had never been.
    assert control(ann(*three("25"))) == control(ann(SEVEN[0], SEVEN[2])) == ("2", "0", "100.0", "no")


def test_the_report_names_it_and_the_note_counts_it() -> None:
    report = ann(*three("25")).report("2020-09")
    (row,) = table_rows(report, "inr-to-confirm")
    assert (row["on"], row["value"]) == ("2020-08-29", "25")
    assert [table.names_patients for table in report.tables if table.id == "inr-to-confirm"] == [True]
    assert any("outside 0.5 to 15" in note and ": 1;" in note for note in report.notes)


def test_without_an_implausible_inr_there_is_no_table_and_no_note() -> None:
    report = ann(*three("2.5")).report("2020-09")
    assert "inr-to-confirm" not in [table.id for table in report.tables]
    assert not any("not used" in note for note in report.notes)
    (entry,) = ann(*three("2.5")).register("2020-09-30").entries
    assert entry.advice == ()


def test_the_register_says_how_to_put_it_right() -> None:
    (entry,) = ann(*three("25")).register("2020-09-30").entries
    (advice,) = entry.advice
    assert "the INR of 29 Aug 2020 (25) is outside 0.5 to 15: it counts as monitoring, but its value" in advice.text
    assert "--set inr_confirmed_on=2020-08-29 --from 2020-08-29" in advice.text


def test_a_last_result_in_doubt_is_named_by_the_recall() -> None:
    last = ann("2020-08-01 | inr | 2.4 | 1", "2020-08-29 | inr | 25 | 2")
    notes = {one.kind: one.note for one in last.recall("2020-09-30").recalls}
    assert "the INR of 29 Aug 2020 (25)" in notes["inr"] and notes["annual-review"] == ""
    assert {one.note for one in ann(*three("25")).recall("2020-09-30").recalls} == {""}


def last_done(surgery: Surgery) -> tuple[str, str, bool]:
    (one,) = [one for one in surgery.recall("2020-09-30").recalls if one.kind == "inr"]
    return str(one.last_done_on), str(one.due_on), bool(one.note)


OLD = "2020-05-02 | inr | 2.4 | 1"


@pytest.mark.parametrize("value", ["25", "0.2", ">25", "abc", "0", "DNA 25"])
def test_a_result_in_doubt_puts_no_test_off(value: str) -> None:
    later = f"2020-08-29 | inr | {value} | 2"
    assert last_done(ann(OLD, later)) == ("2020-05-02", "2020-07-25", True)
    assert last_done(ann(later)) == ("None", "2020-04-01", True)
    assert last_done(ann(OLD, later, confirmed=("2020-08-29",))) == ("2020-08-29", "2020-11-21", False)


def test_nor_does_it_settle_the_day_that_the_register_names() -> None:
    surgery = ann(OLD, "2020-08-29 | inr | 25 | 2")
    surgery.add_register([{"patient": "Ann", "from": "2020-05-02", "next test on": "2020-08-01"}])
    assert last_done(surgery) == ("2020-05-02", "2020-08-01", True)


def test_a_sound_result_of_the_same_day_or_later_settles_it() -> None:
    doubtful = "2020-08-29 | inr | 25 | 2"
    for day in ("2020-08-29", "2020-09-12"):
        assert last_done(ann(OLD, doubtful, f"{day} | inr | 2.6 | 3"))[::2] == (day, False)


def test_an_entry_without_a_value_is_a_test() -> None:
    assert last_done(ann(OLD, "2020-08-29 | inr | | 2")) == ("2020-08-29", "2020-11-21", False)


def test_what_a_text_says_is_not_repeated() -> None:
    surgery = ann("2020-08-29 | inr | see Ann's letter | 1")
    (entry,) = surgery.register("2020-09-30").entries
    (advice,) = entry.advice
    assert "the INR of 29 Aug 2020 is not a number above 0" in advice.text and "letter" not in advice.text


def test_confirmed_it_counts_and_each_day_is_confirmed_on_its_own() -> None:
    results = (*three("25"), "2020-09-27 | inr | 26 | 4")
    assert control(ann(*results))[:2] == ("2", "0")
    assert control(ann(*results, confirmed=("2020-08-29",)))[:2] == ("3", "1")
    both = ann(*results, confirmed=("2020-08-29", "2020-09-27"))
    assert control(both)[:2] == ("4", "2")
    assert "inr-to-confirm" not in [table.id for table in both.report("2020-09").tables]


def test_corrected_in_the_clinical_system_it_counts() -> None:
    surgery = ann(*three("25"))
    surgery.add(activity="patient | date | code | value | id\n Ann | 2020-08-29 | inr | 2.5 | 2")
    assert control(surgery) == ("3", "0", "100.0", "no")


def test_the_limits_are_settings() -> None:
    terms = "key | value | from\n setting.inr_highest | 30 | 2020-04-01"
    assert control(ann(*three("25"), terms=terms))[:2] == ("3", "1")


def test_the_test_was_done_and_monitors() -> None:
    surgery = ann("2020-08-29 | inr | 25 | 1")
    rows = [row for row in surgery.claim("2020-09").rows if row.day.month == 9]
    assert [row.reason for row in rows] == ["accepted"]


@pytest.mark.parametrize(("target", "percent"), [("2.5", "100.0"), ("25", "")])
def test_a_target_that_can_hardly_be_true_gives_no_range(target: str, percent: str) -> None:
    surgery = ann(*three("2.5"), target=target)
    assert control(surgery)[2] == percent
    (entry,) = surgery.register("2020-09-30").entries
    assert [one.text for one in entry.advice] == (
        [] if percent else ["target_inr 25 is outside 0.5 to 15: it gives no range"]
    )
