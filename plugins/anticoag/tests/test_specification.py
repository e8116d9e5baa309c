"""The values of service.toml are those the document prints, and what it does not print is unset."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from lescli.specification import parse_specification

SPEC = parse_specification(
    (Path(__file__).parents[1] / "lescli_anticoag" / "service.toml").read_bytes(), where="anticoag/service.toml"
)


def test_period_on_the_front_page() -> None:
    assert [(span.start, span.end) for span in SPEC.periods] == [(date(2020, 4, 1), date(2021, 3, 31))]


def test_prices_of_schedule_3_a() -> None:
    printed = {item.name: (item.kind, item.price_on(date(2020, 4, 1)).value.pence) for item in SPEC.items}
    assert printed == {
        "level-3": ("per-patient-month", 1325),  # £13.25 per active patient per month
        "level-4": ("per-patient-month", 1775),  # £17.75 per active patient per month
        "initiation": ("once-per-patient", 5000),  # £50.00, one off
        "home-visit": ("per-activity", 600),  # £6.00 per visit
    }
    assert [item.price_on(date(2020, 3, 31)) for item in SPEC.items] == [None, None, None, None]


def test_twelve_home_visits_a_patient_a_year() -> None:
    # Schedule 2 C and Schedule 3 A.
    assert {item.name: item.cap for item in SPEC.items} == {
        "level-3": None,
        "level-4": None,
        "initiation": None,
        "home-visit": 12,
    }


def test_codes_of_3_2_b() -> None:
    listed = {one.name: (one.status, sorted(map(str, one.all_codes()))) for one in SPEC.codelists}
    assert listed == {
        "monitoring": ("specified", ["ctv3:XaMh8", "read2:66QD"]),
        "home-visit": ("specified", ["ctv3:XaQyK", "read2:9K27"]),
        "self-monitoring": ("specified", ["ctv3:XaNbr", "read2:66QE"]),
        # Not in the document.
        "inr": ("suggested", ["read2:42QE", "snomed:165581004"]),
    }


def test_an_inr_alone_puts_nobody_on_the_register() -> None:
    assert SPEC.register.find_by == ("monitoring", "self-monitoring", "home-visit")


def test_what_the_register_must_hold() -> None:
    # 3.2 b: clinical reason, target INR, duration; Schedule 6 C counts the register by level.
    required = [field.name for field in SPEC.register.details if field.required]
    assert required == ["indication", "level", "target_inr", "planned_duration"]


def test_recalls() -> None:
    # 3.2 a: intervals are left to the operating procedure (84 days is ours), reviews "at least annually";
    # 3.2 d: own meters are checked "on at least an annual basis".
    assert (SPEC.recall("inr").next_detail, SPEC.recall("inr").interval_setting) == (
        "next_test_on",
        "inr_interval_days",
    )
    assert [(r.name, r.kind, r.interval, r.unit, r.start_detail, r.only_if) for r in SPEC.recalls] == [
        ("inr", "every", 0, "days", "", ()),
        ("annual-review", "every", 12, "months", "review_on", ()),
        ("meter-check", "every", 12, "months", "meter_checked_on", (("self_monitoring", "yes"),)),
    ]


def test_reported_by_the_fifteenth_working_day() -> None:
    # Schedule 6 C.
    assert (SPEC.submission.day, SPEC.submission.working_day) == (None, 15)
    assert SPEC.submission.addresses == ()
    assert SPEC.window_months is None


def test_significant_events_within_five_working_days() -> None:
    # Schedule 4 C; bleeding and deaths are named in 3.2 b.
    assert [(one.kind, one.hours, one.working_days) for one in SPEC.incidents] == [
        ("bleeding", None, 5),
        ("death", None, 5),
        ("not-managed", None, 5),
    ]


def test_poor_control_of_3_2_a() -> None:
    # 2 INRs >5, 1 INR >8, 2 INRs <1.5 in the last 6 months; time in therapeutic range <65 %, with no period.
    assert [row[1:] for row in SPEC.table("poor_control").rows] == [
        ("5", "2", "6"),
        ("8", "1", "6"),
        ("1.5", "2", "6"),
        ("65", "", ""),
    ]


def test_our_decisions_are_settings() -> None:
    day = date(2020, 4, 1)
    assert {one.name: SPEC.setting(one.name, day) for one in SPEC.settings} == {
        "active_month": "any-day",
        "monitored_days": 84,
        "self_monitoring_level": "3",
        "inr_interval_days": 84,
        "af_indications": ("atrial fibrillation", "atrial fib", "AF", "A F", "PAF", "NVAF"),
        "not_af_indications": (
            "no AF",
            "not AF",
            "non AF",
            "without AF",
            "no atrial fibrillation",
            "not atrial fibrillation",
            "without atrial fibrillation",
        ),
        "range_half_width": "0.5",
        "inr_lowest": "0.5",
        "inr_highest": "15",
        "interruption_days_after": 7,
        "ttr_months": 6,
        "ttr_first_days": 42,
        "ttr_longest_gap_days": 56,
        "accept_done_at": (),
        "accept_registered_at": (),
        "accept_registered_nowhere": False,
        "accept_marked": (),
        "claims_from": None,
        "shared_with": (),
        "duty_months": 12,
        "practice_telephone": None,
        "sms_part_price": None,
        "export_headers": (),
    }
    # 3.2 d has the level of those with a meter of their own; all else is ours.
    assert [one.name for one in SPEC.settings if one.decided != "ours"] == ["self_monitoring_level"]
