"""Significant event forms: within 5 working days, over Easter, bank holidays and Christmas (Schedule 4 C)."""

from __future__ import annotations

import pytest

import lescli_anticoag
from lescli.rules.windows import due_at
from lescli.services import service_of
from lescli.testing import Surgery, assert_rows, table_rows

SERVICE = service_of(lescli_anticoag, origin="package")


@pytest.mark.parametrize("kind", ["bleeding", "death", "not-managed"])
@pytest.mark.parametrize(
    ("happened", "due"),
    [
        ("2020-06-01", "2020-06-08T23:59"),
        ("2020-06-05T16:30", "2020-06-12T23:59"),
        # On a Saturday the first working day is Monday.
        ("2020-06-06", "2020-06-12T23:59"),
        # Good Friday is 10 April, Easter Monday 13 April.
        ("2020-04-09", "2020-04-20T23:59"),
        ("2020-04-03", "2020-04-14T23:59"),
        # The early May bank holiday of 2020 was a Friday, the 8th.
        ("2020-05-06", "2020-05-14T23:59"),
        ("2020-05-22", "2020-06-01T23:59"),
        # Boxing Day 2020 is a Saturday, so Monday 28 December is a bank holiday.
        ("2020-12-23", "2021-01-04T23:59"),
        ("2020-02-28", "2020-03-06T23:59"),
    ],
)
def test_when_it_is_due(kind: str, happened: str, due: str) -> None:
    found = next(one for one in SERVICE.spec.incidents if one.kind == kind)
    assert due_at(found, happened) == due


def test_whether_the_clock_was_met() -> None:
    surgery = Surgery(
        SERVICE,
        incidents="""
            kind        | on         | notified         | patient
            bleeding    | 2020-04-09 | 2020-04-20T23:59 | Ann
            not-managed | 2020-04-09 | 2020-04-21T00:00 | Ben
            death       | 2020-04-27 |                  | Cat
            bleeding    | 2020-03-31 |                  |
            """,
    )
    expected = """
        kind        | on         | due              | notified         | in_time
        bleeding    | 2020-04-09 | 2020-04-20T23:59 | 2020-04-20T23:59 | yes
        not-managed | 2020-04-09 | 2020-04-20T23:59 | 2020-04-21T00:00 | no
        death       | 2020-04-27 | 2020-05-04T23:59 |                  | running
        """
    assert_rows(expected, table_rows(surgery.report("2020-04"), "incidents"))
