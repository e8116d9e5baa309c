"""The register: who is on it, what must be recorded, and a device that had expired when it was fitted (3.2; 4.3)."""

from __future__ import annotations

import pytest

import lescli_ius
from lescli.services import service_of
from lescli.testing import Surgery, assert_register

SERVICE = service_of(lescli_ius, origin="package")


def test_a_fitting_and_a_hand_put_a_patient_on_it() -> None:
    surgery = Surgery(
        SERVICE,
        activity="patient | date | code\n Ann | 2020-05-04 | fitting\n Cat | 2020-05-04 | removal",
        register="patient | entered\n Bea | 2016-02-01",
    )
    expected = """
        patient | entered    | rule    | clause
        Ann     | 2020-05-04 | coded   | 3.2
        Bea     | 2016-02-01 | by-hand | 3.2
        """
    assert_register(surgery, expected, as_of="2020-06-01")


def test_what_is_missing_is_named() -> None:
    surgery = Surgery(
        SERVICE,
        register="""
            patient | entered    | indication  | device type | batch number | device expiry | fitted by | consent
            Ann     | 2020-05-04 | menorrhagia | Mirena      | T1           | 2023-01-31    | Dr A      | verbal
        """,
    )
    assert_register(surgery, "patient | missing\n Ann | fitted_on, counselled_on, follow_up_plan", as_of="2020-06-01")


@pytest.mark.parametrize(
    ("expiry", "said"), [("2020-05-03", True), ("2020-05-04", False), ("2020-05-05", False), ("", False)]
)
def test_a_device_that_had_expired_when_it_was_fitted(expiry: str, said: bool) -> None:
    surgery = Surgery(
        SERVICE,
        register=f"patient | entered | fitted on | device expiry\n Ann | 2020-05-04 | 2020-05-04 | {expiry}",
    )
    advice = (
        "device_expiry is before fitted_on: correct the record, or report a device fitted after it had expired"
        if said
        else ""
    )
    assert_register(surgery, f"patient | advice\n Ann | {advice}", as_of="2020-06-01")
