"""The work of networks: roll-ups are the sums of the practices' own counts, whoever moves when."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

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

YEAR, AS_OF = Period(date(2026, 4, 1), date(2027, 3, 31)), date(2026, 10, 3)


def reply(code: str, done: list[tuple[date, str, int]]) -> StoreReply:
    rows = [[day.isoformat(), home, count] for day, home, count in done]
    return StoreReply(path=Path(f"{code}.les"), ods_code=code, name=code, data={"done": rows})


def member(code: str, network: str, start: date | None = None, end: date | None = None) -> Member:
    return Member(
        ods_code=code,
        name=code,
        network_code=network,
        network_name=f"Network {network}",
        start=start,
        end=end,
        list_size=10_000,
        women_15_44=2_000,
    )


days = st.dates(date(2024, 4, 1), date(2026, 9, 30))
works = st.lists(st.tuples(days, st.sampled_from(["A1", "A2", "A3", ""]), st.integers(1, 30)), max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.tuples(works, works, works), st.dates(date(2026, 3, 1), date(2026, 9, 1)))
def test_roll_ups_are_the_sums_of_the_practices(done: tuple[list, list, list], moves: date) -> None:
    replies = [reply(f"A{n}", one) for n, one in enumerate(done, start=1)]
    before = date.fromordinal(moves.toordinal() - 1)
    lines = (member("A1", "U1", None, before), member("A1", "U2", moves), member("A2", "U2"))
    members = Members(lines=lines)
    practices = practices_of(replies, members, AS_OF)
    data = network_answer(practices, members, "s", YEAR, AS_OF, None).data
    assert isinstance(data, dict)
    found = {one["network"]: one["count"] for one in data["networks"]}
    year = [(n, day, count) for n, one in enumerate(done, 1) for day, _, count in one if day >= YEAR.start]
    assert found["all"] == sum(count for _, _, count in year)
    assert found["U1"] == sum(count for n, day, count in year if n == 1 and day < moves)
    assert found["U2"] == sum(count for n, day, count in year if n == 2 or (n == 1 and day >= moves))
    months = [row for row in data["months"] if row["network"] != "all"]
    assert sum(row["count"] for row in months) == found["all"]


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
    months = {(row["network"], row["month"]): row["count"] for row in answer.data["months"]}
    assert months["U1", "2026-05"] == months["U1", "2026-06"] == HIDDEN
    assert months["U2", "2026-05"] == 40
    drawn = {one.heading for one in answer.sections if one.chart}
    assert "Network U1" not in drawn


def test_the_command_and_its_page(
    tmp_path: Path, members_file: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    make_practice(tmp_path, "x", "A81001", ("2026-05-15", "2026-05-16", "2026-05-30"))
    path = members_file("A81001,,U1,North,,2026-05-15,9000,1500\nA81001,,U2,South,2026-05-16,,9000,1500\n")
    asked = ("denosumab", "--period", "2026-27", "--as-of", "2026-06-05", "--stores", str(tmp_path / "*.les"))
    words = ["group", "networks", *asked, "--members", str(path), "--exact"]
    assert run([*words, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [(one["network"], one["count"]) for one in data["networks"]] == [("U1", 1), ("U2", 2), ("all", 3)]
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
