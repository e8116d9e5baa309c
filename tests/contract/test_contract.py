"""Every installed service keeps the contract on both sides of each of its boundaries."""

from __future__ import annotations

import importlib
import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from lescli.rules.claim import KINDS
from lescli.rules.claim_row import reason_of
from lescli.services import Service, service_of
from lescli.testing import not_yet_of, problems_of
from lescli.testing.service_tests import problems_of_tests
from lescli.testing.tests_file import read_tests

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
SERVICES = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["entry-points"]["lescli.services"]


def service(name: str) -> Service:
    return service_of(importlib.import_module(SERVICES[name]), origin="package")


def own_tests(name: str) -> bytes:
    return files(SERVICES[name]).joinpath("tests.toml").read_bytes()


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_the_service_keeps_the_contract(name: str) -> None:
    assert problems_of(service(name)) == []


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_the_services_own_patients_get_what_its_tests_expect(name: str) -> None:
    assert problems_of_tests(service(name), own_tests(name)) == ((), ())


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_rule_of_the_readme_is_tried_by_a_patient(name: str) -> None:
    readme = (PROJECT.parent / "plugins" / name / "README.md").read_text(encoding="utf-8")
    rules = {int(number) for number in re.findall(r"^\| (\d+) \|", readme, re.MULTILINE)}
    cases, _ = read_tests(own_tests(name), service(name).spec)
    assert rules
    assert {number for case in cases for number in case.rules} == rules


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
