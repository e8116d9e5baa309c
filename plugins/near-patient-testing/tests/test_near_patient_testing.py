"""The service keeps the contract of every service, and its data prints no price, no code and no drug's weeks."""

from __future__ import annotations

from datetime import date

import lescli_near_patient_testing
from lescli.operations.position import unset_terms
from lescli.services import service_of
from lescli.testing import Surgery, problems_of

SERVICE = service_of(lescli_near_patient_testing, origin="package")


def test_it_keeps_the_contract_of_every_service() -> None:
    assert problems_of(SERVICE) == []


def test_no_price_no_code_and_no_weeks_are_printed() -> None:
    assert [item.prices for item in SERVICE.spec.items] == [()]
    assert {(one.status, one.versions) for one in SERVICE.spec.codelists} == {("unset", ())}
    assert {one.versions for one in SERVICE.spec.settings if one.name.startswith("weeks_")} == {()}


def test_each_drug_of_the_table_has_a_code_list_and_a_setting_of_its_weeks() -> None:
    drugs = [drug for drug, _ in SERVICE.spec.table("drugs").rows]
    assert list(SERVICE.spec.register.find_by) == drugs
    assert {f"weeks_{drug}" for drug in drugs} <= {one.name for one in SERVICE.spec.settings}


def test_without_codes_of_drugs_the_claim_and_the_status_say_what_to_set() -> None:
    (told,) = Surgery(SERVICE).claim("2025-26-Q1").notes
    assert told.startswith("no code is known that finds patients for the register")
    keys = [f"codes.{drug}" for drug in SERVICE.spec.register.find_by]
    assert told.endswith(": " + ", ".join(keys))
    assert set(keys) <= set(unset_terms(SERVICE.spec, date(2025, 5, 1)))


def test_the_codes_of_one_drug_are_enough() -> None:
    surgery = Surgery(SERVICE, terms="key | value | from\ncodes.methotrexate | 9999999105 | 2025-04-01")
    assert surgery.claim("2025-26-Q1").notes == ()
    assert "codes.leflunomide" not in unset_terms(surgery.service.spec, date(2025, 5, 1))
