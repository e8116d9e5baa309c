"""Each installed service can be asked for the evidence of every item that it pays for."""

from __future__ import annotations

import importlib
import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest

from lescli.model import ClaimItem, EvidenceField, ServiceSpec
from lescli.rules.evidence import Claimed, Evidence, evidence_fields
from lescli.services import Service, service_of
from lescli.testing import Surgery
from lescli.testing.contract_practice import open_terms

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
SERVICES = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["entry-points"]["lescli.services"]


@pytest.fixture(params=sorted(SERVICES))
def service(request: pytest.FixtureRequest) -> Service:
    return service_of(importlib.import_module(SERVICES[request.param]), origin="package")


def asked_of(spec: ServiceSpec, item: str) -> list[EvidenceField]:
    """The fields of evidence asked of an item's work early in the first period."""
    day = spec.periods[0].start + timedelta(days=40)
    return [one for one in evidence_fields(spec) if one.asked_of(item, day)]


def test_every_item_requires_some_evidence_with_a_clause(service: Service) -> None:
    for item in service.spec.items:
        asked = asked_of(service.spec, item.name)
        assert [one for one in asked if one.required], item.name
        assert all(one.clause for one in asked)


def test_details_that_a_check_needs_are_also_asked_as_evidence(service: Service) -> None:
    """A row that passed the checks has the details that they looked at as evidence."""
    for item in service.spec.items:
        asked = {(one.kind, one.of) for one in asked_of(service.spec, item.name)}
        for check in item.checks:
            if check.rule == "accreditation":
                assert ("accreditation", check.options["kind"]) in asked, (item.name, check.rule)
            if check.rule == "consultation-type":
                assert ("entry", "consultation_type") in asked, (item.name, check.rule)
            for name in _details(service.spec, item, check.options):
                assert ("detail", name) in asked, (item.name, name)


def _details(spec: ServiceSpec, item: ClaimItem, options: object) -> list[str]:
    held = dict(options) if isinstance(options, dict) else {}
    setting = spec.setting(held["details_setting"], date.max) if "details_setting" in held else ()
    named = [name.strip() for name in held.get("details", "").split(",") if name.strip()]
    return [*named, *(setting if isinstance(setting, tuple) else ())]


def test_every_field_of_evidence_works_with_and_without_an_entry(service: Service) -> None:
    spec = service.spec
    day = spec.periods[0].start + timedelta(days=40)
    # A service that is paid only from the register claims by no code list.
    code = (*spec.claim_codelists(), *(one.name for one in spec.codelists))[0]
    surgery = Surgery(
        service,
        terms=open_terms(spec),
        activity=f"patient | date | code | clinician | value\nAnn | {day} | {code} | Dr A | 1",
        register=f"patient | entered | from\nAnn | {day - timedelta(days=30)} | {day - timedelta(days=30)}",
    )
    records = surgery.records(day + timedelta(days=60))
    evidence = Evidence(surgery.service.spec, records, surgery.register(records.as_of))
    (entry,) = records.activity(code)
    for item in spec.items:
        row = Claimed(item=item.name, nhs_number=surgery.numbers["Ann"], day=day, entry=entry)
        bare = Claimed(item=item.name, nhs_number=surgery.numbers["Ann"], day=day)
        asked = [one.name for one in asked_of(surgery.service.spec, item.name)]
        assert [one.field.name for one in evidence.of(row)] == asked
        by_kind = {one.field.kind: one.value for one in evidence.of(row)}
        assert by_kind.get("register", "there")
        assert by_kind.get("entry", "there")
        assert all(not one.value for one in evidence.of(bare) if one.field.kind in ("entry", "accreditation"))
