"""The contract test can fail: each mutant of denosumab is caught, by the facade or by the contract."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

import lescli_denosumab
from lescli.api import (
    Claim,
    ClaimRow,
    Measure,
    Period,
    Recall,
    RecallList,
    Records,
    Register,
    RegisterEntry,
    Report,
    ServiceSpec,
    Verdict,
    hookimpl,
    standard_claim,
    standard_recall,
    standard_register,
    standard_report,
)
from lescli.errors import LesError, PluginError
from lescli.model import Dated, Price
from lescli.services import service_of
from lescli.testing import Surgery, nhs_number, problems_of

SPEC = lescli_denosumab.les_service()
Change = Callable[..., Any]


def plugin(spec: ServiceSpec = SPEC, **hooks: Change) -> SimpleNamespace:
    """Denosumab with some hooks replaced."""

    def les_service() -> ServiceSpec:
        return spec

    own = {
        "les_service": les_service,
        "les_register": lescli_denosumab.les_register,
        "les_claim": lescli_denosumab.les_claim,
    }
    return SimpleNamespace(**{name: hookimpl(hook) for name, hook in {**own, **hooks}.items()})


def claims(change: Callable[[Claim, Records, Period], Iterable[ClaimRow]]) -> SimpleNamespace:
    """Denosumab with changed rows in its claim."""

    def les_claim(spec: ServiceSpec, records: Records, register: Register, period: Period) -> Claim:
        claim = lescli_denosumab.les_claim(spec, records, register, period)
        return replace(claim, rows=tuple(change(claim, records, period)))

    return plugin(les_claim=les_claim)


def each_row(change: Callable[[ClaimRow], ClaimRow]) -> SimpleNamespace:
    return claims(lambda claim, records, period: map(change, claim.rows))


def paying(*reasons: str) -> SimpleNamespace:
    """A change that pays the rows refused for one reason."""

    def pay(row: ClaimRow) -> ClaimRow:
        if row.reason not in reasons:
            return row
        return replace(row, verdict=Verdict.PAYABLE, reason="accepted", unit_price_pence=2000)

    return each_row(pay)


def reports(change: Callable[[Measure], Iterable[Measure]]) -> SimpleNamespace:
    """Denosumab with changed measures."""

    def les_report(spec: ServiceSpec, records: Records, register: Register, claim: Claim, period: Period) -> Report:
        report = standard_report(spec, records, register, claim, period)
        return replace(report, measures=tuple(new for measure in report.measures for new in change(measure)))

    return plugin(les_report=les_report)


def recalls(change: Callable[[RecallList, Records], Iterable[Recall]]) -> SimpleNamespace:
    def les_recall(spec: ServiceSpec, records: Records, register: Register) -> RecallList:
        return RecallList(recalls=tuple(change(standard_recall(spec, records, register), records)))

    return plugin(les_recall=les_recall)


def registers(change: Callable[[RegisterEntry], Iterable[RegisterEntry]]) -> SimpleNamespace:
    def les_register(spec: ServiceSpec, records: Records) -> Register:
        register = standard_register(spec, records)
        return Register(entries=tuple(new for entry in register.entries for new in change(entry)))

    return plugin(les_register=les_register)


def without_price() -> ServiceSpec:
    nothing = Dated(start=SPEC.periods[0].start, value=Price(pence=0), source="mutant")
    return replace(SPEC, items=tuple(replace(item, prices=(nothing,)) for item in SPEC.items))


def raising(error: BaseException) -> SimpleNamespace:
    def les_claim(spec: ServiceSpec, records: Records, register: Register, period: Period) -> Claim:
        raise error

    return plugin(les_claim=les_claim)


def misspelt() -> SimpleNamespace:
    def les_clam(spec: ServiceSpec, records: Records, register: Register, period: Period) -> Claim:
        return standard_claim(spec, records, register, period)

    return plugin(les_clam=les_clam)


def with_another_parameter() -> SimpleNamespace:
    def les_claim(spec: ServiceSpec, record: Records) -> Claim:
        return Claim(rows=())

    return plugin(les_claim=les_claim)


def mutating() -> SimpleNamespace:
    def les_claim(spec: ServiceSpec, records: Records, register: Register, period: Period) -> Claim:
        object.__setattr__(spec, "notes", (*spec.notes, "changed"))
        return lescli_denosumab.les_claim(spec, records, register, period)

    # A copy, because the mutant changes the specification that it is given.
    return plugin(spec=replace(SPEC), les_claim=les_claim)


def changing_its_mind() -> SimpleNamespace:
    asked = []

    def les_claim(spec: ServiceSpec, records: Records, register: Register, period: Period) -> Claim:
        asked.append(period)
        return replace(lescli_denosumab.les_claim(spec, records, register, period), notes=(f"time {len(asked)}",))

    return plugin(les_claim=les_claim)


def without_window() -> SimpleNamespace:
    def les_claim(spec: ServiceSpec, records: Records, register: Register, period: Period) -> Claim:
        never = replace(spec, window_months=spec.window_months and 12)
        claim = lescli_denosumab.les_claim(never, records, register, period)
        first = lescli_denosumab.les_claim(spec, records, register, period)
        known = {row.evidence for row in first.rows}
        return replace(claim, rows=tuple(row for row in claim.rows if row.evidence in known))

    return plugin(les_claim=les_claim)


def with_cap_ignored() -> SimpleNamespace:
    capped = replace(SPEC, items=tuple(replace(item, cap=1, cap_clause="mutant") for item in SPEC.items))

    def les_claim(spec: ServiceSpec, records: Records, register: Register, period: Period) -> Claim:
        uncapped = replace(spec, items=tuple(replace(item, cap=None) for item in spec.items))
        return standard_claim(uncapped, records, register, period)

    return plugin(spec=capped, les_claim=les_claim)


def without_ledger() -> SimpleNamespace:
    def les_claim(spec: ServiceSpec, records: Records, register: Register, period: Period) -> Claim:
        claim = lescli_denosumab.les_claim(spec, records, register, period)
        return replace(
            claim,
            rows=tuple(
                replace(row, verdict=Verdict.PAYABLE, unit_price_pence=2000) if row.reason == "claimed" else row
                for row in claim.rows
            ),
        )

    return plugin(les_claim=les_claim)


def of_the_departed(recalled: RecallList, records: Records) -> Iterable[Recall]:
    first = recalled.recalls[:1]
    gone = [entry for entry in standard_register(SPEC, records).entries if entry.ended_on]
    return [*recalled.recalls, *(replace(one, nhs_number=entry.nhs_number) for one in first for entry in gone)]


def plus(number: int) -> SimpleNamespace:
    return reports(lambda m: [replace(m, numerator=m.numerator + number) if m.id == "injections" else m])


MUTANTS: dict[str, Callable[[], SimpleNamespace]] = {
    "a price of nothing": lambda: plugin(spec=without_price()),
    "a price of its own": lambda: each_row(lambda r: replace(r, unit_price_pence=r.unit_price_pence and 2500)),
    "no price on what is paid": lambda: each_row(lambda r: replace(r, unit_price_pence=None)),
    "first day of the month lost": lambda: claims(lambda c, _, p: [r for r in c.rows if r.day != p.start]),
    "last day of the month lost": lambda: claims(lambda c, _, p: [r for r in c.rows if r.day != p.end]),
    "earlier months lost": lambda: claims(lambda c, _, p: [r for r in c.rows if r.day in p]),
    "an activity dropped": lambda: claims(lambda c, _, p: c.rows[1:]),
    "what is not paid dropped": lambda: claims(lambda c, _, p: [r for r in c.rows if r.verdict is Verdict.PAYABLE]),
    "pays without a specification": lambda: paying("no-specification"),
    "pays after the window": lambda: paying("expired"),
    "a longer window": without_window,
    "pays the dead": lambda: paying("after-death"),
    "pays strangers": lambda: paying("not-registered"),
    "pays work done elsewhere": lambda: paying("done-elsewhere"),
    "pays a copy": lambda: paying("duplicate"),
    "pays nothing": lambda: each_row(
        lambda r: (
            replace(r, verdict=Verdict.CHECK, reason="mutant", unit_price_pence=None)
            if r.verdict is Verdict.PAYABLE
            else r
        )
    ),
    "pays a row twice": lambda: claims(lambda c, _, p: [*c.rows, *c.rows[-1:]]),
    "pays what was submitted": without_ledger,
    "ignores a cap": with_cap_ignored,
    "no evidence": lambda: each_row(lambda r: replace(r, evidence=())),
    "evidence made up": lambda: each_row(lambda r: replace(r, evidence=("activity:999999",))),
    "evidence of another": lambda: claims(
        lambda c, _, p: [
            replace(row, evidence=other.evidence) for row, other in zip(c.rows, c.rows[1:] + c.rows[:1], strict=True)
        ]
    ),
    "no clause": lambda: each_row(lambda r: replace(r, clause="")),
    "no reason": lambda: each_row(lambda r: replace(r, reason="")),
    "another patient": lambda: each_row(lambda r: replace(r, nhs_number=nhs_number(9999))),
    "an item nobody pays for": lambda: each_row(lambda r: replace(r, item="review")),
    "one more in the report": lambda: plus(1),
    "one less in the report": lambda: plus(-1),
    "a measure missing": lambda: reports(lambda m: [] if m.id == "on-time" else [m]),
    "a measure twice": lambda: reports(lambda m: [m, m]),
    "a share above its whole": lambda: reports(lambda m: [replace(m, denominator=m.numerator - 1)]),
    "a measure without a clause": lambda: reports(lambda m: [replace(m, clause="")]),
    "recalls those who left": lambda: recalls(of_the_departed),
    "recalls everyone twice": lambda: recalls(lambda listed, _: listed.recalls * 2),
    "a recall without a clause": lambda: recalls(lambda listed, _: [replace(r, clause="") for r in listed.recalls]),
    "keeps the departed on the register": lambda: registers(lambda e: [replace(e, ended_on=None, end_reason="")]),
    "a register entry without evidence": lambda: registers(lambda e: [replace(e, evidence=())]),
    "two entries for the same days": lambda: registers(lambda e: [e, e]),
    "a misspelt hook": misspelt,
    "a hook with another parameter": with_another_parameter,
    "a hook that raises": lambda: raising(RuntimeError("boom")),
    "a hook that leaves the program": lambda: raising(SystemExit(0)),
    "a hook that returns nothing of use": lambda: plugin(les_claim=lambda spec: ["payable"]),
    "rows that are no rows": lambda: plugin(les_claim=lambda spec: Claim(rows=("payable",))),  # type: ignore[arg-type]
    "changes the specification": mutating,
    "changes its mind": changing_its_mind,
}
SAYS = {
    "a price of nothing": "a row's price is not that of the terms",
    "a price of its own": "a row's price is not that of the terms",
    "no price on what is paid": "a row's price is not that of the terms",
    "first day of the month lost": "one to one",
    "last day of the month lost": "one to one",
    "earlier months lost": "one to one",
    "an activity dropped": "one to one",
    "what is not paid dropped": "one to one",
    "pays without a specification": "paid on a day without a specification",
    "pays after the window": "paid after its claim window",
    "a longer window": "paid after its claim window",
    "pays the dead": "paid although: died",
    "pays strangers": "paid although: left",
    "pays work done elsewhere": "paid although: done elsewhere",
    "pays a copy": "the same patient, item and day is paid twice",
    "pays nothing": "injection is never paid: check mutant",
    "pays a row twice": "paid twice",
    "pays what was submitted": "already claimed is paid again",
    "ignores a cap": "than the cap",
    "no evidence": "a row has no evidence",
    "evidence made up": "one to one",
    "evidence of another": "not that of its evidence",
    "no clause": "names no clause",
    "no reason": "a row has no reason",
    "another patient": "not that of its evidence",
    "an item nobody pays for": "an item that is not in the specification",
    "one more in the report": "the measure injections is not the number",
    "one less in the report": "the measure injections is not the number",
    "a measure missing": "the measure on-time must be there exactly once",
    "a measure twice": "must be there exactly once",
    "a share above its whole": "counts more than there is",
    "a measure without a clause": "names no clause",
    "recalls those who left": "a recall is of someone who died",
    "recalls everyone twice": "recalled twice for the same thing",
    "a recall without a clause": "names no clause",
    "keeps the departed on the register": "someone who died or left is still on the register",
    "a register entry without evidence": "an entry has no evidence",
    "two entries for the same days": "two entries of a patient overlap",
    "a misspelt hook": "les_clam",
    "a hook with another parameter": "record",
    "a hook that raises": "its plugin failed in les_claim (RuntimeError",
    "a hook that leaves the program": "its plugin failed in les_claim (SystemExit",
    "a hook that returns nothing of use": "les_claim returned list, not Claim",
    "rows that are no rows": "denosumab: ",
    "changes the specification": "a hook changed the specification",
    "changes its mind": "the same question asked twice has two answers",
}
"""Words of the message about each mutant, so that it is caught for its own fault and not by accident."""


def caught(make: Callable[[], SimpleNamespace]) -> list[str]:
    try:
        return problems_of(service_of(make(), origin="mutant"))
    except PluginError as fault:
        return [str(fault)]


def test_denosumab_itself_is_not_caught() -> None:
    assert caught(plugin) == []


@pytest.mark.parametrize("name", MUTANTS)
def test_the_mutant_is_caught(name: str) -> None:
    found = caught(MUTANTS[name])
    assert any(SAYS[name] in problem for problem in found), found


def test_every_mutant_has_the_words_it_is_caught_for() -> None:
    assert list(SAYS) == list(MUTANTS)


@pytest.mark.parametrize(
    ("mutant", "words"),
    [("rows that are no rows", "les_claim"), ("two entries for the same days", "overlap")],
)
def test_the_facade_reports_the_fault_before_anything_is_written(mutant: str, words: str) -> None:
    surgery = Surgery(service_of(MUTANTS[mutant](), origin="mutant"), activity="patient | date\n Ann | 2026-05-04")
    with pytest.raises(PluginError, match=words):
        surgery.claim("2026-05")


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("no idea what to do with 9990000018"),
        KeyError("9990000018"),
        LesError("the patient 9990000018 is not there", "ask Ann"),
        PluginError("the patient 9990000018 is not there"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_identifier_in_an_exception_reaches_anyone(error: Exception) -> None:
    service = service_of(raising(error), origin="mutant")
    with pytest.raises(PluginError) as shown:
        Surgery(service, activity="patient | date\n Ann | 2026-05-04").claim("2026-05")
    assert "9990000018" not in str(shown.value)
    assert "denosumab: its plugin failed in les_claim" in str(shown.value)
    # It is not in the chain that a traceback prints either.
    assert shown.value.__suppress_context__ or shown.value.__context__ is None


def test_no_identifier_in_an_exception_while_loading_reaches_anyone() -> None:
    def les_service() -> ServiceSpec:
        raise RuntimeError("9990000018")

    with pytest.raises(PluginError) as shown:
        service_of(SimpleNamespace(les_service=hookimpl(les_service)), origin="mutant")
    assert "9990000018" not in str(shown.value)


@pytest.mark.parametrize("hook", ["les_register", "les_recall", "les_claim", "les_report"])
def test_a_hook_that_returns_nothing_is_a_fault_of_the_plugin(hook: str) -> None:
    def forgot() -> None:
        """No return: the standard answer must not stand in for it."""

    surgery = Surgery(
        service_of(plugin(**{hook: forgot}), origin="mutant"), activity="patient | date\n Ann | 2026-05-04"
    )
    with pytest.raises(PluginError, match=f"denosumab: {hook} returned nothing"):
        surgery.recall("2026-05-31") if hook == "les_recall" else surgery.report("2026-05")


def test_the_standard_answers_the_hooks_that_a_plugin_leaves_out() -> None:
    bare = SimpleNamespace(les_service=hookimpl(lambda: SPEC))
    surgery = Surgery(service_of(bare, origin="mutant"), activity="patient | date\n Ann | 2026-05-04")
    assert [row.verdict.value for row in surgery.claim("2026-05").rows] == ["payable"]
    assert len(surgery.recall("2026-05-31").recalls) == len(surgery.register("2026-05-31").entries) == 1
    assert surgery.report("2026-05").measures


def test_a_hook_that_wraps_others_does_not_replace_the_standard_answer() -> None:
    def les_claim(spec: ServiceSpec) -> Generator[None, Claim, Claim]:
        claim = yield
        return replace(claim, notes=(*claim.notes, "seen"))

    around = plugin()
    del around.les_claim
    around.les_claim = hookimpl(wrapper=True)(les_claim)
    claim = Surgery(service_of(around, origin="mutant"), activity="patient | date\n Ann | 2026-05-04").claim("2026-05")
    assert ([row.verdict.value for row in claim.rows], claim.notes[-1]) == (["payable"], "seen")
