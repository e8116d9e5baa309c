from __future__ import annotations

import pytest

from lescli.readers.clinical_report.reader import measured
from lescli.readers.profile import built_in

UNITS = built_in("emis").units


@pytest.mark.parametrize(
    ("value", "unit", "found"),
    [
        ("72 mL/min", "", ("72", "mL/min")),
        ("72  mL/min", "mL/min", ("72", "mL/min")),
        ("72", "mL/min", ("72", "mL/min")),
        ("72.5 %", "", ("72.5", "%")),
        ("45%", "", ("45", "%")),
        ("72mL/min", "", ("72", "mL/min")),
        ("> 90 mL/min/1.73 m2", "", ("> 90", "mL/min/1.73 m2")),
        ("<=5 mg/L", "", ("<=5", "mg/L")),
        ("-1.5 kg", "", ("-1.5", "kg")),
        ("120/80 mm Hg", "", ("120/80", "mm Hg")),
        ("4.5 10*9/L", "", ("4.5", "10*9/L")),
        ("38 °C", "", ("38", "°C")),
        ("26.4 kg/m²", "", ("26.4", "kg/m²")),
        # Not a measurement, or one that contradicts itself: it stays whole.
        ("72 mL/min", "mmol/L", ("72 mL/min", "mmol/L")),
        ("3a", "", ("3a", "")),
        ("2nd", "", ("2nd", "")),
        ("3 weeks overdue", "", ("3 weeks overdue", "")),
        ("12 May 2026", "", ("12 May 2026", "")),
        ("12-May-2026", "", ("12-May-2026", "")),
        ("10 - 20", "", ("10 - 20", "")),
        ("1 of 3", "", ("1 of 3", "")),
        ("Negative", "", ("Negative", "")),
        ("", "", ("", "")),
        ("2 " + "x" * 31, "", ("2 " + "x" * 31, "")),
    ],
)
def test_a_unit_is_split_from_its_number(value: str, unit: str, found: tuple[str, str]) -> None:
    assert UNITS is not None
    assert measured(value, unit, UNITS) == found
