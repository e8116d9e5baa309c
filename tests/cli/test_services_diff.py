"""`les services diff`: what changed in words, and the pounds and patients of the practice's own record."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lescli.calendar import Month
from lescli.operations.claim.preview import fresh
from lescli.services import load_catalog
from lescli.specification import parse_specification
from lescli.store import open_store
from lescli.testing import Surgery
from tests.store_content import content_of

SHIPPED = (Path(__file__).parents[2] / "plugins/denosumab/lescli_denosumab/service.toml").read_text(encoding="utf-8")
NEXT_YEAR = """
[[period]]
start = "2027-04-01"
end = "2028-03-31"
clause = "variation 2"

[[terms]]
from = "2027-04-01"
clause = "variation 2, section 4"
[terms.set]
"price.injection" = "22.50"
"window_months" = 2
"deadline.day" = 12
"interval.injection" = 5
"codes.injection+" = ["22778000"]
"""


@pytest.fixture
def les(les_here: Any) -> Any:
    return les_here


@pytest.fixture
def new(tmp_path: Path) -> Any:
    """A folder with a service.toml of another text, by its name."""

    def written(name: str, text: str) -> str:
        (tmp_path / name).mkdir()
        (tmp_path / name / "service.toml").write_text(text, encoding="utf-8")
        return name

    return written


def diff(les: Any, *arguments: object, store: Path | None = None) -> dict[str, Any]:
    more = ("--store", store, "--as-of", "2028-05-31") if store else ()
    found: dict[str, Any] = les("services", "diff", *more, *arguments, "--json").json
    return found


def changes(data: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    return {
        one["path"]: (one["old"], one["new"], one["from"], one["clause_old"], one["clause_new"])
        for one in data["changes"]
    }


def test_terms_are_told_one_by_one_with_both_clauses(les: Any, new: Any) -> None:
    data = diff(les, "denosumab", new("next", SHIPPED + NEXT_YEAR))
    section, day = "variation 2, section 4", "2027-04-01"
    assert changes(data) == {
        "codes.injection+": ("snomed:700139004", "22778000", day, "Appendix 1, Claim code", section),
        "deadline.day": ("10", "12", day, "4", section),
        "interval.injection": ("6", "5", day, "2.2; 5 (4)", section),
        "period[2027-04-01]": (None, "start 2027-04-01, end 2028-03-31", day, None, "variation 2"),
        "price.injection": ("20.00", "22.50", day, "4", section),
        "window_months": ("3", "2", day, "4", section),
    }
    assert data["impact"] is None


def test_what_only_words_a_term_is_counted_and_the_same_file_differs_in_nothing(les: Any, new: Any) -> None:
    assert diff(les, "denosumab", new("same", SHIPPED))["changes"] == []
    done = les(
        "services", "diff", "denosumab", new("worded", SHIPPED.replace('clause = "2.1.1"', 'clause = "2.1.2"', 1))
    )
    assert "no term differs" in done.out
    assert "1 text that only words a term or names a clause also differs" in done.err


def test_a_term_that_is_gone_and_one_that_is_new(les: Any, new: Any) -> None:
    text = SHIPPED.replace("window_months = 3\n", "").replace(
        "[[item.check]]", '[item.cap]\nper_contract_year = 2\nclause = "4"\n\n[[item.check]]', 1
    )
    found = changes(diff(les, "denosumab", new("other", text)))
    assert found["window_months"][:2] == ("3", None)
    assert found["cap.injection"][1] is not None and found["cap.injection"][0] is None


@pytest.fixture
def record(les: Any, tmp_path: Path) -> Path:
    """A store with injections on both sides of 1 April 2027."""
    store = tmp_path / "practice.les"
    days = ("2027-02-10", "2027-03-31", "2027-04-01", "2027-05-04", "2028-03-31")
    header = "nhs_number,date_of_birth,registered_on,date,code,consultation_type"
    numbers = ("9990000018", "9990000026", "9990000034", "9990000042", "9990000050")
    lines = [
        f"{number},1950-01-01,2010-01-01,{day},700139004,Home visit" for number, day in zip(numbers, days, strict=True)
    ]
    lines.append("9990000069,1950-01-01,2010-01-01,2027-04-20,22778000,Home visit")
    (tmp_path / "a.csv").write_text("\n".join([header, *lines]), encoding="utf-8")
    assert les("init", "--practice", "A99999", "--name", "Any", store=store).code == 0
    assert les("import", "a.csv", "--as-of", "2028-05-31", store=store).code == 0
    return store


def test_nothing_differs_before_the_new_terms_begin(les: Any, new: Any, record: Path) -> None:
    folder = new("next", SHIPPED + NEXT_YEAR)
    before = diff(les, "denosumab", folder, "--period", "2026-27", store=record)["impact"]
    assert (before["old_pence"], before["new_pence"], before["difference_pence"]) == (4000, 4000, 0)
    assert (before["rows_changed"], before["begins_on"]) == ([], "2027-04-01")
    done = les(
        "services", "diff", "denosumab", folder, "--period", "2026-27", "--store", record, "--as-of", "2028-05-31"
    )
    assert "the new terms begin on 01 Apr 2027, after the period, so nothing differs; add --as-if" in done.err


def test_a_file_of_the_new_year_alone_changes_nothing_of_the_old_one(les: Any, new: Any, record: Path) -> None:
    alone = SHIPPED.replace("2026-04-01", "2027-04-01").replace('end = "2027-03-31"', 'end = "2028-03-31"')
    folder = new("alone", alone.replace("interval = 6", "interval = 5").replace('"20.00"', '"22.50"'))
    impact = diff(les, "denosumab", folder, "--period", "2026-27", store=record)["impact"]
    assert (impact["begins_on"], impact["old_pence"], impact["new_pence"]) == ("2027-04-01", 4000, 4000)
    assert (impact["rows_changed"], impact["recalls_changed"], impact["patients"]) == ([], [], 0)
    after = diff(les, "denosumab", folder, "--period", "2027-28", store=record)["impact"]
    assert (after["old_pence"], after["new_pence"]) == (0, 6750)


def test_an_undated_edit_that_changes_the_old_year_too_is_not_hidden(les: Any, new: Any, record: Path) -> None:
    text = SHIPPED.replace("interval = 6", "interval = 5") + NEXT_YEAR
    impact = diff(les, "denosumab", new("edited", text), "--period", "2026-27", store=record)["impact"]
    assert impact["begins_on"] == "2026-04-01"
    assert impact["recalls_changed"]


def test_a_service_that_was_added_to_the_store_is_compared_by_its_name(les: Any, new: Any, record: Path) -> None:
    own = SHIPPED.replace('name = "denosumab"', 'name = "own"', 1)
    assert les("services", "add", new("own-file", own), store=record).code == 0
    dearer = new("dearer", own.replace('"20.00"', '"20.01"'))
    impact = diff(les, "own", dearer, "--period", "2026-27", store=record)["impact"]
    assert impact["difference_pence"] == 2


def test_pounds_and_what_each_entry_gains_by_which_term(les: Any, new: Any, record: Path) -> None:
    # The old file has no 2027-28, so all of it is gained; compare with the old terms in the new year.
    extended = new("old", SHIPPED + NEXT_YEAR.partition("[[terms]]")[0])
    data = diff(les, extended, new("next", SHIPPED + NEXT_YEAR), "--period", "2027-28", store=record)
    impact = data["impact"]
    assert (impact["old_pence"], impact["new_pence"], impact["difference_pence"]) == (6000, 9000, 3000)
    assert [
        (one["date"], one["verdict_old"], one["old_pence"], one["new_pence"], one["terms"])
        for one in impact["rows_changed"]
    ] == [
        ("2027-04-01", "payable", 2000, 2250, ["price.injection"]),
        ("2027-04-20", None, 0, 2250, ["codes.injection+"]),
        ("2027-05-04", "payable", 2000, 2250, ["price.injection"]),
        ("2028-03-31", "payable", 2000, 2250, ["price.injection"]),
    ]
    affects = {one["path"]: one["affects"] for one in data["changes"]}
    assert (affects["price.injection"], affects["window_months"], affects["deadline.day"]) == (3, 0, 12)
    assert all("nhs_number" not in one for one in (*impact["rows_changed"], *impact["recalls_changed"]))
    named = diff(les, extended, "next", "--period", "2027-28", "--rows", store=record)
    assert {one["nhs_number"] for one in named["impact"]["rows_changed"]} >= {"9990000034", "9990000069"}
    done = les("services", "diff", extended, "next", "--period", "2027-28", "--store", record, "--as-of", "2028-05-31")
    assert "these terms change and affect nothing in the period: window_months" in done.err


def test_the_pounds_are_those_of_two_claims_made_by_hand(les: Any, new: Any, record: Path) -> None:
    extended, folder = SHIPPED + NEXT_YEAR.partition("[[terms]]")[0], SHIPPED + NEXT_YEAR
    impact = diff(les, new("old", extended), new("next", folder), "--period", "2027-05", store=record)["impact"]
    (shipped,) = [one for one in load_catalog(names=("denosumab",)).services if one.name == "denosumab"]
    sums = []
    for text in (extended, folder):
        service = shipped.with_spec(parse_specification(text.encode(), where="service.toml"))
        surgery = Surgery(service, activity="patient | date\n Ann | 2027-05-04")
        claim = surgery.claim("2027-05", "2027-06-10")
        sums.append(sum(row.unit_price_pence or 0 for row in claim.rows))
    assert [impact["old_pence"], impact["new_pence"]] == sums == [2000, 2250]


def test_what_was_claimed_stays_and_as_if_prices_it_anew(les: Any, new: Any, record: Path) -> None:
    submit = ("--submit", "--by", "A. Admin", "--as-of", "2027-03-05")
    assert les("claim", "denosumab", "--month", "2027-02", *submit, store=record).code in (0, 3)
    dearer = new("dearer", SHIPPED.replace('amount = "20.00"', 'amount = "22.50"'))
    strict = diff(les, "denosumab", dearer, "--period", "2026-27", store=record)["impact"]
    assert (strict["old_pence"], strict["new_pence"]) == (4000, 4250)
    anew = diff(les, "denosumab", dearer, "--period", "2026-27", "--as-if", store=record)["impact"]
    assert (anew["old_pence"], anew["new_pence"]) == (4000, 4500)


def test_as_if_prices_a_recorded_year_under_terms_that_begin_later(les: Any, new: Any, record: Path) -> None:
    data = diff(les, "denosumab", new("next", SHIPPED + NEXT_YEAR), "--period", "2026-27", "--as-if", store=record)
    assert (data["impact"]["old_pence"], data["impact"]["new_pence"]) == (4000, 4500)


def test_it_writes_nothing_and_needs_a_store_for_pounds(les: Any, new: Any, record: Path) -> None:
    before = content_of(record)
    folder = new("next", SHIPPED + NEXT_YEAR)
    assert diff(les, "denosumab", folder, store=record)["impact"]["period"]["start"] == "2027-04-01"
    assert content_of(record) == before
    done = les("services", "diff", "denosumab", folder, "--period", "2026-27")
    assert (done.code, "--store FILE" in done.err) == (2, True)
    assert les("services", "diff", "denosumab", "nowhere").code == 2


def test_on_the_demo_practice_the_difference_is_that_of_two_claims_made_by_hand(
    les: Any, new: Any, tmp_path: Path
) -> None:
    assert les("demo", "demo").code in (0, 3)
    store = tmp_path / "demo" / "practice.les"
    on = ("--as-of", "2026-07-06")
    assert les("claims", "withdraw", "denosumab-2026-06", "--reason", "to compare", *on, store=store).code in (0, 3)
    folder = new("dearer", SHIPPED.replace('amount = "20.00"', 'amount = "22.55"').replace("= 3\n", "= 2\n", 1))
    command = ("services", "diff", "denosumab", folder, "--period", "2026-06", "--store", store, *on, "--json")
    impact = les(*command).json["impact"]
    (shipped,) = [one for one in load_catalog(names=("denosumab",)).services if one.name == "denosumab"]
    sums = []
    with open_store(store) as opened:
        for text in (SHIPPED, (tmp_path / folder / "service.toml").read_text(encoding="utf-8")):
            service = shipped.with_spec(parse_specification(text.encode(), where="service.toml"))
            lines = fresh(opened, service, Month(2026, 6), date(2026, 7, 6))[0].data["lines"]
            sums.append(sum(line["amount_pence"] for line in lines if line["activity_month"] == "2026-06"))
    assert [impact["old_pence"], impact["new_pence"]] == sums
    assert impact["difference_pence"] == sums[1] - sums[0] > 0
