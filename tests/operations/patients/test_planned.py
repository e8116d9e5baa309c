"""What a GP Connect record requests and plans, from its file to the recall list and `les explain`."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import lescli_schemas
from lescli.operations.choose_services import one_service, register_of
from lescli.operations.imports import ImportAnswer
from lescli.operations.patients.explain import explain_answer
from lescli.operations.patients.recall import recall_answer, recall_rows
from lescli.services import Service
from lescli.specification import LocalTerm
from lescli.store import Store, practice_data
from lescli.testing import nhs_number
from lescli.testing.gp_connect import bundle, planned

AS_OF = date(2026, 6, 5)
EARLY, LATE = "2026-05-20T09:00:00+01:00", "2026-06-03T09:00:00+01:00"


@pytest.fixture
def bloods(store: Store) -> Service:
    """The service with open requests, its request code set to the one the records hold."""
    with store.writing():
        practice_data.add_term(
            store,
            "phlebotomy",
            LocalTerm(key="codes.request", value="165581004", adds=False, start=date(2025, 4, 1), source="test"),
        )
    return one_service(store, "phlebotomy")


@pytest.fixture
def extract(tmp_path: Path, imported: Callable[..., ImportAnswer]) -> Callable[..., dict[str, Any]]:
    """Import the whole record of the first patient as of a moment; returns the file's part of the answer."""

    def take(moment: str, *entries: dict[str, Any]) -> dict[str, Any]:
        path = tmp_path / f"{moment[:10]}.json"
        path.write_text(json.dumps(bundle(1, moment, entries)), encoding="utf-8")
        done = imported(path)
        valid(done.answer.data)
        (file,) = done.answer.data["files"]
        return {**file, "notes": " ".join(done.answer.notes)}

    return take


def valid(data: Any) -> Any:
    name = data["schema"].removeprefix("les-").removesuffix("/1")
    Draft202012Validator(lescli_schemas.load(name)).validate(
        {**data, "identifiable": True} if name != "import" else data
    )
    return data


def recalls(store: Store, service: Service) -> list[dict[str, Any]]:
    records, register = register_of(store, service, AS_OF)
    rows = recall_rows(records, service.name, service.recall(records, register), timedelta(days=28))
    return list(valid(recall_answer(rows, AS_OF, timedelta(days=28), ()).data)["recalls"])


def test_an_order_waits_until_a_later_extract_says_otherwise(
    store: Store, bloods: Service, extract: Callable[..., dict[str, Any]]
) -> None:
    order = planned(1, 1, intent="order", priority="routine")
    file = extract(EARLY, order)
    assert (file["rows"], file["accepted"], file["counts"]["resources"]) == (2, 2, {"ProcedureRequest": 1})
    (row,) = recalls(store, bloods)
    assert (row["due_on"], row["days_overdue"], row["planned_for"]) == ("2026-05-18", 18, "2026-07-01")
    gone = extract(LATE)
    assert (gone["planned_changed"], gone["planned_withdrawn"]) == (0, 1)
    assert "0 requests or diary entries changed and 1 no longer there" in gone["notes"]
    assert recalls(store, bloods) == []


def test_an_explanation_shows_requests_and_diary_entries_with_their_evidence(
    store: Store, bloods: Service, extract: Callable[..., dict[str, Any]]
) -> None:
    extract(EARLY, planned(1, 1, intent="order", priority="urgent"), planned(1, 2, occurrenceDateTime=None))
    answer = explain_answer(store, bloods, nhs_number(1), AS_OF)
    data = valid(answer.data)
    shown = [(one["kind"], one["codelists"], one["text"], one["evidence"]) for one in data["planned"]]
    assert (
        shown
        == [
            ("diary entry", ["request"], "Words, active, asked for 04 May 2026", "planned:2"),
            (
                "request",
                ["request"],
                "Words, urgent, active, asked for 04 May 2026, planned for 01 Jul 2026",
                "planned:1",
            ),
        ]
        or shown[::-1]
    )
    said = {one["rule"]: (one["answer"], one["evidence"]) for one in data["answers"]}
    assert said["request: request"][1] == ["planned:1"]
    assert said["recall: open-request"][0].endswith("planned for 01 Jul 2026")
    assert said["on the register?"][1] == ["planned:1"]


def test_a_diary_entry_is_no_request(store: Store, bloods: Service, extract: Callable[..., dict[str, Any]]) -> None:
    extract(EARLY, planned(1, 1))
    assert recalls(store, bloods) == []
    (shown,) = explain_answer(store, bloods, nhs_number(1), AS_OF).data["planned"]  # type: ignore[call-overload]
    assert shown["kind"] == "diary entry"
