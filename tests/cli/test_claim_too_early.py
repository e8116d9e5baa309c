"""A claim of an unfinished month, or of £0.00, is not submitted by mistake: the month would no longer be open."""

from __future__ import annotations

import pytest

SUBMIT = ("--submit", "--by", "A. Admin")


def claim(les_here, store, month, as_of, *more):
    return les_here("claim", "denosumab", "--month", month, "--as-of", as_of, *more, store=store)


def submitted(les_here, store):
    return [one["claim_id"] for one in les_here("claims", "--json", store=store).json["claims"]]


@pytest.mark.parametrize(
    ("as_of", "code"), [("2026-05-30", 1), ("2026-05-31", 1), ("2026-06-01", 0), ("2026-06-02", 0)]
)
def test_a_month_is_over_on_the_day_after_its_last(les_here, store, as_of, code):
    done = claim(les_here, store, "2026-05", as_of, *SUBMIT)
    assert done.code == code
    assert ("the month is not over" in done.err) == (code == 1)
    assert submitted(les_here, store) == ([] if code else ["denosumab-2026-05"])


def test_it_says_what_it_would_do_and_how_to_insist(les_here, store):
    done = claim(les_here, store, "2026-05", "2026-05-20", *SUBMIT)
    (line,) = [line for line in done.err.splitlines() if "not submitted" in line]
    assert "the month is not over on 20 May 2026" in line
    assert "submitting would freeze £40.00 for 2 activities, leave 1 activity worth £20.00 held back as check" in line
    assert "2026-05 would no longer be listed as open" in line
    assert "submit it after 31 May 2026, or add --yes" in line
    done = claim(les_here, store, "2026-05", "2026-05-20", *SUBMIT, "--yes", "--json")
    assert (done.code, done.json["status"], done.json["total_pence"]) == (0, "submitted", 4000)


def test_a_month_that_has_not_begun(les_here, store):
    """June, claimed on its third day with nothing done yet."""
    assert claim(les_here, store, "2026-05", "2026-06-03", *SUBMIT).code == 0
    done = claim(les_here, store, "2026-06", "2026-06-03", *SUBMIT)
    assert (done.code, done.out) == (1, "")
    assert "--yes" in done.err
    assert submitted(les_here, store) == ["denosumab-2026-05"]
    status = les_here("status", "--as-of", "2026-07-03", "--json", store=store).json
    assert "2026-06" in [one["month"] for one in status["deadlines"]]


def test_a_claim_of_nothing_names_the_money_that_is_held_back(les_here, store, activity_file):
    only_check = activity_file(
        "9990000026,Older,Ben,1940-07-09,male,2011-02-06,2026-08-06,700139004,Denosumab,Telephone call,B Carr,e8"
    )
    assert claim(les_here, store, "2026-05", "2026-06-03", *SUBMIT).code == 0
    assert les_here("import", only_check, store=store).code == 0
    done = claim(les_here, store, "2026-09", "2026-10-05", *SUBMIT)
    assert done.code == 1
    assert (
        "it comes to £0.00; submitting would freeze £0.00 for 0 activities, leave 1 activity worth £20.00" in done.err
    )
    assert "--rows` shows as check first, or add --yes" in done.err
    assert submitted(les_here, store) == ["denosumab-2026-05"]


def test_a_month_without_work_is_not_submitted(les_here, store):
    done = claim(les_here, store, "2026-09", "2026-10-05", *SUBMIT)
    assert done.code == 1
    assert "it comes to £0.00" in done.err
    assert "held back" not in done.err
    sure = claim(les_here, store, "2026-09", "2026-10-05", *SUBMIT, "--yes", "--json")
    assert (sure.code, sure.json["total_pence"]) == (0, 0)
    # A claim submitted for nothing by mistake can be withdrawn.
    withdrawn = les_here(
        *("claims", "withdraw", "denosumab-2026-09", "--reason", "a slip", "--as-of", "2026-10-05"), store=store
    )
    assert withdrawn.code == 0
    assert claim(les_here, store, "2026-09", "2026-10-05", "--json").json["status"] == "preview"


def test_the_same_month_again_is_unchanged_and_asks_nothing(les_here, store):
    assert claim(les_here, store, "2026-05", "2026-05-31", *SUBMIT, "--yes").code == 0
    again = claim(les_here, store, "2026-05", "2026-05-31", *SUBMIT)
    assert again.code == 0
    assert "already submitted, unchanged" in again.err


def test_several_services_are_judged_each_by_itself(les_here, store):
    assert les_here("services", "sign", "ius", "--from", "2026-04-01", store=store).code == 0
    done = les_here("claim", "denosumab", "ius", "--month", "2026-05", "--as-of", "2026-06-05", *SUBMIT, store=store)
    assert done.code == 3
    assert "ius 2026-05: not submitted" in done.err
    assert submitted(les_here, store) == ["denosumab-2026-05"]


def test_yes_without_submit_is_a_usage_error(les_here, store):
    assert claim(les_here, store, "2026-05", "2026-06-05", "--yes").code == 2
