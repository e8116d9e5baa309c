from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

import lescli_anticoag
import lescli_denosumab
import lescli_ius
from lescli.api import Claim, Period, Records, Register, Report, ServiceSpec, Table, hookimpl, standard_report
from lescli.operations.report import report_answer
from lescli.operations.small_numbers import SmallNumbers
from lescli.outputs.csv_text import csv_text
from lescli.outputs.html import html
from lescli.services import Service, service_of
from lescli.testing import Surgery

MAY = Period.parse("2026-05")
AS_OF = date(2026, 6, 5)


def surgery(service: Service) -> Surgery:
    """Twelve patients, nine of whom had an injection that is paid in May and three one without its type."""
    names = [f"Patient {number}" for number in range(12)]
    rows = [
        f"{name} | 2026-05-{4 + number % 5:02d} | {'' if number < 3 else 'Face to face'}"
        for number, name in enumerate(names)
    ]
    return Surgery(service, activity="\n".join(["patient | date | consultation type", *rows]))


@pytest.fixture
def denosumab() -> Service:
    return service_of(lescli_denosumab, origin="package")


def asked(practice: Surgery, *, rows: bool = False, small: SmallNumbers | None = None) -> Any:
    return report_answer(practice.store, practice.service, MAY, AS_OF, rows=rows, small=small)


def test_a_suppressed_report_holds_no_small_number(denosumab: Service) -> None:
    practice = surgery(denosumab)
    exact, answer = asked(practice), asked(practice, small=SmallNumbers())
    found = {measure["id"]: measure["numerator"] for measure in answer.data["measures"]}
    assert {measure["id"]: measure["numerator"] for measure in exact.data["measures"]}["injections"] == 9
    assert found["injections"] == 10
    tables = {table["id"]: table["rows"] for table in answer.data["tables"]}
    assert tables["verdicts"] == [["check", "consultation-type", "*"], ["payable", "accepted", "*"]]
    assert "1 to 7" in answer.data["suppressed"]
    assert answer.data["suppressed"] in answer.title
    assert "suppressed" not in exact.data
    for text in (csv_text(answer), html(answer)):
        assert "consultation" not in text or "*" in text
        assert ">9<" not in text
        assert ">3<" not in text


def test_a_hidden_measure_is_shown_as_a_sign_not_a_blank(denosumab: Service) -> None:
    practice = Surgery(denosumab, activity="patient | date\nAnn | 2026-05-04")
    answer = asked(practice, small=SmallNumbers())
    (row,) = [row for row in answer.grids[0].rows if row[0] == "injections"]
    assert row[3:6] == ("*", None, "*")


class Careless:
    """A plugin whose table and note name a patient without saying so."""

    @hookimpl
    def les_service(self) -> ServiceSpec:
        return lescli_denosumab.les_service()

    @hookimpl
    def les_report(
        self, spec: ServiceSpec, records: Records, register: Register, claim: Claim, period: Period
    ) -> Report:
        report = standard_report(spec, records, register, claim, period)
        number = claim.rows[0].nhs_number
        table = Table(id="worst", title="Worst", columns=("who", "n"), rows=((f"patient {number}", 1),))
        return replace(
            report, tables=(*report.tables, table), notes=(f"look at {number[:3]} {number[3:6]} {number[6:]}",)
        )


def test_a_table_or_note_that_names_a_patient_is_detected(denosumab: Service) -> None:
    practice = Surgery(service_of(Careless(), origin="package"), activity="patient | date\nAnn | 2026-05-04")
    (number,) = practice.numbers.values()
    answer = asked(practice)
    assert "worst" not in {table["id"] for table in answer.data["tables"]}
    assert not answer.identifiable
    assert number not in str(answer.data)
    assert number[6:] not in str(answer.data["notes"])
    assert "look at [number]" in answer.data["notes"]
    with_rows = asked(practice, rows=True)
    assert with_rows.identifiable
    assert with_rows.patients_shown == 1
    assert "worst" in {table["id"] for table in with_rows.data["tables"]}


TYPED = """
    patient | entered    | from       | indication  | device_type | removed_on | removal_reason
    Quill   | 2026-04-01 | 2026-04-01 | menorrhagia | Mirena      | 2026-05-05 | Mrs QUILL's wish, 999 000 0019
    Pain    | 2026-04-01 | 2026-04-01 | menorrhagia | Mirena      | 2026-05-06 | expired
    Other   | 2026-04-01 | 2026-04-01 | menorrhagia | Mirena      | 2026-05-07 | expired
"""


def removals(answer: Any) -> list[list[Any]]:
    (found,) = [table["rows"] for table in answer.data["tables"] if table["id"] == "removals"]
    return list(found)


@pytest.mark.parametrize("rows", [False, True])
def test_a_patients_name_in_typed_words_is_left_out(rows: bool) -> None:
    practice = Surgery(service_of(lescli_ius, origin="package"), register=TYPED)
    answer = asked(practice, rows=rows)
    assert removals(answer) == [["expired", 2], ["Mrs [name] wish, [number]", 1]]
    assert [note for note in answer.notes if "a patient's name in typed words" in note] == [
        "Audit: devices removed in the period, by reason: a patient's name in typed words is left out; mend the words"
    ]
    assert not answer.identifiable
    for text in (csv_text(answer), html(answer), str(answer.data)):
        assert "quill" not in text.lower()


def test_typed_words_are_hidden_with_their_small_number() -> None:
    practice = Surgery(service_of(lescli_ius, origin="package"), register=TYPED)
    assert removals(asked(practice, small=SmallNumbers())) == [["*", "*"], ["*", "*"]]
    # Words of the service itself stay.
    (bands,) = [
        table for table in asked(practice, small=SmallNumbers()).data["tables"] if table["id"] == "overdue-check"
    ]
    assert [row[0] for row in bands["rows"]] == ["overdue"]


def test_numbers_of_a_table_are_numbers_in_a_workbook(denosumab: Service) -> None:
    practice = surgery(denosumab)
    kinds = {
        grid.title: [column.kind.value for column in grid.columns]
        for answer in (asked(practice), asked(practice, small=SmallNumbers(up_to=2)))
        for grid in answer.grids
    }
    assert kinds["Activity of the period by verdict and reason"] == ["code", "code", "count"]
    assert kinds["Register: what the specification requires, recorded"][2:] == ["count", "count", "count"]
    exact = {grid.title: [column.kind.value for column in grid.columns] for grid in asked(practice).grids}
    assert exact["Register: what the specification requires, recorded"][2:] == ["count", "count", "number"]


def test_pence_of_a_table_are_pounds_for_people_and_stay_pence_in_json() -> None:
    answer = asked(Surgery(service_of(lescli_anticoag, origin="package")))
    (table,) = [one for one in answer.data["tables"] if one["id"] == "quarterly-amount"]
    assert table["rows"][-1][-1] == 0
    (grid,) = [one for one in answer.grids if one.title == table["title"]]
    assert [(one.name, one.heading, one.kind.value) for one in grid.columns][-1] == (
        "not_over_pence",
        "Not over",
        "pence",
    )
    assert "£0.00" in html(answer)
    assert "pence" not in html(answer)
