"""Every installed service keeps the contract on both sides of each of its boundaries."""

from __future__ import annotations

import importlib
import tomllib
from pathlib import Path
from typing import Any

import pytest

from lescli.rules.claim import KINDS
from lescli.rules.claim_row import reason_of
from lescli.services import Service, service_of
from lescli.testing import not_yet_of, problems_of

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
SERVICES = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["entry-points"]["lescli.services"]


def service(name: str) -> Service:
    return service_of(importlib.import_module(SERVICES[name]), origin="package")


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_the_service_keeps_the_contract(name: str) -> None:
    assert problems_of(service(name)) == []


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_the_service_has_the_name_of_its_entry_point(name: str) -> None:
    assert service(name).name == name


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_items_that_the_contract_test_cannot_check_are_named(name: str) -> None:
    found = service(name)
    others = [item.name for item in found.spec.items if item.kind not in KINDS]
    assert [line.split()[1] for line in not_yet_of(found)] == others


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_check_names_details_and_reasons_that_exist(name: str) -> None:
    spec = service(name).spec
    fields = {field.name for field in spec.register.details}
    for item in spec.items:
        for check in item.checks:
            named = check.options.get("details", check.options.get("detail", "")).split(",")
            assert {one.strip() for one in named if one} <= fields, (item.name, check.rule)
            if "reason" in check.options:
                assert reason_of(spec, check.options["reason"]).text, (item.name, check.options["reason"])


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_value_has_its_clause(name: str) -> None:
    spec = service(name).spec
    values: list[Any] = [*spec.codelists, *spec.register.details, *spec.recalls, *spec.items, *spec.measures]
    values += spec.settings
    assert [value for value in values if not value.clause] == []
    assert [item.name for item in spec.items if not all(price.source for price in item.prices)] == []
