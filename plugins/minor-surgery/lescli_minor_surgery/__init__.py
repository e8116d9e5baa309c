"""Minor surgery: the standard rules, plus the referrals of patients of every practice, in time and still waiting."""

from __future__ import annotations

from lescli.api import (
    Claim,
    Period,
    RecallList,
    Records,
    Register,
    Report,
    ServiceSpec,
    Table,
    every_run,
    hookimpl,
    specification_of,
    standard_report,
)


@hookimpl
def les_service() -> ServiceSpec:
    """The specification in service.toml."""
    return specification_of(__package__)


@hookimpl
def les_report(
    spec: ServiceSpec, records: Records, register: Register, claim: Claim, period: Period, recalls: RecallList
) -> Report:
    """The standard report, with referrals triaged and treated in time, two-week waits apart, and who waits."""
    urgent = records.days(["two-week-wait"])
    counts: dict[str, list[bool]] = {"triage": [], "treatment": [], "two-week-waits": []}
    waiting: list[tuple[str, ...]] = []
    for clock in spec.clocks:
        for run in every_run(clock, spec, records):
            apart = clock.name == "treatment" and run.met_on in urgent.get(run.nhs_number, ())
            ended = run.ended_on(records.as_of)
            if ended and ended in period:
                in_time = run.met_on is not None and run.met_on <= run.last
                counts["two-week-waits" if apart else clock.name].append(in_time)
            if run.met_on is None:
                waiting.append((run.nhs_number, clock.name, run.start.isoformat(), run.last.isoformat()))
    own = [spec.measure(name).result(sum(counts[name]), len(counts[name])) for name in ("triage", "treatment")]
    own.append(spec.measure("two-week-waits").result(len(counts["two-week-waits"])))
    table = Table(
        id="waiting",
        title="Referrals that wait, of patients of every practice, those with the earliest last day first",
        columns=("nhs_number", "for", "referred", "last_day"),
        rows=tuple(sorted(waiting, key=lambda row: (row[3], row[1], row[0]))),
        names_patients=True,
    )
    return standard_report(spec, records, register, claim, period, recalls).with_own(measures=own, tables=(table,))
