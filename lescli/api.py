"""The one module that a service plugin imports: the values, the hook marker, the standard rules and the calendar."""

from .calendar import Month, Period, add_months, age_on, contract_year, for_people, is_working_day
from .hookspecs import hookimpl
from .model import (
    Activity,
    Advice,
    Claim,
    ClaimItem,
    ClaimRow,
    Code,
    Finding,
    Measure,
    Patient,
    Planned,
    Recall,
    RecallList,
    RecallRule,
    Records,
    Register,
    RegisterEntry,
    Report,
    ServiceSpec,
    Table,
    TableSpec,
    Verdict,
)
from .rules.accepted import given_rows, is_open, requests_of
from .rules.checks import Check
from .rules.claim import standard_claim
from .rules.claim_row import finding
from .rules.clocks import Run
from .rules.details import folded, holds_phrase
from .rules.measures import every_run, on_register
from .rules.recall import counted_from, last_day, requested_by, standard_recall
from .rules.register import standard_register
from .rules.report import standard_report
from .rules.unclaimed import not_over
from .specification import specification_of

__all__ = [
    "Activity",
    "Advice",
    "Check",
    "Claim",
    "ClaimItem",
    "ClaimRow",
    "Code",
    "Finding",
    "Measure",
    "Month",
    "Patient",
    "Period",
    "Planned",
    "Recall",
    "RecallList",
    "RecallRule",
    "Records",
    "Register",
    "RegisterEntry",
    "Report",
    "Run",
    "ServiceSpec",
    "Table",
    "TableSpec",
    "Verdict",
    "add_months",
    "age_on",
    "contract_year",
    "counted_from",
    "every_run",
    "finding",
    "folded",
    "for_people",
    "given_rows",
    "holds_phrase",
    "hookimpl",
    "is_open",
    "is_working_day",
    "last_day",
    "not_over",
    "on_register",
    "requested_by",
    "requests_of",
    "specification_of",
    "standard_claim",
    "standard_recall",
    "standard_register",
    "standard_report",
]
