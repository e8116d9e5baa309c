"""Every rule asked of every claim, as an answer, and the queries to send back to each practice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...model import ServiceSpec
from ...outputs import Answer, Column, Grid, Kind, counted, masked, pounds
from ..members import Members
from .amounts import AMOUNTS
from .between import BETWEEN
from .digests import DIGESTS
from .figures import FIGURES
from .sent import ERROR, Finding, Rule, Sent, SentClaim
from .terms import TERMS, item_of

RULES: tuple[Rule, ...] = (*FIGURES, *TERMS, *BETWEEN, *DIGESTS, *AMOUNTS)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedClaim:
    """A claim and what was found."""

    claim: SentClaim
    findings: tuple[Finding, ...]


def check_claims(
    claims: Sequence[SentClaim], specs: Mapping[str, ServiceSpec], members: Members | None
) -> tuple[CheckedClaim, ...]:
    """What every rule finds in each claim, in the order of the claims."""
    sent = Sent(claims=tuple(claims), specs=specs, members=members)
    return tuple(CheckedClaim(claim=one, findings=tuple(_found(one, sent))) for one in sent.claims)


def _found(claim: SentClaim, sent: Sent) -> Iterator[Finding]:
    if claim.fault:
        yield Finding(severity=ERROR, rule=SCHEMA, text=masked(claim.fault))
        return
    for rule in RULES:
        for text in rule.find(claim, sent):
            # A file may name anything, and what is found is sent on.
            yield Finding(severity=rule.severity, rule=rule.name, text=masked(text))


def check_answer(checked: Sequence[CheckedClaim], specs: Mapping[str, ServiceSpec], members: Members | None) -> Answer:
    """The findings in the shape of docs/reference/json.md."""
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
                    {"severity": found.severity, "rule": found.rule, "text": found.text} for found in one.findings
                ],
            }
            for one in checked
        ],
    }
    rows = tuple(row for one in checked for row in _rows(one))
    errors = sum(found.severity == ERROR for one in checked for found in one.findings)
    clean = sum(not one.findings for one in checked)
    queries = len(rows) - errors
    said = (
        f"{counted(len(checked), 'claim')} checked: {clean:,} without a finding, {counted(errors, 'error')}, "
        f"{counted(queries, 'query', 'queries')}"
    )
    return Answer(
        data=data,
        title=said,
        grids=(Grid(title=said, columns=_FINDINGS, rows=rows, empty="nothing was found"),),
        notes=tuple(_notes([one.claim for one in checked], specs, members)),
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
    yield f"{counted(len(once), 'claim', 'claims')} that could be read: {pounds(sum(once.values()))}"
    unpriced: defaultdict[str, set[str]] = defaultdict(set)
    for one in whole:
        for line in one.lines:
            item = item_of(specs.get(one.service), line["item"])
            if item is not None and (not item.prices or any(price.value.pence is None for price in item.prices)):
                unpriced[one.service].add(item.name)
    for service, items in sorted(unpriced.items()):
        yield f"{service}: the prices of {', '.join(sorted(items))} are in no terms here, so they were not checked"
    if members is None:
        yield "without --members, list sizes and practices that sent nothing were not checked"
        return
    there = {one.ods_code for one in claims}
    days = [one.period for one in whole]
    wanted = [
        code
        for code in members.practices
        if code not in there and any(members.on(code, day.last) is not None for day in days)
    ]
    if wanted:
        yield f"{counted(len(wanted), 'practice')} of MEMBERS sent no claim: {', '.join(wanted)}"
    held = ((one.ods_code, members.on(one.ods_code, one.period.last)) for one in whole)
    unsized = sorted({code for code, member in held if member is not None and not member.list_size})
    if unsized:
        yield f"{counted(len(unsized), 'practice')} without a list size, so not compared: {', '.join(unsized)}"
