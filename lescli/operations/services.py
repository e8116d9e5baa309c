"""`les services`: the services there are, each one's terms with their clauses, and what the practice has set."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from ..calendar import for_people
from ..errors import UsageError, did_you_mean
from ..model import Code, Dated, Price, ServiceSpec, SettingValue
from ..outputs import Answer, Column, Grid, Kind, counted, pounds
from ..services import Broken, Catalog, Service
from ..store import Store
from ..store.practice_data import local_terms, signed_services
from .choose_services import catalog_of, under_local_terms


def kinds_of(spec: ServiceSpec) -> frozenset[str]:
    """The kinds that one service asks of a clinician."""
    items = (item for _, _, terms in spec.spans() for item in terms.items)
    checked = (check.options["kind"] for item in items for check in item.checks if check.rule == "accreditation")
    shown = (field.of for field in spec.evidence if field.kind == "accreditation")
    return frozenset((*checked, *shown))


def kind_of(store: Store, typed: str) -> str:
    """The kind that was typed. UsageError lists the known kinds when no service asks for it.

    A broken service may ask for a kind that cannot be read. So while a service is broken, any kind is accepted.
    """
    catalog = catalog_of(store)
    kinds = sorted({kind for one in catalog.services for kind in kinds_of(under_local_terms(store, one).spec)})
    if typed in kinds or catalog.broken:
        return typed
    if not kinds:
        raise UsageError("--accreditation: no service asks for an accreditation", "nothing was recorded")
    hint = did_you_mean(typed, kinds) or f"it is one of {', '.join(kinds)}"
    raise UsageError("--accreditation: no service asks for that kind", hint)


Line = tuple[str, str, date | None, str, str]
_UNSET = "UNSET"


def services_answer(catalog: Catalog, store: Store | None) -> Answer:
    """All services with their periods and the contracts the practice holds. Broken ones say why."""
    signed = signed_services(store) if store else {}
    services = [
        _service(under_local_terms(store, one) if store else one, signed.get(one.name, ())) for one in catalog.services
    ]
    services += [_broken(one) for one in catalog.broken]
    rows = tuple(
        (
            one["name"],
            one["title"],
            one["commissioner"],
            "; ".join(f"{p['start']} to {p['end'] or 'open'}" for p in one["periods"]),
            "; ".join(f"from {s['start']}" + (f" to {s['end']}" if s["end"] else "") for s in one["signed"]) or "no",
            one["problem"] or "ok",
        )
        for one in services
    )
    names = ("name", "title", "commissioner", "in_force", "signed", "status")
    return Answer(
        data={"schema": "les-services/1", "services": services},
        title=f"Services: {len(services)}",
        grids=(
            Grid(
                title="",
                columns=tuple(Column(name, name.replace("_", " ").capitalize()) for name in names),
                rows=rows,
                empty="no service is installed",
            ),
        ),
    )


def _service(service: Service, signed: Any) -> dict[str, Any]:
    spec = service.spec
    return {
        "name": spec.name,
        "title": spec.title,
        "commissioner": spec.commissioner,
        "periods": [
            {"start": p.start.isoformat(), "end": p.end.isoformat() if p.end else None, "clause": p.source}
            for p in spec.periods
        ],
        "signed": [{"start": s.isoformat(), "end": e.isoformat() if e else None} for s, e in signed],
        "source": service.origin,
        "status": "ok",
        "problem": None,
    }


def _broken(one: Broken) -> dict[str, Any]:
    return {
        "name": one.name,
        "title": "",
        "commissioner": "",
        "periods": [],
        "signed": [],
        "source": one.origin,
        "status": "broken",
        "problem": one.problem,
    }


def shown_answer(store: Store, name: str) -> Answer:
    """One service's terms, each with its clause. Local terms are shown beside those of the specification."""
    printed = catalog_of(store).service(name)
    spec = under_local_terms(store, printed).spec
    lines = [(t, v, d, c, "ours" if c.startswith("our decision") else by) for t, v, d, c, by in _lines(spec)]
    terms = local_terms(store, name)
    columns = (
        Column("term", "Term"),
        Column("value", "Value"),
        Column("from", "From", Kind.DATE),
        Column("clause", "Clause or source"),
        Column("decided", "Decided by"),
    )
    local = tuple((t.key, ("+=" if t.adds else "=") + t.value, t.start, t.source) for t in terms)
    return Answer(
        data={
            "schema": "les-service-shown/1",
            "service": name,
            "sha256": spec.sha256,
            "terms": [
                {"term": t, "value": v, "from": d.isoformat() if d else None, "clause": c, "decided": by}
                for t, v, d, c, by in lines
            ],
            "local_terms": [
                {"key": t.key, "value": t.value, "adds": t.adds, "from": t.start.isoformat(), "source": t.source}
                for t in terms
            ],
            "unset": [t for t, v, *_ in lines if v == _UNSET],
            "notes": list(spec.notes),
        },
        title=f"{spec.title}: {spec.document}",
        grids=(
            Grid(title="Terms", columns=columns, rows=tuple(lines)),
            Grid(
                title="Set by the practice",
                columns=(Column("key", "Key"), Column("value", "Value"), Column("from", "From", Kind.DATE),
                         Column("source", "Source")),
                rows=local,
                empty="nothing was set locally",
            ),
        ),
        notes=(*spec.notes, *([spec.submission.note] if spec.submission.note else [])),
    )  # fmt: skip


def _lines(spec: ServiceSpec) -> Iterator[Line]:
    for period in spec.periods:
        until = for_people(period.end) if period.end else "no end"
        yield ("period", f"{for_people(period.start)} to {until}", None, period.source, "specification")
    for codelist in spec.codelists:
        if not codelist.versions:
            yield (f"codes.{codelist.name}", _UNSET, None, codelist.clause, codelist.status)
        for codes in codelist.versions:
            yield _line(f"codes.{codelist.name}", _codes(codes.value), codes, codelist.status)
    for item in spec.items:
        if not item.prices:
            yield (f"price.{item.name}", _UNSET, None, item.clause, "unset")
        for price in item.prices:
            yield _line(f"price.{item.name}", _price(price.value), price, "specification")
        if item.cap is not None:
            yield (
                f"cap.{item.name}",
                f"{item.cap} a patient and contract year",
                None,
                item.cap_clause,
                "specification",
            )
        for check in item.checks:
            yield (f"check.{item.name}", check.rule, None, check.clause, "specification")
    if spec.window_months:
        yield ("claim window", counted(spec.window_months, "month"), None, spec.window_clause, "specification")
    yield from _submission_lines(spec)
    for rule in spec.recalls:
        number = rule.interval or rule.interval_setting or rule.interval_detail
        when = f"{rule.kind} {number} {rule.unit}" if number else f"{rule.kind} {rule.start_detail}"
        yield (f"recall.{rule.name}", when, None, rule.clause, "specification")
        for band in rule.bands:
            upto = f"to {counted(band.up_to_days, 'day')} late" if band.up_to_days is not None else "beyond"
            yield (f"band.{band.name}", upto, None, band.clause, "ours")
    for kind in spec.incidents:
        clock = counted(kind.hours, "hour") if kind.hours else counted(kind.working_days or 0, "working day")
        told = f"notify within {clock}" if kind.hours or kind.working_days else "counted"
        yield (f"incident.{kind.kind}", told, None, kind.clause, "specification")
    for duty in spec.duties:
        months = f"every {counted(duty.every_months, 'month')}" if duty.every_months else "once"
        yield (
            f"duty.{duty.name}",
            f"every {duty.interval_setting}" if duty.interval_setting else months,
            None,
            duty.clause,
            "specification",
        )
    for setting in spec.settings:
        if not setting.versions:
            yield (f"setting.{setting.name}", _UNSET, None, setting.clause, setting.decided)
        for value in setting.versions:
            yield _line(f"setting.{setting.name}", _setting(value.value), value, setting.decided)


def _submission_lines(spec: ServiceSpec) -> Iterator[Line]:
    submission = spec.submission
    if submission.day:
        when = f"by day {submission.day} of the month after, by {submission.by}"
        yield ("submission", when, None, submission.clause, "specification")
    if submission.working_day:
        when = f"by working day {submission.working_day} of the month after, by {submission.by}"
        yield ("submission", when, None, submission.clause, "specification")
    for address in submission.addresses:
        yield _line("email", address.value, address, "specification")


def _line(term: str, text: str, version: Dated[Any], decided: str) -> Line:
    start = None if version.start == date.min else version.start
    return (term, text, start, version.source, "local" if version.local else decided)


def _codes(codes: tuple[Code, ...]) -> str:
    return ", ".join(str(code) for code in codes)


def _price(price: Price) -> str:
    return pounds(price.pence) if price.pence is not None else _UNSET


def _setting(value: SettingValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) or "none" if isinstance(value, tuple) else str(value)
