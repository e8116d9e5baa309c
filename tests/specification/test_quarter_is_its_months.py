"""The same work comes to the same sum whether it is claimed by the month or by the quarter."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest

from lescli.services import Service, service_of
from lescli.services.service import DataOnlyPlugin
from lescli.specification import parse_specification
from lescli.testing import Surgery
from tests.specification.test_shapes import SHAPES

MONTHS = ("2026-04", "2026-05", "2026-06")
QUARTER = "2026-27-Q1"


def claimed_every(name: str, every: str) -> Service:
    """The service of a folder of shapes, claimed by the month or by the quarter."""
    text = (SHAPES / name / "service.toml").read_text(encoding="utf-8")
    head, claim, rest = text.partition("[claim]\n")
    terms, submission, tail = rest.partition("[submission]")
    kept = [line for line in terms.splitlines(keepends=True) if line.startswith("clause")]
    body = "".join([claim, f'every = "{every}"\n', *kept, submission, tail])
    return service_of(DataOnlyPlugin(parse_specification((head + body).encode(), where=name)), origin="test")


def work(seed: int, codes: tuple[str, ...]) -> str:
    """Random entries of three patients over the quarter, with some on its first and last day and some twice."""
    rng = Random(seed)
    days = [date(2026, 4, 1), date(2026, 6, 30), *(date(2026, 4, 1) + timedelta(rng.randrange(91)) for _ in range(12))]
    rows = [f"{rng.choice(('Ann', 'Bob', 'Cat'))} | {day} | {rng.choice(codes)}" for day in days]
    return "\n".join(["patient | date | code", *rows])


def submitted(surgery: Surgery, periods: dict[str, str]) -> int:
    """The sum of the claims for some periods, each submitted on its day."""
    for period, day in periods.items():
        surgery.submit(period, day)
    ((total,),) = surgery.store.rows("SELECT coalesce(sum(amount_pence), 0) FROM claim_row WHERE verdict = 'payable'")
    return int(total)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("name", ["capped", "volume-price", "wound-episode"])
def test_three_months_one_by_one_are_the_quarter(name: str, seed: int) -> None:
    by_month, by_quarter = (claimed_every(name, every) for every in ("month", "quarter"))
    entries = work(seed, by_month.spec.claim_codelists())
    months = submitted(Surgery(by_month, activity=entries), {month: f"{month}-30" for month in MONTHS})
    quarter = submitted(Surgery(by_quarter, activity=entries), {QUARTER: "2026-06-30"})
    assert months == quarter
    assert quarter > 0
