"""A store is opened once for each question, and answers the same as when it is asked by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from lescli.calendar import Month, Period
from lescli.group import ask
from lescli.operations import many_stores
from lescli.operations.many_stores import (
    ClaimQuestion,
    RecallQuestion,
    Reply,
    ReportQuestion,
    StatusQuestion,
    ask_claim,
    ask_report,
    ask_status,
)
from lescli.store import open_store, practice_data

AS_OF = date(2026, 6, 5)
MAY = Period.of_month(Month(2026, 5))
CLAIM = ClaimQuestion(services=("denosumab",), month=Month(2026, 5), as_of=AS_OF)
RECALL = RecallQuestion(services=("denosumab",), as_of=AS_OF, within=timedelta(days=28))
REPORT = ReportQuestion(service="denosumab", period=MAY, as_of=AS_OF)
REPORTS = ReportQuestion(service="", period=MAY, as_of=AS_OF)
STATUS = StatusQuestion(as_of=AS_OF)


@pytest.fixture
def signed(three: tuple[Path, ...]) -> Path:
    """A practice that holds one contract, so that the report of every service is of one."""
    with open_store(three[1]) as store, store.writing():
        practice_data.sign(store, "denosumab", date(2026, 4, 1), "contract")
    return three[1]


@pytest.mark.parametrize("question", [CLAIM, RECALL, REPORT, REPORTS, STATUS])
def test_a_question_opens_the_store_once(signed: Path, monkeypatch: pytest.MonkeyPatch, question: ask.Question) -> None:
    opened: list[Path] = []

    def opening(path: Path, **given: Any) -> Any:
        opened.append(path)
        return open_store(path, **given)

    for module in (ask, many_stores):
        monkeypatch.setattr(module, "open_store", opening)
    reply = ask.ask(signed, question, None)
    assert (reply.error, opened) == (None, [signed])


@pytest.mark.parametrize(
    ("alone", "question"), [(ask_claim, CLAIM), (ask_report, REPORT), (ask_report, REPORTS), (ask_status, STATUS)]
)
def test_the_answer_is_that_of_the_store_alone(
    signed: Path, alone: Callable[[Path, ask.Question], Reply], question: ask.Question
) -> None:
    own = alone(signed, question)
    reply = ask.ask(signed, question, None)
    assert own.answer is not None
    assert (reply.data, reply.needs_person, reply.notes) == (own.answer.data, own.needs_person, own.answer.notes)
