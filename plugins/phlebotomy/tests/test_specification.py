"""The values of service.toml are those the document prints, and what it does not print is unset."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from lescli.rules.claim_row import reason_of
from lescli.specification import parse_specification

SPEC = parse_specification(
    (Path(__file__).parents[1] / "lescli_phlebotomy" / "service.toml").read_bytes(), where="phlebotomy/service.toml"
)


def test_period_is_ours_and_open() -> None:
    # The slides of 15 January 2025 name no dates.
    assert [(span.start, span.end) for span in SPEC.periods] == [(date(2025, 4, 1), None)]
    assert "our decision" in SPEC.periods[0].source


def test_no_price_and_no_code_is_printed() -> None:
    assert [(item.name, item.kind, item.prices, item.cap) for item in SPEC.items] == [
        ("sample", "per-activity", (), None)
    ]
    listed = {one.name: (one.status, sorted(map(str, one.all_codes()))) for one in SPEC.codelists}
    assert listed == {"sample": ("suggested", ["snomed:22778000"]), "request": ("unset", [])}


def test_who_and_when() -> None:
    # Points 1 (Monday to Friday), 2 (aged 12 and over; not on a community nurse's caseload), 5 and 10 (children).
    checks = [(check.rule, dict(check.options)) for check in SPEC.item("sample").checks]
    assert checks == [
        ("age", {"from": "5", "reason": "under-5", "unless_setting": "takes_under_5"}),
        ("age", {"from": "12", "reason": "under-12", "unless_setting": "trained_for_children"}),
        ("working-days-only", {}),
    ]
    verdicts = {name: reason_of(SPEC, name).verdict for name in ("under-5", "under-12", "community-nurse-caseload")}
    assert verdicts == {"under-5": "check", "under-12": "check", "community-nurse-caseload": "refused"}


def test_the_caseload_is_compared_as_text() -> None:
    field = SPEC.register.field("community_nurse_caseload")
    assert field is not None and (field.type, field.choices) == ("choice", ("yes", "no"))


def test_days_for_each_urgency() -> None:
    # Points 6 to 8: within 2 weeks, within 2 days, when the patient presents.
    (rule,) = SPEC.recalls
    assert (rule.name, rule.kind, rule.unit) == ("open-request", "open-request", "days")
    assert rule.by_value == (("routine", 14), ("urgent", 2), ("very urgent", 0))
    assert (rule.codelists, rule.done_codelists) == (("request",), ("sample",))


def test_a_request_that_does_not_say_how_urgent_it_is_has_the_shortest_time() -> None:
    (rule,) = SPEC.recalls
    assert rule.interval == min(days for _, days in rule.by_value)


def test_no_window_no_deadline_and_no_clock_is_printed() -> None:
    assert SPEC.window_months is None
    assert (SPEC.submission.day, SPEC.submission.working_day, SPEC.submission.addresses) == (None, None, ())
    assert SPEC.incidents == ()


def test_our_decisions_are_settings() -> None:
    day = date(2025, 4, 1)
    assert {one.name: SPEC.setting(one.name, day) for one in SPEC.settings} == {
        "trained_for_children": False,
        "takes_under_5": False,
        "consultant_requests": ("consultant",),
        "accept_done_at": (),
        "accept_marked": (),
        "claims_from": None,
        "shared_with": (),
        "duty_months": 12,
        "practice_telephone": None,
        "sms_part_price": None,
        "export_headers": (),
    }
