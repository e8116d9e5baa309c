"""Every rule asked of every claim, as an answer, and the queries to send back to each practice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...model import ServiceSpec
from ...outputs import Answer, Column, Grid, Kind, counted, masked, pounds
from ..members import Member, Members
from .amounts import AMOUNTS
from .between import BETWEEN
from .chain import CHAIN
from .days import DAYS
from .digests import DIGESTS
from .figures import FIGURES
from .register import REGISTER
from .sent import ERROR, Finding, Rule, Sent, SentClaim
from .terms import TERMS, item_of

RULES: tuple[Rule, ...] = (*FIGURES, *TERMS, *BETWEEN, *CHAIN, *DIGESTS, *DAYS, *REGISTER, *AMOUNTS)
"""Every rule in the order in which its findings are said."""
SCHEMA = "schema"
"""The rule of a file that is no claim. Nothing else of it is checked."""

_FINDINGS = (
    Column("file", "File"),
    Column("ods_code", "ODS code", Kind.CODE),
    Column("service", "Service"),
    Column("month", "Month", Kind.CODE),
    Column("total_pence", "Total", Kind.PENCE),
    Column("severity", "Kind"),
    Column("rule", "Rule"),
    Column("text", "What to ask"),
)
_SILENT = (
    Column("ods_code", "ODS code", Kind.CODE),
    Column("name", "Practice"),
    Column("network_code", "Network", Kind.CODE),
    Column("network_name", "Name of the network"),
)
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedClaim:
    """A claim and what was found."""

    claim: SentClaim
    findings: tuple[Finding, ...]


def check_claims(
    claims: Sequence[SentClaim], specs: Mapping[str, ServiceSpec], members: Members | None
) -> tuple[CheckedClaim, ...]:
    """What every rule finds in each claim, in the order of the claims."""
    dated = (one.in_years_from(specs[one.service].year_starts) if one.service in specs else one for one in claims)
    sent = Sent(claims=tuple(dated), specs=specs, members=members)
    return tuple(CheckedClaim(claim=one, findings=tuple(_found(one, sent))) for one in sent.claims)


def _found(claim: SentClaim, sent: Sent) -> Iterator[Finding]:
    if claim.fault:
        yield Finding(severity=ERROR, rule=SCHEMA, text=masked(claim.fault))
        return
    for rule in RULES:
        for text in rule.find(claim, sent):
            # A file may name anything, and what is found is sent on.
            yield Finding(severity=rule.severity, rule=rule.name, text=masked(text))


def needs_person(checked: Sequence[CheckedClaim], specs: Mapping[str, ServiceSpec]) -> bool:
    """Whether somebody must look: something was found, or the practices have other terms than these."""
    return any(one.findings for one in checked) or any(_other_terms([one.claim for one in checked], specs))


def _other_terms(claims: Sequence[SentClaim], specs: Mapping[str, ServiceSpec]) -> Iterator[str]:
    sent = Sent(claims=tuple(claims), specs=specs)
    for service, (edition, count) in sorted(sent.usual_editions.items()):
        if service in specs and specs[service].sha256 != edition:
            yield (
                f"{service}: {counted(count, 'claim')} {'was' if count == 1 else 'were'} made under one edition of the "
                "terms, and yours is another; they were checked against yours: find out which one is agreed"
            )


def check_answer(checked: Sequence[CheckedClaim], specs: Mapping[str, ServiceSpec], members: Members | None) -> Answer:
    """The findings in the shape of docs/reference/json.md."""
    found = [one.claim for one in checked]
    data = {
        "schema": "les-group-check/1",
        "claims": [
            {
                "file": one.claim.file,
                "ods_code": one.claim.ods_code or None,
                "service": masked(one.claim.service) or None,
                "month": one.claim.month_named,
                "total_pence": one.claim.total_pence,
                "findings": [
                    {"severity": each.severity, "rule": each.rule, "text": each.text} for each in one.findings
                ],
            }
            for one in checked
        ],
    }
    rows = tuple(row for one in checked for row in _rows(one))
    errors = sum(each.severity == ERROR for one in checked for each in one.findings)
    clean = sum(not one.findings for one in checked)
    queries = len(rows) - errors
    said = (
        f"{counted(len(checked), 'claim')} checked: {clean:,} without a finding, {counted(errors, 'error')}, "
        f"{counted(queries, 'query', 'queries')}"
    )
    silent = tuple((one.ods_code, one.name, one.network_code, one.network_name) for one in _silent(found, members))
    return Answer(
        data=data,
        title=said,
        grids=(
            Grid(title="Findings", columns=_FINDINGS, rows=rows, empty="nothing was found"),
            *((Grid(title="Practices that sent no claim", columns=_SILENT, rows=silent),) if silent else ()),
        ),
        notes=tuple(_notes(found, specs, members)),
    )


def _rows(one: CheckedClaim) -> Iterator[tuple[object, ...]]:
    claim = one.claim
    head = (claim.file, claim.ods_code, masked(claim.service), masked(claim.month), claim.total_pence)
    for found in one.findings:
        yield (*head, found.severity, found.rule, found.text)


def _notes(claims: Sequence[SentClaim], specs: Mapping[str, ServiceSpec], members: Members | None) -> Iterator[str]:
    """What could not be checked, and who sent nothing."""
    whole = [one for one in claims if not one.fault]
    # A month that was sent twice is one claim.
    once = {(one.ods_code, one.service, one.month): one.total_pence or 0 for one in reversed(whole)}
    yield f"read: {counted(len(once), 'claim')} for {pounds(sum(once.values()))}"
    yield from _other_terms(claims, specs)
    unpriced: defaultdict[str, set[str]] = defaultdict(set)
    for one in whole:
        for line in one.lines:
            item = item_of(specs.get(one.service), line["item"])
            if item is not None and (not item.prices or any(price.value.pence is None for price in item.prices)):
                unpriced[one.service].add(item.name)
    for service, items in sorted(unpriced.items()):
        yield f"{service}: the prices of {', '.join(sorted(items))} are in no terms here, so they were not checked"
    yield from _not_seen(whole)
    if members is None:
        yield "without --members, list sizes and practices that sent nothing were not checked"
        return
    if silent := _silent(claims, members):
        yield f"{counted(len(silent), 'practice')} of MEMBERS sent no claim: {_named(one.ods_code for one in silent)}"
    held = ((one.ods_code, members.on(one.ods_code, one.period.last)) for one in whole)
    unsized = sorted({code for code, member in held if member is not None and not member.list_size})
    if unsized:
        yield f"{counted(len(unsized), 'practice')} without a list size, so not compared: {_named(unsized)}"


def _not_seen(whole: Sequence[SentClaim]) -> Iterator[str]:
    """What claims lack that a rule needs."""
    if undated := sum(one.days is None for one in whole):
        yield (
            f"{counted(undated, 'claim')} without days, so closed days and the register were not checked; ask for "
            "`les claim --days`"
        )
    if loose := sum(bool(one.chain_head) and not one.chain_before for one in whole):
        yield f"{counted(loose, 'claim')} of an earlier version of les, so the chain before was not checked"


def _named(codes: Iterable[str]) -> str:
    """The first few; a sheet has them all."""
    every = list(codes)
    more = f" and {len(every) - _MOST_NAMED:,} more" if len(every) > _MOST_NAMED else ""
    return f"{', '.join(every[:_MOST_NAMED])}{more}"


def _silent(claims: Sequence[SentClaim], members: Members | None) -> list[Member]:
    """The practices of MEMBERS that sent nothing for any time in which others did."""
    there = {one.ods_code for one in claims}
    days = sorted({one.period.last for one in claims if not one.fault})
    found = []
    for code in members.practices if members and days else ():
        lines = members.of(code) if members and code not in there else ()
        if line := next((one for one in lines for day in days if one.covers(day)), None):
            found.append(line)
    return found
