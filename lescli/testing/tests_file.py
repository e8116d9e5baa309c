"""Reads the tests.toml of a service: its patients and what is expected of each, or every fault of the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import Any

from ..calendar import Period, parse_date
from ..model import ServiceSpec, Verdict
from ..readers.reading import COLUMNS
from ..rules.recall import recall_rules
from ..specification.faults import path_of
from ..specification.shape_words import in_words
from ..specification.toml_words import toml_of
from .surgery import WORDS
from .tables import NO_DETAILS, header_of, read_table

TESTS_FILE = "tests.toml"
"""The name of the file; it stands beside service.toml."""

Data = Mapping[str, Any]
_ENTRIES = ("patient", "date", "code", "consultation type", "clinician", "done at", "value", "id")
_GIVEN: dict[str, tuple[str, ...]] = {
    "planned": ("patient", "asked", "code", "planned", "intent", "status", "priority", "clinician", "id"),
    "invitations": ("patient", "on", "by", "outcome", "until"),
    "incidents": ("kind", "on", "notified", "patient"),
    "accreditations": ("clinician", "kind", "from", "to"),
    "duties": ("duty", "on", "by", "note"),
    "terms": ("key", "value", "from", "source"),
    "signed": ("contract", "from", "to"),
    "submitted": ("month", "on"),
}
"""The columns of the tables that say what a practice has; those of patients, activity and register vary."""
_NEEDED: dict[str, tuple[str, ...]] = {
    "patients": ("patient",),
    "activity": ("patient", "date"),
    "later": ("patient", "date"),
    "planned": ("patient", "asked"),
    "register": ("patient",),
    "register_refuses": ("patient",),
    "invitations": ("patient", "on"),
    "incidents": ("kind", "on"),
    "accreditations": _GIVEN["accreditations"],
    "duties": ("duty", "on"),
    "terms": ("key", "value", "from"),
    "signed": ("from",),
    "submitted": _GIVEN["submitted"],
}
_DAYS: dict[str, tuple[str, ...]] = {
    "patients": ("born", "registered", "left", "died"),
    "activity": ("date", "recorded"),
    "later": ("date", "recorded"),
    "planned": ("asked", "planned"),
    "register": ("entered", "ended", "from"),
    "invitations": ("on", "until"),
    "accreditations": ("from", "to"),
    "duties": ("on",),
    "terms": ("from",),
    "signed": ("from", "to"),
    "submitted": ("on",),
}
"""The columns that hold days."""
EXPECTED: dict[str, tuple[str, ...]] = {
    "claim.expect": ("patient", "date", "item", "code", "verdict", "reason", "clause", "fix", "price", "month", "also",
                     "consultation type", "clinician", "id"),
    "register_expect": ("patient", "entered", "ended", "end reason", "rule", "clause", "missing", "advice", "doubt",
                        "warnings"),
    "recall_expect": ("patient", "kind", "due", "last", "planned", "late", "band", "invitations", "note", "clause"),
    "explain_expect": ("patient", "date", "item", "standing", "verdict", "reason", "clause", "fix", "also", "amount"),
    "incidents_expect": ("kind", "on", "due"),
    "lapsing_expect": ("clinician", "kind", "ends", "status"),
    "duties_expect": ("duty", "status", "due", "confirmed", "clause"),
}  # fmt: skip
"""The columns that an expected table may have; the register also has the details of the service."""
_ASKS = ("claim", "register_expect", "register_refuses", "recall_expect", "explain_expect", "incidents_expect",
         "lapsing_expect", "duties_expect", "measures", "report")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One `[[test]]`: its number in the file, its title, and its tables and expectations by their key."""

    number: int
    title: str
    data: Data
    practice: Data = field(default_factory=dict)

    @property
    def rules(self) -> tuple[int, ...]:
        """The numbers of the rules that it tries."""
        return tuple(self.data.get("rules", ()))

    @property
    def period(self) -> str:
        """The period of its measures; empty when none is named."""
        claimed: str = self.data.get("claim", {}).get("month", "")
        found: str = self.data.get("period") or claimed or self.practice.get("period", "")
        return found

    def table(self, key: str) -> str:
        """One of its tables as text; empty when it has none."""
        found: str = self.data.get("claim", {}).get("expect", "") if key == "claim.expect" else self.data.get(key, "")
        return found


def read_tests(content: bytes, spec: ServiceSpec) -> tuple[tuple[Case, ...], tuple[str, ...]]:
    """The tests of a file and its faults, each with its place and a cure; there are no tests when there are faults."""
    try:
        data = toml_of(content)
    except ValueError as fault:
        return (), (str(fault),)
    shape = sorted(f"{path_of(error.absolute_path)}: {in_words(error)}" for error in _validator().iter_errors(data))
    if shape:
        return (), tuple(shape)
    practice = data.get("practice", {})
    cases = tuple(
        Case(number=number, title=one["title"], data=one, practice=practice)
        for number, one in enumerate(data["test"], start=1)
    )
    faults = tuple(fault for case in cases for fault in _faults(case, spec))
    titles = [case.title for case in cases]
    twice = tuple(f"test[{case.number}].title: another test has it too; give each its own" for case in cases
                  if titles.index(case.title) + 1 < case.number)  # fmt: skip
    return (() if faults or twice else cases), (*faults, *twice)


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    from lescli_schemas import load

    return Draft202012Validator(load("service-tests"), format_checker=Draft202012Validator.FORMAT_CHECKER)


def _faults(case: Case, spec: ServiceSpec) -> Iterator[str]:
    place = f"test[{case.number}]"
    if not any(key in case.data for key in _ASKS):
        yield f"{place}: nothing is expected; add one of {', '.join(_ASKS)}"
    if ("measures" in case.data or "report" in case.data) and not case.period:
        yield f'{place}: measures need a period; add `period = "2026-05"`'
    if not case.data.get("as_of") and not case.period and any(key in case.data for key in _ASKS):
        yield f'{place}: no day is asked on; add `as_of = "2026-06-05"`'
    for key, text in (("claim.month", case.data.get("claim", {}).get("month")), ("period", case.data.get("period"))):
        yield from _of_period(f"{place}.{key}", text)
    known = {field.name.replace("_", " ") for field in spec.register.details}
    entered = (*NO_DETAILS, *sorted(known))
    described = tuple(sorted({*WORDS, *(name.replace("_", " ") for name in COLUMNS)}))
    entries = (*_ENTRIES, *(name for name in described if name not in _ENTRIES))
    columns = {
        **_GIVEN,
        "patients": described,
        "activity": entries,
        "later": entries,
        "register": entered,
        "register_refuses": entered,
        **EXPECTED,
        "register_expect": (*EXPECTED["register_expect"], *(field.name for field in spec.register.details)),
    }
    for key, allowed in columns.items():
        if case.table(key):
            yield from _of_table(f"{place}.{key}", case.table(key), allowed, _NEEDED.get(key, ()))
    for name, text in case.data.get("report", {}).items():
        yield from _of_table(f"{place}.report.{name}", text, None, ())
    yield from _of_measures(place, case, spec)
    if not any(True for _ in _table_faults(case)):
        yield from _of_words(place, case, spec)


def _is_day(cell: str) -> bool:
    try:
        parse_date(cell)
    except ValueError:
        return False
    return True


def _of_period(place: str, text: str | None) -> Iterator[str]:
    try:
        if text:
            Period.parse(text)
    except ValueError as fault:
        yield f"{place}: {fault}"


def _table_faults(case: Case) -> Iterator[str]:
    for key in (*_GIVEN, "patients", "activity", "later", "register", "register_refuses", *EXPECTED):
        try:
            read_table(case.table(key))
        except ValueError as fault:
            yield str(fault)


def _of_table(place: str, text: str, allowed: tuple[str, ...] | None, needed: tuple[str, ...]) -> Iterator[str]:
    try:
        read_table(text)
    except ValueError as fault:
        yield f"{place}: {fault}; give each row as many cells as the first line"
        return
    names = header_of(text)
    for name in names if allowed is not None else ():
        if name not in (allowed or ()) and name.replace("_", " ") not in (allowed or ()):
            yield f"{place}: there is no column `{name}`; {_nearest(name, allowed or ())}"
    yield from (f"{place}: the column `{name}` is missing; add it" for name in needed if name not in names)


def _nearest(name: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"did you mean `{close[0]}`?" if close else f"write one of {', '.join(known)}"


def _of_measures(place: str, case: Case, spec: ServiceSpec) -> Iterator[str]:
    known = tuple(measure.id for measure in spec.measures)
    for name in case.data.get("measures", {}):
        if name not in known:
            yield f"{place}.measures: there is no measure `{name}`; {_nearest(name, known)}"


def _of_words(place: str, case: Case, spec: ServiceSpec) -> Iterator[str]:
    """Names in the cells that must be names of the service, so that a misspelt one is not taken for something else."""
    verdicts = tuple(sorted(verdict.value for verdict in Verdict))
    kinds = tuple(kind.kind for kind in spec.incidents)
    duties = tuple(duty.name for duty in spec.duties)
    named: tuple[tuple[str, str, tuple[str, ...]], ...] = (
        ("claim.expect", "verdict", verdicts),
        ("explain_expect", "verdict", verdicts),
        ("claim.expect", "item", tuple(item.name for item in spec.items)),
        ("explain_expect", "item", tuple(item.name for item in spec.items)),
        ("recall_expect", "kind", tuple(rule.name for rule in recall_rules(spec))),
        ("incidents", "kind", kinds),
        ("incidents_expect", "kind", kinds),
        ("duties", "duty", duties),
        ("duties_expect", "duty", duties),
    )
    for key, column, known in named:
        for row in read_table(case.table(key)):
            if column in row and row[column] not in known:
                yield f"{place}.{key}: there is no {column} `{row[column]}`; {_nearest(row[column], known)}"
    for key, days in _DAYS.items():
        for row in read_table(case.table(key)):
            wrong = [row[name] for name in days if row.get(name) and not _is_day(row[name])]
            yield from (f"{place}.{key}: `{cell}` is not a day; write one as 2026-05-04" for cell in wrong)
    lists = tuple(codelist.name for codelist in spec.codelists)
    for key in ("activity", "later", "planned"):
        for row in read_table(case.table(key)):
            cell = row.get("code", "")
            if cell and cell not in lists and not any(letter.isdigit() for letter in cell):
                yield f"{place}.{key}: there is no code list `{cell}`; {_nearest(cell, lists)}"
