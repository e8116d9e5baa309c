from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from lescli.model import Verdict
from lescli.operations.claim import preview
from lescli.rules.unclaimed import Standing
from lescli_schemas import load, names, with_shared

NAMES = (
    "audit",
    "claim",
    "claim-shown",
    "claims",
    "columns",
    "config",
    "diff",
    "doctor",
    "doubts",
    "duties",
    "evidence",
    "explain",
    "group-check",
    "group-claim",
    "group-networks",
    "group-recall",
    "group-report",
    "group-status",
    "group-verify",
    "month",
    "import",
    "quarantine",
    "patients",
    "recall",
    "reconcile",
    "register",
    "remittance",
    "report",
    "services",
    "status",
    "verify",
    "year",
)
# The keywords in use; any other key of a schema is a misspelling, and a validator passes over it without a word.
KEYWORDS = {*Draft202012Validator.VALIDATORS, "$schema", "$id", "$defs", "title", "description", "then", "else"}


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(load(name), format_checker=Draft202012Validator.FORMAT_CHECKER)


def refused(name: str, value: Any) -> bool:
    return not validator(name).is_valid(value)


def schemas_in(schema: Any) -> Iterator[dict[str, Any]]:
    """The schema and every schema inside it."""
    yield schema
    for keyword in ("properties", "$defs"):
        for inner in schema.get(keyword, {}).values():
            yield from schemas_in(inner)
    for keyword in ("items", "additionalProperties", "not", "if", "then", "else"):
        if isinstance(schema.get(keyword), dict):
            yield from schemas_in(schema[keyword])
    for inner in schema.get("oneOf", ()):
        yield from schemas_in(inner)


def test_every_name_can_be_loaded_and_others_are_refused() -> None:
    assert set(NAMES) <= set(names())
    for name in ("nothing", "../claim", "claim.json", ""):
        with pytest.raises(LookupError, match="there are"):
            load(name)
    changed = load("claim")
    changed.clear()
    assert load("claim")


@pytest.mark.parametrize("name", NAMES)
def test_each_is_a_valid_schema_of_the_draft_it_names(name: str) -> None:
    schema = load(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"les-{name}/1"


@pytest.mark.parametrize("name", NAMES)
def test_each_property_is_described_and_each_object_closed(name: str) -> None:
    for schema in schemas_in(load(name)):
        assert set(schema) <= KEYWORDS
        if schema.get("type") == "object":
            assert "additionalProperties" in schema
            for key, inner in schema.get("properties", {}).items():
                assert inner.get("description"), key
                assert inner.keys() - {"description"}, key
        if "required" in schema and "properties" in schema:
            assert set(schema["required"]) <= set(schema["properties"])


def files_of_schemas() -> dict[str, dict[str, Any]]:
    """Every schema as its file has it."""
    folder = files("lescli_schemas")
    return {
        file.name.removesuffix(".json"): json.loads(file.read_text(encoding="utf-8"))
        for file in folder.iterdir()
        if file.name.endswith(".json")
    }


def references(node: Any) -> Iterator[str]:
    """Every `$ref` inside a value."""
    for path, value in places(node):
        if path and path[-1] == "$ref":
            yield value


def test_each_shared_definition_is_used_by_several_and_copied_as_it_is() -> None:
    """The copies in the schemas are those of definitions.json (docs/generate.py writes them)."""
    raw = files_of_schemas()
    shared = raw.pop("definitions")["$defs"]
    users: dict[str, set[str]] = {name: set() for name in shared}
    for name, schema in raw.items():
        if name == "service":
            continue
        assert schema == with_shared(name)
        for definition in shared.keys() & schema.get("$defs", {}).keys():
            assert schema["$defs"][definition] == shared[definition], (name, definition)
            users[definition].add(name)
    assert [name for name, found in users.items() if len(found) < 2] == []


@pytest.mark.parametrize("name", names())
def test_a_schema_needs_no_other_file(name: str) -> None:
    schema = load(name)
    assert {reference.removeprefix("#/$defs/") for reference in references(schema)} <= schema.get("$defs", {}).keys()


def test_the_verdicts_of_the_schemas_are_those_of_the_program() -> None:
    shared = files_of_schemas()["definitions"]["$defs"]
    verdicts = list(preview.SHOWN_VERDICTS)
    assert sorted(verdicts) == sorted(Verdict)
    assert shared["verdict"]["enum"] == verdicts
    assert list(shared["verdicts"]["properties"]) == shared["verdicts"]["required"] == verdicts


def test_what_explain_says_of_an_activity_is_a_standing_or_a_verdict() -> None:
    words = load("explain")["$defs"]["activity"]["properties"]["standing"]["enum"]
    assert set(words) <= {*Standing, *Verdict}
    assert set(words) >= {Verdict.CLAIMED, Verdict.REFUSED}


def test_each_example_validates(examples: dict[str, Any]) -> None:
    assert set(examples) == set(NAMES)
    for name, example in examples.items():
        assert [error.message for error in validator(name).iter_errors(example)] == []


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every value inside a JSON value, with the way to it."""
    yield path, value
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*path, key))


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """A copy with another value at the end of a way."""
    copy = deepcopy(value)
    holder = copy
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = new
    return copy


def holder(value: Any, path: tuple[Any, ...]) -> Any:
    """What stands at the end of a way."""
    for step in path:
        value = value[step]
    return value


def free(name: str, path: tuple[Any, ...]) -> bool:
    """Inside what a service or a report fills as it likes."""
    return "details" in path[:-1] or (name == "report" and "tables" in path and "rows" in path[:-1])


@pytest.mark.parametrize("name", NAMES)
def test_nothing_may_be_missing_extra_or_of_another_type(name: str, examples: dict[str, Any]) -> None:
    example = examples[name]
    for path, value in places(example):
        if not path or free(name, path):
            continue
        for new in ({"of": "another type"}, 1.5):
            decimals = ("value", "rate", "pace_error", "line_error")
            allowed = (path[-1], new) in (("details", {"of": "another type"}), *((key, 1.5) for key in decimals))
            assert allowed or refused(name, changed(example, path, new)), (path, new)
        if isinstance(value, dict) and path[-1] != "details":
            assert refused(name, changed(example, (*path, "extra"), 1)), path
            for key in value:
                copy = deepcopy(example)
                del holder(copy, path)[key]
                assert refused(name, copy), (path, key)
    for key in example:
        assert refused(name, {other: value for other, value in example.items() if other != key}), key
    assert refused(name, {**example, "extra": 1})


@pytest.mark.parametrize("name", NAMES)
def test_what_may_stand_there_besides_validates(
    name: str, examples: dict[str, Any], extras: dict[str, list[dict[str, Any]]]
) -> None:
    for path, additions in ((tuple(extra["at"]), extra["adds"]) for extra in extras[name]):
        example = deepcopy(examples[name])
        holder(example, path).update(additions)
        assert [error.message for error in validator(name).iter_errors(example)] == [], (path, additions)
        for key in additions:
            assert refused(name, changed(example, (*path, key), {"of": "another type"})), key


@pytest.mark.parametrize("name", NAMES)
def test_each_pattern_holds_everywhere(name: str, examples: dict[str, Any]) -> None:
    wrong: dict[str, tuple[Any, ...]] = {
        "nhs_number": ("999000001", "99900000188", "999 000 0018", "9990000018\n", "٩٩٩٠٠٠٠٠١٨", 9990000018),
        "sha256": ("", "0123", "G" * 64, "a" * 64 + "\n"),
        "chain_head": ("", "0123", "a" * 64 + "\n"),
        "chain_before": ("", "0123", "a" * 64 + "\n"),
        "month": ("2026-5", "2026-Q5", "05/2026", "2026-05\n", "2026-05-01", None),
        "activity_month": ("2026-5", "2026-13"),
        "contract_year": ("26-27", "2026/27", "2026-27\n"),
        "ods_code": ("a81001", "", "A8"),
        "verdict": ("paid", "", None, "Payable"),
        "claim_id": (1, 1.0),
        "schema": ("les-claim/2", ""),
    }
    days = {"as_of", "date", "due_on", "expires_on", "ends_on", "date_of_birth", "entered_on", "start", "submitted_on"}
    for path, _ in places(examples[name]):
        key = path[-1] if path else ""
        bad = wrong.get(str(key), ())
        if key in days:
            bad = (
                "2026-02-30",
                "2026-13-01",
                "01/05/2026",
                "2026-5-1",
                "2026-05-01\n",
                "2026-05-01T00:00:00",
                "",
                None,
            )
        elif str(key).endswith("_pence"):
            bad = ("24000", 240.5, True, "£240.00")
        for value in bad:
            if (name, key, value) not in (("duties", "due_on", None), ("group-check", "month", None)):
                assert refused(name, changed(examples[name], path, value)), (path, value)


def test_the_pattern_refuses_a_false_date_where_formats_are_not_checked(examples: dict[str, Any]) -> None:
    value = changed(examples["recall"], ("as_of",), "1 May 2026")
    assert not Draft202012Validator(load("recall")).is_valid(value)


def test_several_claims_are_an_array(examples: dict[str, Any]) -> None:
    assert not refused("claim", [examples["claim"], examples["claim"]])
    assert refused("claim", [examples["claim"], {}])
    assert refused("claim", None)


@pytest.mark.parametrize(
    ("name", "path", "new"),
    [
        ("claim", ("status",), "submitted"),
        ("claim", ("claim_id",), "1"),
        ("claim-shown", ("claim_id",), None),
        ("claim", ("rows",), []),  # rows and no mark
        ("recall", ("identifiable",), False),
        ("quarantine", ("rows",), []),
        ("claim", ("verdicts", "payable"), -1),
        ("claim", ("reasons", 0, "count"), 0),
        ("import", ("files", 0, "profile"), None),
        ("import", ("quarantine", 0, "reasons"), []),
        ("import", ("quarantine", 0, "line"), 0),
        ("recall", ("recalls", 0, "status"), "late"),
        ("recall", ("recalls", 0, "days_overdue"), -1),
        ("report", ("measures", 1, "value"), 12.5),
        ("report", ("measures", 0, "id"), "On time"),
        ("services", ("services", 0, "problem"), "something"),
        ("services", ("services", 1, "problem"), None),
        ("services", ("services", 0, "source"), "internet"),
    ],
)
def test_what_contradicts_itself_is_refused(
    name: str, path: tuple[Any, ...], new: Any, examples: dict[str, Any]
) -> None:
    assert refused(name, changed(examples[name], path, new))
