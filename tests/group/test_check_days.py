"""Days of claimed work: they fit the lines, practices were open on them, and the register could give the work."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from lescli.group.check.answer import check_answer, check_claims
from lescli.group.check.read import read_claims
from lescli.group.check.sent import SentClaim
from lescli.group.members import Member, Members
from lescli.model import ServiceSpec
from tests.small_service import item, spec_of

from .sent_claims import SPECS, line, made, settle

NEW = ("days-count", "closed-day", "more-than-register")


def dated(*days: tuple[str, int], size: int = 100, as_of: str = "2026-06-05") -> dict[str, Any]:
    """A claim of injections with these days."""
    claim = made(1, "denosumab", "2026-05", as_of, [line("injection", "2026-05", sum(n for _, n in days), 2000)], 0)
    found = [{"date": day, "item": "injection", "quantity": number} for day, number in days]
    return claim | {"activity": {"days": found, "register_size": size}}


def said(
    *claims: dict[str, Any], specs: dict[str, ServiceSpec] | None = None, members: Members | None = None
) -> list[list[str]]:
    """What the rules on days and register say of each claim."""
    sent = [SentClaim(file=f"{number}.json", data=claim) for number, claim in enumerate(claims)]
    checked = check_claims(sent, SPECS if specs is None else specs, members)
    return [[f"{each.rule}: {each.text}" for each in one.findings if each.rule in NEW] for one in checked]


def rules(*claims: dict[str, Any], specs: dict[str, ServiceSpec] | None = None) -> list[list[str]]:
    return [[text.partition(":")[0] for text in each] for each in said(*claims, specs=specs)]


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2026-05-01", ""),
        ("2026-05-02", ""),  # a Saturday
        ("2026-05-03", "Sunday"),
        ("2026-05-04", "bank holiday"),
        ("2026-05-05", ""),
        ("2026-05-23", ""),
        ("2026-05-24", "Sunday"),
        ("2026-05-25", "bank holiday"),
        ("2026-05-26", ""),
    ],
)
def test_sundays_and_bank_holidays_are_asked_about_and_saturdays_are_not(day: str, why: str) -> None:
    (found,) = said(dated((day, 2)))
    if not why:
        assert found == []
        return
    assert len(found) == 1
    assert found[0].startswith("closed-day: Work is claimed on a day on which practices are usually closed: ")
    assert f" May 2026 ({why}, 2 activities). Was the practice open?" in found[0]


def test_a_bank_holiday_on_a_saturday_is_one_and_so_is_the_day_in_its_place() -> None:
    claim = dated(("2026-05-06", 4))
    claim |= {"month": "2026-12", "as_of": "2027-01-05", "claim_id": "denosumab-2026-12"}
    settle(claim, [line("injection", "2026-12", 4, 2000)])
    days = ("2026-12-24", "2026-12-25", "2026-12-26", "2026-12-28")
    claim["activity"]["days"] = [{"date": day, "item": "injection", "quantity": 1} for day in days]
    (found,) = said(claim)
    assert "days on which practices are usually closed: 25 Dec 2026 (bank holiday, 1 activity), 26 Dec" in found[0]
    assert "28 Dec" in found[0]
    assert "24 Dec" not in found[0]


def test_at_most_ten_days_are_named() -> None:
    days = tuple((f"20{year}-05-{day:02}", 1) for year, day in ((26, 3), (26, 10), (26, 17), (26, 24), (26, 31)))
    lines = [line("injection", "2026-05", 5, 2000), line("injection", "2026-03", 1, 2000, late=True)]
    claim = dated(*days)
    assert said(claim)[0][0].count("Sunday") == 5
    lines = [line("injection", f"2026-{month:02}", 4, 2000, late=True) for month in (1, 2, 3)]
    settle(claim, [*lines, line("injection", "2026-05", 4, 2000)])
    sundays = [f"2026-{m}" for m in ("01-04", "01-11", "01-18", "01-25", "02-01", "02-08", "02-15", "02-22")]
    sundays += [f"2026-{m}" for m in ("03-01", "03-08", "03-15", "03-22", "05-03", "05-10", "05-17", "05-24")]
    claim["activity"]["days"] = [{"date": day, "item": "injection", "quantity": 1} for day in sundays]
    assert "08 Mar 2026 (Sunday, 1 activity) and 6 more." in said(claim)[0][0]


def days_by(claim: dict[str, Any], *listed: tuple[str, str, int]) -> dict[str, Any]:
    found = [{"date": day, "item": name, "quantity": number} for day, name, number in listed]
    return claim | {"activity": {**claim["activity"], "days": found}}


@pytest.mark.parametrize(
    ("listed", "text"),
    [
        ([("2026-05-05", "injection", 3)], "injection of May 2026 (4 in the lines, 3 in the days)."),
        ([], "injection of May 2026 (4 in the lines, 0 in the days)."),
        (
            [("2026-04-07", "injection", 1), ("2026-05-05", "injection", 3)],
            "injection of April 2026 (0 in the lines, 1 in the days), injection of May 2026 (4 in the lines, 3 in the",
        ),
        ([("2026-05-05", "injection", 4), ("2026-05-05", "other", 1)], "other of May 2026 (0 in the lines, 1 in"),
        (
            [("2026-05-05", "injection", 2), ("2026-05-05", "injection", 2)],
            "listed more than once for one item: 05 May 2026 (injection). Please send",
        ),
        ([("2026-05-05", "injection", 3), ("2026-05-26", "injection", 1)], ""),
    ],
)
def test_days_that_do_not_fit_the_lines_are_errors(listed: list[tuple[str, str, int]], text: str) -> None:
    (found,) = said(days_by(dated(("2026-05-05", 4)), *listed))
    assert [one.partition(":")[0] for one in found] == (["days-count"] if text else [])
    assert text in "".join(found)


def test_a_day_after_the_claim_was_made_is_an_error() -> None:
    claim = dated(("2026-05-05", 1), ("2026-05-20", 3), as_of="2026-05-20")
    assert said(claim) == [[]]
    claim["as_of"] = "2026-05-19"
    (found,) = said(claim)
    assert found == [
        "days-count: The claim was made on 19 May 2026, but has work of later days: 20 May 2026 (injection). Please "
        "send the file as `les claim --days` wrote it."
    ]


def test_late_work_has_its_days_and_is_not_held_against_the_register() -> None:
    claim = dated(("2026-05-05", 1), size=1)
    settle(claim, [line("injection", "2026-04", 5, 2000, late=True), line("injection", "2026-05", 1, 2000)])
    claim = days_by(claim, ("2026-04-01", "injection", 5), ("2026-05-05", "injection", 1))
    claim["activity"]["register_size"] = 1
    assert said(claim) == [[]]
    claim = days_by(claim, ("2026-04-05", "injection", 5), ("2026-05-05", "injection", 1))
    assert rules(claim) == [["closed-day"]]


def test_days_that_do_not_fit_are_not_looked_at_further() -> None:
    assert rules(days_by(dated(("2026-05-05", 4), size=0), ("2026-05-03", "injection", 3))) == [["days-count"]]


def test_a_claim_without_days_says_nothing_and_the_commissioner_is_told() -> None:
    claim = dated(("2026-05-03", 2))
    del claim["activity"]
    assert said(claim) == [[]]
    sent = [SentClaim(file="a", data=claim)]
    notes = check_answer(check_claims(sent, SPECS, None), SPECS, None).notes
    assert [one for one in notes if one.startswith("1 claim without days, so closed days and the register were not")]
    with_days = [SentClaim(file="a", data=dated(("2026-05-03", 2)))]
    assert not [one for one in check_answer(check_claims(with_days, SPECS, None), SPECS, None).notes if "days" in one]


def test_a_claim_of_nothing_is_sound() -> None:
    claim = dated()
    claim["lines"] = []
    claim["activity"] = {"days": [], "register_size": 0}
    assert said(claim) == [[]]


def test_a_claim_that_is_sent_again_is_said_once() -> None:
    claim = dated(("2026-05-03", 2))
    bare = deepcopy(claim)
    del bare["activity"]
    assert rules(claim, deepcopy(claim)) == [["closed-day"], []]
    # Asked for its days, the practice sent the claim once more.
    assert rules(bare, claim) == [[], ["closed-day"]]


def test_days_that_change_between_two_files_are_a_change() -> None:
    claim, moved = dated(("2026-05-03", 2)), dated(("2026-05-05", 2))
    sent = [SentClaim(file=name, data=one) for name, one in (("a", claim), ("b", moved))]
    first, second = check_claims(sent, SPECS, None)
    assert [one.rule for one in first.findings] == ["closed-day"]
    assert [one.rule for one in second.findings] == ["changed-since"]
    assert "£40.00 in both, with work on other days. A submitted claim" in second.findings[0].text
    # The order of the file, the size of today's register and a file without days are no change.
    sizes = dated(("2026-05-05", 2), size=50)
    bare = {name: value for name, value in moved.items() if name != "activity"}
    sent = [SentClaim(file=name, data=one) for name, one in (("a", moved), ("b", sizes), ("c", bare))]
    assert [[one.rule for one in each.findings] for each in check_claims(sent, SPECS, None)] == [
        [],
        ["sent-twice"],
        ["sent-twice"],
    ]


LEVELS = "".join(
    item(f"level-{n}", "per-patient-month", f'[item.options]\ndetail = "level"\nvalue = "{n}"') for n in (3, 4)
)


def small(
    items: str, *days: tuple[str, str, int], size: int, month: str = "2026-05", as_of: str = "2026-06-05"
) -> tuple[dict[str, Any], dict[str, ServiceSpec]]:
    """A claim of a small service with these days, and its terms."""
    spec = spec_of(items)
    sums: dict[tuple[str, str], int] = {}
    for day, name, number in days:
        sums[name, day[:7]] = sums.get((name, day[:7]), 0) + number
    lines = [line(name, done, number, 1000, late=done < month) for (name, done), number in sums.items()]
    claim = made(1, "denosumab", "2026-05", as_of, lines, 0)
    claim |= {"service": "small", "month": month, "claim_id": f"small-{month}"}
    listed = [{"date": day, "item": name, "quantity": number} for day, name, number in days]
    return claim | {"activity": {"days": listed, "register_size": size}}, {"small": spec}


def texts(items: str, *days: tuple[str, str, int], size: int, month: str = "2026-05") -> list[str]:
    claim, specs = small(items, *days, size=size, month=month, as_of="2026-07-05")
    return said(claim, specs=specs)[0]


CAP = '[item.cap]\nper_contract_year = 2\nclause = "3"'
VISIT = item("visit", "per-activity")
CAPPED = item("visit", "per-activity", f'codelists = ["work"]\n{CAP}')
DAY = "2026-05-05"


def test_on_one_day_no_more_patients_have_work_than_the_register_has() -> None:
    assert texts(VISIT, (DAY, "visit", 5), ("2026-05-06", "visit", 5), size=5) == []
    assert texts(VISIT, (DAY, "visit", 6), ("2026-05-06", "visit", 5), size=5) == [
        "more-than-register: visit is claimed for 6 activities on 05 May 2026. By the claim, 5 patients were on the "
        "register in May 2026. It is paid once a day for a patient."
    ]


@pytest.mark.parametrize("population", ["other", "any"])
def test_patients_of_other_practices_are_on_no_register(population: str) -> None:
    other = item("visit", "per-activity", f'codelists = ["work"]\npopulation = "{population}"\n{CAP}')
    assert texts(other, (DAY, "visit", 9), size=0) == []


def test_under_a_cap_each_patient_of_the_register_has_no_more_than_the_cap() -> None:
    days = [(f"2026-05-{day:02}", "visit", 5) for day in (5, 6)]
    assert texts(CAPPED, *days, size=5) == []
    assert texts(CAPPED, *days, ("2026-05-07", "visit", 1), size=5) == [
        "more-than-register: visit is claimed for 11 activities. By the claim, 5 patients were on the register in May "
        "2026. The terms pay for 2 for a patient in a year, so for 10 at the most."
    ]
    # Late work may be of patients who have left since.
    assert texts(CAPPED, ("2026-04-07", "visit", 5), *days, size=5) == []
    whole = item("visit", "per-activity", f'codelists = ["work"]\n{CAP}\nof = "practice"')
    assert texts(whole, *days, size=5) == []
    assert "visit is claimed for 1 activity on 05 May 2026." in texts(whole, (DAY, "visit", 1), size=0)[0]


def test_a_cap_that_changed_in_the_claimed_period_is_the_higher_one() -> None:
    terms = '\n[[terms]]\nfrom = "2026-05-06"\nclause = "4"\nset = { "cap.visit" = 1 }\n'
    days = [(f"2026-05-{day:02}", "visit", 5) for day in (5, 6)]
    assert texts(CAPPED + terms, *days, size=5) == []


def test_no_more_patients_are_paid_for_in_a_month_than_the_register_has() -> None:
    care = item("care", "per-patient", "")
    assert texts(care, ("2026-05-01", "care", 5), ("2026-04-01", "care", 9), size=5) == []
    assert texts(care, ("2026-05-01", "care", 6), size=5) == [
        "more-than-register: care of May 2026 is claimed for 6 patients. By the claim, 5 patients were on the register "
        "in May 2026. Each patient is paid for once."
    ]


def test_each_month_of_a_quarter_is_held_against_the_register_of_the_quarter() -> None:
    care = item("care", "per-patient", "")
    months = [(f"2026-{month}-01", "care", 5) for month in ("04", "05", "06")]
    assert texts(care, *months, size=5, month="2026-27-Q1") == []
    more = texts(care, months[0], ("2026-05-01", "care", 6), size=5, month="2026-27-Q1")
    assert "care of May 2026 is claimed for 6" in more[0]


def test_patients_of_a_quarter_may_have_left_before_its_last_month_which_claims_them() -> None:
    care = item("care", "per-patient", 'every = "quarter"')
    assert texts(care, ("2026-06-01", "care", 9), size=1, month="2026-06") == []


def test_the_levels_of_one_detail_have_no_patient_in_common() -> None:
    details = '\n[[register.detail]]\nname = "level"\ntitle = "l"\ntype = "text"\nrequired = false\nclause = "2"\n'
    assert texts(details + LEVELS, ("2026-05-01", "level-3", 3), ("2026-05-01", "level-4", 2), size=5) == []
    (text,) = texts(details + LEVELS, ("2026-05-01", "level-3", 3), ("2026-05-01", "level-4", 3), size=5)
    assert "level-3 and level-4 of May 2026 are claimed for 6 patients." in text


def test_what_is_paid_once_in_a_life_is_paid_once_for_a_patient() -> None:
    once = '\n[[register.detail]]\nname = "begun"\ntitle = "b"\ntype = "date"\nrequired = false\nclause = "2"\n'
    once += item("start", "once-per-patient", '[item.options]\ndate_detail = "begun"')
    days = [("2026-05-03", "start", 3), ("2026-05-04", "start", 2)]
    # Its day is a day of the register, on which nobody need have come.
    assert texts(once, *days, size=5) == []
    assert "start is claimed for 5 patients. By the claim, 4 patients were" in texts(once, *days, size=4)[0]


def test_an_item_of_the_list_has_no_days_and_an_unknown_one_may_have_none() -> None:
    items = item("list", "capitation", "") + VISIT
    claim, specs = small(items, (DAY, "visit", 2), size=2)
    claim["lines"] += [line("list", "2026-05", 1, 1000), line("strange", "2026-05", 1, 1000)]
    assert said(claim, specs=specs) == [[]]
    assert said(claim, specs={}) == [[]]
    claim["activity"]["days"] = []
    assert rules(claim, specs=specs) == [["days-count"]]
    assert rules(claim, specs={}) == [[]]


def test_what_the_whole_list_could_not_give_is_said_once() -> None:
    def of_list(size: int) -> Members:
        one = Member(
            ods_code="A81001",
            name="S",
            network_code="U1",
            network_name="N",
            start=None,
            end=None,
            list_size=size,
            women_15_44=None,
        )
        return Members(lines=(one,))

    for items, wanted in (
        (item("visit", "per-patient", ""), "more-than-list"),
        (CAPPED, "cap"),
        (VISIT, "more-than-register"),
    ):
        claim, specs = small(items, (DAY, "visit", 30), size=5)
        sent = [SentClaim(file="a", data=claim)]
        (one,) = check_claims(sent, specs, of_list(10))
        about = ("more-than-list", "cap", "more-than-register", *(("many-for-list",) if items == VISIT else ()))
        assert [each.rule for each in one.findings if each.rule in about] == [wanted]


@pytest.mark.parametrize(
    "activity",
    [
        {},
        [],
        None,
        {"days": []},
        {"days": [], "register_size": -1},
        {"days": [], "register_size": 1.0},
        {"days": [], "register_size": True},
        {"days": [], "register_size": 10**30},
        {"days": [], "register_size": 1, "9990000018": 1},
        {"days": {}, "register_size": 1},
        {"days": [{"date": "2026-05-05", "item": "injection"}], "register_size": 1},
        {"days": [{"date": "2026-02-30", "item": "injection", "quantity": 1}], "register_size": 1},
        {"days": [{"date": "0000-01-01", "item": "injection", "quantity": 1}], "register_size": 1},
        {"days": [{"date": "0001-01-01", "item": "injection", "quantity": 1}], "register_size": 1},
        {"days": [{"date": "9999-12-31", "item": "injection", "quantity": 1}], "register_size": 1},
        {"days": [{"date": "2026-05-05", "item": "injection", "quantity": 0}], "register_size": 1},
        {"days": [{"date": "2026-05-05", "item": "injection", "quantity": 10**30}], "register_size": 1},
        {"days": [{"date": "2026-05-05", "item": ["x"], "quantity": 1}], "register_size": 1},
        {"days": [{"date": "2026-05-05", "item": "", "quantity": 1}], "register_size": 1},
        {"days": [None], "register_size": 1},
    ],
)
def test_nonsense_is_no_whole_claim_and_stops_no_other(tmp_path: Path, activity: Any) -> None:
    bad, good = dated(("2026-05-05", 2)) | {"activity": activity}, dated(("2026-05-05", 2))
    for name, claim in (("a.json", bad), ("b.json", good)):
        (tmp_path / name).write_text(json.dumps(claim), encoding="utf-8")
    first, second = check_claims(read_claims([tmp_path]), SPECS, None)
    assert [one.rule for one in first.findings] == ["schema"]
    assert "\n" not in first.findings[0].text
    assert "9990000018" not in first.findings[0].text
    assert not [one for one in second.findings if one.rule in NEW]
