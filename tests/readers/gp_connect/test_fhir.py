from __future__ import annotations

from decimal import Decimal

import pytest

from lescli.readers.gp_connect import fhir


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-03-31", "2026-03-31"),
        ("2026-03-31T23:30:00+00:00", "2026-04-01"),
        ("2026-03-31T23:30:00Z", "2026-04-01"),
        ("2026-03-28T23:30:00+00:00", "2026-03-28"),
        ("2026-03-31T23:30:00", "2026-03-31"),
        ("2010-08-10T13:22:33.097+01:00", "2010-08-10"),
        ("2010", "2010"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
        ("T", "T"),
        ("", ""),
    ],
)
def test_the_day_is_the_day_in_london(moment: str, day: str) -> None:
    assert fhir.day(moment) == day


@pytest.mark.parametrize(
    ("moment", "utc"),
    [
        ("2021-06-02T08:16:47.263+00:00", "2021-06-02T08:16:47"),
        ("2021-06-02T00:16:47+01:00", "2021-06-01T23:16:47"),
        ("2021-06-02T08:16:47", None),
        ("2021-06-02", None),
        ("", None),
        ("9999-12-31T23:59:59-14:00", None),
    ],
)
def test_an_instant_is_printed_in_utc(moment: str, utc: str | None) -> None:
    assert fhir.instant(moment) == utc


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("140.0"), "140"),
        (Decimal("3.10"), "3.1"),
        (140, "140"),
        (Decimal("0.0"), "0"),
        (Decimal("1E+2"), "100"),
        (-5, "-5"),
        (Decimal("1E+999999"), "1E+999999"),
        (True, ""),
        ("140", ""),
        (None, ""),
    ],
)
def test_numbers_are_written_as_people_write_them(value: object, text: str) -> None:
    assert fhir.number(value) == text


def component(name: str, value: int | None, unit: str = "mm[Hg]") -> dict[str, object]:
    code = {"code": {"coding": [{"display": name}]}}
    return code if value is None else code | {"valueQuantity": {"value": value, "unit": unit}}


@pytest.mark.parametrize(
    ("parts", "pair"),
    [
        ([("Systolic", 120), ("Diastolic", 90)], ("120/90", "mm[Hg]")),
        ([("Diastolic", 90), ("Systolic", 120)], ("", "")),
        ([("Systolic", 120), ("Diastolic", None)], ("", "")),
        ([("Systolic", 120)], ("", "")),
        ([("Systolic", 120, "kPa"), ("Diastolic", 90)], ("", "")),
        ([("Height", 120), ("Weight", 90)], ("", "")),
        ([], ("", "")),
    ],
)
def test_only_a_complete_blood_pressure_is_paired(parts: list[tuple], pair: tuple[str, str]) -> None:
    assert fhir.paired({"component": [component(*part) for part in parts]}) == pair


@pytest.mark.parametrize(
    "junk", [None, [], "x", 1, [None, "x", {"coding": "x"}], {"coding": [{"system": 1, "code": []}]}]
)
def test_malformed_values_count_as_absent(junk: object) -> None:
    parent = {"key": junk, "extension": junk, "coding": junk, "name": junk, "component": junk, "valueQuantity": junk}
    fhir.nodes(parent, "key")
    assert fhir.extension(parent, "Extension-X") == {}
    assert fhir.reference(parent, "key") == ""
    assert list(fhir.codings(parent)) == []
    assert fhir.term(parent) == ""
    assert fhir.name(parent) == ("", "")
    assert fhir.paired(parent) == ("", "")
    assert fhir.measured(parent) == ("", "")
