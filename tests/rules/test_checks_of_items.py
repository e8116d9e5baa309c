"""A check applies to an item of any kind, or `les services check` says that it cannot be used for that kind."""

from __future__ import annotations

from datetime import date

import pytest

from lescli.api import (
    Activity,
    Check,
    Claim,
    Finding,
    Patient,
    Period,
    Records,
    Register,
    RegisterEntry,
    ServiceSpec,
    finding,
    hookimpl,
    standard_claim,
)
from lescli.calendar import Month
from lescli.errors import SpecificationError
from lescli.services import Service, service_of
from lescli.services.service import DataOnlyPlugin
from lescli.specification import parse_specification
from lescli.testing import Surgery, assert_claim

SHIPPED = """
[service]
name = "wounds"
title = "Wounds"
commissioner = "Test ICB"
document = "Test document"

[[period]]
start = "2025-04-01"
end = "2026-03-31"
clause = "1"

[codelists.dressing]
title = "Wound dressed"
status = "specified"
clause = "2"
snomed = ["9999999105"]

[register]
rule = "coded"
clause = "2"

[[register.detail]]
name = "level"
title = "Level"
type = "text"
required = false
clause = "2"

[[register.detail]]
name = "began_on"
title = "Began on"
type = "date"
required = false
clause = "2"

[submission]
clause = "3"
by = "email"

[settings.days]
title = "Days"
value = 84
decided = "ours"
clause = "3"

[settings.seen_so]
title = "Ways of being seen"
value = ["face to face"]
decided = "ours"
clause = "3"

[settings.days_in_words]
title = "Days"
value = "eighty-four"
decided = "ours"
clause = "3"

[[item]]
name = "work"
title = "Work"
kind = "{kind}"
clause = "4"
unit = "piece"
{more}
"""
MONTHLY = """
[item.options]
detail = "level"
value = "3"
{options}
"""
PRICE = """
[[item.price]]
amount = "10.00"
from = "2025-04-01"
clause = "4"
"""
FROM_90 = """
[[item.check]]
rule = "age"
from = "90"
clause = "5"
"""
OF_KIND = {
    "per-activity": 'codelists = ["dressing"]\n',
    "per-patient-month": "",
    "once-per-patient": "",
    "capitation": "",
    "block": "",
}
OPTIONS_OF = {
    "per-patient-month": MONTHLY.format(options=""),
    "once-per-patient": '[item.options]\ndate_detail = "began_on"\n',
}
WORK = """
    patient | entered    | level | began_on
    Ann     | 2025-06-01 | 3     | 2025-06-10
    """
DONE = "patient | date\n Ann | 2025-06-10"


def toml(kind: str, more: str = "") -> str:
    return SHIPPED.format(kind=kind, more=OF_KIND[kind] + OPTIONS_OF.get(kind, "") + more)


def spec_of(kind: str, more: str = "") -> ServiceSpec:
    return parse_specification(toml(kind, more).encode(), where="wounds/service.toml")


def service(kind: str, more: str = "") -> Service:
    return service_of(DataOnlyPlugin(spec_of(kind, PRICE + more)), origin="test")


def surgery(kind: str, born: str, asked: Service) -> Surgery:
    activity = DONE if kind == "per-activity" else ""
    return Surgery(asked, patients=f"patient | born\n Ann | {born}", register=WORK, activity=activity)


OF_PATIENTS = ("per-activity", "per-patient-month", "once-per-patient")


@pytest.mark.parametrize("kind", OF_PATIENTS)
@pytest.mark.parametrize(
    ("born", "verdict", "reason", "price"),
    [("1949-06-01", "refused", "age", ""), ("1935-06-01", "payable", "accepted", "10.00")],
)
def test_a_check_applies_to_every_kind_of_item_with_a_patient(
    kind: str, born: str, verdict: str, reason: str, price: str
) -> None:
    asked = surgery(kind, born, service(kind, FROM_90))
    expected = f"patient | verdict | reason | price\n Ann | {verdict} | {reason} | {price}"
    assert_claim(asked, expected, month="2025-06")


@pytest.mark.parametrize(
    ("born", "verdict"),
    [
        ("1935-06-30", "payable"),  # 90 on the patient's last active day of the month
        ("1935-07-01", "refused"),  # 90 the day after
    ],
)
def test_a_patient_month_is_judged_on_the_last_active_day(born: str, verdict: str) -> None:
    asked = surgery("per-patient-month", born, service("per-patient-month", FROM_90))
    assert_claim(asked, f"patient | verdict\n Ann | {verdict}", month="2025-06")


@pytest.mark.parametrize(("born", "verdict"), [("1935-06-10", "payable"), ("1935-06-11", "refused")])
def test_an_item_paid_once_is_judged_on_its_own_day(born: str, verdict: str) -> None:
    asked = surgery("once-per-patient", born, service("once-per-patient", FROM_90))
    assert_claim(asked, f"patient | verdict\n Ann | {verdict}", month="2025-06")


@pytest.mark.parametrize("kind", OF_PATIENTS)
def test_a_plugins_own_check_applies_too(kind: str) -> None:
    shipped = spec_of(kind, PRICE)

    def never(activity: Activity, patient: Patient, entry: RegisterEntry | None) -> Finding | None:
        assert patient.nhs_number == activity.nhs_number
        assert entry is not None
        return finding(shipped, "age") if activity.day.month == 6 else None

    asked = surgery(kind, "1950-01-01", service_of(_Plugin(shipped, never), origin="test"))
    assert_claim(asked, "patient | verdict | reason\n Ann | refused | age", month="2025-06")


@pytest.mark.parametrize("kind", ["capitation", "block"])
def test_a_plugins_own_check_is_not_dropped_in_silence_where_no_item_has_a_patient(kind: str) -> None:
    shipped = spec_of(kind, PRICE)
    asked = service_of(_Plugin(shipped, lambda activity, patient, entry: None), origin="test")
    held = Surgery(asked, patients="patient | born\n Ann | 1950-01-01")
    records = held.records(date(2025, 6, 30))
    made = asked.claim(records, asked.register(records), Period.of_month(Month(2025, 6)))
    assert made.incomplete == (
        "the service's own checks look at patients, and no item of it has one: leave the checks out",
    )


class _Plugin(DataOnlyPlugin):
    def __init__(self, spec: ServiceSpec, check: Check) -> None:
        super().__init__(spec)
        self._check = check

    @hookimpl
    def les_claim(self, spec: ServiceSpec, records: Records, register: Register, period: Period) -> Claim:
        return standard_claim(spec, records, register, period, checks=(self._check,))


def faults(kind: str, more: str) -> tuple[str, ...]:
    with pytest.raises(SpecificationError) as shown:
        spec_of(kind, more)
    return shown.value.problems


CONSULTATION = '[[item.check]]\nrule = "consultation-type"\nsetting = "seen_so"\nclause = "5"\n'
UNSET = CONSULTATION.replace('setting = "seen_so"', "")
NO_LIST = CONSULTATION.replace('setting = "seen_so"', 'setting = "seen_so"\nexcept = "days_in_words"')
ACCREDITED = '[[item.check]]\nrule = "accreditation"\nkind = "x"\nclause = "5"\n'
RECORDED = '[[item.check]]\nrule = "details-recorded"\ndetails_setting = "days_in_words"\nclause = "5"\n'
NOT_SAID = RECORDED.replace('details_setting = "days_in_words"', "")
WORKING = '[[item.check]]\nrule = "working-days-only"\nclause = "5"\n'
CAP = '[item.cap]\nper_contract_year = 2\nclause = "5"\n'


@pytest.mark.parametrize(
    ("kind", "more", "fault"),
    [
        ("capitation", FROM_90, "item[1].check[1].rule: age cannot be used for kind capitation"),
        ("block", FROM_90, "item[1].check[1].rule: age cannot be used for kind block"),
        ("per-patient-month", CONSULTATION, "item[1].check[1].rule: consultation-type cannot be used"),
        ("once-per-patient", ACCREDITED, "item[1].check[1].rule: accreditation cannot be used"),
        ("per-patient-month", WORKING, "item[1].check[1].rule: working-days-only cannot be used"),
        (
            "per-patient-month",
            CAP,
            "item[1]: `cap` is for an item of kind per-activity",
        ),
        ("once-per-patient", CAP, "item[1]: `cap` is for an item of kind per-activity"),
        ("capitation", CAP, "item[1]: `cap` is for an item of kind per-activity"),
        ("per-activity", UNSET, 'item[1].check[1]: the key `setting` is missing; add it, as in setting = "seen_so"'),
        ("per-activity", NO_LIST, "item[1].check[1].except: the setting `days_in_words` is not a list"),
        ("per-activity", RECORDED, "item[1].check[1].details_setting: the setting `days_in_words` is not a list"),
        ("per-activity", NOT_SAID, "item[1].check[1]: one of the keys details and details_setting is missing; add it"),
        ("per-activity", ACCREDITED.replace('kind = "x"', ""), "item[1].check[1]: the key `kind` is missing"),
        (
            "per-activity",
            FROM_90.replace("90", "ninety"),
            'item[1].check[1].from: "ninety" is not an age in whole years',
        ),
        (
            "per-activity",
            FROM_90.replace('from = "90"', ""),
            "item[1].check[1]: one of the keys from and below is missing; add it",
        ),
    ],
)
def test_a_check_that_does_not_fit_the_kind_of_item_is_a_fault(kind: str, more: str, fault: str) -> None:
    (found,) = faults(kind, more)
    assert found.startswith(fault)


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ('if_detail = "level"', "item[1].options: unknown key `if_detail`; leave it out"),
        (
            'monitored_setting = "days"',
            "item[1].options: `monitored_setting` needs `monitored_codelists` beside it; add it",
        ),
        (
            'monitored_setting = "days_in_words"\nmonitored_codelists = "dressing"',
            "item[1].options.monitored_setting: the setting `days_in_words` is not a whole number",
        ),
    ],
)
def test_an_option_that_the_kind_of_item_ignores_is_a_fault(options: str, fault: str) -> None:
    text = SHIPPED.format(kind="per-patient-month", more=MONTHLY.format(options=options))
    with pytest.raises(SpecificationError) as shown:
        parse_specification(text.encode(), where="wounds/service.toml")
    assert [found[: len(fault)] for found in shown.value.problems] == [fault]


@pytest.mark.parametrize("kind", ["per-visit", "per-patient-year"])
def test_a_kind_of_item_that_no_rule_counts_is_a_fault(kind: str) -> None:
    text = SHIPPED.format(kind=kind, more="")
    with pytest.raises(SpecificationError) as shown:
        parse_specification(text.encode(), where="wounds/service.toml")
    assert [found.partition(":")[0] for found in shown.value.problems] == ["item[1].kind"]


def test_a_patient_without_a_level_has_a_row_without_missing_reason_too() -> None:
    asked = Surgery(service("per-patient-month"), register="patient | entered\n Ann | 2025-06-01")
    assert_claim(asked, "patient | verdict | reason\n Ann | check | detail-missing", month="2025-06")
