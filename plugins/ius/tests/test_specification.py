"""The values of service.toml are those the document prints, and what it does not print is unset."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from lescli.specification import parse_specification

SPEC = parse_specification(
    (Path(__file__).parents[1] / "lescli_ius" / "service.toml").read_bytes(), where="ius/service.toml"
)


def test_period_on_the_front_page() -> None:
    assert [(span.start, span.end) for span in SPEC.periods] == [(date(2020, 4, 1), date(2021, 3, 31))]


def test_no_price_is_printed() -> None:
    # 4.3 Payment: "Please see Schedule 3 Part A for the Local Prices", which was not supplied.
    assert [item.name for item in SPEC.items] == ["fitting", "check", "removal"]
    assert [item.prices for item in SPEC.items] == [(), (), ()]
    assert [item.cap for item in SPEC.items] == [None, None, None]


def test_no_code_is_printed() -> None:
    # 3.2 names no code; two are suggested, none is known for the check.
    listed = {one.name: (one.status, sorted(map(str, one.all_codes()))) for one in SPEC.codelists}
    assert listed == {
        "fitting": ("suggested", ["snomed:65200003"]),
        "check": ("unset", []),
        "removal": ("suggested", ["snomed:68254000"]),
    }


def test_recalls() -> None:
    # 3.2: "A check of the device after fitting is suggested at six weeks. Routine annual reviews are not required".
    # 1.1: licensed for menorrhagia "for a period of 5 years and protection from endometrial hyperplasia ... 4 years".
    assert [(rule.name, rule.kind, rule.interval, rule.unit, rule.only_if) for rule in SPEC.recalls] == [
        ("check", "after", 6, "weeks", (("indication", "!contraception"),)),
        ("replacement-menorrhagia", "every", 0, "months", (("indication", "menorrhagia|menorrhagia+contraception"),)),
        ("replacement-endometrial-protection", "every", 0, "months", (("indication", "endometrial-protection"),)),
        # Ours: who has no indication recorded is called at the shorter of the two.
        ("replacement-indication-unknown", "every", 0, "months", (("indication", ""),)),
    ]
    day = SPEC.periods[0].start
    years = {rule.name: SPEC.setting(rule.interval_setting, day) for rule in SPEC.recalls if rule.interval_setting}
    assert years == {
        "replacement-menorrhagia": 5 * 12,
        "replacement-endometrial-protection": 4 * 12,
        "replacement-indication-unknown": 4 * 12,
    }


def test_within_4_weeks_is_28_days_and_no_advance_is_printed() -> None:
    # 4.3: "see patients within 4 weeks of a referral being received or appointment being requested"; "Initial payments
    # will be based on projected activity from 19/20 as agreed between the CCG and the Practice".
    day = SPEC.periods[0].start
    assert (SPEC.setting("seen_within_days", day), SPEC.setting("advances", day)) == (28, None)


def test_no_window_and_no_deadline_is_printed() -> None:
    # 4.3 Payment: monthly on the activity of the Monthly Data Submissions; no day is named.
    assert SPEC.window_months is None
    assert (SPEC.submission.day, SPEC.submission.working_day, SPEC.submission.addresses) == (None, None, ())


def test_no_reporting_clock_is_printed() -> None:
    # 4.3: "Numbers of significant events shall be reported quarterly": a count, without hours or working days.
    assert [(kind.kind, kind.hours, kind.working_days) for kind in SPEC.incidents] == [
        ("significant-event", None, None)
    ]


def test_what_the_register_must_hold() -> None:
    # 3.2: fitting clinician and device; 4.3 Activity and Audits: counselling, consent, type, batch, expiry, follow-up.
    assert [field.name for field in SPEC.register.details if field.required] == [
        "indication",
        "device_type",
        "batch_number",
        "device_expiry",
        "fitted_on",
        "fitted_by",
        "counselled_on",
        "consent",
        "follow_up_plan",
    ]


def test_only_a_fitting_needs_the_letter_of_competence() -> None:
    # 4.3 Clinical Qualifications.
    kinds = {item.name: [c.options["kind"] for c in item.checks if c.rule == "accreditation"] for item in SPEC.items}
    assert kinds == {"fitting": ["fsrh-loc"], "check": [], "removal": []}
