"""The values of service.toml are those the document prints, and what it does not print is unset."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from lescli.specification import parse_specification

SPEC = parse_specification(
    (Path(__file__).parents[1] / "lescli_pessary" / "service.toml").read_bytes(), where="pessary/service.toml"
)


def test_period_is_ours_and_open() -> None:
    # The slides of 15 January 2025 name no dates.
    assert [(span.start, span.end) for span in SPEC.periods] == [(date(2025, 4, 1), None)]
    assert "our decision" in SPEC.periods[0].source


def test_no_price_and_no_code_is_printed() -> None:
    assert [item.name for item in SPEC.items] == ["fitting", "change", "removal", "annual-review"]
    assert [item.prices for item in SPEC.items] == [(), (), (), ()]
    assert {one.status for one in SPEC.codelists} == {"unset"}
    assert [one.versions for one in SPEC.codelists] == [(), (), (), (), ()]


def test_four_changes_a_year() -> None:
    # Point 7: "up to 4 changes per year (as clinically appropriate)".
    assert {item.name: item.cap for item in SPEC.items if item.cap is not None} == {"change": 4}


def test_recalls() -> None:
    # Point 3: "follow up appointments at 4-6 weeks following a routine first fit"; point 5: "at intervals no longer
    # than 6 months"; point 8: "an annual review for patients who are self-managing pessaries".
    assert [(r.name, r.kind, r.interval, r.overdue_interval, r.unit, r.only_if) for r in SPEC.recalls] == [
        ("follow-up", "after", 4, 6, "weeks", ()),
        ("change", "every", 6, None, "months", (("self_managing", "!yes"),)),
        ("annual-review", "every", 12, None, "months", (("self_managing", "yes"),)),
    ]
    assert {(r.start_detail, r.until_detail) for r in SPEC.recalls} == {("fitted_on", "removed_on")}
    assert SPEC.recall("change").interval_detail == "interval_months"


def test_intervals_of_three_to_six_months() -> None:
    # Point 7: "regular 3-6 monthly assessments".
    field = SPEC.register.field("interval_months")
    assert field is not None and field.choices == ("3", "4", "5", "6")


def test_no_window_no_deadline_and_no_clock_is_printed() -> None:
    assert SPEC.window_months is None
    assert (SPEC.submission.day, SPEC.submission.working_day, SPEC.submission.addresses) == (None, None, ())
    assert SPEC.incidents == ()
