"""Each kind of measure on both sides of its limit, and split by what it names."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lescli.errors import SpecificationError
from lescli.operations.small_numbers import SmallNumbers
from lescli.services import Service
from lescli.testing import Surgery, assert_measures

Made = Callable[..., Service]
MEASURE = """
[[measure]]
id = "it"
title = "It"
kind = "{kind}"
clause = "5"
{options}
"""
LISTS = "work plan value told"
DETAILS = "level:text on_medication:yes-no limit:number began_on:date"
REGISTER = """
    patient | entered    | from       | on_medication | level
    Ann     | 2025-04-01 | 2025-06-01 | yes           | 3
    Ben     | 2025-04-01 | 2026-05-31 | no            |
    Cat     | 2025-04-01 |            |               |
    """


def measured(made: Made, kind: str, options: str, rows: str, expected: str, *, register: str = REGISTER) -> Surgery:
    """Asserts the measure over May 2026: `count | of`, and returns the practice."""
    service = made(MEASURE.format(kind=kind, options=options), lists=LISTS, details=DETAILS, find_by="")
    surgery = Surgery(
        service, activity=f"patient | date | code | value | unit | id\n{rows}" if rows else "", register=register
    )
    assert_measures(surgery, f"count | of\n {expected}", period="2026-05")
    return surgery


@pytest.mark.parametrize(("day", "count"), [("2026-04-30", 0), ("2026-05-01", 1), ("2026-05-31", 1), ("2026-06-01", 0)])
def test_entries_are_counted_in_the_period(made: Made, day: str, count: int) -> None:
    measured(made, "count", 'codelist = "work"', f"Ann | {day} | work | | | 1", f"{count} |")


def test_entries_of_patients_who_are_not_ours_are_not_counted(made: Made) -> None:
    service = made(MEASURE.format(kind="count", options='codelist = "work"'), lists=LISTS)
    surgery = Surgery(
        service,
        patients="patient | registered at | left\n Ann | Y00002 |\n Ben | | 2026-05-09",
        activity="patient | date | code\n"
        + "\n".join(
            f"{one} | work" for one in ("Ann | 2026-05-10", "Ben | 2026-05-10", "Ben | 2026-05-09", "Cat | 2026-05-10")
        ),
    )
    assert_measures(surgery, "count\n 2", period="2026-05")


@pytest.mark.parametrize(
    ("options", "day", "count"),
    [
        ('codelist = "plan"', "2020-01-01", 1),
        ('codelist = "plan"\nmonths = 12', "2025-05-31", 1),
        ('codelist = "plan"\nmonths = 12', "2025-05-30", 0),
        ('codelist = "plan"\nmonths = 12', "2026-05-31", 1),
        ('codelist = "plan"\nmonths = 12', "2026-06-01", 0),
    ],
)
def test_a_share_with_an_entry(made: Made, options: str, day: str, count: int) -> None:
    measured(made, "share", options, f"Ann | {day} | plan | | | 1", f"{count} | 3")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ('detail = "on_medication"', "2 | 3"),
        ('detail = "on_medication"\nvalue = "yes"', "1 | 3"),
        ('detail = "on_medication"\nmonths = 11', "1 | 3"),
        ('detail = "on_medication"\nmonths = 12', "2 | 3"),
        ('detail = "level"\nonly_if = { on_medication = "yes" }', "1 | 1"),
        ('detail = "level"\nonly_if = { on_medication = "!yes" }', "0 | 2"),
    ],
)
def test_a_share_with_a_detail(made: Made, options: str, expected: str) -> None:
    measured(made, "share", options, "", expected)


def test_a_share_counts_nobody_who_left_the_register(made: Made) -> None:
    register = "patient | entered | ended | level\n Ann | 2025-04-01 | 2026-05-30 | 3\n Ben | 2025-04-01 | | 3"
    measured(made, "share", 'detail = "level"', "", "1 | 1", register=register)


@pytest.mark.parametrize(
    ("options", "value", "expected"),
    [
        ("above = 4", "4.1", "1 | 1"),
        ("above = 4", "4.0", "0 | 1"),
        ("below = 4", "3.9", "1 | 1"),
        ("below = 4", "4", "0 | 1"),
        ("above = 4\nmonths = 2", "5", "1 | 1"),
        ("above = 4", "high", "0 | 0"),
        ("above_detail = 'limit'", "5", "0 | 0"),
    ],
)
def test_the_latest_value(made: Made, options: str, value: str, expected: str) -> None:
    rows = f"Ann | 2026-04-29 | value | 9 | | 1\n Ann | 2026-04-30 | value | {value} | | 2"
    surgery = measured(made, "latest-value", f'codelist = "value"\n{options}', rows, expected)
    notes = surgery.report("2026-05").notes
    told = "It: not counted, because the newest value cannot be compared: 1"
    assert (told in notes) is (expected == "0 | 0")


def test_a_value_that_is_too_old_or_in_another_unit(made: Made) -> None:
    rows = "Ann | 2026-04-29 | value | 9 | | 1\n Ben | 2026-05-20 | value | 9 | nmol/L | 2"
    options = 'codelist = "value"\nabove = 4\nmonths = 1\nvalue_unit = "ug/L"'
    measured(made, "latest-value", options, rows, "0 | 0")
    measured(made, "latest-value", options.replace("ug/L", "nmol/l"), rows, "1 | 1")


def test_the_share_beyond_a_threshold(made: Made) -> None:
    threshold = """
of = "high"

[[threshold]]
name = "high"
title = "High"
clause = "4"
codelist = "value"
above = 4
"""
    rows = "\n".join(f"{name} | 2026-05-20 | value | {value} | | {name}" for name, value in (("Ann", 5), ("Ben", 4)))
    measured(made, "threshold", threshold, f"{rows}\n Cat | 2026-05-20 | value | high | | 3", "1 | 2")


ON_TIME = """
of = "review"

[[recall]]
name = "review"
title = "Review"
clause = "4"
{rule}
"""


MONTHLY = 'kind = "every"\ncodelist = "plan"\ninterval = 1\nunit = "months"'
YEARLY = 'kind = "every"\ncodelist = "plan"\ninterval = 12\nunit = "months"'
FIRST = f'{YEARLY}\nstart_detail = "began_on"\nfirst_interval = 1\nfirst_unit = "weeks"'
OFFSET = f'{YEARLY}\noffset_detail = "began_on"\noffset = 1\noffset_unit = "weeks"'


@pytest.mark.parametrize(
    ("rule", "rows", "expected"),
    [
        (
            MONTHLY,
            ["2026-04-10 | plan", "2026-05-10 | plan"],
            "1 | 1",
        ),
        (
            MONTHLY,
            ["2026-04-10 | plan", "2026-05-11 | plan"],
            "0 | 1",
        ),
        (MONTHLY, ["2026-05-10 | plan"], "0 | 0"),
        (MONTHLY, ["2026-03-10 | plan", "2026-04-10 | plan", "2026-05-10 | plan"], "1 | 1"),
        (f'{OFFSET}\nstart_detail = "began_on"', ["2026-05-16 | plan"], "0 | 0"),
        (
            'kind = "after"\ncodelist = "told"\ndone_codelist = "plan"\ninterval = 7\nunit = "days"',
            ["2026-05-01 | told", "2026-05-08 | plan", "2026-05-09 | plan"],
            "1 | 1",
        ),
        (
            'kind = "after"\ncodelist = "told"\ndone_codelist = "plan"\ninterval = 7\nunit = "days"',
            ["2026-05-01 | told", "2026-05-09 | plan"],
            "0 | 1",
        ),
        ('kind = "on"\nstart_detail = "began_on"\ndone_codelist = "plan"', ["2026-05-10 | plan"], "1 | 1"),
        ('kind = "on"\nstart_detail = "began_on"\ndone_codelist = "plan"', ["2026-05-11 | plan"], "0 | 1"),
        (
            'kind = "on"\nstart_detail = "began_on"\ndone_codelist = "plan"',
            ["2026-05-10 | plan", "2026-05-11 | plan"],
            "1 | 1",
        ),
        (
            'kind = "after"\ncodelist = "told"\ndone_codelist = "plan"\ninterval = 7\nunit = "days"',
            ["2026-05-01 | told", "2026-05-01 | plan", "2026-05-08 | plan"],
            "1 | 1",
        ),
        ('kind = "on"\nstart_detail = "began_on"\ndone_codelist = "plan"', ["2026-05-09 | plan"], "0 | 0"),
        (
            'kind = "open-request"\ncodelist = "told"\ndone_codelist = "plan"\ninterval = 7\nunit = "days"',
            ["2026-05-01 | told", "2026-05-03 | told", "2026-05-08 | plan", "2026-05-20 | plan"],
            "1 | 1",
        ),
        (
            'kind = "open-request"\ncodelist = "told"\ndone_codelist = "plan"\ninterval = 7\nunit = "days"',
            ["2026-05-01 | told", "2026-05-03 | told", "2026-05-09 | plan"],
            "0 | 1",
        ),
        (
            FIRST,
            ["2026-05-17 | plan"],
            "1 | 1",
        ),
        (
            FIRST,
            ["2026-05-18 | plan"],
            "0 | 1",
        ),
        (
            OFFSET,
            ["2026-05-16 | plan", "2026-05-17 | plan"],
            "1 | 1",
        ),
    ],
)
def test_any_recall_on_time_without_an_item(made: Made, rule: str, rows: list[str], expected: str) -> None:
    given = "\n".join(f"Ann | {row} | | | {number}" for number, row in enumerate(rows))
    register = "patient | entered | began_on\n Ann | 2026-04-01 | 2026-05-10"
    measured(made, "on-time", ON_TIME.format(rule=rule), given, expected, register=register)


SPLIT = 'codelist = "work"\nby = "{by}"\n{more}'


@pytest.mark.parametrize(
    ("by", "more", "table"),
    [
        ("sex", "", (("female", 2), ("male", 1))),
        ("month", "", (("2026-05", 3),)),
        ("age", "", (("30 to 39", 1), ("40 to 49", 2))),
        ("age", "bands = [15, 44]", (("15 to 43", 1), ("44 and over", 2))),
        ("age", "bands = [46, 65]", (("0 to 45", 2), ("46 to 64", 1))),
        ("place", "", (("Y00005", 1), ("Y99999", 2))),
        ("detail:level", "", (("3", 2), ("not recorded", 1))),
        ("network", '[settings.networks]\nvalue = ["Y99999 North Network"]', (("North Network", 3),)),
        ("network", '[settings.networks]\nvalue = ["Y00002 South"]', (("no network recorded", 3),)),
    ],
)
def test_what_a_measure_is_split_by(made: Made, by: str, more: str, table: tuple[object, ...]) -> None:
    setting = '\ntitle = "Networks"\ndecided = "ours"\nclause = "5"\n' if "[settings" in more else ""
    text = MEASURE.format(kind="count", options=SPLIT.format(by=by, more=more)) + setting
    surgery = Surgery(
        made(text, lists=LISTS, details=DETAILS),
        patients="""
            patient | born       | sex
            Ann     | 1980-05-10 | female
            Ben     | 1990-01-01 | male
            """,
        activity="""
            patient | date       | code | done at
            Ann     | 2026-05-09 | work |
            Ann     | 2026-05-10 | work |
            Ben     | 2026-05-10 | work | Y00005
            """,
        register="patient | entered | level\n Ann | 2026-04-01 | 3",
    )
    report = surgery.report("2026-05")
    (found,) = [one for one in report.tables if one.id.startswith("it-by-")]
    assert (found.rows, found.names_patients) == (table, False)


def test_a_share_is_split_with_its_own_denominators(made: Made) -> None:
    options = 'detail = "level"\nby = "detail:on_medication"'
    surgery = measured(made, "share", options, "", "1 | 3")
    (table,) = [one for one in surgery.report("2026-05").tables if one.id == "it-by-on_medication"]
    assert table.columns == ("on_medication", "counted", "of", "percent")
    assert table.rows == (("no", 0, 1, 0.0), ("yes", 1, 1, 100.0), ("not recorded", 0, 1, 0.0))
    shown, _ = SmallNumbers().tables(
        [{"id": table.id, "columns": list(table.columns), "rows": [list(r) for r in table.rows]}]
    )
    assert all(cell == "*" for row in shown[0]["rows"] for cell in row[1:])


def test_patients_are_named_in_a_table_of_their_own(made: Made) -> None:
    surgery = measured(made, "share", 'detail = "level"', "", "1 | 3")
    (table,) = [one for one in surgery.report("2026-05").tables if one.id == "it-patients"]
    names = surgery.names()
    assert table.names_patients
    assert [(names[str(row[0])], row[2]) for row in table.rows] == [("Ann", "yes"), ("Ben", "no"), ("Cat", "no")]


@pytest.mark.parametrize(
    ("kind", "options", "fault"),
    [
        ("count", "", "the key `codelist` is missing"),
        ("share", "", "one of the keys codelist and detail is missing"),
        ("share", 'codelist = "plan"\ndetail = "level"', "codelist and detail cannot be used together"),
        ("latest-value", 'codelist = "value"', "it needs a limit; add one of above"),
        ("threshold", 'of = "high"', "there is no threshold `high`"),
        ("count", 'codelist = "work"\nby = "detail:levl"', "there is no register detail `levl`"),
        ("count", 'codelist = "work"\nby = "network"', "add [settings.networks]"),
        ("count", 'codelist = "work"\nby = "sex"\nbands = [15]', 'write by = "age", or leave the bands out'),
        ("count", 'codelist = "work"\nby = "age"\nbands = [45, 15]', "write each first age once, the youngest first"),
        ("incidents", 'by = "sex"', "by"),
        ("count", 'codelist = "work"\nmonths = 12', "months"),
    ],
)
def test_faults(made: Made, kind: str, options: str, fault: str) -> None:
    with pytest.raises(SpecificationError) as shown:
        made(MEASURE.format(kind=kind, options=options), lists=LISTS, details=DETAILS)
    assert any(fault in problem for problem in shown.value.problems), shown.value.problems
