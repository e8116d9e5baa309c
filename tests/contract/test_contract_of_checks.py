"""The invented practice has what an item's checks and population ask for, so that such an item is paid in it too."""

from __future__ import annotations

import pytest

from lescli.services import service_of
from lescli.services.service import DataOnlyPlugin
from lescli.specification import parse_specification
from lescli.testing import problems_of, snomed_concept

SERVICE = """
[service]
name = "small"
title = "Small"
commissioner = "Test ICB"
document = "Test document"

[[period]]
start = "2025-04-01"
end = "2027-03-31"
clause = "1"

[submission]
clause = "1"
by = "email"

[register]
rule = "coded"
clause = "2"
find_by = []

[codelists.work]
title = "Work"
status = "specified"
clause = "2"
snomed = ["{work}"]

[codelists.asked]
title = "Asked"
status = "specified"
clause = "2"
snomed = ["{asked}"]

[[clock]]
name = "asked-to-work"
title = "Asked to work"
clause = "4"
from = {{ codelist = "asked" }}
to = {{ any_of = ["work"] }}
within = 5
unit = "days"

[[item]]
name = "work"
title = "Work"
kind = "per-activity"
clause = "3"
codelists = ["work"]
unit = "entry"
{more}

[[item.price]]
amount = "10.00"
from = "2025-04-01"
clause = "3"
{check}
"""
CHECKS = {
    "after": 'codelist = "asked"',
    "value": "above = 4\nbelow = 5",
    "within": 'clock = "asked-to-work"',
    "minimum-gap": 'count = 2\nunit = "days"',
}


def problems(more: str, check: str) -> list[str]:
    text = SERVICE.format(more=more, check=check, work=snomed_concept(0), asked=snomed_concept(1))
    return problems_of(service_of(DataOnlyPlugin(parse_specification(text.encode(), where="small")), origin="test"))


@pytest.mark.parametrize("rule", CHECKS)
def test_an_item_with_a_check_keeps_the_contract(rule: str) -> None:
    assert problems("", f'[[item.check]]\nrule = "{rule}"\nclause = "4"\n{CHECKS[rule]}\n') == []


@pytest.mark.parametrize("population", ["own", "other", "any"])
def test_an_item_for_each_population_keeps_the_contract(population: str) -> None:
    assert problems(f'population = "{population}"', "") == []
