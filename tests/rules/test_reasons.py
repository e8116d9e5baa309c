"""Each reason leads to one verdict and has words, and a service may give it the clause of its own document."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

import lescli_denosumab
from lescli.model import ReasonSpec, Verdict
from lescli.rules.claim_row import finding, reason_of, standard_reasons
from lescli.services import load_catalog, service_of
from lescli.testing import Surgery

SPEC = lescli_denosumab.les_service()
BARE = replace(SPEC, reasons={})


@pytest.mark.parametrize("name", sorted(standard_reasons()))
def test_every_standard_reason_has_a_verdict_and_words(name: str) -> None:
    reason = standard_reasons()[name]
    assert Verdict(reason.verdict)
    assert reason.text
    assert reason.clause or name == "accepted"
    assert finding(BARE, name).verdict == reason.verdict


def test_the_order_of_verdicts_is_the_order_of_precedence() -> None:
    order = ["claimed", "refused", "expired", "check", "over_cap", "unpriced", "payable"]
    assert [verdict.value for verdict in sorted(Verdict, key=lambda verdict: verdict.rank)] == order


@pytest.mark.parametrize(
    ("reason", "verdict"),
    [
        ("claimed", "claimed"),
        ("claimed-elsewhere", "claimed"),
        ("no-specification", "refused"),
        ("not-registered", "refused"),
        ("duplicate", "refused"),
        ("superseded", "refused"),
        ("done-elsewhere", "refused"),
        ("expired", "expired"),
        ("after-death", "check"),
        ("consultation-type", "check"),
        ("accreditation-lapsed", "refused"),
        ("accreditation-unknown", "check"),
        ("over-cap", "over_cap"),
    ],
)
def test_the_verdict_of_each_reason(reason: str, verdict: str) -> None:
    assert finding(BARE, reason).verdict == verdict


def test_a_service_replaces_only_the_parts_of_a_reason_that_it_gives() -> None:
    worded = replace(SPEC, reasons={"expired": ReasonSpec(verdict="", text="", clause="9", fix="")})
    own, standard = reason_of(worded, "expired"), standard_reasons()["expired"]
    assert (own.verdict, own.text, own.clause, own.fix) == (standard.verdict, standard.text, "9", standard.fix)


def test_a_service_can_add_a_reason() -> None:
    assert finding(SPEC, "first-dose").clause == "2.1.1"
    with pytest.raises(KeyError):
        finding(BARE, "first-dose")


def test_clause_and_fix_of_the_finding_replace_those_of_the_reason() -> None:
    found = finding(SPEC, "expired", clause="7", fix="none")
    assert (found.clause, found.fix) == ("7", "none")


_SET = re.compile(
    r"`les services set \S+ (?:(?:setting|price|codes|check)\.[\w.-]+|period\.(?:start|end))\+?=\S+"
    r" --from DATE --source TEXT`"
)
_SETTING = re.compile(r"\b(?:setting|price|codes|period)\.[A-Za-z]|services set")


def incomplete(fix: str) -> bool:
    """Whether a fix names a setting outside a whole command."""
    return bool(_SETTING.search(_SET.sub("", fix)))


@pytest.mark.parametrize("name", sorted(standard_reasons()))
def test_a_fix_that_is_a_setting_is_a_whole_command(name: str) -> None:
    fix = standard_reasons()[name].fix
    assert not incomplete(fix), fix
    # Where a service is asked, its name stands in the command.
    assert "SERVICE" not in reason_of(BARE, name).fix


def test_a_fix_of_a_shipped_service_that_is_a_setting_is_a_whole_command() -> None:
    for service in load_catalog().services:
        for name, reason in service.spec.reasons.items():
            assert not incomplete(reason.fix), (service.name, name, reason.fix)


@pytest.mark.parametrize(
    "fix",
    ["set price.ITEM with its source", "`les services set SERVICE setting.a=b`", "accept it with setting.a=yes"],
)
def test_a_fix_that_is_half_a_command_is_found(fix: str) -> None:
    assert incomplete(fix)


@pytest.mark.parametrize(("day", "asked"), [("2026-03-31", "period.start=DAY"), ("2027-04-01", "period.end=DAY")])
def test_work_before_the_first_day_asks_for_that_day_and_work_after_the_last_for_that(day: str, asked: str) -> None:
    surgery = Surgery(
        service_of(lescli_denosumab, origin="package"),
        activity=f"patient | date\n Ann | {day}",
    )
    (row,) = [row for row in surgery.claim(day[:7]).rows if row.reason == "no-specification"]
    assert f"`les services set denosumab {asked} --from DATE --source TEXT`" in row.fix
    assert not incomplete(row.fix)
