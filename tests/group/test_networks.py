"""The work of networks: roll-ups are the sums of the practices' own counts, whoever moves when."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lescli.calendar import Period
from lescli.cli.run import run
from lescli.group.ask import StoreReply
from lescli.group.members import Member, Members
from lescli.group.networks import NOT_COUNTED, network_answer
from lescli.group.practices import practices_of
from lescli.operations.small_numbers import HIDDEN, SmallNumbers

from .conftest import make_practice

FITTED, REMOVED = "9999999105", "9999998101"
YEAR, AS_OF = Period(date(2026, 4, 1), date(2027, 3, 31)), date(2026, 10, 3)


def reply(
    code: str,
    done: list[tuple[date, str, int]],
    elsewhere: list[list[Any]] | None = None,
    rate_of: str = "women_15_44",
) -> StoreReply:
    rows = [[day.isoformat(), home, count] for day, home, count in done]
    counts = {"title": "", "items": ["work"], "rate_of": rate_of}
    data = {"done": rows, "elsewhere": elsewhere or [], "counts": counts}
    return StoreReply(path=Path(f"{code}.les"), ods_code=code, name=code, data=data)


def member(
    code: str, network: str, start: date | None = None, end: date | None = None, place: str = "", area: str = ""
) -> Member:
    return Member(
        ods_code=code,
        name=code,
        network_code=network,
        network_name=f"Network {network}",
        start=start,
        end=end,
        list_size=10_000,
        women_15_44=2_000,
        place=place,
        area=area,
    )


days = st.dates(date(2024, 4, 1), date(2026, 9, 30))
works = st.lists(st.tuples(days, st.sampled_from(["A1", "A2", "A3", ""]), st.integers(1, 30)), max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.tuples(works, works, works), st.dates(date(2026, 3, 1), date(2026, 9, 1)))
def test_roll_ups_are_the_sums_of_the_practices(done: tuple[list, list, list], moves: date) -> None:
    replies = [reply(f"A{n}", one) for n, one in enumerate(done, start=1)]
    before = date.fromordinal(moves.toordinal() - 1)
    lines = (
        member("A1", "U1", None, before, place="P", area="Z"),
        member("A1", "U2", moves, area="Z"),
        member("A2", "U2", place="Q", area="Z"),
    )
    members = Members(lines=lines)
    practices = practices_of(replies, members, AS_OF)
    data = network_answer(practices, members, "s", YEAR, AS_OF, None).data
    assert isinstance(data, dict)
    found = {one["code"]: one["count"] for one in data["networks"]}
    year = [(n, day, count) for n, one in enumerate(done, 1) for day, _, count in one if day >= YEAR.start]
    assert found["all"] == sum(count for _, _, count in year)
    assert found["U1"] == sum(count for n, day, count in year if n == 1 and day < moves)
    assert found["U2"] == sum(count for n, day, count in year if n == 2 or (n == 1 and day >= moves))
    for level in ("network", "place", "area"):
        months = [row for row in data["months"] if row["level"] == level]
        assert sum(row["count"] for row in months) == found["all"]
    places = {one["code"]: one["count"] for one in data["places"]}
    assert places["P"] == sum(count for n, day, count in year if n == 1 and day < moves)
    assert places["Q"] == sum(count for n, _, count in year if n == 2)
    areas = {one["code"]: one["count"] for one in data["areas"]}
    assert areas["Z"] == sum(count for n, _, count in year if n in (1, 2))


def test_work_for_others_counts_once_and_is_seen_from_both_sides() -> None:
    replies = [reply("A1", [(date(2026, 5, 1), "A1", 10), (date(2026, 5, 2), "A2", 9)]), reply("A2", [])]
    members = Members(lines=(member("A1", "U1"), member("A2", "U2")))
    data = network_answer(practices_of(replies, members, AS_OF), members, "s", YEAR, AS_OF, None).data
    assert isinstance(data, dict)
    one, two, both = data["networks"]
    assert (one["count"], one["for_others"], two["count"], two["by_others"], both["count"]) == (19, 9, 0, 9, 19)
    assert one["rate"] == 9.5
    assert data["rate_of"] == "women_15_44"


def test_the_projections_and_their_errors() -> None:
    def each_month(year: int, count: int, last: int = 12) -> list[tuple[date, str, int]]:
        return [(date(year + (m + 3) // 12, (m + 3) % 12 + 1, 9), "A1", count) for m in range(last)]

    done = each_month(2024, 10) + each_month(2025, 20) + each_month(2026, 30, 6)
    members = Members(lines=(member("A1", "U1"),))
    data = network_answer(practices_of([reply("A1", done)], members, AS_OF), members, "s", YEAR, AS_OF, None).data
    assert isinstance(data, dict)
    (one, _) = data["networks"]
    assert (one["count"], one["last_year"], one["pace"], one["line"]) == (180, 120, 360, 360)
    assert (one["pace_error"], one["line_error"]) == (0.0, 0.0)


def test_small_numbers_are_hidden_and_no_chart_draws_them() -> None:
    done = [(date(2026, 5, 1), "A1", 3), (date(2026, 6, 1), "A1", 20)]
    members = Members(lines=(member("A1", "U1"), member("A2", "U2")))
    replies = [reply("A1", done), reply("A2", [(date(2026, 5, 1), "A2", 40)])]
    answer = network_answer(practices_of(replies, members, AS_OF), members, "s", YEAR, AS_OF, SmallNumbers())
    assert isinstance(answer.data, dict)
    months = {(row["code"], row["month"]): row["count"] for row in answer.data["months"]}
    assert months["U1", "2026-05"] == months["U1", "2026-06"] == HIDDEN
    assert months["U2", "2026-05"] == 40
    drawn = [chart.title for one in answer.sections for chart in one.charts]
    assert drawn == ["Network U2"]
    assert any(line == "A network without a chart has a hidden month." for one in answer.sections for line in one.text)


def test_the_command_and_its_page(
    tmp_path: Path, members_file: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    make_practice(tmp_path, "x", "A81001", ("2026-05-15", "2026-05-16", "2026-05-30"))
    path = members_file("A81001,,U1,North,,2026-05-15,9000,1500\nA81001,,U2,South,2026-05-16,,9000,1500\n")
    asked = ("denosumab", "--period", "2026-27", "--as-of", "2026-06-05", "--stores", str(tmp_path / "*.les"))
    words = ["group", "networks", *asked, "--members", str(path), "--exact"]
    assert run([*words, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [(one["code"], one["count"]) for one in data["networks"]] == [("U1", 1), ("U2", 2), ("all", 3)]
    assert run([*words, "--out", str(tmp_path / "n.html")]) == 0
    assert (tmp_path / "n.html").read_text("utf-8").count("<svg ") == 3


def test_a_practice_without_an_answer_is_named_on_the_page_and_not_in_the_rate() -> None:
    members = Members(lines=(member("A1", "U1"), member("A2", "U1")))
    practices = practices_of([reply("A1", [(date(2026, 5, 1), "A1", 10)])], members, AS_OF)
    answer = network_answer(practices, members, "s", YEAR, AS_OF, None)
    assert isinstance(answer.data, dict)
    assert (answer.data["networks"][0]["size"], answer.data["networks"][0]["rate"]) == (2000, 5.0)
    assert any(line.startswith("A2: missing") for line in answer.sections[0].text)
    assert NOT_COUNTED in answer.sections[0].text
    columns = [one.name for part in answer.sections[:2] if part.grid for one in part.grid.columns]
    assert columns[-4:] == ["pace", "pace_error", "line", "line_error"]


def test_the_rate_is_of_the_patients_of_each_month() -> None:
    lines = (member("A1", "U1", None, date(2026, 6, 30)), member("A1", "U2", date(2026, 7, 1)))
    members = Members(lines=lines)
    practices = practices_of([reply("A1", [(date(2026, 5, 1), "A1", 10)])], members, AS_OF)
    data = network_answer(practices, members, "s", YEAR, AS_OF, None).data
    assert isinstance(data, dict)
    assert [one["size"] for one in data["networks"]] == [1000, 1000, 2000]


@pytest.mark.parametrize(("period", "said"), [("2026-27-Q1", "no whole year"), ("2027-28", "has not begun")])
def test_a_period_that_leads_nowhere_is_refused(
    period: str,
    said: str,
    tmp_path: Path,
    members_file: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["--stores", str(tmp_path), "--members", str(members_file("A81001,,U1,North,,,,\n"))]
    assert run(["group", "networks", "denosumab", "--period", period, "--as-of", "2026-06-05", *words]) == 2
    assert said in capsys.readouterr().err


def test_before_the_first_month_is_over_there_is_nothing_to_count() -> None:
    members = Members(lines=(member("A1", "U1"),))
    practices = practices_of([reply("A1", [(date(2026, 4, 1), "A1", 10)])], members, date(2026, 4, 5))
    data = network_answer(practices, members, "s", YEAR, date(2026, 4, 5), None).data
    assert isinstance(data, dict)
    assert (data["months"], data["networks"][0]["count"], data["networks"][0]["rate"]) == ([], 0, None)


def test_the_query_of_the_how_to_says_what_the_json_says(
    tmp_path: Path,
    members_file: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_practice(tmp_path, "x", "A81001", ("2026-05-15", "2026-05-16", "2026-05-30"))
    make_practice(tmp_path, "y", "A81002", ("2025-05-15", "2026-05-30"))
    path = members_file("A81001,,U1,North,,,9000,1500\nA81002,,U2,South,,,9000,1500\n")
    asked = ("denosumab", "--period", "2026-27", "--as-of", "2026-06-05", "--stores", str(tmp_path / "*.les"))
    words = ["group", "networks", *asked, "--members", str(path), "--exact"]
    assert run([*words, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    wanted = [(one["name"], one["count"], one["last_year"]) for one in data["networks"] if one["level"] == "network"]
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "a-network.md").read_text("utf-8")
    (query,) = re.findall(r"^```sql\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(tmp_path)
    for name in ("networks.parquet", "networks.csv"):
        assert run([*words, "--out", name]) == 0
        found = duckdb.sql(query.replace("networks.parquet", name)).fetchall()
        assert sorted(found) == sorted(wanted) == [("North", 3, 0), ("South", 1, 0)]


def test_larc_counts_what_was_fitted_and_no_removal_for_women_of_15_to_44(
    tmp_path: Path, members_file: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    store, export = tmp_path / "x.les", tmp_path / "x.csv"
    rows = "".join(
        f"9990000018,A,1996-02-01,2026-05-{day:02},{code},{at}\n"
        for day, code, at in ((4, FITTED, ""), (5, REMOVED, ""), (6, FITTED, "Y00001"), (7, FITTED, "Y00001"))
    )
    export.write_text("nhs_number,family_name,date_of_birth,date,code,done_at\n" + rows, encoding="utf-8")
    at = ("--store", str(store))
    assert run(["init", "--practice", "A81001", "--name", "X", *at]) == 0
    for name, code in (("implant", FITTED), ("implant-removal", REMOVED)):
        terms = ("services", "set", "larc", f"codes.{name}={code}", "--from", "2026-04-01", "--source", "letter")
        assert run([*terms, *at]) == 0
    assert run(["import", str(export), "--as-of", "2026-06-05", *at]) == 0
    path = members_file("A81001,,U1,North,,,9000,500\n")
    asked = ("--period", "2026-27", "--as-of", "2026-06-05", "--stores", str(store), "--members", str(path), "--exact")
    capsys.readouterr()
    run(["group", "networks", "larc", *asked, "--json"])
    printed = capsys.readouterr()
    data = json.loads(printed.out)
    assert (data["title"], data["rate_of"]) == ("Implants and intrauterine devices fitted", "women_15_44")
    assert (data["networks"][0]["count"], data["networks"][0]["rate"]) == (1, 2.0)
    assert "2 activities recorded as done at Y00001" in printed.err
    run(["group", "networks", "larc", *asked, "--json", "--item", "implant-removal", "--item", "implant-fitting"])
    data = json.loads(capsys.readouterr().out)
    assert (data["title"], data["networks"][0]["count"]) == ("larc", 2)
    assert run(["group", "networks", "larc", *asked, "--json", "--item", "implant-fit"]) == 2
    assert "implant-fitting" in capsys.readouterr().err


def test_practices_that_count_other_things_and_have_no_number_are_named() -> None:
    lines = (member("A1", "U1"), member("A2", "U1"), replace(member("A3", "U2"), women_15_44=None))
    members = Members(lines=lines)
    replies = [reply("A1", []), reply("A2", []), reply("A3", [], rate_of="list_size")]
    answer = network_answer(practices_of(replies, members, AS_OF), members, "s", YEAR, AS_OF, None)
    assert any(line.startswith("1 practice counts other items") for line in answer.notes)
    assert any(line.startswith("1 practice has no women_15_44") and "A3" in line for line in answer.notes)
    assert isinstance(answer.data, dict)
    assert [one["size"] for one in answer.data["networks"]] == [4000, None, None]


def test_a_hidden_number_is_empty_for_an_analyst() -> None:
    members = Members(lines=(member("A1", "U1"), member("A2", "U2")))
    done = [reply("A1", [(date(2026, 5, 1), "A1", 3)]), reply("A2", [(date(2026, 5, 1), "A2", 40)])]
    answer = network_answer(practices_of(done, members, AS_OF), members, "s", YEAR, AS_OF, SmallNumbers())
    assert answer.records is not None
    rows = [row for row in answer.records.rows if row[3] == "2026-05"]
    assert [(row[1], row[4], row[6]) for row in rows] == [("U1", None, True), ("U2", 40, False), ("all", 45, False)]
