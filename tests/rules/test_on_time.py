"""Recurring work is on time up to the day that its recall gives, whatever the claim item is called."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

import lescli_denosumab
from lescli.api import (
    Claim,
    Period,
    RecallList,
    Records,
    Register,
    Report,
    ServiceSpec,
    hookimpl,
    standard_recall,
    standard_report,
)
from lescli.errors import PluginError
from lescli.services import Service, service_of
from lescli.services.service import DataOnlyPlugin
from lescli.specification import parse_specification
from lescli.testing import Surgery, assert_measures

SHIPPED = """
[service]
name = "bloods"
title = "Bloods"
commissioner = "Test ICB"
document = "Test document"

[[period]]
start = "2025-04-01"
end = "2026-03-31"
clause = "1"

[codelists.taken]
title = "Blood taken"
status = "specified"
clause = "2"
snomed = ["9999999105"]

[codelists.seen]
title = "Seen"
status = "specified"
clause = "2"
snomed = ["29999999105"]

[register]
rule = "coded"
clause = "2"
find_by = ["taken"]

[[register.detail]]
name = "own"
title = "Takes it alone"
type = "yes-no"
required = false
clause = "2"

[[recall]]
name = "next-blood"
title = "Next blood"
kind = "{kind}"
clause = "3"
codelist = "{counted}"
{rule}

[[item]]
name = "blood"
title = "Blood"
kind = "per-activity"
clause = "4"
codelists = ["taken"]
unit = "sample"

[settings.weeks]
title = "Weeks between"
value = 4
decided = "ours"
clause = "3"

[submission]
clause = "5"
by = "email"

[[measure]]
id = "on-time"
title = "On time"
kind = "on-time"
of = "next-blood"
clause = "6"

[[measure]]
id = "overdue"
title = "Overdue"
kind = "overdue"
of = "next-blood"
clause = "6"
"""


def toml(rule: str, kind: str = "every", counted: str = "taken") -> bytes:
    return SHIPPED.format(rule=rule, kind=kind, counted=counted).encode()


def bloods(rule: str) -> Service:
    return service_of(DataOnlyPlugin(parse_specification(toml(rule), where="bloods/service.toml")), origin="test")


BY_WEEKS = 'interval_setting = "weeks"\nunit = "weeks"'


@pytest.mark.parametrize(
    ("rule", "second", "in_time"),
    [
        ('interval = 1\nunit = "months"', "2025-05-30", 1),
        ('interval = 1\nunit = "months"', "2025-05-31", 0),
        (BY_WEEKS, "2025-05-28", 1),
        (BY_WEEKS, "2025-05-29", 0),
        (f"{BY_WEEKS}\noverdue_interval = 6", "2025-06-11", 1),
        (f"{BY_WEEKS}\noverdue_interval = 6", "2025-06-12", 0),
        (f'{BY_WEEKS}\n[[recall.band]]\nname = "soon"\nup_to_days = 3\nclause = "3"', "2025-05-31", 1),
        (f'{BY_WEEKS}\n[[recall.band]]\nname = "soon"\nup_to_days = 3\nclause = "3"', "2025-06-01", 0),
    ],
)
def test_on_time_by_the_recalls_own_interval(rule: str, second: str, in_time: int) -> None:
    surgery = Surgery(bloods(rule), activity=f"patient | date\n Ann | 2025-04-30\n Ann | {second}")
    assert_measures(
        surgery, f"measure | count | of\n on-time | {in_time} | 1\n overdue | 0 |", period=f"2025-04-01..{second}"
    )


def test_twice_on_one_day_counts_once_and_other_patients_do_not_count() -> None:
    surgery = Surgery(
        bloods(f'{BY_WEEKS}\nonly_if = {{ own = "!yes" }}'),
        activity="""
            patient | date       | id
            Ann     | 2025-04-30 | 1
            Ann     | 2025-05-28 | 2
            Ann     | 2025-05-28 | 3
            Ben     | 2025-04-30 | 4
            Ben     | 2025-06-28 | 5
            """,
        register="patient | entered | own\n Ben | 2025-04-01 | yes",
    )
    assert_measures(surgery, "measure | count | of\n on-time | 1 | 1\n overdue | 1 |", period="2025-26-Q1")


def test_a_recall_without_an_item_is_counted_by_its_entries() -> None:
    service = service_of(
        DataOnlyPlugin(parse_specification(toml('interval = 1\nunit = "months"', counted="seen"), where="x")),
        origin="t",
    )
    rows = "patient | date | code\n Ann | 2025-04-01 | taken\n Ann | 2025-04-10 | seen\n Ann | 2025-05-10 | seen"
    expected = "measure | count | of\n on-time | 1 | 1\n overdue | 0 |"
    assert_measures(Surgery(service, activity=rows), expected, period="2025-05")


def nobody(spec: ServiceSpec, records: Records, register: Register) -> RecallList:
    """A service with a recall of its own, which leaves out patients of one name."""
    recalls = standard_recall(spec, records, register).recalls
    return RecallList(recalls=tuple(one for one in recalls if records.patient(one.nhs_number).family_name != "Ben"))


LATE = "patient | date\n Ann | 2025-04-07\n Ben | 2025-04-07"


def denosumab(**hooks: object) -> Service:
    plugin = {"les_service": lescli_denosumab.les_service, "les_recall": hookimpl(nobody), **hooks}
    return service_of(SimpleNamespace(**plugin), origin="test")


def late(report: Report) -> tuple[int, object]:
    (measure,) = [one.numerator for one in report.measures if one.id == "overdue"]
    (table,) = [one.rows for one in report.tables if one.id == "overdue-injection"]
    return measure, sum(int(row[1] or 0) for row in table)


def test_overdue_counts_the_services_own_recall() -> None:
    report = Surgery(denosumab(), activity=LATE).report("2026-04", "2026-04-30")
    assert late(report) == (1, 1)


def test_a_plugins_report_receives_the_recalls() -> None:
    def les_report(
        spec: ServiceSpec, records: Records, register: Register, claim: Claim, period: Period, recalls: RecallList
    ) -> Report:
        report = standard_report(spec, records, register, claim, period, recalls)
        return replace(report, notes=(f"{len(recalls.recalls)} recalled",))

    report = Surgery(denosumab(les_report=hookimpl(les_report)), activity=LATE).report("2026-04", "2026-04-30")
    assert (late(report), report.notes) == ((1, 1), ("1 recalled",))


def test_a_report_that_counts_other_recalls_is_a_fault_of_the_plugin() -> None:
    def les_report(spec: ServiceSpec, records: Records, register: Register, claim: Claim, period: Period) -> Report:
        return standard_report(spec, records, register, claim, period)

    surgery = Surgery(denosumab(les_report=hookimpl(les_report)), activity=LATE)
    with pytest.raises(PluginError, match="the measure overdue differs from its les_recall; pass `recalls`"):
        surgery.report("2026-04", "2026-04-30")


def test_patients_later_than_every_named_band_are_counted_in_the_table() -> None:
    rule = f'{BY_WEEKS}\n[[recall.band]]\nname = "soon"\nup_to_days = 3\nclause = "3"'
    surgery = Surgery(bloods(rule), activity="patient | date\n Ann | 2025-04-30\n Ben | 2025-05-28")
    report = surgery.report("2025-06", "2025-06-27")
    (table,) = [one.rows for one in report.tables if one.id == "overdue-next-blood"]
    assert table == (("soon", 1), ("overdue", 1))


MONTHLY = """
[[item]]
name = "month"
title = "A month"
kind = "per-patient-month"
clause = "4"
unit = "month"

[item.options]
detail = "own"
value = "yes"
monitored_setting = "days"
monitored_codelists = "taken"

[settings.days]
title = "Days"
value = 30
decided = "ours"
clause = "4"

[settings.seen_so]
title = "Ways of being seen that count"
value = ["face to face"]
decided = "specification"
clause = "4"
"""
SEEN = '[[item.check]]\nrule = "consultation-type"\nsetting = "seen_so"\nclause = "4"\n'


@pytest.mark.parametrize(
    ("kind", "reason"), [("Face to face", "no-price"), ("Telephone", "not-monitored"), ("", "no-price")]
)
def test_an_entry_that_does_not_count_is_not_monitoring(kind: str, reason: str) -> None:
    text = toml(BY_WEEKS).decode().replace('unit = "sample"\n', f'unit = "sample"\n{SEEN}') + MONTHLY
    service = service_of(DataOnlyPlugin(parse_specification(text.encode(), where="bloods")), origin="test")
    surgery = Surgery(
        service,
        activity=f"patient | date | consultation type\n Ann | 2025-06-10 | {kind}",
        register="patient | entered | own\n Ann | 2025-06-01 | yes",
    )
    assert [row.reason for row in surgery.claim("2025-06").rows if row.item == "month"] == [reason]


def test_a_follow_up_that_does_not_count_leaves_the_recall_open() -> None:
    text = toml('interval = 1\nunit = "months"', "after").decode().replace('"on-time"\nof', '"overdue"\nof')
    text = text.replace('codelists = ["taken"]', 'codelists = ["seen"]').replace(
        'unit = "sample"\n', f'unit = "sample"\n{SEEN}'
    )
    text = text.replace('clause = "3"\ncodelist = "taken"', 'clause = "3"\ncodelist = "taken"\ndone_codelist = "seen"')
    service = service_of(DataOnlyPlugin(parse_specification((text + MONTHLY).encode(), where="bloods")), origin="test")
    rows = "patient | date | code | consultation type\n Ann | 2025-06-01 | taken | Letter\n Ann | 2025-06-10 | seen |"
    (open_one,) = Surgery(service, activity=f"{rows} Telephone").recall("2025-06-30").recalls
    assert open_one.note.startswith("the entry of 10 Jun 2025 (Telephone) does not count")
    assert Surgery(service, activity=f"{rows} Face to face").recall("2025-06-30").recalls == ()
