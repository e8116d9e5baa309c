"""What is written is the same on every computer: no name of a month or day, and no number, follows its language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

# The names of days and months, am and pm, and whole dates and times; `{%p if x %}` is a field of a letter.
DIRECTIVE = re.compile(r"(?<!\{)%[-_^#0]?[aAbBhpcxXr](?![A-Za-z])|toLocale")
NUMBER = re.compile(r"[^{}]*n")
NAMES = {"month_name", "month_abbr", "day_name", "day_abbr", "TextCalendar", "HTMLCalendar"}
"""Of the standard library's `calendar`."""


def followers(module) -> Iterator[tuple[int, str]]:
    """Line and text of whatever follows the language of the computer."""
    for node in module.constants():
        if isinstance(node.value, str) and DIRECTIVE.search(node.value):
            yield node.lineno, node.value
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FormattedValue) and isinstance(node.format_spec, ast.JoinedStr):
            spec = "".join(str(one.value) for one in node.format_spec.values if isinstance(one, ast.Constant))
            if NUMBER.fullmatch(spec):
                yield node.lineno, spec
        elif isinstance(node, ast.Attribute) and node.attr in NAMES and ast.unparse(node.value) == "calendar":
            yield node.lineno, node.attr
    for line, name in module.imports():
        package, _, what = name.partition(".")
        if package == "locale" or (package == "calendar" and what in NAMES):
            yield line, name


def test_no_format_follows_the_language_of_the_computer(core, plugins):
    wrong = [f"{module}:{line}: {text!r}" for module in [*core, *plugins] for line, text in followers(module)]
    assert not wrong, "\n".join(["use lescli.calendar: for_people, day_in_full, month_in_full, Month.short", *wrong])


def test_the_names_of_months_stand_in_one_place(core, plugins):
    months = {"january", "february", "september", "october", "november", "december"} | {"jan", "feb", "oct", "nov"}
    wrong = [
        f"{module}:{node.lineno}: {node.value!r}"
        for module in [*core, *plugins]
        for node in module.constants()
        if module.name != "lescli.calendar" and isinstance(node.value, str) and node.value.casefold() in months
    ]
    assert not wrong, "\n".join(["use lescli.calendar.MONTHS", *wrong])


@pytest.mark.parametrize(
    "source",
    [
        'day.strftime("%B %Y")',
        'day.strftime("%d %b")',
        'day.strftime("%-d%b")',
        'strptime(text, "%d-%b-%Y")',
        'f"{day:%A}"',
        '"{:%B}".format(day)',
        'FORMAT = "%I:%M %p"',
        "import locale",
        "from locale import strxfrm",
        "from calendar import month_abbr",
        "calendar.day_name[day.weekday()]",
        'f"{total:n}"',
    ],
)
def test_it_can_fail(source, module_of):
    assert len(list(followers(module_of(source)))) == 1


@pytest.mark.parametrize(
    "source",
    [
        'day.strftime("%Y-%m-%dT%H:%M:%SZ")',
        'f"{share:.1f} %"',
        '"{%p if name %}"',
        'f"{number:,}{number:02d}"',
        "from calendar import monthrange",
    ],
)
def test_it_lets_the_rest_be(source, module_of):
    assert list(followers(module_of(source))) == []
