"""The service keeps the contract of every service, and its data prints no price and no code."""

from __future__ import annotations

import lescli_minor_surgery
from lescli.services import service_of
from lescli.testing import problems_of

SERVICE = service_of(lescli_minor_surgery, origin="package")


def test_it_keeps_the_contract_of_every_service() -> None:
    assert problems_of(SERVICE) == []


def test_no_price_and_no_code_is_printed() -> None:
    assert [item.prices for item in SERVICE.spec.items] == [()] * 8
    assert {(one.status, one.versions) for one in SERVICE.spec.codelists} == {("unset", ())}
