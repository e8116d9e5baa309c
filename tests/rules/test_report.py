"""What a plugin uses to add to the standard report: own measures, own tables, and each patient's days."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

import lescli_denosumab
from lescli.api import (
    Claim,
    Measure,
    Period,
    RecallList,
    Records,
    Register,
    Report,
    ServiceSpec,
    Table,
    hookimpl,
    standard_report,
)
from lescli.services import service_of
from lescli.testing import Surgery

SPEC = lescli_denosumab.les_service()
IDS = [wanted.id for wanted in SPEC.measures]


def measure(name: str, count: int) -> Measure:
    return Measure(id=name, title=name, clause="1", numerator=count)


def table(name: str) -> Table:
    return Table(id=name, title=name, columns=("a",), rows=())


def test_a_measure_of_the_specification_gives_its_result() -> None:
    wanted = SPEC.measure(IDS[0])
    count, share = wanted.result(3), wanted.result(1, 4)
    assert (count.id, count.title, count.clause, count.unit) == (wanted.id, wanted.title, wanted.clause, wanted.unit)
    assert (count.value, count.denominator) == (3, None)
    assert share.value == 25.0
    with pytest.raises(KeyError):
        SPEC.measure("unknown")


def test_an_own_measure_replaces_the_one_with_its_id_and_tables_stand_where_they_are_put() -> None:
    standard = Report(measures=(measure("a", 1), measure("b", 2)), tables=(table("old"),), notes=("old",))
    report = standard.with_own(
        measures=[measure("a", 9)], first=[table("before")], tables=[table("after")], notes=["new"]
    )
    assert {one.id: one.numerator for one in report.measures} == {"a": 9, "b": 2}
    assert len(report.measures) == 2
    assert [one.id for one in report.tables] == ["before", "old", "after"]
    assert report.notes == ("old", "new")


def test_measures_are_printed_in_the_order_of_the_specification() -> None:
    def les_report(
        spec: ServiceSpec, records: Records, register: Register, claim: Claim, period: Period, recalls: RecallList
    ) -> Report:
        report = standard_report(spec, records, register, claim, period, recalls)
        moved = [one for one in report.measures if one.id == IDS[0]]
        return report.with_own(measures=[measure("extra", 1), *moved])

    plugin = SimpleNamespace(les_service=hookimpl(lambda: SPEC), les_report=hookimpl(les_report))
    report = Surgery(service_of(plugin, origin="test"), activity="patient | date\n Ann | 2026-05-04").report("2026-05")
    assert [one.id for one in report.measures] == [*IDS, "extra"]


def test_the_days_of_several_lists_are_those_of_each_patient_once_and_earliest_first() -> None:
    surgery = Surgery(
        service_of(lescli_denosumab, origin="package"),
        activity="""
            patient | date       | code
            Ann     | 2026-05-04 | injection
            Ann     | 2026-05-04 | injection
            Ann     | 2025-11-04 | injection
            Bob     | 2026-05-31 | injection
            Bob     | 2026-06-01 | injection
            """,
    )
    ann, bob = surgery.numbers["Ann"], surgery.numbers["Bob"]
    records = surgery.records("2026-05-31")
    names = ["injection", "injection"]
    assert records.days(names) == {ann: (date(2025, 11, 4), date(2026, 5, 4)), bob: (date(2026, 5, 31),)}
    assert records.days(names, date(2026, 5, 4))[ann] == (date(2026, 5, 4),)
    assert records.days([]) == {}
