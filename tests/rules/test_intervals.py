"""An interval in the register that runs beyond the calendar is ignored, and drops nobody from the recall list."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lescli.services import load_catalog
from lescli.testing.surgery import Surgery

FITTED = """
patient | entered    | fitted on  | interval months
Ann     | 2025-05-01 | 2025-05-01 | {months}
Ben     | 2025-05-01 | 2025-05-01 | 3
"""


@pytest.mark.parametrize("months", [0, -3, 1201, 999_999_999])
def test_an_impossible_interval_drops_nobody_from_the_recall_list(months):
    service = load_catalog().service("pessary")
    fields = tuple(
        replace(field, type="integer", choices=()) if field.name == "interval_months" else field
        for field in service.spec.register.details
    )
    spec = replace(service.spec, register=replace(service.spec.register, details=fields))
    surgery = Surgery(service.with_spec(spec), register=FITTED.format(months=months), patients=PATIENTS)
    due = {
        surgery.names()[one.nhs_number]: one.due_on.isoformat()
        for one in surgery.recall("2026-06-05").recalls
        if one.kind == "change"
    }
    assert due == {"Ann": "2025-11-01", "Ben": "2025-08-01"}


PATIENTS = """
patient | registered
Ann     | 2010-01-01
Ben     | 2010-01-01
"""
