"""People type months, days, services and money in their own way, and are understood or told what is meant."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lescli.cli.run import run
from lescli.typed_dates import typed_day, typed_month

AS_OF = date(2026, 6, 5)


@pytest.mark.parametrize(
    ("typed", "month"),
    [
        ("2026-05", "2026-05"),
        ("05/2026", "2026-05"),
        ("5/2026", "2026-05"),
        ("May 2026", "2026-05"),
        ("may 26", "2026-05"),
        ("MAY-2026", "2026-05"),
        ("last-month", "2026-05"),
        ("this-month", "2026-06"),
        ("September 2026", "2026-09"),
        # What could be something else stays as it is.
        ("05/26", "05/26"),
        ("2026-27-Q1", "2026-27-Q1"),
        ("Mai 2026", "Mai 2026"),
        ("2026-Q1", "2026-Q1"),
    ],
)
def test_months(typed: str, month: str) -> None:
    assert typed_month(typed, AS_OF) == month


def test_last_month_in_january() -> None:
    assert typed_month("last-month", date(2027, 1, 3)) == "2026-12"


@pytest.mark.parametrize(
    ("typed", "day"), [("3/6/26", "3/6/2026"), ("03.06.26", "03.06.2026"), ("2026-06-03", "2026-06-03"), ("x", "x")]
)
def test_days(typed: str, day: str) -> None:
    assert typed_day(typed) == day


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    monkeypatch.setenv("LES_STORE", str(tmp_path / "p.les"))
    run(["init", "--practice", "A81001", "--name", "Demo"])
    capsys.readouterr()
    return tmp_path / "p.les"


def les(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any, str]:
    code = run(list(words))
    out, err = capsys.readouterr()
    return code, json.loads(out) if out.startswith(("{", "[")) else out, err


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("name", ["Denosumab", "DENOSUMAB", "complex injections (denosumab)"])
def test_a_service_in_any_case_or_by_its_title(capsys: pytest.CaptureFixture[str], name: str) -> None:
    code, data, _ = les(capsys, "claim", name, "--month", "May 2026", "--as-of", "5/6/26", "--json")
    assert (code, data["service"], data["month"], data["as_of"]) == (0, "denosumab", "2026-05", "2026-06-05")


SPELLINGS = ("denosumab", "DENOSUMAB", "Complex Injections (Denosumab)")


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("name", SPELLINGS)
def test_what_is_recorded_stands_under_the_name_of_the_service(capsys: pytest.CaptureFixture[str], name: str) -> None:
    since = ("--from", "2026-04-01", "--source", "letter")
    code, _, err = les(capsys, "services", "set", name, "price.injection=99.99", *since)
    assert (code, err) == (0, "les: denosumab: recorded 1 term\n")
    assert les(capsys, "services", "sign", name, "--from", "2026-04-01")[0] == 0
    event = ("--kind", "emergency-admission", "--on", "2026-06-01T10:00", "--as-of", "2026-06-05")
    assert les(capsys, "incident", name, *event)[0] == 0
    _, shown, _ = les(capsys, "services", "show", "denosumab", "--json")
    assert [(one["key"], one["value"]) for one in shown["local_terms"]] == [("price.injection", "99.99")]
    _, status, _ = les(capsys, "status", "--as-of", "2026-06-05", "--json")
    assert [one["kind"] for one in status["clocks"] if one["service"] == "denosumab"] == ["emergency-admission"]
    assert les(capsys, "services", "unsign", name, "--on", "2026-06-30")[0] == 0
    _, listed, _ = les(capsys, "services", "--json")
    (signed,) = [one["signed"] for one in listed["services"] if one["name"] == "denosumab"]
    assert [one["end"] for one in signed] == ["2026-06-30"]


@pytest.mark.usefixtures("store")
def test_a_service_that_is_named_twice_is_asked_once(capsys: pytest.CaptureFixture[str]) -> None:
    code, data, _ = les(capsys, "claim", *SPELLINGS, "--month", "2026-05", "--as-of", "2026-06-05", "--json")
    assert (code, data["service"]) == (0, "denosumab")


@pytest.mark.usefixtures("store")
def test_a_misspelt_service_is_answered_with_the_near_one(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = les(capsys, "claim", "denosumap", "--month", "2026-05")
    assert code == 2
    assert "did you mean `denosumab`? `les services` lists them" in err
    assert "phlebotomy" not in err


@pytest.mark.usefixtures("store")
def test_money(capsys: pytest.CaptureFixture[str]) -> None:
    since = ("--from", "2026-04-01", "--source", "letter")
    for typed in ("price.injection=£3.20", "price.injection=3.2"):
        assert les(capsys, "services", "set", "denosumab", typed, *since)[0] == 0
    _, data, _ = les(capsys, "services", "show", "denosumab", "--json")
    assert "3.20" in json.dumps(data)
    code, _, err = les(capsys, "services", "set", "denosumab", "price.injection=3.205", *since)
    assert code == 1
    assert "pounds and pence" in err


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("typed", ["£1,240.00", "1,240.00", "0,001,240.00"])
def test_thousands_of_a_price(capsys: pytest.CaptureFixture[str], typed: str) -> None:
    since = ("--from", "2026-04-01", "--source", "letter")
    assert les(capsys, "services", "set", "denosumab", f"price.injection={typed}", *since)[0] == 0
    _, data, _ = les(capsys, "services", "show", "denosumab", "--json")
    assert "1240.00" in json.dumps(data).replace(",", "")


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    "typed", ["12,40.00", "1,2400.00", "1,24", ",240.00", "240", "1,240.5", "10,000,000.00", "0.00"]
)
def test_a_slip_in_a_price_is_refused(capsys: pytest.CaptureFixture[str], typed: str) -> None:
    since = ("--from", "2026-04-01", "--source", "letter")
    code, _, err = les(capsys, "services", "set", "denosumab", f"price.injection={typed}", *since)
    assert code == 1
    assert "pounds and pence" in err


@pytest.mark.usefixtures("store")
def test_a_verb_without_its_second_word(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = les(capsys, "group")
    assert code == 2
    assert "`les group` needs a second word; there are claim, " in err
    code, _, err = les(capsys, "group", "clam")
    assert "did you mean `les group claim`?" in err
