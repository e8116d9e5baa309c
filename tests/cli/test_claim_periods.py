"""A service that is claimed by the quarter or the year: what to type, what is due when, and what the ledger keeps."""

from __future__ import annotations

import pytest

from tests.cli.conftest import ANN, BEN, CAT, HEADER

TOML = """
[service]
name = "{name}"
title = "Invented service for tests"
commissioner = "Test ICB"
document = "Invented"
[[period]]
start = "2024-10-01"
end = "2028-03-31"
clause = "1"
[codelists.work]
title = "Work"
status = "specified"
snomed = ["73211009"]
clause = "1"
[register]
rule = "coded"
clause = "2"
find_by = ["work"]
[claim]
every = "{every}"
year_starts = "{starts}"
window_months = 3
clause = "3"
[submission]
by = "email"
clause = "4"
{due}
[[item]]
name = "work"
title = "Work"
kind = "per-activity"
clause = "5"
unit = "entry"
codelists = ["work"]
[[item.price]]
amount = "10.00"
from = "2024-10-01"
clause = "5"
"""
ROWS = (
    f"{ANN},Sentinelle,Philippa,1948-03-02,female,2010-01-05,2026-03-31,73211009,Work,Face to face,B Carr,q0",
    f"{ANN},Sentinelle,Philippa,1948-03-02,female,2010-01-05,2026-04-01,73211009,Work,Face to face,B Carr,q1",
    f"{BEN},Older,Ben,1940-07-09,male,2011-02-06,2026-05-15,73211009,Work,Face to face,B Carr,q2",
    f"{CAT},Third,Cat,1951-11-30,female,2012-03-07,2026-06-30,73211009,Work,Face to face,B Carr,q3",
    f"{CAT},Third,Cat,1951-11-30,female,2012-03-07,2026-07-01,73211009,Work,Face to face,B Carr,q4",
)
SUBMIT = ("--submit", "--by", "A. Admin")


@pytest.fixture
def signed(les_here, store, tmp_path, activity_file):
    """A practice that holds a service of that name, claimed by that period, besides a monthly one."""
    assert les_here("import", activity_file(*ROWS, name="work.csv", header=HEADER), store=store).code == 0

    def sign(name: str = "quarterly", every: str = "quarter", starts: str = "04", due: str = "days = 30", **dates):
        folder = tmp_path / name
        folder.mkdir()
        text = TOML.format(name=name, every=every, starts=starts, due=due)
        (folder / "service.toml").write_text(text, encoding="utf-8")
        assert les_here("services", "add", folder, store=store).code == 0
        since = dates.get("since", "2024-10-01")
        assert les_here("services", "sign", name, "--from", since, store=store).code == 0
        return store

    return sign


def test_a_quarter_is_claimed_once_and_named_in_the_ledger(les_here, signed):
    store = signed()
    asked = ("claim", "quarterly", "--month", "2026-27-Q1", "--as-of", "2026-07-02")
    shown = les_here(*asked, "--json", store=store).json
    months = [(one["activity_month"], one["quantity"], one["late"]) for one in shown["lines"]]
    # March was still in its window: three months after the end of its quarter is 30 June, the day before yesterday.
    assert months == [("2026-04", 1, False), ("2026-05", 1, False), ("2026-06", 1, False)]
    assert (shown["month"], shown["submit_by"], shown["total_pence"]) == ("2026-27-Q1", "2026-07-30", 3000)
    done = les_here(*asked, *SUBMIT, store=store)
    assert (done.code, "quarterly 2026-27-Q1: submitted" in done.err) == (0, True)
    again = les_here(*asked, *SUBMIT, store=store)
    assert "quarterly 2026-27-Q1: already submitted, unchanged" in again.err
    listed = les_here("claims", "--json", "--as-of", "2026-07-10", store=store).json["claims"]
    assert [(one["claim_id"], one["month"]) for one in listed] == [("quarterly-2026-27-Q1", "2026-27-Q1")]
    assert les_here("claims", "show", "quarterly-2026-27-Q1", "--json", store=store).json["total_pence"] == 3000
    assert les_here("verify", store=store).code == 0


def test_work_found_later_goes_into_the_next_quarter(les_here, signed, activity_file):
    store = signed()
    les_here("claim", "quarterly", "--month", "2026-27-Q1", "--as-of", "2026-07-02", *SUBMIT, store=store)
    late = f"{BEN},Older,Ben,1940-07-09,male,2011-02-06,2026-05-20,73211009,Work,Face to face,B Carr,q9"
    les_here("import", activity_file(late), store=store)
    first = les_here("claim", "quarterly", "--month", "2026-27-Q1", "--as-of", "2026-09-30", "--json", store=store)
    assert first.json["found_later"]["count"] == 1
    expired = les_here("claim", "quarterly", "--month", "2026-27-Q2", "--as-of", "2026-10-01", "--json", store=store)
    # Its window ended three months after its own quarter, on 30 September.
    assert [one["activity_month"] for one in expired.json["lines"]] == ["2026-07"]
    assert expired.json["verdicts"]["expired"] == 1
    in_time = les_here("claim", "quarterly", "--month", "2026-27-Q2", "--as-of", "2026-09-30", "--json", store=store)
    assert [(one["activity_month"], one["late"]) for one in in_time.json["lines"]] == [
        ("2026-05", True),
        ("2026-07", False),
    ]


def test_a_withdrawn_quarter_is_claimed_again_under_the_next_number(les_here, signed):
    store = signed()
    asked = ("claim", "quarterly", "--month", "2026-27-Q1", "--as-of", "2026-07-02", *SUBMIT)
    les_here(*asked, store=store)
    taken = les_here(
        "claims", "withdraw", "quarterly-2026-27-Q1", "--reason", "wrong", "--as-of", "2026-07-03", store=store
    )
    assert "les claim quarterly --month 2026-27-Q1 --submit --by NAME" in taken.err
    les_here(*asked, store=store)
    ids = [one["claim_id"] for one in les_here("claims", "--json", store=store).json["claims"]]
    assert ids == ["quarterly-2026-27-Q1", "quarterly-2026-27-Q1-2"]
    assert les_here("verify", store=store).code == 0


@pytest.mark.parametrize(
    ("every", "starts", "typed", "cure"),
    [
        ("quarter", "04", "2026-05", "`les claim odd --month 2026-27-Q1`"),
        ("quarter", "10", "2026-05", "`les claim odd --month 2025-26-Q3`"),
        ("quarter", "04", "2026-27", "`les claim odd --month 2026-27-Q1` and the others to 2026-27-Q4"),
        ("year", "04", "2026-05", "`les claim odd --month 2026-27`"),
        ("year", "10", "2026-27-Q1", "`les claim odd --month 2026-27`"),
        ("month", "04", "2026-27-Q1", "`les claim odd --month 2026-04` and the others to 2026-06"),
        ("quarter", "01", "2026-05", "`les claim odd --month 2026-Q2`"),
    ],
)  # fmt: skip
def test_another_period_is_a_usage_error_that_names_the_one_to_type(les_here, signed, every, starts, typed, cure):
    store = signed("odd", every, starts)
    done = les_here("claim", "odd", "--month", typed, store=store)
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert cure in done.err
    words = cure.split("`")[1].split()[1:]
    assert les_here(*words, "--as-of", "2026-07-02", "--json", store=store).json["month"] == words[-1]


def test_all_services_leave_out_those_of_another_period_and_say_so(les_here, signed):
    store = signed()
    month = les_here("claim", "--month", "2026-05", "--as-of", "2026-06-05", "--json", store=store)
    assert month.json["service"] == "denosumab"
    assert "quarterly: left out" in month.err
    assert "les claim quarterly --month 2026-27-Q1" in month.err
    quarter = les_here("claim", "--month", "2026-27-Q1", "--as-of", "2026-07-02", "--json", store=store)
    assert quarter.json["service"] == "quarterly"
    assert "denosumab: left out" in quarter.err
    done = les_here("claim", "--month", "2026-05", "--as-of", "2026-06-05", *SUBMIT, store=store)
    assert "quarterly: left out" in done.err
    assert [one["service"] for one in les_here("claims", "--json", store=store).json["claims"]] == ["denosumab"]


def test_three_months_one_by_one_are_the_quarter(les_here, signed):
    store = signed()
    store = signed("monthly", "month")
    by_month = [
        les_here("claim", "monthly", "--month", month, "--as-of", "2026-07-01", "--json", store=store).json
        for month in ("2026-04", "2026-05", "2026-06")
    ]
    own = [sum(one["amount_pence"] for one in each["lines"] if not one["late"]) for each in by_month]
    quarter = les_here("claim", "quarterly", "--month", "2026-27-Q1", "--as-of", "2026-07-02", "--json", store=store)
    assert sum(own) == quarter.json["total_pence"] - sum(
        one["amount_pence"] for one in quarter.json["lines"] if one["late"]
    )


def test_the_status_and_the_diary_name_the_quarter(les_here, signed, tmp_path):
    store = signed()
    data = les_here("status", "--as-of", "2026-07-02", "--json", store=store).json
    due = [
        (one["month"], one["due_on"], one["amount_pence"]) for one in data["deadlines"] if one["service"] == "quarterly"
    ]
    assert due == [("2026-27-Q1", "2026-07-30", 3000)]
    (own,) = [one for one in data["services"] if one["service"] == "quarterly"]
    assert (own["running_period"], own["running_month_due_on"]) == ("2026-27-Q2", "2026-10-30")
    assert (own["ready_pence"], own["not_over_pence"]) == (3000, 1000)
    diary = les_here("status", "--as-of", "2026-07-02", "--out", tmp_path / "diary.ics", store=store)
    assert diary.code in (0, 3)
    text = (tmp_path / "diary.ics").read_text(encoding="utf-8").replace("\r\n ", "")
    assert "quarterly: submit the claim for 2026-27-Q1" in text
    assert "quarterly: submit the claim for 2026-27-Q2" in text
    table = les_here("status", "--as-of", "2026-07-02", store=store).out
    assert "2026-27-Q1" in table


def test_a_quarter_that_is_not_over_is_not_submitted_without_yes(les_here, signed):
    store = signed()
    asked = ("claim", "quarterly", "--month", "2026-27-Q1")
    last = les_here(*asked, "--as-of", "2026-06-30", *SUBMIT, store=store)
    assert (last.code, "the quarter is not over on 30 Jun 2026" in last.err) == (1, True)
    assert les_here(*asked, "--as-of", "2026-07-01", *SUBMIT, store=store).code == 0


@pytest.mark.parametrize(
    ("every", "starts", "due", "typed", "by"),
    [
        ("quarter", "04", "day = 10", "2026-27-Q1", "2026-07-10"),
        ("quarter", "04", "working_day = 15", "2026-27-Q1", "2026-07-21"),
        ("quarter", "04", "weeks = 4", "2026-27-Q1", "2026-07-28"),
        ("quarter", "04", "months = 1", "2026-27-Q1", "2026-07-30"),
        ("year", "04", "months = 2", "2025-26", "2026-05-31"),
        ("year", "10", "days = 1", "2025-26", "2026-10-01"),
        ("quarter", "10", "day = 28", "2026-27-Q1", "2027-01-28"),
        ("month", "04", "days = 14", "2026-02", "2026-03-14"),
    ],
)  # fmt: skip
def test_a_deadline_runs_from_the_end_of_the_period(les_here, signed, every, starts, due, typed, by):
    store = signed("odd", every, starts, due)
    assert (
        les_here("claim", "odd", "--month", typed, "--as-of", "2027-02-01", "--json", store=store).json["submit_by"]
        == by
    )


def test_quarters_run_from_the_month_in_which_the_contract_year_starts(les_here, signed):
    store = signed("october", "quarter", "10")
    third = les_here("claim", "october", "--month", "2025-26-Q3", "--as-of", "2026-07-02", "--json", store=store).json
    assert third["specification"]["contract_year"] == "2025-26"
    assert [one["activity_month"] for one in third["lines"] if not one["late"]] == ["2026-04", "2026-05", "2026-06"]
    asked = ("report", "october", "--period", "2025-26-Q3", "--as-of", "2026-07-02", "--json")
    assert les_here(*asked, store=store).json["period"] == {"start": "2026-04-01", "end": "2026-06-30"}


def test_a_quarter_held_in_part_pays_the_work_of_the_days_held(les_here, signed):
    store = signed(since="2026-05-15")
    shown = les_here("claim", "quarterly", "--month", "2026-27-Q1", "--as-of", "2026-07-02", "--json", store=store).json
    assert [one["activity_month"] for one in shown["lines"]] == ["2026-05", "2026-06"]
    assert [(one["reason"], one["count"]) for one in shown["reasons"] if one["verdict"] == "refused"] == [
        ("not-signed", 2)
    ]


def test_a_pack_of_a_quarter_holds_its_claim_and_verify_refuses_an_odd_name(les_here, signed, tmp_path):
    store = signed()
    les_here("claim", "quarterly", "--month", "2026-27-Q1", "--as-of", "2026-07-02", *SUBMIT, store=store)
    for number, period in enumerate(("2026-05", "2026-27-Q1", "2026-27")):
        done = les_here(
            "evidence", "quarterly", "--period", period, "--out", tmp_path / f"pack{number}",
            "--as-of", "2026-07-10", store=store,
        )  # fmt: skip
        assert done.code in (0, 3), done.err
        assert (tmp_path / f"pack{number}").is_dir()


def test_explain_and_the_report_speak_of_the_quarter(les_here, signed):
    store = signed()
    told = les_here("explain", "quarterly", "--patient", CAT, "--as-of", "2026-07-02", store=store)
    assert "and its quarter is not over yet" in told.out
    report = les_here("report", "quarterly", "--period", "2026-27-Q2", "--as-of", "2026-07-02", store=store)
    assert "the quarter is not over" in report.out + report.err
