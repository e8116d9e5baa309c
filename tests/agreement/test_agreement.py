"""`claim`, `status`, `report`, `claims` and `explain` agree on every pound, whatever a practice did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest

from lescli.calendar import Period
from lescli.operations.choose_services import chosen_services, register_of
from lescli.operations.position import position_of
from lescli.rules.unclaimed import Standing
from lescli.store.ledger.read import claims
from lescli.testing import Surgery
from lescli.testing.agreement import disagreements

Make = Callable[[int], tuple[Surgery, date]]
AT_ONCE = 25


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "first" in metafunc.fixturenames:
        metafunc.parametrize("first", range(0, metafunc.config.getoption("--practices"), AT_ONCE))


def test_the_verbs_agree_on_random_practices(first: int, random_practice: Make) -> None:
    for seed in range(first, first + AT_ONCE):
        surgery, as_of = random_practice(seed)
        assert disagreements(surgery.store, as_of) == [], f"practice {seed} on {as_of}"


def test_the_random_practices_have_something_of_everything(random_practice: Make) -> None:
    seen: Counter[str] = Counter()
    for seed in range(40):
        surgery, as_of = random_practice(seed)
        store = surgery.store
        for service in chosen_services(store, (), Period(as_of, as_of)).services:
            position = position_of(store, service, *register_of(store, service, as_of))
            seen.update(one.standing.value for one in position.work)
            seen.update({"claimed": position.claimed.count, "months": len(position.months)})
            seen.update({"found since": len(position.found_since), "on no register": len(position.unregistered)})
        seen.update({"withdrawn": sum(claim.withdrawn_on is not None for claim in claims(store))})
        seen.update({"reversed": sum(claim.reversed_pence > 0 for claim in claims(store))})
        seen.update({"paid": sum(claim.paid_pence > 0 for claim in claims(store))})
    # No two of these services can claim the same work: tests/agreement/test_one_pound.py has two that can.
    of_two = {Standing.CLAIMED_ELSEWHERE, Standing.ALSO_CLAIMABLE}
    wanted = {*Standing, "claimed", "months", "found since", "on no register", "reversed", "withdrawn", "paid"}
    assert not [name for name in wanted - of_two if not seen[name]], seen
