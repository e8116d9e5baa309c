"""Reads a service.toml into a `ServiceSpec`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.resources import files

from ..amounts import typed_pence
from ..codes import parse_code
from ..errors import SpecificationError
from ..model import (
    Band,
    CheckSpec,
    ClaimForm,
    ClaimItem,
    Code,
    CodeList,
    Dated,
    Element,
    FormLines,
    IncidentKind,
    Price,
    ReasonSpec,
    RecallRule,
    ServiceSpec,
    Setting,
    Span,
    Submission,
    TableSpec,
)
from .clocks import clocks_of, thresholds_of
from .dated_faults import faults_of_terms, own_day_terms
from .dated_terms import Change, as_typed, changes_of, editions_of
from .details import duties_of, evidence_of, networks_of, payment_of, register_of, wordings_of
from .faults import CODE_SYSTEMS, Data, faults_of
from .kinds import settings_of
from .measures import measures_of
from .own_days import with_own_day
from .toml_words import toml_of

# A value printed without a date applies from the earliest day, because case finding looks at entries of any age.
ALWAYS = date.min
_ROWS_OF_LINES = ("sheet", "first_row", "last_row")


def specification_of(package: str) -> ServiceSpec:
    """The specification in the `service.toml` beside a plugin's `__init__.py`; `les_service` returns it."""
    return parse_specification(files(package).joinpath("service.toml").read_bytes(), where=f"{package}/service.toml")


@cache
def parse_specification(content: bytes, *, where: str) -> ServiceSpec:
    """Parse and check the bytes of a service.toml; SpecificationError lists every fault with its path."""
    try:
        data = toml_of(content)
    except ValueError as fault:
        raise SpecificationError(where, (str(fault),)) from None
    digest = digest_of(content)
    if digest not in _known_to_be_sound() and (problems := faults_in(data, digest)):
        raise SpecificationError(where, problems)
    return service_from(data, digest)


def digest_of(content: bytes) -> str:
    """The SHA-256 of a service.toml. Line ends are normalised, so that a checkout on Windows has the same digest."""
    return sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def faults_in(data: Data, digest: str) -> tuple[str, ...]:
    """Every fault of a service.toml that was read as TOML, its dated terms included."""
    return faults_of(data) or faults_of_terms(data, _service(data, digest))


@cache
def _known_to_be_sound() -> frozenset[str]:
    """The digests of the shipped files, which docs/generate.py checked: to check all of them again takes longer than
    most questions. A file that was changed by one character has another digest, and is checked."""
    return frozenset(files(__package__).joinpath("sound.txt").read_text(encoding="utf-8").split())


def service_from(data: Data, digest: str) -> ServiceSpec:
    """The specification of a service.toml that was read and has no faults, under its dated terms."""
    spec = _service(data, digest)
    for term in own_day_terms(data, spec):
        spec = with_own_day(spec, term)
    return with_changes(spec, ())


def with_changes(spec: ServiceSpec, local: Iterable[Change]) -> ServiceSpec:
    """The specification with its editions: as its own `[[terms]]` and the practice's terms leave it, day by day."""
    changes = (*changes_of(spec.data), *local)
    editions = tuple((start, _service(data, spec.sha256)) for start, data in editions_of(spec.data, changes))
    told = (Dated(start=c.start, value=(c.key, as_typed(c.value)), source=c.source, local=c.local) for c in changes)
    return replace(spec, editions=editions, changes=tuple(told))


def _service(data: Data, digest: str) -> ServiceSpec:
    claim = data.get("claim", {})
    return ServiceSpec(
        name=data["service"]["name"],
        title=data["service"]["title"],
        commissioner=data["service"]["commissioner"],
        document=data["service"]["document"],
        sha256=digest,
        periods=tuple(
            Span(start=_day(span["start"]), end=_day(span["end"]) if "end" in span else None, source=span["clause"])
            for span in data["period"]
        ),
        codelists=tuple(_codelist(name, value) for name, value in data.get("codelists", {}).items()),
        register=register_of(data["register"]),
        recalls=tuple(_recall(rule) for rule in data.get("recall", ())),
        items=tuple(_item(item) for item in data.get("item", ())),
        measures=measures_of(data),
        incidents=tuple(
            IncidentKind(
                kind=row["kind"],
                title=row["title"],
                clause=row["clause"],
                hours=row.get("hours"),
                working_days=row.get("working_days"),
            )
            for row in data.get("incident", ())
        ),
        submission=_submission(data["submission"]),
        settings=tuple(_setting(name, value) for name, value in settings_of(data).items()),
        tables=tuple(
            TableSpec(
                name=name,
                title=table["title"],
                clause=table["clause"],
                columns=tuple(table["columns"]),
                rows=tuple(tuple(row) for row in table["rows"]),
                note=table.get("note", ""),
            )
            for name, table in data.get("tables", {}).items()
        ),
        reasons={
            name: ReasonSpec(
                verdict=row.get("verdict", ""), text=row.get("text", ""), clause=row["clause"], fix=row.get("fix", "")
            )
            for name, row in data.get("reasons", {}).items()
        },
        window_months=claim.get("window_months"),
        window_clause=claim.get("clause", ""),
        notes=tuple(f"{note['text']} ({note['clause']})" for note in data.get("note", ())),
        evidence=evidence_of(data),
        payment=payment_of(data),
        clocks=clocks_of(data),
        thresholds=thresholds_of(data),
        duties=duties_of(data),
        wordings=wordings_of(data),
        networks=networks_of(data),
        every=claim.get("every", "month"),
        year_starts=int(claim.get("year_starts", "04")),
        data=data,
    )


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _codelist(name: str, data: Data) -> CodeList:
    codes = tuple(
        Code(system=system, code=parse_code(system, code)) for system in CODE_SYSTEMS for code in data.get(system, ())
    )
    start = _day(data["from"]) if "from" in data else ALWAYS
    return CodeList(
        name=name,
        title=data["title"],
        clause=data["clause"],
        status=data["status"],
        plural=data.get("plural", ""),
        versions=(Dated(start=start, value=codes, source=data["clause"]),) if codes else (),
    )


def _names(given: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _recall(data: Data) -> RecallRule:
    return RecallRule(
        name=data["name"],
        title=data["title"],
        kind=data["kind"],
        clause=data["clause"],
        codelists=_names(data.get("codelist", ())),
        start_detail=data.get("start_detail", ""),
        start_is_first=data.get("start_is_first", False),
        next_detail=data.get("next_detail", ""),
        until_detail=data.get("until_detail", ""),
        done_codelists=_names(data.get("done_codelist", ())),
        interval=data.get("interval", 0),
        interval_detail=data.get("interval_detail", ""),
        interval_setting=data.get("interval_setting", ""),
        by_value=tuple(data.get("by_value", {}).items()),
        unit=data.get("unit", "months"),
        first_interval=data.get("first_interval"),
        first_unit=data.get("first_unit", ""),
        offset_detail=data.get("offset_detail", ""),
        offset=data.get("offset", 0),
        offset_unit=data.get("offset_unit", "months"),
        overdue_interval=data.get("overdue_interval"),
        bands=tuple(
            Band(name=band["name"], up_to_days=band.get("up_to_days"), clause=band["clause"])
            for band in data.get("band", ())
        ),
        only_if=tuple(data.get("only_if", {}).items()),
    )


def _item(data: Data) -> ClaimItem:
    own = ("rule", "clause", "fix")
    cap, by = data.get("cap", {}), data.get("price_by", {})
    return ClaimItem(
        name=data["name"],
        title=data["title"],
        kind=data["kind"],
        clause=data["clause"],
        codelists=_entries_of(data),
        unit=data["unit"],
        prices=tuple(
            Dated(start=_day(row["from"]), value=_price(row), source=row["clause"]) for row in data.get("price", ())
        ),
        checks=tuple(
            CheckSpec(
                rule=row["rule"],
                clause=row["clause"],
                fix=row.get("fix", ""),
                options={key: _as_text(value) for key, value in row.items() if key not in own},
                item=data["name"],
            )
            for row in data.get("check", ())
        ),
        cap=next((cap[key] for key in _CAPS if key in cap), None),
        cap_clause=cap.get("clause", ""),
        cap_per=next((_CAPS[key] for key in _CAPS if key in cap), "year"),
        cap_of=cap.get("of", "patient"),
        options=dict(data.get("options", {})),
        population=data.get("population", "own"),
        needs=tuple(data.get("needs", ())),
        every=data.get("every", "" if data["kind"] == "all-of" else "month"),
        opened_by=tuple(data.get("opened_by", ())),
        closed_by=tuple(data.get("closed_by", ())),
        closed_before=tuple(data.get("closed_before", ())),
        gap_days=data.get("gap_days"),
        all_of=tuple(data.get("all_of", ())),
        all_setting=data.get("all_setting", ""),
        elements=tuple(
            Element(
                codelist=row["codelist"], when=tuple(row["when"].items()), when_unknown=row.get("when_unknown", "ask")
            )
            for row in data.get("element", ())
        ),
        within_days=data.get("within_days"),
        price_by=next((key for key in by if key != "clause"), ""),
        price_detail=str(by.get("detail", "")),
        count=data.get("count", "any-day"),
    )


_CAPS = {"per_contract_year": "year", "per_quarter": "quarter", "per_month": "month"}


def _entries_of(data: Data) -> tuple[str, ...]:
    """Every code list whose entries an item looks at, by whichever key its kind names them."""
    elements = (row["codelist"] for row in data.get("element", ()))
    keys = ("codelists", "opened_by", "closed_by", "closed_before", "all_of")
    named = (name for key in keys for name in data.get(key, ()))
    return tuple(dict.fromkeys((*named, *elements)))


def _price(row: Data) -> Price:
    part, _, whole = str(row.get("part", f"{row.get('percent', 100)}/100")).partition("/")
    return Price(
        pence=typed_pence(row["amount"]) if "amount" in row else None,
        level=row.get("level", ""),
        above=row.get("above", 0),
        share=(int(part), int(whole)),
        up_to_minutes=row.get("up_to_minutes"),
    )


def _as_text(value: object) -> str:
    """An option as the rules read it: a list has commas between its names."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _submission(data: Data) -> Submission:
    addresses = data.get("address", ())
    return Submission(
        clause=data["clause"],
        by=data["by"],
        day=data.get("day"),
        working_day=data.get("working_day"),
        addresses=tuple(
            Dated(start=_day(row["from"]), value=row["address"], source=row["clause"]) for row in addresses
        ),
        note="; ".join(row["note"] for row in addresses if "note" in row),
        after=next(((data[unit], unit) for unit in ("days", "weeks", "months") if unit in data), None),
        form=_form(data["form"]) if "form" in data else None,
        declaration=data.get("declaration", ""),
    )


def _form(data: Data) -> ClaimForm:
    lines = data.get("lines")
    return ClaimForm(
        template=data["template"],
        clause=data["clause"],
        cells=tuple(data["cells"].items()),
        lines=FormLines(
            sheet=lines["sheet"],
            first_row=lines["first_row"],
            last_row=lines["last_row"],
            columns=tuple((name, place) for name, place in lines.items() if name not in _ROWS_OF_LINES),
        )
        if lines
        else None,
    )


def _setting(name: str, data: Data) -> Setting:
    value = data.get("value")
    start = _day(data["from"]) if "from" in data else ALWAYS
    held = tuple(value) if isinstance(value, list) else value
    kinds = {bool: "yes-no", int: "integer", tuple: "list", str: "text"}
    return Setting(
        name=name,
        title=data["title"],
        clause=data["clause"],
        decided=data["decided"],
        type=data.get("type") or kinds[type(held)],
        versions=() if held is None else (Dated(start=start, value=held, source=data["clause"]),),
    )
