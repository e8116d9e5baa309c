from __future__ import annotations

import json

import pytest

from lescli.errors import UnreadableFileError
from lescli.readers import open_reading
from lescli.readers.gp_connect import bundle as module
from lescli.readers.headings import headings_of

NUMBER = {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "1234567890"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"resourceType": "Bundle", "type": "coll', "not whole JSON"),
        ("{}", "not a FHIR bundle"),
        ('{"resourceType": "Bundle", "type": "message"}', "not a FHIR bundle of type collection"),
        ('{"resourceType": "Patient", "type": "collection"}', "not a FHIR bundle of type collection"),
        ('{"resourceType": "Bundle", "type": "collection"}', "0 patients instead of one"),
        ('{"resourceType": "Bundle", "type": "collection", "entry": {"a": 1}}', "0 patients instead of one"),
        ('{"resourceType": "Bundle", "type": "collection", "entry": [1, {"resource": []}]}', "0 patients"),
        ('{"type": "collection", "resourceType": "Bundle", "type": "collection"}', "the same key twice"),
        ('{"a": NaN}', "NaN and Infinity"),
        ('{"a": 1' + "0" * 9000 + "}", "not well-formed JSON"),
        ('{"a":' * 200_000, "nested too deeply"),
        ('{"a":' + "[" * 200_000 + "]" * 200_000 + "}", "nested too deeply"),
    ],
)
def test_a_file_that_is_not_a_bundle_of_one_patient_is_refused(write, text: str, said: str) -> None:
    with pytest.raises(UnreadableFileError, match=said) as refusal:
        open_reading(write(text, name="a.json"))
    assert refusal.value.fix
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("identifiers", "said"),
    [
        ([NUMBER], "fails its check digit"),
        ([NUMBER | {"value": "SMITH"}], "10 digits"),
        ([], "no NHS number"),
        ([NUMBER | {"value": ""}], "10 digits"),
        ([NUMBER, NUMBER | {"value": "9990000018"}], "2 NHS numbers"),
        ([NUMBER | {"system": "https://x"}], "no NHS number"),
    ],
)
def test_an_invalid_number_is_refused_and_not_repeated(write, bundle, identifiers: list, said: str) -> None:
    with pytest.raises(UnreadableFileError, match=said) as refusal:
        open_reading(write(bundle(patient={"identifier": identifiers}), name="a.json"))
    assert not [word for word in ("1234567890", "9990000018", "SMITH") if word in str(refusal.value)]


def test_two_patients_are_refused(write, bundle) -> None:
    with pytest.raises(UnreadableFileError, match="2 patients"):
        open_reading(write(bundle({"resourceType": "Patient", "id": "x"}), name="a.json"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_each_encoding_gives_the_same_result(write, bundle, encoding: str) -> None:
    text = json.dumps(bundle(patient={"name": [{"family": "Renée"}]}), ensure_ascii=False)
    (row,) = open_reading(write(text, name="a.json", encoding=encoding)).rows
    assert row.cells[1] == "Renée"


def test_json_is_never_windows_1252(write, bundle) -> None:
    text = json.dumps(bundle(patient={"name": [{"family": "Renée"}]}), ensure_ascii=False)
    with pytest.raises(UnreadableFileError, match="not UTF-8"):
        open_reading(write(text, name="a.json", encoding="cp1252"))


def test_a_bundle_that_is_too_large_is_refused(write, bundle, monkeypatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 100)
    with pytest.raises(UnreadableFileError, match="larger than"):
        open_reading(write(bundle(), name="a.json"))


def test_references_by_address_and_by_full_url_are_found(write, bundle) -> None:
    content = bundle()
    content["entry"][1]["fullUrl"] = "urn:uuid:1"
    found = module.read_bundle(write(content, name="a.json"))
    practice = content["entry"][1]["resource"]
    for reference in ("Organization/P", "https://server/STU3/Organization/P", "urn:uuid:1"):
        assert found.find(reference) == practice
    for reference in ("", "#1", "Organization/Q", "P"):
        assert found.find(reference) == {}


def test_a_bundle_on_one_line_is_bounded_by_its_size_alone(write, read, bundle) -> None:
    many = [
        {
            "resourceType": "Observation",
            "id": f"o{number}",
            "status": "final",
            "code": {"coding": [{"system": "http://snomed.info/sct", "code": "165581004", "display": "INR " * 30}]},
            "effectiveDateTime": "2026-05-04",
            "note": [{"text": "x" * 400}],
        }
        for number in range(3000)
    ]
    path = write(bundle(*many), name="record.json")
    assert path.stat().st_size > 1 << 20
    assert b"\n" not in path.read_bytes()
    reading, rows, _ = read(path)
    assert (reading.profile, len(rows)) == ("gpconnect", 3000)
    assert headings_of(path).profile == "gpconnect"
