"""One patient's answers as a computation: every rule asked, each term it read, and the entries it rested on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ...calendar import for_people
from ...errors import LesError
from ...model import ClaimRow, Recall, Records, RegisterEntry
from ...outputs import Column, Grid, pounds
from ...rules.unclaimed import whole_period
from ...services import Package, Service
from ...services.trace import Recorder, RuleAsked, TermRead
from ...store import Store
from ...store.records.records import StoreRecords
from ..values import LEFT_OUT, as_cells

_HOOKS = ("les_register", "les_recall", "les_claim")
_LARGEST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleShown:
    """A rule that was asked for the answer of a hook, with what it read; the fields of docs/reference/json.md."""

    hook: str
    rule: str
    about: str
    terms: tuple[TermRead, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedAnswer:
    """What the rules came to: a register entry, a recall or the verdict on an activity."""

    hook: str
    what: str
    answer: str
    clause: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """How one patient's answers came about. `sha256` is the digest of the service's specification."""

    engine: str
    sha256: str
    plugin: Package | None = field(default=None, metadata=LEFT_OUT)
    rules: tuple[RuleShown, ...]
    answers: tuple[TracedAnswer, ...]


def trace_of(store: Store, service: Service, nhs_number: str, as_of: date) -> Trace:
    """Ask the rules about one patient alone, and note everything that they read."""
    recorder = Recorder()
    spec = recorder.spec(service.spec)
    asked = service.with_spec(spec)
    records = StoreRecords(store, spec, as_of, only={nhs_number})
    with recorder.asking("les_register"):
        register = asked.register(records)
    with recorder.asking("les_recall"):
        recalls = asked.recall(records, register)
    with recorder.asking("les_claim"):
        claim = asked.claim(records, register, whole_period(service.spec, records))
    return Trace(
        engine=version("lescli"),
        sha256=service.spec.sha256,
        plugin=service.package,
        rules=tuple(map(_shown, recorder.rules())),
        answers=(
            *(_of_entry(one) for one in register.of(nhs_number)),
            *(_of_recall(records, one) for one in recalls.recalls if one.nhs_number == nhs_number),
            *(_of_row(one) for one in claim.rows if one.nhs_number == nhs_number),
        ),
    )


def _shown(one: RuleAsked) -> RuleShown:
    return RuleShown(
        hook=one.hook, rule=one.rule, about=one.about, terms=tuple(one.terms), evidence=tuple(one.evidence)
    )


def _of_entry(entry: RegisterEntry) -> TracedAnswer:
    until = f" until {for_people(entry.ended_on)}" if entry.ended_on else ""
    return TracedAnswer(
        hook="les_register",
        what="on the register",
        answer=f"since {for_people(entry.entered_on)}{until}, by the rule {entry.rule}",
        clause=entry.clause,
        evidence=entry.evidence,
    )


def _of_recall(records: Records, recall: Recall) -> TracedAnswer:
    late = recall.days_overdue(records.as_of)
    return TracedAnswer(
        hook="les_recall",
        what=f"recall {recall.kind}",
        answer=f"due {for_people(recall.due_on)}" + (f", {late} days overdue" if late > 0 else ""),
        clause=recall.clause,
        evidence=recall.evidence,
    )


def _of_row(row: ClaimRow) -> TracedAnswer:
    price = f", {pounds(row.unit_price_pence)}" if row.unit_price_pence is not None else ""
    return TracedAnswer(
        hook="les_claim",
        what=f"{row.item} of {for_people(row.day)}",
        answer=f"{row.verdict.value}, {row.reason}{price}",
        clause=row.clause,
        evidence=row.evidence,
    )


def tree_of(trace: Trace) -> Grid:
    """The trace as a tree, one line for each rule, term and answer."""
    lines = [
        f"les {trace.engine}, specification {trace.sha256}",
        *([f"plugin {trace.plugin}, files {trace.plugin.sha256}"] if trace.plugin else []),
    ]
    for hook in _HOOKS:
        lines.append(hook)
        for rule in (one for one in trace.rules if one.hook == hook):
            lines.append(f"|-- {rule.rule}: {rule.about}" if rule.about else f"|-- {rule.rule}")
            lines += [f"|   |-- {_of_term(term)}" for term in rule.terms]
            if rule.evidence:
                lines.append(f"|   |-- looked at {', '.join(rule.evidence)}")
        for answer in (one for one in trace.answers if one.hook == hook):
            rests = f" <- {', '.join(answer.evidence)}" if answer.evidence else ""
            lines.append(f"`-- {answer.what}: {answer.answer} ({answer.clause}){rests}")
    return Grid(title="How the rules came to it", columns=(Column("trace", "Trace"),), rows=tuple((x,) for x in lines))


def _of_term(term: TermRead) -> str:
    since = f", from {for_people(term.from_)}" if term.from_ else ""
    return f"{term.term} = {term.value}{since} ({'set by the practice: ' if term.local else ''}{term.clause})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that differs between two traces; empty where one of them has nothing."""

    what: str
    then: str
    now: str


DIFFERENCES = (Column("what", "What differs"), Column("then", "In the file"), Column("now", "Now"))


def differences_grid(found: tuple[Difference, ...]) -> Grid:
    """The differences as a table."""
    return Grid(
        title="Against the file", columns=DIFFERENCES, rows=as_cells(found, DIFFERENCES), empty="nothing differs"
    )


def earlier_trace(path: Path, service: str) -> dict[str, Any]:
    """The trace in a file that `les explain ... --json` wrote. LesError when it is no such file."""
    cure = f"write one with `les explain {service} --patient NHS --out FILE.json`"
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise LesError("--against: the file is too large", cure)
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise LesError(f"--against: the file cannot be read: {fault.strerror}", cure) from None
    except (ValueError, RecursionError):
        raise LesError("--against: the file is not JSON", cure) from None
    if not isinstance(data, dict) or data.get("schema") != "les-explain/1" or "trace" not in data:
        raise LesError("--against: the file has no trace of les explain", cure)
    if data.get("service") != service:
        raise LesError(f"--against: the file is about another service than {service}", cure)
    _check_shape(data, cure)
    return data


def _check_shape(data: dict[str, Any], cure: str) -> None:
    from jsonschema import Draft202012Validator

    from lescli_schemas import load

    if not Draft202012Validator(load("explain")).is_valid(data):
        raise LesError("--against: the file is not as les explain writes it", cure)


def differences(then: dict[str, Any], now: dict[str, Any]) -> tuple[Difference, ...]:
    """What differs between two answers of `les explain`: the day, the engine, the service, terms and answers."""
    before, after = dict(_facts(then)), dict(_facts(now))
    keys = list(dict.fromkeys((*before, *after)))
    return tuple(
        Difference(what=key, then=before.get(key, ""), now=after.get(key, ""))
        for key in keys
        if before.get(key) != after.get(key)
    )


def _facts(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    trace = data["trace"]
    yield "the day asked on", data["as_of"]
    yield "the version of les", trace["engine"]
    yield "the digest of the specification", trace["sha256"]
    plugin = trace.get("plugin")
    if plugin:
        yield "the plugin", f"{plugin['name']} {plugin['version']}, {plugin['sha256']}"
    for rule in trace["rules"]:
        grouped: dict[str, list[str]] = {}
        for term in rule["terms"]:
            since = f" from {term['from']}" if term["from"] else ""
            grouped.setdefault(term["term"], []).append(f"{term['value']}{since} ({term['clause']})")
        for term, values in grouped.items():
            yield f"{rule['hook']} {rule['rule']}: {term}", "; ".join(values)
        if not grouped:
            yield f"{rule['hook']} {rule['rule']}", "asked"
    for answer in trace["answers"]:
        yield (
            f"{answer['hook']} {answer['what']}",
            f"{answer['answer']} ({answer['clause']}) {' '.join(answer['evidence'])}".strip(),
        )
