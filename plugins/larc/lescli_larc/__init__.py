"""Long-acting contraception: the standard rules, plus the trend, the rate for our own women, and a projection."""

from __future__ import annotations

from lescli.api import (
    Claim,
    Month,
    Period,
    RecallList,
    Records,
    Register,
    Report,
    ServiceSpec,
    Table,
    add_months,
    hookimpl,
    specification_of,
    standard_report,
)

UNSET = "the number of women is not set: `les services set larc setting.women_15_44=NUMBER --from DATE --source TEXT`"


@hookimpl
def les_service() -> ServiceSpec:
    """The specification in service.toml."""
    return specification_of(__package__)


@hookimpl
def les_report(
    spec: ServiceSpec, records: Records, register: Register, claim: Claim, period: Period, recalls: RecallList
) -> Report:
    """The standard report, with what was fitted by month, for our own women, and by the end of the year."""
    home, end = records.practice.ods_code, min(period.end, records.as_of)
    entries = [(name, one) for name in ("implant", "iucd") for one in records.activity(name)]
    fitted = {(one.nhs_number, one.day, name) for name, one in entries}
    here = {(one.nhs_number, one.day, name) for name, one in entries if one.done_at in ("", home) and not one.marks}
    year, month, rows = spec.contract_year(end), Month.of(end), []
    while month.last >= year.start:
        done, before = ([kind for _, day, kind in here if day in Period.of_month(m)] for m in (month, month.plus(-12)))
        rows.append((str(month), done.count("implant"), done.count("iucd"), len(done), len(before)))
        month = month.plus(-1)
    so_far = sum(year.start <= day <= end for _, day, _ in here)
    days, whole = ((last - year.start).days + 1 for last in (end, year.end))
    since, women = add_months(end, -int(str(spec.setting("rate_months", end)))), spec.setting("women_15_44", end)
    ours = sum(since < day <= end and records.patient(number).registered_on(day, home) for number, day, _ in fitted)
    known = women if isinstance(women, int) and women > 0 else None
    columns = ("month", "implants", "iucds", "fitted", "year_before")
    trend = Table(id="trend", title="Fitted here by month", columns=columns, rows=tuple(reversed(rows)))
    row = (ours, known, round(1000 * ours / known, 1) if known else None)
    heads, title = ("fitted", "women", "per_1000"), "Fitted for 1,000 women of 15 to 44"
    rate = Table(id="rate", title=title, columns=heads, rows=(row,))
    projected = spec.measure("projection").result(round(so_far * whole / days))
    return standard_report(spec, records, register, claim, period, recalls).with_own(
        measures=(spec.measure("fitted-for-our-women").result(ours), projected),
        tables=(trend, rate),
        notes=() if known else (UNSET,),
    )
