"""Files that the tests write. Every patient is invented and has an NHS number of the 999 range, which is for tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lescli.readers import CheckedRow, Reading, RowCheck, open_reading


def _check_digit(nine: str) -> int:
    return (11 - sum(int(digit) * (10 - place) for place, digit in enumerate(nine)) % 11) % 11


@pytest.fixture(scope="session")
def numbers() -> tuple[str, ...]:
    """Twenty valid NHS numbers."""
    stems = (f"999{stem:06d}" for stem in range(1, 40))
    return tuple(f"{nine}{_check_digit(nine)}" for nine in stems if _check_digit(nine) != 10)[:20]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file of text, bytes or JSON and give its path."""

    def write_file(content: object, name: str = "export.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, str):
            path.write_bytes(content.encode(encoding))
        else:
            path.write_bytes(json.dumps(content).encode(encoding))
        return path

    return write_file


def everything(path: Path, profile: str | None = None) -> tuple[Reading, list[CheckedRow], list[tuple[str, ...]]]:
    reading = open_reading(path, profile)
    check = RowCheck(reading.columns)
    good: list[CheckedRow] = []
    bad: list[tuple[str, ...]] = []
    for row in reading.rows:
        checked = check(row)
        if isinstance(checked, CheckedRow):
            good.append(checked)
        else:
            bad.append(checked)
    return reading, good, bad


@pytest.fixture
def read() -> Callable[..., tuple[Reading, list[CheckedRow], list[tuple[str, ...]]]]:
    """Read a file to its end: (reading, checked rows, the reasons of the others)."""
    return everything


@pytest.fixture
def bundle(numbers: tuple[str, ...]) -> Callable[..., dict[str, Any]]:
    """A GP Connect bundle of one patient with the given resources."""

    def build(*resources: dict[str, Any], patient: dict[str, Any] | None = None) -> dict[str, Any]:
        person = {
            "resourceType": "Patient",
            "id": "AAAAAAAA-0000-4000-8000-000000000001",
            "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": numbers[0]}],
            "name": [
                {"use": "old", "family": "Before"},
                {"use": "official", "family": "Test", "given": ["Ann", "Bea"], "prefix": ["Ms"]},
            ],
            "gender": "female",
            "birthDate": "1950-02-01",
            "managingOrganization": {"reference": "Organization/P"},
        } | (patient or {})
        practice = {
            "resourceType": "Organization",
            "id": "P",
            "identifier": [{"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "A82038"}],
        }
        everyone = [person, practice, *resources]
        return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in everyone]}

    return build
