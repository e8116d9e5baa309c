"""One piece of work is paid once, whichever service claims it, unless a dated setting allows both services."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import lescli_anticoag
import lescli_denosumab
from lescli.calendar import Month
from lescli.model import Claim, ClaimRow, Verdict
from lescli.operations.claim.preview import ClaimAnswer, preview
from lescli.operations.claim.submit import submit
from lescli.operations.claim.view import told_of_each_other
from lescli.operations.claims.support import look_again
from lescli.services import Service, service_of
from lescli.services.service import DataOnlyPlugin
from lescli.specification import parse_specification
from lescli.store.ledger import write
from lescli.testing import Surgery

DENOSUMAB = service_of(lescli_denosumab, origin="package")
ANTICOAG = service_of(lescli_anticoag, origin="package")
IN_ANOTHER = ("check", "claimed-in-another-service")


def copied(service: Service, package: object, name: str, *changes: tuple[str, str]) -> Service:
    """The service.toml under another name, like a folder that was copied for the next year."""
    file = Path(package.__file__)  # type: ignore[attr-defined]
    text = file.with_name("service.toml").read_text(encoding="utf-8")
    for before, after in (f'name = "{service.name}"', f'name = "{name}"'), *changes:
        assert before in text
        text = text.replace(before, after, 1)
    return service_of(DataOnlyPlugin(parse_specification(text.encode(), where=name)), origin="folder")


COPY = copied(DENOSUMAB, lescli_denosumab, "denosumab-new")


def submitted(surgery: Surgery, month: str, as_of: str) -> ClaimAnswer:
    day = date.fromisoformat(as_of)
    return submit(surgery.store, surgery.service, Month.parse(month), day, by="A", authorised_by=None)


def verdicts(claim: Claim) -> list[tuple[str, str]]:
    return [(row.verdict.value, row.reason) for row in claim.rows]


def injections(*days: str) -> Surgery:
    return Surgery(
        DENOSUMAB,
        patients="patient\nAnn",
        activity="patient | date\n" + "\n".join(f"Ann | {day}" for day in days),
    )


def test_an_entry_claimed_under_one_service_waits_under_its_copy() -> None:
    surgery = injections("2026-05-04", "2026-05-20")
    surgery.shipped = COPY
    assert verdicts(surgery.claim("2026-05", "2026-06-05")) == [("payable", "accepted")] * 2
    surgery.shipped = DENOSUMAB
    assert submitted(surgery, "2026-05", "2026-06-05").data["total_pence"] == 4000
    surgery.shipped = COPY
    claim = surgery.claim("2026-05", "2026-06-05")
    assert verdicts(claim) == [IN_ANOTHER] * 2
    assert claim.rows[0].unit_price_pence is None
    assert "it is claimed under denosumab" in claim.rows[0].fix
    assert "setting.shared_with+=denosumab" in claim.rows[0].fix
    assert submitted(surgery, "2026-05", "2026-06-05").data["total_pence"] == 0


def test_work_reversed_in_another_service_can_be_claimed() -> None:
    surgery = injections("2026-05-04", "2026-05-20")
    submitted(surgery, "2026-05", "2026-06-05")
    with surgery.store.writing():
        write.reverse(surgery.store, "denosumab-2026-05", 1, reason="under the other contract", on=date(2026, 6, 6))
    surgery.shipped = COPY
    assert verdicts(surgery.claim("2026-05", "2026-06-06")) == [("payable", "accepted"), IN_ANOTHER]
    with surgery.store.writing():
        write.withdraw(surgery.store, "denosumab-2026-05", reason="all of it", on=date(2026, 6, 7))
    assert verdicts(surgery.claim("2026-05", "2026-06-07")) == [("payable", "accepted")] * 2


@pytest.mark.parametrize(
    ("since", "expected"),
    [("2026-05-03", "payable"), ("2026-05-04", "payable"), ("2026-05-05", "check")],
)
def test_a_setting_allows_the_pair_from_its_day(since: str, expected: str) -> None:
    surgery = Surgery(
        COPY,
        activity="patient | date\nAnn | 2026-05-04",
        terms=f"key | value | from\nsetting.shared_with+ | denosumab | {since}",
    )
    surgery.shipped = DENOSUMAB
    submitted(surgery, "2026-05", "2026-06-05")
    surgery.shipped = COPY
    assert [row.verdict.value for row in surgery.claim("2026-05", "2026-06-05").rows] == [expected]


def test_a_setting_for_another_service_does_not_allow_the_pair() -> None:
    surgery = Surgery(
        COPY,
        activity="patient | date\nAnn | 2026-05-04",
        terms="key | value | from\nsetting.shared_with | ius | 2026-04-01",
    )
    surgery.shipped = DENOSUMAB
    submitted(surgery, "2026-05", "2026-06-05")
    surgery.shipped = COPY
    assert verdicts(surgery.claim("2026-05", "2026-06-05")) == [IN_ANOTHER]


def test_another_entry_of_the_same_code_and_day_is_the_same_work() -> None:
    surgery = injections("2026-05-04")
    submitted(surgery, "2026-05", "2026-06-05")
    surgery.add(activity="patient | date | clinician\nAnn | 2026-05-04 | B Carr\nAnn | 2026-05-05 | B Carr")
    surgery.shipped = COPY
    found = [(row.day.day, row.verdict.value, row.reason) for row in surgery.claim("2026-05", "2026-06-05").rows]
    assert (5, "payable", "accepted") in found
    assert not [one for one in found if one[0] == 4 and one[1] == "payable"]


def test_of_an_old_double_claim_only_the_later_one_is_to_be_reversed() -> None:
    surgery = injections("2026-05-04")
    submitted(surgery, "2026-05", "2026-06-05")
    # An earlier version of les, which did not look at other services, wrote this claim.
    row = ClaimRow(
        key="injection/x",
        nhs_number=surgery.numbers["Ann"],
        day=date(2026, 5, 4),
        item="injection",
        code=surgery.claim("2026-05", "2026-06-05").rows[0].code,
        verdict=Verdict.PAYABLE,
        reason="accepted",
        clause="4",
        unit_price_pence=2000,
        entry_id=1,
        evidence=("activity:1",),
    )
    body = {"service": COPY.name, "month": "2026-05"}
    with surgery.store.writing():
        write.freeze(surgery.store, body, (row,), submitted_on=date(2026, 6, 6), by="A", authorised_by=None)
    own = surgery.claim("2026-05", "2026-06-06").rows[0]
    assert (own.verdict, own.also) == (Verdict.CLAIMED, ())
    surgery.shipped = COPY
    copy = surgery.claim("2026-05", "2026-06-06").rows[0]
    assert copy.verdict is Verdict.CLAIMED
    assert [one.reason for one in copy.also] == ["claimed-in-another-service"]
    assert look_again(surgery.store, date(2026, 6, 6)).failed  # The copy is in no store: only its rules know.


LEVELS = copied(ANTICOAG, lescli_anticoag, "anticoag-new")


@pytest.mark.parametrize("level", ["3", "4"])
def test_a_patient_month_is_paid_once_at_any_level(level: str) -> None:
    surgery = Surgery(
        ANTICOAG,
        register="patient | entered | level\nAnn | 2020-04-01 | 3",
        activity="patient | date | code | value\nAnn | 2020-05-05 | inr | 2.4\nAnn | 2020-06-05 | inr | 2.4",
    )
    submitted(surgery, "2020-05", "2020-06-10")
    surgery.shipped = LEVELS
    surgery.add_register([{"patient": "Ann", "entered": "2020-04-01", "level": level}])
    found = {
        row.day.isoformat(): (row.verdict.value, row.reason) for row in surgery.claim("2020-06", "2020-07-10").rows
    }
    assert found["2020-05-01"] == IN_ANOTHER
    assert found["2020-06-01"] == ("payable", "accepted")


LIST = """
[service]
name = "{name}"
title = "{title}"
commissioner = "Test ICB"
document = "Test document"

[[period]]
start = "2025-04-01"
clause = "1"

[register]
rule = "coded"
clause = "2"

[submission]
clause = "3"
by = "email"

[[item]]
name = "block"
title = "A month of the service"
kind = "block"
clause = "4"
unit = "month"

[[item.price]]
amount = "100.00"
from = "2025-04-01"
clause = "5"
"""


@pytest.mark.parametrize(
    ("title", "expected"), [("Bloods", IN_ANOTHER), ("Wounds", ("payable", "accepted"))], ids=["copied", "another"]
)
def test_items_of_the_practice_list_are_the_same_work_under_the_same_title(
    title: str, expected: tuple[str, str]
) -> None:
    first, second = (
        service_of(DataOnlyPlugin(parse_specification(text.encode(), where="x")), origin="folder")
        for text in (LIST.format(name="bloods", title="Bloods"), LIST.format(name="other", title=title))
    )
    surgery = Surgery(first, patients="patient\nAnn")
    assert submitted(surgery, "2025-05", "2025-06-05").data["total_pence"] == 20000
    surgery.shipped = second
    assert verdicts(surgery.claim("2025-05", "2025-06-05")) == [expected] * 2


def test_previews_of_both_say_that_they_would_pay_the_same_work() -> None:
    surgery = injections("2026-05-04", "2026-05-20")
    month, day = Month.parse("2026-05"), date(2026, 6, 5)
    answers = [preview(surgery.store, service, month, day) for service in (DENOSUMAB, COPY)]
    told = told_of_each_other(answers)
    for one in told:
        assert "denosumab and denosumab-new would both be paid for the same work, 2 activities" in one.warnings[-1]
        assert one.data["warnings"][-1] == one.warnings[-1]
    assert told_of_each_other(answers[:1]) == answers[:1]


def test_the_second_of_two_submitted_sees_the_claim_of_the_first() -> None:
    surgery = injections("2026-05-04")
    for service, total in ((DENOSUMAB, 2000), (COPY, 0)):
        surgery.shipped = service
        assert submitted(surgery, "2026-05", "2026-06-05").data["total_pence"] == total
