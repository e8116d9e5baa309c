"""The report: the document's indicators, the annual audit, advances compared with activity, and what to settle."""

from __future__ import annotations

from lescli.api import Claim, Period, RecallList, Records, Register, Report, ServiceSpec, standard_report

from .advances import advance_reconciliation
from .audit import audit_tables
from .devices import devices_in_place
from .seen import held_back_notes, patients_seen, seen_by_month, seen_in_time


def ius_report(
    spec: ServiceSpec, records: Records, register: Register, claim: Claim, period: Period, recalls: RecallList
) -> Report:
    """The standard report for the devices in place, with this service's own measures, tables and notes."""
    present = devices_in_place(spec, records, register)
    standard = standard_report(spec, records, present, claim, period, recalls)
    in_time, unknown = seen_in_time(spec, records, register, claim, period)
    reconciliation, about_advances = advance_reconciliation(spec, records, claim, period)
    audit = audit_tables(spec, records, present, period)
    return standard.with_own(
        measures=(patients_seen(spec, claim, period), in_time),
        first=(seen_by_month(spec, claim, period), *audit, reconciliation),
        notes=(
            *_differing(spec, records),
            *_unset_check(spec, records),
            *held_back_notes(claim, period),
            *unknown,
            *about_advances,
        ),
    )


def _differing(spec: ServiceSpec, records: Records) -> list[str]:
    """A note for each setting that differs from current guidance."""
    table = spec.table("guidance")
    return [
        f"{says}; {table.note} (`les services set {spec.name} setting.{name}={value} --from DATE --source TEXT`; "
        f"{table.clause})"
        for name, value, says in table.rows
        if str(spec.setting(name, records.as_of)) != value
    ]


def _unset_check(spec: ServiceSpec, records: Records) -> list[str]:
    rules = [rule for rule in spec.recalls if rule.done_codelists]
    return [
        f"no code of `{name}` is known: it is not counted, and only {rule.until_detail} in the register settles the "
        f"recall; set it with `les services set {spec.name} codes.{name}=CODE --from DATE --source TEXT`"
        for rule in rules
        for name in rule.done_codelists
        if not spec.codelist(name).codes_on(records.as_of)
    ]
