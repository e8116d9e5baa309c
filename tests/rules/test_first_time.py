"""A recall whose first time differs, one that begins later, and what does not settle one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lescli.services import Service
from lescli.testing import Surgery, assert_recall

Made = Callable[..., Service]
EVERY = """
[[recall]]
name = "review"
title = "Review"
kind = "every"
clause = "4"
codelist = "review"
interval = 12
unit = "months"
{more}
"""
FIRST = 'start_detail = "discharged_on"\nfirst_interval = 6'
REGISTER = "patient | entered | discharged_on\n Ann | 2025-01-01 | {}"


def recalled(made: Made, more: str, rows: str, discharged: str, expected: str, as_of: str = "2027-02-01") -> None:
    service = made(EVERY.format(more=more), lists="diagnosis review", details="discharged_on:date")
    surgery = Surgery(service, activity=f"patient | date | code\n{rows}", register=REGISTER.format(discharged))
    assert_recall(surgery, f"due | last | note\n{expected}", as_of=as_of)


@pytest.mark.parametrize(
    ("rows", "discharged", "due"),
    [
        ("", "2026-01-31", "2026-07-31 | |"),
        ("Ann | 2026-07-31 | review", "2026-01-31", "2027-07-31 | 2026-07-31 |"),
        # A review before the discharge was of another time: the first one after it is asked for again.
        ("Ann | 2026-01-30 | review", "2026-01-31", "2026-07-31 | 2026-01-30 |"),
        ("Ann | 2026-01-31 | review", "2026-01-31", "2027-01-31 | 2026-01-31 |"),
        # Nobody knows from when to count: due at once.
        ("", "", "2025-01-01 | |"),
    ],
)
def test_a_first_interval(made: Made, rows: str, discharged: str, due: str) -> None:
    recalled(made, FIRST, rows, discharged, due)


def test_a_first_interval_in_its_own_unit_and_from_the_register(made: Made) -> None:
    recalled(made, 'first_interval = 4\nfirst_unit = "weeks"', "", "", "2025-01-29 | |")


OFFSET = 'offset_detail = "discharged_on"\noffset = 24\noffset_unit = "months"'


@pytest.mark.parametrize(
    ("rows", "began", "due"),
    [
        ("", "2024-05-10", "2026-05-10 | |"),
        ("Ann | 2026-05-10 | review", "2024-05-10", "2027-05-10 | 2026-05-10 |"),
        (
            "Ann | 2026-05-09 | review",
            "2024-05-10",
            "2026-05-10 | | the entry of 09 May 2026 does not count: this begins on 10 May 2026",
        ),
        ("", "", "2025-01-01 | | discharged_on is not recorded, so nobody knows when this begins"),
    ],
)
def test_an_offset(made: Made, rows: str, began: str, due: str) -> None:
    recalled(made, OFFSET, rows, began, due)


def test_an_offset_with_a_first_interval(made: Made) -> None:
    recalled(made, f"{OFFSET}\nfirst_interval = 3", "", "2024-05-10", "2026-08-10 | |")


SEEN = """
[[item]]
name = "review"
title = "Review"
kind = "per-activity"
clause = "3"
codelists = ["review"]
unit = "review"

[[item.check]]
rule = "consultation-type"
setting = "seen"
clause = "4"

[settings.seen]
title = "Seen"
value = ["face to face"]
decided = "ours"
clause = "4"
"""
KINDS = {
    "every": 'kind = "every"\ncodelist = "review"\nstart_detail = "began_on"\ninterval = 1\nunit = "months"',
    "after": 'kind = "after"\ncodelist = "told"\ndone_codelist = "review"\ninterval = 1\nunit = "months"',
    "on": 'kind = "on"\nstart_detail = "began_on"\ndone_codelist = "review"',
    "open-request": 'kind = "open-request"\ncodelist = "told"\ndone_codelist = "review"\ninterval = 1\nunit = "months"',
}
OTHERS = {
    "clock": """
[[clock]]
name = "one"
title = "One"
clause = "4"
from = { codelist = "told" }
to = { any_of = ["review"] }
within = 7
unit = "days"
""",
    "threshold": """
[[threshold]]
name = "one"
title = "One"
clause = "4"
codelist = "told"
above = 4
done_codelist = "review"
""",
}


@pytest.mark.parametrize("kind", [*KINDS, *OTHERS])
def test_a_telephone_review_settles_no_kind_of_recall_and_says_so(made: Made, kind: str) -> None:
    text = OTHERS.get(kind) or f'[[recall]]\nname = "one"\ntitle = "One"\nclause = "4"\n{KINDS[kind]}\n'
    service = made(SEEN + text, lists="told review", details="began_on:date")

    def of(consultation_type: str) -> Surgery:
        rows = f"""
            patient | date       | code   | consultation type | value
            Ann     | 2026-05-01 | told   | Letter            | 9
            Ann     | 2026-05-04 | review | {consultation_type} |
            """
        register = "patient | entered | began_on\n Ann | 2026-05-01 | 2026-05-01"
        return Surgery(service, activity=rows, register=register)

    (recall,) = of("Telephone").recall("2026-05-10").recalls
    assert "the entry of 04 May 2026 (Telephone) does not count" in recall.note
    assert not any(one.due_on.month == 5 for one in of("Face to face").recall("2026-05-10").recalls)
