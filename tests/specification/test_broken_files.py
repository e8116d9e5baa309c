"""The mistakes of a careful person in a service.toml: each is told in one line, in the words of the file."""

from __future__ import annotations

import pytest

from tests.specification.broken import RIGHT, broken, faults_of_text

MONTHLY = RIGHT[RIGHT.index('[[item]]\nname = "monthly"') : RIGHT.index("[settings.active_month]")]
DRESSING = RIGHT[RIGHT.index('[[item]]\nname = "dressing"') : RIGHT.index("[[item.check]]")]
SEEN_SO = '[settings.seen_so]\ntitle = "Ways of being seen that count"\nvalue = ["face to face"]'


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        # A block that was copied.
        (
            MONTHLY,
            MONTHLY + MONTHLY,
            "item[3].name: the name `monthly` is used twice; give one of the two another name",
        ),
        (
            MONTHLY,
            MONTHLY + MONTHLY.replace('"monthly"', '"level-4"'),
            "item[3]: `monthly` pays for `3` of `level` too, so it would be paid twice; correct one of the two",
        ),
        (
            MONTHLY,
            MONTHLY + 2 * DRESSING.replace('"dressing"\ntitle', '"burn"\ntitle', 1),
            "item[4].name: the name `burn` is used twice; give one of the two another name",
        ),
        (
            "[codelists.review]",
            "[codelists.dressing]",
            "line 19: [codelists.dressing] is written twice; leave one out, or give it another name",
        ),
        ("[claim]", '[claim]\nclause = "4"', "line 64: `clause` is written twice under one heading; leave one out"),
        # Money.
        (
            'amount = "10.00"',
            "amount = 1000",
            'item[1].price[1].amount: it is a number; write it in quotes: "1000.00", or "10.00" if it is in pence',
        ),
        (
            'amount = "10.00"',
            'amount = "1000"',
            'item[1].price[1].amount: "1000" has no pence; write "1000.00", or "10.00" if it is in pence',
        ),
        ('amount = "10.00"', "amount = 12.5", 'item[1].price[1].amount: it is a number; write it in quotes: "12.50"'),
        (
            'amount = "10.00"',
            "amount = 12,50",
            'line 74: an amount has a point, and stands in quotes: amount = "12.50"',
        ),
        (
            'amount = "10.00"',
            "amount = £12.50",
            'line 74: an amount has no £, and stands in quotes: amount = "12.50"',
        ),
        (
            'amount = "10.00"',
            'amount = "£12,5"',
            'item[1].price[1].amount: "£12,5" is not pounds and pence in quotes, as in "20.00"; write "12.50"',
        ),
        (
            'amount = "10.00"',
            'amount = "10%"',
            'item[1].price[1].amount: "10%" is not pounds and pence in quotes, as in "20.00"',
        ),
        (
            'amount = "10.00"',
            'amount = "0.00"',
            "item[1].price[1]: the price is 0; leave the price out if the document gives none",
        ),
        # Days.
        (
            'start = "2026-04-01"',
            "start = 01/04/2026",
            'line 9: a date is written year first and in quotes: start = "2026-04-01"',
        ),
        (
            'start = "2026-04-01"',
            'start = "01/04/2026"',
            'period[1].start: "01/04/2026" is not a date of the calendar; write one as "2026-04-01"',
        ),
        (
            'start = "2026-04-01"',
            "start = 2026-04-01",
            'period[1].start: it is a date without quotes; write it in quotes: "2026-04-01"',
        ),
        ('start = "2026-04-01"', "start = 2026-04-31", "line 9: 2026-04-31 is not a date of the calendar"),
        ('start = "2026-04-01"', 'start = "2028-04-01"', "period[1]: it ends before it starts"),
        # Numbers, and true and false.
        ("window_months = 3", "window_months = 3 months", "line 62: write the number alone: window_months = 3"),
        (
            "window_months = 3",
            'window_months = "3"',
            "claim.window_months: it is a text; write it without quotes: 3",
        ),
        (
            "window_months = 3",
            "window_months = 3.0",
            "claim.window_months: 3.0 has a point; write a whole number, as in 3",
        ),
        ("window_months = 3", "window_month = 3", "claim: unknown key `window_month`; did you mean `window_months`?"),
        ("day = 10", "day = 05", 'line 115: a number has no 0 before it, and a code stands in quotes: day = 5 or "05"'),
        ("day = 10", "day = 10%", "line 115: leave the % out: day = 10"),
        ("day = 10", "day = 31", "submission.day: the number is too large; write 28 or less"),
        (
            "required = false",
            "required = FALSE",
            "line 33: write required = false, in small letters and without quotes",
        ),
        ("required = false", "required = no", "line 33: write required = false, in small letters and without quotes"),
        (
            "required = false",
            'required = "no"',
            "register.detail[1].required: it is a text; write it without quotes: false",
        ),
        # Texts from a word processor.
        ('title = "Wounds"', "title = “Wounds”", 'line 4: the quotes are curly; write straight ones: title = "Wounds"'),
        (
            'title = "Wounds"',
            'title\u00a0= "Wounds"',
            "line 4: a character here only looks like a space; type the space again",
        ),
        ('title = "Wounds"', "title = Wounds", 'line 4: write the text in quotes: title = "Wounds"'),
        (
            'title = "Wounds"',
            'title = "Wounds',
            "line 4: the text of `title` has no closing quote, or a line break inside it",
        ),
        ('title = "Wounds"', 'title: "Wounds"', 'line 4: write = and not a colon: title = "Wounds"'),
        (
            'title = "Wounds"',
            'title = "Wounds" // ours',
            "line 4: something stands after the value of `title`; leave it out, or write # before a remark",
        ),
        # Headings.
        ("[[incident]]", "[incident]", "incident: write `[[incident]]`, two brackets"),
        ("[[item.price]]", "[item.price]", "item[1].price: write `[[item.price]]`, two brackets"),
        ("[[item.check]]", "[[item.check]", "line 78: a bracket is missing; write [[item.check]]"),
        ("[service]", "[[service]]", "service: write `[service]`, one bracket"),
        (
            "[settings.active_month]",
            "[settings.active month]",
            "line 101: a heading has no spaces; write [settings.active-month]",
        ),
        # Codes and lists.
        (
            'snomed = ["9999999105"]',
            "snomed = [9999999105]",
            'codelists.dressing.snomed[1]: it is a number; write it in quotes: "9999999105"',
        ),
        (
            'snomed = ["9999999105"]',
            'snomed = "9999999105"',
            'codelists.dressing.snomed: it is one text; write a list in square brackets: ["9999999105"]',
        ),
        (
            'snomed = ["9999999105"]',
            'snomed = ["9999999105" "9999999105"]',
            "line 17: a list has no closing ], or two entries have no comma between",
        ),
        (
            'snomed = ["9999999105"]',
            'snomed = "9999999105", "9999999113"',
            "line 17: a list stands in square brackets, with a comma between two entries: "
            'snomed = ["9999999105", "9999999113"]',
        ),
        # Names and values that point at nothing.
        (
            'details = "level, indication"',
            'details_setting = "seen_so"',
            "settings.seen_so.value: there is no register detail `face to face`; "
            "add a [[register.detail]] of that name",
        ),
        (
            'status = "specified"',
            'status = "specified"\nfrom = "2027-04-01"',
            "codelists.dressing.from: it begins on 2027-04-01, after the last period ends on 2027-03-31; "
            "correct the day, or add the [[period]] it belongs to",
        ),
        (
            'name = "wounds"',
            'name = "Wound Care"',
            'service.name: "Wound Care" is not a name of small letters, figures and hyphens that begins with a letter; '
            'write "wound-care"',
        ),
        (
            'unit = "months"',
            'unit = "month"',
            'recall[1].unit: "month" is not allowed here; did you mean `months`? '
            'Write one of "months", "weeks", "days"',
        ),
        (
            '{ level = "3|4" }',
            '{ level = "3, 4" }',
            "recall[1].only_if.level: `level` is never `3, 4`; write `3|4`",
        ),
        (
            '{ level = "3|4" }',
            '{ level = ["3", "4"] }',
            'recall[1].only_if.level: it is a list; write the values in one text, with | between: "3|4"',
        ),
        (
            'value = "3"',
            'value = "Level 3"',
            "item[2].options.value: `level` is never `Level 3`; write one of 3, 4, 5",
        ),
        (
            'value = "any-day"',
            'value = "end of month"',
            "settings.active_month.value: it is none of any-day and month-end, which item[2].options.active_setting "
            "knows; write one of them",
        ),
        (
            'of = "dressing"\nunit',
            'of = "dressings"\nunit',
            "measure[1].of: there is no item `dressings`; did you mean `dressing`?",
        ),
        (
            SEEN_SO,
            '[settings.claims_from]\ntitle = "From"\nvalue = "April 2026"\ntype = "month"',
            'settings.claims_from.value: it is not a month; write a month: "2026-04"',
        ),
        (
            SEEN_SO,
            '[settings.accept_done_at]\ntitle = "Places"\nvalue = "Y12345"',
            'settings.accept_done_at: every service has this setting, with the type list; write a list: ["A", "B"]',
        ),
        (
            "[submission]",
            '[reasons.too-young]\ntext = "under 16"\nclause = "6"\n\n[submission]',
            'reasons.too-young: the key `verdict` is missing; add it, as in verdict = "check"',
        ),
        (
            "interval = 6",
            "interval = 6\noverdue_interval = 4",
            "recall[1].overdue_interval: it is shorter than the interval; write at least 6",
        ),
        (
            "[settings.active_month]",
            '[item.cap]\nper_contract_year = 12\nclause = "5"\n\n[settings.active_month]',
            "item[2]: `cap` is for an item of kind per-activity, per-episode or all-of, not per-patient-month; "
            "leave it out",
        ),
    ],
)
def test_a_mistake_is_told_in_one_line_with_its_cure(old: str, new: str, told: str) -> None:
    assert faults_of_text(broken(old, new)) == [told]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            RIGHT.replace("Test ICB", "Tést ICB").encode("cp1252"),
            "line 5: save the file as UTF-8: one character here is not",
        ),
        (RIGHT.encode("utf-16"), "save the file as UTF-8: it is UTF-16 now"),
    ],
)
def test_a_file_that_is_not_utf_8_says_so(content: bytes, told: str) -> None:
    assert faults_of_text(content) == [told]


PYTHON = ("datetime", "Traceback", "Error", "^[", "None", "True", "False", "dict", "tuple", "{'", "['")


@pytest.mark.parametrize(
    "line",
    [
        *("x", "x =", "x y", "= 1", "[", "[]", "[[", "]", "[a", "[a]]", "[[a]", '"', "'", "x = '", "x = [", "x = {"),
        *("x = 1 2", "x = .5", "x = 1.", "x = 1e", "x = 0x", "x = +", "x = 1__0", "x = 25:00:00", "x = 2026-13-01"),
        *("x = nan.", "x = {a = 1, a = 2}", "x = {a = 1,}", "a.b = 1\na = 2", "[service]", "[service.name]", "x = \\"),
        *("\x00", 'x = "\x07"', "x = '''", 'x = """', "•x = 1", "x = –5", "x = 1;", "x = 1 ,", "# \x01"),
        *('x = "\\ud800"', "x = 2026-04-01T", "‘x’ = 1", "x = […]", "x = \u2028", "[a.]", "[.a]", "x. = 1"),
    ],
)
def test_no_line_that_is_not_toml_shows_python(line: str) -> None:
    (told,) = faults_of_text(f"{RIGHT}\n{line}\n")
    assert told.startswith("line ")
    assert "; " in told or ": " in told
    assert not [word for word in PYTHON if word in told]


CLOCK = """
[[clock]]
name = "seen"
title = "Seen"
clause = "9"
from = { codelist = "dressing" }
to = { any_of = ["review"] }
within = 7
unit = "days"
"""
CAP = '[[item.cap]]\nper_month = 1\nclause = "9"\n'


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('{ codelist = "dressing" }', '"dressing"', 'it must be a table, as in from = { codelist = "dressing" }'),
        ('{ any_of = ["review"] }', '"review"', 'it must be a table, as in to = { any_of = "review" }'),
    ],
)
def test_a_text_in_place_of_a_table_is_told_once(old: str, new: str, told: str) -> None:
    key = told.partition("as in ")[2].partition(" ")[0]
    assert faults_of_text(RIGHT + CLOCK.replace(old, new)) == [f"clock[1].{key}: {told}"]


def test_a_list_in_place_of_a_table_is_told_once() -> None:
    assert faults_of_text(RIGHT.replace(DRESSING, DRESSING + CAP)) == ["item[1].cap: write `[item.cap]`, one bracket"]
